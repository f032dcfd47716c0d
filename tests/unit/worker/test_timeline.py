"""The timeline: frames lie where a sane clock says, and an insane clock costs no sound."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import numpy as np
import pytest

from debate_worker.prepare.timeline import PcmWriter, Timeline

RATE = 16_000
FRAME_S = 0.1


def frame(time: float | None, value: int, *, layout: str = "mono", rate: int = RATE) -> av.AudioFrame:
    """A tenth of a second of one sample value."""
    channels = 1 if layout == "mono" else 2
    samples = np.full((1, round(rate * FRAME_S) * channels), value, np.int16)
    made = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
    made.sample_rate = rate
    if time is not None:
        made.pts, made.time_base = round(time * 1000), Fraction(1, 1000)
    return made


def laid(frames: Iterable[av.AudioFrame]) -> tuple[list[int], list[str], float | None]:
    """The value in the middle of each tenth of a second, the warnings, the first time."""
    file = io.BytesIO()
    timeline = Timeline(PcmWriter(file))
    for each in frames:
        timeline.add(each)
    timeline.flush()
    samples = np.frombuffer(file.getvalue(), "<i2")
    return [int(v) for v in samples[RATE // 20 :: RATE // 10]], timeline.warnings, timeline.first_seconds


def run(start: float, count: int, value: int) -> list[av.AudioFrame]:
    return [frame(start + n * FRAME_S, value) for n in range(count)]


def test_frames_in_order_follow_each_other() -> None:
    assert laid(run(5, 20, 7)) == ([7] * 20, [], 5)


def test_frames_without_a_clock_do_too() -> None:
    assert laid([frame(None, 7) for _ in range(20)]) == ([7] * 20, [], None)


def test_the_first_time_is_the_first_samples() -> None:
    assert laid([frame(None, 7), *run(5, 3, 7)])[2] == pytest.approx(4.9)


@pytest.mark.parametrize("hole", [0.5, 5.0, 60.0])
def test_a_hole_is_silence(hole: float) -> None:
    values, warnings, _ = laid([*run(0, 20, 7), *run(2 + hole, 20, 9)])
    assert values == [7] * 20 + [0] * round(hole * 10) + [9] * 20
    assert warnings == [f"{hole:.1f} s of sound are missing in the media, by its clock: silence stands there"]


def test_sound_that_came_twice_is_used_once() -> None:
    values, warnings, _ = laid([*run(0, 20, 7), *run(1.5, 20, 9)])
    assert values == [7] * 20 + [9] * 15
    assert warnings == ["0.5 s of sound came twice, by the media's clock: the first is used"]


@pytest.mark.parametrize("begin", [0.0, -500.0, 95_000.0, 9_000.0])
def test_a_clock_that_begins_anew_costs_no_sound(begin: float) -> None:
    values, warnings, _ = laid([*run(200, 150, 7), *run(begin, 150, 9)])
    assert values == [7] * 150 + [9] * 150
    assert "begins anew or jumps (1 x)" in warnings[0]


@pytest.mark.parametrize("wrong", [-4000.0, -100.0, 100.0, 3000.0, 90_000.0])
@pytest.mark.parametrize("count", [1, 8])
def test_a_few_wrong_timestamps_move_nothing(wrong: float, count: int) -> None:
    frames = [*run(0, 20, 7), *run(2 + wrong, count, 8), *run(2 + count * FRAME_S, 20, 9)]
    assert laid(frames) == ([7] * 20 + [8] * count + [9] * 20, [], 0)


def test_a_clock_that_is_noise_moves_nothing() -> None:
    wild = np.random.default_rng(3).uniform(-1000, 3000, 40)
    values, warnings, _ = laid([*run(0, 20, 7), *(frame(float(time), 8) for time in wild), *run(6, 20, 9)])
    assert (values, warnings) == ([7] * 20 + [8] * 40 + [9] * 20, [])


def test_frames_may_change_their_kind() -> None:
    stereo = [frame(2 + n * FRAME_S, 9, layout="stereo", rate=48_000) for n in range(20)]
    values, warnings, _ = laid([*run(0, 20, 7), *stereo, *run(4, 20, 5)])
    assert (len(values), warnings) == (60, [])
    assert values[:19] + values[21:39] + values[41:] == [7] * 19 + [9] * 18 + [5] * 19
