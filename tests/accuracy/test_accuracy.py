"""How well the worker does on debates whose truth is known: the sample, and debates unseen in training.

The figures are the demo models', on synthesised voices. They say that the pipeline loses and mixes up nothing; they
say nothing about real speech. `make accuracy` prints all of them, beside those of the usual way.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import our_worker
import pytest
import scoring
from demo_models.debates import Turn, Word
from faster_whisper.audio import decode_audio
from figures import Figures, lost_speech, of_ours, of_plain, total
from injected import injected_debate
from our_worker import Ours
from plain_models import PlainModels
from unseen import Unseen, cache_folder, conditions, debates_of, unseen_debates

from debate_core.documents.transcript import UNKNOWN_SPEAKER

ROOT = Path(__file__).parents[2]
Heard = list[tuple[Unseen, Ours]]

pytestmark = pytest.mark.timeout(1800)


def line(debate: Unseen, figures: Figures) -> str:
    return (
        f"{debate.name:<24} {debate.seconds:6.1f} s  WER {figures.words.rate:.3f}  "
        f"cpWER {figures.by_speaker.rate:.3f}  DER {figures.forgiving.rate:.3f}  "
        f"words with a wrong speaker {figures.speaker.share:.3f}"
    )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Unseen, Ours]:
    truth = json.loads((ROOT / "examples" / "sample-debate.truth.json").read_text())
    debate = Unseen(
        "sample-debate",
        ROOT / "examples" / "sample-debate.mp4",
        truth["duration"],
        tuple(Word(**word) for word in truth["words"]),
        tuple(Turn(**turn) for turn in truth["turns"]),
    )
    return debate, our_worker.hear(tmp_path_factory.mktemp("sample"), debate.wav, debate.name)


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    folder = tmp_path_factory.mktemp("unseen")
    debates = unseen_debates(cache_folder())
    # Two at a time: one's start and its slower model leave a core idle.
    with ThreadPoolExecutor(2) as pool:
        heard = pool.map(lambda each: our_worker.hear(folder, each.wav, each.name), debates)
        return list(zip(debates, heard, strict=True))


def test_the_sample_debate(sample: tuple[Unseen, Ours], capsys: pytest.CaptureFixture[str]) -> None:
    found = of_ours(*sample)
    with capsys.disabled():
        print(f"\n{line(sample[0], found)}")
    assert scoring.speaker_count(sample[1].turns) == 3
    assert found.words.rate <= 0.10
    assert found.forgiving.rate <= 0.08
    assert found.speaker.share <= 0.05
    assert found.by_speaker.rate <= 0.15


def test_debates_unseen_in_training(unseen: Heard, capsys: pytest.CaptureFixture[str]) -> None:
    found = [of_ours(debate, ours) for debate, ours in unseen]
    with capsys.disabled():
        for (debate, _), figures in zip(unseen, found, strict=True):
            print(f"\n{line(debate, figures)}", end="")
    right = sum(figures.counts.wrong == 0 for figures in found)
    wer = total(found).words.rate
    der = sum(figures.forgiving.rate * debate.seconds for (debate, _), figures in zip(unseen, found, strict=True))
    der /= sum(debate.seconds for debate, _ in unseen)
    with capsys.disabled():
        print(f"\nunseen, {len(found)} debates: speaker count right in {right}, WER {wer:.3f}, DER {der:.3f}")
    assert right >= 9
    assert wer <= 0.15
    assert der <= 0.12
    # Speakers with words: what a wrong or a missing speaker costs beside what is misheard.
    assert total(found).by_speaker.rate <= 0.22
    assert total(found).speaker.share <= 0.10


def test_words_are_where_they_were_said(unseen: Heard, sample: tuple[Unseen, Ours]) -> None:
    found = total([of_ours(debate, ours) for debate, ours in [sample, *unseen]])
    for times in (found.starts, found.ends):
        assert len(times) > 1000
        assert median(times) <= 80
        assert sum(time <= 300 for time in times) >= 0.9 * len(times)


def test_the_report_agrees_with_the_truth(unseen: Heard, sample: tuple[Unseen, Ours]) -> None:
    reported_overlap = true_overlap = 0.0
    for debate, ours in [sample, *unseen]:
        speech, twice = scoring.spoken_seconds(debate.turns)
        report = ours.report
        # The voice detector adds up to 0.1 s on either side of a stretch of speech.
        assert 0.98 * speech <= report.coverage.speech_seconds <= 1.12 * speech, debate.name
        assert report.coverage.duration_seconds == pytest.approx(debate.seconds, abs=0.1)
        dropped = sum(clip.end - clip.start for clip in report.decoding.dropped)
        untranscribed = report.coverage.speech_seconds - report.coverage.transcribed_seconds
        assert untranscribed == pytest.approx(dropped, abs=0.01 + 0.2 * dropped), debate.name
        assert report.attribution.words == len(ours.words.words)
        unknown = sum(word.speaker == UNKNOWN_SPEAKER for word in ours.words.words)
        assert report.attribution.unattributed_words == unknown
        assert report.attribution.speakers == len({word.speaker for word in ours.words.words} - {UNKNOWN_SPEAKER})
        assert lost_speech(debate, ours, least=3.0) == [], debate.name
        assert report.attribution.overlap_seconds is not None
        reported_overlap += report.attribution.overlap_seconds
        true_overlap += twice
    assert reported_overlap == pytest.approx(true_overlap, rel=0.5)


def test_what_is_known_exactly_is_reported_so(tmp_path: Path) -> None:
    injected = injected_debate(tmp_path)
    ours = our_worker.hear(tmp_path, injected.debate.wav, "injected")
    report, words = ours.report, ours.words.words
    speech, _ = scoring.spoken_seconds(injected.debate.turns)

    def within(spans: list[tuple[float, float]], stretch: tuple[float, float]) -> float:
        return sum(max(0.0, min(end, stretch[1]) - max(start, stretch[0])) for start, end in spans)

    # Silence and noise: neither speech nor words nor somebody who speaks.
    for stretch in (injected.silence, injected.noise):
        assert within([(span.start, span.end) for span in ours.plan.speech], stretch) <= 0.2
        assert within([(word.start, word.end) for word in words], stretch) <= 0.1
        assert within([(turn.start, turn.end) for turn in ours.turns], stretch) <= 0.3
    assert speech <= report.coverage.speech_seconds <= 1.15 * speech
    assert report.attribution.unattributed_words == 0
    assert report.attribution.overlap_seconds == pytest.approx(0, abs=0.5)
    # The loop: what is not written is named as dropped or as a gap, and what is dropped is not counted as transcribed.
    heard = within([(word.start, word.end) for word in words], injected.loop)
    dropped = within([(clip.start, clip.end) for clip in report.decoding.dropped], injected.loop)
    gaps = within([(gap.start, gap.end) for gap in report.gaps], injected.loop)
    assert heard + max(dropped, gaps) >= 0.8 * (injected.loop[1] - injected.loop[0])
    all_dropped = sum(clip.end - clip.start for clip in report.decoding.dropped)
    untranscribed = report.coverage.speech_seconds - report.coverage.transcribed_seconds
    assert untranscribed == pytest.approx(all_dropped, abs=0.5)
    assert lost_speech(injected.debate, ours, least=2.0) == []
    # What the report does not name as dropped is there.
    named = [injected.loop, *((clip.start, clip.end) for clip in report.decoding.dropped)]
    outside, kept = (
        [word for word in all_words if not any(start <= word.start < end for start, end in named)]
        for all_words in (injected.debate.words, words)
    )
    assert len(outside) > 30
    assert scoring.word_errors(outside, kept).rate <= 0.15
    assert len({word.speaker for word in kept}) == 2
    assert report.attribution.speakers == len({word.speaker for word in words})


def test_beside_the_usual_way(unseen: Heard, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one window, and in many that are far too short for the diarization: four speakers, 5 % overlap, no noise."""
    plain = PlainModels(our_worker.MODELS)
    debate, whole = unseen[8]
    one, usual = of_ours(debate, whole), of_plain(debate, plain.hear(decode_audio(str(debate.wav))))
    (condition,) = [each for each in conditions() if (each.speakers, each.overlap) == (4, 0.05)]
    (cut,) = debates_of([condition], cache_folder())
    ours = our_worker.hear(tmp_path, cut.wav, cut.name, window_seconds=30, overlap_seconds=5)
    many, usual_of_cut = of_ours(cut, ours), of_plain(cut, plain.hear(decode_audio(str(cut.wav))))
    results = [(debate, "ours", one), *((debate, way, each) for way, each in usual.items())]
    results += [(cut, "ours, windows of 30 s", many), *((cut, way, each) for way, each in usual_of_cut.items())]
    with capsys.disabled():
        for heard, way, figures in results:
            print(f"\n{line(heard, figures)}, {way}", end="")
    assert one.by_speaker.rate < usual["usual, by segment"].by_speaker.rate - 0.1
    assert one.by_speaker.rate <= usual["usual, by sentence"].by_speaker.rate + 0.03
    assert one.by_speaker.rate <= usual["usual, by word"].by_speaker.rate + 0.03
    assert many.by_speaker.rate < usual_of_cut["usual, by segment"].by_speaker.rate - 0.05
    assert len(ours.plan.windows) >= 4
    assert ours.report.linking is not None
    assert ours.report.linking.local_speakers >= many.links.of
    assert ours.report.linking.similarity_links > 0
    assert many.links.share <= 0.15
    assert many.counts.wrong == 0
