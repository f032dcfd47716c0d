"""Whether a worker reaches the operator: its progress Service, through DNS and the network policies."""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from debate_operator import names
from debate_operator.doctor.finding import Finding, not_checked, well, wrong

_TIMEOUT_S: Final = 5.0
_FIX = (
    "see that the operator runs (`kubectl get pods -l app.kubernetes.io/component=operator`) and that DNS and the "
    "network policies let workers reach its port 8081 (networkPolicy.* in the values)"
)


def progress(url: str | None, *, in_pod: bool) -> Finding:
    """A POST without a token, which the operator answers with 401 and its audience; nothing else does."""
    if url is None:
        return not_checked("progress: progressUrl is null, so workers report none", "set it, or leave it so")
    if not in_pod:
        return not_checked(f"progress: {url} is reached from pods alone", "`helm test` asks from a worker's place")
    try:
        with urlopen(Request(url, data=b"{}", method="POST"), timeout=_TIMEOUT_S) as answer:  # noqa: S310  # settings
            said, text = answer.status, b""
    except HTTPError as refusal:
        said, text = refusal.code, refusal.read(1000)
    except (URLError, HTTPException, OSError, ValueError) as error:
        return wrong(f"progress: {url} is not reached ({getattr(error, 'reason', error)})", _FIX)
    if said == HTTPStatus.UNAUTHORIZED and names.PROGRESS_AUDIENCE.encode() in text:
        return well(f"progress: {url} answers, and asks for a worker's token")
    return wrong(f"progress: {url} answers {said}, which is not the operator", "correct progressUrl in the settings")
