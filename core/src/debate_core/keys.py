"""Every storage key of the project: one table of templates, each a builder and its own parser.

A key is ASCII, and its fields are checked by name when it is built and when it is read back, so that nothing from
outside (an id, a title, a file name) can leave its prefix. `check_key` is the last line of defence: the object
stores call it for every key they get, whoever made it.
"""

from __future__ import annotations

import re
from typing import Final

from debate_core.ids import EXT, JOB_ID, NAME, InvalidName

KEY_MAX_BYTES: Final = 1024  # S3's limit
SEGMENT_MAX_BYTES: Final = 255  # a file system's limit for one name

_FILE: Final = r"[A-Za-z0-9_][A-Za-z0-9._+=-]{0,127}"

# What each field of a template may hold. No pattern but `repo` and `path` admits a slash, and none a dot in front.
_FIELDS: Final = {
    "job_id": JOB_ID,
    "name": NAME,
    "ext": EXT,
    "filename": r"(?!\.)[a-z0-9._-]{1,112}",  # a media name and the longest ending beside it
    "step": r"[a-z]{1,32}",
    "shard": r"0|[1-9][0-9]{0,4}",
    "index": r"[0-9]{3}|[1-9][0-9]{3,5}",  # of a window, from 000
    "hash": r"[0-9a-f]{8,64}",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "repo": rf"{_FILE}/{_FILE}",  # owner/name, as model hubs have it
    "revision": r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}",
    "path": rf"{_FILE}(?:/{_FILE}){{0,7}}",  # of a file in a model's folder
}

_ENCODED_BYTE: Final = re.compile(r"%[0-9A-Fa-f]{2}")


class KeyTemplate:
    """One kind of key, e.g. `jobs/{job_id}/job.json`; a template that ends in '/' is a prefix.

    `key` and `parse` are each other's inverse: `parse(key(**fields)) == fields` for canonical fields.
    """

    def __init__(self, template: str) -> None:
        self.template: Final = template
        pieces = re.split(r"\{(\w+)\}", template)  # literal, field, literal, field, ..., literal
        self.fields: Final = tuple(pieces[1::2])
        self._pattern: Final = re.compile(
            "".join(f"(?P<{piece}>{_FIELDS[piece]})" if i % 2 else re.escape(piece) for i, piece in enumerate(pieces))
        )

    def __repr__(self) -> str:
        return f"KeyTemplate({self.template!r})"

    def key(self, **fields: str | int) -> str:
        """The key with these fields; a window's `index` and a `shard` may be given as numbers.

        Raises `InvalidName` for a value its field may not hold, `TypeError` for a missing or an unknown field.
        """
        if set(fields) != set(self.fields):
            raise TypeError(f"{self.template} takes {list(self.fields)}, got {sorted(fields)}")
        texts = {field: _text(field, value) for field, value in fields.items()}
        for field, text in texts.items():
            if not re.fullmatch(_FIELDS[field], text):
                raise InvalidName(f"{text[:80]!a} is no valid {field} of the key {self.template}.")
        return check_key_or_prefix(self.template.format(**texts))

    def parse(self, key: str) -> dict[str, str] | None:
        """The fields of a key of this kind ({} where it has none), None for any other text."""
        match = self._pattern.fullmatch(key)
        return match.groupdict() if match else None


def _text(field: str, value: str | int) -> str:
    if isinstance(value, int):
        return f"{value:03d}" if field == "index" else str(value)
    return value


# A job: its claim, its media, what came out of it.
JOBS_PREFIX: Final = KeyTemplate("jobs/")
JOB_PREFIX: Final = KeyTemplate("jobs/{job_id}/")
OWNER: Final = KeyTemplate("jobs/{job_id}/owner.json")
ORDER: Final = KeyTemplate("jobs/{job_id}/debatejob.json")
TRANSCRIPTS_PREFIX: Final = KeyTemplate("jobs/{job_id}/transcripts/")
MEDIA_PREFIX: Final = KeyTemplate("jobs/{job_id}/videos/")
MEDIA: Final = KeyTemplate("jobs/{job_id}/videos/{name}.{ext}")
TRANSCRIPT: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}_transcription.json")
WORDS: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}.words.json")
VTT: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}.vtt")
SRT: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}.srt")
RTTM: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}.rttm")
TXT: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}.txt")
REPORT: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}.report.json")
AUDIO: Final = KeyTemplate("jobs/{job_id}/transcripts/{name}.audio.m4a")
JOB: Final = KeyTemplate("jobs/{job_id}/job.json")
SPEAKERS: Final = KeyTemplate("jobs/{job_id}/speakers.json")
SCENES: Final = KeyTemplate("jobs/{job_id}/scenes.json")
SUMMARY: Final = KeyTemplate("jobs/{job_id}/results/summary.json")
SUMMARY_TEXT: Final = KeyTemplate("jobs/{job_id}/results/summary.md")
CLIPS_PREFIX: Final = KeyTemplate("jobs/{job_id}/clips/")

