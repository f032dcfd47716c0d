"""What holds for every debate that analyze can leave, however odd: the documents, read back, against the windows."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from finish_cases import plan_of, planned, speaker_turns, voice
from hypothesis import given, settings
from hypothesis import strategies as st
from test_finish_captions import read_srt, read_vtt, without_space

from debate_core.documents.debatejob import DiarizationSpec
from debate_core.documents.plan import Plan
from debate_core.documents.window import (
    Chunk,
    Language,
    LocalSpeaker,
    SpeakerTurn,
    WindowDiarization,
    WindowResult,
    WindowWord,
)
from debate_worker.finish.documents import Documents, render
from debate_worker.finish.linking import LocalWindow, link
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.report import MediaFacts
from debate_worker.finish.sentences import ends_sentence
from debate_worker.finish.turns import Turn, cropped, merged, milliseconds

PARAMETERS = Parameters()
ANYBODY = DiarizationSpec()
TEXTS = [" yes", " no.", "-in", "好", "。", " Miss", " &", " a<b", " seven...", " w" * 20]


@dataclass(frozen=True)
class Evidence:
    plan: Plan
    windows: list[WindowResult]

    @property
    def words(self) -> list[WindowWord]:
        """In the order of time; what starts together as it was decoded."""
        return sorted((word for window in self.windows for word in window.words), key=lambda word: word.start)


@st.composite
def evidence(draw: st.DrawFn, *, diarized: bool = True) -> Evidence:
    """One to three windows: words that overlap, reach over the window's end or have no length; turns over each other;
    voices alike, missing and useless."""
    lengths = draw(st.lists(st.integers(5, 400), min_size=1, max_size=3))
    edges = [100 * sum(lengths[:count]) for count in range(len(lengths) + 1)]
    reach = draw(st.sampled_from([0, 3000, 10_000]))
    frames = [planned(i, start, end, reach, edges[-1]) for i, (start, end) in enumerate(pairwise(edges))]
    speech = draw(st.lists(st.tuples(st.integers(0, edges[-1] - 1), st.integers(1, 9000)), max_size=6))
    spans = [(start, min(start + size, edges[-1])) for start, size in speech]
    windows = []
    for frame, (start, end) in zip(frames, pairwise(edges), strict=True):
        low, high = milliseconds(frame.diarize_start), milliseconds(frame.diarize_end)
        turns, speakers = draw(_voices(frame.index, low, high)) if diarized else ([], [])
        windows.append(
            WindowResult(
                index=frame.index,
                hash=frame.hash,
                language=Language(
                    code="en", probability=0.9, votes=draw(st.sampled_from([{}, {"en": 1.5}, {"cs": 2}]))
                ),
                words=draw(_words(start, end)),
                chunks=draw(_chunks(start, end)),
                diarization=WindowDiarization(
                    overlapping=speaker_turns(turns), exclusive=_exclusive(turns), speakers=speakers
                )
                if diarized
                else None,
            )
        )
    return Evidence(plan_of(frames, spans, diarized=diarized), windows)


@st.composite
def _words(draw: st.DrawFn, start: int, end: int) -> list[WindowWord]:
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(0, (end - start) // 100 - 1),
                st.sampled_from([0, 150, 300, 900, 4000]),
                st.sampled_from(TEXTS),
                st.sampled_from([0.0, 0.25, 0.873, 1.0]),
            ),
            max_size=25,
        )
    )
    return [
        WindowWord(start=(start + 100 * at) / 1000, end=(start + 100 * at + size) / 1000, text=text, probability=sure)
        for at, size, text, sure in sorted(drawn, key=lambda word: word[0])
    ]


@st.composite
def _voices(draw: st.DrawFn, index: int, low: int, high: int) -> tuple[list[Turn], list[LocalSpeaker]]:
    turns: list[Turn] = []
    speakers = []
    for number in range(draw(st.integers(0, 4))):
        label = f"SPEAKER_{number:02d}"
        # A millisecond apart: where two say exactly the same, which of them is first is nobody's business.
        times = draw(
            st.lists(st.tuples(st.integers(0, (high - low) // 100), st.integers(1, 90)), min_size=1, max_size=5)
        )
        begins = [(low + 100 * at + 5 * index + number, size) for at, size in times]
        turns += [Turn(begin, min(begin + 100 * size, high), label) for begin, size in begins if begin < high]
        print_of = voice(draw(st.integers(0, 3)), random.Random(draw(st.integers(0, 99)) * 4 + number), 0.4, 6)
        centroid = draw(st.sampled_from([print_of, print_of, print_of, None, [0.0] * 6]))
        speakers.append(LocalSpeaker(label=label, speech_seconds=draw(st.integers(0, 50)) + number, centroid=centroid))
    return merged(turns), draw(st.sampled_from([speakers, speakers, speakers[1:]]))


def _exclusive(turns: Sequence[Turn]) -> list[SpeakerTurn]:
    """The earlier turn wins."""
    found: list[Turn] = []
    for turn in turns:
        found += cropped([turn], max(turn.start, found[-1].end if found else 0), turn.end)
    return speaker_turns(found)


@st.composite
def _chunks(draw: st.DrawFn, start: int, end: int) -> list[Chunk]:
    inside = draw(st.sets(st.integers(start + 1, end - 1), max_size=3))
    return [
        Chunk(
            start=first / 1000,
            end=last / 1000,
            decision=draw(st.sampled_from(["kept", "redecoded", "dropped"])),
            why=[],
            average_log_probability=-0.2,
            compression_ratio=1.3,
            no_speech_probability=0.0,
            temperature=0.0,
        )
        for first, last in pairwise([start, *sorted(inside), end])
    ]


def rendered(found: Evidence, bounds: DiarizationSpec = ANYBODY) -> Documents:
    return render(found.plan, found.windows, bounds, MediaFacts("video/mp4", None, []), [], PARAMETERS)


def document(documents: Documents, name: str) -> dict[str, Any]:
    return json.loads(documents.files[name])


def rttm_turns(documents: Documents) -> list[Turn]:
    lines = [line.split() for line in documents.files["rttm"].decode().splitlines()]
    starts = [(milliseconds(float(line[3])), milliseconds(float(line[4])), line[7]) for line in lines]
    return [Turn(start, start + size, who) for start, size, who in starts]


@settings(deadline=None)
@given(evidence())
def test_every_word_once_and_in_order_in_every_document(found: Evidence) -> None:
    documents = rendered(found)
    kept = [
        (word["start"], word["end"], word["text"], word["probability"])
        for word in document(documents, "words")["words"]
    ]
    assert kept == [(word.start, word.end, word.text.strip(), word.probability) for word in found.words]
    assert documents.words == len(kept)
    said = without_space("".join(word.text for word in found.words))
    spoken = "".join(entry["text"] for entry in document(documents, "transcript")["transcription"])
    assert without_space(spoken) == said
    lines = documents.files["txt"].decode().splitlines()
    assert without_space("".join(re.fullmatch(r"\[[\d:]+\] \w+: (.*)", line)[1] for line in lines)) == said
    assert without_space("".join(line for cue in read_vtt(documents.files["vtt"].decode()) for line in cue[3])) == said
    subrip = ("\n".join(cue[2]) for cue in read_srt(documents.files["srt"].decode()))
    assert without_space("".join(cue.partition(":")[2] for cue in subrip)) == said


@settings(deadline=None)
@given(evidence())
def test_utterances_are_the_words_under_their_speakers(found: Evidence) -> None:
    documents = rendered(found)
    words = iter(document(documents, "words")["words"])
    for entry in document(documents, "transcript")["transcription"]:
        piece: list[dict[str, Any]] = []
        while without_space("".join(word["text"] for word in piece)) != without_space(entry["text"]):
            piece.append(next(words))
        assert {word["speaker"] for word in piece} == {entry["speaker"]}
        assert (entry["start"], entry["end"]) == (piece[0]["start"], max(word["end"] for word in piece))
        assert abs(entry["confidence"] - sum(word["probability"] for word in piece) / len(piece)) < 0.001
        reach = milliseconds(piece[0]["end"])
        for before, word in pairwise(piece):
            assert milliseconds(word["start"]) - reach <= 1000
            assert not (reach - milliseconds(entry["start"]) > 30_000 and ends_sentence(before["text"]))
            reach = max(reach, milliseconds(word["end"]))
    assert next(words, None) is None


@settings(deadline=None)
@given(evidence())
def test_no_time_goes_backwards(found: Evidence) -> None:
    documents = rendered(found)
    transcript, words = document(documents, "transcript")["transcription"], document(documents, "words")["words"]
    vtt = [(start, end) for start, end, *_ in read_vtt(documents.files["vtt"].decode())]
    subrip = [(start, end) for start, end, _ in read_srt(documents.files["srt"].decode())]
    turns = [(turn.start, turn.end) for turn in rttm_turns(documents)]
    for times in ([(part["start"], part["end"]) for part in part_of] for part_of in (transcript, words)):
        assert all(start <= end for start, end in times)
        assert all(one[0] <= other[0] for one, other in pairwise(times))
    for times in (vtt, subrip, turns):
        assert all(start < end for start, end in times)
        assert all(one[0] <= other[0] for one, other in pairwise(times))


@settings(deadline=None)
@given(evidence())
def test_speakers_are_numbered_by_first_word_then_by_first_turn(found: Evidence) -> None:
    documents = rendered(found)
    heard = dict.fromkeys(word["speaker"] for word in document(documents, "words")["words"])
    talkers = [who for who in heard if who != "UNKNOWN"]
    silent = [who for who in dict.fromkeys(turn.speaker for turn in rttm_turns(documents)) if who not in talkers]
    assert talkers + silent == [f"SPEAKER_{number:02d}" for number in range(len(talkers) + len(silent))]
    assert set(talkers) <= {turn.speaker for turn in rttm_turns(documents)}
    assert documents.speakers == document(documents, "transcript")["speakers_count"] == len(talkers)


@settings(deadline=None)
@given(evidence(), st.randoms(use_true_random=False))
def test_neither_local_labels_nor_the_order_of_windows_change_a_byte(found: Evidence, rng: random.Random) -> None:
    windows = [_renamed(window, rng) for window in found.windows]
    rng.shuffle(windows)
    assert rendered(Evidence(found.plan, windows)).files == rendered(found).files


def _renamed(window: WindowResult, rng: random.Random) -> WindowResult:
    diarization = window.diarization
    assert diarization is not None
    turns = [*diarization.overlapping, *diarization.exclusive]
    labels = sorted({turn.speaker for turn in turns} | {speaker.label for speaker in diarization.speakers})
    others = [f"voice {number}" for number in range(len(labels))]
    rng.shuffle(others)
    name = dict(zip(labels, others, strict=True))

    def under_other_names(turns: Iterable[SpeakerTurn]) -> list[SpeakerTurn]:
        return [turn.model_copy(update={"speaker": name[turn.speaker]}) for turn in turns]

    speakers = [speaker.model_copy(update={"label": name[speaker.label]}) for speaker in diarization.speakers]
    rng.shuffle(speakers)
    renamed = WindowDiarization(
        overlapping=under_other_names(diarization.overlapping),
        exclusive=under_other_names(diarization.exclusive),
        speakers=speakers,
    )
    return window.model_copy(update={"diarization": renamed})


@settings(deadline=None)
@given(evidence(diarized=False))
def test_nobody_is_known_without_diarization(found: Evidence) -> None:
    documents = rendered(found)
    assert {word["speaker"] for word in document(documents, "words")["words"]} <= {"UNKNOWN"}
    assert documents.speakers == 0
    assert "rttm" not in documents.files
    report = document(documents, "report")
    assert (report["linking"], report["attribution"]["overlap_seconds"]) == (None, None)
    assert report["attribution"]["unattributed_words"] == documents.words


@settings(deadline=None)
@given(evidence(), st.integers(1, 4), st.integers(0, 3))
def test_the_bounds_on_speakers_are_kept_where_they_can_be(found: Evidence, least: int, more: int) -> None:
    local = [
        LocalWindow(frame, window.diarization) for frame, window in zip(found.plan.windows, found.windows, strict=True)
    ]
    usable = {
        (window.index, speaker.label)
        for window in found.windows
        for speaker in window.diarization.speakers
        if speaker.centroid and any(speaker.centroid)
    }

    def persons(**bounds: int) -> tuple[int, Any]:
        linked = link(local, PARAMETERS, **bounds)
        return len({person for node, person in linked.persons.items() if tuple(node) in usable}), linked.evidence

    by_overlap, _ = persons(min_speakers=100)
    free, _ = persons()
    bounded, evidence_ = persons(min_speakers=least, max_speakers=least + more)
    # At most so many, unless all that is left must stay apart; at least so many, if there are.
    assert bounded <= least + more or evidence_.closest_rejected is None
    assert bounded >= min(least, by_overlap)
    if least <= free <= least + more:
        assert (bounded, evidence_.forced_links) == (free, 0)


@settings(deadline=None)
@given(evidence())
def test_the_annotation_holds_all_that_the_windows_heard_of_their_own_parts(found: Evidence) -> None:
    """As many voices at every moment: nobody is lost, nobody is counted twice."""
    end = milliseconds(found.plan.audio.duration_seconds)
    heard, written = np.zeros(end, np.int8), np.zeros(end, np.int8)
    for frame, window in zip(found.plan.windows, found.windows, strict=True):
        local = [Turn(milliseconds(t.start), milliseconds(t.end), t.speaker) for t in window.diarization.overlapping]
        for turn in cropped(merged(local), milliseconds(frame.start), milliseconds(frame.end)):
            heard[turn.start : turn.end] += 1
    documents = rendered(found)
    for turn in rttm_turns(documents):
        written[turn.start : turn.end] += 1
    assert (heard == written).all()
    assert document(documents, "report")["attribution"]["overlap_seconds"] == np.count_nonzero(heard > 1) / 1000


@settings(deadline=None)
@given(evidence())
def test_the_report_counts_what_the_documents_hold(found: Evidence) -> None:
    documents = rendered(found)
    report, words = document(documents, "report"), document(documents, "words")["words"]
    decoding, coverage, attribution = report["decoding"], report["coverage"], report["attribution"]
    assert decoding["kept"] + decoding["redecoded"] + len(decoding["dropped"]) == decoding["clips"]
    assert decoding["clips"] == sum(len(window.chunks) for window in found.windows)
    assert 0 <= coverage["transcribed_seconds"] <= coverage["speech_seconds"] <= coverage["duration_seconds"]
    spoken, kept = (np.zeros(milliseconds(found.plan.audio.duration_seconds), bool) for _ in range(2))
    for span in found.plan.speech:
        spoken[milliseconds(span.start) : milliseconds(span.end)] = True
    for chunk in (chunk for window in found.windows for chunk in window.chunks if chunk.decision != "dropped"):
        kept[milliseconds(chunk.start) : milliseconds(chunk.end)] = True
    assert coverage["speech_seconds"] == np.count_nonzero(spoken) / 1000
    assert coverage["transcribed_seconds"] == np.count_nonzero(spoken & kept) / 1000
    ratio = coverage["transcribed_ratio"]
    assert (ratio is None) == (coverage["speech_seconds"] == 0)
    assert ratio is None or abs(ratio * coverage["speech_seconds"] - coverage["transcribed_seconds"]) < 0.001 * 120
    assert attribution["words"] == len(words)
    assert attribution["unattributed_words"] == sum(word["speaker"] == "UNKNOWN" for word in words)
    assert attribution["speakers"] == documents.speakers
    linking = report["linking"]
    persons = len({turn.speaker for turn in _everybody(found)})
    assert linking["windows"] == len(found.windows)
    assert linking["local_speakers"] == persons
    assert linking["must_links"] + linking["similarity_links"] <= persons
    assert linking["forced_links"] == 0
    for gap in report["gaps"]:
        assert gap["end"] - gap["start"] >= 2.0
        assert not any(max(word["start"], gap["start"]) < min(word["end"], gap["end"]) for word in words)
        assert spoken[milliseconds(gap["start"]) : milliseconds(gap["end"])].all()


def _everybody(found: Evidence) -> list[Turn]:
    """A turn for every local speaker, under a name of its own."""
    return [
        Turn(0, 0, f"{window.index} {label}")
        for window in found.windows
        for label, _ in groupby(sorted(turn.speaker for turn in window.diarization.overlapping))
    ]
