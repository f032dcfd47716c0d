output "role_arn" {
  description = "For aws-actions/configure-aws-credentials."
  value       = aws_iam_role.this.arn
}
