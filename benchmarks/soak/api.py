"""The gates of the API ten times: 4,000 damaged calls, 60 asked of each operation within its description and against it.

`python benchmarks/soak/api.py`
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

if __name__ == "__main__":
    asked = ["tests/portal/test_hostile_calls.py", "tests/portal/test_api_schema.py", "-k", "escape or keeps"]
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", *asked]
    sys.exit(subprocess.call(command, cwd=ROOT, env={**os.environ, "ZHUNSHENG_SOAK": "1"}))  # noqa: S603
