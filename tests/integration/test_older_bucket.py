"""A bucket of the older set-up, whose jobs AWS Batch ran: its debates are taken in, and nothing of it changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from debate_core.documents.statistics import DebateStatistics, StatisticsIndex
from debate_core.documents.transcript import Transcript
from debate_core.store import ObjectStore, open_store

TRANSCRIPT = (Path(__file__).parents[1] / "data/statistics/sample-debate_transcription.json").read_bytes()
JOBS = {"batch-2024-001": "Leaders debate", "batch-2024-002": "evening_debate", "3f9c2a": "council"}


@pytest.fixture
def bucket(s3_store: ObjectStore) -> ObjectStore:
    """Media and transcripts, the list of jobs, and the statistics of its own kind."""
    for job_id, name in JOBS.items():
        s3_store.put(f"jobs/{job_id}/videos/{name}.mp4", b"media")
        s3_store.put(f"jobs/{job_id}/transcripts/{name}_transcription.json", TRANSCRIPT)
    s3_store.put("lists/all.json", json.dumps([f"jobs/{job_id}/" for job_id in JOBS]).encode())
    s3_store.put("statistics/index.json", b'[{"id": "batch-2024-001"}]')
    s3_store.put("statistics/by-job/batch-2024-001.json", b'{"speakers": {"SPEAKER_00": 12.5}}')
    return s3_store


def stats(*words: str, **variables: str) -> str:
    program = Path(sys.executable).with_name("debate-stats")
    done = subprocess.run([program, *words], env=os.environ | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def of_the_older_system(store: ObjectStore) -> dict[str, str]:
    return {info.key: info.etag for prefix in ("jobs/", "lists/") for info in store.list(prefix)}


def listed(store: ObjectStore) -> set[tuple[str, str]]:
    return {(job.job_id, job.title) for job in StatisticsIndex.from_json(store.get("statistics/index.json")).jobs}


def test_its_debates_are_on_the_page_and_its_own_readers_find_what_they_knew(bucket: ObjectStore) -> None:
    before = of_the_older_system(bucket)
    older = {
        "DEBATE_STORE": bucket.uri,
        "MANIFEST_S3_URI": f"{bucket.uri}/lists/all.json",
        "STATS_OUTPUT_S3_URI": f"{bucket.uri}/statistics/",
        "DEBATE_ADOPT": "1",
    }
    stats("run", **older)
    assert listed(bucket) == {
        ("batch-2024-001", "Leaders debate"),
        ("batch-2024-002", "evening debate"),
        ("3f9c2a", "council"),
    }
    for job_id in JOBS:
        figures = DebateStatistics.from_json(bucket.get(f"statistics/by-job/{job_id}.json"))
        assert (figures.totals.speakers, figures.files.transcript is not None) == (3, True)
    assert of_the_older_system(bucket) == before
    assert Transcript.from_json(TRANSCRIPT).to_json().strip() == TRANSCRIPT.strip(), "the shape is the same"

    stats("run", "--store", bucket.uri)  # as the cluster does it from now on, without any list
    assert len(listed(bucket)) == len(JOBS)


def test_one_that_is_left_out_of_the_list_stays_private(bucket: ObjectStore) -> None:
    stats("run", "--store", bucket.uri, "--job-id", "3f9c2a", "--adopt")
    stats("run", "--store", bucket.uri)
    assert listed(bucket) == {("3f9c2a", "council")}
    assert [info.key for info in bucket.list("statistics/by-job/")] == ["statistics/by-job/3f9c2a.json"]


def test_going_back_takes_what_is_new_and_leaves_the_rest(bucket: ObjectStore) -> None:
    before = of_the_older_system(bucket)
    stats("run", "--store", bucket.uri, "--manifest", f"{bucket.uri}/lists/all.json", "--adopt")
    for prefix in ("manifest/", "statistics/"):
        bucket.delete_prefix(prefix)
    assert of_the_older_system(bucket) == before
    assert {info.key for info in bucket.list("")} == set(before)


def test_a_copy_of_the_bucket_does_as_well(bucket: ObjectStore, tmp_path: Path) -> None:
    """What `aws s3 sync` makes: the same keys, elsewhere and of today."""
    copy = open_store(str(tmp_path / "copy"))
    for info in bucket.list("jobs/"):
        copy.put(info.key, bucket.get(info.key))
    stats("run", "--store", copy.uri, "--manifest", f"{bucket.uri}/lists/all.json", "--adopt")
    assert len(listed(copy)) == len(JOBS)
