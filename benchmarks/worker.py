"""The worker: time outside the models, memory for 10 min to 10 h, others' pipelines beside it. `make bench` prints it.

Everything runs on the CPU with the demo models, each step in a process of its own, as in a cluster. The demo models
are small, so the share of everything else is far larger than with real ones: the last table of the first part lays
our own seconds beside published times of real models.

WHISPERX=1 adds whisperX: an environment of 7 GB is made in the cache folder, once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.debates import long_debate
from support.measured import Failed, Run, measured

from support import intervals

HERE = Path(__file__).parent
MODELS = HERE.parent / "examples/models"
PEERS = HERE / "peers"
CACHE = Path(os.environ.get("DEBATE_CACHE") or Path.home() / ".cache/debate-analyzer")
WHISPERX = CACHE / "peers/whisperx"
STEPS = ("prepare", "analyze", "finish")
KINDS = ("model", "library", "start")
REAL_MINUTES = 10
LENGTHS = {"10 min": 600.0, "1 h": 3600.0, "10 h": 36_000.0}
GOAL_GROWTH_MB, GOAL_SHARE = 200, 0.05


@dataclass(frozen=True)
class Published:
    """What others measured of real models, in seconds for an hour of audio."""

    models: str
    source: str
    transcription_s: float
    diarization_s: float


PUBLISHED = (
    Published(
        "large-v2, float16, batches of 8, RTX 3070 Ti; community-1, H100",
        "READMEs of faster-whisper 1.2.1 (13 min in 17 s) and pyannote.audio 4.0.7",
        transcription_s=17 * 60 / 13,
        diarization_s=31,
    ),
    Published(
        "small, int8, batches of 8, 8 threads of a Core i7-12700K; diarization not counted",
        "README of faster-whisper 1.2.1 (13 min in 51 s)",
        transcription_s=51 * 60 / 13,
        diarization_s=0,
    ),
)


@dataclass(frozen=True)
class StepRun:
    """One step. seconds: of the wall clock by kind, see `support/timed_worker.py`; `own` is the rest."""

    run: Run
    seconds: dict[str, float]

    @property
    def own(self) -> float:
        return self.run.wall_s - sum(self.seconds.values())


def step(name: str, folder: Path, audio: Path, worker: str, *options: str) -> StepRun:
    """Run one step of the job in `folder`, whose store is kept for the next one."""
    job, notes = folder / "job.json", folder / f"notes-{name}"
    spec = {"source": {"file": str(audio)}, "language": "en", "transcription": {"model": "whisper-demo"}}
    job.write_text(json.dumps({"metadata": {"name": "benchmark"}, "spec": spec}))
    notes.mkdir()
    command: list[str | Path] = [sys.executable, "-m", f"support.{worker}", notes, *options]
    command += ["run", "--job", job, "--step", name, "--device", "cpu"]
    command += ["--store", folder / "store", "--models", MODELS, "--cache", folder / "cache"]
    run = measured(command, {"PYTHONPATH": str(HERE)})
    return StepRun(run, intervals.shares(intervals.read(notes), KINDS))


# --- a real run ---


def real_run(folder: Path, audio: Path) -> tuple[dict[str, StepRun], StepRun]:
    """The three steps; and analyze once more with the models one after the other."""
    done = {"prepare": step("prepare", folder, audio, "timed_worker")}
    other = folder / "other"
    shutil.copytree(folder / "store", other / "store")
    done |= {name: step(name, folder, audio, "timed_worker") for name in ("analyze", "finish")}
    return done, step("analyze", other, audio, "timed_worker", "--sequential")


def print_real_run(steps: dict[str, StepRun], sequential: StepRun) -> None:
    print(f"### {REAL_MINUTES} minutes of debate, for real\n")
    print("models: a call of a model computes (CTranslate2's encode, generate, align; torch modules; Silero), in any")
    print("process. libraries: not that, but in a pipeline of faster-whisper or pyannote: features, words' times,")
    print("clustering. start: not those, but interpreter, imports and loading, of the step or a model process.")
    print("own: the rest.\n")
    print("| step | wall | models | libraries | start | own | outside models | own | CPU |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, one in [*steps.items(), ("*analyze, one model after the other*", sequential)]:
        print(share_row(name, [one]))
    print(share_row("**together**", steps.values()))
    faster = sequential.run.wall_s / steps["analyze"].run.wall_s
    print(f"\nGoal with models of real size: < {GOAL_SHARE:.0%} outside models; see below.")
    print(f"Both models at once: analyze is {faster:.2f} times as fast as with one after the other.\n", flush=True)


def share_row(name: str, steps: Iterable[StepRun]) -> str:
    steps = list(steps)
    wall, own = sum(one.run.wall_s for one in steps), sum(one.own for one in steps)
    parts = [sum(one.seconds[kind] for one in steps) for kind in KINDS]
    cells = [f"{seconds:.1f} s" for seconds in (wall, *parts, own)]
    cells += [f"{(wall - parts[0]) / wall:.1%}", f"{own / wall:.1%}", f"{sum(one.run.cpu_s for one in steps):.1f} s"]
    return f"| {name} | {' | '.join(cells)} |"


# --- lengths ---


def all_lengths(root: Path) -> dict[str, dict[str, StepRun]]:
    """prepare and finish for real, analyze with stand-ins for the models."""
    found = {}
    for name, seconds in LENGTHS.items():
        with tempfile.TemporaryDirectory(dir=root) as made:
            folder = Path(made)
            audio = folder / "debate.m4a"
            long_debate(audio, seconds)
            workers = {"prepare": "timed_worker", "analyze": "simulated_worker", "finish": "timed_worker"}
            found[name] = {each: step(each, folder, audio, workers[each]) for each in STEPS}
    return found


def print_lengths(lengths: dict[str, dict[str, StepRun]]) -> None:
    print("### From 10 minutes to 10 hours\n")
    print("The sample's speech, repeated. prepare and finish are real; in analyze the models are **simulated**:")
    print("stand-ins read their samples and tell made-up words and turns. own, models: seconds for an hour of audio")
    print("(prepare's model is Silero), without start. memory: peak of all processes (PSS, sampled), and of the")
    print("largest process (RSS, the kernel's).\n")
    print("| step | audio | wall | models | own | memory | largest process |\n|---|---|---|---|---|---|---|")
    for name in STEPS:
        for length, steps in lengths.items():
            one, hours = steps[name], LENGTHS[length] / 3600
            model = f"{one.seconds['model'] / hours:.1f} s/h" if name == "prepare" else "—"
            print(
                f"| {name} | {length} | {one.run.wall_s:.1f} s | {model} | {one.own / hours:.2f} s/h "
                f"| {one.run.pss_mb:.0f} MB | {one.run.rss_mb:.0f} MB |"
            )
    shortest, longest = (
        lengths[name] for name in (min(LENGTHS, key=LENGTHS.__getitem__), max(LENGTHS, key=LENGTHS.__getitem__))
    )
    growth = {name: longest[name].run.pss_mb - shortest[name].run.pss_mb for name in STEPS}
    said = ", ".join(f"{name} {mb:+.0f} MB" for name, mb in growth.items())
    reached = "reached" if max(growth.values()) < GOAL_GROWTH_MB else "**missed**"
    print(f"\nFrom 10 min to 10 h: {said}. Goal: < {GOAL_GROWTH_MB} MB each: {reached}.\n", flush=True)


# --- models of real size ---


def print_real_models(real: dict[str, StepRun], hour: dict[str, StepRun]) -> None:
    print("### Beside models of real size\n")
    scale = 60 / REAL_MINUTES
    library = real["analyze"].seconds["library"] * scale
    rows = {
        "start": {name: real[name].seconds["start"] for name in STEPS},
        "libraries": {"prepare": 0.0, "analyze": library, "finish": 0.0},
        "own": {name: hour[name].own for name in STEPS},
    }
    listen = hour["prepare"].seconds["model"]
    print("Everything but the models, for one hour of audio, as measured here: start from the real run, libraries")
    print(
        f"from it times {scale:.0f} (too much: the demo model's clips are a third of a real one's, and each costs its"
    )
    print("features and its words' times), own from the hour above.\n")
    print("| | prepare | analyze | finish | together |\n|---|---|---|---|---|")
    for what, seconds in rows.items():
        print(f"| {what} | {' | '.join(f'{s:.1f} s' for s in seconds.values())} | {sum(seconds.values()):.1f} s |")
    analyze = sum(seconds["analyze"] for seconds in rows.values())
    everything = sum(sum(seconds.values()) for seconds in rows.values())
    own = sum(rows["own"].values())
    print("\nBeside what others **published** for real models; both at once count as the slower one; and Silero")
    print(f"({listen:.1f} s, measured) where prepare counts.\n")
    print("| models | an hour of audio | everything else in analyze | in all steps | own alone | goal |")
    print("|---|---|---|---|---|---|")
    for one in PUBLISHED:
        model = max(one.transcription_s, one.diarization_s)
        shares = [analyze / (analyze + model), everything / (everything + model + listen)]
        alone = own / (everything + model + listen)
        goal = "reached" if shares[1] < GOAL_SHARE else "**missed**"
        print(
            f"| {one.models} | {model:.0f} s ({one.source}) | {shares[0]:.1%} | {shares[1]:.1%} | {alone:.1%} "
            f"| < {GOAL_SHARE:.0%} in all steps: {goal} |"
        )
    print(flush=True)


# --- peers ---


def print_peers(ours: dict[str, StepRun], folder: Path, audio: Path) -> None:
    print("### Others' pipelines beside us\n")
    print(f"The same {REAL_MINUTES} minutes, models, precision, beam and longest clip, all cores. Ours also judges and")
    print("decodes again, links windows, and writes captions, report and the sound; theirs write one JSON file.\n")
    print("| pipeline | wall | CPU | memory | wall, ours is 1 |\n|---|---|---|---|---|")
    wall, cpu = (sum(values) for values in zip(*((s.run.wall_s, s.run.cpu_s) for s in ours.values()), strict=True))
    memory = max(one.run.pss_mb for one in ours.values())
    print(f"| debate-worker, three steps | {wall:.1f} s | {cpu:.1f} s | {memory:.0f} MB | 1 |", flush=True)
    clip = next(m["parameters"]["max_clip_seconds"] for m in index() if m["role"] == "transcription")
    peers = [
        ("BatchedInferencePipeline, pyannote on the whole file, largest overlap", sys.executable, "plain_pipelines.py")
    ]
    peers += [("whisperX 3.8.6, without alignment", str(WHISPERX / "bin/python"), "whisperx_pipeline.py")]
    for name, python, script in peers:
        if not Path(python).exists():
            print(f"| {name} | not run: `WHISPERX=1 make bench` makes its environment (7 GB) first | | | |")
            continue
        command: list[str | Path] = [
            python,
            PEERS / script,
            audio,
            MODELS / "debate-analyzer",
            str(clip),
            folder / "peer.json",
        ]
        try:
            run = measured(command)
        except Failed as error:
            print(f"| {name} | refused: {str(error).splitlines()[-1]} | | | |")
            continue
        print(
            f"| {name} | {run.wall_s:.1f} s | {run.cpu_s:.1f} s | {run.pss_mb:.0f} MB | {run.wall_s / wall:.2f} |",
            flush=True,
        )


def index() -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = json.loads((MODELS / "index.json").read_text())["models"]
    return models


def make_whisperx() -> None:
    uv = shutil.which("uv") or str(CACHE / "uv/bin/uv")  # as scripts/setup finds or installs it
    if not (WHISPERX / "bin/python").exists():
        subprocess.run([uv, "venv", "--quiet", "--python", "3.11", WHISPERX], check=True)  # noqa: S603
    pins = PEERS / "whisperx.txt"
    subprocess.run([uv, "pip", "install", "--quiet", "--python", WHISPERX / "bin/python", "-r", pins], check=True)  # noqa: S603


def main() -> None:
    if os.environ.get("WHISPERX") == "1":
        make_whisperx()
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    print("## worker\n")
    print(f"{cores} cores; load {load:.1f} before.\n", flush=True)
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        audio = root / "debate.m4a"
        long_debate(audio, REAL_MINUTES * 60)
        real, sequential = real_run(root, audio)
        print_real_run(real, sequential)
        lengths = all_lengths(root)
        print_lengths(lengths)
        print_real_models(real, lengths["1 h"])
        print_peers(real, root, audio)
    print(f"\nLoad after: {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
