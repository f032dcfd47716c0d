"""A valid sample or two of every document, with every field in use: what the fuzzing starts from."""

from __future__ import annotations

from typing import Any

AT = "2026-05-04T12:00:00Z"
SHA = "a" * 64
UID = "0f1e2d3c-0000-4000-8000-000000000001"

MODEL = {"repo": "lab/asr", "revision": "1", "digest": SHA}
SPAN = {"start": 1.0, "end": 2.5}
VOTES = {"en": 2.5, "cs": 0.25}
CHUNK = {
    "start": 0.0,
    "end": 12.5,
    "decision": "dropped",
    "why": ["repetition", "no_speech"],
    "average_log_probability": -0.31,
    "compression_ratio": 1.2,
    "no_speech_probability": 0.1,
    "temperature": 0.2,
    "text": "bye bye bye",
}

OWNER = {"schema_version": 1, "namespace": "debates", "name": "debate", "uid": UID, "source_hash": SHA}

PLAN: dict[str, Any] = {
    "schema_version": 1,
    "job_id": "a-debate",
    "name": "debate",
    "request_hash": SHA,
    "audio": {
        "sha256": SHA,
        "duration_seconds": 60.0,
        "offset_seconds": -0.023,
        "channels": 2,
        "source_sample_rate": 44100,
    },
    "transcription": {
        "model": MODEL,
        "task": "transcribe",
        "language": "auto",
        "hotwords": ["NATO", "Ústavní soud"],
        "max_clip_seconds": 30.0,
        "beam_size": 5,
    },
    "diarization": {"model": MODEL, "max_speakers": 3},
    "speech": [SPAN, {"start": 31.0, "end": 59.0}],
    "windows": [
        {
            "index": 0,
            "start": 0.0,
            "end": 30.0,
            "diarize_start": 0.0,
            "diarize_end": 40.0,
            "clips": [SPAN],
            "hash": "0" * 16,
        },
        {
            "index": 1,
            "start": 30.0,
            "end": 60.0,
            "diarize_start": 20.0,
            "diarize_end": 60.0,
            "clips": [{"start": 31.0, "end": 59.0}],
            "hash": "1" * 16,
        },
    ],
}


def window(index: int, first: float) -> dict[str, Any]:
    """The result of a window of PLAN: two speakers who overlap for half a second."""
    turns = [
        {"start": first + 1, "end": first + 4, "speaker": "SPEAKER_00"},
        {"start": first + 3.5, "end": first + 9, "speaker": "SPEAKER_01"},
    ]
    return {
        "schema_version": 1,
        "index": index,
        "hash": f"{index}" * 16,
        "language": {"code": "en", "probability": 0.98, "votes": VOTES},
        "words": [
            {"start": first + 1, "end": first + 1.5, "text": " Good", "probability": 0.9},
            {"start": first + 1.5, "end": first + 2, "text": " evening.", "probability": 1.0},
            {"start": first + 5, "end": first + 5.25, "text": " dobrý", "probability": 0.5},
        ],
        "chunks": [CHUNK | {"start": first, "end": first + 9, "decision": "kept", "why": [], "text": ""}],
        "diarization": {
            "overlapping": turns,
            "exclusive": [turns[0] | {"end": first + 3.75}, turns[1] | {"start": first + 3.75}],
            "speakers": [
                {"label": "SPEAKER_00", "speech_seconds": 3.0, "centroid": [0.5, -0.1, 0.02]},
                {"label": "SPEAKER_01", "speech_seconds": 5.5, "centroid": None},
            ],
        },
    }


WINDOW = window(0, 0.0)

TRANSCRIPT = {
    "duration": 60.0,
    "speakers_count": 2,
    "transcription": [
        {"start": 1.0, "end": 2.0, "text": "Good evening.", "speaker": "SPEAKER_00", "confidence": 0.95},
        {"start": 5.0, "end": 5.25, "text": "Is it? Well.", "speaker": "SPEAKER_01", "confidence": 0.5},
        {"start": 7.0, "end": 8.25, "text": "(music)", "speaker": "UNKNOWN", "confidence": 0.25},
    ],
}

WORDS = {
    "schema_version": 1,
    "language": "en",
    "duration": 60.0,
    "words": [
        {"start": 1.0, "end": 1.5, "text": "Good", "probability": 0.9, "speaker": "SPEAKER_00"},
        {"start": 1.5, "end": 2.0, "text": "evening.", "probability": 1.0, "speaker": "SPEAKER_00"},
        {"start": 5.0, "end": 5.25, "text": "well?", "probability": 0.5, "speaker": "SPEAKER_01"},
    ],
}

