"""Whether what is public of a job is still what a run would write: then the run leaves it as it is. Pure."""

from __future__ import annotations

from debate_core import keys
from debate_core.documents.manifest import People
from debate_core.store import ObjectInfo
from debate_stats import identity
from debate_stats.inputs import public_name
from debate_stats.parameters import Parameters
from debate_stats.publish import Copies
from debate_stats.published import Published


def is_current(
    previous: Published,
    *,
    manifest: ObjectInfo,
    there: dict[str, ObjectInfo],
    people: People | None,
    copies: Copies,
    parameters: Parameters,
) -> bool:
    """Whether nothing that `previous` was made from changed, and exactly its files are public.

    The manifest entry itself is not needed: with the ETag that `previous` knows, it says what it said then.
    there: everything that the job has. people: None where `people.json` cannot be read; then nobody has a new name.
    """
    objects = {item.key: item.etag for item in identity.of_objects(previous.inputs)}
    if objects.pop(manifest.key, None) != manifest.etag:
        return False
    speakers = keys.SPEAKERS.key(job_id=previous.job_id)
    return (
        previous.parameters == parameters.published()
        and (speakers in there) == (speakers in objects)
        and all(key in there and there[key].etag == etag for key, etag in objects.items())
        and (people is None or identity.are_current(previous.inputs, people))
        and _has_its_files(copies, [there[key] for key in objects if key != speakers], previous.job_id)
    )


def _has_its_files(copies: Copies, documents: list[ObjectInfo], job_id: str) -> bool:
    """As far as names and sizes tell: a copy has an ETag of its own."""
    wanted = {keys.STAT_FILE.key(job_id=job_id, filename=public_name(info.key)): info.size for info in documents}
    return wanted == {key: info.size for key, info in copies.files.items()}
