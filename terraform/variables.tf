# All that can be set, each with the reason for its default and what it costs. Prices are those of us-east-1 in
# November 2026, a month has 730 hours. lean.tfvars and prod.tfvars are two sensible sets.

# --- The account

variable "region" {
  description = "AWS region of everything, such as eu-central-1. No default: it decides where people's words are kept. Costs: prices differ by some 20 %, and not every region has GPUs."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of an AWS region, such as eu-central-1."
  }
}

variable "name" {
  description = "Name of the cluster, and the beginning of all other names. Default debate-analyzer; another one is needed only for a second installation in the same account, in another region too: roles have no region. Costs nothing."
  type        = string
  default     = "debate-analyzer"

  validation {
    # EventBridge allows 64 characters for a rule, and the longest ending here takes 31; S3 allows neither capitals nor underscores.
    condition     = can(regex("^[a-z][a-z0-9-]{1,26}[a-z0-9]$", var.name))
    error_message = "name has 3 to 28 characters: lower-case letters, digits and hyphens, beginning with a letter and not ending in a hyphen."
  }
}

variable "tags" {
  description = "Tags on everything, beside debate-analyzer=<name>, by which leftovers are found. Default none. Costs nothing."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:") && key != "debate-analyzer"])
    error_message = "tags must not begin with aws:, which is reserved, and must not set debate-analyzer, which is set here."
  }
}

# --- Network

variable "network_mode" {
  description = <<-EOT
    How nodes reach the internet.
    public: nodes have public addresses, and no way in from outside. Default, because it is the cheapest: $3.65 a month for each running node.
    nat_instance: private nodes behind one t4g.nano: $3.07 + $3.65 + 0.64 for its disk, and nobody mends it but its own reboot.
    nat_gateway: private nodes behind one NAT gateway: $32.85 + $3.65, and $0.045 a GB of what is downloaded.
    existing: your own VPC (vpc_id, subnet_ids); costs what it costs.
  EOT
  type        = string
  default     = "public"

  validation {
    condition     = contains(["public", "nat_instance", "nat_gateway", "existing"], var.network_mode)
    error_message = "network_mode is one of public, nat_instance, nat_gateway, existing."
  }
}

variable "vpc_cidr" {
  description = "Addresses of the VPC made here. Default 10.42.0.0/16: every pod takes one, and 10.0.0.0/16 is what everybody else has, which hinders peering. Costs nothing."
  type        = string
  default     = "10.42.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(tonumber(split("/", var.vpc_cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.vpc_cidr)[1]), 99) <= 20
    error_message = "vpc_cidr is a network of /16 to /20, such as 10.42.0.0/16; S3 and pods share its addresses, and AWS allows none larger."
  }
}

variable "zone_count" {
  description = "Availability zones. Default 3, because GPUs that are sold out in one zone are often to be had in another. Costs nothing: a subnet is free, and everything that costs stands once."
  type        = number
  default     = 3

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count is 2 or 3: EKS wants two zones at least, and some regions have no more than three."
  }
}

variable "vpc_id" {
  description = "With network_mode existing: the VPC. Default null. Costs nothing."
  type        = string
  default     = null

  validation {
    condition     = (var.network_mode == "existing") == (var.vpc_id != null)
    error_message = "vpc_id belongs to network_mode = \"existing\": set both or neither."
  }
}

variable "subnet_ids" {
  description = "With network_mode existing: subnets of nodes and control plane, in two zones at least, with a way to the internet. Default none. Costs nothing."
  type        = list(string)
  default     = []

  validation {
    condition     = var.network_mode == "existing" ? length(distinct(var.subnet_ids)) >= 2 : length(var.subnet_ids) == 0
    error_message = "subnet_ids belongs to network_mode = \"existing\", and then names at least two subnets, in different zones."
  }
}

