"""prepare tells which steps after it have nothing left to do, by what is in the store and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from media import tone

from debate_core import keys
from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.plan import Plan
from debate_core.documents.step_result import StepResult
from debate_core.documents.window import Language, WindowDiarization, WindowResult
from debate_core.errors import SourceUnavailable
from debate_core.store import open_store
from debate_worker import run
from debate_worker.context import Context
from debate_worker.finish.step import finish
from debate_worker.prepare.step import prepare

MakeContext = Callable[..., Context]
FILE: dict[str, Any] = {"source": {"file": "in.wav"}}


@pytest.fixture(autouse=True)
def media(tmp_path: Path) -> Path:
    return tone(tmp_path / "in.wav", 25)


def put_windows(context: Context, *, but: int | None = None) -> None:
    """What analyze would leave, of a debate in which nobody says anything."""
    plan = Plan.from_json(context.store.get("work/a-debate/plan.json"))
    for window in plan.windows:
        if window.index == but:
            continue
        silent = WindowDiarization(overlapping=[], exclusive=[], speakers=[]) if plan.diarization else None
        result = WindowResult(
            index=window.index,
            hash=window.hash,
            language=Language(code="en", probability=1),
            words=[],
            chunks=[],
            diarization=silent,
        )
        context.store.put(keys.WINDOW.key(job_id="a-debate", index=window.index, hash=window.hash), result.to_json())


def keep(context: Context, result: StepResult) -> StepResult:
    context.store.put(f"work/a-debate/results/{result.step}-0.json", result.to_json())
    return result


def steps(result: StepResult) -> list[str]:
    return [done.step for done in result.done]


@pytest.fixture
def small(make_context: MakeContext) -> Callable[..., Context]:
    """Four windows."""

    def make(**spec: Any) -> Context:
        return make_context(FILE | spec, window_seconds=10, overlap_seconds=1)

    return make


@pytest.fixture
def finished(small: Callable[..., Context]) -> StepResult:
    """The result of finish."""
    context = small()
    keep(context, prepare(context))
    put_windows(context)
    return finish(context)


def test_of_a_new_job_nothing_is_done(small: Callable[..., Context]) -> None:
    result = prepare(small())
    assert (result.done, result.facts["windows"]) == ([], 4)


def test_analyze_is_done_when_every_window_is_there(small: Callable[..., Context]) -> None:
    context = small()
    keep(context, prepare(context))
    put_windows(context, but=1)
    assert steps(prepare(small())) == []
    put_windows(context)
    result = prepare(small())
    assert steps(result) == ["analyze"]
    assert result.done[0].facts == {"windows": 4, "windows_done_here": 0, "duration_seconds": 25.0}


@pytest.mark.parametrize("expired", ["nothing", "windows", "work"])
def test_all_is_done_of_a_finished_job_and_told_as_finish_would(
    small: Callable[..., Context], finished: StepResult, expired: str
) -> None:
    store = small().store
    if expired != "nothing":
        store.delete_prefix(f"work/a-debate/{'windows/' if expired == 'windows' else ''}")
    before = {info.key: info.last_modified for info in store.list("jobs/")}
    result = prepare(small())
    assert steps(result) == ["analyze", "finish"]
    assert (result.done[1].facts, result.done[1].outputs) == (finished.facts, finished.outputs)
    assert {info.key: info.last_modified for info in store.list("jobs/")} == before


@pytest.mark.parametrize("expired", [False, True])
def test_what_may_change_afterwards_reaches_the_manifest_entry(
    small: Callable[..., Context], finished: StepResult, expired: bool
) -> None:
    store = small().store
    if expired:
        store.delete_prefix("work/a-debate/")
    store.delete("manifest/a-debate.json")
    result = prepare(small(publish=False))
    assert result.done[1].facts["publish"] is False
    assert ManifestEntry.from_json(store.get("manifest/a-debate.json")).publish is False


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"language": "cs"}, []),
        ({"diarization": {"enabled": False}}, []),
        ({"diarization": {"minSpeakers": 2}}, ["analyze"]),  # the windows fit
    ],
)
def test_another_request_is_not_done(
    small: Callable[..., Context], finished: StepResult, change: dict[str, Any], expected: list[str]
) -> None:
    assert steps(prepare(small(**change))) == expected


def test_a_document_that_is_missing_is_made_again(small: Callable[..., Context], finished: StepResult) -> None:
    small().store.delete("jobs/a-debate/transcripts/in.vtt")
    assert steps(prepare(small())) == ["analyze"]


def test_what_was_told_before_is_not_believed(small: Callable[..., Context], finished: StepResult) -> None:
    """The result that an earlier prepare left in the store says that all is done; by now it is not."""
    context = small()
    assert steps(keep(context, prepare(context))) == ["analyze", "finish"]
    context.store.delete_prefix("jobs/a-debate/transcripts/")
    context.store.delete_prefix("work/a-debate/windows/")
    assert steps(prepare(small())) == []


def test_the_steps_of_one_process_say_the_same(small: Callable[..., Context], finished: StepResult) -> None:
    context = small()
    assert run.run_steps(context, run.steps_to_run(context.job, None), 0, 1) == finished


# --- a source that is gone ---


@pytest.fixture
def uploaded(make_context: MakeContext, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A job whose source is an object of another bucket."""
    bucket = open_store(str(tmp_path / "bucket"))
    bucket.put_file("in.wav", media)
    monkeypatch.setattr("debate_worker.prepare.source.open_store", lambda uri: bucket)
    spec = {"source": {"object": "s3://bucket/in.wav"}}
    return make_context(spec, window_seconds=10, overlap_seconds=1)


@pytest.mark.parametrize("expired", [False, True])
def test_a_finished_job_does_not_need_its_source(uploaded: Context, tmp_path: Path, expired: bool) -> None:
    keep(uploaded, prepare(uploaded))
    put_windows(uploaded)
    finish(uploaded)
    (tmp_path / "bucket/in.wav").unlink()
    if expired:
        uploaded.store.delete_prefix("work/a-debate/")
    assert steps(prepare(uploaded)) == ["analyze", "finish"]


def test_windows_that_are_there_do_not_need_it_either(uploaded: Context, tmp_path: Path) -> None:
    keep(uploaded, prepare(uploaded))
    put_windows(uploaded)
    (tmp_path / "bucket/in.wav").unlink()
    assert steps(prepare(uploaded)) == ["analyze"]


def test_a_job_that_must_read_it_again_says_that_it_is_gone(uploaded: Context, tmp_path: Path) -> None:
    keep(uploaded, prepare(uploaded))
    (tmp_path / "bucket/in.wav").unlink()
    uploaded.store.delete("work/a-debate/audio.s16")
    with pytest.raises(SourceUnavailable, match="does not exist"):
        prepare(uploaded)


def test_an_object_of_another_etag_is_not_the_one_that_was_done(uploaded: Context, tmp_path: Path) -> None:
    keep(uploaded, prepare(uploaded))
    put_windows(uploaded)
    (tmp_path / "bucket/in.wav").unlink()
    source = uploaded.job.spec.source.model_copy(update={"etag": "another"})
    spec = uploaded.job.spec.model_copy(update={"source": source})
    with pytest.raises(SourceUnavailable):
        prepare(replace(uploaded, job=uploaded.job.model_copy(update={"spec": spec})))
