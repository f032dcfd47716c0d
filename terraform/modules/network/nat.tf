# The way out of private subnets: a gateway, or a small machine that does the same for a tenth of the price. One for
# all zones: what crosses a zone costs $0.01 a GB, a second gateway $32.85 a month.

resource "aws_eip" "nat" {
  count = local.private ? 1 : 0

  domain = "vpc"
  tags   = { Name = "${var.name}-nat" }
}

resource "aws_nat_gateway" "this" {
  count = var.mode == "nat_gateway" ? 1 : 0

  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public[0].id
  tags          = { Name = var.name }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route" "nat_gateway" {
  count = var.mode == "nat_gateway" ? 1 : 0

  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[0].id
}

data "aws_ssm_parameter" "nat_image" {
  count = var.mode == "nat_instance" ? 1 : 0

  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

resource "aws_security_group" "nat" {
  count = var.mode == "nat_instance" ? 1 : 0

  name        = "${var.name}-nat"
  description = "NAT instance: anything from inside the VPC, to anywhere"
  vpc_id      = aws_vpc.this[0].id
  tags        = { Name = "${var.name}-nat" }
}

resource "aws_vpc_security_group_ingress_rule" "nat" {
  count = var.mode == "nat_instance" ? 1 : 0

  security_group_id = aws_security_group.nat[0].id
  description       = "From inside the VPC"
  cidr_ipv4         = var.cidr
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_egress_rule" "nat" {
  count = var.mode == "nat_instance" ? 1 : 0

  security_group_id = aws_security_group.nat[0].id
  description       = "To anywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_instance" "nat" {
  #checkov:skip=CKV2_AWS_41:it asks AWS for nothing
  #checkov:skip=CKV_AWS_88:its public address is what it is for
  #checkov:skip=CKV_AWS_126:detailed monitoring costs $2.10 a month, as much as the machine
  #checkov:skip=CKV_AWS_135:the smallest machines have it always
  count = var.mode == "nat_instance" ? 1 : 0

  ami                         = data.aws_ssm_parameter.nat_image[0].insecure_value
  instance_type               = "t4g.nano"
  subnet_id                   = aws_subnet.public[0].id
  vpc_security_group_ids      = [aws_security_group.nat[0].id]
  source_dest_check           = false # else AWS drops every packet that is not for the machine itself
  associate_public_ip_address = true  # it installs nftables before the fixed address is there
  user_data_replace_on_change = true
  user_data                   = <<-EOT
    #!/bin/sh
    set -eu
    # Its fixed address replaces the first one meanwhile, which breaks what is being downloaded.
    until dnf install -y nftables; do sleep 5; done
    echo 'net.ipv4.ip_forward = 1' >/etc/sysctl.d/90-nat.conf
    sysctl --system
    cat >/etc/sysconfig/nftables.conf <<'RULES'
    flush ruleset
    table ip nat {
      chain postrouting {
        type nat hook postrouting priority srcnat;
        ip saddr ${var.cidr} ip daddr != ${var.cidr} masquerade
      }
    }
    RULES
    systemctl enable --now nftables
  EOT
  tags                        = { Name = "${var.name}-nat" }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 8
    encrypted   = true
  }

  lifecycle {
    # A newer image is no reason to cut every node off. `terraform apply -replace` takes it.
    ignore_changes = [ami]
  }

  depends_on = [aws_route.public]
}

resource "aws_eip_association" "nat" {
  count = var.mode == "nat_instance" ? 1 : 0

  allocation_id = aws_eip.nat[0].id
  instance_id   = aws_instance.nat[0].id
}

resource "aws_route" "nat_instance" {
  count = var.mode == "nat_instance" ? 1 : 0

  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_instance.nat[0].primary_network_interface_id
}
