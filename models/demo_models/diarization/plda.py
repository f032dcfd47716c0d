"""Estimate the PLDA that the clustering scores speakers with, from embeddings of the bank's voices.

    python -m demo_models.diarization.plda bank.npz embedding.pt FOLDER

Writes `xvec_transform.npz` (mean1 (D,), lda (D, L), mean2 (L,)) and `plda.npz` (mu (L,), tr (L, L),
psi (L,) > 0), the names and shapes that pyannote reads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import eigh

from demo_models.diarization.dataset import Bank
from demo_models.diarization.train_embedding import DIMENSION, NarrowXVector, embed

TRANSFORM, PLDA = "xvec_transform.npz", "plda.npz"
LDA_DIMENSION = 32
UTTERANCES_A_SPEAKER = 10

Matrix = NDArray[np.float64]


def _unit(vectors: Matrix) -> Matrix:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


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
    """Estimate and write both files.

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
    np.savez(folder / TRANSFORM, mean1=mean1, lda=lda, mean2=mean2)
    np.savez(folder / PLDA, mu=mu, tr=axes.T, psi=psi)


def main() -> None:
    """Read the command line and estimate."""
    parser = argparse.ArgumentParser(description="Estimate the PLDA of the demo diarization.")
    parser.add_argument("bank", type=Path)
    parser.add_argument("embedding", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = NarrowXVector()
    model.load_state_dict(torch.load(arguments.embedding, weights_only=True))
    save_plda(model, Bank(arguments.bank), arguments.folder)


if __name__ == "__main__":
    main()
