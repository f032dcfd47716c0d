"""The API server, spoken to in raw JSON: the only file that does. Every verb that the operator has a right to is here.

The client is kubernetes.aio's low-level ApiClient (TLS, kubeconfig, rotating tokens), without its generated API and
model classes: importing those alone raises the resident memory from 63 to 78 MB, and each listed object would become a
tree of pydantic models before we keep a tenth of it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.request import getproxies

import aiohttp
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

from debate_operator import names

REQUEST_TIMEOUT_S: Final = 30
PAGE: Final = 100
"""Objects a LIST answers at a time: a restart keeps what it takes of memory. With 500: 8 MB more for 1,000."""

Raw = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resource:
    """A namespaced resource: `/apis/batch/v1` and `jobs`."""

    base: str
    plural: str

    @property
    def group(self) -> str:
        return self.base.split("/")[2] if self.base.startswith("/apis/") else ""

    def path(self, namespace: str, name: str | None = None) -> str:
        return f"{self.base}/namespaces/{namespace}/{self.plural}" + (f"/{name}" if name else "")


DEBATEJOBS: Final = Resource(f"/apis/{names.GROUP}/{names.VERSION}", names.PLURAL)
JOBS: Final = Resource("/apis/batch/v1", "jobs")
CRONJOBS: Final = Resource("/apis/batch/v1", "cronjobs")
PODS: Final = Resource("/api/v1", "pods")
EVENTS: Final = Resource("/api/v1", "events")

OUR_LABEL: Final = f"{names.LABEL_MANAGED_BY}={names.MANAGER}"


class ApiUnreachable(Exception):
    """No answer from the API server: no configuration, no connection, or no time."""


class ApiError(Exception):
    """The API server said no. status: HTTP. reason, causes: as in its Status object, typed by Kubernetes."""

    def __init__(self, status: int, reason: str, message: str, causes: frozenset[str] = frozenset()) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status, self.reason, self.message, self.causes = status, reason, message, causes


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Whose token it is. pod_name, pod_uid: of the pod that it is bound to, None where it is bound to none."""

    username: str
    pod_name: str | None
    pod_uid: str | None

    @property
    def namespace(self) -> str | None:
        match = re.fullmatch(r"system:serviceaccount:([^:]+):[^:]+", self.username)
        return match[1] if match else None


async def load_configuration() -> Configuration:
    """KUBECONFIG where it is set, else the pod's service account, else ~/.kube/config. Raises ApiUnreachable.

    A pod's token rotates: the configuration reads the file again every minute.
    """
    configuration = Configuration()
    try:
        if "KUBECONFIG" not in os.environ and "KUBERNETES_SERVICE_HOST" in os.environ:
            load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        else:
            files = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube/config")
            if not any(Path(file).exists() for file in files.split(os.pathsep)):
                raise ConfigException(f"there is no {files}")
            await load_kube_config(  # type: ignore[no-untyped-call]
                config_file=files, client_configuration=configuration
            )
    except (ConfigException, OSError) as error:
        raise ApiUnreachable(f"no access to a cluster: {error}: set KUBECONFIG or run in a pod") from error
    # Where no proxy is set: else aiohttp looks for one, and for ~/.netrc, in a thread before each request.
    configuration.client_session_kwargs = {"trust_env": bool(getproxies())}
    return configuration


