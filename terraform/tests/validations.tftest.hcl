# Every value that is refused. Of each run all variables fail that it expects, and no other; tests/terraform sees to it
# that no validation is without a case here.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region = "eu-central-1"
}

run "of_no_form" {
  command = plan
  variables {
    region                 = "frankfurt"
    name                   = "Debates"
    tags                   = { "aws:name" = "x" }
    network_mode           = "vpn"
    vpc_cidr               = "10.42.0.0"
    kubernetes_version     = "1.35.4"
    api_cidrs              = ["203.0.113.7"]
    admin_principal_arns   = ["arn:aws:sts::123456789012:assumed-role/ops/me"]
    cluster_log_types      = ["audits"]
    log_retention_days     = 10
    system_instance_types  = ["t4g.medium"]
    addon_versions         = { cni = "v1" }
    namespace              = "Debates"
    job_namespaces         = ["team.a"]
    service_account_prefix = "debate_"
    bucket_name            = "debates.example.org"
    upload_origins         = ["https://example.org/page"]
    source_bucket_arns     = ["recordings"]
    secrets                = ["password"]
    domain                 = "example"
    github_repository      = "example"
    github_refs            = ["main"]
    alarm_emails           = ["ops"]
    alarms                 = ["cpu"]
    database_version       = "12"
    database_class         = "t4g.micro"
  }
  expect_failures = [
    var.region, var.name, var.tags, var.network_mode, var.vpc_cidr, var.kubernetes_version, var.api_cidrs,
    var.admin_principal_arns, var.cluster_log_types, var.log_retention_days, var.system_instance_types,
    var.addon_versions, var.namespace, var.job_namespaces, var.service_account_prefix, var.bucket_name,
    var.upload_origins, var.source_bucket_arns, var.secrets, var.domain, var.github_repository,
    var.github_refs, var.alarm_emails, var.alarms, var.database_version, var.database_class,
  ]
}

run "too_little" {
  command = plan
  variables {
    vpc_cidr              = "10.42.0.0/24"
    zone_count            = 1
    kubernetes_version    = "1.29"
    system_instance_types = []
    system_node_count     = 0
    old_version_days      = 0
    upload_days           = 0
    kept_images           = 1
    github_repository     = "example/debates"
    github_ids            = { owner = 0, repository = 1.5 }
    github_refs           = []
    gpu_alarm_hours       = 0
    replica_bucket_arn    = "debates-replica" # no ARN
    monthly_budget_usd    = -1
    alarm_emails          = ["ops@example.org"]
  }
  expect_failures = [
    var.vpc_cidr, var.zone_count, var.kubernetes_version, var.system_instance_types, var.system_node_count,
    var.old_version_days, var.upload_days, var.kept_images, var.github_refs, var.monthly_budget_usd,
    var.github_ids, var.gpu_alarm_hours, var.replica_bucket_arn,
  ]
}

run "too_much" {
  command = plan
  variables {
    name                  = "a-name-of-twenty-nine-letters"
    tags                  = { debate-analyzer = "x" }
    vpc_cidr              = "10.0.0.0/8"
    zone_count            = 4
    system_instance_types = ["t3a.medium", "c7gn.large"]
    system_node_count     = 11
    upload_origins        = ["*"]
    source_bucket_arns    = ["arn:aws:s3:::*"]
    github_repository     = "example/*"
    github_refs           = ["refs/heads/*"]
    domain                = "debates.example.org"
    certificate_arn       = "arn:aws:acm:eu-central-1:123456789012:certificate/1" # CloudFront looks in us-east-1
  }
  expect_failures = [
    var.name, var.tags, var.vpc_cidr, var.zone_count, var.system_instance_types, var.system_node_count,
    var.upload_origins, var.source_bucket_arns, var.github_repository, var.github_refs, var.certificate_arn,
  ]
}

run "what_needs_another" {
  command = plan
  variables {
    vpc_id             = "vpc-1" # without network_mode existing
    subnet_ids         = ["subnet-1", "subnet-2"]
    route_table_ids    = ["rtb-1"]
    domain             = "debates.example.org"
    monthly_budget_usd = 100 # nobody would hear of it
    github_plan        = true
    github_ids         = { owner = 1, repository = 2 }
    bucket_name        = "debates-store"
    replica_bucket_arn = "arn:aws:s3:::debates-store"
    github_refs        = ["refs/pull/*"]
    system_node_count  = 1.5
  }
  expect_failures = [
    var.vpc_id, var.subnet_ids, var.route_table_ids, var.certificate_arn, var.monthly_budget_usd, var.github_refs,
    var.system_node_count, var.github_plan, var.github_ids, var.replica_bucket_arn,
  ]
}

run "a_network_that_is_not_named" {
  command = plan
  variables {
    network_mode = "existing"
    subnet_ids   = ["subnet-1", "subnet-1"]
    zone_id      = "Z1"
    cdn          = false
  }
  expect_failures = [var.vpc_id, var.subnet_ids, var.zone_id]
}

run "a_domain_without_cloudfront" {
  command = plan
  variables {
    cdn             = false
    domain          = "debates.example.org"
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  }
  expect_failures = [var.domain]
}
