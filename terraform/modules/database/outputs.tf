output "endpoint" {
  description = "host:port."
  value       = aws_db_instance.this.endpoint
}

output "identifier" {
  description = "Its name among the databases."
  value       = aws_db_instance.this.identifier
}

output "secret_arn" {
  description = "Secret with its user name and password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}