REPORT = {
    "schema_version": 1,
    "language": {"code": "en", "given": False, "votes": VOTES},
    "media": {
        "mime": "video/mp4",
        "container_seconds": 60.2,
        "decoded_seconds": 60.0,
        "offset_seconds": 0.023,
        "warnings": ["the sound is 0.2 s shorter"],
    },
    "coverage": {
        "duration_seconds": 60.0,
        "speech_seconds": 29.5,
        "transcribed_seconds": 17.0,
        "transcribed_ratio": 0.576,
    },
    "decoding": {"clips": 3, "kept": 1, "redecoded": 1, "dropped": [CHUNK]},
    "attribution": {
        "words": 3,
        "unattributed_words": 1,
        "smoothed_words": 0,
        "moved_words": 0,
        "speakers": 2,
        "overlap_seconds": 0.5,
    },
    "linking": {
        "windows": 2,
        "local_speakers": 4,
        "must_links": 1,
        "similarity_links": 1,
        "forced_links": 0,
        "threshold": 0.7,
        "lowest_accepted": 0.9988,
        "closest_rejected": -0.1,
    },
    "gaps": [SPAN],
    "models": [MODEL],
    "notices": ["lab/asr: knows little"],
}

JOB = {
    "schema_version": 1,
    "job_id": "a-debate",
    "name": "debate",
    "request_hash": SHA,
    "source": {"kind": "object", "location": "s3://bucket/debate.mp4", "etag": "1-2", "title": "Debate"},
    "media": {
        "key": "jobs/a-debate/videos/debate.mp4",
        "mime": "video/mp4",
        "bytes": 12345,
        "container_seconds": 60.2,
        "audio_seconds": 60.0,
        "audio_offset_seconds": 0.023,
        "audio_sha256": SHA,
    },
    "language": "en",
    "transcription_model": MODEL,
    "diarization_model": MODEL,
    "windows": 2,
    "speakers": 2,
    "words": 6,
    "inputs_sha256": SHA,
    "versions": {"debate-core": "0.1.0"},
    "completed_at": AT,
}

_STEM = "jobs/a-debate/transcripts/debate"

MANIFEST = {
    "schema_version": 1,
    "job_id": "a-debate",
    "title": "Debate",
    "source_url": "https://example.org/watch",
    "publish": True,
    "completed_at": AT,
    "documents": {
        "transcript": f"{_STEM}_transcription.json",
        "words": f"{_STEM}.words.json",
        "vtt": f"{_STEM}.vtt",
        "srt": f"{_STEM}.srt",
        "txt": f"{_STEM}.txt",
        "rttm": f"{_STEM}.rttm",
        "report": f"{_STEM}.report.json",
        "audio": f"{_STEM}.audio.m4a",
    },
}

SPEAKERS = {
    "schema_version": 1,
    "speakers": {
        "SPEAKER_00": {"name": "Jana Nováková", "person": "jana-novakova", "source": "manual"},
        "SPEAKER_01": {"name": "O'Brien"},
    },
}

PEOPLE = {"schema_version": 1, "people": {"jana-novakova": {"name": "Jana Nováková"}}}

MODELS_INDEX = {
    "schema_version": 1,
    "models": [
        {
            "role": "diarization",
            "name": "voices",
            "repo": "lab/voices",
            "revision": "1",
            "path": "lab/voices@1",
            "license": "MIT",
            "notice": "knows two voices",
            "parameters": {"max_clip_seconds": 30.0},
            "files": {"config.yaml": {"sha256": SHA, "bytes": 12}, "plda/plda.npz": {"sha256": SHA, "bytes": 0}},
        }
    ],
}

STEP_RESULT = {
    "schema_version": 1,
    "step": "prepare",
    "shard": 0,
    "exit_code": 12,
    "reason": "SourceBusy",
    "message": "the site asks to come again later",
    "retry_after_seconds": 60.0,
    "facts": {
        "windows": 2,
        "duration_seconds": 60.5,
        "language": "en",
        "publish": True,
        "container_seconds": None,
        "speakers": 2,
        "words": 6,
    },
    "outputs": {"transcript": f"{_STEM}_transcription.json"},
    "done": [
        {"step": "analyze", "facts": {"windows": 2}, "outputs": {}},
        {"step": "finish", "facts": {"words": 6}, "outputs": {"transcript": f"{_STEM}_transcription.json"}},
    ],
}

