"""As whom the store is asked: which credentials boto3 finds, and whether AWS takes them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from debate_operator.doctor.finding import Finding, not_checked, well, wrong
from debate_operator.settings import StoreSettings

_POD_IDENTITY: Final = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_KINDS: Final[Mapping[str, str]] = {
    "env": "keys in variables",
    "container-role": "Pod Identity",
    "assume-role-with-web-identity": "IRSA",
    "iam-role": "the role of the machine",
}
"""By botocore's names; any other is a profile of whoever asks."""

_ADMITTED_EARLY: Final = (
    "this pod was admitted before its Pod Identity association was made or the agent ran, or it has none: make the "
    "association of its service account (`aws eks list-pod-identity-associations --cluster-name NAME`), annotate the "
    "account (IRSA), or name a Secret (store.existingSecret); then delete the pod, so that it is admitted anew"
)


def in_pod(environ: Mapping[str, str] = os.environ) -> bool:
    return "KUBERNETES_SERVICE_HOST" in environ


def on_aws(store: StoreSettings, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the bucket is one of AWS: neither the settings nor boto3's own variables name another server."""
    elsewhere = store.endpoint_url or environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    return store.uri.startswith("s3://") and not elsewhere


def credentials(store: StoreSettings) -> Finding:
    """Which were found. Of AWS itself: whose they are, by STS, which everybody may ask."""
    import boto3
    from botocore.exceptions import BotoCoreError

    if not store.uri.startswith("s3://"):
        return well("credentials: a folder needs none")
    try:
        session = boto3.session.Session(region_name=store.region or os.environ.get("AWS_REGION"))
        found = session.get_credentials()
    except (BotoCoreError, OSError, KeyError, ValueError) as error:
        return wrong(
            f"credentials: they cannot be fetched ({error})",
            "see that the Pod Identity agent runs on this node (`kubectl -n kube-system get pods`), or run again"
            if _POD_IDENTITY in os.environ
            else "correct AWS_PROFILE and ~/.aws, or log in again",
        )
    if found is None or (in_pod() and found.method == "iam-role" and on_aws(store)):
        return _none(store, as_node=found is not None)
    kind = _KINDS.get(found.method, "a profile")
    if not on_aws(store):
        return well(f"credentials: {kind}{_whose()}")
    return _asked_of_sts(session, kind)


def _none(store: StoreSettings, *, as_node: bool) -> Finding:
    if not in_pod():
        return wrong("credentials: there are none", "log in (`aws sso login`), set AWS_PROFILE, or AWS_ACCESS_KEY_ID")
    instead = ", and the node's role, which answers instead, is nobody's here" if as_node else ""
    if not on_aws(store):
        return wrong(
            f"credentials: there are none{instead}",
            "name a Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in store.existingSecret",
        )
    return wrong(f"credentials: none; {_POD_IDENTITY} is not set{instead}", _ADMITTED_EARLY)


def _asked_of_sts(session: Any, kind: str) -> Finding:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    quick = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 1})
    try:
        arn = session.client("sts", config=quick).get_caller_identity()["Arn"]
    except ClientError as refusal:
        code = refusal.response.get("Error", {}).get("Code", "")
        return wrong(
            f"credentials: {kind}, which AWS does not accept ({code})",
            "log in again, or delete the pod, so that it gets new ones" if "Expired" in code else "correct the keys",
        )
    except (BotoCoreError, OSError) as error:
        return not_checked(
            f"credentials: {kind}{_whose()}; STS, which knows whose they are, is not reached ({type(error).__name__})",
            "nothing to do if the rights below are ok",
        )
    return well(f"credentials: {kind}, {arn}{_whose()}")


def _whose() -> str:
    return "" if in_pod() else "; yours, not the pods' (`helm test` asks as they)"
