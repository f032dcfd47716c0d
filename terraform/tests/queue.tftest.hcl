mock_provider "aws" {
  source = "./tests/mocks"
}

run "queue" {
  module {
    source = "./modules/queue"
  }
  variables {
    name            = "debates"
    account_id      = "123456789012"
    bucket_arn      = "arn:aws:s3:::store"
    alarm_topic_arn = "arn:aws:sns:eu-central-1:123456789012:alarms"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.uploads.redrive_policy).maxReceiveCount == 5
    error_message = "What fails five times is put aside."
  }
  assert {
    condition     = aws_sqs_queue.uploads.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "Both are encrypted, with a key that S3 may use."
  }
  assert {
    condition     = { for condition in data.aws_iam_policy_document.uploads.statement[0].condition : condition.variable => one(condition.values) } == { "aws:SourceArn" = "arn:aws:s3:::store", "aws:SourceAccount" = "123456789012" }
    error_message = "Our bucket of our account may write, and nobody else."
  }
  assert {
    condition     = alltrue([for alarm in [aws_cloudwatch_metric_alarm.dead, aws_cloudwatch_metric_alarm.age] : alarm.alarm_actions == toset(["arn:aws:sns:eu-central-1:123456789012:alarms"]) && alarm.treat_missing_data == "notBreaching"])
    error_message = "Both alarms tell, and an idle queue is no alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.dead.threshold == 0 && aws_cloudwatch_metric_alarm.age.threshold == 600
    error_message = "One failed upload, or ten minutes of waiting."
  }
}
