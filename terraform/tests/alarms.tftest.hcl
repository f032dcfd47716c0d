mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                = "debates"
  region              = "eu-central-1"
  alarms              = ["pods-waiting", "gpu-running", "karpenter-silent", "nat-failed", "database-full"]
  topic_arn           = "arn:aws:sns:eu-central-1:123456789012:alarms"
  cluster_name        = "debates"
  gpu_hours           = 12
  karpenter_queue     = "debates-karpenter"
  nat_is_instance     = false
  nat_instance_id     = null
  has_database        = false
  database_identifier = null
}

run "of_what_is_there" {
  module {
    source = "./modules/alarms"
  }

  assert {
    condition     = output.names == tolist(["debates-gpu-running", "debates-karpenter-silent", "debates-pods-waiting"])
    error_message = "No alarm of a machine or a database that is not there."
  }
  assert {
    condition     = alltrue([for alarm in [aws_cloudwatch_metric_alarm.pods_waiting[0], aws_cloudwatch_metric_alarm.gpu_running[0], aws_cloudwatch_metric_alarm.karpenter_silent[0]] : alarm.alarm_actions == toset([var.topic_arn]) && alarm.ok_actions == toset([var.topic_arn])])
    error_message = "Each tells, and tells when it is over."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.pods_waiting[0].period * aws_cloudwatch_metric_alarm.pods_waiting[0].evaluation_periods == 3600
    error_message = "An hour, twice what the operator waits."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.gpu_running[0].evaluation_periods == 12 && toset(flatten([for query in aws_cloudwatch_metric_alarm.gpu_running[0].metric_query : [for metric in query.metric : metric.dimensions.Class]])) == toset(["G/Spot", "G/OnDemand"])
    error_message = "Spot and on-demand count together, for so many hours."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.karpenter_silent[0].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.karpenter_silent[0].comparison_operator == "LessThanThreshold" && toset(flatten([for query in aws_cloudwatch_metric_alarm.karpenter_silent[0].metric_query : [for metric in query.metric : metric.metric_name]])) == toset(["NumberOfEmptyReceives", "NumberOfMessagesReceived"])
    error_message = "Who asks nothing is dead, also where there is nothing to be told."
  }
}

run "of_everything" {
  module {
    source = "./modules/alarms"
  }
  variables {
    nat_is_instance     = true
    nat_instance_id     = "i-0123456789abcdef0"
    has_database        = true
    database_identifier = "debates-database"
  }

  assert {
    condition     = output.names == tolist(["debates-database-full", "debates-gpu-running", "debates-karpenter-silent", "debates-nat-failed", "debates-pods-waiting"])
    error_message = "All of them."
  }
  assert {
    condition     = contains(aws_cloudwatch_metric_alarm.nat_failed[0].alarm_actions, "arn:aws:automate:eu-central-1:ec2:reboot") && aws_cloudwatch_metric_alarm.nat_failed[0].dimensions.InstanceId == "i-0123456789abcdef0"
    error_message = "A hung NAT instance is started again."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.database_full[0].threshold == 2147483648
    error_message = "2 GB."
  }
}

run "of_some" {
  module {
    source = "./modules/alarms"
  }
  variables {
    alarms          = ["gpu-running", "nat-failed"]
    nat_is_instance = true
    nat_instance_id = "i-0123456789abcdef0"
  }

  assert {
    condition     = output.names == tolist(["debates-gpu-running", "debates-nat-failed"])
    error_message = "The list counts."
  }
}
