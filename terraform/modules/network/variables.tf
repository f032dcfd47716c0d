variable "name" {
  description = "Beginning of all names."
  type        = string
}

variable "region" {
  description = "Region, as the S3 endpoint's name has it."
  type        = string
}

variable "mode" {
  description = "public, nat_instance, nat_gateway or existing."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC that is made."
  type        = string
}

variable "zone_count" {
  description = "How many zones get subnets."
  type        = number
}

variable "vpc_id" {
  description = "Your VPC in mode existing, else null."
  type        = string
}

variable "subnet_ids" {
  description = "Your subnets in mode existing, else []."
  type        = list(string)
}

variable "route_table_ids" {
  description = "Your route tables that get the S3 endpoint in mode existing, else []."
  type        = list(string)
}
