mock_provider "aws" {
  source = "./tests/mocks"
}

run "bootstrap" {
  module {
    source = "./bootstrap"
  }
  variables {
    region = "eu-central-1"
    name   = "debates"
  }

  assert {
    condition     = aws_s3_bucket.state.bucket == "debates-state-123456789012-eu-central-1"
    error_message = "One bucket for each installation."
  }
  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled" && aws_s3_bucket_public_access_block.state.restrict_public_buckets
    error_message = "The state before is kept, and nobody else reads it."
  }
  assert {
    condition     = strcontains(output.backend, "key    = \"debates.tfstate\"") && strcontains(output.backend, "region = \"eu-central-1\"")
    error_message = "The backend is told where the state is."
  }
}
