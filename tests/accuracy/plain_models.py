"""What the demo models reach by themselves, without our worker: faster-whisper and pyannote as they come.

    PYTHONPATH=models python tests/accuracy/plain_models.py examples/models [--sample] [--validation]

Prints a line for each debate and one for all. The default is the unseen debates, which nothing was
chosen by; `--validation` is what weights and parameters are chosen on.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
os.environ["HF_HUB_OFFLINE"] = "1"

from demo_models.debates import Turn, Word
from demo_models.diarization.tune import FIRST_SEED, validation_debate
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import decode_audio
from faster_whisper.vad import VadOptions, get_speech_timestamps
from pyannote.audio import Pipeline
from scoring import diarization_error, speaker_count, word_errors, wrong_speaker_share
from unseen import COUNT, unseen_debates

ROOT = Path(__file__).parents[2]
SAMPLE_RATE = 16_000
MAX_CLIP_SECONDS = 10.0
VAD = VadOptions(min_silence_duration_ms=160, speech_pad_ms=100, max_speech_duration_s=MAX_CLIP_SECONDS)


@dataclass(frozen=True)
class Case:
    """A debate to score: 16 kHz audio and its truth."""

    name: str
    audio: np.ndarray[Any, np.dtype[np.float32]]
    words: Sequence[Word]
    turns: Sequence[Turn]

    @property
    def seconds(self) -> float:
        """Length of the audio."""
        return len(self.audio) / SAMPLE_RATE


def sample() -> Iterator[Case]:
    """The sample debate, as decoded from its video."""
    truth = json.loads((ROOT / "examples/sample-debate.truth.json").read_text(encoding="utf-8"))
    audio = decode_audio(str(ROOT / "examples/sample-debate.mp4"))
    yield Case("sample", audio, [Word(**word) for word in truth["words"]], [Turn(**turn) for turn in truth["turns"]])


def unseen(cache: Path) -> Iterator[Case]:
    """The unseen debates."""
    for debate in unseen_debates(cache):
        yield Case(debate.name, decode_audio(str(debate.wav)), debate.words, debate.turns)


def validation() -> Iterator[Case]:
    """The validation debates."""
    for seed in range(FIRST_SEED, FIRST_SEED + COUNT):
        debate = validation_debate(seed)
        yield Case(f"validation-{seed}", debate.audio, debate.words, debate.turns)


def clips(audio: np.ndarray[Any, np.dtype[np.float32]]) -> list[dict[str, float]]:
    """Silero's speech, joined to clips of at most `MAX_CLIP_SECONDS`."""
    joined: list[dict[str, float]] = []
    for speech in get_speech_timestamps(audio, VAD):
        start, end = speech["start"] / SAMPLE_RATE, speech["end"] / SAMPLE_RATE
        if joined and end - joined[-1]["start"] <= MAX_CLIP_SECONDS:
            joined[-1]["end"] = end
        else:
            joined.append({"start": start, "end": end})
    return joined


def transcribed(model: WhisperModel, case: Case) -> list[Word]:
    """The words that faster-whisper hears, without speakers."""
    segments, _ = BatchedInferencePipeline(model).transcribe(
        case.audio,
        language="en",
        beam_size=5,
        batch_size=8,
        word_timestamps=True,
        clip_timestamps=clips(case.audio),
        vad_filter=False,
    )
    return [Word(word.start, word.end, word.word, "") for segment in segments for word in segment.words or ()]


def attributed(words: Sequence[Word], turns: Sequence[Turn]) -> list[Word]:
    """Each word with the speaker of the turn that covers it most, or lies nearest."""

    def covers(turn: Turn, word: Word) -> float:
        return min(turn.end, word.end) - max(turn.start, word.start)

    return [
        Word(word.start, word.end, word.text, max(turns, key=lambda turn: covers(turn, word)).speaker) for word in words
    ]


def turns_of(annotation: Any) -> list[Turn]:
    """A pyannote annotation's turns."""
    return [Turn(segment.start, segment.end, label) for segment, _, label in annotation.itertracks(yield_label=True)]


def main() -> None:
    """Score the models in the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Score the demo models without the worker.")
    parser.add_argument("models", type=Path)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "unseen")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    models = arguments.models / "debate-analyzer"
    whisper = WhisperModel(str(models / "whisper-demo@1"), device="cpu", compute_type="int8", cpu_threads=1)
    pipeline = Pipeline.from_pretrained(str(models / "diarization-demo@1"))
    cases = sample() if arguments.sample else validation() if arguments.validation else unseen(arguments.cache)
    wrong_words = words = wrong_seconds = speech_seconds = right_counts = count = 0.0
    for case in cases:
        heard = transcribed(whisper, case)
        diarized = pipeline({"waveform": torch.from_numpy(case.audio)[None], "sample_rate": SAMPLE_RATE})
        turns = turns_of(diarized.speaker_diarization)
        errors = word_errors(case.words, heard)
        diarization = diarization_error(case.turns, turns, seconds=case.seconds)
        speakers = wrong_speaker_share(case.words, attributed(heard, turns_of(diarized.exclusive_speaker_diarization)))
        found, truly = speaker_count(turns), speaker_count(case.turns)
        print(
            f"{case.name}: WER {errors.rate:.3f}, DER (0.25 s) {diarization:.3f}, "
            f"wrong speaker {speakers:.3f}, speakers {found} of {truly}",
            flush=True,
        )
        count, right_counts = count + 1, right_counts + (found == truly)
        words, wrong_words = words + errors.words, wrong_words + errors.rate * errors.words
        speech = sum(turn.end - turn.start for turn in case.turns)
        speech_seconds, wrong_seconds = speech_seconds + speech, wrong_seconds + diarization * speech
    print(
        f"all: WER {wrong_words / words:.3f}, DER (0.25 s) {wrong_seconds / speech_seconds:.3f}, "
        f"speaker count right in {right_counts:.0f} of {count:.0f}"
    )


if __name__ == "__main__":
    main()
