"""How well the worker does on debates whose truth is known: the sample, and debates unseen in training.

The figures are the demo models', on synthesised voices. They say that the pipeline loses and mixes up nothing; they
say nothing about real speech.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import scoring
from unseen import unseen_debates

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.transcript import Words
from debate_core.store import open_store

ROOT = Path(__file__).parents[2]
WORKER = Path(sys.executable).with_name("debate-worker")


@dataclass(frozen=True)
class Figures:
    """What one debate came to. Rates are 0 to 1; collar: +-0.25 s, overlapped speech scored."""

    name: str
    seconds: float
    speakers: int
    speakers_heard: int
    words: scoring.WordErrors
    diarization_error_rate: float
    wrong_speaker_share: float

    def __str__(self) -> str:
        return (
            f"{self.name:<16} {self.seconds:6.1f} s  speakers {self.speakers_heard} of {self.speakers}  "
            f"WER {self.words.rate:.3f}  DER {self.diarization_error_rate:.3f}  "
            f"words with a wrong speaker {self.wrong_speaker_share:.3f}"
        )


def transcribed(folder: Path, media: Path, name: str) -> tuple[Words, str]:
    """Run the worker as a user does; the words document and the RTTM."""
    job = folder / f"{name}.json"
    spec = {"source": {"file": str(media)}, "language": "en", "transcription": {"model": "whisper-demo"}}
    job.write_text(json.dumps({"metadata": {"name": name}, "spec": spec}))
    store = str(folder / "store")
    models = str(ROOT / "examples" / "models")
    command = [WORKER, "run", "--job", job, "--store", store, "--models", models, "--cache", folder / "cache"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=590, check=False)
    assert done.returncode == 0, done.stderr
    opened = open_store(store)
    documents = ManifestEntry.from_json(opened.get(f"manifest/{name}.json")).documents
    assert documents.words is not None
    assert documents.rttm is not None
    return Words.from_json(opened.get(documents.words)), opened.get(documents.rttm).decode()


def turns(rttm: str) -> Iterator[SimpleNamespace]:
    for line in rttm.splitlines():
        fields = line.split()
        start, length = float(fields[3]), float(fields[4])
        yield SimpleNamespace(start=start, end=start + length, speaker=fields[7])


def figures(folder: Path, media: Path, name: str, seconds: float, said: Any, turned: Any) -> Figures:
    words, rttm = transcribed(folder, media, name)
    heard = list(turns(rttm))
    return Figures(
        name=name,
        seconds=seconds,
        speakers=scoring.speaker_count(turned),
        speakers_heard=scoring.speaker_count(heard),
        words=scoring.word_errors(said, words.words),
        diarization_error_rate=scoring.diarization_error(turned, heard, seconds=seconds),
        wrong_speaker_share=scoring.wrong_speaker_share(said, words.words),
    )


def test_the_sample_debate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "examples" / "sample-debate.truth.json").read_text()
    truth = json.loads(text, object_hook=lambda fields: SimpleNamespace(**fields))
    media = ROOT / "examples" / "sample-debate.mp4"
    found = figures(tmp_path, media, "sample-debate", truth.duration, truth.words, truth.turns)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.speakers_heard == 3
    assert found.words.rate <= 0.10
    assert found.diarization_error_rate <= 0.08
    assert found.wrong_speaker_share <= 0.05


@pytest.mark.timeout(1800)
def test_debates_unseen_in_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = []
    for debate in unseen_debates(tmp_path_factory.mktemp("unseen")):
        result = figures(tmp_path, debate.wav, debate.name, debate.seconds, debate.words, debate.turns)
        found.append(result)
        with capsys.disabled():
            print(f"\n{result}", end="")
    right = sum(result.speakers_heard == result.speakers for result in found)
    words = [result.words for result in found]
    wer = sum(w.substitutions + w.deletions + w.insertions for w in words) / sum(w.words for w in words)
    der = sum(r.diarization_error_rate * r.seconds for r in found) / sum(r.seconds for r in found)
    with capsys.disabled():
        print(f"\nunseen, {len(found)} debates: speaker count right in {right}, WER {wer:.3f}, DER {der:.3f}")
    assert right >= 9
    assert wer <= 0.15
    assert der <= 0.12
