"""How much slower than hand-written Python is judging one submission of 100 indicators?

Everything is measured side by side in one run, in turns, and printed as ratios of medians: the hand-written
straight-line function without and with a trace of tuples is the yardstick. `python benchmarks/judging.py`
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine.answers import Stated, world_of
from engine.build.edition import Edition
from engine.document import canonical, scorecard_document
from engine.emit import emitted
from engine.evaluate import points
from engine.judge import judge, judged_world
from engine.load import load_texts
from engine.models.submission import Given, Subject
from engine.verify import verify

ROUNDS = 15
KINDS = 5
Facts = dict[str, int]


def library() -> Edition:
    """Build 100 indicators of five shapes over 160 facts, 1000 points, five sections, five grades."""
    facts, derive, sections = [], [], []
    for section in range(5):
        leaves = []
        for number in range(20):
            i = section * 20 + number
            shape = number % KINDS
            facts.append(
                f"- {{id: f.a{i}, ask: 甲{i}, answer: {['yes_no', '{integer: {at_most: 50}}'][shape > 0]}}}"
            )
            if shape in (1, 4):
                facts.append(
                    f"- {{id: f.b{i}, ask: 乙{i}, answer: {{integer: {{at_least: 1, at_most: 50}}}}}}"
                )
                derive.append(f"- {{id: f.r{i}, title: 比率{i}, ratio: [f.a{i}, f.b{i}]}}")
            score = [
                f"[{{points: 10, when: {{f.a{i}: true}}}}]",
                f"[{{points: 10, when: {{f.r{i}: {{at_least: 95%}}}}}}, {{points: 7, when: {{f.r{i}: {{at_least: 90%}}}}}}, {{points: 4, when: {{f.r{i}: {{at_least: 80%}}}}}}]",
                f"{{each: f.a{i}, points: 2, up_to: 10}}",
                f"{{deduct_from: 10, items: [{{each: f.a{i}, points: 1.5}}]}}",
                f"{{linear: f.r{i}, from: [0%, 0], to: [100%, 10]}}",
            ][shape]
            leaves.append(f"- {{id: i{i}, title: 指标{i}, points: 10, score: {score}}}")
        sections.append(
            f"section: {{id: s{section}, title: 区{section}, points: 200}}\nindicators:\n" + "\n".join(leaves)
        )
    standard = """id: bench
