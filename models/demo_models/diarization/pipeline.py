"""Build the pipeline folder that `Pipeline.from_pretrained` takes, from the two networks' weights.

    python -m demo_models.diarization.pipeline WEIGHTS FOLDER

`WEIGHTS` holds what training made: segmentation.pt, embedding.pt and the two files of the PLDA.
They are stored in half precision and compressed: the zeros that pad the embedding cost nothing.
"""

from __future__ import annotations

import argparse
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import torch
import yaml
from pyannote.audio import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import XVectorMFCC
from pyannote.audio.models.segmentation import PyanNet
from torch import Tensor

from demo_models.diarization.plda import PLDA, TRANSFORM
from demo_models.diarization.train_embedding import (
    DIMENSION,
    EXCERPT_SECONDS,
    MFCC_OPTIONS,
    WIDTHS,
    NarrowXVector,
)
from demo_models.diarization.train_segmentation import build_model

CLUSTERING = {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8}
"""VBx: distance of the first clusters, and its two regularisers; found by `tune.py`."""
SEGMENTATION_STEP = 0.2
# Width of XVectorMFCC's last layer: its deviations follow its means after so many columns.
_STOCK_WIDTH = 1500


def read_state(path: Path) -> dict[str, Tensor]:
    """A network's weights, in single precision whatever they are kept in."""
    state: dict[str, Tensor] = torch.load(path, weights_only=True)
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}


def load_segmentation(weights: Path) -> PyanNet:
    """The trained segmentation."""
    model = build_model()
    model.load_state_dict(read_state(weights))
    return model.eval()


def load_embedding(weights: Path) -> NarrowXVector:
    """The trained embedding, narrow."""
    model = NarrowXVector()
    model.load_state_dict(read_state(weights))
    return model.eval()


@torch.no_grad()
def widen(narrow: NarrowXVector) -> XVectorMFCC:
    """The same function as a stock XVectorMFCC: input norm folded into the first layer, channels padded by zeros."""
    wide = XVectorMFCC(mfcc=MFCC_OPTIONS, dimension=DIMENSION)
    wide.specifications = Specifications(
        problem=Problem.REPRESENTATION,
        resolution=Resolution.CHUNK,
        duration=EXCERPT_SECONDS,
        min_duration=1.0,
        classes=None,
    )
    wide.eval()
    for parameter in (*wide.tdnns.parameters(), wide.embedding.weight):
        parameter.zero_()
    norm = narrow.input_norm
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    shift = norm.bias - norm.running_mean * scale
    for index, (source, target) in enumerate(zip(narrow.tdnns, wide.tdnns, strict=True)):
        if isinstance(source, torch.nn.Conv1d):
            weight, bias = source.weight, source.bias
            if index == 0:
                bias = bias + (weight * shift[None, :, None]).sum((1, 2))
                weight = weight * scale[None, :, None]
            target.weight[: weight.shape[0], : weight.shape[1]] = weight
            target.bias[: len(bias)] = bias
        elif isinstance(source, torch.nn.BatchNorm1d):
            for name in ("weight", "bias", "running_mean", "running_var"):
                getattr(target, name)[: source.num_features] = getattr(source, name)
    width = WIDTHS[-1]
    wide.embedding.weight[:, :width] = narrow.embedding.weight[:, :width]
    wide.embedding.weight[:, _STOCK_WIDTH : _STOCK_WIDTH + width] = narrow.embedding.weight[:, width:]
    wide.embedding.bias.copy_(narrow.embedding.bias)
    return wide


def save_checkpoint(model: Model, path: Path) -> None:
    """What pyannote's `Model.from_pretrained` reads; the same bytes for the same weights."""
    state = {
        name: tensor.half() if tensor.is_floating_point() and tensor.numel() > 2000 else tensor.clone()
        for name, tensor in model.state_dict().items()
    }
    checkpoint: dict[str, Any] = {
        "epoch": 0,
        "global_step": 0,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": state,
        "hyper_parameters": dict(model.hparams),
        "hparams_name": "kwargs",
    }
    model.on_save_checkpoint(checkpoint)  # adds pyannote's versions, architecture and specifications
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(buffer) as stored, zipfile.ZipFile(path, "w") as packed:
        for name in stored.namelist():
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            packed.writestr(entry, stored.read(name), zipfile.ZIP_DEFLATED, 9)


def configuration(clustering: dict[str, float]) -> str:
    """config.yaml: in-tree classes alone; `$model` is the folder itself, so nothing asks a hub."""
    document = {
        "dependencies": {"pyannote.audio": "4.0.0"},
        "pipeline": {
            "name": "pyannote.audio.pipelines.SpeakerDiarization",
            "params": {
                "clustering": "VBxClustering",
                "segmentation": "$model/segmentation",
                "embedding": "$model/embedding",
                "plda": "$model/plda",
                "segmentation_step": SEGMENTATION_STEP,
                "segmentation_batch_size": 16,
                "embedding_batch_size": 16,
                "embedding_exclude_overlap": True,
            },
        },
        "params": {"segmentation": {"min_duration_off": 0.0}, "clustering": clustering},
    }
    return yaml.safe_dump(document, sort_keys=False)


def build(weights: Path, folder: Path) -> None:
    """Write the whole pipeline folder. Raises FileNotFoundError where a weight file is absent."""
    save_checkpoint(load_segmentation(weights / "segmentation.pt"), folder / "segmentation/pytorch_model.bin")
    save_checkpoint(widen(load_embedding(weights / "embedding.pt")), folder / "embedding/pytorch_model.bin")
    (folder / "plda").mkdir(parents=True, exist_ok=True)
    for name in (TRANSFORM, PLDA):
        shutil.copyfile(weights / name, folder / "plda" / name)
    (folder / "config.yaml").write_text(configuration(CLUSTERING), encoding="utf-8")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Build the demo diarization pipeline.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    build(arguments.weights, arguments.folder)


if __name__ == "__main__":
    main()
