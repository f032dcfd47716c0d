# The AWS account: what Kubernetes runs on, where debates are kept, and who may do what. What runs in Kubernetes is
# Helm's (charts/): one apply, and no provider that needs a cluster before there is one.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  account_id = data.aws_caller_identity.this.account_id
  bucket     = coalesce(var.bucket_name, "${var.name}-${local.account_id}-${var.region}")
  # Put together here, so that queue, roles and bucket need not wait for each other in a circle.
  bucket_arn = "arn:${data.aws_partition.this.partition}:s3:::${local.bucket}"

  # Where Karpenter, operator and page run; the chart's placement says the same.
  system_label = "karpenter.sh/controller"
  system_taint = "CriticalAddonsOnly"
}

module "network" {
  source = "./modules/network"

  name            = var.name
  region          = var.region
  mode            = var.network_mode
  cidr            = var.vpc_cidr
  zone_count      = var.zone_count
  vpc_id          = var.vpc_id
  subnet_ids      = var.subnet_ids
  route_table_ids = var.route_table_ids
}

module "cluster" {
  source = "./modules/cluster"

  name                  = var.name
  kubernetes_version    = var.kubernetes_version
  subnet_ids            = module.network.node_subnet_ids
  api_cidrs             = var.api_cidrs
  admin_principal_arns  = var.admin_principal_arns
  log_types             = var.cluster_log_types
  log_retention_days    = var.log_retention_days
  system_instance_types = var.system_instance_types
  system_node_count     = var.system_node_count
  system_label          = local.system_label
  system_taint          = local.system_taint
  addon_versions        = var.addon_versions
}

module "karpenter" {
  source = "./modules/karpenter"

  name             = var.name
  region           = var.region
  account_id       = local.account_id
  cluster_name     = module.cluster.name
  cluster_arn      = module.cluster.arn
  create_spot_role = var.create_spot_role
}

module "storage" {
  source = "./modules/storage"

  name             = var.name
  account_id       = local.account_id
  bucket           = local.bucket
  force_destroy    = var.bucket_force_destroy
  old_version_days = var.old_version_days
  upload_days      = var.upload_days
  upload_origins   = var.upload_origins
  upload_queue_arn = module.queue.arn

  replica_bucket_arn = var.replica_bucket_arn

  served           = var.cdn
  distribution_arn = one(module.cdn[*].distribution_arn)
}

module "queue" {
  source = "./modules/queue"

  name            = var.name
  account_id      = local.account_id
  bucket_arn      = local.bucket_arn
  alarm_topic_arn = module.observability.alarm_topic_arn
}

module "identities" {
  source = "./modules/identities"

  name                   = var.name
  account_id             = local.account_id
  cluster_name           = module.cluster.name
  cluster_arn            = module.cluster.arn
  namespace              = var.namespace
  job_namespaces         = var.job_namespaces
  service_account_prefix = var.service_account_prefix
  bucket_arn             = local.bucket_arn
  source_bucket_arns     = var.source_bucket_arns
  upload_queue_arn       = module.queue.arn
}

module "registry" {
  source = "./modules/registry"

  name        = var.name
  kept_images = var.kept_images
}

module "secrets" {
  source = "./modules/secrets"

  name  = var.name
  names = var.secrets
}

module "observability" {
  source = "./modules/observability"

  name               = var.name
  account_id         = local.account_id
  cluster_name       = module.cluster.name
  alarm_emails       = var.alarm_emails
  monthly_budget_usd = var.monthly_budget_usd
  container_logs     = var.container_logs
  log_retention_days = var.log_retention_days
  addon_versions     = var.addon_versions
}

module "alarms" {
  source = "./modules/alarms"

  name                = var.name
  region              = var.region
  alarms              = var.alarms
  topic_arn           = module.observability.alarm_topic_arn
  cluster_name        = module.cluster.name
  gpu_hours           = var.gpu_alarm_hours
  karpenter_queue     = module.karpenter.queue_name
  nat_instance_id     = module.network.nat_instance_id
  nat_is_instance     = var.network_mode == "nat_instance"
  database_identifier = one(module.database[*].identifier)
  has_database        = var.database
}

module "cdn" {
  source = "./modules/cdn"
  count  = var.cdn ? 1 : 0

  name               = var.name
  bucket_domain_name = module.storage.regional_domain_name
  domain             = var.domain
  certificate_arn    = var.certificate_arn
  zone_id            = var.zone_id
}

module "ci" {
  source = "./modules/ci"
  count  = var.github_repository == null ? 0 : 1

  name             = var.name
  account_id       = local.account_id
  repository       = var.github_repository
  ids              = var.github_ids
  refs             = var.github_refs
  plan             = var.github_plan
  create_provider  = var.create_github_provider
  repository_arns  = values(module.registry.arns)
  bucket_arn       = local.bucket_arn
  served           = var.cdn
  distribution_arn = one(module.cdn[*].distribution_arn)
}

module "database" {
  source = "./modules/database"
  count  = var.database ? 1 : 0

  name                   = var.name
  vpc_id                 = module.network.vpc_id
  subnet_ids             = module.network.node_subnet_ids
  node_security_group_id = module.cluster.security_group_id
  postgres_version       = var.database_version
  instance_class         = var.database_class
  multi_az               = var.database_multi_az
  protected              = var.database_protected
}