class Kube:
    """The operator's verbs. Each raises ApiError for an answer that is a refusal, ApiUnreachable for none."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._client = ApiClient(configuration)

    @classmethod
    @asynccontextmanager
    async def connected(cls) -> AsyncIterator[Kube]:
        kube = cls(await load_configuration())
        try:
            yield kube
        finally:
            await kube.close()

    async def close(self) -> None:
        await self._client.close()  # type: ignore[no-untyped-call]

    async def list(
        self,
        resource: Resource,
        namespace: str,
        read: Callable[[Raw], T],
        *,
        labels: str | None = None,
        fields: str | None = None,
    ) -> tuple[list[T], int]:
        """All objects at one moment, each as `read` makes it, and that moment's resource version.

        Read page by page: a page is parsed and forgotten before the next is asked for.
        """
        items: list[T] = []
        going_on = ""
        while True:
            query = {"limit": str(PAGE), "labelSelector": labels, "fieldSelector": fields, "continue": going_on}
            page = await self._request("GET", resource.path(namespace), query=query)
            items += [read(item) for item in page.get("items") or []]
            going_on = page["metadata"].get("continue") or ""
            if not going_on:
                return items, int(page["metadata"].get("resourceVersion") or 0)

    async def get(self, resource: Resource, namespace: str, name: str) -> Raw | None:
        """The object as it is now (a quorum read), or None: it does not exist."""
        try:
            return await self._request("GET", resource.path(namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def create(self, resource: Resource, namespace: str, body: Raw) -> Raw:
        return await self._request("POST", resource.path(namespace), body=body)

    async def replace_status(self, namespace: str, name: str, body: Raw) -> Raw:
        """PUT, not a merge patch: what somebody wrote into the status by hand does not survive it.

        body carries metadata.resourceVersion: ApiError 409 where the object has changed since.
        """
        return await self._request("PUT", DEBATEJOBS.path(namespace, name) + "/status", body=body)

    async def delete(self, resource: Resource, namespace: str, name: str, uid: str) -> None:
        """Delete exactly this object, its dependents first. One that is gone, or another of its name, is no error.

        Foreground: the API's default for Jobs orphans the pods, and a GPU would go on running.
        """
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
        try:
            await self._request("DELETE", resource.path(namespace, name), body=body | {"preconditions": {"uid": uid}})
        except ApiError as error:
            if error.status not in {404, 409}:
                raise

    async def review_token(self, token: str, audience: str) -> Reviewed | None:
        """Whose token it is, None where it is not valid for this audience."""
        review = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [audience]},
        }
        status = (await self._request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body=review))["status"]
        # A server that does not know audiences would leave them out of its answer, and take any token.
        if not status.get("authenticated") or audience not in (status.get("audiences") or []):
            return None
        extra = status["user"].get("extra") or {}
        pod_name, pod_uid = (
            next(iter(extra.get(f"authentication.kubernetes.io/{key}") or []), None) for key in ("pod-name", "pod-uid")
        )
        return Reviewed(status["user"].get("username") or "", pod_name, pod_uid)

    async def may(self, verb: str, group: str, resource: str, namespace: str | None, name: str | None = None) -> bool:
        """Whether the operator's own rights allow it (SelfSubjectAccessReview, open to everybody); `name`: this one."""
        plural, _, subresource = resource.partition("/")
        attributes = {"verb": verb, "group": group, "resource": plural, "subresource": subresource}
        attributes |= {"name": name} if name else {}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes | ({"namespace": namespace} if namespace else {})},
        }
        answer = await self._request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=review)
        return bool(answer["status"].get("allowed"))

    async def version(self) -> str:
        """What the server says it is: `v1.35.4`."""
        return str((await self._request("GET", "/version"))["gitVersion"])

    async def everywhere(self, path: str) -> Raw:
        """The List of a kind that has no namespace. The operator has no such right: `doctor` asks, for others."""
        return await self._request("GET", path)

    async def openapi(self) -> Raw | None:
        """The OpenAPI v3 document of our group, which every authenticated client may read; None: no such group."""
        try:
            return await self._request("GET", f"/openapi/v3/apis/{names.GROUP}/{names.VERSION}")
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def _request(
        self, method: str, path: str, *, query: dict[str, str | None] | None = None, body: Raw | None = None
    ) -> Raw:
        try:
            _, url, headers, data, _ = await self._client.param_serialize(
                method,
                path,
                query_params=[(key, value) for key, value in (query or {}).items() if value],
                header_params={"Accept": "application/json"},
                body=body,
                auth_settings=["BearerToken"],
            )
            answer = await self._client.call_api(
                method, url, header_params=headers, body=data, _request_timeout=REQUEST_TIMEOUT_S
            )
            text: bytes = await answer.read()  # type: ignore[no-untyped-call]
        except (aiohttp.ClientError, TimeoutError, OSError, ConfigException) as error:
            raise ApiUnreachable(f"{method} {path}: {error or type(error).__name__}") from error
        if not 200 <= answer.status < 300:
            raise _refusal(answer.status, text)
        document: Raw = json.loads(text)
        return document


def _refusal(status: int, text: bytes) -> ApiError:
    try:
        answer = json.loads(text)
        causes = (answer.get("details") or {}).get("causes") or []
        reasons = frozenset(str(cause["reason"]) for cause in causes if cause.get("reason"))
        return ApiError(status, answer.get("reason") or "", answer.get("message") or "", reasons)
    except (ValueError, AttributeError):
        return ApiError(status, "", text[:300].decode(errors="replace"))
