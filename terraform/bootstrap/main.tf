# The bucket of Terraform's own state, made once, before all else. Its own state is a file here: lost, it is made anew
# by `terraform import aws_s3_bucket.state NAME`.
#     terraform -chdir=bootstrap apply -var region=eu-central-1
#     terraform -chdir=bootstrap output -raw backend >backend.hcl
#     terraform init -backend-config=backend.hcl

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.95, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { "debate-analyzer" = "${var.name}-state" }
  }
}

variable "region" {
  description = "AWS region of the state, best that of all else. Costs a few cents a month."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of an AWS region, such as eu-central-1."
  }
}

variable "name" {
  description = "Name of the installation whose state this is, as in the main configuration. Default debate-analyzer. Costs nothing."
  type        = string
  default     = "debate-analyzer"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,26}[a-z0-9]$", var.name))
    error_message = "name has 3 to 28 characters: lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

data "aws_caller_identity" "this" {}

resource "aws_s3_bucket" "state" {
  #checkov:skip=CKV_AWS_18:those who may read it are those who may plan
  #checkov:skip=CKV_AWS_145:encrypted with S3's own key: free, and no rights on a key to forget
  #checkov:skip=CKV_AWS_144:what is lost with the region is lost with what it describes
  #checkov:skip=CKV2_AWS_62:nobody waits for a change of state
  bucket = "${var.name}-state-${data.aws_caller_identity.this.account_id}-${var.region}"
  # Without its state nothing of the installation could be destroyed by Terraform any more: AWS removes only what is empty.
  force_destroy = false
}

# A state that was written wrong is the version before.
resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket = aws_s3_bucket.state.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {
      prefix = ""
    }
    noncurrent_version_expiration {
      noncurrent_days = 90
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.state.json

  depends_on = [aws_s3_bucket_public_access_block.state]
}

output "backend" {
  description = "The contents of backend.hcl."
  value       = <<-EOT
    bucket = "${aws_s3_bucket.state.id}"
    key    = "${var.name}.tfstate"
    region = "${var.region}"
  EOT
}
