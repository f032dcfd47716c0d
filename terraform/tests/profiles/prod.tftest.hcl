# With prod.tfvars: for others to rely on.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "prod" {
  variables {
    region             = "eu-central-1"
    alarm_emails       = ["ops@example.org"]
    monthly_budget_usd = 400
  }

  assert {
    condition     = var.network_mode == "nat_gateway" && length(output.node_values.nodeClass.subnetIds) == 3
    error_message = "Private nodes in three zones."
  }
  assert {
    condition     = output.karpenter_values.replicas == 2 && contains(var.cluster_log_types, "audit") && var.container_logs
    error_message = "One node may go, and what happened can be looked up."
  }
  assert {
    condition     = !var.bucket_force_destroy
    error_message = "No debate goes by mistake."
  }
}
