"""Models in the real sizes with random weights, for machines without the real ones: as fast, and as large.

Their output means nothing. The transcription says the same 120 tokens for each clip, which is what half a minute of
debate has, and is sure of them, so that no clip is decoded again; the diarization hears one speaker throughout.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from ctranslate2.specs.whisper_spec import WhisperSpec
from demo_models.asr.convert import PREPROCESSOR
from demo_models.asr.tokenizer import TEXT_TOKENS, complete, read_bpe, token_names
from demo_models.diarization.pipeline import configuration, save_checkpoint
from demo_models.diarization.plda import PLDA, TRANSFORM
from demo_models.diarization.train_segmentation import SPECIFICATIONS
from pyannote.audio.models.embedding import WeSpeakerResNet34
from pyannote.audio.models.segmentation import PyanNet

TOKENS_OF_A_CLIP = 120
SURENESS = 40.0
"""By how much a position's own token is likelier than the others, as a logarithm."""
CHUNK_STEP = 0.1
"""Of community-1."""
EMBEDDING, LDA = 256, 128


@dataclass(frozen=True)
class Size:
    """Of a Whisper."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    mels: int
    text_tokens: int


SIZES = {
    "full": Size(1280, 20, 32, 4, 128, 50_257),  # large-v3-turbo
    "tiny": Size(64, 2, 2, 2, 80, TEXT_TOKENS),
}


def write_whisper(folder: Path, size: Size) -> None:
    """A CTranslate2 folder in half precision, as faster-whisper takes it."""
    document = complete(read_bpe())
    vocabulary = document["model"]["vocab"]
    vocabulary |= {f"<unused{index}>": index for index in range(len(vocabulary), size.text_tokens)}
    for token in document["added_tokens"]:
        token["id"] += size.text_tokens - TEXT_TOKENS
    names = token_names(document)
    spec = WhisperSpec(size.encoder_layers, size.heads, size.decoder_layers, size.heads)
    fill = _Filler(size.width)
    for target, inputs in ((spec.encoder.conv1, size.mels), (spec.encoder.conv2, size.width)):
        target.weight, target.bias = fill.random(size.width, inputs, 3), fill.zeros(size.width)
    spec.encoder.position_encodings.encodings = fill.random(1500, size.width)
    fill.norm(spec.encoder.layer_norm)
    for layer in spec.encoder.layer:
        fill.layer(layer)
    spec.decoder.position_encodings.encodings, spec.decoder.embeddings.weight = _sure_text(names, size, fill)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    fill.norm(spec.decoder.layer_norm)
    for layer in spec.decoder.layer:
        fill.layer(layer)
        fill.attention(layer.attention, cross=True)
    spec.register_vocabulary(names)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.alignment_heads = [[1, 0], [1, 1]]
    spec.config.lang_ids = [names.index("<|en|>")]
    spec.validate()
    spec.optimize(quantization="float16")
    folder.mkdir(parents=True)
    spec.save(str(folder))
    (folder / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR | {"feature_size": size.mels}))


class _Filler:
    """Random weights, small enough that what enters a layer comes out of it."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._rng = np.random.default_rng(0)

    def random(self, *shape: int) -> np.ndarray:
        return (self._rng.standard_normal(shape, np.float32) * 0.02).astype(np.float16)

    def zeros(self, *shape: int) -> np.ndarray:
        return np.zeros(shape, np.float16)

    def norm(self, spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(self._width, np.float16), self.zeros(self._width)

    def linear(self, spec: Any, outputs: int, inputs: int) -> None:
        spec.weight, spec.bias = self.random(outputs, inputs), self.zeros(outputs)

    def attention(self, spec: Any, *, cross: bool) -> None:
        width = self._width
        for part, outputs in zip(spec.linear[:-1], [width, 2 * width] if cross else [3 * width], strict=True):
            self.linear(part, outputs, width)
        self.linear(spec.linear[-1], width, width)
        self.norm(spec.layer_norm)

    def layer(self, spec: Any) -> None:
        self.attention(spec.self_attention, cross=False)
        self.linear(spec.ffn.linear_0, 4 * self._width, self._width)
        self.linear(spec.ffn.linear_1, self._width, 4 * self._width)
        self.norm(spec.ffn.layer_norm)


def _sure_text(names: list[str], size: Size, fill: _Filler) -> tuple[np.ndarray, np.ndarray]:
    """Positions and tokens of the decoder: each position looks like its own token, the late ones like the end."""
    tokens = fill.random(len(names), size.width).astype(np.float32)
    tokens *= SURENESS / np.sqrt(size.width) / np.linalg.norm(tokens, axis=1, keepdims=True)
    words = [index for index, name in enumerate(names[:TEXT_TOKENS]) if name[:1] == "\u0120" and name[1:].isalpha()]
    said = np.random.default_rng(1).choice(words, TOKENS_OF_A_CLIP)
    end = names.index("<|endoftext|>")
    positions = [*said, *[end] * (448 - TOKENS_OF_A_CLIP)]
    return (4 * tokens[positions]).astype(np.float16), tokens.astype(np.float16)


def write_diarization(folder: Path) -> None:
    """A pipeline folder with community-1's networks, step and clustering."""
    torch.manual_seed(0)
    segmentation: Any = PyanNet(lstm={"hidden_size": 128, "num_layers": 4, "bidirectional": True})
    segmentation.specifications = SPECIFICATIONS
    segmentation.build()
    with torch.no_grad():
        segmentation.classifier.weight.zero_()
        segmentation.classifier.bias.copy_(torch.eye(7)[1])  # the first speaker, alone
    save_checkpoint(segmentation, folder / "segmentation/pytorch_model.bin")
    embedding = WeSpeakerResNet34()
    embedding.specifications = SPECIFICATIONS
    save_checkpoint(embedding, folder / "embedding/pytorch_model.bin")
    (folder / "plda").mkdir()
    rng = np.random.default_rng(0)
    np.savez(
        folder / "plda" / TRANSFORM,
        mean1=np.zeros(EMBEDDING),
        lda=rng.normal(size=(EMBEDDING, LDA)),
        mean2=np.zeros(LDA),
    )
    np.savez(folder / "plda" / PLDA, mu=np.zeros(LDA), tr=np.eye(LDA), psi=np.linspace(2, 0.1, LDA))
    document = yaml.safe_load(configuration({"threshold": 0.6, "Fa": 0.07, "Fb": 0.8}))
    document["pipeline"]["params"]["segmentation_step"] = CHUNK_STEP
    (folder / "config.yaml").write_text(yaml.safe_dump(document))


def write(folder: Path, size: str) -> tuple[Path, Path]:
    """Both models; their folders."""
    write_whisper(folder / "asr", SIZES[size])
    write_diarization(folder / "diarization")
    return folder / "asr", folder / "diarization"
