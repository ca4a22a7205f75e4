"""Tests at the size of the soak (`tests/size.py`): what the scripts of this folder that are made of tests call."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*asked: str) -> int:
    """Run tests ten times as large and more, one after the other, and print how long each took."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "--durations=0", "--durations-min=1", *asked]
    return subprocess.call(command, cwd=ROOT, env={**os.environ, "ZHUNSHENG_SOAK": "1"})  # noqa: S603
