"""Transcribe one window with faster-whisper: clips in batches, the weak ones again with the full fallback.

Runs in a child process. faster-whisper's batched mode takes the first temperature alone and enforces none of
Whisper's thresholds; so each clip is judged here, and decoded again one by one where it is weak.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment

from debate_core.documents.plan import SAMPLE_RATE, PlannedWindow, Span, Transcription
from debate_core.documents.window import Chunk, Language, WindowWord
from debate_core.errors import Misconfigured
from debate_worker.analyze.device import Batches, Device, gpu_memory, load_cublas
from debate_worker.analyze.judging import (
    Decoding,
    Failure,
    Thresholds,
    better,
    failures,
    is_sure,
    missed_speech,
    must_drop,
)

LANGUAGE_CLIPS = 8
"""Clips that are asked for their language, spread over the window."""
FALLBACK_TEMPERATURES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
THRESHOLDS = Thresholds()

Decision = Literal["kept", "redecoded", "dropped"]


@dataclass(frozen=True, slots=True)
class TranscribedWindow:
    """What a window's document holds about the text. Times count from the start of the audio."""

    language: Language
    words: list[WindowWord]
    chunks: list[Chunk]


@dataclass(frozen=True, slots=True)
class _Work:
    """What stays the same for all clips of a window. sound: float32, from window.start on."""

    sound: np.ndarray
    window: PlannedWindow
    speech: Sequence[Span]
    options: Transcription
    language: str

    def cut(self, clip: Span) -> np.ndarray:
        offset = self.window.start
        return self.sound[round((clip.start - offset) * SAMPLE_RATE) : round((clip.end - offset) * SAMPLE_RATE)]