# Work in progress: a bucket's lifecycle rule ends it by this prefix after 7 days.
WORK_PREFIX: Final = KeyTemplate("work/{job_id}/")
WORK_AUDIO: Final = KeyTemplate("work/{job_id}/audio.s16")
PLAN: Final = KeyTemplate("work/{job_id}/plan.json")
WINDOWS_PREFIX: Final = KeyTemplate("work/{job_id}/windows/")
WINDOW: Final = KeyTemplate("work/{job_id}/windows/{index}-{hash}.json")
STEP_RESULT: Final = KeyTemplate("work/{job_id}/results/{step}-{shard}.json")

# Finished jobs, one small object each: what the statistics read instead of listing the bucket.
MANIFEST_PREFIX: Final = KeyTemplate("manifest/")
MANIFEST: Final = KeyTemplate("manifest/{job_id}.json")

# All that the page reads; nothing else is public.
STAT_PREFIX: Final = KeyTemplate("statistics/")
STAT_INDEX: Final = KeyTemplate("statistics/index.json")
STAT_SUMMARY: Final = KeyTemplate("statistics/summary.json")
STAT_SCHEMA: Final = KeyTemplate("statistics/schema.json")
STAT_BY_JOB_PREFIX: Final = KeyTemplate("statistics/by-job/")
STAT_BY_JOB: Final = KeyTemplate("statistics/by-job/{job_id}.json")
STAT_FILES_PREFIX: Final = KeyTemplate("statistics/files/{job_id}/")
STAT_FILE: Final = KeyTemplate("statistics/files/{job_id}/{filename}")

# Around the jobs: uploads, known people, models.
UPLOAD_REQUEST: Final = KeyTemplate("uploads/{uuid}/request.json")
UPLOAD_SOURCE: Final = KeyTemplate("uploads/{uuid}/source.{ext}")
PEOPLE: Final = KeyTemplate("people.json")
MODELS_INDEX: Final = KeyTemplate("models/index.json")
MODEL_PREFIX: Final = KeyTemplate("models/{repo}@{revision}/")
MODEL_FILE: Final = KeyTemplate("models/{repo}@{revision}/{path}")


def check_key(key: str) -> str:
    """Return `key` if it names an object inside a store and nothing else; raise `InvalidName` if not.

    Wider than our own templates, because a source's key in somebody's bucket may hold spaces and any script.
    Refused: no text at all, more than 1,024 bytes (255 a segment), a leading or trailing or double '/', segments
    that start with a dot (`.`, `..`, hidden and temporary files), backslashes, percent-encoded bytes (somebody may
    decode them later) and everything unprintable (control characters, NUL, line separators, bidi marks).
    """
    if not key:
        raise InvalidName("The empty key names no object.")
    reason = _why_refused(key)
    if reason:
        raise InvalidName(f"The key {key[:120]!a} is refused: {reason}.")
    return key


def check_prefix(prefix: str) -> str:
    """Return `prefix` if it is '' (the whole store) or a folder (`jobs/a/`); raise `InvalidName` if not.

    A prefix ends in '/', so that `jobs/a` can never mean `jobs/ab` as well.
    """
    if not prefix:
        return prefix
    if not prefix.endswith("/"):
        raise InvalidName(f"The prefix {prefix[:120]!a} is refused: a prefix ends in '/'.")
    return f"{check_key(prefix[:-1])}/"


def check_key_or_prefix(key: str) -> str:
    """`check_prefix` for what ends in '/', `check_key` for all else."""
    return check_prefix(key) if key.endswith("/") else check_key(key)


def _why_refused(key: str) -> str | None:
    if not key.isprintable():  # also false for lone surrogates, which UTF-8 could not encode below
        return "it holds characters that cannot be printed"
    if "\\" in key:
        return "it holds a backslash"
    if _ENCODED_BYTE.search(key):
        return "it holds a percent-encoded byte"
    if len(key.encode()) > KEY_MAX_BYTES:
        return f"it is longer than {KEY_MAX_BYTES} bytes"
    for segment in key.split("/"):
        if not segment:
            return "it starts or ends with '/', or holds '//'"
        if segment.startswith("."):
            return "a part of it starts with a dot"
        if len(segment.encode()) > SEGMENT_MAX_BYTES:
            return f"a part of it is longer than {SEGMENT_MAX_BYTES} bytes"
    return None
