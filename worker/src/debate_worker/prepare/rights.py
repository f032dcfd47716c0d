"""That the store lets this worker write what the later steps will: known before a GPU is asked for."""

from __future__ import annotations

from debate_core import keys
from debate_core.errors import Misconfigured
from debate_core.store import ObjectStore, StoreDenied, StoreError, StoreUnreachable, require_write

_PROBE = "probe.json"


def require_rights(store: ObjectStore, job_id: str) -> None:
    """Raise Misconfigured unless results, windows and the manifest's entry may be written. Nothing is written.

    Roles are bound to prefixes, and a role without one of them would be found out only when the work is done.
    """
    places = {
        keys.WINDOWS_PREFIX.key(job_id=job_id): "work/",
        keys.TRANSCRIPTS_PREFIX.key(job_id=job_id): "jobs/",
        keys.MANIFEST_PREFIX.key(): "manifest/",
    }
    for place, prefix in places.items():
        try:
            require_write(store, f"{place}{job_id}.{_PROBE}")
        except StoreDenied as error:
            raise Misconfigured(
                f"this worker may not write under {prefix} of the store, and could not keep its results: give its "
                f"service account's role that right, and `debate-operator doctor` shows which others it lacks ({error})"
            ) from error
        except StoreUnreachable:
            raise
        except StoreError as error:
            raise Misconfigured(str(error)) from error
