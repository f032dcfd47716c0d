"""The prepare step: from a source to a plan in the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from debate_core import keys
from debate_core.documents.job import JobRecord
from debate_core.documents.plan import Audio, Diarization, Transcription
from debate_core.documents.step_result import StepResult
from debate_core.errors import SourceUnavailable
from debate_core.reasons import ExitCode
from debate_worker.context import Context
from debate_worker.finish.finished import finished, result_of_prepare
from debate_worker.finish.stored import read_document
from debate_worker.prepare.claim import claim, keep_order
from debate_worker.prepare.decode import decode, stated_seconds
from debate_worker.prepare.done import all_done, done_of
from debate_worker.prepare.link import bring_link
from debate_worker.prepare.planning import ANALYSIS_REVISION, build_plan, digest
from debate_worker.prepare.rights import require_rights
from debate_worker.prepare.source import (
    Media,
    Source,
    bring_file,
    bring_object,
    find_source,
    media_in_store,
    object_source,
)
from debate_worker.prepare.speech import SpeechParameters, speech_probabilities, speech_spans
from debate_worker.work import needs_models, planned_models, read_plan, read_result, require_models

STEP = "prepare"
SPEECH = SpeechParameters()
_DOWNLOAD_SHARE = 0.6
"""Of prepare's time, for a link."""
ASKED = "request_hash"
"""The fact that tells a result from one for another request, which a run that was killed before its plan left."""

Fact = str | int | float | bool | None


def prepare(context: Context) -> StepResult:
    """Leave media, audio.s16 and plan.json in the store; ends early where they are there for the same request.

    Of a job that is not analyzed (DownloadOnly): the media alone, and no models are needed.
    Raises StepError: JobIdTaken, SourceUnavailable, MediaUndecodable, Misconfigured, InvalidJob.
    """
    store, job_id = context.store, context.job_id
    source, gone = _find(context)
    claim(store, job_id, context.job.metadata, source.source_hash)
    keep_order(store, job_id, context.job)
    if not needs_models(context.job):
        return _bring_only(context, source, gone)
    transcription, diarization = planned_models(context)
    require_models(context)  # here, where it costs nothing: analyze would find out on a GPU
    request_hash = request(context, source, transcription, diarization)
    if store.exists(keys.WORK_AUDIO.key(job_id=job_id)):
        before, told = read_plan(store, job_id), read_result(store, job_id, STEP)
        if before and told and before.request_hash == told.facts.get(ASKED) == request_hash:
            return told.model_copy(update={"done": done_of(context, before, told)})
    elif (record := finished(store, job_id, request_hash)) is not None:
        return result_of_prepare(record).model_copy(update={"done": all_done(context, record)})
    if gone is not None:
        raise gone
    require_rights(store, job_id)  # likewise; what was prepared before was allowed before
    media, share = _bring(context, source), _DOWNLOAD_SHARE if source.kind == "url" else 0.0
    half = (share + 1) / 2
    pcm = context.scratch / "audio.s16"
    audio = decode(media.path, pcm, _phase(context, share, half, "decoding"))
    # What an earlier run noted of the media may hold what decoding finds again.
    warnings = list(dict.fromkeys([*media.warnings, *audio.warnings]))
    for warning in warnings:
        structlog.get_logger().warning(warning)
    store.put_file(keys.WORK_AUDIO.key(job_id=job_id), pcm, content_type="application/octet-stream")
    probabilities = speech_probabilities(pcm, audio.samples, _phase(context, half, 1.0, "finding speech"))
    plan = build_plan(
        job_id=job_id,
        name=media.name,
        request_hash=request_hash,
        audio=Audio(
            sha256=audio.sha256,
            duration_seconds=audio.duration_seconds,
            offset_seconds=audio.offset_seconds,
            channels=audio.channels,
            source_sample_rate=audio.source_sample_rate,
        ),
        transcription=transcription,
        diarization=diarization,
        speech=speech_spans(probabilities, round(audio.duration_seconds * 1000), SPEECH),
        probabilities=probabilities,
        window_ms=round(context.settings.window_seconds * 1000),
        overlap_ms=round(context.settings.overlap_seconds * 1000),
    )
    result = StepResult(
        step=STEP,
        exit_code=ExitCode.DONE,
        facts=_facts(source, media, audio.container_seconds)
        | {
            ASKED: request_hash,
            "windows": len(plan.windows),
            "duration_seconds": audio.duration_seconds,
            "speech_seconds": round(sum(span.end - span.start for span in plan.speech), 3),
            "warnings": "\n".join(warnings),
        },
        outputs={"plan": keys.PLAN.key(job_id=job_id), "media": media.key},
    )
    # The result goes first: where plan.json exists, everything that it needs exists.
    store.put(keys.STEP_RESULT.key(job_id=job_id, step=STEP, shard=0), result.to_json())
    store.put(keys.PLAN.key(job_id=job_id), plan.to_json(), content_type="application/json")
    return result.model_copy(update={"done": done_of(context, plan, result)})


