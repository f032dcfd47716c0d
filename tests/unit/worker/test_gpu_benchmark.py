"""The benchmark of the GPU path, on a machine without a GPU."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "gpu.py"


def test_without_a_gpu_it_says_so_in_one_line_and_does_not_pass_for_a_run() -> None:
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "DEBATE_DEVICE": "auto"}  # so that a GPU is not seen
    done = subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == os.EX_UNAVAILABLE, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("The GPU path: not run: no GPU (")
