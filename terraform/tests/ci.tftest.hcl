mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name             = "debates"
  account_id       = "123456789012"
  repository       = "example/debates"
  ids              = null
  refs             = ["refs/heads/main", "refs/tags/v*"]
  plan             = false
  create_provider  = true
  repository_arns  = ["arn:aws:ecr:eu-central-1:123456789012:repository/debates/worker"]
  bucket_arn       = "arn:aws:s3:::store"
  served           = true
  distribution_arn = "arn:aws:cloudfront::123456789012:distribution/E1"
}

run "ci" {
  module {
    source = "./modules/ci"
  }

  assert {
    condition     = toset(one([for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.values if endswith(condition.variable, ":sub")])) == toset(["repo:example/debates:ref:refs/heads/main", "repo:example/debates:ref:refs/tags/v*"])
    error_message = "The branch main and releases of this repository, and no pull request."
  }
  assert {
    condition     = { for statement in data.aws_iam_policy_document.rights.statement : statement.sid => toset(statement.resources) if anytrue([for action in statement.actions : startswith(action, "s3:")]) } == { PutThePage = toset(["arn:aws:s3:::store/website/*"]), ListThePage = toset(["arn:aws:s3:::store"]), ReadTheState = toset(["arn:aws:s3:::debates-state-123456789012-*/debates.tfstate"]), FindTheState = toset(["arn:aws:s3:::debates-state-123456789012-*"]) }
    error_message = "It puts the page, reads where, and nothing else of the bucket."
  }
  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.rights.statement : contains(statement.resources, "*") && statement.actions != toset(["ecr:GetAuthorizationToken"])])
    error_message = "Logging in has no resource; all else has."
  }
  assert {
    condition     = aws_iam_role.this.max_session_duration == 3600
    error_message = "An hour, not more."
  }
}

run "of_a_repository_that_github_calls_by_its_ids" {
  module {
    source = "./modules/ci"
  }
  variables {
    ids  = { owner = 583231, repository = 1296269123 }
    plan = true
  }

  assert {
    condition     = toset(one([for condition in data.aws_iam_policy_document.trust.statement[0].condition : condition.values if endswith(condition.variable, ":sub")])) == toset(["repo:example@583231/debates@1296269123:ref:refs/heads/main", "repo:example@583231/debates@1296269123:ref:refs/tags/v*"])
    error_message = "That very repository, and none that is called so later."
  }
  assert {
    condition     = one([for condition in data.aws_iam_policy_document.plan_trust[0].statement[0].condition : condition.values if endswith(condition.variable, ":sub")]) == tolist(["repo:example@583231/debates@1296269123:pull_request"])
    error_message = "Its pull requests, too."
  }
}

run "known_provider_and_no_page" {
  module {
    source = "./modules/ci"
  }
  variables {
    create_provider  = false
    served           = false
    distribution_arn = null
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && one(data.aws_iam_policy_document.trust.statement[0].principals).identifiers == toset(["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"])
    error_message = "The account's provider is used."
  }
  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.rights.statement : statement.sid], "ShowItAtOnce")
    error_message = "Nothing to invalidate."
  }
}

run "pull_requests_plan" {
  module {
    source = "./modules/ci"
  }
  variables {
    plan = true
  }

  assert {
    condition     = one([for condition in data.aws_iam_policy_document.plan_trust[0].statement[0].condition : condition.values if endswith(condition.variable, ":sub")]) == tolist(["repo:example/debates:pull_request"])
    error_message = "Pull requests of this repository, and no push."
  }
  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.plan[0].statement : anytrue([for action in statement.actions : !can(regex("^[a-z0-9]+:(Get|List|Describe|View)", action))])])
    error_message = "It only looks."
  }
  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.plan[0].statement : tolist(statement.resources) if contains(statement.actions, "s3:GetObject")])) == toset(["arn:aws:s3:::debates-state-123456789012-*/debates.tfstate"])
    error_message = "Of all objects it reads the state alone."
  }
  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.plan[0].statement : contains(statement.actions, "secretsmanager:GetSecretValue")])
    error_message = "It knows of secrets, not what they are."
  }
}

run "pull_requests_do_not_plan" {
  module {
    source = "./modules/ci"
  }

  assert {
    condition     = length(aws_iam_role.plan) == 0 && output.plan_role_arn == null
    error_message = "Only where it is asked for."
  }
}
