"""The tokenizer: a small byte-level BPE with Whisper's special tokens, as faster-whisper needs them.

python -m demo_models.asr.tokenizer bpe.json     # train the BPE (the weights know one: keep it)
"""

from __future__ import annotations

import argparse
import copy
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from demo_models.grammar import NAMES, TITLES, czech_sentence, phrases, sentence, vocabulary

BPE = Path(__file__).parents[2] / "weights" / "bpe.json"
TEXT_TOKENS = 704
TIMESTAMP_SECONDS = 0.02
TIMESTAMPS = 1501  # 0.00 .. 30.00
# faster-whisper accepts these language codes; the folder must list them all, though two are trained.
LANGUAGES = phrases(
    """
    en, zh, de, es, ru, ko, fr, ja, pt, tr, pl, ca, nl, ar, sv, it, id, hi, fi, vi, he, uk, el, ms, cs, ro,
    da, hu, ta, no, th, ur, hr, bg, lt, la, mi, ml, cy, sk, te, fa, lv, bn, sr, az, sl, kn, et, mk, br, eu,
    is, hy, ne, mn, bs, kk, sq, sw, gl, mr, pa, si, km, sn, yo, so, af, oc, ka, be, tg, sd, gu, am, yi, lo,
    uz, fo, ht, ps, tk, nn, mt, sa, lb, my, bo, tl, mg, as, tt, haw, ln, ha, ba, jw, su
    """
)
TRAINED_LANGUAGES = ("en", "cs")
# The order matters: faster-whisper and CTranslate2 compare ids (text < end < start < languages <
# tasks < timestamps) instead of looking names up.
SPECIAL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    *(f"<|{language}|>" for language in LANGUAGES),
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
    *(f"<|{index * TIMESTAMP_SECONDS:.2f}|>" for index in range(TIMESTAMPS)),
)


def train_bpe(seed: int) -> dict[str, Any]:
    """A BPE of at most `TEXT_TOKENS` tokens over the grammar, as its JSON document."""
    rng = random.Random(seed)
    corpus = [" " + sentence(rng, salad=0.3) for _ in range(20_000)]
    corpus += [" " + czech_sentence(rng) for _ in range(1_500)]
    corpus += [" " + word for word in vocabulary()] * 20
    corpus += [f" {word}." for word in NAMES + TITLES] * 20
    # faster-whisper suppresses the first token of these: without a merge of their own that is the
    # bare space, and no word could ever follow.
    corpus += [" -", " '", " ♪", " ♩"] * 3_000
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TEXT_TOKENS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    document: dict[str, Any] = json.loads(tokenizer.to_str())
    return document


def complete(bpe: dict[str, Any]) -> dict[str, Any]:
    """tokenizer.json: the BPE filled up to `TEXT_TOKENS`, then the special tokens."""
    document = copy.deepcopy(bpe)
    text = document["model"]["vocab"]
    for index in range(len(text), TEXT_TOKENS):
        text[f"<unused{index}>"] = index
    document["added_tokens"] = [
        {
            "id": TEXT_TOKENS + index,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for index, content in enumerate(SPECIAL)
    ]
    return document


def token_names(document: dict[str, Any]) -> list[str]:
    """Every token by its id, as CTranslate2's vocabulary wants them.

    CTranslate2 takes a Whisper for multilingual if its vocabulary holds the empty token: the byte
    0, which no text has, gives its place.
    """
    names = {index: name for name, index in document["model"]["vocab"].items()}
    names |= {token["id"]: token["content"] for token in document["added_tokens"]}
    names[document["model"]["vocab"]["\u0100"]] = ""
    return [names[index] for index in range(len(names))]


def read_bpe() -> dict[str, Any]:
    """The BPE that the kept weights know."""
    document: dict[str, Any] = json.loads(BPE.read_text(encoding="utf-8"))
    return document


@cache
def tokenizer() -> Tokenizer:
    """The tokenizer of the kept weights."""
    return Tokenizer.from_str(json.dumps(complete(read_bpe())))


@cache
def token_id(name: str) -> int:
    """The id of a token. Raises KeyError where there is none of that name."""
    index = tokenizer().token_to_id(name)
    if index is None:
        raise KeyError(name)
    return int(index)


@cache
def encode(text: str) -> tuple[int, ...]:
    """Ids of a text, no special tokens."""
    return tuple(tokenizer().encode(text, add_special_tokens=False).ids)


def main() -> None:
    """Train a BPE and write it."""
    parser = argparse.ArgumentParser(description="Train the BPE of the demo transcription model.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.path.write_text(json.dumps(train_bpe(arguments.seed), ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
