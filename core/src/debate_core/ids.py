"""Ids and names: what an id from outside may look like, and how ours are made.

Everything that becomes part of a storage key passes through here first. The patterns leave no room for a path
(no slash, no leading dot), so that an id can never name anything outside its own prefix.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

JOB_ID_MAX: Final = 63  # a Kubernetes label value holds no more
NAME_MAX: Final = 80

JOB_ID: Final = r"[a-z0-9][a-z0-9-]{0,62}"
NAME: Final = r"(?!\.)[a-z0-9._-]{1,80}"
EXT: Final = r"[a-z0-9]{1,8}"

_SHOWN_MAX: Final = 80  # characters of a refused value that an error repeats


class InvalidName(ValueError):
    """An id, name or storage key that is refused; the message says which and why."""


def check_job_id(job_id: str) -> str:
    """Return `job_id` if it may name a job: `^[a-z0-9][a-z0-9-]{0,62}$`; else raise `InvalidName`."""
    return _checked(job_id, JOB_ID, "job id", "1-63 of a-z, 0-9 and '-', starting with a letter or digit")


def check_name(name: str) -> str:
    """Return `name` if it may name a media object: `[a-z0-9._-]{1,80}`, no leading dot; else raise `InvalidName`."""
    return _checked(name, NAME, "media name", "1-80 of a-z, 0-9, '.', '_' and '-', not starting with a dot")


def check_ext(ext: str) -> str:
    """Return `ext` if it may be a file's extension (`[a-z0-9]{1,8}`, without the dot); else raise `InvalidName`."""
    return _checked(ext, EXT, "file extension", "1-8 of a-z and 0-9, without the dot")


def job_id_for(metadata_name: str, uid: str) -> str:
    """The id of a job that names none: `<metadata.name>-<first 8 of uid>`.

    Kubernetes object names may hold dots and be longer than a job id: dots become hyphens, and the name, never the
    uid, is shortened; the uid alone keeps the result unique. Raises `InvalidName` where no valid id can be made.
    """
    unique = uid[:8].lower()
    if not re.fullmatch(r"[0-9a-f]{8}", unique):
        raise InvalidName(f"uid {_shown(uid)} does not begin with 8 hexadecimal digits.")
    readable = metadata_name.replace(".", "-")[: JOB_ID_MAX - len(unique) - 1].rstrip("-")
    return check_job_id(f"{readable}-{unique}")


def slug(stem: str) -> str:
    """A valid media name for the stem of a file name, or for a title; the same for the same stem, never empty.

    Accents are dropped (Unicode NFKD), everything else that a name may not hold becomes a hyphen. A stem of which
    nothing remains (another script, an emoji) is named `video-<8 hex of its sha256>`.
    """
    decomposed = unicodedata.normalize("NFKD", stem).casefold()
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    hyphened = re.sub(r"[^a-z0-9._]+", "-", plain)
    name = hyphened.strip("-._")[:NAME_MAX].rstrip("-._")
    if not name:
        # surrogatepass: a stem read from a file system may hold bytes that are no UTF-8.
        digest = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()
        name = f"video-{digest[:8]}"
    return check_name(name)


def _checked(value: str, pattern: str, what: str, allowed: str) -> str:
    if not re.fullmatch(pattern, value):
        raise InvalidName(f"{_shown(value)} is no {what}: it must be {allowed}.")
    return value


def _shown(value: str) -> str:
    """`value` as an error may print it: control characters escaped, not longer than a line."""
    return ascii(value if len(value) <= _SHOWN_MAX else value[:_SHOWN_MAX] + "...")
