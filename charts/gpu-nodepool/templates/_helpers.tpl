{{/* Of every object. */}}
{{- define "nodepool.labels" -}}
app.kubernetes.io/name: gpu-nodepool
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end }}

{{/* (root, name of the node class) */}}
{{- define "nodepool.classRef" -}}
{{- with (index . 0).Values.nodeClassRef -}}
{{ toJson . }}
{{- else -}}
{{ dict "group" "karpenter.k8s.aws" "kind" "EC2NodeClass" "name" (index . 1) | toJson }}
{{- end }}
{{- end }}

{{/* A node goes when it is empty and at no other time: drift and consolidation would end a job that runs. */}}
{{- define "nodepool.disruption" -}}
consolidationPolicy: WhenEmpty
consolidateAfter: {{ .consolidateAfter }}
budgets:
  - {nodes: "100%", reasons: [Empty]}
  - {nodes: "0", reasons: [Drifted, Underutilized]}
{{- end }}
