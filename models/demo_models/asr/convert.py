"""Convert the weights to the CTranslate2 folder that faster-whisper takes.

    python -m demo_models.asr.convert weights.pt FOLDER

No hub and no `transformers`: the specification is filled from our own network. What the folder must
hold, and why, is in models/README.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from ctranslate2.specs.whisper_spec import WhisperSpec
from torch import Tensor, nn

from demo_models.asr.network import Attention, Decoder, DecoderLayer, Encoder, EncoderLayer, Size, Whisper
from demo_models.asr.tokenizer import TRAINED_LANGUAGES, complete, read_bpe, token_id, token_names

# Both heads were trained to look at the word that is being written (see `train.py`).
ALIGNMENT_HEADS = [[1, 0], [1, 1]]
PREPROCESSOR = {
    "chunk_length": 30,
    "feature_extractor_type": "WhisperFeatureExtractor",
    "feature_size": 80,
    "hop_length": 160,
    "n_fft": 400,
    "n_samples": 480_000,
    "nb_max_frames": 3000,
    "padding_side": "right",
    "padding_value": 0.0,
    "processor_class": "WhisperProcessor",
    "return_attention_mask": False,
    "sampling_rate": 16_000,
}


def _linear(spec: Any, weight: Tensor, bias: Tensor | None) -> None:
    spec.weight = weight.contiguous().numpy()
    if bias is not None:
        spec.bias = bias.contiguous().numpy()


def _norm(spec: Any, norm: nn.LayerNorm) -> None:
    spec.gamma = norm.weight.numpy()
    spec.beta = norm.bias.numpy()


def _together(*linears: nn.Linear) -> tuple[Tensor, Tensor]:
    """Several projections as one; CTranslate2 wants a bias for all, Whisper's keys have none."""
    biases = [torch.zeros(part.out_features) if part.bias is None else part.bias for part in linears]
    return torch.cat(tuple(part.weight for part in linears)), torch.cat(biases)


def _attention(spec: Any, attention: Attention, *, cross: bool) -> None:
    query, key, value = attention.q_proj, attention.k_proj, attention.v_proj
    if cross:
        _linear(spec.linear[0], *_together(query))
        _linear(spec.linear[1], *_together(key, value))
    else:
        _linear(spec.linear[0], *_together(query, key, value))
    _linear(spec.linear[-1], attention.out_proj.weight, attention.out_proj.bias)


def _layer(spec: Any, layer: EncoderLayer | DecoderLayer) -> None:
    _attention(spec.self_attention, layer.self_attn, cross=False)
    _norm(spec.self_attention.layer_norm, layer.self_attn_layer_norm)
    if isinstance(layer, DecoderLayer):
        _attention(spec.attention, layer.encoder_attn, cross=True)
        _norm(spec.attention.layer_norm, layer.encoder_attn_layer_norm)
    _linear(spec.ffn.linear_0, layer.fc1.weight, layer.fc1.bias)
    _linear(spec.ffn.linear_1, layer.fc2.weight, layer.fc2.bias)
    _norm(spec.ffn.layer_norm, layer.final_layer_norm)


def _encoder(spec: Any, encoder: Encoder) -> None:
    for target, source in ((spec.conv1, encoder.conv1), (spec.conv2, encoder.conv2)):
        target.weight, target.bias = source.weight.numpy(), source.bias.numpy()
    spec.position_encodings.encodings = encoder.embed_positions.weight.numpy()
    _norm(spec.layer_norm, encoder.layer_norm)
    for target, layer in zip(spec.layer, encoder.layers, strict=True):
        _layer(target, layer)


def _decoder(spec: Any, decoder: Decoder) -> None:
    embeddings = decoder.embed_tokens.weight.numpy()
    spec.embeddings.weight = embeddings
    spec.projection.weight = embeddings
    spec.position_encodings.encodings = decoder.embed_positions.weight.numpy()
    _norm(spec.layer_norm, decoder.layer_norm)
    for target, layer in zip(spec.layer, decoder.layers, strict=True):
        _layer(target, layer)


def specification(network: Whisper, names: list[str]) -> WhisperSpec:
    """The network as CTranslate2 describes a Whisper, int8."""
    size = network.size
    spec = WhisperSpec(size.encoder_layers, size.heads, size.decoder_layers, size.heads)
    _encoder(spec.encoder, network.encoder)
    _decoder(spec.decoder, network.decoder)
    spec.register_vocabulary(names)
    spec.config.suppress_ids = []
    # Not the end of the text: silence must be allowed to end at once.
    spec.config.suppress_ids_begin = [names.index("Ġ")]
    spec.config.alignment_heads = ALIGNMENT_HEADS
    spec.config.lang_ids = [token_id(f"<|{language}|>") for language in TRAINED_LANGUAGES]
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


def load(weights: Path) -> Whisper:
    """The network with these weights (float32 or float16), for conversion or evaluation."""
    state = {name: tensor.float() for name, tensor in torch.load(weights, weights_only=True).items()}
    tokens, width = state["model.decoder.embed_tokens.weight"].shape
    network = Whisper(tokens, state["frame.bias"].shape[0], Size(width=width))
    network.load_state_dict(state)
    return network.eval()


@torch.no_grad()
def convert(weights: Path, folder: Path) -> None:
    """Write the model folder, complete or not at all."""
    document = complete(read_bpe())
    spec = specification(load(weights).requires_grad_(requires_grad=False), token_names(document))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as parent:
        made = Path(parent) / "model"
        made.mkdir()
        spec.save(str(made))
        tokenizer = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        (made / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
        (made / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)


def main() -> None:
    """Read the command line and convert."""
    parser = argparse.ArgumentParser(description="Convert the demo transcription model.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    convert(arguments.weights, arguments.folder)


if __name__ == "__main__":
    main()
