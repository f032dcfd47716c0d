"""A deleted job, brought back from a bucket that keeps versions, with the commands that an operator types."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from debate_core.documents.manifest import DocumentKeys, ManifestEntry, Owner
from debate_core.documents.statistics import DebateStatistics
from debate_core.errors import InvalidJob
from debate_core.store import ObjectStore, open_store
from debate_worker.undelete import undelete_job

DATA = Path(__file__).parents[1] / "data/statistics"
STORE = "s3://versions/debates"
TRANSCRIPTS = "jobs/council/transcripts/sample-debate"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """A server that keeps versions as S3 does."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(aws: str, aws_environment: pytest.MonkeyPatch) -> Iterator[Any]:
    """With an empty, versioned bucket."""
    aws_environment.setenv("AWS_ENDPOINT_URL", aws)
    client = boto3.Session(region_name="us-east-1").client("s3", endpoint_url=aws)
    client.create_bucket(Bucket="versions")
    client.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    yield client
    listed = client.list_object_versions(Bucket="versions")
    for one in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
        client.delete_object(Bucket="versions", Key=one["Key"], VersionId=one["VersionId"])
    client.delete_bucket(Bucket="versions")


@pytest.fixture
def store(client: Any) -> ObjectStore:
    """With one finished, public job."""
    store = open_store(STORE)
    owner = Owner(namespace="debates", name="council", uid="0f1e2d3c-0000", source_hash="0" * 64)
    store.put("jobs/council/owner.json", owner.to_json())
    store.put("jobs/council/job.json", b"{}")
    store.put("jobs/council/videos/sample-debate.mp4", b"media")
    for end, name in {
        "_transcription.json": "sample-debate_transcription.json",
        ".words.json": "sample-debate.words.json",
        ".rttm": "sample-debate.rttm",
    }.items():
        store.put_file(f"{TRANSCRIPTS}{end}", DATA / name)
    store.put("work/council/windows/000-0123456789ab.json", b"{}")
    entry = ManifestEntry(
        job_id="council",
        title="Council",
        source_url=None,
        publish=True,
        completed_at=datetime(2026, 1, 2, tzinfo=UTC),
        documents=DocumentKeys(
            transcript=f"{TRANSCRIPTS}_transcription.json",
            words=f"{TRANSCRIPTS}.words.json",
            rttm=f"{TRANSCRIPTS}.rttm",
        ),
    )
    store.put("manifest/council.json", entry.to_json())
    return store


