"""Odd sounds through every step: what is no speech becomes no words, and statistics that say what is not known.

Models: the demo models, on the CPU; one pair of processes for all rows, because loading takes longer than a row.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import odd_media as odd
import pytest
from odd_media import Make
from odd_run import run_job

from debate_core.documents.manifest import ManifestEntry
from debate_core.documents.report import QualityReport
from debate_core.documents.statistics import DebateStatistics
from debate_core.documents.transcript import Transcript, Words
from debate_core.reasons import ExitCode
from debate_core.store import ObjectStore, open_store
from debate_worker.analyze import step as analyze_step
from debate_worker.processes import ChildProcess


@dataclass(frozen=True, slots=True)
class Sound:
    """words: how many the demo model may find. first: how the transcript begins. starts: when, in s of the media."""

    job_id: str
    suffix: str
    make: Make
    words: range = range(1)
    first: str = ""
    starts: float = 0.0


SPOKEN = range(24, 33)  # of 28
BY_TELEPHONE = range(15, 33)  # the demo model knows no telephones: 21 when this was written
FIRST = "good evening and welcome to the debate"

SOUNDS = [
    Sound("silence", ".wav", odd.silence),
    Sound("noise", ".wav", odd.noise),
    Sound("music", ".wav", odd.music),
    Sound("a-fifth-of-a-second", ".wav", odd.speech(seconds=0.2, start=2.2), words=range(3)),
    Sound("five-samples", ".wav", lambda path: odd.write_wav(path, odd.np.full(5, 0.1))),
    Sound("telephone", ".wav", odd.speech("-ac", 1, "-ar", 8000, "-c:a", "pcm_mulaw"), BY_TELEPHONE, FIRST, 1.9),
    Sound("surround", ".mp4", odd.speech("-af", "pan=5.1|FC=0.5*c0+0.5*c1"), SPOKEN, FIRST, 1.9),
    Sound("late", ".mkv", odd.late_speech(3.0), SPOKEN, FIRST, 4.9),
]


@pytest.fixture(scope="module")
def debates(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    """A store with all of them finished, and the statistics of all."""
    folder = tmp_path_factory.mktemp("debates")
    kept: dict[str, ChildProcess] = {}

    class Kept(ChildProcess):
        def stop(self) -> None:
            """After the last row."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyze_step, "ChildProcess", lambda name, load: kept.setdefault(name, Kept(name, load)))
        try:
            for row in SOUNDS:
                row.make(folder / f"{row.job_id}{row.suffix}")
                result = run_job({"file": f"{row.job_id}{row.suffix}"}, folder, job_id=row.job_id, step=None)
                assert result.exit_code == ExitCode.DONE, (row.job_id, result.message)
        finally:
            for process in kept.values():
                ChildProcess.stop(process)
    command = [Path(sys.executable).with_name("debate-stats"), "run", "--store", folder / "store"]
    counted = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert counted.returncode == 0, counted.stderr
    return open_store(str(folder / "store"))


@pytest.mark.parametrize("row", SOUNDS, ids=lambda row: row.job_id)
def test_words_and_times(row: Sound, debates: ObjectStore) -> None:
    entry = ManifestEntry.from_json(debates.get(f"manifest/{row.job_id}.json"))
    words = Words.from_json(debates.get(str(entry.documents.words))).words
    report = QualityReport.from_json(debates.get(entry.documents.report))
    assert len(words) in row.words, [word.text for word in words]
    if row.first:
        assert " ".join(word.text for word in words).lower().startswith(row.first)
        assert words[0].start + report.media.offset_seconds == pytest.approx(row.starts, abs=0.3)
    assert debates.exists(str(entry.documents.audio))


@pytest.mark.parametrize("row", SOUNDS, ids=lambda row: row.job_id)
def test_statistics_do_not_lie(row: Sound, debates: ObjectStore) -> None:
    entry = ManifestEntry.from_json(debates.get(f"manifest/{row.job_id}.json"))
    transcript = Transcript.from_json(debates.get(entry.documents.transcript))
    found = DebateStatistics.from_json(debates.get(f"statistics/by-job/{row.job_id}.json"))
    totals, noted = found.totals, {note.field for note in found.notes}
    assert totals.duration_seconds == transcript.duration
    # The transcript counts those who own words; a voice may be heard without one.
    assert totals.speakers == len(found.speakers) >= transcript.speakers_count
    if transcript.transcription:
        assert totals.mean_confidence
        return
    # Known: nobody spoke. Not known, so null and with a reason: whatever is a share or a mean of nothing.
    assert (totals.words, totals.turns, totals.segments, totals.speech_seconds) == (0, 0, 0, 0)
    assert (found.speakers, found.timeline) == ([], [])
    for field in ("overlap_ratio", "switches_per_minute", "balance", "mean_confidence"):
        assert getattr(totals, field) is None
        assert f"totals.{field}" in noted


def test_a_debate_without_a_word_is_on_the_pages_list(debates: ObjectStore) -> None:
    listed = debates.get("statistics/index.json").decode()
    assert all(f'"{row.job_id}"' in listed for row in SOUNDS)
