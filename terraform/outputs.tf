# What comes next is fed by these: `terraform output -json helm_values >values.json`, then `helm ... -f values.json`
# (JSON is YAML).

output "helm_values" {
  description = "Values of charts/debate-analyzer for this account."
  value = merge(
    {
      store  = { uri = "s3://${module.storage.name}", region = var.region }
      models = { uri = "s3://${module.storage.name}/models" }
      images = {
        registry  = local.registry
        operator  = { repository = module.registry.repositories["operator"] }
        workerCpu = { repository = module.registry.repositories["worker"] }
        workerGpu = { repository = module.registry.repositories["worker"] }
        web       = { repository = module.registry.repositories["web"] }
      }
      placement = {
        nodeSelector = { (local.system_label) = "true" }
        tolerations  = [{ key = local.system_taint, operator = "Exists", effect = "NoSchedule" }]
      }
      serviceAccounts = {
        for part in ["operator", "worker", "models", "stats", "web"] : part => { name = module.identities.service_accounts[part] }
      }
      # Where CloudFront serves the page, the cluster need not.
      web = { enabled = !var.cdn }
    },
    length(var.job_namespaces) > 0 ? { namespaces = var.job_namespaces } : {},
  )
}

output "karpenter_values" {
  description = "Values of Karpenter's chart."
  value = {
    replicas       = var.system_node_count > 1 ? 2 : 1
    serviceAccount = { name = module.karpenter.service_account }
    settings       = { clusterName = module.cluster.name, interruptionQueue = module.karpenter.queue_name }
    # The chart's comment proposes 1 CPU and 1 GiB, which would leave no room for anything else on the system node.
    controller = { resources = { requests = { cpu = "200m", memory = "384Mi" }, limits = { memory = "1Gi" } } }
    # So that it starts before there is a DNS.
    dnsPolicy = "Default"
  }
}

output "node_values" {
  description = "Values of charts/gpu-nodepool: what nodes are made of, by id, so that nothing is found by tags."
  value = {
    nodeClass = {
      instanceProfile  = module.karpenter.instance_profile
      subnetIds        = module.network.node_subnet_ids
      securityGroupIds = [module.cluster.security_group_id]
      # As on all that Terraform makes: a list by this tag then shows the nodes, too.
      tags = merge(var.tags, { "debate-analyzer" = var.name })
    }
  }
}

output "kubeconfig_command" {
  description = "Gives kubectl and helm the cluster."
  value       = "aws eks update-kubeconfig --region ${var.region} --name ${module.cluster.name}"
}

output "cluster_name" {
  description = "The cluster."
  value       = module.cluster.name
}

output "namespaces" {
  description = "Namespaces of the release and of Karpenter."
  value       = { release = var.namespace, karpenter = module.karpenter.namespace }
}

output "region" {
  description = "Region of everything."
  value       = var.region
}

output "vpc_id" {
  description = "The VPC."
  value       = module.network.vpc_id
}

output "bucket" {
  description = "The store's bucket."
  value       = module.storage.name
}

output "bucket_force_destroy" {
  description = "Whether a destroy takes what is in the bucket with it. Of the last apply, as AWS's provider has it."
  value       = var.bucket_force_destroy
}

output "queues" {
  description = "Queues of uploads."
  value       = { uploads = module.queue.url, dead = module.queue.dead_url }
}

output "registry" {
  description = "Registry, and full names of its repositories."
  value = {
    host         = local.registry
    repositories = { for part, name in module.registry.repositories : part => "${local.registry}/${name}" }
  }
}

output "role_arns" {
  description = "Role of each service account, for IRSA or a look at what it may."
  value       = module.identities.role_arns
}

output "secret_names" {
  description = "Secrets that wait for their value (aws secretsmanager put-secret-value)."
  value       = module.secrets.names
}

output "alarm_topic_arn" {
  description = "Where alarms go."
  value       = module.observability.alarm_topic_arn
}

output "page" {
  description = "The page's address and distribution; null where the cluster serves it."
  value       = var.cdn ? { url = module.cdn[0].url, distribution_id = module.cdn[0].distribution_id } : null
}

output "github_role_arn" {
  description = "Role of GitHub's workflows; null where there is none."
  value       = one(module.ci[*].role_arn)
}

output "github_plan_role_arn" {
  description = "Role of GitHub's pull requests; null where there is none."
  value       = one(module.ci[*].plan_role_arn)
}

output "database" {
  description = "Address of the database and the secret with its password; null where there is none."
  value       = var.database ? { endpoint = module.database[0].endpoint, secret_arn = module.database[0].secret_arn } : null
}

locals {
  registry = "${local.account_id}.dkr.ecr.${var.region}.${data.aws_partition.this.dns_suffix}"
}
