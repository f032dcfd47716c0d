variable "name" {
  description = "Beginning of the role's name."
  type        = string
}

variable "account_id" {
  description = "The account that has the OIDC provider."
  type        = string
}

variable "repository" {
  description = "owner/name on GitHub."
  type        = string
}

variable "ids" {
  description = "Ids of its owner and of itself; null where GitHub does not say them."
  type        = object({ owner = number, repository = number })
}

variable "refs" {
  description = "Refs whose workflows may act; * stands for anything."
  type        = list(string)
}

variable "plan" {
  description = "Whether pull requests may plan."
  type        = bool
}

variable "create_provider" {
  description = "Whether the account's OIDC provider for GitHub is made."
  type        = bool
}

variable "repository_arns" {
  description = "Repositories of the registry."
  type        = list(string)
}

variable "bucket_arn" {
  description = "The bucket that has the page below website/."
  type        = string
}

variable "served" {
  description = "Whether there is a distribution."
  type        = bool
}

variable "distribution_arn" {
  description = "It; null where there is none."
  type        = string
}
