"""The quality report: how far the transcript can be trusted, counted from the plan, the windows and what finish did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from debate_core.documents.models_index import ModelEntry
from debate_core.documents.plan import Plan, PlannedModel
from debate_core.documents.plan import Span as DocumentSpan
from debate_core.documents.report import (
    Attribution as AttributionFigures,
)
from debate_core.documents.report import (
    Coverage,
    Decoding,
    LanguageEvidence,
    Linking,
    MediaCheck,
    QualityReport,
)
from debate_core.documents.transcript import UNKNOWN_SPEAKER
from debate_core.documents.window import WindowResult
from debate_worker.finish.attribution import Attribution, SpokenWord
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.turns import Span, difference, intersection, length, milliseconds, overlaps, seconds, union


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What prepare found out about the media and finish cannot see any more."""

    mime: str
    container_seconds: float | None
    warnings: list[str]


def quality_report(
    plan: Plan,
    windows: Sequence[WindowResult],
    attribution: Attribution,
    linking: Linking | None,
    media: MediaFacts,
    notices: list[str],
    parameters: Parameters,
) -> QualityReport:
    """windows: in any order. linking: None without diarization. notices: see `model_notices`."""
    ordered = sorted(windows, key=lambda window: window.index)
    speech = union(Span(milliseconds(span.start), milliseconds(span.end)) for span in plan.speech)
    return QualityReport(
        language=language_evidence(plan, ordered),
        media=MediaCheck(
            mime=media.mime,
            container_seconds=media.container_seconds,
            decoded_seconds=plan.audio.duration_seconds,
            offset_seconds=plan.audio.offset_seconds,
            warnings=media.warnings,
        ),
        coverage=_coverage(plan, ordered, speech),
        decoding=_decoding(ordered),
        attribution=AttributionFigures(
            words=len(attribution.words),
            unattributed_words=sum(word.speaker == UNKNOWN_SPEAKER for word in attribution.words),
            smoothed_words=attribution.smoothed,
            moved_words=attribution.moved,
            speakers=len(attribution.speakers),
            overlap_seconds=seconds(length(overlaps(attribution.overlapping))) if plan.diarization else None,
        ),
        linking=linking,
        gaps=_gaps(speech, attribution.words, milliseconds(parameters.min_gap_seconds)),
        models=_models(plan),
        notices=notices,
    )


def model_notices(plan: Plan, index: Iterable[ModelEntry]) -> list[str]:
    """What the models index says that readers must know of the models that the plan uses."""
    used = {model.digest for model in _models(plan)}
    return [f"{model.repo}: {model.notice}" for model in index if model.notice and model.digest in used]


def language_evidence(plan: Plan, windows: Iterable[WindowResult]) -> LanguageEvidence:
    """The language of the debate: as given, else the one with most votes over all windows (then by the alphabet),
    else, where nobody was asked, the one that most words were decoded in."""
    votes: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for window in windows:
        votes.update(window.language.votes)
        words[window.language.code] += len(window.words)
    given = plan.transcription.language != "auto"
    code = plan.transcription.language if given else _first(votes if votes else words)
    return LanguageEvidence(code=code, given=given, votes=dict(sorted(votes.items())))


def _first(counts: Mapping[str, float]) -> str:
    return min(counts, key=lambda name: (-counts[name], name))


def _coverage(plan: Plan, windows: Sequence[WindowResult], speech: list[Span]) -> Coverage:
    # A part of a kept clip may have been decoded again alone, and dropped: that part has no text.
    kept = difference(_clips(windows, dropped=False), _clips(windows, dropped=True))
    heard, transcribed = length(speech), length(intersection(speech, kept))
    return Coverage(
        duration_seconds=plan.audio.duration_seconds,
        speech_seconds=seconds(heard),
        transcribed_seconds=seconds(transcribed),
        transcribed_ratio=transcribed / heard if heard else None,
    )


def _clips(windows: Iterable[WindowResult], *, dropped: bool) -> list[Span]:
    return union(
        Span(milliseconds(chunk.start), milliseconds(chunk.end))
        for window in windows
        for chunk in window.chunks
        if (chunk.decision == "dropped") == dropped
    )


def _decoding(windows: Iterable[WindowResult]) -> Decoding:
    chunks = [chunk for window in windows for chunk in window.chunks]
    decisions = Counter(chunk.decision for chunk in chunks)
    return Decoding(
        clips=len(chunks),
        kept=decisions["kept"],
        redecoded=decisions["redecoded"],
        dropped=[chunk for chunk in chunks if chunk.decision == "dropped"],
    )


def _gaps(speech: list[Span], words: Iterable[SpokenWord], shortest: int) -> list[DocumentSpan]:
    wordless = difference(speech, union(Span(word.start, word.end) for word in words))
    return [
        DocumentSpan(start=seconds(gap.start), end=seconds(gap.end))
        for gap in wordless
        if gap.end - gap.start >= shortest
    ]


def _models(plan: Plan) -> list[PlannedModel]:
    return [plan.transcription.model] + ([plan.diarization.model] if plan.diarization else [])
