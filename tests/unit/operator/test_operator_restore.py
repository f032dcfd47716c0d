"""DebateJobs from the store: what comes back, what does not and why, and that nothing becomes public by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.manifest import DocumentKeys, ManifestEntry, Owner
from debate_core.ids import InvalidName
from debate_core.store import FolderStore
from debate_operator.restore import as_yaml, restore, summary

LINK = {"url": "https://example.org/debate.mp4"}


class Store:
    """A folder store, in which times pass by the numbers that are given."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = FolderStore(root)

    def put(self, key: str, data: bytes, at: int = 1) -> None:
        self.store.put(key, data)
        os.utime(self.root / key, (at, at))

    def order(
        self, job_id: str, name: str = "", at: int = 1, labels: dict[str, str] | None = None, **spec: Any
    ) -> None:
        metadata = {"name": name or job_id, "namespace": "debates", "uid": "0f1e2d3c-0000", "labels": labels or {}}
        order = DebateJob.from_resource({"metadata": metadata, "spec": {"source": LINK, "jobId": job_id} | spec})
        self.put(f"jobs/{job_id}/debatejob.json", json.dumps(order.order()).encode(), at)

    def finished(self, job_id: str, *, publish: bool = True, at: int = 2) -> None:
        entry = ManifestEntry(
            job_id=job_id,
            title="Debate",
            source_url=None,
            publish=publish,
            completed_at=datetime(2026, 1, 2, tzinfo=UTC),
            documents=DocumentKeys(transcript="t.json"),
        )
        self.put(f"jobs/{job_id}/job.json", b"{}", at)
        self.put(f"manifest/{job_id}.json", entry.to_json(), at)

    def owner(self, job_id: str, uid: str) -> None:
        owner = Owner(namespace="debates", name=job_id, uid=uid, source_hash="0" * 64)
        self.put(f"jobs/{job_id}/owner.json", owner.to_json())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def specs(store: Store, **options: Any) -> dict[str, Any]:
    """By name."""
    found = [one.manifest for one in restore(store.store, **options) if one.manifest is not None]
    return {manifest["metadata"]["name"]: manifest["spec"] for manifest in found}


def notes(store: Store, **options: Any) -> dict[str, str]:
    return {one.job_id: one.note for one in restore(store.store, **options) if one.note}


def test_a_debatejob_comes_back_as_it_was_with_its_id_and_without_what_a_cluster_gives(store: Store) -> None:
    spec = {
        "run": 3,
        "language": "cs",
        "deletionPolicy": "DeleteOutputs",
        "ttl": {"succeededSeconds": 60},
        "callback": {"url": "https://a.example/x", "secretRef": {"name": "s", "key": "k"}},
        "podOverrides": {"env": [{"name": "DEBATE_WINDOW_SECONDS", "value": "60"}]},
    }
    store.order("council-0f1e2d3c", "council", labels={"team": "press"}, **spec)
    (one,) = restore(store.store)
    assert one.manifest == {
        "apiVersion": "debate-analyzer.io/v1alpha1",
        "kind": "DebateJob",
        "metadata": {"name": "council", "namespace": "debates", "labels": {"team": "press"}},
        "spec": {"source": LINK, "jobId": "council-0f1e2d3c", "publish": True} | spec,
    }


def test_those_with_work_to_do_come_first_and_can_be_had_alone(store: Store) -> None:
    for job_id in ("a", "b", "c"):
        store.order(job_id)
    store.finished("a")
    store.finished("c")
    assert list(specs(store)) == ["b", "a", "c"]
    assert list(specs(store, unfinished=True)) == ["b"]
    assert list(specs(store, job_ids=["c"])) == ["c"]


def test_a_download_is_finished_when_its_media_is_there(store: Store) -> None:
    store.order("a", mode="DownloadOnly")
    assert list(specs(store, unfinished=True)) == ["a"]
    store.put("jobs/a/videos/debate.mp4", b"x")
    assert list(specs(store, unfinished=True)) == []


def test_a_job_that_is_being_done_anew_is_not_finished(store: Store) -> None:
    """finish takes job.json away before it writes documents over others."""
    store.order("a")
    store.finished("a")
    store.store.delete("jobs/a/job.json")
    assert list(specs(store, unfinished=True)) == ["a"]


def test_an_order_after_the_end_is_work_to_do(store: Store) -> None:
    store.order("a", at=1)
    store.finished("a", at=2)
    assert list(specs(store, unfinished=True)) == []
    store.order("a", at=3, language="cs")
    assert list(specs(store, unfinished=True)) == ["a"]


def test_a_debate_that_was_taken_down_stays_down(store: Store) -> None:
    store.order("a")
    store.finished("a")
    store.store.delete("manifest/a.json")
    assert specs(store)["a"]["publish"] is False
    assert notes(store)["a"] == "comes back with publish: false, its manifest entry is gone"


