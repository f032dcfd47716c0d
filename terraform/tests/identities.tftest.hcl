# Which prefixes each role has. What the policies then allow is evaluated against a server (tests/terraform).

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name                   = "debates"
  account_id             = "123456789012"
  cluster_name           = "debates"
  cluster_arn            = "arn:aws:eks:eu-central-1:123456789012:cluster/debates"
  namespace              = "debates"
  job_namespaces         = []
  service_account_prefix = "debate"
  bucket_arn             = "arn:aws:s3:::store"
  source_bucket_arns     = []
  upload_queue_arn       = "arn:aws:sqs:eu-central-1:123456789012:uploads"
}

run "one_namespace" {
  module {
    source = "./modules/identities"
  }

  assert {
    condition     = { for key, association in aws_eks_pod_identity_association.this : association.service_account => association.namespace } == { for part in ["worker", "stats", "web", "models", "gateway"] : "debate-${part}" => "debates" }
    error_message = "Each part has a role but the operator, all in the release's namespace."
  }
  assert {
    condition     = output.service_accounts == { for part in ["operator", "worker", "stats", "web", "models", "gateway"] : part => "debate-${part}" }
    error_message = "Names are as the chart has them."
  }
  assert {
    condition     = [for statement in data.aws_iam_policy_document.rights["web"].statement : statement.sid] == ["Read", "List"] && data.aws_iam_policy_document.rights["web"].statement[0].resources == toset(["arn:aws:s3:::store/statistics/*"])
    error_message = "The page's pod reads statistics/ and nothing else."
  }
  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.rights["worker"].statement : contains(statement.resources, "arn:aws:s3:::store/models/*") && statement.sid != "Read"])
    error_message = "Workers cannot replace models."
  }
  assert {
    condition     = !anytrue(flatten([for part, document in data.aws_iam_policy_document.rights : [for statement in document.statement : contains(statement.resources, "*") || contains(statement.resources, "arn:aws:s3:::store/*")]]))
    error_message = "No right is on everything."
  }
  assert {
    condition     = { for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.variable => one(condition.values) } == { "aws:SourceAccount" = "123456789012", "aws:SourceArn" = "arn:aws:eks:eu-central-1:123456789012:cluster/debates" }
    error_message = "Roles are for this cluster's pods."
  }
}

run "several_namespaces_and_buckets" {
  module {
    source = "./modules/identities"
  }
  variables {
    job_namespaces     = ["team-a", "team-b"]
    source_bucket_arns = ["arn:aws:s3:::recordings"]
  }

  assert {
    condition     = toset([for association in aws_eks_pod_identity_association.this : association.namespace if association.service_account == "debate-worker"]) == toset(["team-a", "team-b"])
    error_message = "Workers have their role where DebateJobs are."
  }
  assert {
    condition     = length(aws_eks_pod_identity_association.this) == 6
    error_message = "The others are in the release's namespace."
  }
  assert {
    condition     = anytrue([for statement in data.aws_iam_policy_document.rights["worker"].statement : statement.resources == toset(["arn:aws:s3:::recordings/*"]) && statement.actions == toset(["s3:GetObject"])])
    error_message = "Workers may read the buckets that are named, and only read."
  }
  assert {
    condition     = length(data.aws_iam_policy_document.rights["stats"].statement) == 4
    error_message = "Nobody else may."
  }
}
