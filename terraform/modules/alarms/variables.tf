variable "name" {
  description = "Beginning of all names."
  type        = string
}

variable "region" {
  description = "Where all of it is."
  type        = string
}

variable "alarms" {
  description = "Which ones are wanted."
  type        = set(string)
}

variable "topic_arn" {
  description = "Where they tell."
  type        = string
}

variable "cluster_name" {
  description = "The cluster."
  type        = string
}

variable "gpu_hours" {
  description = "Hours on end that a GPU may run before it is told."
  type        = number
}

variable "karpenter_queue" {
  description = "Name of the queue that Karpenter reads."
  type        = string
}

variable "nat_is_instance" {
  description = "Whether the way out is a machine."
  type        = bool
}

variable "nat_instance_id" {
  description = "It; null where there is none."
  type        = string
}

variable "has_database" {
  description = "Whether there is a database."
  type        = bool
}

variable "database_identifier" {
  description = "It; null where there is none."
  type        = string
}
