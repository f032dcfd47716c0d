"""Secrets Manager's values as Kubernetes Secrets: read, never shown, given to kubectl by its standard input."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from debate_aws.account import Account, error_code, explained
from debate_aws.values import Values


@dataclass(frozen=True)
class Use:
    """What one secret is for. key: in the Kubernetes Secret. everywhere: in each namespace with DebateJobs, instead of
    the release's. values: of the chart, which name the Secret."""

    key: str
    everywhere: bool
    values: Callable[[str, str], Values]


def _fetching(name: str, key: str) -> Values:
    """With the token there is what can be fetched, so the Job that fetches is on."""
    return {"models": {"fetch": {"enabled": True, "tokenSecret": {"name": name, "key": key}}}}


USES: Final[Mapping[str, Use]] = {
    "huggingface-token": Use("token", everywhere=False, values=_fetching),
    "download-cookies": Use(
        "cookies.txt", everywhere=True, values=lambda name, _: {"download": {"cookiesSecret": name}}
    ),
    # Named by spec.callback.secretRef of a DebateJob, not by the chart.
    "callback-keys": Use("key", everywhere=True, values=lambda _name, _key: {}),
}


@dataclass(frozen=True)
class Secret:
    """One that has a value. secret_id: its name in Secrets Manager."""

    kind: str
    secret_id: str
    data: Mapping[str, bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """In Kubernetes."""
        return f"debate-{self.kind}"

    @property
    def values(self) -> Values:
        """Of the chart."""
        use = USES[self.kind]
        return use.values(self.name, use.key)

    def objects(self, release: str, job_namespaces: Iterable[str]) -> list[Any]:
        """The Kubernetes Secrets, one a namespace."""
        return [self._object(namespace) for namespace in self.namespaces(release, job_namespaces)]

    def namespaces(self, release: str, job_namespaces: Iterable[str]) -> list[str]:
        """Those that need it."""
        return list(job_namespaces) if USES[self.kind].everywhere else [release]

    def _object(self, namespace: str) -> Any:
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": self.name,
                "namespace": namespace,
                "labels": {"app.kubernetes.io/managed-by": "debate-aws"},
            },
            "type": "Opaque",
            "data": {key: base64.b64encode(value).decode() for key, value in self.data.items()},
        }


def read(account: Account, secret_names: Mapping[str, str]) -> tuple[list[Secret], list[str]]:
    """Those with a value, and the kinds without one. secret_names: kind -> name in Secrets Manager.

    Raises AccountError.
    """
    client = account.client("secretsmanager")
    found, empty = [], []
    for kind, secret_id in sorted(secret_names.items()):
        value = _value(client, kind, secret_id)
        if value.strip():
            found.append(Secret(kind, secret_id, _data(kind, value)))
        else:
            empty.append(kind)
    return found, empty


def _value(client: Any, kind: str, secret_id: str) -> bytes:
    """b"" where it was never given one."""
    with explained(f"read the secret {secret_id}"):
        try:
            answer = client.get_secret_value(SecretId=secret_id)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return b""
            raise
    binary: bytes = answer.get("SecretBinary") or answer.get("SecretString", "").encode()
    # A token's line end would go into a header; cookies are a file.
    return binary.strip() if kind == "huggingface-token" else binary


def _data(kind: str, value: bytes) -> dict[str, bytes]:
    """Keys of callbacks may be several: a JSON object of name and key."""
    if kind == "callback-keys":
        try:
            named = json.loads(value)
        except ValueError:
            named = None
        if isinstance(named, dict) and named and all(isinstance(one, str) for one in named.values()):
            return {name: one.encode() for name, one in named.items()}
    return {USES[kind].key: value}


def how_to_put(region: str, secret_id: str) -> str:
    """The command. From a file, so that the value is in no list of processes and no history of the shell."""
    return f"aws secretsmanager put-secret-value --region {region} --secret-id {secret_id} --secret-string file://FILE"


def without_values(text: str, secrets: Iterable[Secret]) -> str:
    """What a program said, should it have repeated what it was given."""
    for secret in secrets:
        for value in secret.data.values():
            for form in (value.decode(errors="replace").strip(), base64.b64encode(value).decode()):
                text = text.replace(form, "***") if form else text
    return text
