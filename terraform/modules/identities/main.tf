# One role a service account, each with the least that its part does. The operator has none: it never touches AWS.
#
# Pod Identity: EKS gives the role's credentials to pods of that account in that namespace. The trust is the same for
# all, since which pod gets which role is said by the association, not by the role.

locals {
  # read, write, delete: prefixes of the store. list: what it looks through.
  rights = {
    # models/ is read only: pods that open what strangers made must not replace what others load. Of statistics/ it
    # deletes what belongs to one job, when a DebateJob goes with its outputs (debate-worker delete).
    worker = {
      read   = ["models/*", "jobs/*", "work/*", "manifest/*", "uploads/*", "people.json", "statistics/by-job/*", "statistics/files/*"]
      write  = ["jobs/*", "work/*", "manifest/*"]
      delete = ["jobs/*", "work/*", "manifest/*", "statistics/by-job/*", "statistics/files/*"]
    }
    stats = {
      read   = ["jobs/*", "manifest/*", "statistics/*", "people.json"]
      write  = ["manifest/*", "statistics/*"]
      delete = ["statistics/*"]
    }
    # The pod that people reach.
    web = {
      read   = ["statistics/*"]
      write  = []
      delete = []
    }
    # Fetches models from the hub; nothing that a stranger made.
    models = {
      read   = ["models/*"]
      write  = ["models/*"]
      delete = ["models/*"]
    }
    # Signs uploads, and takes their arrival from the queue.
    gateway = {
      read   = ["uploads/*"]
      write  = ["uploads/*"]
      delete = ["uploads/*"]
    }
  }

  # Workers run wherever DebateJobs are, the others in the release's namespace.
  worker_namespaces = length(var.job_namespaces) > 0 ? var.job_namespaces : [var.namespace]
  associations = merge(
    { for part in setsubtract(keys(local.rights), ["worker"]) : part => { part = part, namespace = var.namespace } },
    { for namespace in local.worker_namespaces : "worker-${namespace}" => { part = "worker", namespace = namespace } },
  )
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
    # Not for a cluster of somebody else, nor another one of this account.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.cluster_arn]
    }
  }
}

data "aws_iam_policy_document" "rights" {
  for_each = local.rights

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = [for prefix in each.value.read : "${var.bucket_arn}/${prefix}"]
  }

  dynamic "statement" {
    for_each = length(each.value.write) > 0 ? [1] : []
    content {
      sid       = "Write"
      actions   = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      resources = [for prefix in each.value.write : "${var.bucket_arn}/${prefix}"]
    }
  }

  # Of the current version: old ones are nobody's to delete but the lifecycle's.
  dynamic "statement" {
    for_each = length(each.value.delete) > 0 ? [1] : []
    content {
      sid       = "Delete"
      actions   = ["s3:DeleteObject"]
      resources = [for prefix in each.value.delete : "${var.bucket_arn}/${prefix}"]
    }
  }

  # IfExists, because S3 asks for this right without any prefix as well: to answer 404 instead of 403 for an object
  # that is not there, on which every "is it done already?" rests, and for HeadBucket. It lets the names of all
  # objects be listed by a request without a prefix; their contents stay closed.
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arn]
    condition {
      test     = "StringLikeIfExists"
      variable = "s3:prefix"
      values   = each.value.read
    }
  }

  dynamic "statement" {
    for_each = each.key == "worker" && length(var.source_bucket_arns) > 0 ? [1] : []
    content {
      sid       = "ReadSources"
      actions   = ["s3:GetObject"]
      resources = [for arn in var.source_bucket_arns : "${arn}/*"]
    }
  }

  dynamic "statement" {
    for_each = each.key == "worker" && length(var.source_bucket_arns) > 0 ? [1] : []
    content {
      sid       = "SayWhatIsMissingInSources"
      actions   = ["s3:ListBucket"]
      resources = var.source_bucket_arns
    }
  }

  dynamic "statement" {
    for_each = each.key == "gateway" ? [1] : []
    content {
      sid       = "TakeUploads"
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
      resources = [var.upload_queue_arn]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.rights

  name               = "${var.name}-${each.key}"
  description        = "Pods of the service account ${var.service_account_prefix}-${each.key} in the cluster ${var.cluster_name}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "this" {
  for_each = local.rights

  name   = "store"
  role   = aws_iam_role.this[each.key].id
  policy = data.aws_iam_policy_document.rights[each.key].json
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = local.associations

  cluster_name    = var.cluster_name
  namespace       = each.value.namespace
  service_account = "${var.service_account_prefix}-${each.value.part}"
  role_arn        = aws_iam_role.this[each.value.part].arn

  # A pod that starts with a role that has no rights yet fails for good.
  depends_on = [aws_iam_role_policy.this]
}