PREPARED = {
    "source_kind": "file",
    "source_location": "debate.mp4",
    "source_etag": None,
    "title": "Debate",
    "media_key": "jobs/a-debate/videos/debate.mp4",
    "media_mime": "video/mp4",
    "media_bytes": 12345,
    "container_seconds": 60.2,
    "warnings": "one\ntwo",
}

PROGRESS = {
    "job_uid": "job-prepare-1",
    "step": "analyze",
    "shard": 1,
    "done_seconds": 12.5,
    "total_seconds": 60.0,
    "eta_seconds": 21.0,
}

_SPEAKER_ROW = {
    "label": "SPEAKER_00",
    "name": None,
    "person": "jana-novakova",
    "speaking_seconds": 3.0,
    "share_of_speech": 0.5,
    "share_of_duration": 0.25,
    "segments": 1,
    "words": 2,
    "share_of_words": 1.0,
    "words_per_minute": 40.0,
    "mean_confidence": 0.95,
    "low_confidence_seconds": 0.25,
    "turns": 1,
    "mean_turn_seconds": 3.0,
    "median_turn_seconds": 3.0,
    "longest_turn_seconds": 3.0,
    "median_patience_seconds": None,
    "patience_count": 0,
    "questions": 0,
    "fillers_per_100_words": 0.0,
    "mtld": None,
    "hdd": None,
    "mattr": None,
    "flesch_reading_ease": -3.5,
    "flesch_kincaid_grade": None,
    "overlap_seconds": 0.5,
    "first_second": 1.0,
}

STATISTICS = {
    "schema_version": 1,
    "job_id": "a-debate",
    "title": "Debate",
    "source_url": None,
    "language": "en",
    "generated_at": AT,
    "completed_at": AT,
    "inputs": [{"key": "manifest/a-debate.json", "etag": "1-2"}],
    "parameters": {"revision": 1, "gap": 0.5, "method": "x"},
    "media": {"url": None, "source_url": None, "mime": "audio/mp4", "offset_seconds": -0.02},
    "files": {
        "transcript": "files/a-debate/debate_transcription.json",
        "words": None,
        "vtt": None,
        "srt": None,
        "txt": None,
        "rttm": None,
        "report": None,
    },
    "totals": {
        "duration_seconds": 60.0,
        "speech_seconds": 8.0,
        "silence_seconds": 52.0,
        "overlap_seconds": 0.5,
        "overlap_ratio": 0.0625,
        "speakers": 2,
        "segments": 3,
        "words": 3,
        "turns": 2,
        "mean_turn_seconds": 3.0,
        "median_turn_seconds": 3.0,
        "longest_turn_seconds": 3.0,
        "switches_per_minute": 1.0,
        "floor_transfers": 1,
        "median_floor_transfer_seconds": -0.25,
        "questions": None,
        "balance": 0.9,
        "unknown_seconds": 1.25,
        "unknown_share": 0.15,
        "mean_confidence": 0.5,
        "low_confidence_seconds": 0.25,
        "low_confidence_share": 0.03,
        "untimed_segments": 0,
    },
    "speakers": [_SPEAKER_ROW],
    "interruptions": [{"by": "SPEAKER_01", "of": "SPEAKER_00", "count": 1, "at": [3.5]}],
    "butt_ins": None,
    "timeline": [{"start": 1.0, "end": 4.0, "speaker": "SPEAKER_00"}],
    "share_windows": {
        "window_seconds": 150.0,
        "step_seconds": 30.0,
        "windows": [{"start": 0.0, "end": 60.0, "shares": [1.0]}, {"start": 30.0, "end": 60.0, "shares": None}],
    },
    "notes": [{"field": "speakers[].mtld", "reason": "too few words"}],
}

STATISTICS_INDEX = {
    "schema_version": 1,
    "generated_at": AT,
    "jobs": [
        {
            "job_id": "a-debate",
            "title": "Debate",
            "language": "en",
            "duration_seconds": 60.0,
            "speaker_count": 2,
            "speaker_names": ["Jana Nováková"],
            "updated_at": AT,
            "path": "by-job/a-debate.json",
        }
    ],
}

_OF_A_PERSON = {
    "speaking_seconds": 3.0,
    "share_of_speech": 0.5,
    "words": 2,
    "words_per_minute": None,
    "turns": 1,
    "questions": 0,
    "interruptions_made": None,
    "interruptions_received": 1,
}

