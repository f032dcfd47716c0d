"""Where the media comes from: a file, or an object in a bucket. What it is called, and its way into the store."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from debate_core import keys
from debate_core.documents.debatejob import DebateJobSpec
from debate_core.errors import InvalidJob, SourceUnavailable
from debate_core.ids import InvalidName, check_ext, slug
from debate_core.store import ObjectNotFound, ObjectStore, StoreDenied, open_store


@dataclass(frozen=True, slots=True)
class Source:
    """A source that was found to exist.

    source_hash: of a file's bytes, of an object's name and etag. path: the local file, for kind "file".
    bucket_uri, key: of an object.
    """

    kind: str
    location: str
    title: str
    source_hash: str
    etag: str | None = None
    path: Path | None = None
    bucket_uri: str = ""
    key: str = ""

    @property
    def ext(self) -> str:
        """The extension for the media's key; `bin` where the name has none that a key may hold."""
        suffix = PurePosixPath(self.location).suffix.lower().lstrip(".")
        try:
            return check_ext(suffix)
        except InvalidName:
            return "bin"

    @property
    def name(self) -> str:
        return slug(self.title)

    @property
    def mime(self) -> str:
        return mimetypes.guess_type(f"x.{self.ext}")[0] or "application/octet-stream"


def find_source(spec: DebateJobSpec, base: Path) -> Source:
    """Look the source up; raises SourceUnavailable or InvalidJob before anything is written."""
    if spec.source.file is not None:
        return _file(base / Path(spec.source.file).expanduser())
    if spec.source.object is not None:
        return _object(spec.source.object, spec.source.etag)
    raise InvalidJob(
        "source.url is not supported by this version: put the media into a bucket and name it in source.object "
        "(debate-worker on your own machine takes source.file, too)"
    )


def _file(path: Path) -> Source:
    if path.is_dir():
        raise InvalidJob(f"{path} is a folder: source.file takes one media file")
    try:
        with path.open("rb") as file:
            source_hash = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceUnavailable(f"{path} cannot be read ({error.strerror}): check source.file") from error
    return Source("file", str(path.resolve()), path.stem, source_hash, path=path)


def _object(uri: str, etag: str | None) -> Source:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        found = open_store(f"s3://{bucket}").stat(key)
    except StoreDenied as error:
        raise SourceUnavailable(f"{uri} may not be read by this identity: {error}") from error
    except InvalidName as error:
        raise InvalidJob(f"source.object: {error}") from error
    if found is None:
        raise SourceUnavailable(f"{uri} does not exist: check source.object")
    if etag is not None and etag.strip('"') != found.etag:
        raise SourceUnavailable(f"{uri} is not the object that was meant: its etag is {found.etag}, not {etag}")
    source_hash = hashlib.sha256(f"{uri}\n{found.etag}".encode()).hexdigest()
    title = PurePosixPath(key).stem
    return Source("object", uri, title, source_hash, found.etag, bucket_uri=f"s3://{bucket}", key=key)


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """The media in the store (`key`), and a local file to decode (`path`)."""

    key: str
    bytes: int
    path: Path


def bring_media(source: Source, job_id: str, store: ObjectStore, scratch: Path) -> StoredMedia:
    """Put the media under the job's prefix, unless it is there, and have it as a local file.

    An object that already lies at jobs/<id>/videos/ of this store is used where it is.
    """
    if source.path is not None:
        key = keys.MEDIA.key(job_id=job_id, name=source.name, ext=source.ext)
        stored = store.stat(key)
        size = source.path.stat().st_size
        # The same source claimed this id, so an object of the same size is the same media.
        if stored is None or stored.size != size:
            store.put_file(key, source.path, content_type=source.mime)
        return StoredMedia(key, size, source.path)
    remote = open_store(source.bucket_uri)
    local = remote.local_path(source.key)
    if local is None:
        local = scratch / f"media.{source.ext}"
        try:
            remote.download(source.key, local)
        except ObjectNotFound as error:
            raise SourceUnavailable(f"{source.location} was deleted while it was read") from error
    own = _own_key(source, job_id, store)
    if own is None:
        own = keys.MEDIA.key(job_id=job_id, name=source.name, ext=source.ext)
        stored = store.stat(own)
        if stored is None or stored.size != local.stat().st_size:
            store.put_file(own, local, content_type=source.mime)
    return StoredMedia(own, local.stat().st_size, local)


def _own_key(source: Source, job_id: str, store: ObjectStore) -> str | None:
    """The object's key in this store, if it already lies among this job's videos."""
    prefix = store.uri.rstrip("/") + "/"
    if not source.location.startswith(prefix):
        return None
    key = source.location.removeprefix(prefix)
    fields = keys.MEDIA.parse(key)
    return key if fields and fields["job_id"] == job_id else None
