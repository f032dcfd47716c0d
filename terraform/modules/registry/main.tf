# Where the images are. Only the nodes pull from it, only CI and administrators push.

resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_136:encrypted with S3's own key; the images hold no secret
  for_each = toset(["operator", "worker", "web"])

  name = "${var.name}/${each.key}"
  # A tag always means the same image, so that a node that has it need not ask.
  image_tag_mutability = "IMMUTABLE"
  # Images are built again from the source; with them in it a destroy would stop half-way.
  force_delete = true

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = aws_ecr_repository.this

  repository = each.value.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "What no tag names any more"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      },
      # Releases (0.1.0, 0.1.0-gpu) and commits of main (main-<commit>) each have a number of their own: else a busy week
      # on main would push out the release that runs. Tagged alone: the parts of an image, which are its list, its layers
      # for amd64 and its SBOM, would count as three.
      {
        rulePriority = 2
        description  = "All but the newest releases"
        selection    = { tagStatus = "tagged", tagPatternList = ["*.*.*"], countType = "imageCountMoreThan", countNumber = var.kept_images }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "All but the newest two of main"
        selection    = { tagStatus = "tagged", tagPatternList = ["main-*"], countType = "imageCountMoreThan", countNumber = 4 }
        action       = { type = "expire" }
      },
    ]
  })
}
