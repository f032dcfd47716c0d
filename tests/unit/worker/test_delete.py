"""`debate-worker delete`: all of one job goes, nothing of another does."""

from __future__ import annotations

from pathlib import Path

import pytest

from debate_core.documents.manifest import Owner
from debate_core.errors import InvalidJob
from debate_core.store import ObjectStore, StoreUnreachable, open_store
from debate_worker.delete import delete_job


def keys_of(job_id: str) -> list[str]:
    return [
        f"jobs/{job_id}/clips/0/a.mp4",
        f"jobs/{job_id}/job.json",
        f"jobs/{job_id}/owner.json",
        f"jobs/{job_id}/speakers.json",
        f"jobs/{job_id}/transcripts/debate.vtt",
        f"jobs/{job_id}/transcripts/debate_transcription.json",
        f"jobs/{job_id}/videos/debate.mp4",
        f"manifest/{job_id}.json",
        f"statistics/by-job/{job_id}.json",
        f"statistics/files/{job_id}/debate.vtt",
        f"work/{job_id}/audio.s16",
        f"work/{job_id}/results/prepare-0.json",
        f"work/{job_id}/windows/000-0123456789ab.json",
    ]


SHARED = ["models/index.json", "people.json", "statistics/index.json"]


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    """A store with the jobs debate, debate-2 and deb, and with what they share."""
    store = open_store(str(tmp_path / "store"))
    for key in [*keys_of("debate"), *keys_of("debate-2"), *keys_of("deb"), *SHARED]:
        store.put(key, key.encode())
    return store


def keys_in(store: ObjectStore) -> list[str]:
    return [info.key for info in store.list("")]


def test_all_of_the_job_goes_and_nothing_else(store: ObjectStore) -> None:
    assert delete_job(store, "debate") == len(keys_of("debate"))
    assert keys_in(store) == sorted([*keys_of("debate-2"), *keys_of("deb"), *SHARED])


def test_a_job_that_is_gone_has_nothing_to_delete(store: ObjectStore) -> None:
    delete_job(store, "debate")
    assert delete_job(store, "debate") == 0


@pytest.mark.parametrize("job_id", ["", "..", "a/b", "debate/", "Debate", "-a", "a" * 64, "debate\n", "%2e"])
def test_what_is_no_job_id_is_refused_before_anything_is_deleted(job_id: str, store: ObjectStore) -> None:
    before = keys_in(store)
    with pytest.raises(InvalidJob, match="is no job id"):
        delete_job(store, job_id)
    assert keys_in(store) == before


def test_a_store_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidJob, match="no folder"):
        delete_job(open_store(str(tmp_path / "nowhere")), "debate")


def test_an_interrupted_deletion_leaves_the_claim_and_no_link_and_can_be_run_again(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete_prefix = store.delete_prefix

    def breaking(prefix: str) -> int:
        if prefix == "jobs/debate/videos/":
            raise StoreUnreachable("the store went away")
        return delete_prefix(prefix)

    monkeypatch.setattr(store, "delete_prefix", breaking)
    with pytest.raises(StoreUnreachable):
        delete_job(store, "debate")
    left = [key for key in keys_in(store) if key in keys_of("debate")]
    assert left == [
        "jobs/debate/job.json",
        "jobs/debate/owner.json",
        "jobs/debate/speakers.json",
        "jobs/debate/videos/debate.mp4",
    ]

    monkeypatch.undo()
    assert delete_job(store, "debate") == len(left)
    assert not [key for key in keys_in(store) if key in keys_of("debate")]


def claimed(store: ObjectStore, job_id: str, uid: str) -> None:
    owner = Owner(namespace="debates", name="debate", uid=uid, source_hash="0" * 64)
    store.put(f"jobs/{job_id}/owner.json", owner.to_json())


def test_a_debatejob_that_was_refused_the_id_takes_nothing_with_it(store: ObjectStore) -> None:
    claimed(store, "debate", "uid-of-the-first")
    before = keys_in(store)
    assert delete_job(store, "debate", owner_uid="uid-of-the-second") == 0
    assert delete_job(store, "never-claimed", owner_uid="uid-of-the-second") == 0
    assert keys_in(store) == before
    assert delete_job(store, "debate", owner_uid="uid-of-the-first") == len(keys_of("debate"))
