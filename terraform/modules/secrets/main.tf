# Places for secrets, empty: a value that Terraform knew would be in its state, for everyone to read who may plan.
#     aws secretsmanager put-secret-value --secret-id debate-analyzer/huggingface-token --secret-string hf_...

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV_AWS_149:encrypted with AWS's own key; one of KMS costs $1 a month
  #checkov:skip=CKV2_AWS_57:tokens of other services, which only their owner can make anew
  for_each = var.names

  name        = "${var.name}/${each.key}"
  description = local.meaning[each.key]
  # Gone at once: a secret that waits for its end keeps its name, and the next apply would fail. All three can be
  # made anew where they came from.
  recovery_window_in_days = 0
}

locals {
  meaning = {
    huggingface-token = "Token that may read pyannote's gated models on the Hugging Face hub"
    download-cookies  = "Cookies in Netscape format, for sites that want a login"
    callback-keys     = "Keys that callbacks of finished debates are signed with"
  }
}
