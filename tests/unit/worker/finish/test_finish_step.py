"""The step on a real folder store: what it writes, in which order, and when it does nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import av
import pytest
from finish_cases import Debate, a_debate, silences

from debate_core import keys
from debate_core.documents.debatejob import DebateJob, DebateJobSpec, DiarizationSpec, Metadata, Source
from debate_core.documents.job import JobRecord
from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.models_index import ModelEntry, ModelFile, ModelParameters
from debate_core.documents.plan import Plan
from debate_core.documents.report import QualityReport
from debate_core.documents.step_result import StepResult
from debate_core.documents.transcript import Transcript, Words
from debate_core.documents.window import WindowResult
from debate_core.errors import Interrupted
from debate_core.reasons import ExitCode
from debate_core.store import FolderStore, ObjectInfo
from debate_worker.finish.prepared import WorkIncomplete
from debate_worker.finish.step import finish_job

FACTS = {
    "source_kind": "file",
    "source_location": "/videos/Debate.mp4",
    "source_etag": None,
    "title": "Débate",
    "media_key": "jobs/a-debate/videos/debate.mp4",
    "media_mime": "video/mp4",
    "media_bytes": 1234,
    "container_seconds": 60,
    "warnings": "one\ntwo",
    "windows": 3,
}
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
STABLE = ("transcript", "words", "vtt", "srt", "txt", "rttm")


class Recording(FolderStore):
    """A folder store that remembers the order of what was written."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.written: list[str] = []

    def put(
        self, key: str, data: bytes | BinaryIO, *, content_type: str | None = None, create_only: bool = False
    ) -> ObjectInfo:
        self.written.append(key)
        return super().put(key, data, content_type=content_type, create_only=create_only)


class Bench:
    """One job in a store, ready to be finished."""

    def __init__(self, root: Path, debate: Debate, cuts: list[int], *, diarized: bool = True) -> None:
        self.store = Recording(root / "store")
        self.scratch = root / "scratch"
        self.scratch.mkdir()
        self.plan, windows = debate.windows(cuts, 8000, 1)
        if not diarized:
            self.plan = self.plan.model_copy(update={"diarization": None})
            windows = [window.model_copy(update={"diarization": None}) for window in windows]
        self.spec = DebateJobSpec(source=Source(file="debate.mp4"))
        self.facts: dict[str, object] = dict(FACTS)
        self.models: list[ModelEntry] = []
        self.clock = NOON
        self.progress: list[tuple[float, float]] = []
        random.Random(3).shuffle(windows)
        for window in windows:
            self.put_window(window)
        silence = bytes(2 * 16 * debate.duration)
        self.store.put(keys.WORK_AUDIO.key(job_id="a-debate"), silence)
        self.store.written.clear()

    def put_window(self, window: WindowResult) -> None:
        self.store.put(self.window_key(window), window.to_json())

    def window_key(self, window: WindowResult) -> str:
        return keys.WINDOW.key(job_id="a-debate", index=window.index, hash=window.hash)

    def finish(self, plan: Plan | None = None, progress: Callable[[float, float], None] | None = None) -> StepResult:
        self.clock += timedelta(hours=1)
        self.store.written.clear()
        return finish_job(
            store=self.store,
            job=DebateJob(metadata=Metadata(name="a-debate"), spec=self.spec),
            plan=plan or self.plan,
            facts=self.facts,
            models=self.models,
            now=lambda: self.clock,
            progress=progress or (lambda done, total: self.progress.append((done, total))),
            scratch=self.scratch,
        )

    def entry(self) -> ManifestEntry:
        return ManifestEntry.from_json(self.store.get("manifest/a-debate.json"))

    def record(self) -> JobRecord:
        return JobRecord.from_json(self.store.get("jobs/a-debate/job.json"))

    def stable(self) -> dict[str, bytes]:
        documents = self.entry().documents
        return {name: self.store.get(getattr(documents, name)) for name in STABLE}


@pytest.fixture
def debate() -> Debate:
    return a_debate(7)


@pytest.fixture
def bench(tmp_path: Path, debate: Debate) -> Bench:
    return Bench(tmp_path, debate, silences(debate)[3:9:3])