variable "route_table_ids" {
  description = "With network_mode existing: route tables of the subnets that get an S3 gateway endpoint. Default none, because a VPC that has one already refuses a second. Costs nothing, and without an endpoint images and models go through your NAT ($0.045 a GB)."
  type        = list(string)
  default     = []

  validation {
    condition     = var.network_mode == "existing" || length(var.route_table_ids) == 0
    error_message = "route_table_ids belongs to network_mode = \"existing\"; every other mode makes the S3 endpoint itself."
  }
}

# --- Cluster

variable "kubernetes_version" {
  description = "Version of Kubernetes. Default 1.35, the newest that Karpenter 1.14 and this chart are tested with. The control plane costs $73 a month, and $438 once a version is in extended support (14 months after its release): upgrade before."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version is 1.33 or newer, such as 1.35, without a patch version."
  }
}

variable "api_cidrs" {
  description = "Networks that may reach the API server. Default everyone, because who has no fixed address could not install otherwise; IAM still decides who gets in. []: from inside the VPC alone. Costs nothing."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = alltrue([for cidr in var.api_cidrs : can(cidrhost(cidr, 0))])
    error_message = "api_cidrs are networks such as 203.0.113.7/32."
  }
}

variable "admin_principal_arns" {
  description = "Roles and users that administer the cluster, beside whoever creates it (do not name that one). Default none. Costs nothing."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.admin_principal_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+$", arn))])
    error_message = "admin_principal_arns are ARNs of IAM roles or users, such as arn:aws:iam::123456789012:role/admin. Of an assumed role name the role, not the session."
  }
}

variable "cluster_log_types" {
  description = "What the control plane logs. Default audit and authenticator: who did what, who could not get in. Costs $0.50 a GB, some $1 a month for these two on a quiet cluster; []: nothing."
  type        = list(string)
  default     = ["audit", "authenticator"]

  validation {
    condition     = alltrue([for kind in var.cluster_log_types : contains(["api", "audit", "authenticator", "controllerManager", "scheduler"], kind)])
    error_message = "cluster_log_types are of api, audit, authenticator, controllerManager, scheduler."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept. Default 30: long enough to look into what a monthly bill shows. Costs $0.03 a GB and month."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096], var.log_retention_days)
    error_message = "log_retention_days is one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096: CloudWatch knows no others."
  }
}

variable "system_instance_types" {
  description = "Machines of the system nodes, where Karpenter, operator and page run. Default t3a.medium, the smallest that holds them (17 pods, 4 GiB); amd64, as the images are. Costs $27.45 a month each, and $1.60 for the disk."
  type        = list(string)
  default     = ["t3a.medium"]

  validation {
    condition     = length(var.system_instance_types) > 0 && !anytrue([for kind in var.system_instance_types : can(regex("^[a-z]+[0-9]+g[a-z]*\\.", kind))])
    error_message = "system_instance_types names at least one type, and none of Graviton (t4g, m7g, ...): the images are amd64."
  }
}

variable "system_node_count" {
  description = "System nodes. Default 1, because a job survives while its operator is away for the minutes that a new node takes. 2 keep the page up meanwhile and double the $29 a month."
  type        = number
  default     = 1

  validation {
    condition     = var.system_node_count >= 1 && var.system_node_count <= 10 && floor(var.system_node_count) == var.system_node_count
    error_message = "system_node_count is 1 to 10: without a system node Karpenter cannot run, and nothing else then."
  }
}

variable "addon_versions" {
  description = "Versions of EKS add-ons by name, such as {vpc-cni = \"v1.20.4-eksbuild.1\"}. Default EKS's own for the cluster's version when it is installed; it is then never changed by itself. Costs nothing."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.addon_versions) : contains(["vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "amazon-cloudwatch-observability"], name)])
    error_message = "addon_versions are of vpc-cni, kube-proxy, coredns, eks-pod-identity-agent, amazon-cloudwatch-observability."
  }
}

