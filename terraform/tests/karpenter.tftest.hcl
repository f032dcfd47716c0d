mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name             = "debates"
  region           = "eu-central-1"
  account_id       = "123456789012"
  cluster_name     = "debates"
  cluster_arn      = "arn:aws:eks:eu-central-1:123456789012:cluster/debates"
  create_spot_role = false
}

run "karpenter" {
  module {
    source = "./modules/karpenter"
  }

  assert {
    condition     = aws_eks_access_entry.node.type == "EC2_LINUX"
    error_message = "Its nodes may join."
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.interruptions) == 5 && length(aws_cloudwatch_event_target.interruptions) == 5
    error_message = "All five kinds of news reach the queue."
  }
  assert {
    condition     = aws_eks_pod_identity_association.controller.namespace == "kube-system" && aws_eks_pod_identity_association.controller.service_account == "karpenter"
    error_message = "The controller has its role where its chart puts it."
  }
  assert {
    condition     = length(aws_iam_service_linked_role.spot) == 0
    error_message = "The account's spot role is there in most accounts, and cannot be made twice."
  }
  assert {
    condition = alltrue([
      for statement in concat(data.aws_iam_policy_document.launch.statement, data.aws_iam_policy_document.rest.statement) : !anytrue([
        for action in statement.actions : strcontains(action, "*") || startswith(action, "iam:Create") || startswith(action, "iam:Add") || startswith(action, "iam:Delete")
      ])
    ])
    error_message = "It makes no roles and no profiles."
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.launch.statement : length(statement.condition) > 0 || statement.sid == "StartWith"])
    error_message = "Whatever it changes is marked as this cluster's."
  }
}

run "spot_role" {
  module {
    source = "./modules/karpenter"
  }
  variables {
    create_spot_role = true
  }

  assert {
    condition     = aws_iam_service_linked_role.spot[0].aws_service_name == "spot.amazonaws.com"
    error_message = "The role is made where it is asked for."
  }
}
