"""`make accuracy`: the worker and the usual way on the same debates with the same models, as tables in Markdown.

    PYTHONPATH=models python tests/accuracy/accuracy.py [--debates N] [--validation]

The tables go to standard output, a line for each debate to standard error. `--validation` takes the debates that
parameters are chosen on, in the place of those that nothing was chosen by.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import our_worker
import scoring
import torch
from faster_whisper.audio import decode_audio
from figures import Figures, of_ours, of_plain, total
from plain_models import PlainModels
from unseen import Condition, Unseen, cache_folder, conditions, debates_of

WINDOW_SECONDS, OVERLAP_SECONDS = 30, 5
ONE, MANY = "ours, one window", f"ours, windows of {WINDOW_SECONDS} s"
VALIDATION_SEED = 5_500


@dataclass(frozen=True)
class Scored:
    """A debate, what each way came to, and what the worker's report said (of one window)."""

    condition: Condition
    debate: Unseen
    ways: dict[str, Figures]
    ours: our_worker.Ours


def main() -> None:
    """Score all debates and print the tables."""
    parser = argparse.ArgumentParser(description="Score the worker and the usual way on debates with a known truth.")
    parser.add_argument("--debates", type=int, default=12, help="only so many of the twelve")
    parser.add_argument("--validation", action="store_true", help="the debates that parameters are chosen on")
    parser.add_argument(
        "--store", type=Path, help="keep the worker's results in this folder; what is there is not redone"
    )
    arguments = parser.parse_args()
    wanted = conditions(split="validation", seed=VALIDATION_SEED) if arguments.validation else conditions()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        results = list(_scored(wanted[: arguments.debates], arguments.store or Path(scratch)))
    kind = "validation" if arguments.validation else "unseen"
    audio = sum(result.debate.seconds for result in results) / 60
    print(f"# Accuracy on {len(results)} {kind} debates, {audio:.0f} minutes\n")
    print("The demo models on synthesised voices: that nothing is lost or mixed up, not how people are understood.\n")
    for table in tables(results):
        print(table, end="\n\n", flush=True)
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def _scored(wanted: Sequence[Condition], folder: Path) -> Iterator[Scored]:
    folder.mkdir(parents=True, exist_ok=True)
    plain = PlainModels(our_worker.MODELS, threads=torch.get_num_threads())
    for condition, debate in zip(wanted, debates_of(wanted, cache_folder()), strict=True):
        # Both at a time: one's start and its slower model leave a core idle.
        with ThreadPoolExecutor(2) as pool:
            heard = pool.map(lambda job, debate=debate: our_worker.hear(folder, debate.wav, **job), _jobs(debate))
            whole, parts = heard
        usual = of_plain(debate, plain.hear(decode_audio(str(debate.wav))))
        result = Scored(condition, debate, {ONE: of_ours(debate, whole), MANY: of_ours(debate, parts)} | usual, whole)
        print(_line(result), file=sys.stderr, flush=True)
        yield result


def _jobs(debate: Unseen) -> list[dict[str, Any]]:
    """The arguments of the worker's two runs."""
    windows = {"window_seconds": WINDOW_SECONDS, "overlap_seconds": OVERLAP_SECONDS}
    return [{"name": f"{debate.name}-whole"}, {"name": f"{debate.name}-parts"} | windows]


def _line(result: Scored) -> str:
    return f"{result.debate.name}: cpWER " + ", ".join(
        f"{way} {figures.by_speaker.rate:.3f}" for way, figures in result.ways.items()
    )


def tables(results: Sequence[Scored]) -> Iterator[str]:
    """All of them, each with its heading."""
    overall = {way: total([result.ways[way] for result in results]) for way in results[0].ways}
    yield "## All debates\n\n" + _table(
        [
            "",
            "word errors",
            "with speakers (cpWER)",
            "right words, wrong speaker",
            "diarization error, collar 0",
            "collar 0.25 s",
            "wrong number of speakers",
        ],
        [
            [
                way,
                f"{each.words.rate:.3f}",
                f"{each.by_speaker.rate:.3f}",
                f"{each.speaker.share:.3f}",
                f"{each.exact.rate:.3f}",
                f"{each.forgiving.rate:.3f}",
                f"{each.counts.wrong:.0f} of {each.counts.of:.0f}",
            ]
            for way, each in overall.items()
        ],
    )
    yield (
        "## Word boundaries\n\nMilliseconds off, of the words heard right: mean / median / 90th percentile.\n\n"
        + _table(
            ["", "start", "end", "words"],
            [
                [way, each.boundaries(each.starts), each.boundaries(each.ends), f"{len(each.starts)}"]
                for way, each in overall.items()
                if way in (ONE, MANY, "usual, by word")
            ],
        )
    )
    for title, figure in FIGURES.items():
        yield f"## {title}, by condition\n\n" + _by_condition(results, figure)
    yield f"## Linking: windows of {WINDOW_SECONDS} s that hear {OVERLAP_SECONDS} s into the next\n\n" + _table(
        ["", "local speakers", "given to a wrong person", "share"],
        [
            [name, f"{links.of:.0f}", f"{links.wrong:.0f}", f"{links.share:.3f}"]
            for name, group in _groups(results).items()
            for links in [total([result.ways[MANY] for result in group]).links]
        ],
    )
    yield "## The quality report and the truth, one window\n\n" + _reports(results)


FIGURES: Mapping[str, Callable[[Figures], float]] = {
    "Words with speakers (cpWER)": lambda each: each.by_speaker.rate,
    "Right words with a wrong speaker": lambda each: each.speaker.share,
    "Word errors": lambda each: each.words.rate,
    "Diarization error, collar 0.25 s": lambda each: each.forgiving.rate,
}


def _groups(results: Sequence[Scored]) -> dict[str, list[Scored]]:
    """The debates by each factor's value."""
    groups: dict[str, list[Scored]] = {}
    factors: tuple[Callable[[Condition], str], ...] = (
        lambda condition: f"{condition.speakers} speakers",
        lambda condition: f"overlap {condition.overlap:.0%}",
        lambda condition: "no noise" if condition.snr_db is None else f"noise at {condition.snr_db:.0f} dB",
    )
    for name in factors:
        for result in sorted(results, key=lambda result: (result.condition.overlap, -(result.condition.snr_db or 99))):
            groups.setdefault(name(result.condition), []).append(result)
    return groups | {"all": list(results)}


def _by_condition(results: Sequence[Scored], figure: Callable[[Figures], float]) -> str:
    ways = list(results[0].ways)
    return _table(
        ["", *ways],
        [
            [name, *(f"{figure(total([result.ways[way] for result in group])):.3f}" for way in ways)]
            for name, group in _groups(results).items()
        ],
    )


def _reports(results: Sequence[Scored]) -> str:
    rows = []
    for result in results:
        speech, twice = scoring.spoken_seconds(result.debate.turns)
        report = result.ours.report
        rows.append(
            [
                result.debate.name,
                f"{report.coverage.speech_seconds:.1f} / {speech:.1f}",
                f"{report.coverage.transcribed_ratio:.3f}",
                f"{report.attribution.overlap_seconds:.1f} / {twice:.1f}",
                f"{report.attribution.speakers} / {scoring.speaker_count(result.debate.turns)}",
                f"{report.attribution.words} / {len(result.debate.words)}",
                str(report.attribution.unattributed_words),
                str(len(report.decoding.dropped)),
            ]
        )
    return "Where there are two figures: as reported / truly.\n\n" + _table(
        ["", "speech s", "transcribed", "overlap s", "speakers", "words", "without a speaker", "dropped clips"], rows
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
