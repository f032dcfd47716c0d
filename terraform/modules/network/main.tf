# The VPC, or yours. Whatever the mode, S3 is reached by a gateway endpoint, which is free: images (whose layers ECR
# keeps in S3), models and debates do not pay for a NAT.

locals {
  made    = var.mode != "existing"
  private = contains(["nat_instance", "nat_gateway"], var.mode)
  zones   = local.made ? slice(data.aws_availability_zones.usable[0].names, 0, var.zone_count) : []
}

data "aws_availability_zones" "usable" {
  #checkov:skip=CKV_AWS_394:the first two or three are taken, so that a new zone changes nothing
  count = local.made ? 1 : 0

  # No local zones; and not the three zones where EKS has no control plane.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
  exclude_zone_ids = ["use1-az3", "usw1-az2", "cac1-az3"]

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.zone_count
      error_message = "${var.region} has fewer than ${var.zone_count} zones that EKS can use: set zone_count = 2, or take another region."
    }
  }
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:flow logs cost $0.50 a GB, and workers download a lot
  count = local.made ? 1 : 0

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# The group that AWS makes with every VPC lets all its members talk; without rules nobody can use it by accident.
resource "aws_default_security_group" "this" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-unused" }
}

resource "aws_internet_gateway" "this" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = { Name = var.name }
}

# The first half of the addresses is for nodes and their pods, whichever kind of subnet they are in; the NAT needs few.
resource "aws_subnet" "public" {
  count = length(local.zones)

  vpc_id                  = aws_vpc.this[0].id
  availability_zone       = local.zones[count.index]
  cidr_block              = cidrsubnet(var.cidr, 4, local.private ? 8 + count.index : count.index)
  map_public_ip_on_launch = !local.private
  tags = {
    Name                     = "${var.name}-public-${local.zones[count.index]}"
    "kubernetes.io/role/elb" = "1"
  }
}

resource "aws_subnet" "private" {
  count = local.private ? length(local.zones) : 0

  vpc_id            = aws_vpc.this[0].id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.cidr, 4, count.index)
  tags = {
    Name                              = "${var.name}-private-${local.zones[count.index]}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

resource "aws_route_table" "public" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-public" }
}

resource "aws_route" "public" {
  count = local.made ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  count = length(aws_subnet.public)

  route_table_id = aws_route_table.public[0].id
  subnet_id      = aws_subnet.public[count.index].id
}

resource "aws_route_table" "private" {
  count = local.private ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  count = length(aws_subnet.private)

  route_table_id = aws_route_table.private[0].id
  subnet_id      = aws_subnet.private[count.index].id
}

resource "aws_vpc_endpoint" "s3" {
  count = local.made || length(var.route_table_ids) > 0 ? 1 : 0

  vpc_id            = local.made ? aws_vpc.this[0].id : var.vpc_id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = local.made ? concat(aws_route_table.public[*].id, aws_route_table.private[*].id) : var.route_table_ids
  tags              = { Name = "${var.name}-s3" }
}
