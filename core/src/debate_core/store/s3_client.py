"""The boto3 client of the S3 store: where it gets its settings from, and why they are what they are."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from debate_core.store.errors import StoreAddressInvalid, StoreUnreachable
from debate_core.store.retry import RetryPolicy
from debate_core.store.s3_errors import store_error

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_OF_THE_NODE: Final = "iam-role"  # botocore's name for what the instance's metadata service gives


@dataclass(frozen=True, slots=True)
class S3Settings:
    """endpoint_url, region: None takes AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_REGION or AWS_DEFAULT_REGION,
    then the AWS profile. Credentials come from boto3's chain: variables, profile, pod identity.

    connect_timeout_s, read_timeout_s: seconds without an answer, or without a byte of one, that are a failure.
    """

    endpoint_url: str | None = None
    region: str | None = None
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)


class Connection(NamedTuple):
    """client: never retries by itself (`retry.py` says why); it may be used from several threads.

    as_node: it speaks as the machine that a pod runs on, whose role is nobody's identity here: the pod was admitted
    before its own credentials (Pod Identity) were to be had.
    """

    client: S3Client
    as_node: bool


def connect(settings: S3Settings, *, store: str) -> Connection:
    """Raises `StoreAddressInvalid` for an endpoint that is no URL, `StoreUnreachable` for a profile that is not there
    and for credentials that cannot be fetched now.
    """
    environ = os.environ
    endpoint = settings.endpoint_url or environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL") or None
    region = settings.region or environ.get("AWS_REGION") or None  # boto3 itself reads AWS_DEFAULT_REGION alone
    config = Config(
        signature_version="s3v4",  # presigned URLs would otherwise be of version 2 for some endpoints
        # Servers other than AWS's seldom have a host name for each bucket.
        s3={"addressing_style": "path"} if endpoint else {},
        connect_timeout=settings.connect_timeout_s,
        read_timeout=settings.read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    try:
        # A session of its own: boto3's default one is not safe to make clients from several threads.
        session = boto3.session.Session(region_name=region)
        as_node = _method_of_credentials(session, store) == _OF_THE_NODE and "KUBERNETES_SERVICE_HOST" in environ
        return Connection(session.client("s3", endpoint_url=endpoint, config=config), as_node)
    except BotoCoreError as error:
        raise store_error(error, store=store, key="") from error
    except ValueError as error:
        raise StoreAddressInvalid(f"The S3 endpoint {endpoint!a} is no URL: set AWS_ENDPOINT_URL.") from error


def _method_of_credentials(session: boto3.session.Session, store: str) -> str | None:
    """botocore's name of the way in which it found credentials, None where there are none (yet)."""
    try:
        found = session.get_credentials()
    except (OSError, KeyError, ValueError) as error:
        # botocore reads Pod Identity's token file, and the agent's answer, without looking whether they are whole.
        raise StoreUnreachable(
            f"The credentials for {store} cannot be fetched ({error!r}): check the pod identity, or run again."
        ) from error
    return found.method if found is not None else None
