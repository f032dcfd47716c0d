terraform {
  # 1.11: the S3 backend locks with a file in its own bucket, so that no DynamoDB table is needed.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.95, < 7.0"
    }
  }

  # Bucket, key and region come from backend.hcl, which bootstrap/ prints.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, { "debate-analyzer" = var.name })
  }
}
