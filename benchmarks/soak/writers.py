"""Fifty people save 6,000 answers on each store: nobody is turned away, nobody is starved. `python benchmarks/soak/writers.py`"""

import sys

from large import run

if __name__ == "__main__":
    sys.exit(run("tests/portal/test_writers.py"))
