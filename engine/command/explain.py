"""zhunsheng explain and zhunsheng table: one indicator or veto, whole."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.answers import Stated
from engine.build.edition import Edition
from engine.check import REFERENCE_DAY
from engine.command.common import Json, Root, choose, console, load_or_stop, print_json, stop
from engine.command.files import read_or_stop
from engine.command.score import LABELS, ends_text
from engine.document import Writer
from engine.exact import show_points
from engine.explain import explain as tell
from engine.explain_veto import explain_veto
from engine.item import find_item, table_data, tables_of
from engine.judge import Scorecard, judge
from engine.load import Library
from engine.models.basis import Basis
from engine.problem import nearest
from engine.rollup import stated_by
from engine.rule_words import veto_lines
from engine.rulings import said_of
from engine.tree import Leaf, Overrule

Name = Annotated[str, typer.Argument(help="指标或否决项的编号")]
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
    edition, item = _find(library, indicator, f"{given.standard}/{given.edition}" if given else standard)
    stated = stated_by(given, document) if given else Stated({}, {}, {}, REFERENCE_DAY)
    card = judge(edition, stated)
    told = _leaf_told(card, item) if isinstance(item, Leaf) else _veto_told(card, item)
    if as_json:
        print_json(told)
        return
    out = console()
    points = f"满分 {told['points']}" if isinstance(item, Leaf) else "否决项"
    out.print(Text(f"{item.title}（{item.id}）{points}", style="bold"))
    out.print(Text(told["defined"], style="dim"))
    if given and isinstance(item, Leaf):
        out.print(Text.assemble("得分 ", (ends_text(told), "bold"), f"  {told['sentence']}"), soft_wrap=True)
        out.print(Text(f"依据的行：{told['line']}", style="dim"))
        for step in told["next"]:
            out.print(Text(f"下一步：{step}", style="cyan"), soft_wrap=True)
    elif given:
        out.print(Text.assemble((told["state"], "bold"), f"  {told['sentence']}"), soft_wrap=True)
    _tables(out, edition, item)
    for one in item.source.basis:
        out.print(_basis(library, one), soft_wrap=True)
    if item.source.fix:
        out.print(
            f"{'失分怎么办' if isinstance(item, Leaf) else '怎么改'}：{item.source.fix}", soft_wrap=True
        )


def _leaf_told(card: Scorecard, leaf: Leaf) -> dict[str, Any]:
    told = tell(card, leaf.id)
    return Writer(card).indicator(told) | {"defined": str(told.place), "line": str(told.line)}


def _veto_told(card: Scorecard, veto: Overrule) -> dict[str, Any]:
    place = str(card.edition.documents[veto.file].place(veto.path))
    data = {"id": veto.id, "title": veto.title, "rule": veto_lines(card.edition, veto), "defined": place}
    ruling = next((one for one in card.rulings if one.veto is veto), None)
    if ruling is None:
        return data | {"state": "评定日不适用", "sentence": "", "missing": []}
    told = explain_veto(card, ruling)
    return data | {"state": said_of(ruling), "sentence": told.sentence, "missing": list(told.missing)}


def _basis(library: Library, one: Basis) -> str:
    source = library.sources.get(one.source or "")
    name = source.title if source else (one.note or "没有出处")
    mark = "（须核对）" if one.verify or (source and source.verify) else ""
    return f"依据 [{LABELS[one.provenance]}] {name} {one.article or ''}{mark}"


def table(indicator: Name, standard: Which = None, root: Root = None, *, as_json: Json = False) -> None:
    """打印一个指标的判定表：每种情形得几分。"""
    edition, item = _find(load_or_stop(root), indicator, standard)
    if as_json:
        print_json([table_data(edition, one) for one in tables_of(edition, item)])
        return
    points = show_points(item.points, edition.per_point) if isinstance(item, Leaf) else ""
    what = f"满分 {points}" if points else "否决项"
    console().print(Text(f"{item.title}（{item.id}）{what}", style="bold"))
    _tables(console(), edition, item)


def _find(library: Library, name: str, standard: str | None) -> tuple[Edition, Leaf | Overrule]:
    """Return the indicator or veto of that id, and its edition; where several have it, one must be named."""
    found = [edition for edition in library.editions.values() if find_item(edition, name)]
    edition = found[0] if standard is None and len(found) == 1 else None
    if edition is None and standard is None and not found and len(library.editions) > 1:
        near = nearest(name, [one for edition in library.editions.values() for one in _ids(edition)])
        raise stop(f"没有一个标准有指标或否决项 {name}。" + (f"最接近的是 {near}。" if near else ""))
    edition = edition or choose(library, standard)
    item = find_item(edition, name)
    if item is None:
        near = nearest(name, _ids(edition))
        raise stop(
            f"{edition.standard.title} 没有指标或否决项 {name}。" + (f"最接近的是 {near}。" if near else "")
        )
    return edition, item


def _ids(edition: Edition) -> list[str]:
    return [*(leaf.id for leaf in edition.every_leaf), *(veto.id for veto in edition.vetoes)]


def _tables(out: Console, edition: Edition, item: Leaf | Overrule) -> None:
    for one in tables_of(edition, item):
        data = table_data(edition, one)
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
    if isinstance(item, Overrule) and item.when is None:
        for line in veto_lines(edition, item):
            out.print(line, soft_wrap=True)