_PERSON = {
    "person": "jana-novakova",
    "name": "Jana Nováková",
    "debates": [
        {"job_id": "a-debate", "title": "Debate", "labels": ["SPEAKER_00"], "first_second": 1.0} | _OF_A_PERSON
    ],
} | _OF_A_PERSON

STATISTICS_SUMMARY = {
    "schema_version": 1,
    "generated_at": AT,
    "jobs": 1,
    "duration_seconds": 60.0,
    "speech_seconds": 8.0,
    "words": 3,
    "speech_ratio": 0.1333,
    "words_per_minute": 3.0,
    "overlap_ratio": 0.0625,
    "people": [_PERSON],
    "notes": [{"field": "overlap_ratio", "reason": "of one debate"}],
}

RTTM = """\
;; a comment
SPKR-INFO debate 1 <NA> <NA> <NA> unknown SPEAKER_00 <NA> <NA>
SPEAKER debate 1 1.000 3.000 <NA> <NA> SPEAKER_00 <NA> <NA>
SPEAKER debate 1 3.500 5.500 <NA> <NA> SPEAKER_01 <NA> <NA>
"""

DEBATEJOB = {
    "apiVersion": "debate-analyzer.io/v1alpha1",
    "kind": "DebateJob",
    "metadata": {"name": "debate", "namespace": "debates", "uid": UID},
    "spec": {
        "source": {"object": "s3://bucket/jobs/a-1/videos/debate.mp4", "etag": "abc"},
        "jobId": "2026-11-22-debate",
        "mode": "TranscribeOnly",
        "download": {"video": True, "maxHeight": 1080, "subtitles": False},
        "language": "cs",
        "transcription": {"backend": "local", "model": "large-v3", "task": "translate", "hotwords": ["NATO 😀"]},
        "diarization": {"enabled": True, "minSpeakers": 2, "maxSpeakers": 3},
        "speakers": ["Jana Nováková"],
        "extras": ["scenes", "clips"],
        "publish": False,
        "parallelism": 2,
        "suspend": False,
        "run": 1,
        "queueName": "debates",
        "priorityClassName": "low",
        "deadlines": {"pendingSeconds": 1800, "activeSeconds": 21600, "retrySeconds": 86400},
        "retry": {"attempts": 2, "interruptions": 10, "onDemandAfter": 3},
        "ttl": {"succeededSeconds": 0, "failedSeconds": 60},
        "deletionPolicy": "Retain",
        "callback": {"url": "https://example.org/hook", "secretRef": {"name": "hook", "key": "secret"}},
        "podOverrides": {
            "nodeSelector": {"a/b": "c"},
            "tolerations": [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}],
            "resources": {"requests": {"memory": "8Gi"}, "limits": {"nvidia.com/gpu": 1}},
            "env": [{"name": "DEBATE_DEVICE", "value": "cpu"}],
            "annotations": {"a": "b"},
            "serviceAccountName": "worker",
        },
    },
    "status": {"phase": "Running"},
}

SMALL_DEBATEJOB = {
    "metadata": {"name": "debate"},
    "spec": {"source": {"file": "debate.mp4"}, "jobId": "2026-11-22", "parallelism": 2, "speakers": ["Jana"]},
}

STATUS = {
    "phase": "Running",
    "step": "analyze",
    "progress": 62,
    "etaSeconds": 21,
    "display": {"progress": "62%", "eta": "21s", "duration": "1m00s"},
    "steps": [
        {"name": "prepare", "state": "Succeeded", "attempts": 1, "windows": 2, "startedAt": AT, "finishedAt": AT},
        {
            "name": "analyze",
            "state": "Running",
            "attempts": 1,
            "interruptions": 1,
            "waits": 1,
            "job": "debate-analyze-0f1e2-2",
            "startedAt": AT,
            "waitingSince": AT,
            "retryAt": AT,
            "runningSince": AT,
            "runningSeconds": 12,
            "largerGpu": True,
            "reason": "SourceBusy",
            "message": "busy",
        },
        {"name": "finish", "state": "Pending"},
    ],
    "jobId": "a-debate",
    "attempts": 1,
    "interruptions": 1,
    "observedGeneration": 1,
    "observedRun": 1,
    "startTime": AT,
    "reason": "OutOfMemory",
    "message": "again",
    "outputs": {"transcript": "a", "words": "b"},
    "result": {"durationSeconds": 60.0, "speakers": 2, "words": 6, "language": "en"},
    "publication": {"publish": True, "current": False},
    "conditions": [
        {
            "type": "Finished",
            "status": "False",
            "reason": "Running",
            "message": "",
            "lastTransitionTime": AT,
            "observedGeneration": 1,
        }
    ],
}

