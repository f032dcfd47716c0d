variable "name" {
  description = "Name of the cluster."
  type        = string
}

variable "kubernetes_version" {
  description = "Version of Kubernetes."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of control plane and nodes."
  type        = list(string)
}

variable "api_cidrs" {
  description = "Networks that may reach the API server; [] is the VPC alone."
  type        = list(string)
}

variable "admin_principal_arns" {
  description = "Who administers it beside its creator."
  type        = list(string)
}

variable "log_types" {
  description = "What the control plane logs."
  type        = list(string)
}

variable "log_retention_days" {
  description = "Days that its logs are kept."
  type        = number
}

variable "system_instance_types" {
  description = "Machines of the system nodes."
  type        = list(string)
}

variable "system_node_count" {
  description = "How many there are."
  type        = number
}

variable "system_label" {
  description = "Label of the system nodes, with the value true."
  type        = string
}

variable "system_taint" {
  description = "Taint of the system nodes, with the value true."
  type        = string
}

variable "addon_versions" {
  description = "Versions of add-ons by name."
  type        = map(string)
}
