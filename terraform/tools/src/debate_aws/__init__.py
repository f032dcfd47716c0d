"""The AWS account around Terraform: preflight, cost, install, smoke, destroy."""
