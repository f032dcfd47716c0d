variable "name" {
  description = "Name of the distribution and of what belongs to it."
  type        = string
}

variable "bucket_domain_name" {
  description = "Regional address of the bucket."
  type        = string
}

variable "domain" {
  description = "Domain of the page; null: CloudFront's own."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of the domain, in us-east-1; null without a domain."
  type        = string
}

variable "zone_id" {
  description = "Hosted zone that gets the domain's records; null: they are made elsewhere."
  type        = string
}