variable "create_spot_role" {
  description = "Make the account's role for spot instances (AWSServiceRoleForEC2Spot). Default false, because an account has it once and most have it already; without it no spot node starts. Costs nothing."
  type        = bool
  default     = false
}

# --- Who runs where in Kubernetes

variable "namespace" {
  description = "Namespace of the release. Default debates. Costs nothing."
  type        = string
  default     = "debates"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace is a name of Kubernetes: lower-case letters, digits and hyphens, 63 characters at most."
  }
}

variable "job_namespaces" {
  description = "Namespaces whose DebateJobs are worked on (the chart's namespaces). Default none, which is the release's own. Workers of each get the same rights on the store. Costs nothing."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for namespace in var.job_namespaces : can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", namespace))])
    error_message = "job_namespaces are names of Kubernetes: lower-case letters, digits and hyphens, 63 characters at most."
  }
}

variable "service_account_prefix" {
  description = "What service accounts begin with: <prefix>-worker and so on. Default debate, as the chart names them for a release called debate. Costs nothing."
  type        = string
  default     = "debate"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,39}$", var.service_account_prefix))
    error_message = "service_account_prefix has lower-case letters, digits and hyphens, 40 characters at most."
  }
}

# --- The store

variable "bucket_name" {
  description = "Name of the bucket. Default <name>-<account>-<region>, because names of buckets are unique over all accounts. Costs $0.023 a GB and month; an hour of debate takes about 0.1 GB without its picture."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name has 3 to 63 characters: lower-case letters, digits and hyphens. No dots, which break TLS."
  }
}

variable "bucket_force_destroy" {
  description = "Let terraform destroy delete the debates too. Default false, because they cannot be made again. Costs nothing."
  type        = bool
  default     = false
}

variable "old_version_days" {
  description = "Days that what was overwritten or deleted can be brought back. Default 30. Costs $0.023 a GB and month for what was deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.old_version_days >= 1
    error_message = "old_version_days is 1 or more."
  }
}

variable "upload_days" {
  description = "Days that an upload stays under uploads/. Default 7: the job copies it into its own place at once, and a week suffices to look into one that failed. Costs $0.023 a GB and month."
  type        = number
  default     = 7

  validation {
    condition     = var.upload_days >= 1
    error_message = "upload_days is 1 or more."
  }
}

variable "upload_origins" {
  description = "Origins whose pages may upload from a browser, such as [\"https://debates.example.org\"]. Default none: then no browser can. Costs nothing."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.upload_origins : can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "upload_origins are origins: scheme and host without a path, such as https://debates.example.org. * is refused, since any page could then use a link that leaked."
  }
}

variable "source_bucket_arns" {
  description = "Other buckets that debates may be read from (spec.source.object), as ARNs. Default none, so that who may create a DebateJob cannot read your other buckets. Costs nothing."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.source_bucket_arns : can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]+$", arn))])
    error_message = "source_bucket_arns are ARNs of buckets, such as arn:aws:s3:::my-recordings."
  }
}

variable "replica_bucket_arn" {
  description = "A bucket of this account, in another region and with versions, that gets a copy of what cannot be computed again, and of the models that it was made with: jobs/, manifest/, models/, people.json. Default null: versions bring back what was deleted, and S3 keeps three zones. Costs $0.0125 a GB and month there, $0.02 a GB once for the way, and $0.01 for 1,000 objects."
  type        = string
  default     = null

  validation {
    condition     = var.replica_bucket_arn == null || can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]+$", var.replica_bucket_arn))
    error_message = "replica_bucket_arn is the ARN of a bucket, such as arn:aws:s3:::debates-replica."
  }

  validation {
    condition     = var.replica_bucket_arn == null || !endswith(coalesce(var.replica_bucket_arn, "-"), ":::${coalesce(var.bucket_name, "-")}")
    error_message = "replica_bucket_arn is another bucket than bucket_name."
  }
}

# --- Images and secrets

