variable "name" {
  description = "Beginning of all names."
  type        = string
}

variable "account_id" {
  description = "The account of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "The cluster whose pods these are."
  type        = string
}

variable "cluster_arn" {
  description = "Its ARN."
  type        = string
}

variable "namespace" {
  description = "Namespace of the release."
  type        = string
}

variable "job_namespaces" {
  description = "Namespaces of the workers; [] is the release's own."
  type        = list(string)
}

variable "service_account_prefix" {
  description = "What service accounts begin with."
  type        = string
}

variable "bucket_arn" {
  description = "The store."
  type        = string
}

variable "source_bucket_arns" {
  description = "Other buckets that workers may read."
  type        = list(string)
}

variable "upload_queue_arn" {
  description = "The queue that tells of uploads."
  type        = string
}
