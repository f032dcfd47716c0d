variable "name" {
  description = "Beginning of all names."
  type        = string
}

variable "account_id" {
  description = "The account that the bucket must belong to."
  type        = string
}

variable "bucket_arn" {
  description = "The bucket that may send. Put together from its name, not taken from the bucket, which waits for this queue."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Where alarms go."
  type        = string
}
