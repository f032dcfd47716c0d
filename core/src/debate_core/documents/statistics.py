"""Statistics (DESIGN 5.3): all that the page reads. A figure that cannot be known is null, with a line in `notes`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from debate_core.documents.base import Document, Figure, Part, Probability, Seconds

Share = Annotated[Figure, Field(ge=0, le=1)]


class Input(Part):
    """What the figures were computed from: an object of the store and its ETag.

    `people.json#<id>` is one person of that object; its etag is a hash of the name, empty where nobody has the id.
    """

    key: str
    etag: str


class Media(Part):
    """url: relative to `statistics/`, or null. offset_seconds: add it to a time to find it in the source video."""

    url: str | None
    source_url: str | None
    mime: str | None
    offset_seconds: float


class Files(Part):
    """Paths relative to `statistics/`; null where there is none."""

    transcript: str | None = None
    words: str | None = None
    vtt: str | None = None
    srt: str | None = None
    txt: str | None = None
    rttm: str | None = None
    report: str | None = None


class Totals(Part):
    """Over the whole debate. silence = duration - speech; overlap_ratio = overlap / speech.

    unknown_share, low_confidence_share: of speech. floor_transfers: how many offsets the median is of.
    """

    duration_seconds: Seconds
    speech_seconds: Seconds
    silence_seconds: Seconds
    overlap_seconds: Seconds | None
    overlap_ratio: Share | None
    speakers: int
    segments: int
    words: int
    turns: int
    mean_turn_seconds: Seconds | None
    median_turn_seconds: Seconds | None
    longest_turn_seconds: Seconds | None
    switches_per_minute: Figure | None
    floor_transfers: int
    median_floor_transfer_seconds: Figure | None
    questions: int | None
    balance: Share | None
    unknown_seconds: Seconds
    unknown_share: Share | None
    mean_confidence: Probability | None
    low_confidence_seconds: Seconds | None
    low_confidence_share: Share | None
    untimed_segments: int


class SpeakerStatistics(Part):
    """One speaker of one debate. `label` is local to the debate: never add it up over debates.

    person: id in `people.json`, by which alone speakers of several debates are joined. patience_count: how many
    offsets the median is of.
    """

    label: str
    name: str | None
    person: str | None
    speaking_seconds: Seconds
    share_of_speech: Share | None
    share_of_duration: Share | None
    segments: int
    words: int
    share_of_words: Share | None
    words_per_minute: Figure | None
    mean_confidence: Probability | None
    low_confidence_seconds: Seconds | None
    turns: int
    mean_turn_seconds: Seconds | None
    median_turn_seconds: Seconds | None
    longest_turn_seconds: Seconds | None
    median_patience_seconds: Seconds | None
    patience_count: int
    questions: int | None
    fillers_per_100_words: Figure | None
    mtld: Figure | None
    hdd: Figure | None
    mattr: Figure | None
    flesch_reading_ease: Figure | None
    flesch_kincaid_grade: Figure | None
    overlap_seconds: Seconds | None
    first_second: Seconds | None


class Pair(Part):
    """`by` does it to `of`, `count` times, at these seconds."""

    by: str
    of: str
    count: int
    at: list[Seconds]


class TimelineEntry(Part):
    start: Seconds
    end: Seconds
    speaker: str


class ShareWindow(Part):
    """A stretch of the debate. `shares`: of speech in it, one a speaker in the order of `speakers`; null in silence."""

    start: Seconds
    end: Seconds
    shares: list[Share] | None


class ShareWindows(Part):
    """Share of speech over time, in windows that overlap: `step_seconds` from one start to the next."""

    window_seconds: Seconds
    step_seconds: Seconds
    windows: list[ShareWindow]


class Note(Part):
    """Why a figure is null or weak. `field`: its path, such as `speakers[].mtld`."""

    field: str
    reason: str


class DebateStatistics(Document):
    """`statistics/by-job/<id>.json`. completed_at: when the job finished; null in documents of older releases."""

    schema_version: int = 1
    job_id: str
    title: str
    source_url: str | None
    language: str | None
    generated_at: AwareDatetime
    completed_at: AwareDatetime | None = None
    inputs: list[Input]
    parameters: dict[str, float | int | str]
    media: Media
    files: Files
    totals: Totals
    speakers: list[SpeakerStatistics]
    interruptions: list[Pair] | None
    butt_ins: list[Pair] | None
    timeline: list[TimelineEntry]
    share_windows: ShareWindows
    notes: list[Note]

    SORTS_KEYS: ClassVar[bool] = True


class IndexEntry(Part):
    """One line of the list. `path`: relative to `statistics/`."""

    job_id: str
    title: str
    language: str | None
    duration_seconds: Seconds
    speaker_count: int
    speaker_names: list[str]
    updated_at: AwareDatetime
    path: str


class StatisticsIndex(Document):
    """`statistics/index.json`, newest first."""

    schema_version: int = 1
    generated_at: AwareDatetime
    jobs: list[IndexEntry]

    SORTS_KEYS: ClassVar[bool] = True


class Appearance(Part):
    """A person in one debate: the figures of those labels that are this person's, added up.

    first_second: the least of theirs.
    """

    job_id: str
    title: str
    labels: list[str]
    speaking_seconds: Seconds
    share_of_speech: Share | None
    words: int
    words_per_minute: Figure | None
    turns: int
    questions: int | None
    interruptions_made: int | None
    interruptions_received: int | None
    first_second: Seconds | None


class PersonStatistics(Part):
    """A person of `people.json` over the published debates in which somebody is that person; ratios of sums."""

    person: str
    name: str
    debates: list[Appearance]
    speaking_seconds: Annotated[float, Field(ge=0)]
    share_of_speech: Share | None
    words: int
    words_per_minute: Figure | None
    turns: int
    questions: int | None
    interruptions_made: int | None
    interruptions_received: int | None


class StatisticsSummary(Document):
    """`statistics/summary.json`: over all published debates; every ratio is a ratio of sums."""

    schema_version: int = 1
    generated_at: AwareDatetime
    jobs: int
    duration_seconds: Annotated[float, Field(ge=0)]
    speech_seconds: Annotated[float, Field(ge=0)]
    words: int
    speech_ratio: Share | None
    words_per_minute: Figure | None
    overlap_ratio: Share | None
    people: list[PersonStatistics]
    notes: list[Note]

    SORTS_KEYS: ClassVar[bool] = True
