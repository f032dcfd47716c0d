mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name               = "debates"
  account_id         = "123456789012"
  cluster_name       = "debates"
  alarm_emails       = []
  monthly_budget_usd = null
  container_logs     = false
  log_retention_days = 30
  addon_versions     = {}
}

run "little" {
  module {
    source = "./modules/observability"
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) + length(aws_budgets_budget.month) + length(aws_cloudwatch_log_group.containers) + length(aws_eks_addon.agent) + length(aws_iam_role.agent) == 0
    error_message = "The topic alone, which is free."
  }
}

run "all" {
  module {
    source = "./modules/observability"
  }
  variables {
    alarm_emails       = ["ops@example.org"]
    monthly_budget_usd = 250
    container_logs     = true
  }

  assert {
    condition     = aws_sns_topic_subscription.email["ops@example.org"].protocol == "email"
    error_message = "Who is named is told."
  }
  assert {
    condition     = aws_budgets_budget.month[0].limit_amount == "250" && toset([for notification in aws_budgets_budget.month[0].notification : notification.notification_type]) == toset(["ACTUAL", "FORECASTED"])
    error_message = "At 80 % of what is spent, and when more is to come."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.containers : group.retention_in_days == 30 && startswith(group.name, "/aws/containerinsights/debates/")])
    error_message = "The agent's groups have an end to what they keep."
  }
  assert {
    condition     = one(aws_eks_addon.agent[0].pod_identity_association).service_account == "cloudwatch-agent"
    error_message = "The agent has a role of its own."
  }
  assert {
    condition     = keys(jsondecode(aws_eks_addon.agent[0].configuration_values).agent.config.logs.metrics_collected) == ["emf"]
    error_message = "Logs alone: neither metrics of every container nor code put into pods."
  }
}
