"""Captions: what comes out is read back by a strict reader; lines, lengths and escapes hold for any text."""

from __future__ import annotations

import html
import re
from itertools import pairwise

from finish_cases import said
from hypothesis import given
from hypothesis import strategies as st

from debate_worker.finish.attribution import SpokenWord
from debate_worker.finish.captions import cues, plain_text, srt, webvtt
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.utterances import utterances

PARAMETERS = Parameters()
CLOCK = r"(\d{2,}):([0-5]\d):([0-5]\d)[.,](\d{3})"


def time_of(clock: str) -> int:
    hours, minutes, seconds, thousandths = (int(part) for part in re.fullmatch(CLOCK, clock).groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def read_vtt(text: str) -> list[tuple[int, int, str, list[str]]]:
    """The W3C grammar as far as we use it: (start, end, voice, lines)."""
    header, _, body = text.partition("\n\n")
    assert header.strip() == "WEBVTT"
    found = []
    for block in filter(None, body.removesuffix("\n").split("\n\n")):
        timing, first, *rest = block.split("\n")
        start, end = timing.split(" --> ")
        voice, line = re.fullmatch(r"<v ([^<>&\n]+)>(.*)", first).groups()
        lines = [line, *rest]
        assert not any("-->" in line or "<" in line or ">" in line for line in lines)
        assert not re.search(r"&(?!amp;|lt;|gt;)", "\n".join(lines))
        found.append((time_of(start), time_of(end), voice, [html.unescape(line) for line in lines]))
    return found


def read_srt(text: str) -> list[tuple[int, int, list[str]]]:
    found = []
    for number, block in enumerate(filter(None, text.removesuffix("\n").split("\n\n")), start=1):
        counter, timing, *lines = block.split("\n")
        assert int(counter) == number
        start, end = timing.split(" --> ")
        assert lines
        assert not any("-->" in line for line in lines)
        found.append((time_of(start), time_of(end), lines))
    return found


def without_space(text: str) -> str:
    return "".join(text.split())


words = st.lists(
    st.tuples(
        st.integers(0, 2500),
        st.integers(0, 9000),
        st.one_of(
            st.sampled_from([" well", " yes.", " &", " -->", " <v>", " a<b", "好", "。", " ", " \n ", " &amp;"]),
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=100).map(
                lambda text: " " + text
            ),
        ),
        st.sampled_from(["SPEAKER_00", "SPEAKER_01", "UNKNOWN"]),
    ),
    max_size=60,
)


def spoken(steps: list[tuple[int, int, str, str]]) -> list[SpokenWord]:
    found, now = [], 0
    for step, size, text, who in steps:
        now += step
        found.append(said(now, now + size, text, who))
    return found


@given(words)
def test_captions_are_read_back_with_every_letter(steps: list[tuple[int, int, str, str]]) -> None:
    pieces = utterances(spoken(steps), PARAMETERS)
    everything = without_space("".join(word.text for piece in pieces for word in piece))
    vtt = read_vtt(webvtt(pieces, PARAMETERS))
    # Parts of words too long for a line may change places with a word that overlaps them.
    assert sorted(without_space("".join("".join(cue[3]) for cue in vtt))) == sorted(everything)
    assert {cue[2] for cue in vtt} <= {word.speaker for piece in pieces for word in piece}
    subrip = read_srt(srt(pieces, PARAMETERS))
    assert len(vtt) == len(read_vtt(webvtt(pieces, PARAMETERS)))
    for start, end, *_, lines in [*vtt, *subrip]:
        assert 0 < end - start <= 7000
        assert 1 <= len(lines) <= 2
        assert all(0 < len(line) <= 42 for line in lines)
    for one, other in [*pairwise(vtt), *pairwise(subrip)]:
        assert one[0] <= other[0]
        assert one[1] <= other[0] or one[0] == other[0]


def texts(found: list[SpokenWord]) -> list[list[str]]:
    return [cue.lines for cue in cues(utterances(found, PARAMETERS), PARAMETERS, prefix=lambda speaker: "")]


def sentence(text: str, start: int = 0, each: int = 300) -> list[SpokenWord]:
    return [said(start + n * each, start + n * each + each, f" {word}") for n, word in enumerate(text.split())]


def test_lines_break_between_words_and_cues_at_sentence_ends() -> None:
    text = "Thank you all for coming to this debate tonight, it is good to see you. Let us begin."
    assert texts(sentence(text)) == [
        ["Thank you all for coming to this debate", "tonight, it is good to see you."],
        ["Let us begin."],
    ]


def test_a_cue_lasts_at_most_seven_seconds() -> None:
    assert texts(sentence("one two three four", each=1900)) == [["one two three"], ["four"]]


def test_scripts_without_spaces_get_none() -> None:
    chinese = [said(n * 200, n * 200 + 200, text) for n, text in enumerate(["大家", "好", "。"])]
    assert texts(chinese) == [["大家好。"]]


def test_a_word_that_no_line_can_hold_is_broken() -> None:
    assert texts([said(0, 1000, " " + "x" * 100)]) == [["x" * 42, "x" * 42], ["x" * 16]]


def test_text_cannot_become_markup() -> None:
    found = webvtt(utterances(sentence("<b>R&D</b> --> more"), PARAMETERS), PARAMETERS)
    assert found == ("WEBVTT\n\n00:00:00.000 --> 00:00:00.900\n<v SPEAKER_00>&lt;b&gt;R&amp;D&lt;/b&gt; --&gt; more\n")


def test_hours_and_speakers_in_every_format() -> None:
    pieces = utterances([said(0, 400, " Hello"), said(36_000_500, 36_001_250, " Yes.", "SPEAKER_01")], PARAMETERS)
    assert webvtt(pieces, PARAMETERS) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:00.400\n<v SPEAKER_00>Hello\n\n"
        "10:00:00.500 --> 10:00:01.250\n<v SPEAKER_01>Yes.\n"
    )
    assert srt(pieces, PARAMETERS) == (
        "1\n00:00:00,000 --> 00:00:00,400\nSPEAKER_00: Hello\n\n2\n10:00:00,500 --> 10:00:01,250\nSPEAKER_01: Yes.\n"
    )
    assert plain_text(pieces) == "[00:00:00] SPEAKER_00: Hello\n[10:00:00] SPEAKER_01: Yes.\n"


def test_nothing_said_is_still_a_caption_file() -> None:
    assert webvtt([], PARAMETERS) == "WEBVTT\n"
    assert srt([], PARAMETERS) == ""
    assert plain_text([]) == ""
