"""The prepare step: from a source to a plan in the store."""

from __future__ import annotations

from typing import Any

from debate_core import keys
from debate_core.documents.plan import Audio, Diarization, Plan, Transcription
from debate_core.documents.step_result import StepResult
from debate_worker.context import Context
from debate_worker.prepare.claim import claim
from debate_worker.prepare.decode import DecodedAudio, decode
from debate_worker.prepare.planning import ANALYSIS_REVISION, build_plan, digest
from debate_worker.prepare.source import Source, StoredMedia, bring_media, find_source
from debate_worker.prepare.speech import SpeechParameters, speech_probabilities, speech_spans
from debate_worker.work import planned_models, read_plan, read_result

STEP = "prepare"
SPEECH = SpeechParameters()


def prepare(context: Context) -> StepResult:
    """Leave media, audio.s16 and plan.json in the store; ends early where they are there for the same request.

    Raises StepError: JobIdTaken, SourceUnavailable, MediaUndecodable, Misconfigured, InvalidJob.
    """
    store, job_id = context.store, context.job_id
    source = find_source(context.job.spec, context.base)
    claim(store, job_id, context.job.metadata, source.source_hash)
    transcription, diarization = planned_models(context)
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
    result = _result(source, media, audio, plan)
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


def _result(source: Source, media: StoredMedia, audio: DecodedAudio, plan: Plan) -> StepResult:
    return StepResult(
        step=STEP,
        exit_code=0,
        facts={
            "windows": len(plan.windows),
            "duration_seconds": audio.duration_seconds,
            "speech_seconds": round(sum(span.end - span.start for span in plan.speech), 3),
            "container_seconds": audio.container_seconds,
            "source_kind": source.kind,
            "source_location": source.location,
            "source_etag": source.etag,
            "title": source.title,
            "media_key": media.key,
            "media_mime": source.mime,
            "media_bytes": media.bytes,
            "warnings": "\n".join(audio.warnings),
        },
        outputs={"plan": keys.PLAN.key(job_id=plan.job_id), "media": media.key},
    )
