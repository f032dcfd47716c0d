"""Train the speaker embedding: a narrow x-vector network on the bank's voices (AAM-softmax).

    python -m demo_models.diarization.train_embedding bank.npz validation.npz out.pt --steps N [--init FILE]

`pipeline.py` pads the narrow network with zeros to the shape of pyannote's XVectorMFCC, which has
no width to choose.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torchaudio.transforms import MFCC

from demo_models.diarization.dataset import Bank, excerpt
from demo_models.synthesis import SAMPLE_RATE

MFCC_OPTIONS = {
    "n_mfcc": 40,
    "dct_type": 2,
    "norm": "ortho",
    "log_mels": False,
    "melkwargs": {"n_fft": 512, "win_length": 400, "hop_length": 400, "n_mels": 64},
}
WIDTHS = (128, 128, 128, 128, 256)
# Kernel and dilation of XVectorMFCC's five layers: fixed by pyannote.
KERNELS = (5, 3, 3, 1, 1)
DILATIONS = (1, 2, 3, 1, 1)
DIMENSION = 64
EXCERPT_SECONDS = 3.2
BATCH = 64
MARGIN, SCALE = 0.25, 25.0
DEBATER_SHARE = 0.4


class NarrowXVector(nn.Module):
    """XVectorMFCC with fewer channels and a normalisation of its input."""

    def __init__(self) -> None:
        super().__init__()
        self.mfcc = MFCC(sample_rate=SAMPLE_RATE, **MFCC_OPTIONS)
        self.input_norm = nn.BatchNorm1d(MFCC_OPTIONS["n_mfcc"])
        self.tdnns = nn.ModuleList()
        channels = MFCC_OPTIONS["n_mfcc"]
        for width, kernel, dilation in zip(WIDTHS, KERNELS, DILATIONS, strict=True):
            self.tdnns.extend(
                [nn.Conv1d(channels, width, kernel, dilation=dilation), nn.LeakyReLU(), nn.BatchNorm1d(width)]
            )
            channels = width
        self.embedding = nn.Linear(2 * channels, DIMENSION)

    def forward(self, audio: Tensor, weights: Tensor) -> Tensor:
        """Embeddings (B, 64) of audio (B, 1, samples), frames weighted by (B, frames at 100 Hz)."""
        with torch.no_grad():
            features = self.mfcc(audio)[:, 0]
        hidden = self.input_norm(features)
        for layer in self.tdnns:
            hidden = layer(hidden)
        return self.embedding(_statistics(hidden, weights))


def _statistics(hidden: Tensor, weights: Tensor) -> Tensor:
    """pyannote's StatsPool, with an epsilon under the root: without it the gradient is not finite."""
    weights = F.interpolate(weights[:, None], size=hidden.shape[-1], mode="nearest")
    total = weights.sum(2) + 1e-8
    mean = (hidden * weights).sum(2) / total
    bias = (weights**2).sum(2) / total
    variance = ((hidden - mean[..., None]) ** 2 * weights).sum(2) / (total - bias + 1e-8)
    return torch.cat([mean, torch.sqrt(variance + 1e-6)], 1)


def batch(bank: Bank, speakers: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """An excerpt of each speaker: audio (B, 1, samples) and weights (B, frames)."""
    drawn = [excerpt(bank, int(speaker), EXCERPT_SECONDS, rng) for speaker in speakers]
    audio = torch.from_numpy(np.stack([item[0] for item in drawn]))[:, None]
    return audio, torch.from_numpy(np.stack([item[1] for item in drawn]))


@torch.no_grad()
def embed(model: NarrowXVector, bank: Bank, speakers: NDArray[np.int64], rng: np.random.Generator) -> Tensor:
    """Embeddings of one excerpt of each speaker."""
    was_training = model.training
    model.eval()
    parts = [model(*batch(bank, part, rng)) for part in np.array_split(speakers, max(1, len(speakers) // BATCH))]
    model.train(was_training)
    return torch.cat(parts)


def equal_error_rate(embeddings: Tensor, speakers: NDArray[np.int64]) -> float:
    """Rate at the cosine threshold where misses equal false accepts, over all pairs."""
    unit = F.normalize(embeddings).numpy()
    upper = np.triu_indices(len(unit), 1)
    scores = (unit @ unit.T)[upper]
    same = (speakers[:, None] == speakers)[upper]
    thresholds = np.sort(scores)[:: max(1, len(scores) // 2000)]
    misses = np.array([(scores[same] < threshold).mean() for threshold in thresholds])
    accepts = np.array([(scores[~same] >= threshold).mean() for threshold in thresholds])
    at = int(np.argmin(abs(misses - accepts)))
    return float(misses[at] + accepts[at]) / 2


def debater_error(model: NarrowXVector, held: Bank) -> float:
    """Equal error rate among the debaters' validation utterances."""
    speakers = np.repeat(held.debaters, 16)
    return equal_error_rate(embed(model, held, speakers, np.random.default_rng(5)), speakers)


def train(arguments: argparse.Namespace) -> None:
    """Train and keep the weights of the best validation error."""
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    bank, held = Bank(arguments.bank), Bank(arguments.validation)
    speakers = np.arange(len(bank.names))
    model = NarrowXVector()
    classes = nn.Parameter(torch.randn(len(speakers), DIMENSION) * 0.1)
    if arguments.init:
        model.load_state_dict(torch.load(arguments.init, weights_only=True))
        # Start each class where its speaker's embeddings lie, or the first steps undo the weights.
        start = F.normalize(embed(model, bank, np.repeat(speakers, 4), rng))
        classes.data.copy_(start.reshape(len(speakers), 4, DIMENSION).mean(1))
    optimiser = torch.optim.AdamW([*model.parameters(), classes], lr=arguments.rate, weight_decay=1e-4)
    best, began = debater_error(model, held), time.monotonic()
    print(f"before training: equal error rate {best:.4f}", flush=True)
    losses = []
    for step in range(arguments.steps):
        done = step / arguments.steps
        for group in optimiser.param_groups:
            group["lr"] = arguments.rate * min(1, (step + 1) / 30) * min(1, max(0.02, (1 - done) / 0.75))
        chosen = np.where(
            rng.random(BATCH) < DEBATER_SHARE, rng.choice(bank.debaters, BATCH), rng.choice(speakers, BATCH)
        )
        target = torch.from_numpy(chosen)
        cosine = F.linear(F.normalize(model(*batch(bank, chosen, rng))), F.normalize(classes)).clamp(
            -0.999999, 0.999999
        )
        own = F.one_hot(target, len(speakers)).bool()
        logits = torch.where(own, torch.cos(torch.acos(cosine) + MARGIN), cosine)
        loss = F.cross_entropy(SCALE * logits, target)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if (step + 1) % arguments.check == 0:
            error = debater_error(model, held)
            mean = np.mean(losses[-arguments.check :])
            print(
                f"{step + 1} {time.monotonic() - began:.0f}s loss {mean:.3f} equal error rate {error:.4f}", flush=True
            )
            if error <= best:
                best = error
                torch.save(model.state_dict(), arguments.out)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the speaker embedding of the demo diarization.")
    parser.add_argument("bank", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--init", type=Path)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--check", type=int, default=50, help="steps between validations")
    parser.add_argument("--seed", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
