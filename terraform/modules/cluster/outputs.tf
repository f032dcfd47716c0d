output "name" {
  description = "The cluster. Known when pods in it can get their roles."
  value       = aws_eks_cluster.this.name

  depends_on = [aws_eks_addon.before_nodes]
}

output "arn" {
  description = "Its ARN."
  value       = aws_eks_cluster.this.arn
}

output "security_group_id" {
  description = "The group of control plane and all nodes."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}
