"""zhunsheng verify: add a scorecard up again, independently of the program that wrote it."""

from pathlib import Path
from typing import Annotated

import typer

from engine.added_up import add_up
from engine.command.common import Json, console, print_json, print_problems, stop
from engine.command.files import bytes_or_stop, read_or_stop
from engine.models.scorecard import PublishedResult
from engine.outside import read_json
from engine.published import verify_published

MOST = 64_000_000
"""Bytes of a file we wrote ourselves: the scorecards of a university with many buildings."""


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
    found = add_up(read_json(bytes_or_stop(path), str(path), MOST))
    if found.problems:
        print_problems(list(found.problems))
        raise stop(f"{path} 不是一份完整的成绩单，没有重算。请用 zhunsheng score --out 重新写出。", 1)
    return list(found.wrong)
