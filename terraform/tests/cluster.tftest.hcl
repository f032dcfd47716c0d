mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                  = "debates"
  kubernetes_version    = "1.35"
  subnet_ids            = ["subnet-1", "subnet-2"]
  api_cidrs             = ["0.0.0.0/0"]
  admin_principal_arns  = []
  log_types             = ["audit"]
  log_retention_days    = 30
  system_instance_types = ["t3a.medium"]
  system_node_count     = 1
  system_label          = "karpenter.sh/controller"
  system_taint          = "CriticalAddonsOnly"
  addon_versions        = {}
}

run "cluster" {
  module {
    source = "./modules/cluster"
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && aws_eks_cluster.this.bootstrap_self_managed_addons == false
    error_message = "Access entries, and add-ons that are ours."
  }
  assert {
    condition     = aws_eks_cluster.this.upgrade_policy[0].support_type == "STANDARD"
    error_message = "No version in extended support at six times the price."
  }
  assert {
    condition     = aws_cloudwatch_log_group.control_plane[0].name == "/aws/eks/debates/cluster" && aws_cloudwatch_log_group.control_plane[0].retention_in_days == 30
    error_message = "The group that EKS writes to, with an end to what it keeps."
  }
  assert {
    condition     = toset(keys(aws_eks_addon.before_nodes)) == toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent"])
    error_message = "Network and credentials are there before the first node."
  }
  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "Network policies are enforced."
  }
  assert {
    condition     = aws_launch_template.system.metadata_options[0].http_tokens == "required" && aws_launch_template.system.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Pods do not reach the node's role."
  }
  assert {
    condition     = aws_eks_node_group.system.version == aws_eks_cluster.this.version && aws_eks_node_group.system.version == "1.35"
    error_message = "The nodes follow the control plane."
  }
  assert {
    condition     = one(aws_eks_node_group.system.taint).effect == "NO_SCHEDULE" && aws_eks_node_group.system.labels["karpenter.sh/controller"] == "true"
    error_message = "No debate lands on a system node."
  }
  assert {
    condition     = aws_eks_node_group.system.scaling_config[0].desired_size == 1 && aws_eks_node_group.system.scaling_config[0].max_size == 2
    error_message = "One node, and room for its successor."
  }
  assert {
    condition     = length(aws_eks_access_entry.admin) == 0
    error_message = "Nobody but the creator."
  }
}

run "closed_and_administered" {
  module {
    source = "./modules/cluster"
  }
  variables {
    api_cidrs            = []
    log_types            = []
    admin_principal_arns = ["arn:aws:iam::123456789012:role/ops"]
    addon_versions       = { coredns = "v1.12.4-eksbuild.1" }
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access == false && aws_eks_cluster.this.vpc_config[0].endpoint_private_access
    error_message = "The API server is reached from the VPC alone."
  }
  assert {
    condition     = length(aws_cloudwatch_log_group.control_plane) == 0
    error_message = "No group for what is not logged."
  }
  assert {
    condition     = endswith(aws_eks_access_policy_association.admin["arn:aws:iam::123456789012:role/ops"].policy_arn, "/AmazonEKSClusterAdminPolicy")
    error_message = "Who is named administers."
  }
  assert {
    condition     = aws_eks_addon.coredns.addon_version == "v1.12.4-eksbuild.1"
    error_message = "A pinned add-on is pinned."
  }
}