def test_it_writes_everything_and_the_manifest_entry_last(bench: Bench, debate: Debate) -> None:
    result = bench.finish()
    of = "jobs/a-debate/transcripts/debate"
    assert bench.store.written[-2:] == ["jobs/a-debate/job.json", "manifest/a-debate.json"]
    assert sorted(bench.store.written[:-2]) == [
        f"{of}.audio.m4a",
        f"{of}.report.json",
        f"{of}.rttm",
        f"{of}.srt",
        f"{of}.txt",
        f"{of}.vtt",
        f"{of}.words.json",
        f"{of}_transcription.json",
    ]
    assert all(bench.store.exists(key) for key in bench.store.written)
    people = len({turn.speaker for turn in debate.turns})
    assert result.exit_code == ExitCode.DONE
    assert result.facts == {
        "windows": 3,
        "duration_seconds": debate.duration / 1000,
        "speakers": people,
        "words": len(debate.words),
        "language": "en",
        "publish": True,
    }
    assert result.outputs == {
        "transcript": f"{of}_transcription.json",
        "words": f"{of}.words.json",
        "captions": f"{of}.vtt",
        "rttm": f"{of}.rttm",
        "report": f"{of}.report.json",
    }
    entry = bench.entry()
    assert (entry.title, entry.publish, entry.source_url, entry.completed_at) == ("Débate", True, None, bench.clock)
    assert bench.progress[0] == (0.0, debate.duration / 1000)
    assert bench.progress[-1] == (debate.duration / 1000, debate.duration / 1000)
    assert bench.progress == sorted(bench.progress)
    assert list(bench.scratch.iterdir()) == []


def test_the_documents_agree_with_the_truth_and_with_each_other(bench: Bench, debate: Debate) -> None:
    bench.finish()
    documents = bench.entry().documents
    words = Words.from_json(bench.store.get(documents.words)).words
    transcript = Transcript.from_json(bench.store.get(documents.transcript))
    report = QualityReport.from_json(bench.store.get(documents.report))
    assert [(round(word.start * 1000), word.text) for word in words] == [
        (at, text.strip()) for at, _, text in debate.words
    ]
    assert " ".join(entry.text for entry in transcript.transcription) == " ".join(word.text for word in words)
    spoken_by = {}
    for word in words:
        (turn,) = [turn for turn in debate.turns if turn.start <= word.start * 1000 < turn.end]
        spoken_by.setdefault(word.speaker, set()).add(turn.speaker)
    assert all(len(people) == 1 for people in spoken_by.values())
    rttm = bench.store.get(documents.rttm).decode().splitlines()
    assert [round(float(line.split()[3]) * 1000) for line in rttm] == [turn.start for turn in debate.turns]
    assert report.linking is not None
    assert report.linking.windows == 3
    assert report.media.warnings == ["one", "two"]
    assert bench.record().inputs_sha256 != bench.plan.request_hash


def test_the_sound_is_whole_and_can_be_played_from_its_start(bench: Bench, debate: Debate) -> None:
    bench.finish()
    data = bench.store.get(bench.entry().documents.audio)
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(bench.store.local_path(bench.entry().documents.audio))) as container:
        (stream,) = container.streams
        assert (stream.codec_context.name, stream.sample_rate, stream.channels) == ("aac", 16_000, 1)
        assert sum(frame.samples for frame in container.decode(stream)) == pytest.approx(16 * debate.duration, abs=1024)


def test_a_finished_job_is_left_as_it_is(bench: Bench) -> None:
    first = bench.finish()
    completed = bench.entry().completed_at
    bench.store.delete_prefix("work/a-debate/")
    assert bench.finish() == first
    assert bench.store.written == []
    assert bench.entry().completed_at == completed


@pytest.mark.parametrize("change", ["publish", "title"])
def test_what_only_the_manifest_says_rewrites_only_the_manifest(bench: Bench, change: str) -> None:
    bench.finish()
    before = bench.entry()
    if change == "publish":
        bench.spec = bench.spec.model_copy(update={"publish": False})
    else:
        bench.facts["title"] = "Another"
    bench.finish()
    assert bench.store.written == ["manifest/a-debate.json"]
    expected = {"publish": False} if change == "publish" else {"title": "Another"}
    assert bench.entry() == before.model_copy(update=expected)


def test_other_bounds_write_the_documents_again_but_not_the_sound(bench: Bench) -> None:
    bench.finish()
    bench.spec = bench.spec.model_copy(update={"diarization": DiarizationSpec(max_speakers=3)})
    bench.finish()
    assert len(bench.store.written) == 9
    assert not any(key.endswith(".m4a") for key in bench.store.written)
    assert bench.entry().completed_at == bench.clock


def entry(threshold: float, weights: str = "e") -> ModelEntry:
    return ModelEntry(
        role="diarization",
        name="diarization",
        repo="lab/diarization",
        revision="1",
        path="lab/diarization@1",
        parameters=ModelParameters(similarity_threshold=threshold),
        files={"weights": ModelFile(sha256=weights * 64, bytes=1)},
    )


