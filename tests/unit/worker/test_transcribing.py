"""Transcribing a window with the real faster-whisper and the demo model, and what is done when it goes wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from media import DEMO_MODELS

from debate_core.documents.plan import PlannedModel, PlannedWindow, Span, Transcription
from debate_core.errors import GpuOutOfMemory, Misconfigured
from debate_worker.analyze import transcribing
from debate_worker.analyze.device import cpu
from debate_worker.analyze.transcribing import Transcriber
from debate_worker.prepare.decode import decode

SAMPLE = DEMO_MODELS.parent / "sample-debate.mp4"
MODEL = DEMO_MODELS / "debate-analyzer" / "whisper-demo@1"
OPTIONS = Transcription(
    model=PlannedModel(repo="debate-analyzer/whisper-demo", revision="1", digest="0" * 64),
    task="transcribe",
    language="en",
    hotwords=[],
    max_clip_seconds=12,
    beam_size=5,
)
CLIPS = [(1.9, 13.4), (13.7, 24.9), (25.5, 34.9)]  # as the sample's plan has them
SPEECH = [Span(start=a, end=b) for a, b in CLIPS]


@pytest.fixture(scope="module")
def pcm(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    path = tmp_path_factory.mktemp("pcm") / "sample.s16"
    decode(SAMPLE, path, lambda done, total: None)
    return np.fromfile(path, "<i2")[: 40 * 16_000]


@pytest.fixture
def transcriber() -> Transcriber:
    return Transcriber(MODEL, replace(cpu(2), asr_batch=4))


def window(start: float = 0.0, clips: list[tuple[float, float]] = CLIPS) -> PlannedWindow:
    spans = [Span(start=start + a, end=start + b) for a, b in clips]
    return PlannedWindow(
        index=0, start=start, end=start + 40, diarize_start=start, diarize_end=start + 40, clips=spans, hash="0" * 16
    )


def test_words_lie_in_their_clips_and_in_order(transcriber: Transcriber, pcm: np.ndarray) -> None:
    shares: list[float] = []
    found = transcriber.transcribe(pcm, window(start=100.0), [], OPTIONS, shares.append)
    assert [(chunk.start, chunk.end) for chunk in found.chunks] == [(100 + a, 100 + b) for a, b in CLIPS]
    assert len(found.words) > 40
    starts = [word.start for word in found.words]
    assert starts == sorted(starts)
    for word in found.words:
        assert any(chunk.start <= word.start <= word.end <= chunk.end for chunk in found.chunks)
    assert shares[-1] == pytest.approx(1)
    assert "debate" in "".join(word.text for word in found.words)


def test_the_same_window_gives_the_same_words(transcriber: Transcriber, pcm: np.ndarray) -> None:
    again = Transcriber(MODEL, cpu(2))
    assert transcriber.transcribe(pcm, window(), SPEECH, OPTIONS, lambda share: None) == again.transcribe(
        pcm, window(), SPEECH, OPTIONS, lambda share: None
    )


def test_out_of_memory_halves_the_batch_and_loses_nothing(
    transcriber: Transcriber, pcm: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = transcriber.transcribe(pcm, window(), SPEECH, OPTIONS, lambda share: None)
    sizes: list[int] = []
    real = transcriber._batched.transcribe

    def small(sound: np.ndarray, **arguments: Any) -> Any:
        sizes.append(arguments["batch_size"])
        if arguments["batch_size"] > 1:
            raise RuntimeError("CUDA failed with error out of memory")
        return real(sound, **arguments)

    monkeypatch.setattr(transcriber._batched, "transcribe", small)
    found = transcriber.transcribe(pcm, window(), SPEECH, OPTIONS, lambda share: None)
    assert sizes[:2] == [3, 1]
    assert [word.text for word in found.words] == [word.text for word in undisturbed.words]


def test_out_of_memory_with_one_clip_is_final(
    transcriber: Transcriber, pcm: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise RuntimeError("CUDA failed with error out of memory")

    monkeypatch.setattr(transcriber._batched, "transcribe", never)
    with pytest.raises(GpuOutOfMemory, match="larger GPU"):
        transcriber.transcribe(pcm, window(), SPEECH, OPTIONS, lambda share: None)


def test_a_weak_clip_is_decoded_again_and_both_are_reported(
    transcriber: Transcriber, pcm: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No decoding reaches a log probability of 0: every clip is weak, and kept with its low confidence.
    strict = replace(transcribing.THRESHOLDS, log_probability=0.0, no_speech=1.0)
    monkeypatch.setattr(transcribing, "THRESHOLDS", strict)
    found = transcriber.transcribe(pcm, window(clips=CLIPS[:1]), SPEECH, OPTIONS, lambda share: None)
    (chunk,) = found.chunks
    assert (chunk.decision, chunk.why) == ("redecoded", ["log_probability"])
    assert found.words


def test_invented_text_is_dropped_and_reported(
    transcriber: Transcriber, pcm: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcribing, "THRESHOLDS", replace(transcribing.THRESHOLDS, compression_ratio=0.1))
    found = transcriber.transcribe(pcm, window(clips=CLIPS[:1]), SPEECH, OPTIONS, lambda share: None)
    (chunk,) = found.chunks
    assert (chunk.decision, chunk.why) == ("dropped", ["compression_ratio"])
    assert "debate" in chunk.text
    assert found.words == []


def test_speech_that_the_batch_lost_is_decoded_alone(
    transcriber: Transcriber, pcm: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = transcriber.transcribe(pcm, window(clips=CLIPS[:1]), SPEECH, OPTIONS, lambda share: None)
    real = transcriber._decode_batch

    def forgetful(*arguments: Any) -> Any:
        return [(clip, replace(d, words=[w for w in d.words if w.end < 5])) for clip, d in real(*arguments)]

    monkeypatch.setattr(transcriber, "_decode_batch", forgetful)
    found = transcriber.transcribe(pcm, window(clips=CLIPS[:1]), SPEECH, OPTIONS, lambda share: None)
    clip, part = found.chunks
    assert (clip.decision, part.decision, part.why) == ("kept", "redecoded", ["missed_speech"])
    assert 3 < part.start < 6.5
    assert part.end == pytest.approx(13.4)
    assert len(found.words) > 0.8 * len(whole.words)
    assert [word.start for word in found.words] == sorted(word.start for word in found.words)


def test_the_language_is_a_vote_of_clips(transcriber: Transcriber, pcm: np.ndarray) -> None:
    options = OPTIONS.model_copy(update={"language": "auto"})
    found = transcriber.transcribe(pcm, window(), SPEECH, options, lambda share: None).language
    assert found.code == "en"
    assert sum(found.votes.values()) == pytest.approx(len(CLIPS), abs=0.1)


def test_without_speech_there_is_no_language_and_no_word(transcriber: Transcriber, pcm: np.ndarray) -> None:
    options = OPTIONS.model_copy(update={"language": "auto"})
    found = transcriber.transcribe(pcm, window(clips=[]), SPEECH, options, lambda share: None)
    assert (found.language.code, found.words, found.chunks) == ("und", [], [])


def test_a_language_that_the_model_does_not_know(transcriber: Transcriber, pcm: np.ndarray) -> None:
    with pytest.raises(Misconfigured, match="does not know the language xx"):
        transcriber.transcribe(pcm, window(), SPEECH, OPTIONS.model_copy(update={"language": "xx"}), lambda share: None)
