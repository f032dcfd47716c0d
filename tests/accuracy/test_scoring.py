"""The scoring itself: what counts as an error, by examples that can be counted by hand."""

from dataclasses import dataclass

import pytest
import scoring


@dataclass(frozen=True)
class Said:
    """A word or a turn."""

    start: float
    end: float
    text: str
    speaker: str


def sentence(text: str, speaker: str = "A") -> list[Said]:
    return [Said(float(i), i + 1.0, word, speaker) for i, word in enumerate(text.split())]


def turn(start: float, end: float, speaker: str) -> Said:
    return Said(start, end, "", speaker)


def test_case_and_punctuation_are_no_errors() -> None:
    assert scoring.word_errors(sentence("Good evening, Mayor."), sentence("good evening mayor")).rate == 0


def test_each_kind_of_word_error_is_counted() -> None:
    errors = scoring.word_errors(sentence("a b c d e f g h"), sentence("a x c d f g h i"))
    assert (errors.substitutions, errors.deletions, errors.insertions, errors.words) == (1, 1, 1, 8)
    assert errors.rate == pytest.approx(3 / 8)


def test_a_truth_without_words_has_no_rate() -> None:
    with pytest.raises(ValueError, match="no words"):
        scoring.word_errors([], sentence("hello"))


def test_labels_do_not_matter_to_the_diarization_error() -> None:
    truth = [turn(0, 4, "A"), turn(4, 8, "B")]
    heard = [turn(0, 4, "SPEAKER_01"), turn(4, 8, "SPEAKER_00")]
    assert scoring.diarization_error(truth, heard, seconds=8) == 0


@pytest.mark.parametrize(("late", "expected"), [(0.2, 0.0), (1.25, 1.0 / 7.5)])
def test_the_collar_forgives_a_quarter_of_a_second_on_either_side(late: float, expected: float) -> None:
    truth = [turn(0, 4, "A"), turn(4, 8, "B")]
    heard = [turn(0, 4 + late, "A"), turn(4 + late, 8, "B")]
    error = scoring.diarization_error(truth, heard, seconds=8.0)
    assert error == pytest.approx(expected, abs=0.02)


def test_overlapped_speech_is_scored() -> None:
    truth = [turn(0, 8, "A"), turn(2, 6, "B")]
    missed = scoring.diarization_error(truth, [turn(0, 8, "A")], seconds=8, collar_seconds=0)
    assert missed == pytest.approx(4 / 12)


def test_wrong_speakers_are_counted_among_the_words_heard_right() -> None:
    truth = sentence("one two", "A") + sentence("three four", "B")
    heard = sentence("one two", "X") + sentence("three", "Y") + sentence("wrong", "X")
    assert scoring.wrong_speaker_share(truth, heard) == 0
    heard = sentence("one two three", "X") + sentence("four", "Y")
    assert scoring.wrong_speaker_share(truth, heard) == pytest.approx(1 / 4)


def test_speakers_heard_too_few_make_words_wrong() -> None:
    truth = sentence("one two three", "A") + sentence("four", "B")
    assert scoring.wrong_speaker_share(truth, sentence("one two three four", "X")) == pytest.approx(1 / 4)


def test_no_word_heard_right_has_no_share() -> None:
    with pytest.raises(ValueError, match="heard correctly"):
        scoring.wrong_speaker_share(sentence("one"), sentence("two"))


def test_speakers_are_counted_once() -> None:
    assert scoring.speaker_count([turn(0, 1, "A"), turn(2, 3, "A"), turn(1, 2, "B")]) == 2