def command(*words: str) -> str:
    program = Path(sys.executable).with_name(words[0])
    done = subprocess.run(
        [program, *words[1:], "--store", STORE], env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def let_pass(*, hours: int) -> None:
    """As if all that was written and deleted until now had been so long ago."""
    bucket = s3_backends["123456789012"]["aws"].buckets["versions"]
    for _, versions in bucket.keys.lists():
        for one in versions:
            one.last_modified -= timedelta(hours=hours)


def kept(store: ObjectStore) -> dict[str, tuple[str, datetime]]:
    return {
        info.key: (info.etag, info.last_modified) for info in store.list("") if not info.key.startswith("statistics/")
    }


def figures(store: ObjectStore) -> dict[str, Any]:
    found = DebateStatistics.from_json(store.get("statistics/by-job/council.json"))
    return found.model_dump(mode="json", exclude={"generated_at"})


def test_a_deleted_job_is_back_as_it_was_and_so_are_its_statistics(store: ObjectStore) -> None:
    command("debate-stats", "run")
    before, shown = kept(store), figures(store)
    command("debate-worker", "delete", "--job-id", "council")
    command("debate-stats", "run")
    assert kept(store) == {}
    assert not store.exists("statistics/by-job/council.json")

    assert "8 objects of council are back" in command("debate-worker", "undelete", "--job-id", "council")
    assert kept(store) == before
    command("debate-stats", "run")
    assert figures(store) == shown
    assert b"council" in store.get("statistics/index.json")


def test_a_job_next_to_it_is_left_alone(store: ObjectStore) -> None:
    for key in ("jobs/council-2/job.json", "manifest/council-2.json", "manifest/council.json.bak"):
        store.put(key, b"{}")
        store.delete(key)
    before = kept(store)
    command("debate-worker", "delete", "--job-id", "council")
    assert undelete_job(store, "council") == 8
    assert kept(store) == before


def test_what_was_deleted_before_stays_deleted(store: ObjectStore) -> None:
    """Media of a first try, say, which its claim took away."""
    store.put("jobs/council/videos/broken.mp4", b"x")
    store.delete("jobs/council/videos/broken.mp4")
    before = kept(store)
    since = datetime.now(UTC)
    command("debate-worker", "delete", "--job-id", "council")
    assert undelete_job(store, "council", since=since + timedelta(days=1)) == 0
    assert undelete_job(store, "council", since=since) == 8
    assert kept(store) == before


def test_what_was_deleted_twice_is_back(store: ObjectStore, client: Any) -> None:
    before = kept(store)
    command("debate-worker", "delete", "--job-id", "council")
    client.delete_object(Bucket="versions", Key="debates/jobs/council/job.json")
    assert undelete_job(store, "council") == 8
    assert kept(store) == before


def test_what_was_taken_down_before_the_job_was_deleted_stays_down(store: ObjectStore) -> None:
    """Deleting the entry is how a debate is withdrawn."""
    store.delete("manifest/council.json")
    let_pass(hours=2)
    before = kept(store)
    command("debate-worker", "delete", "--job-id", "council")
    assert "7 objects of council are back" in command("debate-worker", "undelete", "--job-id", "council")
    assert kept(store) == before


def test_an_id_that_was_used_twice_has_the_last_ones_files_alone(store: ObjectStore) -> None:
    first = datetime.now(UTC)
    command("debate-worker", "delete", "--job-id", "council")
    let_pass(hours=2)
    other = Owner(namespace="debates", name="council", uid="99999999-0000", source_hash="1" * 64)
    store.put("jobs/council/owner.json", other.to_json())
    store.put("jobs/council/videos/other.mp4", b"media")
    before = kept(store)
    command("debate-worker", "delete", "--job-id", "council")
    assert undelete_job(store, "council") == 2
    assert kept(store) == before

    command("debate-worker", "delete", "--job-id", "council")
    assert undelete_job(store, "council", since=first - timedelta(hours=3)) == 9, "who says since when gets it"


def test_an_interrupted_one_can_be_run_again(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept(store)
    command("debate-worker", "delete", "--job-id", "council")
    undelete = store.undelete  # type: ignore[attr-defined]

    def interrupted(place: str, **options: Any) -> None:
        if place.startswith("manifest/"):
            raise KeyboardInterrupt
        undelete(place, **options)

    monkeypatch.setattr(store, "undelete", interrupted)
    with pytest.raises(KeyboardInterrupt):
        undelete_job(store, "council")
    monkeypatch.setattr(store, "undelete", undelete)
    assert undelete_job(store, "council") == 2, "the entry and the claim"
    assert kept(store) == before


def test_an_id_that_somebody_has_taken_since_is_not_mixed(store: ObjectStore) -> None:
    command("debate-worker", "delete", "--job-id", "council")
    other = Owner(namespace="debates", name="other", uid="99999999-0000", source_hash="1" * 64)
    store.put("jobs/council/owner.json", other.to_json())
    with pytest.raises(InvalidJob, match=r"in use \(claimed by debates/other\): nothing was brought back"):
        undelete_job(store, "council")
    assert set(kept(store)) == {"jobs/council/owner.json"}


def test_a_bucket_without_versions_has_nothing(client: Any, store: ObjectStore) -> None:
    client.create_bucket(Bucket="plain")
    plain = open_store("s3://plain")
    plain.put("jobs/council/job.json", b"{}")
    plain.delete("jobs/council/job.json")
    assert undelete_job(plain, "council") == 0


def test_a_folder_keeps_no_versions(folder_store: ObjectStore) -> None:
    with pytest.raises(InvalidJob, match="bring it back from your backup"):
        undelete_job(folder_store, "council")
    with pytest.raises(InvalidJob, match="is no job id"):
        undelete_job(folder_store, "../x")
