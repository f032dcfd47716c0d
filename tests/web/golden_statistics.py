"""Debates for the page's tests, as the statistics job would write them: through core's documents."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import av

from debate_core.documents.statistics import (
    Appearance,
    DebateStatistics,
    Files,
    IndexEntry,
    Media,
    Note,
    Pair,
    PersonStatistics,
    ShareWindow,
    ShareWindows,
    SpeakerStatistics,
    StatisticsIndex,
    StatisticsSummary,
    TimelineEntry,
    Totals,
)
from debate_core.documents.transcript import Transcript, Utterance, Word, Words

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
SENTENCES = (
    "Let us begin with the budget for the coming year.",
    "I do not agree that the money should go to the road.",
    "The bridge has waited for twenty years, and it cannot wait for another winter.",
    "Who will pay for it?",
    "Příští rok bude město opravovat školu.",
    "That is a fair question, and I would like to answer it with the numbers that we all have before us tonight: "
    "the road costs four million, the bridge six, and the school can be opened in two steps.",
)


@dataclass(frozen=True)
class Golden:
    """One debate as the page finds it. `names`: label -> name, or None where nobody named the speaker."""

    job_id: str
    title: str = "Council debate: bridge, road or school"
    names: dict[str, str | None] = field(
        default_factory=lambda: {"SPEAKER_00": "Anna Novák", "SPEAKER_01": "Ben Carter", "SPEAKER_02": None}
    )
    people: dict[str, str] = field(default_factory=lambda: {"SPEAKER_00": "anna-novak"})
    utterances: tuple[Utterance, ...] = ()
    language: str | None = "en"
    overlap_known: bool = True
    audio: bool = True
    transcript: bool = True

    @property
    def duration(self) -> float:
        return self.utterances[-1].end + 1.0 if self.utterances else 60.0


def talk(labels: Sequence[str], count: int, *, pause_s: float = 0.4) -> tuple[Utterance, ...]:
    """`count` utterances in turn, uneven, so that the speakers differ in all figures."""
    start = 0.5
    utterances = []
    for i in range(count):
        text = SENTENCES[i % len(SENTENCES)]
        label = labels[(i * i + i // 3) % len(labels)]
        end = start + 0.35 * len(text.split())
        utterances.append(Utterance(start=start, end=end, text=text, speaker=label, confidence=0.9))
        start = end + pause_s
    return tuple(utterances)


def statistics_of(golden: Golden) -> DebateStatistics:
    """Plain figures; the page only shows them, so they need not be those of the statistics job."""
    spoken = {label: [u for u in golden.utterances if u.speaker == label] for label in golden.names}
    speech = sum(u.end - u.start for u in golden.utterances)
    overlap = 1.2 if golden.overlap_known else None
    notes = [
        Note(field="speakers[].mtld", reason="Not computed by this release."),
        Note(field="speakers[].words_per_minute", reason="Under 10 s of speech a pace says nothing."),
    ]
    if not golden.overlap_known:
        paths = ("totals.overlap_seconds", "totals.overlap_ratio", "speakers[].overlap_seconds")
        notes += [Note(field=path, reason="The diarization of this debate has no overlaps.") for path in paths]
    base = f"files/{golden.job_id}/debate"
    return DebateStatistics(
        job_id=golden.job_id,
        title=golden.title,
        source_url="https://video.example/watch?v=1",
        language=golden.language,
        generated_at=NOW,
        inputs=[],
        parameters={"turn_gap_seconds": 1.0},
        media=Media(
            url=f"{base}.audio.m4a" if golden.audio else None,
            source_url=None,
            mime="audio/mp4" if golden.audio else None,
            offset_seconds=0.0,
        ),
        files=Files(
            transcript=f"{base}_transcription.json" if golden.transcript else None,
            words=f"{base}.words.json",
            vtt=f"{base}.vtt",
            srt=f"{base}.srt",
            txt=f"{base}.txt",
            rttm=f"{base}.rttm",
            report=f"{base}.report.json",
        ),
        totals=Totals(
            duration_seconds=golden.duration,
            speech_seconds=speech,
            silence_seconds=golden.duration - speech,
            overlap_seconds=overlap,
            overlap_ratio=overlap / speech if overlap is not None and speech else None,
            speakers=len(golden.names),
            segments=len(golden.utterances),
            words=sum(len(u.text.split()) for u in golden.utterances),
            turns=sum(a.speaker != b.speaker for a, b in pairwise(golden.utterances)) + bool(golden.utterances),
            mean_turn_seconds=6.0 if golden.utterances else None,
            median_turn_seconds=5.5 if golden.utterances else None,
            longest_turn_seconds=14.0 if golden.utterances else None,
            switches_per_minute=7.5 if golden.utterances else None,
            floor_transfers=max(0, len(golden.utterances) - 1),
            median_floor_transfer_seconds=0.4 if len(golden.utterances) > 1 else None,
            questions=sum(u.text.endswith("?") for u in golden.utterances),
            balance=0.93 if len(golden.names) > 1 and golden.utterances else None,
            unknown_seconds=0.0 if golden.overlap_known else 3.5,
            unknown_share=(0.0 if golden.overlap_known else 3.5 / speech) if speech else None,
            mean_confidence=0.9 if golden.utterances else None,
            low_confidence_seconds=1.5 if golden.utterances else None,
            low_confidence_share=1.5 / speech if speech else None,
            untimed_segments=0,
        ),
        speakers=[_speaker(label, golden, spoken[label], speech) for label in golden.names],
        interruptions=_pairs(golden, 0.5),
        butt_ins=_pairs(golden, 1.5),
        timeline=[TimelineEntry(start=u.start, end=u.end, speaker=u.speaker) for u in golden.utterances],
        share_windows=_share_windows(golden),
        notes=notes,
    )


def _speaker(label: str, golden: Golden, spoken: list[Utterance], speech: float) -> SpeakerStatistics:
    seconds = sum(u.end - u.start for u in spoken)
    words = sum(len(u.text.split()) for u in spoken)
    return SpeakerStatistics(
        label=label,
        name=golden.names[label],
        person=golden.people.get(label),
        speaking_seconds=seconds,
        share_of_speech=seconds / speech if speech else None,
        share_of_duration=seconds / golden.duration,
        segments=len(spoken),
        words=words,
        share_of_words=words / all_words
        if (all_words := sum(len(u.text.split()) for u in golden.utterances))
        else None,
        words_per_minute=words / seconds * 60 if seconds >= 10 else None,
        mean_confidence=0.9,
        low_confidence_seconds=0.5,
        turns=len(spoken),
        mean_turn_seconds=seconds / len(spoken) if spoken else None,
        median_turn_seconds=seconds / len(spoken) if spoken else None,
        longest_turn_seconds=max((u.end - u.start for u in spoken), default=None),
        median_patience_seconds=0.4 if spoken else None,
        patience_count=len(spoken),
        questions=sum(u.text.endswith("?") for u in spoken),
        fillers_per_100_words=1.2 if spoken else None,
        mtld=None,
        hdd=None,
        mattr=None,
        flesch_reading_ease=62.5 if golden.language == "en" else None,
        flesch_kincaid_grade=7.1 if golden.language == "en" else None,
        overlap_seconds=0.6 if golden.overlap_known else None,
        first_second=spoken[0].start if spoken else None,
    )


def _pairs(golden: Golden, at: float) -> list[Pair] | None:
    """The second speaker comes in on the first, twice; null where overlaps are not known."""
    if not golden.overlap_known:
        return None
    labels = list(golden.names)
    if len(labels) < 2:
        return []
    seconds = [u.start + at for u in golden.utterances if u.speaker == labels[0]][:2]
    return [Pair(by=labels[1], of=labels[0], count=len(seconds), at=seconds)] if seconds else []


def _share_windows(golden: Golden) -> ShareWindows:
    """In windows of 20 s by 5 s, for short debates."""
    length, step = 20.0, 5.0
    count = max(1, int((golden.duration - length) // step) + 1) if golden.utterances else 0
    bounds = [(step * i, min(golden.duration, step * i + length)) for i in range(count)]
    spoken = [dict.fromkeys(golden.names, 0.0) for _ in bounds]
    for u in golden.utterances:
        if u.speaker not in golden.names:
            continue
        for i in range(max(0, int((u.start - length) // step)), min(count, int(u.end // step) + 1)):
            spoken[i][u.speaker] += max(0.0, min(bounds[i][1], u.end) - max(bounds[i][0], u.start))
    windows = []
    for (start, end), seconds in zip(bounds, spoken, strict=True):
        total = sum(seconds.values())
        shares = [mine / total for mine in seconds.values()] if total else None
        windows.append(ShareWindow(start=start, end=end, shares=shares))
    return ShareWindows(window_seconds=length, step_seconds=step, windows=windows)


def write_debate(statistics_dir: Path, golden: Golden, *, audio: bytes) -> None:
    """All files of one debate below `statistics_dir`."""
    statistics = statistics_of(golden)
    files = {
        f"by-job/{golden.job_id}.json": statistics.to_json(),
        statistics.files.words: Words(
            language=golden.language or "und", duration=golden.duration, words=_words(golden)
        ).to_json(),
        statistics.files.vtt: _vtt(golden).encode(),
        statistics.files.srt: b"1\n00:00:00,500 --> 00:00:04,000\nLet us begin\n",
        statistics.files.txt: "\n".join(u.text for u in golden.utterances).encode(),
        statistics.files.rttm: b"SPEAKER debate 1 0.500 3.500 <NA> <NA> SPEAKER_00 <NA> <NA>\n",
        statistics.files.report: b'{"schema_version":1}\n',
    }
    if golden.transcript:
        document = Transcript(
            duration=golden.duration, speakers_count=len(golden.names), transcription=list(golden.utterances)
        )
        files[statistics.files.transcript] = document.to_json()
    if golden.audio:
        files[statistics.media.url] = audio
    for path, data in files.items():
        assert path is not None
        target = statistics_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def write_index(statistics_dir: Path, goldens: Sequence[Golden]) -> None:
    jobs = [
        IndexEntry(
            job_id=golden.job_id,
            title=golden.title,
            language=golden.language,
            duration_seconds=golden.duration,
            speaker_count=len(golden.names),
            speaker_names=[name or label for label, name in golden.names.items()],
            updated_at=NOW,
            path=f"by-job/{golden.job_id}.json",
        )
        for golden in goldens
    ]
    statistics_dir.mkdir(parents=True, exist_ok=True)
    (statistics_dir / "index.json").write_bytes(StatisticsIndex(generated_at=NOW, jobs=jobs).to_json())


def write_summary(statistics_dir: Path, goldens: Sequence[Golden]) -> None:
    statistics = [statistics_of(golden) for golden in goldens]
    speech = sum(debate.totals.speech_seconds for debate in statistics)
    summary = StatisticsSummary(
        generated_at=NOW,
        jobs=len(statistics),
        duration_seconds=sum(debate.totals.duration_seconds for debate in statistics),
        speech_seconds=speech,
        words=(words := sum(debate.totals.words for debate in statistics)),
        speech_ratio=None,
        words_per_minute=words / speech * 60 if speech else None,
        overlap_ratio=None,
        people=_people(goldens, statistics),
        notes=[],
    )
    (statistics_dir / "summary.json").write_bytes(summary.to_json())


def _people(goldens: Sequence[Golden], statistics: Sequence[DebateStatistics]) -> list[PersonStatistics]:
    appearances: dict[str, list[tuple[str, Appearance]]] = {}
    for golden, debate in zip(goldens, statistics, strict=True):
        for speaker in debate.speakers:
            if speaker.person is not None:
                name = golden.names[speaker.label] or speaker.label
                appearances.setdefault(speaker.person, []).append((name, _appearance(debate, speaker)))
    return [
        PersonStatistics(
            person=person,
            name=entries[-1][0],
            debates=(debates := [appearance for _, appearance in entries]),
            speaking_seconds=(seconds := sum(debate.speaking_seconds for debate in debates)),
            share_of_speech=seconds / whole if (whole := sum(map(_all_speech, debates))) else None,
            words=(words := sum(debate.words for debate in debates)),
            words_per_minute=words / seconds * 60 if seconds else None,
            turns=sum(debate.turns for debate in debates),
            questions=sum(debate.questions or 0 for debate in debates),
            interruptions_made=0,
            interruptions_received=2,
        )
        for person, entries in appearances.items()
    ]


def _all_speech(debate: Appearance) -> float:
    return debate.speaking_seconds / debate.share_of_speech if debate.share_of_speech else 0.0


def _appearance(debate: DebateStatistics, speaker: SpeakerStatistics) -> Appearance:
    received = [pair.count for pair in debate.interruptions or [] if pair.of == speaker.label]
    return Appearance(
        job_id=debate.job_id,
        title=debate.title,
        labels=[speaker.label],
        speaking_seconds=speaker.speaking_seconds,
        share_of_speech=speaker.share_of_speech,
        words=speaker.words,
        words_per_minute=speaker.words_per_minute,
        turns=speaker.turns,
        questions=speaker.questions,
        interruptions_made=0 if debate.interruptions is not None else None,
        interruptions_received=sum(received) if debate.interruptions is not None else None,
        first_second=speaker.first_second,
    )


def change(path: Path, **fields: object) -> None:
    """Overwrite fields of a JSON document: for what no correct program would write."""
    document = json.loads(path.read_bytes())
    document.update(fields)
    path.write_text(json.dumps(document), encoding="utf-8")


def _words(golden: Golden) -> list[Word]:
    return [
        Word(start=u.start, end=u.end, text=word, probability=0.9, speaker=u.speaker)
        for u in golden.utterances[:10]
        for word in u.text.split()
    ]


def _vtt(golden: Golden) -> str:
    cues = [f"{_stamp(u.start)} --> {_stamp(u.end)}\n<v {u.speaker}>{u.text}" for u in golden.utterances[:50]]
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02d}:{minutes:02d}:{rest:06.3f}"


def make_audio(path: Path, seconds: int) -> bytes:
    """A quiet hum as AAC in MP4, index first, so that a browser can seek at once."""
    rate = 16_000
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("aac", rate=rate, layout="mono", bit_rate=24_000)
        for second in range(seconds):
            samples = [int(900 * math.sin(i * 2 * math.pi * 220 / rate)) for i in range(rate)]
            frame = av.AudioFrame(format="s16", layout="mono", samples=rate)
            frame.planes[0].update(struct.pack(f"<{rate}h", *samples))
            frame.sample_rate = rate
            frame.pts = second * rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()
