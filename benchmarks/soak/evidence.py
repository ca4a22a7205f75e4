"""The gates of evidence ten times and more: 300 kills in a folder, 50 in a bucket, 50,000 damaged files.

`python benchmarks/soak/evidence.py`
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

if __name__ == "__main__":
    asked = ["tests/portal/test_intake.py", "tests/portal/test_blobs.py", "-k", "escape or kills"]
    command = [sys.executable, "-m", "pytest", "-q", "--durations=0", *asked]
    sys.exit(subprocess.call(command, cwd=ROOT, env={**os.environ, "ZHUNSHENG_SOAK": "1"}))  # noqa: S603
