mock_provider "aws" {
  source = "./tests/mocks"
}

run "registry" {
  module {
    source = "./modules/registry"
  }
  variables {
    name        = "debates"
    kept_images = 6
  }

  assert {
    condition     = output.repositories == { operator = "debates/operator", worker = "debates/worker", web = "debates/web" }
    error_message = "One repository for each image."
  }
  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push])
    error_message = "A tag means one image, and each is looked at."
  }
  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this["worker"].policy).rules[1].selection.countNumber == 6
    error_message = "kept_images counts."
  }
  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["worker"].policy).rules : try(rule.selection.tagPatternList, [])] == [[], ["*.*.*"], ["main-*"]]
    error_message = "Commits of main push out no release, and the parts of an image do not count."
  }
}
