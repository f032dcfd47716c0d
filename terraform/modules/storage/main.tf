# The bucket where everything is kept. Its layout (jobs/, work/, manifest/, statistics/, uploads/, models/, website/)
# is the product's own; what is here are rules by prefix.

resource "aws_s3_bucket" "store" {
  #checkov:skip=CKV_AWS_18:who read which debate is nobody's business; CloudTrail can be told to keep it
  #checkov:skip=CKV_AWS_145:encrypted with S3's own key: free, and no rights on a key to forget
  #checkov:skip=CKV_AWS_144:a variable, since it costs; versions bring back what was deleted
  bucket        = var.bucket
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_ownership_controls" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "store" {
  bucket = aws_s3_bucket.store.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# S3's own key: free, and no rights on a key to forget. A key of KMS would cost $1 a month and $0.03 for 10,000 requests.
resource "aws_s3_bucket_server_side_encryption_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# What was deleted or overwritten by mistake can be brought back.
resource "aws_s3_bucket_versioning" "store" {
  bucket = aws_s3_bucket.store.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  # What has a result already: checkpoints, and the decoded sound (115 MB an hour).
  rule {
    id     = "work"
    status = "Enabled"
    filter {
      prefix = "work/"
    }
    expiration {
      days = 7
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "uploads"
    status = "Enabled"
    filter {
      prefix = "uploads/"
    }
    expiration {
      days = var.upload_days
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  # Written anew with each debate; every version can be computed again.
  rule {
    id     = "statistics"
    status = "Enabled"
    filter {
      prefix = "statistics/"
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {
      prefix = ""
    }
    noncurrent_version_expiration {
      noncurrent_days = var.old_version_days
    }
    expiration {
      expired_object_delete_marker = true
    }
  }

  # Parts of an upload that was never completed are billed and shown nowhere. A day longer than any upload may take.
  rule {
    id     = "incomplete-uploads"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  # S3 refuses a rule over noncurrent versions while it knows of none.
  depends_on = [aws_s3_bucket_versioning.store]
}

# A browser puts the parts of a large upload together by their ETags, which it sees only where they are exposed.
resource "aws_s3_bucket_cors_configuration" "store" {
  count = length(var.upload_origins) > 0 ? 1 : 0

  bucket = aws_s3_bucket.store.id

  cors_rule {
    allowed_origins = var.upload_origins
    allowed_methods = ["PUT"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

data "aws_iam_policy_document" "store" {
  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.store.arn, "${aws_s3_bucket.store.arn}/*"]
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

  dynamic "statement" {
    for_each = var.served ? [1] : []
    content {
      sid       = "TheDistributionReadsWhatIsPublic"
      actions   = ["s3:GetObject"]
      resources = ["${aws_s3_bucket.store.arn}/website/*", "${aws_s3_bucket.store.arn}/statistics/*"]
      principals {
        type        = "Service"
        identifiers = ["cloudfront.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = [var.distribution_arn]
      }
    }
  }

  # So that what is not there is a 404, not a 403. The distribution cannot list all the same: it rewrites the one
  # address that would (the root), and forwards no query.
  dynamic "statement" {
    for_each = var.served ? [1] : []
    content {
      sid       = "TheDistributionMaySayWhatIsMissing"
      actions   = ["s3:ListBucket"]
      resources = [aws_s3_bucket.store.arn]
      principals {
        type        = "Service"
        identifiers = ["cloudfront.amazonaws.com"]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = [var.distribution_arn]
      }
    }
  }
}

resource "aws_s3_bucket_policy" "store" {
  bucket = aws_s3_bucket.store.id
  policy = data.aws_iam_policy_document.store.json

  depends_on = [aws_s3_bucket_public_access_block.store]
}

# uploads/ alone: what workers copy into jobs/ must not start another job. A bucket has one such configuration; a
# second resource like this would replace it.
resource "aws_s3_bucket_notification" "store" {
  bucket = aws_s3_bucket.store.id

  queue {
    id            = "uploads"
    queue_arn     = var.upload_queue_arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "uploads/"
  }
}
