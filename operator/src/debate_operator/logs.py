"""The operator's log: core's lines, and kopf's and aiohttp's among them in the same form."""

from __future__ import annotations

import logging

import structlog

from debate_core import logs


class _ToStructlog(logging.Handler):
    """A line of the standard library's logging as one of structlog's."""

    def emit(self, record: logging.LogRecord) -> None:
        # kopf names the object a line is about in `k8s_ref`.
        about = getattr(record, "k8s_ref", None) or {}
        bound = {key: about[key] for key in ("kind", "namespace", "name") if about.get(key)}
        text = record.getMessage()
        if record.exc_info:
            bound["exception"] = logging.Formatter().formatException(record.exc_info)
        structlog.get_logger().log(record.levelno, text, logger=record.name, **bound)


def configure(*, json: bool | None = None) -> None:
    """json: None means JSON inside Kubernetes, plain text elsewhere."""
    logs.configure(json=json)
    logging.basicConfig(handlers=[_ToStructlog()], level=logging.WARNING, force=True)
    logging.getLogger("kopf").setLevel(logging.INFO)
    # Of every event of every object: "Handler 'job' succeeded."
    logging.getLogger("kopf.objects").setLevel(logging.WARNING)
