output "distribution_arn" {
  description = "The distribution, for the bucket's policy."
  value       = aws_cloudfront_distribution.this.arn
}

output "distribution_id" {
  description = "Its id, for invalidations."
  value       = aws_cloudfront_distribution.this.id
}

output "url" {
  description = "Address of the page."
  value       = "https://${coalesce(var.domain, aws_cloudfront_distribution.this.domain_name)}"
}
