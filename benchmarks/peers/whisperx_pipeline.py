"""whisperX with the same models, in its own environment: `python whisperx_pipeline.py AUDIO MODELS MAX_CLIP OUTPUT`.

Its voice detector is pyannote's, which ships inside its package; Silero's it would fetch. Without alignment: its
wav2vec2 models are on the hub alone, so there are no times of words, and segments get the speakers.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    # Before the libraries are imported: they ask the hub otherwise.
    os.environ |= {"PYANNOTE_METRICS_ENABLED": "0", "HF_HUB_OFFLINE": "1"}
    import torch
    import whisperx  # type: ignore[import-not-found]  # is in an environment of its own
    from whisperx.diarize import DiarizationPipeline  # type: ignore[import-not-found]

    audio, models, max_clip_seconds, output = sys.argv[1:]
    cores = len(os.sched_getaffinity(0))
    torch.set_num_threads(cores)
    model = whisperx.load_model(
        f"{models}/whisper-demo@1",
        "cpu",
        compute_type="int8",
        language="en",
        threads=cores,
        vad_method="pyannote",
        vad_options={"chunk_size": int(float(max_clip_seconds))},
    )
    sound = whisperx.load_audio(audio)
    text = model.transcribe(sound, batch_size=8, chunk_size=int(float(max_clip_seconds)))
    speakers = DiarizationPipeline(model_name=f"{models}/diarization-demo@1", device="cpu")(sound)
    Path(output).write_text(json.dumps(whisperx.assign_word_speakers(speakers, text)["segments"]))


if __name__ == "__main__":
    main()
