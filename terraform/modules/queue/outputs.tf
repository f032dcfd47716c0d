output "arn" {
  description = "The queue of uploads. Known when S3 may write to it."
  value       = aws_sqs_queue.uploads.arn

  depends_on = [aws_sqs_queue_policy.uploads]
}

output "url" {
  description = "Its address."
  value       = aws_sqs_queue.uploads.url
}

output "dead_url" {
  description = "Address of the dead-letter queue."
  value       = aws_sqs_queue.dead.url
}
