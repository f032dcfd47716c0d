"""The quality report: every figure against a small debate that can be counted by hand."""

from __future__ import annotations

import pytest
from finish_cases import ASR, DIARIZATION, decoded, plan_of, planned

from debate_core.documents.models_index import ModelEntry, ModelFile
from debate_core.documents.plan import Plan, PlannedModel, Span
from debate_core.documents.report import QualityReport
from debate_core.documents.window import Chunk, Language, WindowResult
from debate_worker.finish.attribution import attribute, in_order
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.report import MediaFacts, language_evidence, model_notices, quality_report
from debate_worker.finish.turns import Turn

PARAMETERS = Parameters()
PLAN = plan_of([planned(0, 0, 30_000), planned(1, 30_000, 60_000)], [(1000, 11_000), (20_000, 40_000)])


def chunk(start: float, end: float, decision: str = "kept", text: str = "") -> Chunk:
    return Chunk(
        start=start,
        end=end,
        decision=decision,
        why=[] if decision == "kept" else ["repetition"],
        average_log_probability=-0.3,
        compression_ratio=1.2,
        no_speech_probability=0.1,
        temperature=0.0,
        text=text,
    )


def result(index: int, words: list = (), chunks: list = (), code: str = "en", **votes: float) -> WindowResult:
    return WindowResult(
        index=index,
        hash=f"{index:016x}",
        language=Language(code=code, probability=0.9, votes=votes),
        words=list(words),
        chunks=list(chunks),
        diarization=None,
    )


WINDOWS = [
    result(0, [decoded(1500, 2000), decoded(4000, 10_000)], [chunk(0, 12), chunk(20, 25, "redecoded")], en=1.5, cs=0.5),
    result(1, [decoded(38_100, 39_000)], [chunk(30, 35, "dropped", "bye bye bye"), chunk(38, 40)], cs=0.75),
]


def report(plan: Plan = PLAN, windows: list[WindowResult] = WINDOWS, turns: tuple[Turn, ...] = ()) -> QualityReport:
    return quality_report(
        plan,
        windows,
        attribute(in_order(windows), sorted(turns), [turn for turn in turns if turn.speaker == "a"], PARAMETERS),
        None,
        MediaFacts("video/mp4", 60.2, ["the sound is 0.2 s shorter"]),
        ["lab/asr: knows little"],
        PARAMETERS,
    )


def test_coverage_counts_the_speech_whose_text_was_kept() -> None:
    coverage = report().coverage
    assert coverage.duration_seconds == 60.0
    assert coverage.speech_seconds == 30.0
    assert coverage.transcribed_seconds == 10 + 5 + 2
    assert coverage.transcribed_ratio == pytest.approx(17 / 30, abs=0.001)


def test_a_dropped_part_of_a_kept_clip_is_not_transcribed() -> None:
    # What was decoded again alone, because it was speech without a word, and could not be believed.
    part = chunk(6, 9, "dropped", "hm hm hm").model_copy(update={"why": ["missed_speech"]})
    before, after = (
        report().coverage,
        report(windows=[WINDOWS[0].model_copy(update={"chunks": [*WINDOWS[0].chunks, part]}), WINDOWS[1]]).coverage,
    )
    assert after.transcribed_seconds == before.transcribed_seconds - 3
    assert after.speech_seconds == before.speech_seconds


def test_what_was_dropped_is_there_to_be_checked() -> None:
    decoding = report().decoding
    assert (decoding.clips, decoding.kept, decoding.redecoded) == (4, 2, 1)
    assert [dropped.text for dropped in decoding.dropped] == ["bye bye bye"]


def test_gaps_are_two_seconds_of_speech_without_a_word() -> None:
    # 1.0-1.5 and 10-11 are too short; 2-4 is just enough; 38.1-39 parts the second stretch.
    assert report().gaps == [Span(start=2, end=4), Span(start=20, end=38.1)]


def test_attribution_counts_words_and_overlap() -> None:
    figures = report(turns=(Turn(1000, 12_000, "a"), Turn(9000, 13_000, "b"))).attribution
    assert (figures.words, figures.unattributed_words, figures.smoothed_words, figures.speakers) == (3, 1, 0, 1)
    assert figures.overlap_seconds == 3.0


def test_without_diarization_nothing_is_known_of_overlap() -> None:
    plan = plan_of(PLAN.windows, diarized=False)
    found = report(plan)
    assert found.attribution.overlap_seconds is None
    assert found.attribution.unattributed_words == found.attribution.words == 3
    assert found.models == [ASR]
    assert found.coverage.transcribed_ratio is None  # no speech was found


def test_media_and_notices_are_passed_on() -> None:
    found = report()
    assert found.media.warnings == ["the sound is 0.2 s shorter"]
    assert found.media.offset_seconds == 0.023
    assert found.notices == ["lab/asr: knows little"]
    assert found.models == [ASR, DIARIZATION]


def test_the_language_is_what_most_votes_say() -> None:
    evidence = language_evidence(PLAN, WINDOWS)
    assert (evidence.code, evidence.given) == ("en", False)
    assert evidence.votes == {"cs": 1.25, "en": 1.5}


@pytest.mark.parametrize(
    ("windows", "code"),
    [
        pytest.param([result(0, en=1.0, cs=1.0)], "cs", id="equal votes: by the alphabet"),
        pytest.param([result(0), result(1, [decoded(0, 100)], code="de")], "de", id="nobody was asked: by words"),
        pytest.param([result(0, code="cs")], "cs", id="no votes, no words"),
    ],
)
def test_weak_evidence_of_the_language(windows: list[WindowResult], code: str) -> None:
    assert language_evidence(PLAN, windows).code == code


def test_a_given_language_is_not_voted_on() -> None:
    plan = PLAN.model_copy(update={"transcription": PLAN.transcription.model_copy(update={"language": "fr"})})
    evidence = language_evidence(plan, WINDOWS)
    assert (evidence.code, evidence.given) == ("fr", True)


def test_notices_of_the_models_in_use_alone() -> None:
    def entry(repo: str, notice: str) -> ModelEntry:
        files = {"model.bin": ModelFile(sha256="e" * 64, bytes=len(repo))}
        return ModelEntry(
            role="transcription", name=repo, repo=f"lab/{repo}", revision="1", path=repo, notice=notice, files=files
        )

    used = entry("used", "knows one voice").model_copy(update={"files": {"a": ModelFile(sha256="f" * 64, bytes=1)}})
    model = PlannedModel(repo=used.repo, revision="1", digest=used.digest)
    plan = PLAN.model_copy(update={"transcription": PLAN.transcription.model_copy(update={"model": model})})
    assert model_notices(plan, [used, entry("other", "unused")]) == ["lab/used: knows one voice"]
