"""Whether AWS lets this account have a GPU at all: new accounts may have none, on demand and spot counted apart."""

from __future__ import annotations

import os
from typing import Any, Final

from debate_operator.doctor.finding import Finding, not_checked, well, wrong
from debate_operator.doctor.identity import on_aws
from debate_operator.settings import Settings

QUOTAS: Final = {"on demand": "L-DB2E81BA", "spot": "L-3819A6DF"}
"""`Running On-Demand G and VT instances`, `All G and VT Spot Instance Requests`: vCPUs at a time, in a region."""

SMALLEST: Final = 4
"""vCPUs of the smallest instance with a whole GPU (g4dn.xlarge)."""

_ASK: Final = "`make -C terraform preflight` checks it with your own credentials"


def quota(settings: Settings) -> Finding:
    """By whatever credentials there are."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    if not settings.gpu.resource:
        return well("GPU quota: gpu.resource is null, so no GPU is asked for")
    if not on_aws(settings.store):
        return not_checked("GPU quota: this store is not of AWS, so the nodes may not be either", _ASK)
    region = settings.store.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        return not_checked("GPU quota: the region is not known", "set store.region in the values, or AWS_REGION")
    quick = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    try:
        client = boto3.session.Session(region_name=region).client("service-quotas", config=quick)
        vcpus = {kind: _value(client, code) for kind, code in QUOTAS.items()}
    except ClientError as refusal:
        code = refusal.response.get("Error", {}).get("Code", "")
        return not_checked(f"GPU quota: this identity may not read it ({code})", _ASK)
    except (BotoCoreError, OSError, ValueError) as error:
        return not_checked(f"GPU quota: Service Quotas is not reached ({type(error).__name__})", _ASK)
    return judged(vcpus, region)


def _value(client: Any, code: str) -> float:
    return float(client.get_service_quota(ServiceCode="ec2", QuotaCode=code)["Quota"]["Value"])


def judged(vcpus: dict[str, float], region: str) -> Finding:
    """vcpus: by kind, as in QUOTAS. One kind is enough: which the NodePool uses, it says itself."""
    said = ", ".join(f"{value:g} vCPUs {kind}" for kind, value in vcpus.items())
    if max(vcpus.values()) < SMALLEST:
        codes = " and ".join(f"{code} ({kind})" for kind, code in QUOTAS.items())
        return wrong(
            f"GPU quota: {said} in {region}; the smallest GPU instance has {SMALLEST}",
            f"ask AWS for more: Service Quotas, Amazon EC2, {codes}; it takes hours to days",
        )
    lacking = [kind for kind, value in vcpus.items() if value < SMALLEST]
    return well(f"GPU quota: {said} in {region}" + (f": no node comes {lacking[0]}" if lacking else ""))
