output "role_arns" {
  description = "Role of each part: worker, stats, web, models, gateway."
  value       = { for part, role in aws_iam_role.this : part => role.arn }
}

output "service_accounts" {
  description = "Service account of each part. The operator's has no role."
  value       = { for part in concat(["operator"], keys(local.rights)) : part => "${var.service_account_prefix}-${part}" }
}
