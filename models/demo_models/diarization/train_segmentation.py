"""Train the segmentation: who of up to three is speaking, frame by frame, in 10 s of audio.

    python -m demo_models.diarization.train_segmentation bank.npz validation.npz out.pt --steps N [--init FILE]

A small PyanNet (powerset of 3 speakers, at most 2 at once) as stock pyannote.audio builds it. A
second head that names the speaker makes the LSTM listen to timbre; it is dropped afterwards.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.segmentation import PyanNet
from pyannote.audio.utils.permutation import permutate
from pyannote.audio.utils.powerset import Powerset
from torch import Tensor

from demo_models.diarization.dataset import CHUNK_SECONDS, HOP, MAX_SPEAKERS, Bank, chunk
from demo_models.synthesis import SAMPLE_RATE

MAX_AT_ONCE = 2
SPECIFICATIONS = Specifications(
    problem=Problem.MONO_LABEL_CLASSIFICATION,
    resolution=Resolution.FRAME,
    duration=CHUNK_SECONDS,
    min_duration=None,
    warm_up=(0.0, 0.0),
    classes=[f"speaker#{number}" for number in range(1, MAX_SPEAKERS + 1)],
    powerset_max_classes=MAX_AT_ONCE,
    permutation_invariant=True,
)
LSTM_SIZE = 96
BATCH = 10
SPEAKER_WEIGHT = 0.5
DEBATER_SHARE = 0.7


def build_model() -> PyanNet:
    """The untrained network; specifications come first, or `build` cannot size the classifier."""
    model = PyanNet(
        sincnet={"stride": 20},
        lstm={"hidden_size": LSTM_SIZE, "num_layers": 2},
        linear={"hidden_size": 64, "num_layers": 2},
    )
    model.specifications = SPECIFICATIONS
    model.build()
    return model


class Trainer:
    """The network with its speaker head, and the losses."""

    def __init__(self, speakers: int) -> None:
        self.model = build_model()
        self.speaker_head = torch.nn.Linear(2 * LSTM_SIZE, speakers)
        self.powerset = Powerset(MAX_SPEAKERS, MAX_AT_ONCE)
        frames = self.model.num_frames(int(CHUNK_SECONDS * SAMPLE_RATE))
        self.centres = np.array([self.model.receptive_field_center(i) for i in range(frames)]) // HOP
        # The sinc filters stay as they are (mel-spaced): their gradient is two thirds of all the work.
        for layer in (self.model.sincnet.conv1d[0], self.model.sincnet.wav_norm1d):
            layer.requires_grad_(requires_grad=False)

    def parameters(self) -> list[Tensor]:
        """What is trained."""
        trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        return trained + list(self.speaker_head.parameters())

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor]:
        """PyanNet.forward with its first layer outside of the graph: (log-probabilities, LSTM output)."""
        model, sincnet = self.model, self.model.sincnet
        with torch.no_grad():
            hidden = sincnet.pool1d[0](torch.abs(sincnet.conv1d[0](sincnet.wav_norm1d(audio))))
        hidden = F.leaky_relu(sincnet.norm1d[0](hidden))
        for layer in (1, 2):
            pooled = sincnet.pool1d[layer](sincnet.conv1d[layer](hidden))
            hidden = F.leaky_relu(sincnet.norm1d[layer](pooled))
        recurrent, _ = model.lstm(hidden.transpose(1, 2))
        hidden = recurrent
        for linear in model.linear:
            hidden = F.leaky_relu(linear(hidden))
        return model.activation(model.classifier(hidden)), recurrent

    def batch(
        self, bank: Bank, rng: np.random.Generator, size: int, *, debater_share: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Audio (B, 1, samples), activity at the model's frames (B, F, 3), speakers (B, 3)."""
        drawn = [chunk(bank, rng, debater_share=debater_share) for _ in range(size)]
        audio = torch.from_numpy(np.stack([item[0] for item in drawn]))[:, None]
        labels = torch.from_numpy(np.stack([item[1] for item in drawn])[:, self.centres])
        return audio, labels, torch.from_numpy(np.stack([item[2] for item in drawn]))

    def losses(self, audio: Tensor, labels: Tensor, speakers: Tensor) -> tuple[Tensor, Tensor]:
        """Powerset loss under the best permutation; speaker loss where exactly one speaks."""
        predicted, recurrent = self.forward(audio)
        with torch.no_grad():
            permuted, _ = permutate(self.powerset.to_multilabel(predicted, soft=True), labels)
            # `permutate` arranges its second argument like the first: labels in the model's order.
            target = self.powerset.to_powerset(permuted).argmax(-1)
        alone = labels.sum(-1) == 1
        columns = labels.argmax(-1)
        names = torch.gather(speakers[:, None].expand(-1, labels.shape[1], -1), 2, columns[..., None])[..., 0]
        return (
            F.nll_loss(predicted.flatten(0, 1), target.flatten()),
            F.cross_entropy(self.speaker_head(recurrent[alone]), names[alone]),
        )

    @torch.no_grad()
    def local_error(self, audio: Tensor, labels: Tensor) -> float:
        """Diarization error inside chunks: wrong speaker-frames over all speaker-frames."""
        self.model.eval()
        wrong = total = 0.0
        for part, truth in zip(audio.split(16), labels.split(16), strict=True):
            heard = self.powerset.to_multilabel(self.forward(part)[0])
            heard_best, _ = permutate(truth, heard)
            right = torch.minimum(truth, heard_best).sum(-1)
            wrong += float((torch.maximum(truth.sum(-1), heard_best.sum(-1)) - right).sum())
            total += float(truth.sum())
        self.model.train()
        return wrong / total


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Short warm-up, constant to the half, then linear to 2 %."""
    done = step / steps
    return peak * min(1.0, (step + 1) / 20) * (1.0 if done < 0.5 else max(0.02, 2 * (1 - done)))


def train(arguments: argparse.Namespace) -> None:
    """Train and keep the weights of the best validation error."""
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    rng = np.random.default_rng(arguments.seed)
    bank, held = Bank(arguments.bank), Bank(arguments.validation)
    trainer = Trainer(len(bank.names))
    if arguments.init:
        trainer.model.load_state_dict(torch.load(arguments.init, weights_only=True))
    audio, labels, _ = trainer.batch(held, np.random.default_rng(7), 96, debater_share=1.0)
    optimiser = torch.optim.AdamW(trainer.parameters(), lr=arguments.rate, weight_decay=1e-4)
    best, began = trainer.local_error(audio, labels), time.monotonic()
    print(f"before training: local error {best:.4f}", flush=True)
    history = []
    for step in range(arguments.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, arguments.steps, arguments.rate)
        powerset, naming = trainer.losses(*trainer.batch(bank, rng, BATCH, debater_share=DEBATER_SHARE))
        optimiser.zero_grad()
        (powerset + SPEAKER_WEIGHT * naming).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trainer.model.parameters(), 1.0)
        optimiser.step()
        history.append((float(powerset), float(naming)))
        if (step + 1) % arguments.check == 0:
            error = trainer.local_error(audio, labels)
            mean = np.mean(history[-arguments.check :], 0).round(3)
            print(f"{step + 1} {time.monotonic() - began:.0f}s loss {mean} local error {error:.4f}", flush=True)
            if error < best:
                best = error
                torch.save(trainer.model.state_dict(), arguments.out)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the segmentation of the demo diarization.")
    parser.add_argument("bank", type=Path)
    parser.add_argument("validation", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--init", type=Path)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rate", type=float, default=2.5e-3)
    parser.add_argument("--check", type=int, default=100, help="steps between validations")
    parser.add_argument("--seed", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
