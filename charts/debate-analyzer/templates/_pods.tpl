{{/* What every pod of ours has in common. All pass Pod Security `restricted`. */}}

{{/* Of a pod. The number is the images' user `debate`, which has a passwd entry and a home. */}}
{{- define "debate.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Of a container. */}}
{{- define "debate.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* (root, service account, {nodeSelector, tolerations}): the first lines of a pod's spec. */}}
{{- define "debate.pod" -}}
{{- $root := index . 0 -}}
serviceAccountName: {{ include "debate.serviceAccount" . | quote }}
automountServiceAccountToken: {{ eq (index . 1) "operator" }}
# A Service `debate` would give every pod DEBATE_PORT, which our programs read as an option.
enableServiceLinks: false
securityContext:
  {{- include "debate.podSecurityContext" $root | nindent 2 }}
{{- with $root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with (index . 2).nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with (index . 2).tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The store's variables, as the operator sets them in workers. */}}
{{- define "debate.storeEnv" -}}
- name: DEBATE_STORE
  value: {{ include "debate.storeUri" . | quote }}
{{- with .Values.store.endpointUrl }}
- name: AWS_ENDPOINT_URL_S3
  value: {{ . | quote }}
{{- end }}
{{- with .Values.store.region }}
- name: AWS_REGION
  value: {{ . | quote }}
{{- end }}
{{- with .Values.store.existingSecret }}
{{- range $key := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ $key }}
  valueFrom:
    secretKeyRef: {name: {{ $.Values.store.existingSecret | quote }}, key: {{ $key }}}
{{- end }}
{{- end }}
{{- end }}
