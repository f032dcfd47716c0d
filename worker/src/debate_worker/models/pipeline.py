"""What a pyannote pipeline's config.yaml would load: only weights beside it, that the index names."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from debate_core import plain_yaml
from debate_core.errors import Misconfigured

PIPELINE_CONFIG: Final = "config.yaml"

_CLASS: Final = "pyannote.audio.pipelines.SpeakerDiarization"
_BESIDE: Final = "$model/"  # pyannote's mark for a folder beside config.yaml
# The parameters that name weights, and the files that pyannote.audio 4 opens for each.
_WEIGHTS: Final = {
    "segmentation": ("pytorch_model.bin",),
    "embedding": ("pytorch_model.bin",),
    "plda": ("plda.npz", "xvec_transform.npz"),
}


def check_pipeline(repo: str, config: bytes, files: Collection[str]) -> None:
    """Raise Misconfigured unless the pipeline loads nothing but `files` (names relative to its folder).

    pyannote takes a weight that is not `$model/...` from the hub, at whatever revision it has today, and unpickles
    it; `pipeline.name` is imported whatever it is, and `preprocessors` name classes too.
    """
    try:
        document = plain_yaml.read(config.decode())
        pipeline: dict[str, Any] = document["pipeline"]
        name, params = pipeline["name"], dict(pipeline["params"])
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(repo, "is no pyannote pipeline") from error
    if name != _CLASS:
        raise _refused(repo, f"makes a {name!a}, not a {_CLASS}")
    if "preprocessors" in document:
        raise _refused(repo, "has preprocessors")
    for parameter, expected in _WEIGHTS.items():
        weights = params.get(parameter)
        if not isinstance(weights, str) or not weights.startswith(_BESIDE):
            raise _refused(repo, f"takes its {parameter} from {weights!a}, not from its own folder")
        folder = weights.removeprefix(_BESIDE)
        missing = [file for file in expected if f"{folder}/{file}" not in files]
        if missing:
            raise _refused(repo, f"loads {folder}/{missing[0]}, which is not among its files")


def _refused(repo: str, why: str) -> Misconfigured:
    return Misconfigured(
        f"{PIPELINE_CONFIG} of {repo} {why}: only a pipeline that brings all its weights along can be pinned, such as "
        "pyannote/speaker-diarization-community-1."
    )
