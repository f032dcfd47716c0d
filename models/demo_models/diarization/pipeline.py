"""Build the pipeline folder that `Pipeline.from_pretrained` takes, from the two networks' weights.

    python -m demo_models.diarization.pipeline bank.npz segmentation.pt embedding.pt FOLDER

The PLDA is estimated here, from embeddings of the bank's voices. Weights are stored in half
precision and compressed: the zeros that pad the embedding cost nothing.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from pyannote.audio import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import XVectorMFCC
from pyannote.audio.models.segmentation import PyanNet
from scipy.linalg import eigh

from demo_models.diarization.dataset import Bank
from demo_models.diarization.train_embedding import (
    DIMENSION,
    EXCERPT_SECONDS,
    MFCC_OPTIONS,
    WIDTHS,
    NarrowXVector,
    embed,
)
from demo_models.diarization.train_segmentation import build_model

CLUSTERING = {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8}
"""VBx: distance of the first clusters, and its two regularisers; found by `tune.py`."""
SEGMENTATION_STEP = 0.2
LDA_DIMENSION = 32
UTTERANCES_A_SPEAKER = 10
# Layers of the narrow network before this width joins the statistics: XVectorMFCC's last layer.
_STOCK_WIDTH = 1500

Matrix = NDArray[np.float64]


def load_segmentation(weights: Path) -> PyanNet:
    """The trained segmentation."""
    model = build_model()
    model.load_state_dict(torch.load(weights, weights_only=True))
    return model.eval()


def load_embedding(weights: Path) -> NarrowXVector:
    """The trained embedding, narrow."""
    model = NarrowXVector()
    model.load_state_dict(torch.load(weights, weights_only=True))
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


def _unit(vectors: Matrix) -> Matrix:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _within_between(vectors: Matrix, speakers: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
    """Covariance inside speakers, and of the speakers' means with its sampling noise taken off."""
    count = UTTERANCES_A_SPEAKER
    means = np.stack([vectors[speakers == index].mean(0) for index in range(speakers.max() + 1)])
    within = np.cov((vectors - means[speakers]).T) * count / (count - 1)
    between = np.cov(means.T) - within / count
    values, axes = np.linalg.eigh(between)
    positive = (axes * np.clip(values, 1e-4 * values.max(), None)) @ axes.T
    return within + 1e-6 * np.trace(within) * np.eye(len(within)), positive


def save_plda(narrow: NarrowXVector, bank: Bank, folder: Path) -> None:
    """`xvec_transform.npz` (mean1, lda, mean2) and `plda.npz` (mu, tr, psi) as pyannote's PLDA reads them.

    x -> sqrt(D) unit(x - mean1) -> LDA -> sqrt(L) unit(y - mean2); then `tr` makes the within-speaker
    covariance the identity and the between-speaker one diag(psi).
    """
    speakers = np.repeat(np.arange(len(bank.names)), UTTERANCES_A_SPEAKER)
    embeddings = embed(narrow, bank, speakers, np.random.default_rng(3)).numpy().astype(np.float64)
    mean1 = embeddings.mean(0)
    scaled = np.sqrt(DIMENSION) * _unit(embeddings - mean1)
    within, between = _within_between(scaled, speakers)
    _, axes = eigh(between, within)
    lda = axes[:, ::-1][:, :LDA_DIMENSION]
    projected = scaled @ lda
    mean2 = projected.mean(0)
    projected = np.sqrt(LDA_DIMENSION) * _unit(projected - mean2)
    mu = projected.mean(0)
    within, between = _within_between(projected - mu, speakers)
    psi, axes = eigh(between, within)
    folder.mkdir(parents=True, exist_ok=True)
    _save_npz(folder / "xvec_transform.npz", mean1=mean1, lda=lda, mean2=mean2)
    _save_npz(folder / "plda.npz", mu=mu, tr=axes.T, psi=psi)


def _save_npz(path: Path, **arrays: Matrix) -> None:
    np.savez(path, **arrays)


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


def build(bank: Path, segmentation: Path, embedding: Path, folder: Path) -> None:
    """Write the whole pipeline folder."""
    torch.set_num_threads(1)
    narrow = load_embedding(embedding)
    save_checkpoint(load_segmentation(segmentation), folder / "segmentation/pytorch_model.bin")
    save_checkpoint(widen(narrow), folder / "embedding/pytorch_model.bin")
    save_plda(narrow, Bank(bank), folder / "plda")
    (folder / "config.yaml").write_text(configuration(CLUSTERING), encoding="utf-8")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Build the demo diarization pipeline.")
    parser.add_argument("bank", type=Path)
    parser.add_argument("segmentation", type=Path)
    parser.add_argument("embedding", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    build(arguments.bank, arguments.segmentation, arguments.embedding, arguments.folder)


if __name__ == "__main__":
    main()
