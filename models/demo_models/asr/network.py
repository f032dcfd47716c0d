"""Whisper's architecture, small, with the names that Hugging Face gives its weights.

The decoder returns its cross-attention too: word times come from it, so training guides it. Three
extra heads (words, letters, positions of the encoder's frames) serve training alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Size:
    """The network's dimensions; frames and tokens are Whisper's own limits."""

    width: int = 128
    encoder_layers: int = 4
    decoder_layers: int = 2
    heads: int = 4
    hidden: int = 512
    mels: int = 80
    frames: int = 1500
    tokens: int = 448


def sinusoids(length: int, width: int) -> Tensor:
    """Whisper's fixed positions (length, width): sines, then cosines."""
    step = math.log(10_000) / (width // 2 - 1)
    angles = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(width // 2))[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


class Attention(nn.Module):
    """Multi-head attention; Whisper's keys have no bias."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def split(self, x: Tensor) -> Tensor:
        """(B, T, width) as (B, heads, T, width / heads)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x: Tensor, *, causal: bool = False) -> Tensor:
        """Self-attention."""
        query, key, value = self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x))
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))

    def across(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Cross-attention and its weights (B, heads, tokens, frames)."""
        query, key, value = self.split(self.q_proj(x)), self.split(self.k_proj(memory)), self.split(self.v_proj(memory))
        weights = (query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])).softmax(-1)
        return self.out_proj((weights @ value).transpose(1, 2).flatten(2)), weights


class EncoderLayer(nn.Module):
    """Pre-norm self-attention and feed-forward."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.self_attn = Attention(size.width, size.heads)
        self.self_attn_layer_norm = nn.LayerNorm(size.width)
        self.fc1 = nn.Linear(size.width, size.hidden)
        self.fc2 = nn.Linear(size.hidden, size.width)
        self.final_layer_norm = nn.LayerNorm(size.width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, frames, width) to the same."""
        x = x + self.self_attn(self.self_attn_layer_norm(x))
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))


class DecoderLayer(nn.Module):
    """An encoder layer with cross-attention between."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.self_attn = Attention(size.width, size.heads)
        self.self_attn_layer_norm = nn.LayerNorm(size.width)
        self.encoder_attn = Attention(size.width, size.heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(size.width)
        self.fc1 = nn.Linear(size.width, size.hidden)
        self.fc2 = nn.Linear(size.hidden, size.width)
        self.final_layer_norm = nn.LayerNorm(size.width)

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """(B, tokens, width) and the cross-attention's weights."""
        x = x + self.self_attn(self.self_attn_layer_norm(x), causal=True)
        attended, weights = self.encoder_attn.across(self.encoder_attn_layer_norm(x), memory)
        x = x + attended
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x)))), weights


class Encoder(nn.Module):
    """Two convolutions (the second halves the frames), positions, layers."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(size.mels, size.width, 3, padding=1)
        self.conv2 = nn.Conv1d(size.width, size.width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(size.frames, size.width)
        self.embed_positions.weight.data = sinusoids(size.frames, size.width)
        self.embed_positions.weight.requires_grad_(requires_grad=False)
        self.layers = nn.ModuleList(EncoderLayer(size) for _ in range(size.encoder_layers))
        self.layer_norm = nn.LayerNorm(size.width)

    def positions(self, frames: int, offsets: Tensor | None) -> Tensor:
        """Positions of `frames` frames that begin at 0, or at each example's offset."""
        if offsets is None:
            return self.embed_positions.weight[None, :frames]
        return self.embed_positions.weight[offsets[:, None] + torch.arange(frames)[None]]

    def forward(self, mel: Tensor, offsets: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(B, mels, 2 * frames) to (B, frames, width): the last layer, and the second for the letters."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positions(x.shape[1], offsets)
        middle = x
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index == 1:
                middle = x
        return self.layer_norm(x), middle


class Decoder(nn.Module):
    """Tokens and positions, layers; the output is compared with the token embeddings."""

    def __init__(self, size: Size, tokens: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(tokens, size.width)
        self.embed_positions = nn.Embedding(size.tokens, size.width)
        nn.init.normal_(self.embed_tokens.weight, std=0.05)
        nn.init.normal_(self.embed_positions.weight, std=0.02)
        self.layers = nn.ModuleList(DecoderLayer(size) for _ in range(size.decoder_layers))
        self.layer_norm = nn.LayerNorm(size.width)

    def forward(self, tokens: Tensor, memory: Tensor) -> tuple[Tensor, list[Tensor]]:
        """(B, T, width) and each layer's cross-attention (B, heads, T, frames)."""
        x = self.embed_tokens(tokens) + self.embed_positions.weight[: tokens.shape[1]]
        attention = []
        for layer in self.layers:
            x, weights = layer(x, memory)
            attention.append(weights)
        return self.layer_norm(x), attention

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores of every token."""
        return hidden @ self.embed_tokens.weight.T


class Whisper(nn.Module):
    """Encoder, decoder and the heads of training."""

    LETTERS = 28  # silence or other, a..z, Czech

    def __init__(self, tokens: int, words: int, size: Size = Size()) -> None:
        super().__init__()
        self.size = size
        self.model = nn.Module()
        self.model.encoder = Encoder(size)
        self.model.decoder = Decoder(size, tokens)
        self.frame = nn.Linear(size.width, words)
        self.pos = nn.Linear(size.width, size.width)
        self.letter = nn.Sequential(nn.LayerNorm(size.width), nn.Linear(size.width, self.LETTERS))
        look_around(self.model.encoder)

    @property
    def encoder(self) -> Encoder:
        """The encoder, typed."""
        encoder: Encoder = self.model.encoder
        return encoder

    @property
    def decoder(self) -> Decoder:
        """The decoder, typed."""
        decoder: Decoder = self.model.decoder
        return decoder


# Frames that each head of the first layers looks at first: some before, some after.
_GLANCES: tuple[tuple[int | None, ...], ...] = ((-8, -3, 3, 8), (-20, -6, 6, 20), (-12, None, None, 12))


@torch.no_grad()
def look_around(encoder: Encoder) -> None:
    """Start the first layers' heads looking at fixed distances, by rotating the sine positions.

    Attention that starts at random takes hours to find that neighbouring frames matter.
    """
    width = encoder.embed_positions.embedding_dim
    step = math.log(10_000) / (width // 2 - 1)
    for layer, glances in zip(encoder.layers, _GLANCES, strict=False):
        attention: Attention = layer.self_attn
        size = width // attention.heads
        pairs = torch.linspace(0, 0.43 * (width // 2), size // 2).round().long().unique()
        for head, distance in enumerate(glances):
            if distance is None:
                continue
            query, key = torch.zeros(size, width), torch.zeros(size, width)
            for row, pair in enumerate(pairs.tolist()):
                turn, gain = math.exp(-step * pair) * distance, 1.3
                sine, cosine = pair, pair + width // 2
                key[2 * row, sine] = key[2 * row + 1, cosine] = gain
                query[2 * row, sine] = query[2 * row + 1, cosine] = gain * math.cos(turn)
                query[2 * row, cosine] = gain * math.sin(turn)
                query[2 * row + 1, sine] = -gain * math.sin(turn)
            rows = slice(head * size, (head + 1) * size)
            attention.q_proj.weight[rows] = query
            attention.k_proj.weight[rows] = key
            attention.q_proj.bias[rows] = 0
