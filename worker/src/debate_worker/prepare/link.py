"""A link's media and subtitles into the store."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import replace

from debate_core import keys
from debate_core.errors import SourceUnavailable
from debate_core.ids import slug
from debate_worker.context import Context
from debate_worker.prepare.decode import stated_seconds
from debate_worker.prepare.links.bringing import Fetched, fetch_link
from debate_worker.prepare.links.deciding import too_long
from debate_worker.prepare.links.settings import LinkSettings
from debate_worker.prepare.source import Media, media_ext, store_media

DURATION_TOLERANCE = 0.02
"""A file whose length differs more from what the site states is told of in the report."""


def bring_link(context: Context, progress: Callable[[float, float], None]) -> Media:
    """Download spec.source.url and put what came under the job's prefix, the subtitles beside it.

    progress: told (done, total). Raises InvalidJob, SourceUnavailable, SourceBusy, Misconfigured, MediaUndecodable.
    """
    settings = context.settings.links
    folder = context.scratch / "link"
    folder.mkdir()
    fetched = fetch_link(
        context.job.spec,
        settings,
        folder,
        # Without a stated length the share alone is known.
        lambda share, seconds: progress(share * (seconds or 1.0), seconds or 1.0),
    )
    found = fetched.found
    warnings = [*fetched.warnings, *_length_warnings(fetched, settings)]
    for language, path in fetched.subtitles.items():
        # Beside the media, and called like it.
        name = slug(f"{slug(found.id)[:40]}.{language}")
        key = keys.MEDIA.key(job_id=context.job_id, name=name, ext=media_ext(path.suffix))
        context.store.put_file(key, path, content_type=mimetypes.guess_type(path.name)[0] or "text/plain")
    media = store_media(fetched.path, found.title, fetched.path.suffix, context.job_id, context.store, name=found.id)
    return replace(media, warnings=tuple(warnings))


def _length_warnings(fetched: Fetched, settings: LinkSettings) -> list[str]:
    """Raises SourceUnavailable for a file that is longer than allowed, whatever the site said."""
    seconds, stated = stated_seconds(fetched.path), fetched.found.duration_seconds
    if seconds is None:
        return []
    if seconds > settings.max_seconds:
        raise SourceUnavailable(too_long("source.url: what came", seconds, settings))
    if stated is not None and abs(seconds - stated) > max(2.0, DURATION_TOLERANCE * stated):
        return [f"the site states {stated:.0f} s, the file that came has {seconds:.0f} s"]
    return []
