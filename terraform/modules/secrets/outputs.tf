output "names" {
  description = "Full name of each secret."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.name }
}
