output "instance_profile" {
  description = "Instance profile of the nodes, for the EC2NodeClass. Known when such nodes can join."
  value       = aws_iam_instance_profile.node.name

  depends_on = [aws_eks_access_entry.node, aws_iam_role_policy_attachment.node]
}

output "queue_name" {
  description = "Queue of interruptions, for Karpenter's settings."
  value       = aws_sqs_queue.interruptions.name
}

output "service_account" {
  description = "Service account that has the controller's role."
  value       = local.service_account
}

output "namespace" {
  description = "Its namespace."
  value       = local.namespace
}
