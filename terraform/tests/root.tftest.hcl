# The parts together: what one hands to the other, and what is there with which option.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region      = "eu-central-1"
  bucket_name = "debates-store"
}

run "defaults" {
  assert {
    condition     = output.helm_values.store.region == "eu-central-1" && startswith(output.helm_values.store.uri, "s3://") && output.helm_values.models.uri == "${output.helm_values.store.uri}/models"
    error_message = "The chart's store is the bucket."
  }
  assert {
    condition     = output.helm_values.images.registry == "123456789012.dkr.ecr.eu-central-1.amazonaws.com" && output.helm_values.images.workerGpu.repository == "debate-analyzer/worker"
    error_message = "The chart's images are in the registry."
  }
  assert {
    condition     = output.helm_values.placement.tolerations == [{ key = "CriticalAddonsOnly", operator = "Exists", effect = "NoSchedule" }] && output.helm_values.placement.nodeSelector == { "karpenter.sh/controller" = "true" }
    error_message = "The operator runs on the system nodes."
  }
  assert {
    condition     = output.helm_values.web.enabled == false && output.page.url == "https://mocked.cloudfront.net"
    error_message = "CloudFront serves the page, the cluster does not."
  }
  assert {
    condition     = !contains(keys(output.helm_values), "namespaces")
    error_message = "The chart's own default is the release's namespace."
  }
  assert {
    condition     = output.karpenter_values.replicas == 1 && output.karpenter_values.settings.clusterName == output.cluster_name && output.node_values.nodeClass.subnetIds == module.network.node_subnet_ids
    error_message = "Karpenter fits on one node, and knows cluster and subnets."
  }
  assert {
    condition     = length(module.ci) + length(module.database) == 0 && output.github_role_arn == null && output.database == null
    error_message = "What was not asked for is not there."
  }
}

run "everything" {
  variables {
    network_mode           = "nat_gateway"
    system_node_count      = 2
    job_namespaces         = ["team-a", "team-b"]
    service_account_prefix = "talks"
    upload_origins         = ["https://debates.example.org"]
    domain                 = "debates.example.org"
    certificate_arn        = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    zone_id                = "Z1"
    github_repository      = "example/debates"
    alarm_emails           = ["ops@example.org"]
    monthly_budget_usd     = 300
    container_logs         = true
    database               = true
    create_spot_role       = true
    secrets                = ["huggingface-token", "download-cookies", "callback-keys"]
  }

  assert {
    condition     = output.helm_values.namespaces == tolist(["team-a", "team-b"]) && output.helm_values.serviceAccounts.worker.name == "talks-worker"
    error_message = "The chart watches the namespaces whose workers have a role."
  }
  assert {
    condition     = output.karpenter_values.replicas == 2
    error_message = "Two system nodes, two Karpenters."
  }
  assert {
    condition     = output.page.url == "https://debates.example.org" && output.github_role_arn != null && output.database.endpoint == "mocked.eu-central-1.rds.amazonaws.com:5432"
    error_message = "Every part is there, and told."
  }
  assert {
    condition     = length(output.secret_names) == 3
    error_message = "All secrets have their place."
  }
}

run "existing_network_and_page_in_the_cluster" {
  variables {
    network_mode      = "existing"
    vpc_id            = "vpc-1"
    subnet_ids        = ["subnet-1", "subnet-2"]
    database          = true
    cdn               = false
    github_repository = "example/debates"
    secrets           = []
  }

  assert {
    condition     = output.vpc_id == "vpc-1" && output.node_values.nodeClass.subnetIds == tolist(["subnet-1", "subnet-2"])
    error_message = "Everything is in the VPC that was given."
  }
  assert {
    condition     = output.helm_values.web.enabled && output.page == null && length(module.cdn) == 0
    error_message = "Without CloudFront the cluster serves the page."
  }
  assert {
    condition     = output.github_role_arn != null
    error_message = "GitHub's role does not need a distribution."
  }
}
