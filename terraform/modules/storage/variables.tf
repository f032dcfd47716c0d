variable "name" {
  description = "Beginning of the name of the replication's role."
  type        = string
}

variable "account_id" {
  description = "The account."
  type        = string
}

variable "bucket" {
  description = "Name of the bucket."
  type        = string
}

variable "force_destroy" {
  description = "Whether destroying deletes what is in it."
  type        = bool
}

variable "old_version_days" {
  description = "Days that deleted and overwritten objects are kept."
  type        = number
}

variable "upload_days" {
  description = "Days that uploads are kept."
  type        = number
}

variable "upload_origins" {
  description = "Origins whose pages may upload; [] is none."
  type        = list(string)
}

variable "replica_bucket_arn" {
  description = "Bucket of another region that gets copies; null: none."
  type        = string
}

variable "upload_queue_arn" {
  description = "Where the arrival of an upload is told. Its policy must let S3 in already: S3 tries it out."
  type        = string
}

variable "served" {
  description = "Whether a CloudFront distribution reads website/ and statistics/."
  type        = bool
}

variable "distribution_arn" {
  description = "That distribution; null where there is none."
  type        = string
}
