"""Train the transcription: encoder and decoder together, or the decoder alone on kept encodings.

    python -m demo_models.asr.train together english.npz czech.npz --init weights.pt --out weights.pt --steps N
    python -m demo_models.asr.train decoder  english.npz czech.npz --init weights.pt --out weights.pt --steps N

The decoder's phase costs a fraction: each encoding is computed once and used several times.
Steps and seeds decide the result, not the clock.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader

from demo_models.asr.examples import IGNORED, Batch, Batches
from demo_models.asr.network import Whisper
from demo_models.asr.tokenizer import SPECIAL, TEXT_TOKENS, TIMESTAMPS, token_id
from demo_models.grammar import vocabulary

GUIDANCE = 0.4  # weight of the attention's guidance
AUXILIARY = 0.5  # weight of the frames' words and letters
LABEL_SMOOTHING = 0.05
TIMESTAMP_SIGMA = 3.0  # tokens of 20 ms
SPAN_MARGIN = 0.03  # seconds
FIRST_TIMESTAMP = TEXT_TOKENS + len(SPECIAL) - TIMESTAMPS
SHORTEST, LONGEST = 2.0, 12.5  # seconds; the product cuts clips of at most 10 s for this model

POOL = 1200
POOL_LEAST = 60
UPDATES_A_DRAW = 3
DECODER_BATCH = 12


def text_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean over labelled tokens: smoothed cross-entropy, for timestamps against a Gaussian of 60 ms."""
    logits, labels = logits[labels != IGNORED], labels[labels != IGNORED]
    timed = labels >= FIRST_TIMESTAMP
    loss = F.cross_entropy(logits[~timed], labels[~timed], label_smoothing=LABEL_SMOOTHING, reduction="sum")
    if timed.any():
        distance = torch.arange(TIMESTAMPS)[None] - (labels[timed] - FIRST_TIMESTAMP)[:, None]
        weight = torch.exp(-0.5 * (distance / TIMESTAMP_SIGMA) ** 2)
        weight = weight / weight.sum(-1, keepdim=True)
        loss = loss - (weight * logits[timed].log_softmax(-1)[:, FIRST_TIMESTAMP:]).sum()
    return loss / len(labels)


def guidance_loss(attention: list[Tensor], spans: Tensor, labels: Tensor) -> Tensor:
    """How little of the first two heads' attention falls on the audio of the word being written."""
    centres = torch.arange(attention[0].shape[-1])[None, None] * 0.02 + 0.01
    inside = (centres >= spans[..., :1] - SPAN_MARGIN) & (centres <= spans[..., 1:] + SPAN_MARGIN)
    guided = (spans[..., 1] >= 0) & inside.any(-1) & (labels != IGNORED)
    heads = torch.stack([layer[:, head] for layer in attention for head in (0, 1)], 1)
    mass = (heads * inside[:, None]).sum(-1).clamp(min=1e-6).log()
    return -(mass * guided[:, None]).sum() / (guided.sum() * heads.shape[1] + 1)


def moved(batch: Batch, network: Whisper, rng: random.Random) -> tuple[Batch, Tensor | None]:
    """A short batch as if each clip began somewhere in 30 s: offsets in frames, timestamps to match."""
    if batch.full:
        return batch, None
    last = network.size.frames - batch.words.shape[1]
    drawn = [0 if rng.random() < 0.5 else rng.randrange(last) for _ in range(len(batch.inputs))]
    offsets = torch.tensor(drawn)
    # Timestamps of the previous text belong to another window: they stay.
    began = (
        torch.arange(batch.inputs.shape[1])
        >= ((batch.inputs == token_id("<|startoftranscript|>")).int().argmax(1)[:, None])
    )
    largest = FIRST_TIMESTAMP + TIMESTAMPS - 1

    def shift(tokens: Tensor) -> Tensor:
        timed = (tokens >= FIRST_TIMESTAMP) & began
        return torch.where(timed, (tokens + offsets[:, None]).clamp(max=largest), tokens)

    return replace(batch, inputs=shift(batch.inputs), labels=shift(batch.labels)), offsets


