"""Pod Security `restricted`, and what we ask for beyond it, as a list of complaints about a PodSpec.

https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def complaints(pod: dict[str, Any]) -> list[str]:
    """Empty where the pod would be admitted and is as strict as ours are meant to be."""
    return [*_of_the_pod(pod), *(text for container in _containers(pod) for text in _of_a_container(pod, container))]


def _containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"], *pod.get("ephemeralContainers", [])]


def _of_the_pod(pod: dict[str, Any]) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            yield field
    for volume in pod.get("volumes", []):
        kinds = set(volume) - {"name"}
        if not kinds <= VOLUMES:
            yield f"volume {volume['name']} is a {', '.join(kinds)}"
        if "emptyDir" in kinds and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"volume {volume['name']} has no limit: it can fill the node's disk"
    if not pod.get("serviceAccountName"):
        yield "no service account: `default` may have rights"
    if "automountServiceAccountToken" not in pod:
        yield "it is not said whether it gets a token"
    if pod.get("enableServiceLinks") is not False:
        yield "variables of Services can be taken for our own"


def _of_a_container(pod: dict[str, Any], container: dict[str, Any]) -> Iterator[str]:
    of_pod, own = pod.get("securityContext", {}), container.get("securityContext", {})
    both = of_pod | own
    name = container["name"]
    if both.get("runAsNonRoot") is not True:
        yield f"{name}: may run as root"
    if not both.get("runAsUser"):
        yield f"{name}: no numeric user, so the kubelet cannot tell that it is not root"
    if both.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield f"{name}: no seccomp profile"
    if own.get("privileged"):
        yield f"{name}: privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield f"{name}: may escalate"
    if own.get("capabilities") != {"drop": ["ALL"]}:
        yield f"{name}: has capabilities"
    if own.get("readOnlyRootFilesystem") is not True:
        yield f"{name}: may write into its image"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield f"{name}: takes a port of the node"
    resources = container.get("resources") or {}
    if not {"cpu", "memory"} <= set(resources.get("requests", {})) or "memory" not in resources.get("limits", {}):
        yield f"{name}: no requests, or no limit of memory"
