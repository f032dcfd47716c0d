"""Captions (WebVTT with voices, SRT) cut from words, and the plain text to read.

A cue holds one speaker's words: at most two lines of 42 characters and 7 s. The same words give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from debate_worker.finish.attribution import SpokenWord
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.sentences import ends_sentence
from debate_worker.finish.turns import milliseconds
from debate_worker.finish.utterances import spoken


class Cue(NamedTuple):
    """[start, end) in milliseconds, end > start."""

    start: int
    end: int
    speaker: str
    lines: list[str]


class _Piece(NamedTuple):
    """A word, or a part of one that no line could hold. `text` has no space around it; `glued`: none before it."""

    start: int
    end: int
    text: str
    glued: bool
    closes: bool


def webvtt(utterances: Sequence[Sequence[SpokenWord]], parameters: Parameters) -> str:
    """W3C WebVTT; the speaker is the cue's voice."""
    blocks = ["WEBVTT\n"]
    for cue in cues(utterances, parameters, prefix=lambda speaker: ""):
        text = "\n".join(_vtt_escaped(line) for line in cue.lines)
        blocks.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n<v {_vtt_escaped(cue.speaker)}>{text}\n")
    return "\n".join(blocks)


def srt(utterances: Sequence[Sequence[SpokenWord]], parameters: Parameters) -> str:
    """SubRip. It knows no voices, so that the speaker stands in front of the text; and no escapes."""
    blocks = []
    for number, cue in enumerate(cues(utterances, parameters, prefix=lambda speaker: f"{speaker}:"), start=1):
        text = "\n".join(cue.lines).replace("-->", "->")  # readers look for the arrow to find a cue's times
        blocks.append(f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def plain_text(utterances: Sequence[Sequence[SpokenWord]]) -> str:
    """One line an utterance: time, speaker, text."""
    return "".join(
        f"[{_clock(words[0].start, '.').partition('.')[0]}] {words[0].speaker}: {' '.join(spoken(words).split())}\n"
        for words in utterances
    )


def cues(
    utterances: Sequence[Sequence[SpokenWord]], parameters: Parameters, *, prefix: Callable[[str], str]
) -> list[Cue]:
    """The cues in time order. Where the next one starts before a cue ends, the cue ends there.

    prefix: of the speaker, put before the text and counted with it.
    """
    found = [cue for words in utterances for cue in _cues_of(words, parameters, prefix(words[0].speaker))]
    found.sort(key=lambda cue: cue.start)
    clipped = [
        cue._replace(end=min(cue.end, following.start)) if following.start > cue.start else cue
        for cue, following in pairwise(found)
    ]
    return [*clipped, *found[-1:]]


def _cues_of(words: Sequence[SpokenWord], parameters: Parameters, prefix: str) -> Iterator[Cue]:
    longest = milliseconds(parameters.caption_seconds)
    held: list[_Piece] = []
    lines: list[str] = []

    def cue() -> Cue:
        end = min(max(piece.end for piece in held), held[0].start + longest)
        # Some words have no length; a cue must have one.
        return Cue(held[0].start, max(end, held[0].start + 1), words[0].speaker, lines)

    for piece in _pieces(words, parameters.caption_line_characters):
        wrapped = _wrapped([*held, piece], prefix, parameters.caption_line_characters)
        too_much = len(wrapped) > parameters.caption_lines or piece.end - held[0].start > longest if held else False
        if too_much:
            yield cue()
            held, wrapped = [], _wrapped([piece], prefix, parameters.caption_line_characters)
        held, lines = [*held, piece], wrapped
        if piece.closes and len(lines) > 1:
            # A sentence that fills its line ends the cue: the next one starts with its own.
            yield cue()
            held, lines = [], []
    if held:
        yield cue()


def _pieces(words: Sequence[SpokenWord], width: int) -> Iterator[_Piece]:
    """The words as a line can hold them; words of nothing but spaces vanish."""
    for position, word in enumerate(words):
        text = " ".join(word.text.split())
        parts = [text[at : at + width] for at in range(0, len(text), width)]
        for number, part in enumerate(parts):
            yield _Piece(
                start=word.start + (word.end - word.start) * number // len(parts),
                end=word.start + (word.end - word.start) * (number + 1) // len(parts),
                text=part.strip(),
                glued=number > 0 or (position > 0 and not word.text[0].isspace()),
                closes=number == len(parts) - 1 and ends_sentence(part),
            )


def _wrapped(pieces: Sequence[_Piece], prefix: str, width: int) -> list[str]:
    """Greedy lines. Glued pieces follow without a space, and the line may break between them."""
    lines = [prefix] if prefix else []
    for number, piece in enumerate(pieces):
        gap = "" if piece.glued and number > 0 else " "
        if lines and len(lines[-1]) + len(gap) + len(piece.text) <= width:
            lines[-1] += gap + piece.text
        else:
            lines.append(piece.text)
    return lines


def _vtt_escaped(text: str) -> str:
    """No markup from text; without '>' there can be no arrow either."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(time: int, point: str) -> str:
    """hh:mm:ss.mmm; more than two digits of hours where needed."""
    rest, thousandths = divmod(time, 1000)
    return f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}{point}{thousandths:03d}"
