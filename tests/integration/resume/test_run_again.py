"""A finished job that is run again when its work/ has expired costs some look-ups, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from faulty_proxy import FaultyProxy
from forks import Forks
from versitygw import S3Server
from worker_process import NAME, manifest

from debate_core.documents.manifest import ManifestEntry
from debate_core.store import ObjectStore, open_store

Run = Callable[[Path], list[int]]


@pytest.fixture
def store(forks: Forks, job: Path, s3_store_uri: str) -> ObjectStore:
    """A job that was finished some days ago."""
    assert forks.run(job, s3_store_uri).code == 0
    finished = open_store(s3_store_uri)
    finished.delete_prefix(f"work/{NAME}/")
    return finished


@pytest.fixture
def again(forks: Forks, store: ObjectStore) -> Run:
    """Run a job again; the windows that the models were asked for."""

    def run(job: Path) -> list[int]:
        ended = forks.run(job, store.uri)
        assert ended.code == 0, ended.said
        return ended.asked

    return run


def outputs(store: ObjectStore) -> dict[str, str]:
    return {info.key: info.etag for info in store.list("") if not info.key.startswith("work/")}


def test_nothing_is_done_anew(
    store: ObjectStore, forks: Forks, job: Path, s3_server: S3Server, quiet_run: ObjectStore
) -> None:
    before = outputs(store)
    with FaultyProxy(s3_server.port).running() as proxy:
        ended = forks.run(job, store.uri, environ={"AWS_ENDPOINT_URL": proxy.endpoint_url})
        written = [path for method, path in proxy.requests if method in ("PUT", "POST") and "owner.json" not in path]
        assert len(proxy.requests) < 30
    assert (ended.code, ended.asked) == (0, []), ended.said
    assert all("/results/" in path for path in written)
    assert len(written) == 3
    assert outputs(store) == before
    assert ended.words is not None
    first = quiet_run.get(f"work/{NAME}/results/finish-0.json")
    assert ended.words.to_json() == first


def test_each_step_of_its_own_tells_so(store: ObjectStore, forks: Forks, job: Path) -> None:
    for step in ("prepare", "analyze", "finish"):
        ended = forks.run(job, store.uri, "--step", step)
        assert (ended.code, ended.asked) == (0, []), ended.said
        assert ended.words is not None
        assert (ended.words.step, ended.words.facts["windows"]) == (step, 3)


def test_what_may_change_afterwards_reaches_the_manifest(
    store: ObjectStore, again: Run, short_media: Path, tmp_path: Path
) -> None:
    before = outputs(store)
    assert again(manifest(tmp_path, short_media, publish=False)) == []
    assert ManifestEntry.from_json(store.get(f"manifest/{NAME}.json")).publish is False
    assert {key for key, etag in outputs(store).items() if before[key] != etag} == {f"manifest/{NAME}.json"}


def test_another_request_is_done(store: ObjectStore, again: Run, short_media: Path, tmp_path: Path) -> None:
    assert again(manifest(tmp_path, short_media, diarization={"minSpeakers": 2})) == [0, 1, 2]
    assert again(manifest(tmp_path, short_media)) == []  # the windows fit both


@pytest.mark.parametrize("lost", [".vtt", "job.json"])
def test_a_result_that_is_not_whole_is_made_again(store: ObjectStore, again: Run, job: Path, lost: str) -> None:
    (key,) = (info.key for info in store.list(f"jobs/{NAME}/") if info.key.endswith(lost))
    store.delete(key)
    assert again(job) == [0, 1, 2]
    assert store.exists(key)