def request(context: Context, source: Source, transcription: Transcription, diarization: Diarization | None) -> str:
    """The plan's request_hash: over all that decides a job's result and is known before any work."""
    asked: dict[str, Any] = {
        "revision": ANALYSIS_REVISION,
        "source": source.source_hash,
        "transcription": transcription.model_dump(mode="json"),
        "diarization": diarization.model_dump(mode="json") if diarization else None,
        "min_speakers": context.job.spec.diarization.min_speakers,
        "window_seconds": context.settings.window_seconds,
        "overlap_seconds": context.settings.overlap_seconds,
    }
    return digest(asked)


def _find(context: Context) -> tuple[Source, SourceUnavailable | None]:
    """The source; of an object that is gone, the one that this job was made of before, and the error.

    Uploads expire, and a bucket that was brought back has another name than its jobs say: what is done needs neither.
    """
    try:
        return find_source(context.job.spec, context.base, context.settings.links), None
    except SourceUnavailable as error:
        known = _known_source(context)
        if known is None:
            raise
        return known, error


def _known_source(context: Context) -> Source | None:
    asked, store, job_id = context.job.spec.source, context.store, context.job_id
    if asked.object is None:
        return None
    known: list[tuple[object, object]] = []
    if (told := read_result(store, job_id, STEP)) is not None:
        known.append((told.facts.get("source_location"), told.facts.get("source_etag")))
    if (record := read_document(store, keys.JOB.key(job_id=job_id), JobRecord)) is not None:
        known.append((record.source.location, record.source.etag))
    for location, etag in known:
        if location == asked.object and isinstance(etag, str) and etag == (asked.etag or etag).strip('"'):
            return object_source(asked.object, etag)
    return None


def _bring_only(context: Context, source: Source, gone: SourceUnavailable | None) -> StepResult:
    """The media in the store, and that it has sound. Ends early where the same source was brought before."""
    before = _brought_before(context, source)
    if before is None and gone is not None:
        raise gone
    return before or _brought(source, _bring(context, source))


def _bring(context: Context, source: Source) -> Media:
    """The media in the store and as a local file. A link is fetched once: what came is noted before anything else."""
    store, job_id = context.store, context.job_id
    context.stop.check()
    if source.kind == "file":
        return bring_file(source, job_id, store)
    if source.kind == "object":
        return bring_object(source, job_id, store, context.scratch)
    before = _brought_before(context, source) or _finished_before(context)
    if before is not None:
        return media_in_store(before.facts, store, context.scratch)
    media = bring_link(context, _phase(context, 0.0, _DOWNLOAD_SHARE, "downloading"))
    store.put(keys.STEP_RESULT.key(job_id=job_id, step=STEP, shard=0), _brought(source, media).to_json())
    return media


def _brought_before(context: Context, source: Source) -> StepResult | None:
    """What an earlier run said when it had brought the same source, if the media is there still."""
    before = read_result(context.store, context.job_id, STEP)
    if before is None or before.facts.get("source_hash") != source.source_hash:
        return None
    key = before.facts.get("media_key")
    return before if key and context.store.exists(str(key)) else None


def _finished_before(context: Context) -> StepResult | None:
    """What prepare had said of a finished job whose work/ has expired, if its media is there still.

    Its source is this one: else the claim would have refused the job.
    """
    record = read_document(context.store, keys.JOB.key(job_id=context.job_id), JobRecord)
    return result_of_prepare(record) if record is not None and context.store.exists(record.media.key) else None


def _brought(source: Source, media: Media) -> StepResult:
    seconds = stated_seconds(media.path)
    return StepResult(
        step=STEP,
        exit_code=ExitCode.DONE,
        facts=_facts(source, media, seconds) | {"duration_seconds": seconds},
        outputs={"media": media.key},
    )


def _phase(context: Context, low: float, high: float, note: str) -> Callable[[float, float], None]:
    """Told (done, total) of a part of the step, shows it as [low, high) of the whole, and stops where asked to."""

    def told(done: float, total: float) -> None:
        context.stop.check()
        context.progress.update(STEP, low * total + (high - low) * done, total, note)

    return told


def _facts(source: Source, media: Media, container_seconds: float | None) -> dict[str, Fact]:
    return {
        "container_seconds": container_seconds,
        "source_kind": source.kind,
        "source_location": source.location,
        "source_etag": source.etag,
        "source_hash": source.source_hash,
        "title": media.title,
        "media_key": media.key,
        "media_mime": media.mime,
        "media_bytes": media.bytes,
        "warnings": "\n".join(media.warnings),
    }
