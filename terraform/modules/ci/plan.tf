# What a pull request may: see how things are set up, for `terraform plan`. It writes nothing, not even the state's lock,
# and reads no object but the state. GitHub gives no identity to a pull request of a fork.

data "aws_iam_policy_document" "plan_trust" {
  count = var.plan ? 1 : 0

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [local.provider]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.github}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.github}:sub"
      values   = ["${local.subject}:pull_request"]
    }
  }
}

data "aws_iam_policy_document" "plan" {
  #checkov:skip=CKV_AWS_356:how things are set up is asked of each by its name, and most of these take no narrower resource
  count = var.plan ? 1 : 0

  statement {
    sid = "SeeHowThingsAreSetUp"
    actions = [
      "budgets:ListTagsForResource",
      "budgets:ViewBudget",
      "cloudfront:DescribeFunction",
      "cloudfront:GetCachePolicy",
      "cloudfront:GetDistribution",
      "cloudfront:GetFunction",
      "cloudfront:GetOriginAccessControl",
      "cloudfront:GetResponseHeadersPolicy",
      "cloudfront:ListTagsForResource",
      "cloudwatch:DescribeAlarms",
      "cloudwatch:ListTagsForResource",
      "ec2:Describe*",
      "ecr:DescribeRepositories",
      "ecr:GetLifecyclePolicy",
      "ecr:ListTagsForResource",
      "eks:Describe*",
      "eks:List*",
      "events:DescribeRule",
      "events:ListTagsForResource",
      "events:ListTargetsByRule",
      "iam:GetInstanceProfile",
      "iam:GetOpenIDConnectProvider",
      "iam:GetRole",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListInstanceProfilesForRole",
      "iam:ListRolePolicies",
      "logs:DescribeLogGroups",
      "logs:ListTagsForResource",
      "rds:Describe*",
      "rds:ListTagsForResource",
      "route53:GetHostedZone",
      "route53:ListResourceRecordSets",
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetResourcePolicy",
      "sns:GetSubscriptionAttributes",
      "sns:GetTopicAttributes",
      "sns:ListTagsForResource",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ListQueueTags",
    ]
    resources = ["*"]
  }

  # Of the NAT instance; AWS's own parameters alone, since yours may be secrets.
  statement {
    sid       = "FindTheImage"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${data.aws_partition.this.partition}:ssm:*::parameter/aws/service/*"]
  }

  statement {
    sid = "SeeTheBucketsSettings"
    actions = [
      "s3:GetAccelerateConfiguration",
      "s3:GetBucket*",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
    ]
    resources = [var.bucket_arn]
  }

  statement {
    sid       = "ReadTheState"
    actions   = ["s3:GetObject"]
    resources = ["${local.state_bucket}/${var.name}.tfstate"]
  }

  statement {
    sid       = "FindTheState"
    actions   = ["s3:ListBucket"]
    resources = [local.state_bucket]
  }
}

resource "aws_iam_role" "plan" {
  count = var.plan ? 1 : 0

  name                 = "${var.name}-github-plan"
  description          = "Pull requests of ${var.repository}: terraform plan"
  assume_role_policy   = data.aws_iam_policy_document.plan_trust[0].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "plan" {
  count = var.plan ? 1 : 0

  name   = "plan"
  role   = aws_iam_role.plan[0].id
  policy = data.aws_iam_policy_document.plan[0].json
}
