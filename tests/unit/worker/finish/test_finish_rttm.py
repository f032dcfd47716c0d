"""RTTM: read back as the reference readers do (fields apart by spaces), every turn with its milliseconds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from debate_worker.finish.rttm import rttm
from debate_worker.finish.turns import Turn

turns = st.lists(
    st.builds(
        lambda start, size, who: Turn(start, start + size, f"SPEAKER_{who:02d}"),
        st.integers(0, 100_000_000),
        st.integers(1, 100_000),
        st.integers(0, 12),
    ),
    max_size=30,
)


@given(turns)
def test_every_turn_is_read_back_to_the_millisecond(some: list[Turn]) -> None:
    found = []
    for line in rttm(some, "a.debate-1").splitlines():
        kind, name, channel, onset, duration, *rest = line.split()
        assert (kind, name, channel) == ("SPEAKER", "a.debate-1", "1")
        assert (rest[0], rest[1], rest[3], rest[4]) == ("<NA>",) * 4
        assert all(len(number.partition(".")[2]) == 3 for number in (onset, duration))
        start = round(float(onset) * 1000)
        found.append(Turn(start, start + round(float(duration) * 1000), rest[2]))
    assert found == sorted(some)
