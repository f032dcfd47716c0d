mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name             = "debates"
  account_id       = "123456789012"
  bucket           = "debates-store"
  force_destroy    = false
  old_version_days = 30
  upload_days      = 7
  upload_origins   = []
  upload_queue_arn = "arn:aws:sqs:eu-central-1:123456789012:uploads"
  served           = false
  distribution_arn = null

  replica_bucket_arn = null
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

run "alone" {
  module {
    source = "./modules/storage"
  }

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.store) + length(aws_iam_role.replication) == 0
    error_message = "No second bucket unless one is named."
  }
}

run "with_a_replica" {
  module {
    source = "./modules/storage"
  }
  variables {
    replica_bucket_arn = "arn:aws:s3:::debates-replica"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_replication_configuration.store[0].rule : rule.filter[0].prefix] == ["jobs/", "manifest/", "models/", "people.json"]
    error_message = "What cannot be computed again, and nothing that ends by itself."
  }
  assert {
    condition     = alltrue([for rule in aws_s3_bucket_replication_configuration.store[0].rule : rule.delete_marker_replication[0].status == "Enabled" && rule.destination[0].bucket == "arn:aws:s3:::debates-replica" && rule.destination[0].storage_class == "STANDARD_IA"])
    error_message = "What is deleted is deleted there too."
  }
  assert {
    condition     = length(distinct([for rule in aws_s3_bucket_replication_configuration.store[0].rule : rule.priority])) == 4
    error_message = "S3 refuses two rules of one priority."
  }
  assert {
    condition     = { for condition in data.aws_iam_policy_document.replication_trust[0].statement[0].condition : condition.variable => one(condition.values) } == { "aws:SourceAccount" = "123456789012", "aws:SourceArn" = aws_s3_bucket.store.arn }
    error_message = "S3 for this bucket alone."
  }
  assert {
    condition     = toset(data.aws_iam_policy_document.replication[0].statement[1].resources) == toset(["${aws_s3_bucket.store.arn}/jobs/*", "${aws_s3_bucket.store.arn}/manifest/*", "${aws_s3_bucket.store.arn}/models/*", "${aws_s3_bucket.store.arn}/people.json"])
    error_message = "It reads what it copies."
  }
  assert {
    condition     = toset(data.aws_iam_policy_document.replication[0].statement[2].resources) == toset(["arn:aws:s3:::debates-replica/*"])
    error_message = "It writes there, and nowhere else."
  }
}
