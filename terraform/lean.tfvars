# The least that works: some $108 a month while nothing is done (EKS itself 73, the node 29, its address 4).
# The region is the one that `make bootstrap` keeps in installation.auto.tfvars, or -var region=eu-central-1.

network_mode      = "public"
system_node_count = 1
cluster_log_types = [] # who did what is then nowhere
cdn               = true
secrets           = ["huggingface-token"]
