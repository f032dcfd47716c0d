"""Diarize one window with pyannote.audio: who speaks when, overlaps kept, and a voice print for each speaker.

Runs in a child process: torch and CTranslate2 do not give memory back to each other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pyannote.audio import Pipeline
from pyannote.core import Annotation, Segment, Timeline

from debate_core.documents.plan import SAMPLE_RATE, PlannedWindow
from debate_core.documents.window import LocalSpeaker, SpeakerTurn, WindowDiarization
from debate_worker.analyze.device import Batches, Device, gpu_memory
from debate_worker.analyze.embedding import embeddings_of

CENTROID_DIGITS = 5
STEP_SHARES = {"segmentation": (0.0, 0.4), "embeddings": (0.4, 1.0)}
"""From and to which share of a window's time pyannote's two long steps take."""


class Diarizer:
    """A loaded pipeline; one per process, as pyannote's is not thread-safe."""

    def __init__(self, model: Path, device: Device) -> None:
        torch.set_num_threads(device.threads)
        pipeline = Pipeline.from_pretrained(str(model))
        assert pipeline is not None
        if device.kind == "cuda" and device.torch_share < 1:
            torch.cuda.set_per_process_memory_fraction(device.torch_share)
        with gpu_memory("loading the diarization model"):
            self._pipeline = pipeline.to(torch.device(device.kind))
        self._segmentation = Batches("diarization", device.diarization_batch, torch.cuda.empty_cache)
        self._pyannotes_segmentation = self._pipeline.get_segmentations
        self._pipeline.get_segmentations = self._segmented
        embedding = Batches("diarization", device.diarization_batch, torch.cuda.empty_cache)
        self._pipeline.get_embeddings = embeddings_of(self._pipeline, embedding, fill_up=device.kind == "cuda")

    def diarize(
        self,
        pcm: np.ndarray,
        window: PlannedWindow,
        speech: Timeline,
        max_speakers: int | None,
        progress: Callable[[float], None],
    ) -> WindowDiarization:
        """Diarize the int16 samples of [window.diarize_start, window.diarize_end).

        speech: where the voice detector hears speech, on the audio's clock; a turn that never touches it is noise
        and left out. progress: called with the share done. Raises GpuOutOfMemory.
        """
        heard = speech.crop(Segment(window.diarize_start, window.diarize_end), mode="intersection")
        if not heard:
            return WindowDiarization(overlapping=[], exclusive=[], speakers=[])
        waveform = torch.from_numpy(pcm.astype(np.float32) / 32768)[None]

        def hook(name: str, _artifact: Any, *, total: int = 0, completed: int = 0, **_: Any) -> None:
            if name in STEP_SHARES and total:
                low, high = STEP_SHARES[name]
                progress(low + (high - low) * min(1.0, completed / total))

        with gpu_memory("diarizing with batches of one"):
            output: Any = self._pipeline(
                {"waveform": waveform, "sample_rate": SAMPLE_RATE, "uri": "window"},
                max_speakers=max_speakers,
                hook=hook,
            )
        torch.cuda.empty_cache()  # for the transcription, which cannot get back what torch keeps
        overlapping = _heard(output.speaker_diarization, window.diarize_start, heard)
        exclusive = _heard(output.exclusive_speaker_diarization, window.diarize_start, heard)
        centroids = dict(zip(output.speaker_diarization.labels(), output.speaker_embeddings, strict=True))
        return WindowDiarization(
            overlapping=_turns(overlapping),
            exclusive=_turns(exclusive),
            speakers=[
                LocalSpeaker(
                    label=label,
                    speech_seconds=overlapping.label_duration(label),
                    centroid=_centroid(centroids[label]),
                )
                for label in overlapping.labels()
            ],
        )

    def _segmented(self, file: Any, hook: Any = None) -> Any:
        """pyannote's own, begun again with smaller batches where memory runs out."""

        def segmented(size: int) -> Any:
            self._pipeline.segmentation_batch_size = size
            return self._pyannotes_segmentation(file, hook=hook)

        return self._segmentation.run(segmented)


def _heard(annotation: Annotation, shift: float, speech: Timeline) -> Annotation:
    """On the audio's clock, without turns that never touch speech, in whole milliseconds."""
    moved = Annotation()
    for segment, track, label in annotation.itertracks(yield_label=True):
        placed = Segment(round(segment.start + shift, 3), round(segment.end + shift, 3))
        if speech.crop(placed, mode="loose"):
            moved[placed, track] = label
    return moved


def _turns(annotation: Annotation) -> list[SpeakerTurn]:
    turns = [
        SpeakerTurn(start=segment.start, end=segment.end, speaker=label)
        for segment, _, label in annotation.itertracks(yield_label=True)
    ]
    return sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker))


def _centroid(embedding: np.ndarray) -> list[float] | None:
    """Null for what pyannote gives where a speaker never speaks alone: zeros or NaN."""
    if not np.isfinite(embedding).all() or not embedding.any():
        return None
    return [round(float(value), CENTROID_DIGITS) for value in embedding]
