"""Rounds at random, 200 on each store, and ten times as many of filling in and of reviewing; about an hour.

`python benchmarks/soak/workflow.py`
"""

import sys

from large import run

if __name__ == "__main__":
    sys.exit(
        run(
            "tests/portal/test_rounds_at_random.py",
            "tests/portal/test_workflow.py",
            "tests/portal/test_reviews_at_random.py",
        )
    )
