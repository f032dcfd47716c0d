{{/* Names, labels, images and addresses. */}}

{{/* The start of all names: the release's name, and the project's where the release does not say it. */}}
{{- define "debate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "debate" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-debate-analyzer" (.Release.Name | trunc 24 | trimSuffix "-") -}}
{{- end -}}
{{- end }}

{{/* Names outside of namespaces. A colon, which no other name may have, keeps two releases apart whatever they are called. */}}
{{- define "debate.clusterName" -}}
{{- printf "debate-analyzer:%s:%s" .Release.Namespace .Release.Name -}}
{{- end }}

{{/* (root, component): what tells the pods of one component from all others. */}}
{{- define "debate.selectorLabels" -}}
app.kubernetes.io/name: debate-analyzer
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* (root, component) */}}
{{- define "debate.labels" -}}
{{ include "debate.selectorLabels" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The watched namespaces, as a JSON object {"list": [...]}, since a template can only return text. */}}
{{- define "debate.namespaces" -}}
{{- dict "list" (.Values.namespaces | default (list .Release.Namespace)) | toJson -}}
{{- end }}

{{/* (root, operator|worker|stats|web) */}}
{{- define "debate.serviceAccount" -}}
{{- $root := index . 0 -}}
{{- $account := index $root.Values.serviceAccounts (index . 1) -}}
{{- if $account.create -}}
{{- $account.name | default (printf "%s-%s" (include "debate.fullname" $root) (index . 1)) -}}
{{- else -}}
{{- required (printf "serviceAccounts.%s.name is missing: create is false, so name the account to use." (index . 1)) $account.name -}}
{{- end -}}
{{- end }}

{{/* (root, operator|workerCpu|workerGpu|web, suffix of the default tag) */}}
{{- define "debate.image" -}}
{{- $root := index . 0 -}}
{{- $image := index $root.Values.images (index . 1) -}}
{{- with $root.Values.images.registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest -}}
@{{ $image.digest }}
{{- else -}}
:{{ $image.tag | default (printf "%s%s" $root.Chart.AppVersion (index . 2)) }}
{{- end -}}
{{- end }}

{{- define "debate.storeUri" -}}
{{- required "store.uri is missing: say where debates are kept, such as --set store.uri=s3://my-bucket/debates" .Values.store.uri | trimSuffix "/" -}}
{{- end }}

{{- define "debate.modelsUri" -}}
{{- .Values.models.uri | default (printf "%s/models" (include "debate.storeUri" .)) -}}
{{- end }}
