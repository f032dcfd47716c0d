output "repositories" {
  description = "Name of each repository: operator, worker, web."
  value       = { for part, repository in aws_ecr_repository.this : part => repository.name }
}

output "arns" {
  description = "ARN of each repository."
  value       = { for part, repository in aws_ecr_repository.this : part => repository.arn }
}
