"""What prepare leaves beside the media: the claim, and the DebateJob as it can be made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from media import tone

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.manifest import Owner
from debate_core.errors import JobIdTaken
from debate_core.store import ObjectStore, open_store
from debate_worker.context import Context
from debate_worker.delete import delete_job
from debate_worker.prepare.claim import claim, keep_order
from debate_worker.prepare.step import prepare

MakeContext = Callable[..., Context]
KEY = "jobs/debate-0f1e2d3c/debatejob.json"
SPEC: dict[str, Any] = {
    "source": {"object": "s3://in/debate.mp4"},
    "publish": False,
    "callback": {"url": "https://a.example/x", "secretRef": {"name": "s", "key": "k"}},
}


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return open_store(str(tmp_path))


def a_job(uid: str = "0f1e2d3c-0000", name: str = "debate", **spec: Any) -> DebateJob:
    metadata = {"name": name, "namespace": "debates", "uid": uid, "labels": {"team": "press"}}
    return DebateJob.from_resource({"metadata": metadata, "spec": SPEC | spec})


def test_the_order_can_be_applied_as_it_is_and_names_the_id(store: ObjectStore) -> None:
    keep_order(store, "debate-0f1e2d3c", a_job())
    kept = DebateJob.from_yaml(store.get(KEY).decode())
    assert (kept.metadata.name, kept.metadata.namespace, kept.metadata.uid) == ("debate", "debates", "")
    assert kept.metadata.labels == {"team": "press"}
    assert kept.job_id == "debate-0f1e2d3c"
    assert kept.spec == a_job(jobId="debate-0f1e2d3c").spec
    assert kept.spec.model_fields_set == {"source", "publish", "callback", "job_id"}, "what has a default is left to it"


def test_the_same_order_is_written_once_and_a_changed_one_again(store: ObjectStore) -> None:
    keep_order(store, "debate-0f1e2d3c", a_job())
    before = store.stat(KEY)
    keep_order(store, "debate-0f1e2d3c", a_job())
    # Made anew it has another uid, and its id in its spec.
    keep_order(store, "debate-0f1e2d3c", a_job(uid="99999999-0000", jobId="debate-0f1e2d3c"))
    assert store.stat(KEY) == before
    keep_order(store, "debate-0f1e2d3c", a_job(publish=True, run=2))
    assert DebateJob.from_yaml(store.get(KEY).decode()).spec.run == 2


def test_a_manifest_that_was_never_in_a_cluster_is_not_kept(store: ObjectStore) -> None:
    keep_order(store, "debate", DebateJob.model_validate({"metadata": {"name": "debate"}, "spec": SPEC}))
    assert not store.exists("jobs/debate/debatejob.json")


def test_a_failed_debate_has_its_order_kept(make_context: MakeContext, tmp_path: Path) -> None:
    (tmp_path / "in.wav").write_bytes(b"no media")
    context = make_context({"source": {"file": "in.wav"}})
    metadata = context.job.metadata.model_copy(update={"uid": "0f1e2d3c-0000"})
    context = replace(context, job=context.job.model_copy(update={"metadata": metadata}), job_id="a-debate-0f1e2d3c")
    with pytest.raises(Exception, match="decoded"):
        prepare(context)
    assert context.store.exists("jobs/a-debate-0f1e2d3c/debatejob.json")


def test_who_is_refused_the_id_leaves_the_others_order(make_context: MakeContext, tmp_path: Path) -> None:
    tone(tmp_path / "in.wav", 1)
    context = make_context({"source": {"file": "in.wav"}})
    claim(context.store, "a-debate", a_job(uid="0f1e2d3c-0000").metadata, "1" * 64)
    other = a_job(uid="99999999-0000", name="other")
    with pytest.raises(JobIdTaken):
        prepare(replace(context, job=context.job.model_copy(update={"metadata": other.metadata})))
    assert not context.store.exists("jobs/a-debate/debatejob.json")


def owner(store: ObjectStore) -> Owner:
    return Owner.from_json(store.get("jobs/debate/owner.json"))


def test_a_debatejob_that_is_made_anew_owns_its_results(store: ObjectStore) -> None:
    first, again = a_job(uid="0f1e2d3c-0000").metadata, a_job(uid="99999999-0000").metadata
    claim(store, "debate", first, "1" * 64)
    claim(store, "debate", again, "1" * 64)
    assert owner(store).uid == "99999999-0000"
    assert delete_job(store, "debate", owner_uid="0f1e2d3c-0000") == 0, "what is deleted with the first one is not its"
    assert delete_job(store, "debate", owner_uid="99999999-0000") == 1


def test_another_one_with_the_same_source_goes_on_and_does_not_own(store: ObjectStore) -> None:
    claim(store, "debate", a_job(uid="0f1e2d3c-0000").metadata, "1" * 64)
    claim(store, "debate", a_job(uid="99999999-0000", name="other").metadata, "1" * 64)
    assert owner(store).uid == "0f1e2d3c-0000"
