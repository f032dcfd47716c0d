output "plan_role_arn" {
  description = "For pull requests; null where they may not plan."
  value       = one(aws_iam_role.plan[*].arn)
}

output "role_arn" {
  description = "For aws-actions/configure-aws-credentials."
  value       = aws_iam_role.this.arn
}
