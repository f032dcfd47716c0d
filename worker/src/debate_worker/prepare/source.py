"""Where the media comes from: a file, an object in a bucket, a link. Its way into the store, and to a local file."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from debate_core import keys
from debate_core.documents.debatejob import DebateJobSpec
from debate_core.errors import InvalidJob, SourceUnavailable
from debate_core.ids import InvalidName, check_ext, slug
from debate_core.store import NoSuchStore, ObjectNotFound, ObjectStore, StoreDenied, open_store
from debate_worker.prepare.links.guard import check_link
from debate_worker.prepare.links.settings import LinkSettings


@dataclass(frozen=True, slots=True)
class Source:
    """What the job names; a file or an object was found to exist, a link was only read.

    source_hash: of a file's bytes, of an object's name and etag, of a link's text. path: the local file, for kind
    "file". bucket_uri, key: of an object.
    """

    kind: Literal["file", "object", "url"]
    location: str
    source_hash: str
    etag: str | None = None
    path: Path | None = None
    bucket_uri: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """The media in the store (`key`), and a local file to decode (`path`). warnings: for the report."""

    key: str
    path: Path
    title: str
    mime: str
    bytes: int
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What all documents of the job are called."""
        fields = keys.MEDIA.parse(self.key)
        assert fields is not None
        return fields["name"]


def find_source(spec: DebateJobSpec, base: Path, links: LinkSettings) -> Source:
    """Look the source up; raises SourceUnavailable or InvalidJob before anything is written."""
    if spec.source.file is not None:
        try:
            return _file(base / Path(spec.source.file).expanduser())
        except (RuntimeError, ValueError) as error:  # no such user's home; a NUL
            raise InvalidJob(f"source.file cannot be a path ({error}): write it out") from error
    if spec.source.object is not None:
        return _object(spec.source.object, spec.source.etag)
    assert spec.source.url is not None
    check_link(spec.source.url, links)
    # By its text: what lies behind it is looked at when it is fetched, and once it was fetched not again.
    return Source("url", spec.source.url, hashlib.sha256(spec.source.url.encode()).hexdigest())


def _file(path: Path) -> Source:
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise InvalidJob(f"{path} is a folder: source.file takes one media file")
        if not stat.S_ISREG(kind):  # reading one may never end
            raise InvalidJob(f"{path} is a pipe or a device: save what comes out of it as a file, and name that one")
        with path.open("rb") as file:
            source_hash = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceUnavailable(f"{path} cannot be read ({error.strerror}): check source.file") from error
    # Not the target of a symbolic link, whose name may have no extension.
    return Source("file", _as_text(path.absolute()), source_hash, path=path)


def _as_text(path: Path | str) -> str:
    """Linux names need not be text; documents must be."""
    return os.fsencode(path).decode(errors="replace")


def _object(uri: str, etag: str | None) -> Source:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        found = open_store(f"s3://{bucket}").stat(key)
    except StoreDenied as error:
        raise SourceUnavailable(f"{uri} may not be read by this identity: {error}") from error
    except NoSuchStore as error:
        raise SourceUnavailable(f"{uri} does not exist: {error}") from error
    except InvalidName as error:
        raise InvalidJob(f"source.object: {error}") from error
    if found is None:
        raise SourceUnavailable(f"{uri} does not exist: check source.object")
    if etag is not None and etag.strip('"') != found.etag:
        raise SourceUnavailable(f"{uri} is not the object that was meant: its etag is {found.etag}, not {etag}")
    return object_source(uri, found.etag)


def object_source(uri: str, etag: str) -> Source:
    """An object that is known to have, or to have had, this ETag."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    source_hash = hashlib.sha256(f"{uri}\n{etag}".encode()).hexdigest()
    return Source("object", uri, source_hash, etag, bucket_uri=f"s3://{bucket}", key=key)


def bring_file(source: Source, job_id: str, store: ObjectStore) -> Media:
    """Put a local file under the job's prefix, unless it is there."""
    assert source.path is not None
    return store_media(source.path, _as_text(source.path.stem), source.path.suffix, job_id, store)


def bring_object(source: Source, job_id: str, store: ObjectStore, scratch: Path) -> Media:
    """Put an object under the job's prefix, and have it as a local file.

    One that already lies at jobs/<id>/videos/ of this store is used where it is.
    """
    remote = open_store(source.bucket_uri)
    name = PurePosixPath(source.key)
    try:
        local = local_copy(remote, source.key, scratch / f"media.{media_ext(name.suffix)}")
    except ObjectNotFound as error:
        raise SourceUnavailable(f"{source.location} was deleted while it was read") from error
    own = _own_key(source, job_id, store)
    if own is not None:
        return Media(own, local, name.stem, _mime(name.suffix), local.stat().st_size)
    return store_media(local, name.stem, name.suffix, job_id, store)


def store_media(path: Path, title: str, suffix: str, job_id: str, store: ObjectStore, name: str | None = None) -> Media:
    """Put the media under jobs/<id>/videos/, unless it is there. name: what it is called there; by default the title.

    The same source claimed this id, so an object of the same size is the same media.
    """
    key = keys.MEDIA.key(job_id=job_id, name=slug(name or title), ext=media_ext(suffix))
    size = path.stat().st_size
    stored = store.stat(key)
    if stored is None or stored.size != size:
        store.put_file(key, path, content_type=_mime(suffix))
    return Media(key, path, title, _mime(suffix), size)


def media_in_store(facts: Mapping[str, object], store: ObjectStore, scratch: Path) -> Media:
    """The media that a result of prepare tells of, from the store. Raises ObjectNotFound."""
    key = str(facts["media_key"])
    path = local_copy(store, key, scratch / f"media{PurePosixPath(key).suffix}")
    warnings = tuple(str(facts.get("warnings") or "").splitlines())
    return Media(key, path, str(facts["title"]), str(facts["media_mime"]), path.stat().st_size, warnings)


def local_copy(store: ObjectStore, key: str, target: Path) -> Path:
    """The object as a local file: the store's own, or downloaded to `target`. Raises ObjectNotFound."""
    local = store.local_path(key)
    if local is None:
        store.download(key, target)
        local = target
    return local


def media_ext(suffix: str) -> str:
    """The extension for the media's key; `bin` where there is none that a key may hold."""
    try:
        return check_ext(suffix.lower().lstrip("."))
    except InvalidName:
        return "bin"


def _mime(suffix: str) -> str:
    return mimetypes.guess_type(f"x.{media_ext(suffix)}")[0] or "application/octet-stream"


def _own_key(source: Source, job_id: str, store: ObjectStore) -> str | None:
    """The object's key in this store, if it already lies among this job's videos."""
    prefix = store.uri.rstrip("/") + "/"
    if not source.location.startswith(prefix):
        return None
    key = source.location.removeprefix(prefix)
    fields = keys.MEDIA.parse(key)
    return key if fields and fields["job_id"] == job_id else None
