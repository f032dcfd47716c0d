mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  bucket           = "debates-store"
  force_destroy    = false
  old_version_days = 30
  upload_days      = 7
  upload_origins   = []
  upload_queue_arn = "arn:aws:sqs:eu-central-1:123456789012:uploads"
  served           = false
  distribution_arn = null
}

run "closed" {
  module {
    source = "./modules/storage"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.store.block_public_acls, aws_s3_bucket_public_access_block.store.block_public_policy,
      aws_s3_bucket_public_access_block.store.ignore_public_acls, aws_s3_bucket_public_access_block.store.restrict_public_buckets,
    ])
    error_message = "Nothing in it can be made public."
  }
  assert {
    condition     = aws_s3_bucket_versioning.store.versioning_configuration[0].status == "Enabled"
    error_message = "What was deleted can be brought back."
  }
  assert {
    condition     = aws_s3_bucket_notification.store.queue[0].filter_prefix == "uploads/" && length(aws_s3_bucket_notification.store.queue) == 1
    error_message = "Uploads alone are told: our own copies must not start jobs."
  }
  assert {
    condition     = length(aws_s3_bucket_cors_configuration.store) == 0
    error_message = "No browser uploads unless an origin is named."
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.store.statement : statement.sid] == ["OnlyByTls"]
    error_message = "Nobody gets rights by the bucket's policy."
  }
  assert {
    condition     = aws_s3_bucket.store.force_destroy == false
    error_message = "Debates outlive a destroy by mistake."
  }
}

run "served_and_uploaded_to" {
  module {
    source = "./modules/storage"
  }
  variables {
    upload_origins   = ["https://debates.example.org"]
    upload_days      = 3
    served           = true
    distribution_arn = "arn:aws:cloudfront::123456789012:distribution/E1"
  }

  assert {
    condition     = toset(one(aws_s3_bucket_cors_configuration.store[0].cors_rule).expose_headers) == toset(["ETag"])
    error_message = "A browser can complete a multipart upload only if it sees ETags."
  }
  assert {
    condition     = toset(data.aws_iam_policy_document.store.statement[1].resources) == toset(["${aws_s3_bucket.store.arn}/website/*", "${aws_s3_bucket.store.arn}/statistics/*"])
    error_message = "The distribution reads what is public, and nothing else."
  }
  assert {
    condition     = alltrue([for i in [1, 2] : one(data.aws_iam_policy_document.store.statement[i].condition).values == tolist(["arn:aws:cloudfront::123456789012:distribution/E1"])])
    error_message = "This distribution, and no other."
  }
  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.store.rule : rule.expiration[0].days if rule.id == "uploads"]) == 3
    error_message = "upload_days counts."
  }
  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.store.rule : rule.expiration[0].days if rule.id == "work"]) == 7
    error_message = "Checkpoints go after a week."
  }
}
