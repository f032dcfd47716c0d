output "vpc_id" {
  description = "The VPC."
  value       = local.made ? aws_vpc.this[0].id : var.vpc_id
}

output "nat_instance_id" {
  description = "The machine that is the way out; null where there is none."
  value       = one(aws_instance.nat[*].id)
}

output "node_subnet_ids" {
  description = "Subnets of nodes, control plane and database. Known only when nodes in them have their way out, so that no node starts without."
  value       = local.made ? (local.private ? aws_subnet.private[*].id : aws_subnet.public[*].id) : var.subnet_ids

  depends_on = [
    aws_route.public, aws_route_table_association.public, aws_route_table_association.private,
    aws_route.nat_gateway, aws_route.nat_instance, aws_eip_association.nat, aws_vpc_endpoint.s3,
  ]
}
