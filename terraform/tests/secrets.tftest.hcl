mock_provider "aws" {
  source = "./tests/mocks"
}

run "secrets" {
  module {
    source = "./modules/secrets"
  }
  variables {
    name  = "debates"
    names = ["huggingface-token", "download-cookies", "callback-keys"]
  }

  assert {
    condition     = output.names["callback-keys"] == "debates/callback-keys" && length(output.names) == 3
    error_message = "Each has its place."
  }
  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.recovery_window_in_days == 0 && length(secret.description) > 0])
    error_message = "A destroyed secret's name is free at once."
  }
}

run "none" {
  module {
    source = "./modules/secrets"
  }
  variables {
    name  = "debates"
    names = []
  }

  assert {
    condition     = length(aws_secretsmanager_secret.this) == 0
    error_message = "None is paid for that was not asked for."
  }
}