def test_the_index_says_from_which_similarity_on_two_voices_are_one(bench: Bench) -> None:
    assert bench.plan.diarization is not None
    model = bench.plan.diarization.model.model_copy(update={"digest": entry(0.5).digest})
    diarization = bench.plan.diarization.model_copy(update={"model": model})
    plan = bench.plan.model_copy(update={"diarization": diarization})
    thresholds, written = [], []
    for index in ([], [entry(0.5)], [entry(0.5)], [entry(0.9), entry(0.5)], [entry(0.9, weights="f")]):
        bench.models = list(index)
        bench.finish(plan)
        linking = QualityReport.from_json(bench.store.get(bench.entry().documents.report)).linking
        assert linking is not None
        thresholds.append(linking.threshold)
        written.append(len(bench.store.written))
    # Other weights than the plan's say nothing about them; the same value again writes nothing.
    assert thresholds == [0.7, 0.5, 0.5, 0.9, 0.7]
    assert written[2] == 0
    assert all(count > 0 for at, count in enumerate(written) if at != 2)


def test_a_document_that_somebody_deleted_is_written_again(bench: Bench) -> None:
    bench.finish()
    before = bench.stable()
    bench.store.delete(bench.entry().documents.vtt)
    bench.finish()
    assert bench.stable() == before


def test_a_cut_debate_gives_the_same_transcript_as_the_whole_one(bench: Bench, tmp_path: Path, debate: Debate) -> None:
    bench.finish()
    (tmp_path / "whole").mkdir()
    whole = Bench(tmp_path / "whole", debate, [])
    whole.finish()
    assert whole.stable() == bench.stable()


def test_stopped_in_the_sound_it_has_no_manifest_entry_and_goes_on(bench: Bench) -> None:
    def stop(done: float, total: float) -> None:
        if done > 0:
            raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        bench.finish(progress=stop)
    assert not bench.store.exists("manifest/a-debate.json")
    assert not bench.store.exists("jobs/a-debate/job.json")
    bench.finish()
    assert bench.store.written[-1] == "manifest/a-debate.json"


def test_stopped_before_the_manifest_only_that_is_written(bench: Bench) -> None:
    bench.finish()
    bench.store.delete("manifest/a-debate.json")
    bench.finish()
    assert bench.store.written == ["manifest/a-debate.json"]


def test_missing_windows_are_named(bench: Bench) -> None:
    gone = [keys.WINDOW.key(job_id="a-debate", index=n, hash=bench.plan.windows[n].hash) for n in (0, 2)]
    for key in gone:
        bench.store.delete(key)
    with pytest.raises(WorkIncomplete, match="2 of 3 windows are missing") as error:
        bench.finish()
    assert all(key in error.value.message for key in gone)
    assert error.value.exit_code == ExitCode.INTERNAL_ERROR
    assert bench.store.written == []


def test_a_window_of_another_plan_is_refused(bench: Bench) -> None:
    key = keys.WINDOW.key(job_id="a-debate", index=1, hash=bench.plan.windows[1].hash)
    window = WindowResult.from_json(bench.store.get(key))
    bench.store.put(key, window.model_copy(update={"diarization": None}).to_json())
    with pytest.raises(WorkIncomplete, match="is not the result of its window"):
        bench.finish()
    bench.store.put(key, b"{}")
    with pytest.raises(WorkIncomplete, match="cannot be read"):
        bench.finish()


def test_missing_sound_says_what_to_do(bench: Bench) -> None:
    bench.store.delete(keys.WORK_AUDIO.key(job_id="a-debate"))
    with pytest.raises(WorkIncomplete, match="run prepare again"):
        bench.finish()
    assert not bench.store.exists("manifest/a-debate.json")


@pytest.mark.parametrize("fact", ["title", "media_key", "source_kind"])
def test_facts_that_prepare_did_not_give(bench: Bench, fact: str) -> None:
    del bench.facts[fact]
    with pytest.raises(WorkIncomplete, match=f"{fact}.*run prepare again"):
        bench.finish()


def test_without_diarization_all_words_are_unknown(tmp_path: Path, debate: Debate) -> None:
    bench = Bench(tmp_path, debate, silences(debate)[3:9:3], diarized=False)
    result = bench.finish()
    documents = bench.entry().documents
    assert documents.rttm is None
    assert "rttm" not in result.outputs
    assert result.facts["speakers"] == 0
    words = Words.from_json(bench.store.get(documents.words)).words
    assert {word.speaker for word in words} == {"UNKNOWN"}
    assert len(words) == len(debate.words)
    report = QualityReport.from_json(bench.store.get(documents.report))
    assert report.linking is None
    assert not any(key.endswith(".rttm") for key in bench.store.written)
    assert bench.finish() == result
    assert bench.store.written == []


def test_a_debate_without_a_word(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Debate([], [], 3000), [])
    result = bench.finish()
    assert result.facts["words"] == result.facts["speakers"] == 0
    assert bench.store.get(bench.entry().documents.vtt) == b"WEBVTT\n"
    assert bench.store.get(bench.entry().documents.rttm) == b""
