"""Ten times as much nonsense: 200,000 documents of YAML, 200,000 scribbled answers, 20,000 made-up rules.

`python benchmarks/soak/reading.py`
"""

import sys

from large import run

if __name__ == "__main__":
    sys.exit(run("tests/test_yaml_hazards.py", "tests/test_nonsense.py"))
