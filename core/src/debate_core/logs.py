"""Logging: one line an event; JSON in a pod, plain text for a person, always on standard error."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def configure(*, json: bool | None = None, **bound: str) -> None:
    """Set structlog up for a program. `bound` (such as job=...) is on every line.

    json: None means JSON inside Kubernetes (KUBERNETES_SERVICE_HOST is set) and plain text elsewhere.
    """
    if json is None:
        json = "KUBERNETES_SERVICE_HOST" in os.environ
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
    ]
    if json:
        processors += [structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.JSONRenderer()]
    else:
        processors += [_plain]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Looked up at each line: while progress bars are shown, standard error goes above them.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**bound)


def _plain(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    """`warning: text (key=value)`: what is bound to every line is for machines, and left out."""
    level = event.pop("level")
    exception = event.pop("exception", None)
    text = str(event.pop("event"))
    bound = structlog.contextvars.get_contextvars()
    extra = " ".join(f"{key}={value}" for key, value in event.items() if key not in bound)
    line = f"{'' if level == 'info' else level + ': '}{text}{f' ({extra})' if extra else ''}"
    return line if exception is None else f"{line}\n{exception}"