variable "kept_images" {
  description = "Released images that each repository keeps; older ones go, and of main all but the newest two. Default 10, five releases of the workers. Costs $0.10 a GB and month: $0.90 for one release, at most $4.78 for ten images of each."
  type        = number
  default     = 10

  validation {
    condition     = var.kept_images >= 4
    error_message = "kept_images is 4 or more: the two worker images of the release that runs, and of the one before."
  }
}

variable "secrets" {
  description = "Secrets that are made, empty. Default the Hugging Face token alone, which pyannote's model needs; download-cookies and callback-keys where you use them. Values are set by hand and are never in Terraform's state. Costs $0.40 a month each."
  type        = set(string)
  default     = ["huggingface-token"]

  validation {
    condition     = length(setsubtract(var.secrets, ["huggingface-token", "download-cookies", "callback-keys"])) == 0
    error_message = "secrets are of huggingface-token, download-cookies, callback-keys."
  }
}

# --- What can be left out: the page by CloudFront

variable "cdn" {
  description = "Serve the page by CloudFront from the bucket, not by the cluster. Default true: free up to 1 TB a month, where a load balancer costs $16. What is published can be read by everyone; false where the page needs a password."
  type        = bool
  default     = true
}

variable "domain" {
  description = "Domain of the page, such as debates.example.org. Default null: CloudFront's own. Costs nothing here."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || (var.cdn && can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain)))
    error_message = "domain is a name such as debates.example.org, and needs cdn = true."
  }
}

variable "certificate_arn" {
  description = "Certificate of the domain in ACM, in us-east-1, where CloudFront looks for it whatever your region. Default null. Costs nothing."
  type        = string
  default     = null

  validation {
    condition     = (var.certificate_arn == null) == (var.domain == null)
    error_message = "domain and certificate_arn belong together: set both or neither."
  }

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "certificate_arn is a certificate of ACM in us-east-1: CloudFront takes no other."
  }
}

variable "zone_id" {
  description = "Hosted zone of Route 53 that gets the domain's records. Default null: you make them elsewhere. Costs nothing beside the zone's $0.50."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || var.domain != null
    error_message = "zone_id needs a domain, whose records it gets."
  }
}

# --- What can be left out: delivery from GitHub

variable "github_repository" {
  description = "Repository on GitHub, owner/name, whose workflows may push images and put the page. Default null: none may. Costs nothing."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository is owner/name, such as example/debate-analyzer, without a * that would let others in."
  }
}

variable "github_ids" {
  description = "GitHub's ids of the repository and its owner, {owner = 1, repository = 2}, which GitHub says beside the names of one that was made, renamed or transferred since July 2026. Default null, because older ones are called by their names alone. Costs nothing."
  type        = object({ owner = number, repository = number })
  default     = null

  validation {
    condition     = var.github_ids == null || try(alltrue([for id in values(var.github_ids) : id > 0 && floor(id) == id]), false)
    error_message = "github_ids are two whole numbers, as gh api repos/OWNER/NAME says them (docs/releasing.md)."
  }

  validation {
    condition     = var.github_ids == null || var.github_repository != null
    error_message = "github_ids need github_repository, whose ids they are."
  }
}

variable "github_refs" {
  description = "Refs whose workflows may. Default the branch main and tags that begin with v; a pull request never may. Costs nothing."
  type        = list(string)
  default     = ["refs/heads/main", "refs/tags/v*"]

  validation {
    condition     = length(var.github_refs) > 0 && alltrue([for ref in var.github_refs : can(regex("^refs/(heads|tags)/[A-Za-z0-9][A-Za-z0-9._/-]*\\*?$", ref))])
    error_message = "github_refs are refs such as refs/heads/main or refs/tags/v*; refs/heads/* would let every branch in."
  }
}

