variable "name" {
  description = "Beginning of the repositories' names."
  type        = string
}

variable "kept_images" {
  description = "Images that each repository keeps."
  type        = number
}
