"""TTL: how long a finished DebateJob and its Jobs stay. What they made stays for ever."""

from __future__ import annotations

from datetime import datetime

from debate_core.documents.debatejob import Ttl
from debate_core.documents.debatejob_status import DebateJobStatus, Phase


def remaining_s(status: DebateJobStatus, ttl: Ttl, now: datetime) -> float | None:
    """Seconds until a finished job goes (0 or less: now); None: it stays."""
    seconds = ttl.succeeded_seconds if status.phase is Phase.SUCCEEDED else ttl.failed_seconds
    if seconds is None or status.completion_time is None:
        return None
    return seconds - (now - status.completion_time).total_seconds()
