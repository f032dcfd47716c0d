# For others to rely on: private nodes, two system nodes, logs, alarms, delivery from GitHub; some $173 a month.
# Set what is yours beside it: alarm_emails, monthly_budget_usd, admin_principal_arns, api_cidrs,
# github_repository, domain and certificate_arn.

network_mode       = "nat_gateway"
zone_count         = 3
system_node_count  = 2
cluster_log_types  = ["api", "audit", "authenticator"]
log_retention_days = 90
container_logs     = true
cdn                = true
secrets            = ["huggingface-token", "download-cookies", "callback-keys"]
