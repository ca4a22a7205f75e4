"""How long does it take to read 300 indicators from YAML, strictly and with the place of every value?

Promise: below 150 ms, and below three quarters of what PyYAML takes in Python. Median and worst computing time of many
readings, in turns with PyYAML on the same text; trust the ratio. `python benchmarks/reading.py`
"""

import gc
import statistics
import sys
import time
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.load import load
from engine.strict_yaml import read_yaml

ROOT = Path(__file__).parent.parent
INDICATORS, ROUNDS, MILLISECONDS = 300, 11, 150


def text() -> str:
    """Write 300 indicators as the books have them: basis, rule, fix and two examples each."""
    head = "section: {id: a, title: 甲区, points: 3000}\nindicators:\n"
    one = """- id: indicator-{n}
  title: 第 {n} 项的名称
  points: 10
  basis: [{{source: some-source, article: 第 {n} 条, provenance: sourced}}]
  score:
  - {{points: 10, when: {{canteen.rate: {{at_least: 95%}}}}}}
  - {{points: 4.5, when: {{canteen.rate: {{at_least: 80%}}}}}}
  fix: 补齐培训记录，逐人考核，合格后上岗
  examples:
  - {{title: 全部合格, given: {{canteen.staff: 40, canteen.passed: 40}}, gives: 10}}
  - {{title: 一人未考, given: {{canteen.staff: 40, canteen.passed: 30}}, gives: 0}}
"""
    return head + "".join(one.format(n=number) for number in range(INDICATORS))


def main() -> int:
    """Print the table; return 1 if the promise is broken."""
    source = text()
    ways = {
        "strictly, as we do": lambda: read_yaml(source, "a.yaml"),
        "PyYAML in Python": lambda: yaml.load(source, Loader=yaml.SafeLoader),
        "PyYAML in C": lambda: yaml.load(source, Loader=yaml.CSafeLoader),
        "all books, checked and built": lambda: load(ROOT),
    }
    assert not read_yaml(source, "a.yaml").problems
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS):
        for name, way in ways.items():
            if name.startswith("all") and number > 2:
                continue
            gc.collect()
            started = time.process_time()
            way()
            took[name].append((time.process_time() - started) * 1000)
    base = statistics.median(took["strictly, as we do"])
    print(f"{INDICATORS} indicators, {len(source.encode()):,} bytes of YAML")
    print(f"{'':32} {'median ms':>10} {'worst ms':>10} {'ratio':>7}")
    for name, times in took.items():
        middle = statistics.median(times)
        print(f"{name:32} {middle:10.1f} {max(times):10.1f} {middle / base:7.2f}")
    slow = min(took["strictly, as we do"]) > MILLISECONDS or base > statistics.median(
        took["PyYAML in Python"]
    )
    if slow:
        print(f"broken: {base:.0f} ms")
    return slow


if __name__ == "__main__":
    sys.exit(main())
