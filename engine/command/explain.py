"""zhunsheng explain and zhunsheng table: one indicator, whole."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.answers import Stated
from engine.build.edition import Edition
from engine.check import REFERENCE_DAY, blank_world
from engine.command.common import Json, Root, choose, console, load_or_stop, print_json, stop
from engine.command.files import read_or_stop
from engine.command.score import LABELS, ends_text
from engine.document import Writer
from engine.exact import show_points
from engine.explain import explain as tell
from engine.judge import judge
from engine.problem import nearest
from engine.rollup import stated_by
from engine.table import tables
from engine.tree import Leaf

Name = Annotated[str, typer.Argument(help="指标编号")]
Which = Annotated[str | None, typer.Option("--standard", help="标准，或 标准/版本；只有一个时可不写")]


def explain(
    indicator: Name,
    submission: Annotated[
        Path | None, typer.Option("--submission", "-s", help="按这份填报说明；不写则只说规则")
    ] = None,
    standard: Which = None,
    root: Root = None,
    *,
    as_json: Json = False,
) -> None:
    """说明一个指标：规则、依据、怎么改；给了填报就说明为什么得这些分。"""
    given, document, _ = read_or_stop(submission, "submission") if submission else (None, None, [])
    library = load_or_stop(root)
    edition = choose(library, f"{given.standard}/{given.edition}" if given else standard)
    leaf = _leaf(edition, indicator)
    stated = stated_by(given, document) if given else Stated({}, {}, {}, REFERENCE_DAY)
    card = judge(edition, stated)
    told = tell(card, leaf.id)
    data = Writer(card).indicator(told) | {"defined": str(told.place), "line": str(told.line)}
    if as_json:
        print_json(data)
        return
    out = console()
    out.print(Text(f"{leaf.title}（{leaf.id}）满分 {data['points']}", style="bold"))
    out.print(Text(str(told.place), style="dim"))
    if given:
        out.print(Text.assemble("得分 ", (ends_text(data), "bold"), f"  {data['sentence']}"), soft_wrap=True)
        out.print(Text(f"依据的行：{told.line}", style="dim"))
        for step in data["next"]:
            out.print(Text(f"下一步：{step}", style="cyan"), soft_wrap=True)
    _tables(out, edition, leaf)
    for one in leaf.source.basis:
        source = library.sources.get(one.source or "")
        name = source.title if source else (one.note or "没有出处")
        mark = "（须核对）" if one.verify or (source and source.verify) else ""
        out.print(f"依据 [{LABELS[one.provenance]}] {name} {one.article or ''}{mark}", soft_wrap=True)
    if leaf.source.fix:
        out.print(f"失分怎么办：{leaf.source.fix}", soft_wrap=True)


def table(indicator: Name, standard: Which = None, root: Root = None, *, as_json: Json = False) -> None:
    """打印一个指标的判定表：每种情形得几分。"""
    library = load_or_stop(root)
    edition = choose(library, standard)
    leaf = _leaf(edition, indicator)
    if as_json:
        print_json([_data(edition, one) for one in tables(edition, leaf, blank_world(edition))])
        return
    console().print(
        Text(f"{leaf.title}（{leaf.id}）满分 {show_points(leaf.points, edition.per_point)}", style="bold")
    )
    _tables(console(), edition, leaf)


def _leaf(edition: Edition, name: str) -> Leaf:
    leaf = edition.leaf(name)
    if leaf is None:
        near = nearest(name, [one.id for one in edition.every_leaf])
        raise stop(f"{edition.standard.title} 没有指标 {name}。" + (f"最接近的是 {near}。" if near else ""))
    return leaf


def _data(edition: Edition, one: Any) -> dict[str, Any]:
    def points(number: int) -> str:
        return show_points(number, edition.per_point)

    return {
        "title": one.title,
        "columns": list(one.columns),
        "notes": list(one.notes),
        "low": points(one.low),
        "high": points(one.high),
        "rows": [
            {"cells": dict(row.cells), "low": points(row.low), "high": points(row.high)} for row in one.rows
        ],
    }


def _tables(out: Console, edition: Edition, leaf: Leaf) -> None:
    for one in tables(edition, leaf, blank_world(edition)):
        data = _data(edition, one)
        out.print(Text(data["title"], style="italic"))
        shown = Table(box=None, pad_edge=False)
        gate = data["columns"] == ["条件", "结果"]
        for name in data["columns"] + ([] if gate else ["得分" if "扣" not in one.title else "扣分"]):
            shown.add_column(name)
        for row in data["rows"]:
            cells = [row["cells"].get(name, "—") for name in data["columns"]]
            shown.add_row(*cells, *([] if gate else [ends_text(row)]))
        out.print(shown)
        if data["notes"]:
            out.print("各项：" + "、".join(data["notes"]), soft_wrap=True)
        if not data["rows"]:
            out.print(f"情形太多，不逐行列出；得分在 {ends_text(data)} 之间。")
