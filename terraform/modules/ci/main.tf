# What GitHub's workflows of one repository may do here: push images, put the page (plan.tf: see what a change would do). No key that could leak: GitHub
# says who is running, and AWS believes it for an hour.

locals {
  # Of terraform/bootstrap, which may be in another region.
  state_bucket = "arn:${data.aws_partition.this.partition}:s3:::${var.name}-state-${var.account_id}-*"

  # As GitHub names it: with its ids where it was made since July 2026, which nobody gets who takes the name later.
  subject = var.ids == null ? "repo:${var.repository}" : format("repo:%s@%d/%s@%d", split("/", var.repository)[0], var.ids.owner, split("/", var.repository)[1], var.ids.repository)

  github   = "token.actions.githubusercontent.com"
  provider = var.create_provider ? aws_iam_openid_connect_provider.github[0].arn : "arn:${data.aws_partition.this.partition}:iam::${var.account_id}:oidc-provider/${local.github}"
}

data "aws_partition" "this" {}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 1 : 0

  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
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
    # Of pull requests the subject is another: what a stranger proposes gets nothing.
    condition {
      test     = "StringLike"
      variable = "${local.github}:sub"
      values   = [for ref in var.refs : "${local.subject}:ref:${ref}"]
    }
  }
}

data "aws_iam_policy_document" "rights" {
  statement {
    sid       = "LogInToTheRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushImages"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = var.repository_arns
  }

  # The page alone: not statistics/, and not a word of a debate. It compares what is there, to put what changed.
  statement {
    sid       = "PutThePage"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = ["${var.bucket_arn}/website/*"]
  }

  statement {
    sid       = "ListThePage"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["website/*"]
    }
  }

  # Where the page is put, and which distribution shows it, are outputs. What the state knows is no secret: no value of
  # one is in it.
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

  dynamic "statement" {
    for_each = var.served ? [1] : []
    content {
      sid       = "ShowItAtOnce"
      actions   = ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"]
      resources = [var.distribution_arn]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-github"
  description          = "GitHub workflows of ${var.repository}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "this" {
  name   = "deliver"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.rights.json
}
