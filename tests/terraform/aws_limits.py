"""What moto 5.2 lacks for preflight: quotas of EC2, their defaults, and the versions that EKS offers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import moto.eks.urls as eks_urls
from moto.core.responses import ActionResult
from moto.eks.responses import EKSResponse
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend
from moto.servicequotas.responses import ServiceQuotasResponse

# What an account that runs this has: G machines spot and on-demand, others spot and on-demand, fixed addresses.
ENOUGH = {"L-3819A6DF": 16, "L-DB2E81BA": 16, "L-34B43A08": 64, "L-1216C47A": 64, "L-0263D0A3": 5, "L-F678F1CE": 5}
DEFAULTS = dict.fromkeys(ENOUGH, 0) | {"L-1216C47A": 5, "L-34B43A08": 5, "L-0263D0A3": 5, "L-F678F1CE": 5}

# Code -> value; a quota that is not in it was never changed for this account.
quotas: dict[str, float] = {}
# Version -> what EKS says of it.
versions: dict[str, dict[str, Any]] = {}


def reset() -> None:
    """A good account, in November 2026."""
    quotas.clear()
    quotas.update(ENOUGH)
    versions.clear()
    supported = {"status": "STANDARD_SUPPORT", "versionStatus": "standard-support"}
    versions["1.35"] = {**supported, "endOfStandardSupportDate": datetime(2099, 3, 27, tzinfo=UTC)}
    versions["1.33"] = {"status": "EXTENDED_SUPPORT", "versionStatus": "extended-support"}


@cache
def add_to_moto() -> None:
    def get_service_quota(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, Any]:
        if quota_code not in quotas:
            raise NoSuchResource
        return {"ServiceCode": service_code, "QuotaCode": quota_code, "Value": quotas[quota_code]}

    def default_quota(request: ServiceQuotasResponse) -> str:
        code = json.loads(request.body)["QuotaCode"]
        return json.dumps({"Quota": {"QuotaCode": code, "Value": DEFAULTS[code]}})

    def describe_cluster_versions(request: EKSResponse) -> ActionResult:
        asked = request.querystring.get("clusterVersions", list(versions))
        return ActionResult(
            {"clusterVersions": [{"clusterVersion": one, **versions[one]} for one in asked if one in versions]}
        )

    ServiceQuotasBackend.get_service_quota = get_service_quota
    ServiceQuotasResponse.get_aws_default_service_quota = default_quota
    EKSResponse.describe_cluster_versions = describe_cluster_versions
    eks_urls.url_paths["{0}/cluster-versions$"] = eks_urls.response.dispatch
