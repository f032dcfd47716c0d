"""Words -> utterances (DESIGN 5.2): one speaker, no long pause, cut at a sentence end once it gets long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from debate_core.documents.transcript import UNKNOWN_SPEAKER, Transcript, Utterance, Word, Words
from debate_worker.finish.attribution import SpokenWord
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.sentences import ends_sentence
from debate_worker.finish.turns import milliseconds, seconds


def utterances(words: Sequence[SpokenWord], parameters: Parameters) -> list[list[SpokenWord]]:
    """The words of each utterance, in time order; every word in exactly one.

    An utterance ends where the speaker changes, where the pause is longer than max_pause_seconds, and at the first
    sentence end beyond sentence_cut_seconds. Where none comes until max_utterance_seconds, it is cut at its longest
    pause beyond sentence_cut_seconds (the last of equal ones): a reader's page never holds an endless block.
    """
    return [
        piece for run in _unbroken(words, milliseconds(parameters.max_pause_seconds)) for piece in _cut(run, parameters)
    ]


def spoken(words: Sequence[SpokenWord]) -> str:
    """The text of words that belong together: as decoded, so that scripts without spaces get none."""
    return "".join(word.text for word in words).strip()


def transcript(pieces: Sequence[Sequence[SpokenWord]], duration_seconds: float) -> Transcript:
    """`<name>_transcription.json`. speakers_count: of those who own words."""
    return Transcript(
        duration=duration_seconds,
        speakers_count=len({piece[0].speaker for piece in pieces} - {UNKNOWN_SPEAKER}),
        transcription=[
            Utterance(
                start=seconds(piece[0].start),
                end=seconds(max(word.end for word in piece)),
                text=spoken(piece),
                speaker=piece[0].speaker,
                confidence=sum(word.probability for word in piece) / len(piece),
            )
            for piece in pieces
        ],
    )


def words_document(words: Sequence[SpokenWord], language: str, duration_seconds: float) -> Words:
    """`<name>.words.json`."""
    return Words(
        language=language,
        duration=duration_seconds,
        words=[
            Word(
                start=seconds(word.start),
                end=seconds(word.end),
                text=word.text.strip(),
                probability=word.probability,
                speaker=word.speaker,
            )
            for word in words
        ],
    )


def _unbroken(words: Sequence[SpokenWord], max_pause: int) -> Iterator[list[SpokenWord]]:
    """Runs of one speaker's words without a long pause."""
    run: list[SpokenWord] = []
    end = 0
    for word in words:
        if run and (word.speaker != run[-1].speaker or word.start - end > max_pause):
            yield run
            run = []
        end = max(end, word.end) if run else word.end
        run.append(word)
    if run:
        yield run


def _cut(run: list[SpokenWord], parameters: Parameters) -> Iterator[list[SpokenWord]]:
    """Pieces of a run: at sentence ends beyond one length, by force before the other."""
    soft, hard = milliseconds(parameters.sentence_cut_seconds), milliseconds(parameters.max_utterance_seconds)
    first = position = end = 0
    while position < len(run):
        end = max(end, run[position].end)
        length = end - run[first].start
        if length > hard and position > first:
            cut = _longest_pause(run, first, position, soft)
        elif length > soft and ends_sentence(run[position].text):
            cut = position + 1
        else:
            position += 1
            continue
        yield run[first:cut]
        first = position = cut
        end = 0
    if first < len(run):
        yield run[first:]


def _longest_pause(run: Sequence[SpokenWord], first: int, last: int, soft: int) -> int:
    """The word in (first, last] to begin with: after the longest pause of those whose left side is long enough."""
    long_enough = [at for at in range(first + 1, last + 1) if run[at - 1].end - run[first].start >= soft]
    if not long_enough:
        return last
    return max(long_enough, key=lambda at: (run[at].start - run[at - 1].end, at))
