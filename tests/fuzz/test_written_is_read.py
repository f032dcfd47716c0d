"""What one package writes and another reads, without a document of core between: it comes through whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fuzz_readers import NOW, SETTINGS
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyannote.core import Segment

from debate_core.documents.debatejob import DebateJob
from debate_core.documents.debatejob_status import DebateJobStatus
from debate_operator.decide import decide
from debate_operator.facts import DebateJobFacts, Observed
from debate_operator.names import ANNOTATION_MANIFEST
from debate_stats.rttm import Speech, parse
from debate_worker.finish.rttm import rttm
from debate_worker.finish.turns import Turn, seconds

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
