"""What the worker is given in tests: small media files, made by the real ffmpeg, and the demo models."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

DEMO_MODELS = Path(__file__).parents[3] / "examples" / "models"


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg; a machine without it fails the test with a message, it does not skip it."""
    if shutil.which("ffmpeg") is None:
        pytest.fail("ffmpeg is missing: `make test` installs it, or install your system's package")
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def tone(path: Path, seconds: float, *, frequency: int = 440, rate: int = 48_000, extra: tuple[str, ...] = ()) -> Path:
    """A sine tone of amplitude 1/8 (ffmpeg's own)."""
    source = f"sine=frequency={frequency}:sample_rate={rate}:duration={seconds}"
    ffmpeg("-f", "lavfi", "-i", source, *extra, path)
    return path
