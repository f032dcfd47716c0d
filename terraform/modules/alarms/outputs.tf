output "names" {
  description = "Alarms that are there."
  value = sort(flatten([
    aws_cloudwatch_metric_alarm.pods_waiting[*].alarm_name, aws_cloudwatch_metric_alarm.gpu_running[*].alarm_name,
    aws_cloudwatch_metric_alarm.karpenter_silent[*].alarm_name, aws_cloudwatch_metric_alarm.nat_failed[*].alarm_name,
    aws_cloudwatch_metric_alarm.database_full[*].alarm_name,
  ]))
}
