"""Images of the nodes: Karpenter looks for one by its release and the cluster's Kubernetes, and else makes no node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from debate_aws.account import Account, AccountError, Denied, explained
from debate_aws.say import Say


def check(account: Account, kubernetes: str, objects: Sequence[Any], say: Say) -> None:
    """Whether there is Bottlerocket for it as the node classes pin it, with and without GPU.

    kubernetes: such as 1.35. objects: of charts/gpu-nodepool, whose schema wants bottlerocket@v1.2.3.
    Raises AccountError.
    """
    classes = [item for item in objects if item["kind"] == "EC2NodeClass"]
    aliases = {term["alias"] for item in classes for term in item["spec"]["amiSelectorTerms"]}
    for release in sorted(alias.partition("@v")[2] for alias in aliases):
        try:
            lacking = _lacking(account, [_name(kubernetes, kind, f"{release}/image_id") for kind in ("", "-nvidia")])
        except Denied as error:
            say("node image", f"Bottlerocket {release}: not looked for. {error.what}")
            continue
        if lacking:
            newest = _name(kubernetes, "-nvidia", "latest/image_version")
            raise AccountError(
                f"There is no Bottlerocket {release} for Kubernetes {kubernetes}: Karpenter would make no node.",
                "Set nodeClass.amiAlias to a release that has it (NODE_VALUES=nodes.yaml). The newest: "
                f"aws ssm get-parameter --region {account.region} --name {newest} --query Parameter.Value",
            )
        say("node image", f"Bottlerocket {release} for Kubernetes {kubernetes}")


def _lacking(account: Account, names: list[str]) -> list[str]:
    with explained("look for Bottlerocket's images"):
        lacking: list[str] = account.client("ssm").get_parameters(Names=names)["InvalidParameters"]
    return lacking


def _name(kubernetes: str, kind: str, what: str) -> str:
    """Of a public parameter, which AWS keeps in every region; Karpenter reads the same."""
    return f"/aws/service/bottlerocket/aws-k8s-{kubernetes}{kind}/x86_64/{what}"
