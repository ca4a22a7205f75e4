"""zhunsheng verify: add a scorecard up again, independently of the program that wrote it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.command.common import Json, console, print_json, print_problems, stop
from engine.command.files import bytes_or_stop, read_or_stop
from engine.models.scorecard import PublishedResult
from engine.outside import read_json, shaped
from engine.problem import Problem
from engine.published import verify_published
from engine.strict_yaml import Document
from engine.verify import verify as add_up

MOST = 64_000_000
"""Bytes of a file we wrote ourselves: the scorecards of a university with many buildings."""

LAYERS = {"self": "自评", "panel": "评审组", "final": "最终"}


def verify(
    scorecard: Annotated[Path, typer.Argument(help="成绩单 JSON（score --out 写出的），或公布结果 YAML")],
    *,
    as_json: Json = False,
) -> None:
    """独立重算一份成绩单或公布的结果，加不平的地方逐条列出。"""
    wrong = _scorecards(scorecard) if scorecard.suffix == ".json" else _published(scorecard)
    if as_json:
        print_json({"file": str(scorecard), "wrong": wrong})
    else:
        for line in wrong:
            console().print(line, soft_wrap=True)
        console().print(f"{len(wrong)} 处对不上。" if wrong else "重算一致。")
    raise typer.Exit(1 if wrong else 0)


def _published(path: Path) -> list[str]:
    result, _, problems = read_or_stop(path, "published")
    assert isinstance(result, PublishedResult)
    return [str(problem) for problem in problems] + verify_published(result)


def _scorecards(path: Path) -> list[str]:
    """Return what does not add up in each scorecard of a file: the one, or every layer and unit."""
    document = read_json(bytes_or_stop(path), str(path), MOST)
    problems = list[Problem](document.problems)
    found = list[str]()
    for title, data in _cards(document.data):
        one = Document(str(path), data)
        mistakes = shaped(one, "scorecard")
        problems += mistakes
        if not mistakes:
            found += [f"{title}{line}" for line in add_up(data)]
    if problems:
        print_problems(problems)
        raise stop(f"{path} 不是一份完整的成绩单，没有重算。请用 zhunsheng score --out 重新写出。", 1)
    return found


def _cards(data: Any) -> list[tuple[str, Any]]:
    """Return every scorecard of a document with what it is called."""
    if not isinstance(data, dict) or "format" in data or not data.keys() & {"self", "units"}:
        return [("", data)]
    layers = [
        (f"{LAYERS.get(name, name)}：", one) for name, one in data.items() if name not in ("units", "roll_up")
    ]
    units = data.get("units")
    return layers + [
        (f"第 {i} 个对象：", one) for i, one in enumerate(units if isinstance(units, list) else [], 1)
    ]
