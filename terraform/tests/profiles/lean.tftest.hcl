# With lean.tfvars: the least that works.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "lean" {
  variables {
    region = "eu-central-1"
  }

  assert {
    condition     = var.network_mode == "public" && var.system_node_count == 1 && var.system_instance_types == tolist(["t3a.medium"])
    error_message = "No NAT, one small node."
  }
  assert {
    condition     = length(module.database) == 0 && !var.container_logs && length(var.cluster_log_types) == 0 && length(var.secrets) == 1
    error_message = "Nothing that costs by itself."
  }
  assert {
    condition     = output.helm_values.web.enabled == false
    error_message = "No load balancer is needed for the page."
  }
}
