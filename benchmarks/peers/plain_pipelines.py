"""The usual way with the same models: `python plain_pipelines.py AUDIO MODELS MAX_CLIP_SECONDS OUTPUT`.

The whole file in memory, faster-whisper's BatchedInferencePipeline with its own voice detector, then pyannote over the
whole file; each segment gets the speaker who has most of it. No resume, no judging, one JSON file.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    # Before the libraries are imported: they ask the hub otherwise.
    os.environ |= {"PYANNOTE_METRICS_ENABLED": "0", "HF_HUB_OFFLINE": "1"}
    import torch
    from faster_whisper import BatchedInferencePipeline, WhisperModel
    from faster_whisper.audio import decode_audio
    from pyannote.audio import Pipeline

    audio, models, max_clip_seconds, output = sys.argv[1:]
    cores = len(os.sched_getaffinity(0))
    torch.set_num_threads(cores)
    sound = decode_audio(audio)
    whisper = WhisperModel(f"{models}/whisper-demo@1", device="cpu", compute_type="int8", cpu_threads=cores)
    found, _ = BatchedInferencePipeline(whisper).transcribe(
        sound,
        language="en",
        beam_size=5,
        batch_size=8,
        word_timestamps=True,
        chunk_length=int(float(max_clip_seconds)),
        vad_parameters={"max_speech_duration_s": float(max_clip_seconds)},
    )
    segments = list(found)
    pipeline: Any = Pipeline.from_pretrained(f"{models}/diarization-demo@1")
    diarized = pipeline({"waveform": torch.from_numpy(sound)[None], "sample_rate": 16_000}).speaker_diarization
    turns = [(turn.start, turn.end, speaker) for turn, _, speaker in diarized.itertracks(yield_label=True)]
    Path(output).write_text(json.dumps([attributed(segment, turns) for segment in segments]))


def attributed(segment: Any, turns: list[tuple[float, float, str]]) -> dict[str, Any]:
    shares: dict[str, float] = {}
    for start, end, speaker in turns:
        common = min(end, segment.end) - max(start, segment.start)
        if common > 0:
            shares[speaker] = shares.get(speaker, 0.0) + common
    most = max(shares, key=lambda name: shares[name]) if shares else None
    return {"start": segment.start, "end": segment.end, "text": segment.text, "speaker": most}


if __name__ == "__main__":
    main()
