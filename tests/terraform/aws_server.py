"""AWS as the Terraform test meets it: moto's server, and the parts of EKS and SQS that moto 5.2 lacks.

What is added keeps what it is given and gives it back, as the provider expects after each change; it decides nothing.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")  # else the policies of AWS itself are not there

import moto.eks.urls as eks_urls
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks.exceptions import ResourceNotFoundException
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import moto_api_backend
from moto.server import ThreadedMotoServer
from moto.sqs.models import SQSBackend
from moto.ssm.models import Parameter, ssm_backends

Item = dict[str, Any]
Action = Callable[[EKSResponse], ActionResult]

REDRIVE_ALLOW = "RedriveAllowPolicy"


def param(request: EKSResponse, name: str) -> Any:
    """A parameter of the path, the query or the body."""
    value = request._get_param(name)
    return unquote(value) if isinstance(value, str) else value


def cluster_of(request: EKSResponse) -> str:
    return str(param(request, "clusterName") or param(request, "name"))


def arn(request: EKSResponse, kind: str, *path: str) -> str:
    return f"arn:aws:eks:{request.region}:{request.current_account}:{kind}/{'/'.join(path)}"


class Kind:
    """One kind of thing of a cluster, such as add-ons: kept by cluster and by its own key."""

    def __init__(self, name: str, plural: str, key: str, make: Callable[[EKSResponse], Item]) -> None:
        self._name, self._plural, self._key, self._make = name, plural, key, make
        self._items: dict[tuple[str, str], Item] = {}

    def forget(self) -> None:
        self._items.clear()

    def create(self, request: EKSResponse) -> ActionResult:
        return ActionResult({self._name: self.keep(request, self._make(request))})

    def keep(self, request: EKSResponse, made: Item) -> Item:
        now = datetime.now(UTC)
        tags = param(request, "tags") or {}
        item = {"clusterName": cluster_of(request), "createdAt": now, "modifiedAt": now, "tags": tags} | made
        self._items[cluster_of(request), item[self._key]] = item
        return item

    def describe(self, request: EKSResponse) -> ActionResult:
        return ActionResult({self._name: self._find(request)})

    def delete(self, request: EKSResponse) -> ActionResult:
        item = self._find(request)
        del self._items[cluster_of(request), item[self._key]]
        return ActionResult({self._name: item})

    def list(self, request: EKSResponse) -> ActionResult:
        mine = [item for (cluster, _), item in self._items.items() if cluster == cluster_of(request)]
        whole = self._plural == "associations"  # the others are listed by their key alone
        return ActionResult({self._plural: mine if whole else [item[self._key] for item in mine]})

    def _find(self, request: EKSResponse) -> Item:
        found = self._items.get((cluster_of(request), param(request, self._key)))
        if found is None:
            raise ResourceNotFoundException(message=f"No {self._name} {param(request, self._key)}")
        return found


def addon(request: EKSResponse) -> Item:
    name = param(request, "addonName")
    # EKS makes an association of each, in the add-on's own namespace; the provider asks for it by its id.
    identities = [
        ASSOCIATIONS.keep(
            request, new_association(request, f"{name}-namespace", given["serviceAccount"], given["roleArn"])
        )
        for given in param(request, "podIdentityAssociations") or []
    ]
    return {
        "addonName": name,
        "addonArn": arn(request, "addon", cluster_of(request), name, str(uuid.uuid4())),
        "addonVersion": param(request, "addonVersion") or "v1.0.0-eksbuild.1",
        "configurationValues": param(request, "configurationValues"),
        "podIdentityAssociations": [identity["associationArn"] for identity in identities],
        "status": "ACTIVE",
        "health": {"issues": []},
    }


def access_entry(request: EKSResponse) -> Item:
    principal = param(request, "principalArn")
    return {
        "principalArn": principal,
        "accessEntryArn": arn(request, "access-entry", cluster_of(request), str(uuid.uuid4())),
        "kubernetesGroups": param(request, "kubernetesGroups") or [],
        "username": param(request, "username") or principal,
        "type": param(request, "type") or "STANDARD",
    }


def association(request: EKSResponse) -> Item:
    return new_association(request, *(param(request, name) for name in ("namespace", "serviceAccount", "roleArn")))


def new_association(request: EKSResponse, namespace: str, service_account: str, role_arn: str) -> Item:
    name = f"a-{uuid.uuid4().hex[:17]}"
    return {
        "associationId": name,
        "associationArn": arn(request, "podidentityassociation", cluster_of(request), name),
        "namespace": namespace,
        "serviceAccount": service_account,
        "roleArn": role_arn,
        "disableSessionTags": False,
    }


ADDONS = Kind("addon", "addons", "addonName", addon)
ENTRIES = Kind("accessEntry", "accessEntries", "principalArn", access_entry)
ASSOCIATIONS = Kind("association", "associations", "associationId", association)
access_policies: dict[tuple[str, str], dict[str, Item]] = {}


def associate_access_policy(request: EKSResponse) -> ActionResult:
    now = datetime.now(UTC)
    key = cluster_of(request), str(param(request, "principalArn"))
    policy = {
        "policyArn": param(request, "policyArn"),
        "accessScope": param(request, "accessScope"),
        "associatedAt": now,
        "modifiedAt": now,
    }
    access_policies.setdefault(key, {})[policy["policyArn"]] = policy
    return ActionResult({"clusterName": key[0], "principalArn": key[1], "associatedAccessPolicy": policy})


def list_associated_access_policies(request: EKSResponse) -> ActionResult:
    key = cluster_of(request), str(param(request, "principalArn"))
    policies = list(access_policies.get(key, {}).values())
    return ActionResult({"clusterName": key[0], "principalArn": key[1], "associatedAccessPolicies": policies})


def disassociate_access_policy(request: EKSResponse) -> ActionResult:
    key = cluster_of(request), str(param(request, "principalArn"))
    access_policies.get(key, {}).pop(param(request, "policyArn"), None)
    return ActionResult({})


ACTIONS: dict[str, Action] = {
    "create_addon": ADDONS.create,
    "describe_addon": ADDONS.describe,
    "delete_addon": ADDONS.delete,
    "list_addons": ADDONS.list,
    "create_access_entry": ENTRIES.create,
    "describe_access_entry": ENTRIES.describe,
    "delete_access_entry": ENTRIES.delete,
    "list_access_entries": ENTRIES.list,
    "create_pod_identity_association": ASSOCIATIONS.create,
    "describe_pod_identity_association": ASSOCIATIONS.describe,
    "delete_pod_identity_association": ASSOCIATIONS.delete,
    "list_pod_identity_associations": ASSOCIATIONS.list,
    "associate_access_policy": associate_access_policy,
    "list_associated_access_policies": list_associated_access_policies,
    "disassociate_access_policy": disassociate_access_policy,
}
PATHS = (
    "addons",
    "addons/(?P<addonName>[^/]+)",
    "access-entries",
    "access-entries/(?P<principalArn>.+)/access-policies",
    "access-entries/(?P<principalArn>.+)/access-policies/(?P<policyArn>.+)",
    "access-entries/(?P<principalArn>.+)",
    "pod-identity-associations",
    "pod-identity-associations/(?P<associationId>[^/]+)",
)


@cache  # a second time it would add to what it added
def add_to_eks() -> None:
    for name, action in ACTIONS.items():
        setattr(EKSResponse, name, lambda request, action=action: action(request))
    for path in PATHS:
        eks_urls.url_paths["{0}/clusters/(?P<name>[^/]+)/" + path + "$"] = eks_urls.response.dispatch

    create = EKSResponse.create_cluster

    def create_cluster(request: EKSResponse) -> Any:
        """With what EKS makes beside the cluster (its security group), and what moto forgets of the request."""
        response = create(request)
        cluster = request.eks_backend.clusters[param(request, "name")]
        ec2 = ec2_backends[request.current_account][request.region]
        vpc = ec2.get_subnet(cluster.resources_vpc_config["subnetIds"][0]).vpc_id
        group = ec2.create_security_group(f"eks-cluster-sg-{cluster.name}", "of EKS", vpc_id=vpc)
        cluster.access_config = request._get_param("accessConfig")
        cluster.upgrade_policy = request._get_param("upgradePolicy")
        cluster.resources_vpc_config = cluster.resources_vpc_config | {"clusterSecurityGroupId": group.id, "vpcId": vpc}
        return response

    delete = EKSResponse.delete_cluster

    def delete_cluster(request: EKSResponse) -> Any:
        cluster = request.eks_backend.clusters.get(param(request, "name"))
        response = delete(request)
        group = (cluster.resources_vpc_config if cluster else {}).get("clusterSecurityGroupId")
        if group:
            ec2_backends[request.current_account][request.region].delete_security_group(group_id=group)
        return response

    EKSResponse.create_cluster = create_cluster
    EKSResponse.delete_cluster = delete_cluster


@cache
def add_to_sqs() -> None:
    """Which queues may send their dead to one: moto takes it and never tells it, so that the provider asks on."""
    get, put = SQSBackend.get_queue_attributes, SQSBackend.set_queue_attributes
    allowed: dict[str, str] = {}

    def get_queue_attributes(self: SQSBackend, queue_name: str, attribute_names: list[str]) -> dict[str, Any]:
        others = [name for name in attribute_names if name != REDRIVE_ALLOW]
        found = dict(get(self, queue_name, others)) if others else {}
        if queue_name in allowed and {REDRIVE_ALLOW, "All"} & set(attribute_names):
            found[REDRIVE_ALLOW] = allowed[queue_name]
        return found

    def set_queue_attributes(self: SQSBackend, queue_name: str, attributes: dict[str, Any]) -> Any:
        if REDRIVE_ALLOW in attributes:
            allowed[queue_name] = attributes.pop(REDRIVE_ALLOW)
            if not allowed[queue_name]:  # the provider's way to take it away
                del allowed[queue_name]
        return put(self, queue_name, attributes) if attributes else self.get_queue(queue_name)

    SQSBackend.get_queue_attributes = get_queue_attributes
    SQSBackend.set_queue_attributes = set_queue_attributes


@contextmanager
def running_fast() -> Iterator[str]:
    """As `running`, without AWS's own 1,400 policies: reading them takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "false")
        with running() as address:
            yield address


@contextmanager
def running() -> Iterator[str]:
    """Its address, on a free port; with nothing in it. One at a time: all of a process share what they keep."""
    add_to_eks()
    add_to_sqs()
    forget_eks()
    moto_api_backend.reset()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def publish(region: str, *names: str) -> None:
    """Parameters of AWS's own, which nobody else may put."""
    mine = ssm_backends[DEFAULT_ACCOUNT_ID][region]._parameters
    for name in names:
        mine[name] = [
            Parameter(DEFAULT_ACCOUNT_ID, name, "ami-1", "String", None, None, None, datetime.now(UTC), 1, "text")
        ]


def unpublish(region: str, *names: str) -> None:
    for name in names:
        ssm_backends[DEFAULT_ACCOUNT_ID][region]._parameters.pop(name, None)


def forget_eks() -> None:
    """What was added to it."""
    for kind in (ADDONS, ENTRIES, ASSOCIATIONS):
        kind.forget()
    access_policies.clear()
