variable "name" {
  description = "Beginning of the secrets' names."
  type        = string
}

variable "names" {
  description = "Which: of huggingface-token, download-cookies, callback-keys."
  type        = set(string)
}