edition: '1'
title: 测速标准
status: draft
per: 食堂
total: 1000
sections: [0.yaml, 1.yaml, 2.yaml, 3.yaml, 4.yaml]
grades: [{id: a, title: 一, at_least: 900}, {id: b, title: 二, at_least: 800}, {id: c, title: 三, at_least: 700}, {id: d, title: 四, at_least: 600}]
vetoes: [{id: v, title: 否决, when: {f.a0: false}, effect: deny}]
"""
    files = {
        "checklists/f.yaml": "checklist: {id: f, title: 清单, desk: 办公室}\nfacts:\n"
        + "\n".join(facts)
        + "\nderive:\n"
        + "\n".join(derive),
        "rules/bench/1/standard.yaml": standard,
        **{f"rules/bench/1/{n}.yaml": text for n, text in enumerate(sections)},
    }
    built, problems = load_texts({name: text.encode() for name, text in files.items()})
    assert problems == [], problems[:3]
    return built.editions["bench", "1"]


def answers() -> Facts:
    """Answer everything, at varied levels."""
    facts: Facts = {}
    for i in range(100):
        shape = i % 20 % KINDS
        facts[f"f.a{i}"] = 1 if shape == 0 else i % 7 if shape in (2, 3) else 30 + i % 15
        if shape in (1, 4):
            facts[f"f.b{i}"] = 45
    return facts


def source(*, trace: bool) -> str:
    """Write the straight-line function a programmer would write by hand for these rules."""
    lines = ["def score(f):", "    total = 0", "    trace = []"]
    for i in range(100):
        shape = i % 20 % KINDS
        a = f"f['f.a{i}']"
        lines.append(f"    a = {a}")
        if shape == 0:
            lines.append("    p = 1000 if a else 0")
        elif shape == 1:
            lines += [
                f"    b = f['f.b{i}']",
                "    p = 1000 if a * 20 >= b * 19 else 700 if a * 10 >= b * 9 else 400 if a * 5 >= b * 4 else 0",
            ]
        elif shape == 2:
            lines.append("    p = min(a * 200, 1000)")
        elif shape == 3:
            lines.append("    p = max(1000 - a * 150, 0)")
        else:
            lines += [f"    b = f['f.b{i}']", "    p = min((2000 * a + b) // (2 * b), 1000)"]
        lines.append("    total += p")
        if trace:
            lines.append(f"    trace.append(('i{i}', a{', b' if shape in (1, 4) else ''}, p, 1000))")
    lines += [
        "    grade = 'denied' if not f['f.a0'] else 'a' if total >= 90000 else 'b' if total >= 80000 else 'c' if total >= 70000 else 'd' if total >= 60000 else 'none'",
        "    return total, grade, trace",
    ]
    return "\n".join(lines)


def written(*, trace: bool) -> Callable[[Facts], tuple[int, str, list[tuple[object, ...]]]]:
    """Return the hand-written function."""
    space: dict[str, Callable[[Facts], tuple[int, str, list[tuple[object, ...]]]]] = {}
    exec(source(trace=trace), space)  # noqa: S102
    return space["score"]


def timed(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each call, measured in turns."""
    counts = {}
    for name, call in calls.items():
        start = time.perf_counter()
        call()
        counts[name] = max(1, int(0.02 / max(time.perf_counter() - start, 1e-7)))
    rounds: dict[str, list[float]] = {name: [] for name in calls}
    gc.disable()
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(counts[name]):
                call()
            rounds[name].append((time.perf_counter() - start) / counts[name])
    gc.enable()
    return {name: statistics.median(times) for name, times in rounds.items()}


def main() -> None:
    """Print the ratios."""
    edition, facts = library(), answers()
    given = {
        name: Given(
            value=bool(v) if name.endswith(tuple(f"a{i}" for i in range(0, 100, 5))) and v in (0, 1) else v
        )
        for name, v in facts.items()
    }
    stated = Stated(given, {}, {}, "2024-06-30")
    world, problems = world_of(edition, stated)
    assert problems == []
    plain, traced = written(trace=False), written(trace=True)
    card = judge(edition, stated)
    assert (card.low, card.outcome.settled) == plain(facts)[:2] == traced(facts)[:2]
    subject = Subject(id="s", title="某食堂", kind="食堂")
    assert verify(scorecard_document(card, subject)) == []
    fast = emitted(edition)
    calls: dict[str, Callable[[], object]] = {
        "hand-written": lambda: plain(facts),
        "hand-written, trace of tuples": lambda: traced(facts),
        "generated functions, points only": lambda: [one(world.known) for one in fast],
        "plain interpreter, points only": lambda: [points(leaf.node, world.known) for leaf in edition.leaves],
        "judge read answers (findings, sum, vetoes, grade)": lambda: judged_world(edition, stated, world, ()),
        "judge as stated (read answers too)": lambda: judge(edition, stated),
        "judge and write every explanation": lambda: scorecard_document(judge(edition, stated), subject),
        "the same as canonical JSON": lambda: canonical(scorecard_document(judge(edition, stated), subject)),
    }
    found = timed(calls)
    bare, trace = found["hand-written"], found["hand-written, trace of tuples"]
    print(f"{'':52} {'µs':>9} {'x bare':>8} {'x traced':>9}")
    for name, seconds in found.items():
        print(f"{name:52} {seconds * 1e6:9.1f} {seconds / bare:8.1f} {seconds / trace:9.1f}")


if __name__ == "__main__":
    main()
