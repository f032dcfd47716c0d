"""The plan and all windows -> every document of the debate but the sound. Pure: the same input, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from debate_core.documents.debatejob import DiarizationSpec
from debate_core.documents.plan import Plan
from debate_core.documents.report import Linking
from debate_core.documents.window import WindowResult
from debate_worker.finish import captions
from debate_worker.finish.attribution import Attribution, attribute, in_order, whole_annotation
from debate_worker.finish.linking import LocalWindow, link
from debate_worker.finish.parameters import Parameters
from debate_worker.finish.report import MediaFacts, quality_report
from debate_worker.finish.rttm import rttm
from debate_worker.finish.turns import Turn
from debate_worker.finish.utterances import transcript, utterances, words_document


@dataclass(frozen=True, slots=True)
class Documents:
    """files: by the field of DocumentKeys; no `rttm` where nobody was diarized."""

    files: dict[str, bytes]
    language: str
    speakers: int
    words: int


def render(
    plan: Plan,
    windows: Iterable[WindowResult],
    bounds: DiarizationSpec,
    media: MediaFacts,
    notices: list[str],
    parameters: Parameters,
) -> Documents:
    """windows: every one that the plan names, in any order."""
    results = sorted(windows, key=lambda window: window.index)
    attribution, linking = _who_says_what(plan, results, bounds, parameters)
    report = quality_report(plan, results, attribution, linking, media, notices, parameters)
    duration, language = plan.audio.duration_seconds, report.language.code
    pieces = utterances(attribution.words, parameters)
    whole = transcript(pieces, duration)
    files = {
        "transcript": whole.to_json(),
        "words": words_document(attribution.words, _language_of_words(plan, language), duration).to_json(),
        "vtt": captions.webvtt(pieces, parameters).encode(),
        "srt": captions.srt(pieces, parameters).encode(),
        "txt": captions.plain_text(pieces).encode(),
        "report": report.to_json(),
    }
    if plan.diarization is not None:
        files["rttm"] = rttm(attribution.overlapping, plan.name).encode()
    return Documents(files, language, whole.speakers_count, len(attribution.words))


def _language_of_words(plan: Plan, spoken: str) -> str:
    """Whisper translates into English alone; statistics must not take that for the language that was spoken."""
    return "en" if plan.transcription.task == "translate" else spoken


def _who_says_what(
    plan: Plan, results: Sequence[WindowResult], bounds: DiarizationSpec, parameters: Parameters
) -> tuple[Attribution, Linking | None]:
    words = in_order(results)
    if plan.diarization is None:
        return attribute(words, [], [], parameters), None
    by_index = {result.index: result for result in results}
    linked = link(
        [
            LocalWindow(planned, diarization)
            for planned in plan.windows
            if (diarization := by_index[planned.index].diarization) is not None
        ],
        parameters,
        min_speakers=bounds.min_speakers,
        max_speakers=bounds.max_speakers,
    )
    overlapping: list[Turn] = whole_annotation("overlapping", plan.windows, by_index, linked.persons)
    exclusive: list[Turn] = whole_annotation("exclusive", plan.windows, by_index, linked.persons)
    return attribute(words, overlapping, exclusive, parameters), linked.evidence
