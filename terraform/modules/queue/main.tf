# Tells that an upload has come. What fails five times goes to the dead-letter queue, and an alarm says so.

resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-uploads-dead"
  message_retention_seconds = 1209600 # 14 days, the most: time to look, and to move them back
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "uploads" {
  name = "${var.name}-uploads"
  # Longer than it takes to make a DebateJob of an upload, or two would be made at a time.
  visibility_timeout_seconds = 120
  message_retention_seconds  = 345600 # 4 days: a long weekend without the gateway
  receive_wait_time_seconds  = 20     # one request every 20 s while nothing comes, 130,000 a month: within the free million
  sqs_managed_sse_enabled    = true   # S3 could not write to a queue with AWS's own key of KMS

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.uploads.arn]
  })
}

data "aws_iam_policy_document" "uploads" {
  statement {
    sid       = "TheBucketTells"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.uploads.arn]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.bucket_arn]
    }
    # A bucket's name is free for others once it is deleted.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }

  statement {
    sid       = "OnlyByTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.uploads.arn]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "uploads" {
  queue_url = aws_sqs_queue.uploads.id
  policy    = data.aws_iam_policy_document.uploads.json
}

resource "aws_cloudwatch_metric_alarm" "dead" {
  alarm_name          = "${var.name}-uploads-failed"
  alarm_description   = "Uploads could not be made into DebateJobs after five tries; they lie in ${aws_sqs_queue.dead.name}. See docs/alarms.md#uploads-failed"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching" # SQS sends nothing while a queue is idle
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "age" {
  alarm_name          = "${var.name}-uploads-waiting"
  alarm_description   = "An upload has waited for ten minutes in ${aws_sqs_queue.uploads.name}: nobody takes it. See docs/alarms.md#uploads-waiting"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = aws_sqs_queue.uploads.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 600
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
