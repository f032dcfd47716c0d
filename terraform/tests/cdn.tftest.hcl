mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name               = "debates"
  bucket_domain_name = "store.s3.eu-central-1.amazonaws.com"
  domain             = null
  certificate_arn    = null
  zone_id            = null
}

run "own_address" {
  module {
    source = "./modules/cdn"
  }

  assert {
    condition     = output.url == "https://mocked.cloudfront.net"
    error_message = "The page is at CloudFront's address."
  }
  assert {
    condition     = one(aws_cloudfront_distribution.this.default_cache_behavior[0].function_association).function_arn == aws_cloudfront_function.address.arn && length(aws_cloudfront_distribution.this.ordered_cache_behavior) == 0
    error_message = "Every address goes through the function, which knows two prefixes."
  }
  assert {
    condition     = toset(aws_cloudfront_distribution.this.default_cache_behavior[0].allowed_methods) == toset(["GET", "HEAD"]) && aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "It is read, by TLS."
  }
  assert {
    condition     = aws_cloudfront_cache_policy.this.max_ttl <= 60
    error_message = "What was withdrawn is gone within a minute."
  }
  assert {
    condition     = aws_cloudfront_cache_policy.this.parameters_in_cache_key_and_forwarded_to_origin[0].query_strings_config[0].query_string_behavior == "none"
    error_message = "No query reaches the bucket, which could list it."
  }
  assert {
    condition     = length(aws_route53_record.this) == 0
    error_message = "No records without a domain."
  }
}

run "own_domain" {
  module {
    source = "./modules/cdn"
  }
  variables {
    domain          = "debates.example.org"
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    zone_id         = "Z1"
  }

  assert {
    condition     = output.url == "https://debates.example.org" && aws_cloudfront_distribution.this.aliases == toset(["debates.example.org"])
    error_message = "The page is at the domain."
  }
  assert {
    condition     = one(aws_cloudfront_distribution.this.viewer_certificate).minimum_protocol_version == "TLSv1.2_2021" && !one(aws_cloudfront_distribution.this.viewer_certificate).cloudfront_default_certificate
    error_message = "With its certificate, and no old TLS."
  }
  assert {
    condition     = toset(keys(aws_route53_record.this)) == toset(["A", "AAAA"])
    error_message = "Found by IPv4 and IPv6."
  }
}
