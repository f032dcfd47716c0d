variable "name" {
  description = "Beginning of all names."
  type        = string
}

variable "vpc_id" {
  description = "Where it is."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets that it may be in, of two zones at least."
  type        = list(string)
}

variable "node_security_group_id" {
  description = "The group of the nodes, which alone reach it."
  type        = string
}

variable "postgres_version" {
  description = "Major version."
  type        = string
}

variable "instance_class" {
  description = "The machine."
  type        = string
}

variable "multi_az" {
  description = "Whether a second machine in another zone takes over."
  type        = bool
}

variable "protected" {
  description = "Whether AWS refuses to delete it. Where it does not, a destroy makes no last snapshot."
  type        = bool
}
