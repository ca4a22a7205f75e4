"""Every sample's scorecard as reviewable text: a change in rules or engine shows as a diff of these files.

Accept a change on purpose with `pytest tests/test_golden.py --update-golden`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.document import roll_up_document, scorecard_document
from engine.judge import judge
from engine.load import load
from engine.outside import read
from engine.rollup import RolledUp, roll_up, stated_by

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
SAMPLES = sorted(
    path for path in (ROOT / "samples").glob("*/*.yaml") if "\nanswers:" in path.read_text("utf-8")
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_sample_scores_as_recorded(path: Path, request: pytest.FixtureRequest) -> None:
    golden = GOLDEN / path.parent.name / f"{path.stem}.txt"
    found = "\n".join(report(path)) + "\n"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(found, "utf-8")
    assert found == golden.read_text("utf-8"), "接受这个变化:pytest tests/test_golden.py --update-golden"


def test_every_golden_has_its_sample() -> None:
    recorded = {f"{path.parent.name}/{path.stem}" for path in GOLDEN.glob("*/*.txt")}
    assert recorded == {f"{path.parent.name}/{path.stem}" for path in SAMPLES}


def report(path: Path) -> Iterator[str]:
    """Write a sample's scorecard as lines of text."""
    library, problems = load(ROOT)
    submission, document, mistakes = read(path.read_bytes(), path.name, "submission")
    assert [*problems, *mistakes] == []
    edition = library.editions[submission.standard, submission.edition]
    if submission.units:
        yield f"{submission.subject.title}"
        yield from whole(roll_up(edition, submission, document))
        return
    card = scorecard_document(judge(edition, stated_by(submission, document)), submission.subject)
    yield f"{card['subject']['title']} · {card['standard']['title']} · 评定日 {card['as_of']}"
    yield f"总分 {ends(card['total'])},等级 {'、'.join(one['title'] for one in card['grade']['possible'])}"
    yield f"已填 {card['coverage']['answered']}/{card['coverage']['asked']},定论合 {card['coverage']['settled_points']} 分"
    for section in card["sections"]:
        yield ""
        yield from branch(section, "")
    for group in card["bonus"]["groups"] if card["bonus"] else ():
        yield ""
        yield f"附加分 {group['title']} {ends(group)}"
        yield from map(leaf, group["indicators"])
    yield ""
    yield from (f"否决项 {veto['title']}:{state(veto)}" for veto in card["vetoes"])
    yield from (f"定为{way['title']} 可以只答 {len(way['facts'])} 项" for way in card["settling"]["ways"])
    yield from (one["text"] for one in card["derived"])
    yield from (f"{one['where']} {one['message']}" for one in card["problems"])


def state(veto: dict[str, Any]) -> str:
    """Tell a veto's state, and the reason where it is worth a look."""
    told = veto["state"] in ("成立", "存疑")
    return f"{veto['state']}({veto['sentence']})" if told else str(veto["state"])


def whole(rolled: RolledUp) -> Iterator[str]:
    """Write the roll-up as lines of text: each subject, the four numbers, the titles."""
    data = roll_up_document(rolled)
    for (unit, card), told in zip(rolled.units, data["units"], strict=True):
        total = scorecard_document(card, unit.subject)["total"]
        yield f"{told['title']} {ends(total)} {'、'.join(told['possible'])}"
    for name, title in (("mean", "平均"), ("worst", "最低"), ("weighted_mean", "加权平均")):
        yield f"{title} {ends(data[name]) if data[name] else '还不知道'}"
    yield from (f"{grade} 以上占 {ends(share)}" for grade, share in data["shares"].items())
    words = {True: "获得", False: "没有获得", None: "还不知道"}
    yield from (f"称号 {title['title']}:{words[title['earned']]}" for title in data["titles"])


def branch(one: dict[str, Any], indent: str) -> Iterator[str]:
    """Write a section or group."""
    yield f"{indent}{one['title']} {ends(one)}/{one['points']}"
    for group in one["groups"]:
        yield from branch(group, indent + "  ")
    yield from (f"{indent}  {leaf(indicator)}" for indicator in one["indicators"])


def leaf(one: dict[str, Any]) -> str:
    """Write an indicator."""
    state = "" if one["state"] == "settled" else f" [{one['state']}]"
    return f"{one['id']} {ends(one)}/{one['points']}{state} {one['sentence']}"


def ends(one: dict[str, str]) -> str:
    """Write an interval."""
    return one["low"] if one["low"] == one["high"] else f"{one['low']}–{one['high']}"
