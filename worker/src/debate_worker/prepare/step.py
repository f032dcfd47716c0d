"""The prepare step: from a source to a plan in the store."""

from __future__ import annotations

from typing import Any

from debate_core import keys
from debate_core.documents.plan import Audio, Diarization, Transcription
from debate_core.documents.step_result import StepResult
from debate_core.reasons import ExitCode
from debate_worker.context import Context
from debate_worker.prepare.claim import claim
from debate_worker.prepare.decode import decode, stated_seconds
from debate_worker.prepare.planning import ANALYSIS_REVISION, build_plan, digest
from debate_worker.prepare.source import Source, StoredMedia, bring_media, find_source
from debate_worker.prepare.speech import SpeechParameters, speech_probabilities, speech_spans
from debate_worker.work import needs_models, planned_models, read_plan, read_result, require_models

STEP = "prepare"
SPEECH = SpeechParameters()

Fact = str | int | float | bool | None


def prepare(context: Context) -> StepResult:
    """Leave media, audio.s16 and plan.json in the store; ends early where they are there for the same request.

    Of a job that is not analyzed (DownloadOnly): the media alone, and no models are needed.
    Raises StepError: JobIdTaken, SourceUnavailable, MediaUndecodable, Misconfigured, InvalidJob.
    """
    store, job_id = context.store, context.job_id
    source = find_source(context.job.spec, context.base)
    claim(store, job_id, context.job.metadata, source.source_hash)
    if not needs_models(context.job):
        return _bring_only(context, source)
    transcription, diarization = planned_models(context)
    require_models(context)  # here, where it costs nothing: analyze would find out on a GPU
    request_hash = request(context, source, transcription, diarization)
    before = read_plan(store, job_id)
    if before is not None and before.request_hash == request_hash:
        result = read_result(store, job_id, STEP)
        if result is not None and store.exists(keys.WORK_AUDIO.key(job_id=job_id)):
            return result
    context.stop.check()
    media = bring_media(source, job_id, store, context.scratch)
    pcm = context.scratch / "audio.s16"

    def decoding(done: float, total: float) -> None:
        context.stop.check()
        context.progress.update(STEP, done / 2, total, "decoding")

    def listening(done: float, total: float) -> None:
        context.stop.check()
        context.progress.update(STEP, (total + done) / 2, total, "finding speech")

    audio = decode(media.path, pcm, decoding)
    store.put_file(keys.WORK_AUDIO.key(job_id=job_id), pcm, content_type="application/octet-stream")
    probabilities = speech_probabilities(pcm, audio.samples, listening)
    plan = build_plan(
        job_id=job_id,
        name=source.name,
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
            "windows": len(plan.windows),
            "duration_seconds": audio.duration_seconds,
            "speech_seconds": round(sum(span.end - span.start for span in plan.speech), 3),
            "warnings": "\n".join(audio.warnings),
        },
        outputs={"plan": keys.PLAN.key(job_id=job_id), "media": media.key},
    )
    # The result goes first: where plan.json exists, everything that it needs exists.
    store.put(keys.STEP_RESULT.key(job_id=job_id, step=STEP, shard=0), result.to_json())
    store.put(keys.PLAN.key(job_id=job_id), plan.to_json(), content_type="application/json")
    return result


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


def _bring_only(context: Context, source: Source) -> StepResult:
    """The media in the store, and that it has sound. Ends early where the same source was brought before."""
    store, job_id = context.store, context.job_id
    before = read_result(store, job_id, STEP)
    if (
        before is not None
        and before.facts.get("source_hash") == source.source_hash
        and store.exists(str(before.facts.get("media_key")))
    ):
        return before
    context.stop.check()
    media = bring_media(source, job_id, store, context.scratch)
    seconds = stated_seconds(media.path)
    return StepResult(
        step=STEP,
        exit_code=ExitCode.DONE,
        facts=_facts(source, media, seconds) | {"duration_seconds": seconds},
        outputs={"media": media.key},
    )


def _facts(source: Source, media: StoredMedia, container_seconds: float | None) -> dict[str, Fact]:
    return {
        "container_seconds": container_seconds,
        "source_kind": source.kind,
        "source_location": source.location,
        "source_etag": source.etag,
        "source_hash": source.source_hash,
        "title": source.title,
        "media_key": media.key,
        "media_mime": source.mime,
        "media_bytes": media.bytes,
    }
