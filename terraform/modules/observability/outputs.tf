output "alarm_topic_arn" {
  description = "Where alarms go. Known when CloudWatch may write to it."
  value       = aws_sns_topic.alarms.arn

  depends_on = [aws_sns_topic_policy.alarms]
}
