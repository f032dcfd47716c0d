"""A recording of 24 hours through prepare: the plan is right and memory does not grow.

The voice detector is simulated: it hears the first ten minutes, and its answer is repeated, as the recording is; all
else is real. `benchmarks/day_long.py` hears all of it. Analysis is left out: a window is as long as in any debate.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import odd_media as odd
import pytest
from odd_media import DAY_S, PERIOD_S
from odd_run import plan_of

from debate_core.documents.plan import Plan
from debate_core.store import open_store

PREPARE = """
import resource, sys
from pathlib import Path
import numpy as np
from debate_worker.prepare import step
from odd_media import PERIOD_S, RATE
from odd_run import run_job

real = step.speech_probabilities

def simulated(pcm, samples, progress):
    with pcm.open("rb") as file:
        first = pcm.with_name("first.s16")
        first.write_bytes(file.read(2 * PERIOD_S * RATE))
    return np.tile(real(first, PERIOD_S * RATE, progress), samples // (PERIOD_S * RATE))

step.speech_probabilities = simulated
result = run_job({"file": sys.argv[1]}, Path(sys.argv[2]))
assert result.exit_code == 0, result.message
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def prepare(media: Path, folder: Path) -> int:
    """Prepare in a process of its own, with its store in `folder`; that process's peak memory in MB."""
    here = Path(__file__).parent
    code = f"import sys; sys.path.insert(0, {str(here)!r})\n{PREPARE}"
    done = subprocess.run(
        [sys.executable, "-c", code, media, folder], capture_output=True, text=True, check=False, timeout=550
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, int]:
    """The day's plan, and by how many MB its peak memory is above that of ten minutes."""
    folder = tmp_path_factory.mktemp("day")
    odd.day(folder / "ten-minutes.mka", PERIOD_S)
    odd.day(folder / "day.mka", DAY_S)
    try:
        short = prepare(folder / "ten-minutes.mka", folder / "short")
        long = prepare(folder / "day.mka", folder / "long")
        return plan_of(open_store(str(folder / "long" / "store"))), long - short
    finally:
        shutil.rmtree(folder)  # 6 GB


def test_its_length_and_windows(prepared: tuple[Plan, int]) -> None:
    plan, _ = prepared
    assert plan.audio.duration_seconds == DAY_S
    # 30 min less the minute on either side in which a cut may be moved.
    assert len(plan.windows) == -(-DAY_S // (1800 - 2 * 60))
    assert (plan.windows[0].start, plan.windows[-1].end) == (0, DAY_S)
    assert all(before.end == after.start for before, after in pairwise(plan.windows))
    assert all(window.end - window.start <= 1800 for window in plan.windows)


def test_its_speech_is_that_of_ten_minutes_again_and_again(prepared: tuple[Plan, int]) -> None:
    plan, _ = prepared
    times = DAY_S // PERIOD_S
    spans = [(span.start % PERIOD_S, span.end % PERIOD_S) for span in plan.speech]
    first = [(span.start, span.end) for span in plan.speech if span.end < PERIOD_S]
    assert len(first) >= 1
    assert len(spans) == times * len(first)
    for index, span in enumerate(spans):
        assert span == pytest.approx(first[index % len(first)], abs=0.002)


def test_it_is_cut_in_silence_and_every_clip_fits_the_model(prepared: tuple[Plan, int]) -> None:
    plan, _ = prepared
    edges = [window.end for window in plan.windows[:-1]]
    assert not [edge for edge in edges if any(span.start < edge < span.end for span in plan.speech)]
    clips = [clip for window in plan.windows for clip in window.clips]
    assert all(clip.end - clip.start <= plan.transcription.max_clip_seconds for clip in clips)
    spoken = sum(span.end - span.start for span in plan.speech)
    assert sum(clip.end - clip.start for clip in clips) >= spoken - 0.01 * len(clips)


def test_memory_does_not_grow_with_the_length(prepared: tuple[Plan, int]) -> None:
    _, growth_mb = prepared
    assert growth_mb < 200
