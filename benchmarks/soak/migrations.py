"""Every step of the migrations with 2,000 rows in each table and their parents, up and down; four at once, ten times.

`python benchmarks/soak/migrations.py`
"""

import sys

from large import run

if __name__ == "__main__":
    sys.exit(run("tests/portal/test_migrate.py", "-k", "every_step or four_replicas"))
