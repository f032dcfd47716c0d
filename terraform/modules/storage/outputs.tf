output "name" {
  description = "Name of the bucket. Known when its settings are in force."
  value       = aws_s3_bucket.store.id

  depends_on = [
    aws_s3_bucket_policy.store, aws_s3_bucket_public_access_block.store, aws_s3_bucket_versioning.store,
    aws_s3_bucket_server_side_encryption_configuration.store, aws_s3_bucket_ownership_controls.store,
  ]
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.store.arn
}

output "regional_domain_name" {
  description = "Address of the bucket, for CloudFront."
  value       = aws_s3_bucket.store.bucket_regional_domain_name
}
