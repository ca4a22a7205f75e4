"""zhunsheng verify: add a scorecard up again, independently of the program that wrote it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.command.common import Json, console, print_json, read_or_stop
from engine.published import verify_published
from engine.verify import verify as add_up


def verify(
    scorecard: Annotated[Path, typer.Argument(help="成绩单 JSON（score --out 写出的），或公布结果 YAML")],
    *,
    as_json: Json = False,
) -> None:
    """独立重算一份成绩单或公布的结果,加不平的地方逐条列出。"""
    wrong = [line for card in cards(scorecard) for line in card]
    if as_json:
        print_json({"file": str(scorecard), "wrong": wrong})
    else:
        for line in wrong:
            console().print(line, soft_wrap=True, markup=False)
        console().print(f"{len(wrong)} 处对不上。" if wrong else "重算一致。")
    raise typer.Exit(1 if wrong else 0)


def cards(path: Path) -> list[list[str]]:
    """Return what does not add up in each scorecard of a file."""
    if path.suffix == ".json":
        model, document = read_or_stop(path, "scorecard")
        data: Any = document.data
        return [add_up(data)] if model else []
    _, document = read_or_stop(path, "published")
    return [verify_published(document.data)]
