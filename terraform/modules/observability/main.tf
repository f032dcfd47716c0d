# Where alarms go, what the month may cost, and, where wanted, the logs of all containers.

data "aws_partition" "this" {}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26:names of alarms and no more; CloudWatch cannot write with AWS's own key, and another costs $1 a month
  name = "${var.name}-alarms"
}

data "aws_iam_policy_document" "alarms" {
  statement {
    sid       = "AlarmsAndBudgetsTell"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms.json
}

# Each address gets a letter with a link to confirm; until then it hears nothing.
resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

# Of the whole account: a budget by tag would need the tag to be activated in the billing console first, by hand.
resource "aws_budgets_budget" "month" {
  count = var.monthly_budget_usd == null ? 0 : 1

  name         = "${var.name}-month"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"

  notification {
    notification_type         = "ACTUAL"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 80
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
  }

  notification {
    notification_type         = "FORECASTED"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.alarms.arn]
  }

  depends_on = [aws_sns_topic_policy.alarms]
}

# --- Logs of containers. Before the add-on, which would make the groups without an end to what they keep.

resource "aws_cloudwatch_log_group" "containers" {
  #checkov:skip=CKV_AWS_338:a variable, since it costs
  #checkov:skip=CKV_AWS_158:encrypted with AWS's own key; one of KMS costs $1 a month
  for_each = var.container_logs ? toset(["application", "dataplane", "host"]) : []

  name              = "/aws/containerinsights/${var.cluster_name}/${each.key}"
  retention_in_days = var.log_retention_days
}

data "aws_iam_policy_document" "agent_trust" {
  count = var.container_logs ? 1 : 0

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "agent" {
  count = var.container_logs ? 1 : 0

  name               = "${var.name}-log-agent"
  assume_role_policy = data.aws_iam_policy_document.agent_trust[0].json
}

resource "aws_iam_role_policy_attachment" "agent" {
  count = var.container_logs ? 1 : 0

  role       = aws_iam_role.agent[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/CloudWatchAgentServerPolicy"
}

resource "aws_eks_addon" "agent" {
  count = var.container_logs ? 1 : 0

  cluster_name                = var.cluster_name
  addon_name                  = "amazon-cloudwatch-observability"
  addon_version               = lookup(var.addon_versions, "amazon-cloudwatch-observability", null)
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  pod_identity_association {
    role_arn        = aws_iam_role.agent[0].arn
    service_account = "cloudwatch-agent"
  }

  # Logs alone. Metrics of every container (kubernetes) would cost more than the cluster, and application_signals would
  # be put into pods. Without any the agent would not start, and the add-on not be well: emf waits for what nobody sends.
  configuration_values = jsonencode({
    containerLogs = { enabled = true }
    agent         = { config = { logs = { metrics_collected = { emf = {} } } } }
  })

  depends_on = [aws_cloudwatch_log_group.containers, aws_iam_role_policy_attachment.agent]
}
