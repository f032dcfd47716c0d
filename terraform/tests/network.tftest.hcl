mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name            = "debates"
  region          = "eu-central-1"
  cidr            = "10.42.0.0/16"
  zone_count      = 3
  vpc_id          = null
  subnet_ids      = []
  route_table_ids = []
}

run "public" {
  module {
    source = "./modules/network"
  }
  variables {
    mode = "public"
  }

  assert {
    condition     = length(aws_subnet.public) == 3 && alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch])
    error_message = "Nodes have no other way out than an address of their own."
  }
  assert {
    condition     = output.node_subnet_ids == tolist(aws_subnet.public[*].id)
    error_message = "Nodes are in the public subnets."
  }
  assert {
    condition     = length(aws_eip.nat) + length(aws_nat_gateway.this) + length(aws_instance.nat) + length(aws_subnet.private) == 0
    error_message = "Nothing is paid for that is not used."
  }
  assert {
    condition     = length(distinct(aws_subnet.public[*].availability_zone)) == 3
    error_message = "Each subnet is in its own zone."
  }
  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.s3[0].service_name == "com.amazonaws.eu-central-1.s3"
    error_message = "S3 is reached by the endpoint that is free."
  }
  assert {
    condition     = length(aws_default_security_group.this[0].ingress) + length(aws_default_security_group.this[0].egress) == 0
    error_message = "The default group lets nothing through."
  }
}

run "nat_gateway" {
  module {
    source = "./modules/network"
  }
  variables {
    mode = "nat_gateway"
  }

  assert {
    condition     = output.node_subnet_ids == tolist(aws_subnet.private[*].id) && length(aws_subnet.private) == 3
    error_message = "Nodes are in the private subnets."
  }
  assert {
    condition     = !anytrue([for subnet in concat(aws_subnet.public, aws_subnet.private) : subnet.map_public_ip_on_launch == true])
    error_message = "Nothing gets a public address by itself."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_eip.nat) == 1 && length(aws_instance.nat) == 0
    error_message = "One gateway, for all zones."
  }
  assert {
    condition     = aws_route.nat_gateway[0].nat_gateway_id == aws_nat_gateway.this[0].id
    error_message = "The private subnets' way out is the gateway."
  }
  assert {
    condition     = toset(aws_vpc_endpoint.s3[0].route_table_ids) == toset([aws_route_table.public[0].id, aws_route_table.private[0].id])
    error_message = "S3 does not go through the gateway."
  }
  assert {
    condition     = length(distinct(concat(aws_subnet.public[*].cidr_block, aws_subnet.private[*].cidr_block))) == 6
    error_message = "No two subnets share addresses."
  }
}

run "nat_instance" {
  module {
    source = "./modules/network"
  }
  variables {
    mode       = "nat_instance"
    zone_count = 2
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && aws_instance.nat[0].source_dest_check == false
    error_message = "The instance forwards what is not for itself."
  }
  assert {
    condition     = aws_instance.nat[0].metadata_options[0].http_tokens == "required"
    error_message = "Its metadata service wants a token."
  }
  assert {
    condition     = aws_route.nat_instance[0].network_interface_id == aws_instance.nat[0].primary_network_interface_id
    error_message = "The private subnets' way out is the instance."
  }
  assert {
    condition     = startswith(aws_instance.nat[0].user_data, "#!/bin/sh") && strcontains(aws_instance.nat[0].user_data, "\nRULES\n") && strcontains(aws_instance.nat[0].user_data, "ip saddr 10.42.0.0/16")
    error_message = "The script begins in the first column, and translates what comes from the VPC."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.nat[0].cidr_ipv4 == "10.42.0.0/16"
    error_message = "Only the VPC reaches it."
  }
  assert {
    condition     = length(aws_subnet.private) == 2
    error_message = "zone_count counts."
  }
}

run "existing" {
  module {
    source = "./modules/network"
  }
  variables {
    mode       = "existing"
    vpc_id     = "vpc-1"
    subnet_ids = ["subnet-1", "subnet-2"]
  }

  assert {
    condition     = output.vpc_id == "vpc-1" && output.node_subnet_ids == tolist(["subnet-1", "subnet-2"])
    error_message = "What is given is used."
  }
  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.public) + length(aws_internet_gateway.this) + length(aws_vpc_endpoint.s3) + length(aws_route_table.public) == 0
    error_message = "Nothing is made in a VPC of somebody else."
  }
}

run "existing_with_endpoint" {
  module {
    source = "./modules/network"
  }
  variables {
    mode            = "existing"
    vpc_id          = "vpc-1"
    subnet_ids      = ["subnet-1", "subnet-2"]
    route_table_ids = ["rtb-1"]
  }

  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_id == "vpc-1" && aws_vpc_endpoint.s3[0].route_table_ids == toset(["rtb-1"])
    error_message = "The endpoint is made where it was asked for."
  }
}

run "too_few_zones" {
  command = plan
  module {
    source = "./modules/network"
  }
  variables {
    mode = "public"
  }
  override_data {
    target = data.aws_availability_zones.usable[0]
    values = {
      names = ["us-west-1a", "us-west-1c"]
    }
  }

  expect_failures = [data.aws_availability_zones.usable]
}
