# The page without a cluster's ingress: CloudFront reads website/ and statistics/ of the bucket, and nothing else of
# it. Free up to 1 TB a month; a load balancer costs $16 before anyone looks.

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = var.name
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# /statistics/... is the key as it is, all else is below website/: whatever is asked for, no other key can come of it.
resource "aws_cloudfront_function" "address" {
  name    = "${var.name}-address"
  runtime = "cloudfront-js-2.0"
  comment = "From the address in the browser to the key in the bucket"
  code    = file("${path.module}/address.js")
}

resource "aws_cloudfront_cache_policy" "this" {
  name    = var.name
  comment = "New figures, and what was withdrawn, within a minute"
  # Not 0: CloudFront compresses only what it may keep.
  min_ttl     = 1
  default_ttl = 30
  max_ttl     = 60

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }
    headers_config {
      header_behavior = "none"
    }
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# As web/nginx.conf says them, and TLS for a year.
resource "aws_cloudfront_response_headers_policy" "this" {
  #checkov:skip=CKV_AWS_259:TLS for all subdomains is not this page's to promise; the rest of it is set
  name = var.name

  security_headers_config {
    content_security_policy {
      content_security_policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      override                = true
    }
    content_type_options {
      override = true
    }
    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = {
        "Cross-Origin-Opener-Policy"   = "same-origin"
        "Cross-Origin-Resource-Policy" = "same-origin"
        "Permissions-Policy"           = "camera=(), microphone=(), geolocation=()"
        "Cache-Control"                = "no-cache"
      }
      content {
        header   = items.key
        value    = items.value
        override = true
      }
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_86:who reads a debate is nobody's business; CloudFront counts requests without
  #checkov:skip=CKV_AWS_68:a firewall costs $5 a month before its rules; there are only files to read here
  #checkov:skip=CKV2_AWS_47:as above, and no Java
  #checkov:skip=CKV_AWS_374:what is published is for everyone
  #checkov:skip=CKV_AWS_310:a second origin would be a second bucket to keep equal
  #checkov:skip=CKV_AWS_305:the function leads / to the page
  enabled         = true
  comment         = var.name
  is_ipv6_enabled = true
  http_version    = "http2and3"
  # North America and Europe; the others cost more, and are served from there as well.
  price_class = "PriceClass_100"
  aliases     = var.domain == null ? [] : [var.domain]

  origin {
    origin_id                = "store"
    domain_name              = var.bucket_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  default_cache_behavior {
    target_origin_id           = "store"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    viewer_protocol_policy     = "redirect-to-https"
    compress                   = true
    cache_policy_id            = aws_cloudfront_cache_policy.this.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.address.arn
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain == null
    acm_certificate_arn            = var.certificate_arn
    ssl_support_method             = var.domain == null ? null : "sni-only"
    minimum_protocol_version       = var.domain == null ? null : "TLSv1.2_2021"
  }
}

resource "aws_route53_record" "this" {
  for_each = var.zone_id == null ? [] : toset(["A", "AAAA"])

  zone_id = var.zone_id
  name    = var.domain
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}
