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


def test_words_count_for_their_speaker_alone() -> None:
    truth = sentence("one two three", "A") + sentence("four five", "B")
    heard = sentence("one two three", "X") + sentence("four five", "Y")
    assert scoring.speaker_attributed_word_errors(truth, heard).rate == 0
    # "three" is deleted from one speaker's words and inserted into the other's.
    moved = sentence("one two", "X") + sentence("three", "Y") + sentence("four five", "Y")
    errors = scoring.speaker_attributed_word_errors(truth, moved)
    assert (errors.deletions + errors.insertions + 2 * errors.substitutions, errors.words) == (2, 5)


def test_a_speaker_too_few_or_too_many_costs_all_their_words() -> None:
    truth = [*sentence("one two three", "A"), Said(9, 10, "four", "B")]
    joined = scoring.speaker_attributed_word_errors(truth, [Said(w.start, w.end, w.text, "X") for w in truth])
    assert (joined.deletions, joined.insertions, joined.substitutions, joined.words) == (1, 1, 0, 4)
    split = scoring.speaker_attributed_word_errors(
        sentence("one two three"), [*sentence("one two", "X"), Said(5, 6, "three", "Y")]
    )
    assert (split.deletions, split.insertions, split.words) == (1, 1, 3)


def test_plain_word_errors_never_exceed_those_with_speakers() -> None:
    truth = sentence("a b c d", "A") + sentence("e f g", "B")
    heard = sentence("a x c d", "X") + sentence("e f", "Y")
    assert scoring.speaker_attributed_word_errors(truth, heard) == scoring.word_errors(truth, heard)


def test_the_words_order_is_by_time_within_a_speaker() -> None:
    heard = list(reversed(sentence("one two three", "X")))
    assert scoring.speaker_attributed_word_errors(sentence("one two three"), heard).rate == 0


def test_counts_add_up_to_the_rate_over_all() -> None:
    one = scoring.word_errors(sentence("a b"), sentence("a x"))
    other = scoring.word_errors(sentence("a b c d e f g h"), sentence("a b c d e f g h"))
    assert (one + other).rate == pytest.approx(1 / 10)


def test_boundaries_are_off_by_milliseconds_either_way() -> None:
    truth = sentence("one two three")
    heard = [Said(0.1, 1.0, "one", "X"), Said(0.9, 2.3, "two", "X"), Said(2.0, 3.0, "wrong", "X")]
    starts, ends = scoring.boundary_errors(truth, heard)
    assert starts == pytest.approx([100, 100])
    assert ends == pytest.approx([0, 300])


def test_the_same_word_elsewhere_is_another_word() -> None:
    starts, ends = scoring.boundary_errors(sentence("the"), [Said(30, 31, "the", "X")])
    assert (starts, ends) == ([], [])


def test_a_local_speaker_given_to_a_wrong_person_is_counted() -> None:
    truth = [turn(0, 10, "A"), turn(10, 20, "B"), turn(20, 30, "A"), turn(30, 40, "B")]
    nodes = [
        ([turn(0, 9, "x")], "p"),
        ([turn(11, 20, "y")], "q"),
        ([turn(20, 29, "x")], "p"),
        ([turn(30, 40, "y")], "q"),
    ]
    assert scoring.wrong_links(truth, nodes) == (0, 4)
    # One person in two parts: the smaller part is wrong. Two persons in one: so is the one said less often.
    assert scoring.wrong_links(truth, [*nodes[:3], (nodes[3][0], "r")]) == (1, 4)
    assert scoring.wrong_links(truth, [(turns, "p") for turns, _ in nodes]) == (2, 4)
    # Who speaks when nobody does is the diarization's error, not the linking's.
    assert scoring.wrong_links(truth, [*nodes, ([turn(50, 51, "z")], "s")]) == (0, 4)


def test_seconds_of_speech_and_of_two_voices() -> None:
    turns = [turn(0, 4, "A"), turn(3, 6, "B"), turn(3.5, 5, "C"), turn(10, 11, "A")]
    assert scoring.spoken_seconds(turns) == pytest.approx((7.0, 2.0))


def test_spans_without_others() -> None:
    assert scoring.union([(3, 4), (0, 2), (1, 3)]) == [(0, 4)]
    assert scoring.without([(0, 10), (20, 21)], [(2, 3), (9, 30)]) == [(0, 2), (3, 9)]