PIPELINE = {
    "version": "4.0.0",
    "pipeline": {
        "name": "pyannote.audio.pipelines.SpeakerDiarization",
        "params": {
            "segmentation": "$model/segmentation",
            "embedding": "$model/embedding",
            "plda": "$model/plda",
            "clustering": "VBxClustering",
            "embedding_exclude_overlap": True,
        },
    },
    "params": {"clustering": {"threshold": 0.6, "Fa": 0.07}},
}
PIPELINE_FILES = {
    "config.yaml",
    "segmentation/pytorch_model.bin",
    "embedding/pytorch_model.bin",
    "plda/plda.npz",
    "plda/xvec_transform.npz",
}

SETTINGS = {
    "namespaces": ["debates"],
    "store": {"uri": "s3://debates", "endpointUrl": "http://s3:7070", "secretName": "s3"},
    "models": "s3://debates/models",
    "images": {"cpu": "worker:cpu", "gpu": "worker:gpu"},
    "progressUrl": "http://operator:8081/progress",
    "backoff": {"waitSeconds": 30, "maxSeconds": 1800},
    "concurrency": 10,
}

RAW_DEBATEJOB = {
    "apiVersion": "debate-analyzer.io/v1alpha1",
    "kind": "DebateJob",
    "metadata": {
        "name": "debate",
        "namespace": "debates",
        "uid": UID,
        "resourceVersion": "7",
        "generation": 1,
        "creationTimestamp": AT,
        "deletionTimestamp": AT,
    },
    "spec": {"source": {"object": "s3://debates/in/debate.mp4"}, "parallelism": 2},
    "status": STATUS,
}

_CONDITION = {"type": "Failed", "status": "True", "reason": "PodFailurePolicy", "message": "exit code 14 of container"}

RAW_JOB: dict[str, Any] = {
    "metadata": {
        "name": "debate-analyze-0f1e2-2",
        "namespace": "debates",
        "uid": "job-analyze-2",
        "resourceVersion": "77",
        "creationTimestamp": AT,
        "labels": {
            "debate-analyzer.io/step": "analyze",
            "debate-analyzer.io/run": "1",
            "debate-analyzer.io/number": "2",
        },
        "ownerReferences": [{"kind": "DebateJob", "name": "debate", "uid": UID, "controller": True}],
    },
    "spec": {"suspend": False, "completions": 2},
    "status": {
        "startTime": AT,
        "conditions": [_CONDITION],
    },
}

BUSY_JOB = RAW_JOB | {"status": {"conditions": [_CONDITION | {"reason": "BackoffLimitExceeded"}]}}
DONE_JOB = RAW_JOB | {"status": {"conditions": [_CONDITION | {"type": "Complete", "reason": "Completed"}]}}
RUNNING_JOB = RAW_JOB | {"status": {"startTime": AT}}

RAW_POD = {
    "metadata": {
        "name": "debate-analyze-0f1e2-2-0-xyz",
        "namespace": "debates",
        "uid": "pod-uid",
        "resourceVersion": "78",
        "creationTimestamp": AT,
        "labels": {"debate-analyzer.io/debatejob": "debate", "batch.kubernetes.io/job-completion-index": "1"},
        "ownerReferences": [
            {"kind": "Job", "name": "debate-analyze-0f1e2-2", "uid": "job-analyze-2", "controller": True}
        ],
    },
    "spec": {"nodeName": "node-1"},
    "status": {
        "phase": "Failed",
        "reason": "Evicted",
        "conditions": [
            {"type": "DisruptionTarget", "status": "True"},
            {"type": "PodScheduled", "status": "False", "message": "0/3 nodes"},
        ],
        "containerStatuses": [
            {
                "name": "worker",
                "state": {
                    "waiting": {"reason": "ImagePullBackOff", "message": "no such image"},
                    "running": {"startedAt": AT},
                    "terminated": {
                        "exitCode": 12,
                        "reason": "Error",
                        "message": "{}",
                        "startedAt": AT,
                        "finishedAt": AT,
                    },
                },
            }
        ],
    },
}

RAW_EVENT = {
    "series": {"lastObservedTime": AT},
    "lastTimestamp": AT,
    "eventTime": AT,
    "message": "Error creating: exceeded quota",
}
