"""The cluster that Terraform made: is it there, does its API answer, and is it this one that kubectl would reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws.account import Account, AccountError, error_code, explained
from debate_aws.programs import AWS, Kube, ProgramFailed

KUBECONFIG: Final = ".kubeconfig"
"""In terraform/: a file of its own, so that nobody's current context changes."""


def describe(account: Account, name: str) -> dict[str, Any] | None:
    """What EKS says of the cluster; None where there is none. Raises AccountError."""
    with explained(f"look at the cluster {name}"):
        try:
            found: dict[str, Any] = account.client("eks").describe_cluster(name=name)["cluster"]
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise
    return found


def active(account: Account, name: str) -> dict[str, Any]:
    """As `describe`. Raises AccountError where it is not there or not ready."""
    found = describe(account, name)
    if found is None:
        raise AccountError(
            f"There is no cluster {name} in {account.region} for these credentials.",
            "Is AWS_PROFILE the account of the last apply? Else: terraform -chdir=terraform apply -var-file=...",
        )
    if found["status"] != "ACTIVE":
        raise AccountError(f"The cluster {name} is {found['status']}.", "Wait until it is ACTIVE, and run this again.")
    return found


def kube(account: Account, name: str, kubeconfig: Path) -> Kube:
    """Writes the cluster into that file, which nobody else can read. Raises AccountError."""
    kubeconfig.parent.mkdir(parents=True, exist_ok=True)
    kubeconfig.touch(mode=0o600)
    AWS.run("eks", "update-kubeconfig", "--region", account.region, "--name", name, "--kubeconfig", str(kubeconfig))
    return Kube(kubeconfig)


def server_version(kube: Kube, cluster: dict[str, Any]) -> str:
    """The version that its API answers. Raises AccountError where it does not, or is another cluster's."""
    server = kube.kubectl("config", "view", "--minify", "--output=jsonpath={.clusters[0].cluster.server}").strip()
    if server.rstrip("/").lower() != cluster["endpoint"].rstrip("/").lower():
        raise AccountError(
            f"{kube.kubeconfig} leads to {server}, and the cluster {cluster['name']} is at {cluster['endpoint']}.",
            "Give --kubeconfig another file, or leave it out.",
        )
    try:
        return kube.version()
    except ProgramFailed as error:
        raise AccountError(
            f"The cluster's API does not answer:\n{error.said}",
            "Is your address among api_cidrs? Are you among admin_principal_arns (or the one who applied)?",
        ) from error


def associations(account: Account, name: str) -> set[tuple[str, str]]:
    """(namespace, service account) of all that have a role by Pod Identity. Raises AccountError."""
    with explained(f"list the Pod Identity associations of {name}"):
        pages = account.client("eks").get_paginator("list_pod_identity_associations").paginate(clusterName=name)
        return {(one["namespace"], one["serviceAccount"]) for page in pages for one in page["associations"]}


def check_associations(account: Account, name: str, wanted: set[tuple[str, str]]) -> None:
    """A pod that starts without its role never gets it, so this comes before any. Raises AccountError."""
    missing = sorted(wanted - associations(account, name))
    if missing:
        listed = ", ".join("/".join(one) for one in missing)
        raise AccountError(
            f"These service accounts have no role in {name} (Pod Identity): {listed}.",
            "They come of Terraform's variables namespace, job_namespaces and service_account_prefix: "
            "set these, apply, and run this again.",
        )
