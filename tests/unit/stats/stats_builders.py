"""Debates and finished jobs for these tests, written by hand through core's documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from pyannote.core import Segment

from debate_core import keys
from debate_core.documents.manifest import DocumentKeys, ManifestEntry
from debate_core.documents.report import (
    Attribution,
    Coverage,
    Decoding,
    LanguageEvidence,
    MediaCheck,
    QualityReport,
)
from debate_core.documents.transcript import Transcript, Utterance, Word, Words
from debate_core.store import ObjectStore
from debate_stats.debate import Debate, debate_from
from debate_stats.rttm import Speech

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FINISHED = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

Span = tuple[float, float, str]
"""Start, end, speaker."""


def heard(spans: Iterable[Span]) -> list[Speech]:
    """As read from an RTTM document."""
    return [Speech(Segment(start, end), speaker) for start, end, speaker in spans]


def talk(
    *spans: Span, duration: float = 100.0, words: Sequence[tuple[float, str]] = (), diarized: bool = True
) -> Debate:
    """A debate of these segments; `words`: when, by whom. Without diarization the segments are the utterances."""
    lines = [] if diarized else [utterance(*span) for span in spans]
    return debate_from(
        Transcript(duration=duration, speakers_count=0, transcription=lines),
        Words(language="en", duration=duration, words=[word(at, speaker) for at, speaker in words]),
        heard(spans) if diarized else None,
    )


def utterance(start: float, end: float, speaker: str, text: str = "Yes.", confidence: float = 0.9) -> Utterance:
    return Utterance(start=start, end=end, speaker=speaker, text=text, confidence=confidence)


def word(at: float, speaker: str, probability: float = 0.9, text: str = "word") -> Word:
    return Word(start=at, end=at, text=text, probability=probability, speaker=speaker)


def report(*, language: str = "cs", offset: float = 0.5) -> QualityReport:
    return QualityReport(
        language=LanguageEvidence(code=language, given=False, votes={language: 1.0}),
        media=MediaCheck(
            mime="video/mp4",
            container_seconds=60.0,
            decoded_seconds=60.0,
            offset_seconds=offset,
            warnings=["the container is 2 s longer"],
        ),
        coverage=Coverage(duration_seconds=60.0, speech_seconds=40.0, transcribed_seconds=40.0, transcribed_ratio=1.0),
        decoding=Decoding(clips=2, kept=2, redecoded=0, dropped=[]),
        attribution=Attribution(words=4, unattributed_words=0, smoothed_words=0, speakers=2, overlap_seconds=2.0),
        linking=None,
        gaps=[],
        models=[],
        notices=["a demo model: it knows the sample's words only"],
    )


def finish_job(
    store: ObjectStore,
    job_id: str = "council",
    *,
    publish: bool = True,
    finished: datetime = FINISHED,
    title: str = "Council debate",
) -> ManifestEntry:
    """Write what `finish` leaves of a debate of 60 s: A speaks 0-20, B 18-40; four words of 1 s, two each."""
    at = {"job_id": job_id, "name": "clip"}
    transcript = Transcript(
        duration=60.0,
        speakers_count=2,
        transcription=[
            utterance(0, 20, "SPEAKER_00", "Good evening.", 0.8),
            utterance(20, 40, "SPEAKER_01", "Good night.", 0.6),
        ],
    )
    words = Words(
        language="cs",
        duration=60.0,
        words=[
            Word(start=start, end=start + 1, text="word", probability=probability, speaker=speaker)
            for start, speaker, probability in (
                (1, "SPEAKER_00", 0.9),
                (2, "SPEAKER_00", 0.7),
                (21, "SPEAKER_01", 0.5),
                (22, "SPEAKER_01", 0.7),
            )
        ],
    )
    rttm = (
        "SPEAKER clip 1 0.000 20.000 <NA> <NA> SPEAKER_00 <NA> <NA>\n"
        "SPEAKER clip 1 18.000 22.000 <NA> <NA> SPEAKER_01 <NA> <NA>\n"
    )
    contents = {
        keys.TRANSCRIPT: transcript.to_json(),
        keys.WORDS: words.to_json(),
        keys.VTT: b"WEBVTT\n",
        keys.SRT: b"1\n",
        keys.TXT: b"Good evening.\n",
        keys.RTTM: rttm.encode(),
        keys.REPORT: report().to_json(),
        keys.AUDIO: bytes(range(256)),
    }
    for template, data in contents.items():
        store.put(template.key(**at), data)
    entry = ManifestEntry(
        job_id=job_id,
        title=title,
        source_url="https://example.org/watch",
        publish=publish,
        completed_at=finished,
        documents=DocumentKeys(
            transcript=keys.TRANSCRIPT.key(**at),
            words=keys.WORDS.key(**at),
            vtt=keys.VTT.key(**at),
            srt=keys.SRT.key(**at),
            txt=keys.TXT.key(**at),
            rttm=keys.RTTM.key(**at),
            report=keys.REPORT.key(**at),
            audio=keys.AUDIO.key(**at),
        ),
    )
    write_entry(store, entry)
    return entry


def write_entry(store: ObjectStore, entry: ManifestEntry) -> None:
    store.put(keys.MANIFEST.key(job_id=entry.job_id), entry.to_json())