@pytest.mark.parametrize(
    ("ordered", "ordered_at", "entered", "entered_at", "comes_back"),
    [
        (False, 1, None, 0, False),
        (True, 1, None, 0, True),
        (False, 1, False, 2, False),
        (True, 1, False, 2, False),  # unpublished after its end
        (False, 1, True, 2, True),  # published after its end
        (False, 3, True, 2, False),  # made private, and run again
        (True, 3, False, 2, False),  # published and run again: it is for that run's finish to say so
        (True, 3, True, 2, True),
    ],
)
def test_nothing_private_becomes_public(
    store: Store, ordered: bool, ordered_at: int, entered: bool | None, entered_at: int, comes_back: bool
) -> None:
    store.order("a", publish=ordered, at=ordered_at)
    if entered is not None:
        store.finished("a", publish=entered, at=entered_at)
    assert specs(store)["a"]["publish"] is comes_back
    assert bool(notes(store)) == (comes_back != ordered)


def test_an_entry_that_cannot_be_read_publishes_nothing(store: Store) -> None:
    store.order("a")
    store.finished("a")
    store.put("manifest/a.json", b"{")
    assert specs(store)["a"]["publish"] is False


def test_another_namespace(store: Store) -> None:
    store.order("a")
    (one,) = restore(store.store, namespace="elsewhere")
    assert one.name == ("elsewhere", "a")


def test_of_two_of_one_name_the_last_keeps_it(store: Store) -> None:
    store.order("council-00000001", "council", at=1)
    store.order("council-00000002", "council", at=2)
    assert {name: spec["jobId"] for name, spec in specs(store).items()} == {
        "council": "council-00000002",
        "council-00000001": "council-00000001",
    }
    assert "later DebateJob is called council" in notes(store)["council-00000001"]


def test_a_job_id_that_cannot_be_a_name_is_not_made_one(store: Store) -> None:
    long = "c" * 60
    store.order(long, "council", at=1)
    store.order("council-00000002", "council", at=2)
    assert list(specs(store)) == ["council"]
    assert "apply it under another name" in notes(store)[long]


def test_what_cannot_come_back_is_told_with_its_reason(store: Store) -> None:
    store.owner("earlier", "0f1e2d3c")
    store.finished("earlier")
    store.owner("laptop", "")
    store.put("jobs/older/transcripts/debate_transcription.json", b"{}")
    store.put("jobs/broken/debatejob.json", b"{")
    store.order("moved")
    (store.root / "jobs/moved").rename(store.root / "jobs/elsewhere")
    store.put("jobs/Not An Id/debatejob.json", b"{}")
    assert specs(store) == {}
    said = notes(store)
    assert set(said) == {"earlier", "laptop", "older", "broken", "elsewhere"}
    for job_id, text in {
        "earlier": "kept no jobs/earlier/debatejob.json: apply your own manifest",
        "laptop": "outside a cluster",
        "older": "older system",
        "broken": "cannot be used",
        "elsewhere": "of another job, moved",
    }.items():
        assert text in said[job_id]
    lines = summary(restore(store.store))
    assert lines[0] == "0 DebateJobs: 0 with work to do, 0 finished; 5 jobs cannot be made anew"
    assert next(line for line in lines if "its results stay" in line).startswith("earlier cannot")
    assert "nothing of it" in notes(store, job_ids=["nobody"])["nobody"]


def test_what_is_no_job_id_is_refused(store: Store) -> None:
    with pytest.raises(InvalidName):
        restore(store.store, job_ids=["../x"])


def test_no_text_is_a_number_for_kubectl(store: Store) -> None:
    """Whose YAML has numbers and truths that PyYAML's has not."""
    odd = ["1e3", "0o14", "y", "N", "yes", "0x1F", "1_000", "12:30", "~", "2026-01-01", ".5", "null", "Ján", "a: b"]
    store.order("a", speakers=odd, labels={"a": "1e3"})
    printed = as_yaml(restore(store.store))
    assert yaml.safe_load(printed)["spec"]["speakers"] == odd
    assert [line.strip("- ") for line in printed.splitlines() if line.strip().startswith("- ")] == [
        "'yes'" if text == "yes" else "'null'" if text == "null" else f'"{text}"' for text in odd
    ]
    assert '"a": "1e3"' in printed


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("debate-operator")
    return subprocess.run(
        [command, "restore", *words], env=os.environ | variables, capture_output=True, text=True, check=False
    )


def test_the_command_prints_manifests_alone_to_stdout(store: Store) -> None:
    store.order("a", speakers=["Ján"])
    store.order("b")
    store.finished("b")
    store.owner("earlier", "0f1e2d3c")
    done = run(DEBATE_STORE=str(store.root))
    assert done.returncode == 0
    assert [one["metadata"]["name"] for one in yaml.safe_load_all(done.stdout)] == ["a", "b"]
    assert "Ján" in done.stdout
    assert done.stderr.splitlines()[0] == "2 DebateJobs: 1 with work to do, 1 finished; 1 jobs cannot be made anew"

    done = run("--store", str(store.root), "--unfinished", "--namespace", "x")
    assert [one["metadata"] for one in yaml.safe_load_all(done.stdout)] == [{"name": "a", "namespace": "x"}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--store", "{store}", "--job-id", "nobody"], "nobody cannot be made anew"),
        (["--store", "{store}", "--job-id", "No"], "is no valid job_id"),
        (["--store", "http://x"], "is unknown: give s3://"),
        (["--store", "{store}/not/there"], "no folder"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_printed(store: Store, words: list[str], said: str) -> None:
    store.order("a")
    done = run(*(word.format(store=store.root) for word in words))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
