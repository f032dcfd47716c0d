variable "name" {
  description = "Beginning of all names."
  type        = string
}

variable "region" {
  description = "Region in which nodes are started."
  type        = string
}

variable "account_id" {
  description = "The account of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "The cluster that gets the nodes."
  type        = string
}

variable "cluster_arn" {
  description = "Its ARN."
  type        = string
}

variable "create_spot_role" {
  description = "Whether the account's role for spot instances is made."
  type        = bool
}