class Transcriber:
    """A loaded model. One per process: faster-whisper's batched pipeline keeps state between calls."""

    def __init__(self, model: Path, device: Device) -> None:
        if device.kind == "cuda":
            load_cublas()
        with gpu_memory("loading the transcription model"):
            self._model = WhisperModel(
                str(model),
                device=device.kind,
                compute_type=device.compute_type,
                cpu_threads=device.threads,
                local_files_only=True,
            )
        self._batched = BatchedInferencePipeline(self._model)
        self._batches = Batches("transcription", device.asr_batch)

    def transcribe(
        self,
        pcm: np.ndarray,
        window: PlannedWindow,
        speech: Sequence[Span],
        options: Transcription,
        progress: Callable[[float], None],
    ) -> TranscribedWindow:
        """Transcribe the int16 samples of [window.start, window.end).

        speech: where the voice detector hears it, in order. progress: called with the share done, 0 to 1.
        Raises GpuOutOfMemory, Misconfigured.
        """
        with gpu_memory("transcribing one clip at a time"):
            return self._transcribe(pcm.astype(np.float32) / 32768, window, speech, options, progress)

    def _transcribe(
        self,
        sound: np.ndarray,
        window: PlannedWindow,
        speech: Sequence[Span],
        options: Transcription,
        progress: Callable[[float], None],
    ) -> TranscribedWindow:
        language = self._language(sound, window, options.language)
        work = _Work(sound, window, speech, options, language.code)
        total = sum(clip.end - clip.start for clip in window.clips)
        done = 0.0
        words: list[WindowWord] = []
        chunks: list[Chunk] = []
        for batch in self._batches.over(window.clips, partial(self._decode_batch, work)):
            for clip, first in batch:
                decoding, chunk = self._judged(work, clip, first)
                kept = decoding.words if decoding else []
                added, more = self._missed(work, clip, kept) if decoding else ([], [])
                words += sorted([*kept, *added], key=lambda word: word.start)
                chunks += [chunk, *more]
                done += clip.end - clip.start
            progress(done / total)
        return TranscribedWindow(language, words, chunks)

    def _language(self, sound: np.ndarray, window: PlannedWindow, wanted: str) -> Language:
        """The given language, or a vote of clips spread over the window, each weighted by the model's probability."""
        if not self._model.model.is_multilingual:
            if wanted not in ("auto", "en"):
                raise Misconfigured(f"this model knows English alone: choose a multilingual one for language {wanted}")
            return Language(code="en", probability=1.0)
        if wanted != "auto":
            if self._model.hf_tokenizer.token_to_id(f"<|{wanted}|>") is None:
                raise Misconfigured(f"this model does not know the language {wanted}: choose another model or language")
            return Language(code=wanted, probability=1.0)
        asked = window.clips[:: max(1, -(-len(window.clips) // LANGUAGE_CLIPS))]
        votes: dict[str, float] = {}
        for clip in asked:
            start, end = clip.start - window.start, clip.end - window.start
            heard = sound[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
            for code, probability in self._model.detect_language(heard)[2]:
                votes[code] = votes.get(code, 0.0) + probability
        if not votes:
            return Language(code="und", probability=0.0)
        code = max(votes, key=lambda c: (votes[c], c))
        noted = {c: v for c, v in sorted(votes.items(), key=lambda item: -item[1])[:5] if v >= 0.005}
        return Language(code=code, probability=min(1.0, votes[code] / len(asked)), votes=noted)

    def _decode_batch(self, work: _Work, clips: Sequence[Span]) -> list[tuple[Span, Decoding]]:
        starts = [clip.start - work.window.start for clip in clips]
        ends = [clip.end - work.window.start for clip in clips]
        segments, _ = self._batched.transcribe(
            work.sound,
            language=work.language,
            task=work.options.task,
            beam_size=work.options.beam_size,
            word_timestamps=True,
            # Our own clips, each within the model's window: with a VadOptions object longer ones are cut silently.
            clip_timestamps=[{"start": start, "end": end} for start, end in zip(starts, ends, strict=True)],
            batch_size=len(clips),
            hotwords=_hotwords(work.options),
        )
        found = list(segments)
        # Without timestamps there is one segment a clip, found again by where the clip starts.
        by_seek: dict[int, list[Segment]] = {}
        for segment in found:
            by_seek.setdefault(segment.seek, []).append(segment)
        return [
            (clip, _decoding(by_seek.get(_seek(start), []), work.window.start, clip, temperature=0.0))
            for clip, start in zip(clips, starts, strict=True)
        ]

    def _judged(self, work: _Work, clip: Span, first: Decoding) -> tuple[Decoding | None, Chunk]:
        """The decoding to keep (None: dropped) and the record of what was done."""
        why = failures(first, THRESHOLDS)
        chosen = first
        if why:
            again = self._decode_alone(work, clip)
            chosen = better(first, again, THRESHOLDS) if again else first
        dropped = must_drop(failures(chosen, THRESHOLDS))
        decision: Decision = "dropped" if dropped else "redecoded" if why else "kept"
        return (None if dropped else chosen), _chunk(clip, chosen, decision, why)

    def _missed(self, work: _Work, clip: Span, words: Sequence[WindowWord]) -> tuple[list[WindowWord], list[Chunk]]:
        """Decode again, alone, what is speech and got no word: batches lose the ends of clips, and whole sentences."""
        added: list[WindowWord] = []
        chunks: list[Chunk] = []
        for part in missed_speech(work.speech, clip, words, THRESHOLDS):
            decoding = self._decode_alone(work, part)
            if decoding is None:
                continue
            sure = is_sure(decoding, THRESHOLDS)
            added += decoding.words if sure else []
            chunks.append(_chunk(part, decoding, "redecoded" if sure else "dropped", ["missed_speech"]))
        return added, chunks

    def _decode_alone(self, work: _Work, clip: Span) -> Decoding | None:
        """With the full temperature fallback; None where nothing is heard."""
        # Above temperature 0 tokens are drawn at random: seeded by the clip, the same clip gives the same text.
        seed = hashlib.sha256(f"{work.window.hash} {clip.start:.3f}".encode()).digest()
        ctranslate2.set_random_seed(int.from_bytes(seed[:4], "big"))
        segments, _ = self._model.transcribe(
            work.cut(clip),
            language=work.language,
            task=work.options.task,
            beam_size=work.options.beam_size,
            temperature=FALLBACK_TEMPERATURES,
            compression_ratio_threshold=THRESHOLDS.compression_ratio,
            log_prob_threshold=THRESHOLDS.log_probability,
            no_speech_threshold=None,  # judged here, so that what is dropped is reported
            condition_on_previous_text=False,
            without_timestamps=True,
            word_timestamps=True,
            vad_filter=False,
            hotwords=_hotwords(work.options),
        )
        found = list(segments)
        return _decoding(found, clip.start, clip, temperature=found[-1].temperature or 0.0) if found else None


def _hotwords(options: Transcription) -> str | None:
    return ", ".join(options.hotwords) or None


def _seek(start: float) -> int:
    """A segment's `seek` in faster-whisper's batched mode: the start of its clip, as its own arithmetic has it."""
    return int(int(start * SAMPLE_RATE) / SAMPLE_RATE * 100)


def _chunk(clip: Span, decoding: Decoding, decision: Decision, why: list[Failure]) -> Chunk:
    return Chunk(
        start=clip.start,
        end=clip.end,
        decision=decision,
        why=why,
        average_log_probability=decoding.average_log_probability,
        compression_ratio=decoding.compression_ratio,
        no_speech_probability=decoding.no_speech_probability,
        temperature=decoding.temperature,
        text=decoding.text if decision == "dropped" else "",
    )


def _decoding(segments: Sequence[Segment], shift: float, bounds: Span, temperature: float) -> Decoding:
    """The segments of one clip as one decoding, on the audio's clock (`shift` is added), within the clip's bounds.

    The worst judgement counts: a loop in one segment makes the clip weak.
    """
    words: list[WindowWord] = []
    last = bounds.start
    for word in (word for segment in segments for word in segment.words or []):
        # The alignment can step back or past the clip: words stay in order and inside.
        start = min(max(word.start + shift, last), bounds.end)
        end = min(max(word.end + shift, start), bounds.end)
        words.append(WindowWord(start=start, end=end, text=word.word, probability=min(1.0, max(0.0, word.probability))))
        last = start
    return Decoding(
        text="".join(segment.text for segment in segments).strip(),
        words=words,
        average_log_probability=min((segment.avg_logprob for segment in segments), default=0.0),
        compression_ratio=max((segment.compression_ratio for segment in segments), default=0.0),
        no_speech_probability=max((segment.no_speech_prob for segment in segments), default=0.0),
        temperature=temperature,
    )