variable "github_plan" {
  description = "Let pull requests of the repository's own branches see what a change of terraform/ would do: a second role that reads how things are set up and Terraform's state, and no object of the bucket. Default false, because whoever may push a branch may then read both. Costs nothing."
  type        = bool
  default     = false

  validation {
    condition     = !var.github_plan || var.github_repository != null
    error_message = "github_plan needs github_repository, whose pull requests it is for."
  }
}

variable "create_github_provider" {
  description = "Make the account's OIDC provider for GitHub. Default true; false where it is there already, since an account has it once. Costs nothing."
  type        = bool
  default     = true
}

# --- What can be left out: alarms, budget, logs

variable "alarm_emails" {
  description = "Addresses that get the alarms; each must confirm a letter. Default none: then they are seen in CloudWatch alone. Costs nothing."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "alarm_emails are addresses such as ops@example.org."
  }
}

variable "alarms" {
  description = "Alarms beside the two of the uploads' queue, each explained in docs/alarms.md; one whose subject is not there is not made. Default all of them, because each says something that nobody sees otherwise, and costs less than what it finds. Costs $0.10 a month for each metric: pods-waiting 1, gpu-running 2, karpenter-silent 2, nat-failed 1, database-full 1; the first ten of an account are free."
  type        = set(string)
  default     = ["pods-waiting", "gpu-running", "karpenter-silent", "nat-failed", "database-full"]

  validation {
    condition     = length(setsubtract(var.alarms, ["pods-waiting", "gpu-running", "karpenter-silent", "nat-failed", "database-full"])) == 0
    error_message = "alarms are of pods-waiting, gpu-running, karpenter-silent, nat-failed, database-full."
  }
}

variable "gpu_alarm_hours" {
  description = "Hours on end after which the alarm gpu-running says that GPUs are being paid for. Default 12: twice the longest that one debate may take. Costs nothing; a g4dn.xlarge left alone costs $12.62 a day."
  type        = number
  default     = 12

  validation {
    condition     = var.gpu_alarm_hours >= 1 && var.gpu_alarm_hours <= 24 && floor(var.gpu_alarm_hours) == var.gpu_alarm_hours
    error_message = "gpu_alarm_hours is 1 to 24, in whole hours."
  }
}

variable "monthly_budget_usd" {
  description = "What the account may cost a month: a letter at 80 %, and when the forecast is above it. Stops nothing. Default null: no budget. Costs nothing (two budgets are free)."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || try(var.monthly_budget_usd > 0 && length(var.alarm_emails) > 0, false)
    error_message = "monthly_budget_usd is above 0, and needs alarm_emails: nobody would hear of it."
  }
}

variable "container_logs" {
  description = "Ship the logs of all containers to CloudWatch. Default false: kubectl logs shows them for a day after a job's end, and the debate's report is in the store. Costs $0.50 a GB and an agent's 0.5 GB of memory on every node."
  type        = bool
  default     = false
}

# --- What can be left out: a database

variable "database" {
  description = "Make a PostgreSQL database. Default false: nothing of the product needs one. Costs $11.68 (db.t4g.micro) and $2.30 for 20 GB a month."
  type        = bool
  default     = false
}

variable "database_version" {
  description = "Major version of PostgreSQL. Default 17. Costs nothing."
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^1[5-9]$", var.database_version))
    error_message = "database_version is a major version from 15 on, such as 17."
  }
}

variable "database_class" {
  description = "Machine of the database. Default db.t4g.micro, the smallest: $11.68 a month."
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.database_class))
    error_message = "database_class is a class of RDS, such as db.t4g.micro."
  }
}

variable "database_multi_az" {
  description = "A second machine in another zone that takes over within a minute or two. Default false. Doubles what the database costs."
  type        = bool
  default     = false
}

variable "database_protected" {
  description = "Let AWS refuse to delete the database. Default true: set it to false and apply before a destroy, which then makes no last snapshot, so make one by hand where you want it. It costs $0.095 a GB and month."
  type        = bool
  default     = true
}
