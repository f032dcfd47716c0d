"""What one package writes and another reads, without a document of core between: it comes through whole."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from fuzz_readers import NOW, SETTINGS
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyannote.core import Segment

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.debatejob_status import DebateJobStatus
from debate_core.store import FolderStore
from debate_operator.decide import decide
from debate_operator.facts import DebateJobFacts, Observed
from debate_operator.names import ANNOTATION_MANIFEST
from debate_operator.restore import restore
from debate_stats.rttm import Speech, parse
from debate_worker.finish.rttm import rttm
from debate_worker.finish.turns import Turn, seconds
from debate_worker.prepare.claim import keep_order

turns = st.lists(
    st.builds(
        lambda start, size, who: Turn(start, start + size, f"SPEAKER_{who:02d}"),
        st.integers(0, 100_000_000),
        st.integers(1, 100_000),
        st.integers(0, 12),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(turns, st.from_regex(r"[a-z0-9_-][a-z0-9._-]{0,79}", fullmatch=True))
def test_the_statistics_read_the_workers_rttm(written: list[Turn], name: str) -> None:
    found = parse(rttm(written, name).encode())
    assert found == [Speech(Segment(seconds(start), seconds(end)), who) for start, end, who in sorted(written)]


JOB = DebateJobFacts(
    namespace="debates",
    name="debate",
    uid="0f1e2d3c-0000-4000-8000-000000000001",
    resource_version="1",
    generation=1,
    created_at=NOW,
    spec={},
    status=DebateJobStatus(),
)
# What a person can type: all but control characters.
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40)


@settings(deadline=None)
@given(st.lists(names, max_size=5), st.lists(names, max_size=5))
@example(["NATO \U0001f600"], ["Jana\u2028Nov\u00e1kov\u00e1"])
def test_the_worker_reads_the_manifest_that_the_operator_hands_it(hotwords: list[str], speakers: list[str]) -> None:
    spec: dict[str, Any] = {
        "source": {"object": "s3://debates/in/debate.mp4"},
        "transcription": {"hotwords": hotwords},
        "speakers": speakers,
    }
    plan = decide(replace(JOB, spec=spec), Observed(), NOW, SETTINGS)
    assert plan.create is not None
    read = DebateJob.from_yaml(plan.create["spec"]["template"]["metadata"]["annotations"][ANNOTATION_MANIFEST])
    assert (read.spec.transcription.hotwords, read.spec.speakers) == (hotwords, speakers)
    assert (read.metadata.name, read.metadata.namespace, read.metadata.uid) == (JOB.name, JOB.namespace, JOB.uid)


SPECS = st.fixed_dictionaries(
    {},
    optional={
        "speakers": st.lists(names, max_size=3),
        "publish": st.booleans(),
        "run": st.integers(1, 1000),
        "priorityClassName": st.just("urgent"),
        "queueName": st.just("gpus"),
        "deadlines": st.fixed_dictionaries({}, optional={"activeSeconds": st.integers(1, 1000)}),
        "retry": st.fixed_dictionaries({}, optional={"attempts": st.integers(1, 10)}),
        "ttl": st.fixed_dictionaries({}, optional={"failedSeconds": st.integers(0, 1000)}),
        "deletionPolicy": st.sampled_from(["Retain", "DeleteOutputs"]),
        "callback": st.just({"url": "https://a.example/x", "secretRef": {"name": "s", "key": "k"}}),
        "podOverrides": st.just({"resources": {"limits": {"memory": "8Gi"}}, "tolerations": [{"operator": "Exists"}]}),
    },
)


@settings(deadline=None)
@given(SPECS, st.dictionaries(st.sampled_from(["team", "example.org/topic"]), st.just("press")))
def test_a_debatejob_comes_back_from_the_store_as_it_was_applied(spec: dict[str, Any], labels: dict[str, str]) -> None:
    """By the operator's annotation, the worker's document and the command that prints it."""
    applied = {"source": {"object": "s3://debates/in/debate.mp4"}} | spec
    plan = decide(replace(JOB, spec=applied, labels=labels), Observed(), NOW, SETTINGS)
    assert plan.create is not None
    pod = DebateJob.from_yaml(plan.create["spec"]["template"]["metadata"]["annotations"][ANNOTATION_MANIFEST])
    with tempfile.TemporaryDirectory() as folder:
        keep_order(FolderStore(Path(folder)), pod.job_id, pod)
        (kept,) = restore(FolderStore(Path(folder)))
    assert kept.manifest is not None
    assert kept.manifest["metadata"] == {"name": "debate", "namespace": "debates"} | (
        {"labels": labels} if labels else {}
    )
    assert kept.manifest["spec"] == {"publish": True, "jobId": "debate-0f1e2d3c"} | applied
