"""prepare for 24 hours beside 10 minutes: seconds, memory and windows, with the real voice detector.

The recording is ten minutes of the sample debate's beginning (12 s of speech, then silence), again and again. Needs
ffmpeg and 6 GB of room for temporary files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "sample-debate.mp4"
PERIOD_S = 600
DAY_S = 86_400


def ffmpeg(*arguments: object) -> None:
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)], check=True)  # noqa: S603, S607


def prepare(seconds: int, folder: Path) -> tuple[float, int, int]:
    """Seconds of wall clock, peak memory in MB and number of windows of `debate-worker run --step prepare`."""
    media, store = folder / f"{seconds}.flac", folder / f"store-{seconds}"
    ffmpeg("-stream_loop", -1, "-i", folder / "period.wav", "-t", seconds, "-c:a", "flac", media)
    job = {
        "apiVersion": "debate-analyzer.io/v1alpha1",
        "kind": "DebateJob",
        "metadata": {"name": "long"},
        "spec": {"source": {"file": str(media)}, "transcription": {"model": "whisper-demo"}},
    }
    manifest = folder / "job.json"
    manifest.write_text(json.dumps(job))
    worker = Path(sys.executable).with_name("debate-worker")
    options = {"--job": manifest, "--store": store, "--cache": folder, "--models": ROOT / "examples" / "models"}
    command = [worker, "run", "--step", "prepare", *(part for option in options.items() for part in option)]
    started = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    taken = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"prepare of {media} ended with exit code {process.returncode}")
    plan = json.loads((store / "work" / "long" / "plan.json").read_bytes())
    return taken, usage.ru_maxrss // 1024, len(plan["windows"])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lengthened = f"apad=whole_dur={PERIOD_S}"
        ffmpeg("-t", 12, "-i", SAMPLE, "-vn", "-ac", 1, "-ar", 16_000, "-af", lengthened, folder / "period.wav")
        print("| prepare of | s | peak memory, MB | windows |\n|---|---|---|---|")
        for label, seconds in (("10 minutes", PERIOD_S), ("24 hours", DAY_S)):
            taken, memory_mb, windows = prepare(seconds, folder)
            print(f"| {label} | {taken:.1f} | {memory_mb} | {windows} |", flush=True)


if __name__ == "__main__":
    main()
