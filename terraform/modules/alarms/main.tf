# What goes wrong where nobody looks: work that waits, machines that are paid for in vain, parts that have stopped. Each
# alarm names its paragraph of docs/alarms.md. CloudFront's errors are not among them: they are in us-east-1 alone, and
# a second provider for one alarm of static files is too much.

locals {
  runbook = "See docs/alarms.md#"
}

# The control plane counts by itself what it cannot place. An operator gives a pod up after half an hour (NoCapacity), so
# one that waits for an hour is either the system's own, or the next of many.
resource "aws_cloudwatch_metric_alarm" "pods_waiting" {
  count = contains(var.alarms, "pods-waiting") ? 1 : 0

  alarm_name          = "${var.name}-pods-waiting"
  alarm_description   = "For an hour there have been pods that no node takes: GPUs are sold out or above the quota, or the system node is gone. ${local.runbook}pods-waiting"
  namespace           = "AWS/EKS"
  metric_name         = "scheduler_pending_pods_UNSCHEDULABLE"
  dimensions          = { ClusterName = var.cluster_name }
  statistic           = "Maximum" # of two schedulers the one that waits to lead says 0
  period              = 300
  evaluation_periods  = 12
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "missing"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
}

# EC2's own count of vCPUs, which it makes for its quotas: of the whole account and region, by kind of machine.
resource "aws_cloudwatch_metric_alarm" "gpu_running" {
  count = contains(var.alarms, "gpu-running") ? 1 : 0

  alarm_name          = "${var.name}-gpu-running"
  alarm_description   = "GPU machines have run for ${var.gpu_hours} hours on end, at $13 a day and more each. Well, if that many debates are being computed; else something keeps a node. ${local.runbook}gpu-running"
  evaluation_periods  = var.gpu_hours
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching" # EC2 sends nothing while there are none
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]

  metric_query {
    id          = "vcpus"
    expression  = "FILL(spot, 0) + FILL(ondemand, 0)"
    label       = "vCPUs of machines with GPUs"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { spot = "G/Spot", ondemand = "G/OnDemand" }
    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/Usage"
        metric_name = "ResourceCount"
        period      = 3600
        stat        = "Minimum"
        dimensions  = { Service = "EC2", Type = "Resource", Resource = "vCPU", Class = metric_query.value }
      }
    }
  }
}

# Its pulse: Karpenter asks the queue without end, for 20 seconds at a time. How old the messages are says nothing, since
# none comes to an empty queue while Karpenter is dead.
resource "aws_cloudwatch_metric_alarm" "karpenter_silent" {
  count = contains(var.alarms, "karpenter-silent") ? 1 : 0

  alarm_name          = "${var.name}-karpenter-silent"
  alarm_description   = "Karpenter has not asked ${var.karpenter_queue} for a quarter of an hour: it does not run, so no node comes and none goes. ${local.runbook}karpenter-silent"
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching" # SQS sends nothing of a queue that nobody uses
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]

  metric_query {
    id          = "asked"
    expression  = "FILL(empty, 0) + FILL(received, 0)"
    label       = "Answers to Karpenter, with a message or without"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { empty = "NumberOfEmptyReceives", received = "NumberOfMessagesReceived" }
    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/SQS"
        metric_name = metric_query.value
        period      = 300
        stat        = "Sum"
        dimensions  = { QueueName = var.karpenter_queue }
      }
    }
  }
}

# EC2 mends a broken host by itself; a hung machine needs to be started again.
resource "aws_cloudwatch_metric_alarm" "nat_failed" {
  count = contains(var.alarms, "nat-failed") && var.nat_is_instance ? 1 : 0

  alarm_name          = "${var.name}-nat-failed"
  alarm_description   = "The NAT instance does not answer, so no node reaches the internet; it is being started again. ${local.runbook}nat-failed"
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed_Instance"
  dimensions          = { InstanceId = var.nat_instance_id }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "missing"
  alarm_actions       = [var.topic_arn, "arn:${data.aws_partition.this.partition}:automate:${var.region}:ec2:reboot"]
  ok_actions          = [var.topic_arn]
}

# It grows by itself up to 100 GB, in steps that take hours; less than 2 GB means that it could not.
resource "aws_cloudwatch_metric_alarm" "database_full" {
  count = contains(var.alarms, "database-full") && var.has_database ? 1 : 0

  alarm_name          = "${var.name}-database-full"
  alarm_description   = "The database has less than 2 GB left. It stops when there is nothing left. ${local.runbook}database-full"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = var.database_identifier }
  statistic           = "Minimum"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 2 * 1024 * 1024 * 1024
  treat_missing_data  = "missing"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
}

data "aws_partition" "this" {}