def together_losses(network: Whisper, batch: Batch, offsets: Tensor | None) -> dict[str, Tensor]:
    """All losses of encoder and decoder."""
    hidden, middle = network.encoder(batch.mel, offsets)
    decoded, attention = network.decoder(batch.inputs, hidden)
    positions = network.encoder.positions(hidden.shape[1], offsets).expand_as(hidden)
    return {
        "text": text_loss(network.decoder.logits(decoded), batch.labels),
        "guidance": GUIDANCE * guidance_loss(attention, batch.spans, batch.labels),
        "words": AUXILIARY * F.cross_entropy(network.frame(hidden).flatten(0, 1), batch.words.flatten()),
        "letters": AUXILIARY * F.cross_entropy(network.letter(middle).flatten(0, 1), batch.letters.flatten()),
        "positions": F.mse_loss(network.pos(hidden), positions),
    }


def decoder_losses(network: Whisper, memory: Tensor, batch: Batch) -> dict[str, Tensor]:
    """The decoder's losses on encodings (B, frames, width)."""
    decoded, attention = network.decoder(batch.inputs, memory)
    return {
        "text": text_loss(network.decoder.logits(decoded), batch.labels),
        "guidance": GUIDANCE * guidance_loss(attention, batch.spans, batch.labels),
    }


Encoded = tuple[Tensor, Tensor, Tensor, Tensor]
"""Half-precision encoding, inputs, labels, spans of one example."""


def encoded(network: Whisper, batch: Batch) -> Iterator[Encoded]:
    """Each example of a batch, encoded, cut to its length."""
    with torch.no_grad():
        memory, _ = network.encoder(batch.mel)
    for row in range(len(memory)):
        length = int((batch.labels[row] != IGNORED).nonzero().max()) + 1
        yield (
            memory[row].half(),
            batch.inputs[row, :length],
            batch.labels[row, :length],
            batch.spans[row, :length],
        )


def drawn(pool: list[Encoded], rng: random.Random) -> tuple[Tensor, Batch]:
    """A random batch of the pool, padded."""
    chosen = rng.sample(pool, DECODER_BATCH)
    pad = torch.nn.utils.rnn.pad_sequence
    memory = torch.stack([item[0] for item in chosen]).float()
    inputs = pad([item[1] for item in chosen], batch_first=True, padding_value=token_id("<|endoftext|>"))
    labels = pad([item[2] for item in chosen], batch_first=True, padding_value=IGNORED)
    spans = pad([item[3] for item in chosen], batch_first=True, padding_value=-1.0)
    nothing = torch.empty(0)
    return memory, Batch(nothing, inputs, labels, spans, nothing, nothing)


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Warm-up over 60 steps, then a cosine down to 2 %."""
    return peak * min(1.0, (step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def training_losses(network: Whisper, arguments: argparse.Namespace) -> Iterator[dict[str, Tensor]]:
    """The losses of each step, endlessly; the caller steps between them."""
    alone = arguments.phase == "decoder"
    batches = Batches(
        arguments.recordings,
        seed=arguments.seed,
        size=9,
        full_share=1.0 if alone else 0.2,
        shortest=SHORTEST,
        longest=LONGEST,
    )
    rng = random.Random(f"steps {arguments.seed}")
    pool: list[Encoded] = []
    for batch in DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=4):
        if not alone:
            yield together_losses(network, *moved(batch, network, rng))
            continue
        pool = [*pool, *encoded(network, batch)][-POOL:]
        if len(pool) >= POOL_LEAST:
            for _ in range(UPDATES_A_DRAW):
                yield decoder_losses(network, *drawn(pool, rng))


def train(arguments: argparse.Namespace) -> None:
    """Train for so many steps, keeping the weights every hundred."""
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    network = Whisper(TEXT_TOKENS + len(SPECIAL), len(vocabulary()) + 2)
    if arguments.init:
        state = torch.load(arguments.init, weights_only=True)
        network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    if arguments.phase == "decoder":
        network.requires_grad_(requires_grad=False)
        network.decoder.requires_grad_(requires_grad=True)
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=arguments.rate, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01)
    began = time.monotonic()
    for step, losses in zip(range(arguments.steps), training_losses(network, arguments), strict=False):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, arguments.steps, arguments.rate)
        optimiser.zero_grad()
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        if (step + 1) % 25 == 0:
            shown = " ".join(f"{name} {float(loss.detach()):.3f}" for name, loss in losses.items())
            print(f"{step + 1} {time.monotonic() - began:.0f}s {shown}", flush=True)
        if (step + 1) % 100 == 0 or step + 1 == arguments.steps:
            torch.save(network.state_dict(), arguments.out)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the demo transcription model.")
    parser.add_argument("phase", choices=("together", "decoder"))
    parser.add_argument("recordings", type=Path, nargs="+")
    parser.add_argument("--init", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
