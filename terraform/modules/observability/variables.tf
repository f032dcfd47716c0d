variable "name" {
  description = "Beginning of all names."
  type        = string
}

variable "account_id" {
  description = "The account whose alarms may tell."
  type        = string
}

variable "cluster_name" {
  description = "The cluster whose containers' logs are shipped."
  type        = string
}

variable "alarm_emails" {
  description = "Addresses that get the alarms."
  type        = list(string)
}

variable "monthly_budget_usd" {
  description = "What the account may cost a month; null: no budget."
  type        = number
}

variable "container_logs" {
  description = "Whether the logs of all containers are shipped."
  type        = bool
}

variable "log_retention_days" {
  description = "Days that they are kept."
  type        = number
}

variable "addon_versions" {
  description = "Versions of add-ons by name."
  type        = map(string)
}
