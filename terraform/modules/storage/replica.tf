# A copy in another region of what cannot be computed again. The bucket there is not made here: it must outlive what is,
# and another region would need a provider of its own. terraform/README.md says how it is made.

locals {
  # Not statistics/, which debate-stats run computes from these; not work/ and uploads/, which end after a week. models/,
  # because their digests are part of what a debate is: with other ones a restored debate would be analyzed again. The
  # order is the rules' priority, which must differ.
  replicated = var.replica_bucket_arn == null ? [] : ["jobs/", "manifest/", "models/", "people.json"]
}

data "aws_iam_policy_document" "replication_trust" {
  count = var.replica_bucket_arn == null ? 0 : 1

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.store.arn]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  count = var.replica_bucket_arn == null ? 0 : 1

  statement {
    sid       = "SeeWhatIsNew"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.store.arn]
  }

  statement {
    sid       = "ReadIt"
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = [for prefix in local.replicated : "${aws_s3_bucket.store.arn}/${prefix}${endswith(prefix, "/") ? "*" : ""}"]
  }

  statement {
    sid       = "CopyIt"
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${var.replica_bucket_arn}/*"]
  }
}

resource "aws_iam_role" "replication" {
  count = var.replica_bucket_arn == null ? 0 : 1

  name               = "${var.name}-replication"
  assume_role_policy = data.aws_iam_policy_document.replication_trust[0].json
}

resource "aws_iam_role_policy" "replication" {
  count = var.replica_bucket_arn == null ? 0 : 1

  name   = "replicate"
  role   = aws_iam_role.replication[0].id
  policy = data.aws_iam_policy_document.replication[0].json
}

# What is there already is not copied by this (aws s3 sync does it once), nor is a version that is deleted for good:
# that is what brings things back after a hand that deletes everything.
resource "aws_s3_bucket_replication_configuration" "store" {
  count = var.replica_bucket_arn == null ? 0 : 1

  bucket = aws_s3_bucket.store.id
  role   = aws_iam_role.replication[0].arn

  dynamic "rule" {
    for_each = local.replicated
    content {
      id       = trimsuffix(rule.value, "/")
      priority = rule.key
      status   = "Enabled"

      filter {
        prefix = rule.value
      }

      # A debate that was deleted is deleted there too, and ends with that bucket's old versions: nobody's words stay
      # against their will.
      delete_marker_replication {
        status = "Enabled"
      }

      destination {
        bucket = var.replica_bucket_arn
        # Half the price for what is read after a fire alone.
        storage_class = "STANDARD_IA"
      }
    }
  }

  # S3 tries both out.
  depends_on = [aws_s3_bucket_versioning.store, aws_iam_role_policy.replication]
}
