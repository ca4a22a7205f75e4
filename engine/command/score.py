"""zhunsheng score: judge a submission and say why."""

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.build.edition import Edition
from engine.command.common import Json, Root, Verbose, choose, console, load_or_stop, stop
from engine.command.files import read_or_stop, write_or_stop
from engine.command.stopwatch import Stopwatch
from engine.document import canonical, roll_up_document, scorecard_document
from engine.exact import show as show_number
from engine.layers import Layers, layered
from engine.models.submission import Review, Submission
from engine.rollup import RolledUp, roll_up, stated_by

STATES = {"settled": "", "open": "未定", "absent": "缺项", "doubtful": "适用未定"}
ABSENT = ("exclude", "full", "zero", "refuse")
LABELS = {"sourced": "原文所载", "adapted": "据原文改写", "proposed": "建议稿"}


def score(
    submission: Annotated[Path, typer.Argument(help="填报文件（YAML 或 JSON）")],
    review: Annotated[list[Path] | None, typer.Option("--review", help="评审记录，可写多个")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="把成绩单（规范 JSON）写到这个文件")] = None,
    root: Root = None,
    *,
    verbose: Verbose = False,
    brief: Annotated[bool, typer.Option("--brief", help="只看总分、等级和分区")] = False,
    as_json: Json = False,
) -> None:
    """给一份填报评分：总分、等级、每项得分的理由、还缺什么。"""
    watch = Stopwatch(wanted=verbose)
    given, document, problems = read_or_stop(submission, "submission")
    watch.told("读填报")
    library = load_or_stop(root, watch)
    edition = choose(library, f"{given.standard}/{given.edition}")
    if given.hash and given.hash != edition.hash:
        said = f"填报钉住的版本指纹是 {given.hash[:12]}…，现在的规则是 {edition.hash[:12]}…。请取回当时的规则再评。"
        raise stop(said, 1)
    layers = layered(edition, stated_by(given, document), [_review(path, given) for path in review or []])
    rolled = roll_up(edition, given, document) if given.units else None
    data = _documents(given, layers, rolled)
    text = canonical(data if len(data) > 1 else data["self"])
    watch.told("评分和说明")
    watch.whole()
    if out is not None:
        write_or_stop(out, text)
    if as_json:
        typer.echo(text, nl=False)
    else:
        for name, title in TITLES.items():
            if name in data:
                show(console(), data[name], title, brief=brief or name not in ("self", "final"))
        if rolled is not None:
            _show_roll_up(console(), data, edition)
        if out is not None:
            console().print(f"成绩单已写入 {out}")
    told = [one for _, card in rolled.units for one in card.problems] if rolled else layers.self.problems
    wrong = [one for one in (*problems, *told) if one.severity == "error"]
    raise typer.Exit(1 if wrong else 0)


def _review(path: Path, given: Submission) -> Review:
    """Read a review; one of another submission ends the command."""
    review, _, problems = read_or_stop(path, "review")
    assert isinstance(review, Review)
    if problems:
        raise stop("评审记录要全部读得懂才能合成。请先改正。", 1)
    mine = (given.standard, given.edition, given.subject.id)
    its = (review.standard, review.edition, review.subject)
    if mine != its:
        raise stop(f"{path} 评的是 {'/'.join(its)}，这份填报是 {'/'.join(mine)}。请换成同一份填报的评审。", 1)
    return review


TITLES = {"self": "自评", "panel": "评审组", "final": "最终"}


def _documents(given: Submission, layers: Layers, rolled: RolledUp | None) -> dict[str, Any]:
    """Return every layer as a document, and the units when there are some: then the whole has no score of its own."""
    alone = rolled is None or layers.panel is not None
    data: dict[str, Any] = {"self": scorecard_document(layers.self, given.subject)} if alone else {}
    for index, (review, card) in enumerate(layers.inspectors, 1):
        data[f"inspector-{index}"] = scorecard_document(card, given.subject, f"inspector {review.inspector}")
    if layers.panel and layers.final:
        data["panel"] = scorecard_document(layers.panel, given.subject, "panel")
        data["final"] = scorecard_document(layers.final, given.subject, "final", layers.weighing)
    if rolled is not None:
        data["roll_up"] = roll_up_document(rolled)
        data["units"] = [scorecard_document(card, unit.subject) for unit, card in rolled.units]
    return data


def ends_text(found: dict[str, str]) -> str:
    """Print an interval."""
    return found["low"] if found["low"] == found["high"] else f"{found['low']}–{found['high']}"


def show(out: Console, card: dict[str, Any], layer: str, *, brief: bool) -> None:
    """Print a scorecard."""
    standard = card["standard"]
    out.print(Text(f"{card['subject']['title']} · {standard['title']} · {layer}", style="bold"))
    out.print(
        Text(f"版本 {standard['edition']}（指纹 {standard['hash'][:12]}）评定日 {card['as_of']}", style="dim")
    )
    if standard["disclaimer"]:
        out.print(Text(standard["disclaimer"], style="yellow"))
    grades = "、".join(one["title"] for one in card["grade"]["possible"])
    grades = grades if card["grade"]["settled"] else f"还可能是 {grades}"
    total = (ends_text(card["total"]), "bold")
    out.print(Text.assemble("\n总分 ", total, f" / {standard['total']}    等级 ", (grades, "bold")))
    coverage = card["coverage"]
    out.print(
        f"已填 {coverage['answered']}/{coverage['asked']} 个事实，已有定论的指标合 {coverage['settled_points']} 分"
    )
    _sections(out, card)
    _vetoes(out, card)
    for incident in card["incidents"]:
        if incident["high"] != "0":
            out.print(f"扣分 {incident['title']}：{incident['why']['text']}", soft_wrap=True)
    if not brief:
        _indicators(out, card)
        _derived(out, card)
    _settling(out, card)
    for problem in card["problems"]:
        out.print(Text(f"{problem['where']} {problem['message']}", style="red"), soft_wrap=True)
    out.print()


def _sections(out: Console, card: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("分区", "得分", "满分", ""):
        table.add_column(name, justify="right" if name in ("得分", "满分") else "left")
    for section in card["sections"]:
        table.add_row(section["title"], ends_text(section), section["points"], _bar(section))
    if card["bonus"]:
        table.add_row(
            "附加分",
            ends_text(card["bonus"]),
            card["bonus"]["up_to"],
            _bar(card["bonus"] | {"points": card["bonus"]["up_to"]}),
        )
    out.print(table)


def _bar(one: dict[str, Any], width: int = 30) -> str:
    """Draw an interval: sure points full, possible ones light."""
    full = Fraction(one["points"])
    sure, most = (int(Fraction(one[end]) * width / full) for end in ("low", "high"))
    return "█" * sure + "▒" * (most - sure) + "·" * (width - most)


def _vetoes(out: Console, card: dict[str, Any]) -> None:
    styles = {"成立": "bold red", "存疑": "yellow", "还不知道": "yellow"}
    for state, style in styles.items():
        for veto in (one for one in card["vetoes"] if one["state"] == state):
            word = veto["doubt"] or state if state == "存疑" else state
            said = "" if state == "还不知道" else f"{word}，"
            told = (said + veto["sentence"], style)
            head = Text.assemble(("否决项 ", "bold"), f"{veto['title']}：", told)
            out.print(head, soft_wrap=True)
    titles = {one["id"]: one["title"] for one in card["standard"]["grades"]}
    for one in card["requirements"]:
        if one["met"] is not True:
            word = "不满足" if one["met"] is False else "还不知道"
            out.print(f"{titles[one['grade']]}的前置“{one['title']}”：{word}", soft_wrap=True)


def _indicators(out: Console, card: dict[str, Any]) -> None:
    for section in card["sections"]:
        out.print(Text(f"\n{section['title']} {ends_text(section)}/{section['points']}", style="bold"))
        for leaf in leaves(section):
            _indicator(out, leaf)
    for group in (card["bonus"] or {"groups": []})["groups"]:
        out.print(Text(f"\n附加分 {group['title']} {ends_text(group)}", style="bold"))
        for leaf in group["indicators"]:
            _indicator(out, leaf)


def _indicator(out: Console, leaf: dict[str, Any]) -> None:
    state = "缺项" if leaf["mode"] in ABSENT else STATES[leaf["state"]]
    lost = leaf["state"] == "settled" and leaf["high"] != leaf["points"]
    style = "red" if lost else "yellow" if state else "green"
    head = Text.assemble(
        (f"  {ends_text(leaf):>9}/{leaf['points']:<5}", style),
        f" {leaf['title']} ",
        (leaf["id"], "dim"),
        f" {state}",
    )
    out.print(head, soft_wrap=True)
    out.print(Text(f"{'':17}{leaf['sentence']}"), soft_wrap=True)
    for step in leaf["next"]:
        out.print(Text(f"{'':17}下一步：{step}", style="cyan"), soft_wrap=True)


def leaves(branch: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the indicators below a section or group, in order."""
    return [leaf for group in branch["groups"] for leaf in leaves(group)] + list(branch["indicators"])


def _derived(out: Console, card: dict[str, Any]) -> None:
    if card["derived"]:
        out.print(Text("\n由填报算出", style="bold"))
        for one in card["derived"]:
            out.print(f"  {one['text']}", soft_wrap=True)


def _settling(out: Console, card: dict[str, Any]) -> None:
    settling = card["settling"]
    titles = {one["id"]: one["title"] for one in card["coverage"]["missing"]}
    if settling["ways"]:
        out.print(Text("\n要定级，可以只答这些（尽量少的）", style="bold"))
        first = settling["vetoes"] if len(settling["ways"]) > 1 else []
        if first:
            out.print(f"  先弄清否决项：{len(first)} 项（{_some(first, titles)}）", soft_wrap=True)
        for way in settling["ways"]:
            facts = [fact for fact in way["facts"] if fact not in first]
            said = (
                f"{'再答 ' if first else ''}{len(facts)} 项（{_some(facts, titles)}）"
                if facts
                else "不用再答"
            )
            out.print(f"  定为{way['title']}：{said}", soft_wrap=True)
    if settling["matters"]:
        out.print(Text("影响最大的未答事实", style="bold"))
        for one in settling["matters"][:10]:
            out.print(f"  {one['title']}：关系 {one['points']} 分")


def _some(facts: list[str], titles: dict[str, str], most: int = 8) -> str:
    names = [titles.get(fact, "人工评定 " + fact.removeprefix("judge:")) for fact in facts]
    return "、".join(names[:most]) + (" 等" if len(names) > most else "")


def _show_roll_up(out: Console, data: dict[str, Any], edition: Edition) -> None:
    """Print every subject, the four numbers and the titles."""
    rolled, grades = data["roll_up"], {rank.id: rank.title for rank in edition.ranks}
    out.print(Text(f"{edition.standard.title} · 逐个评定", style="bold"))
    table = Table(box=None, pad_edge=False)
    for name in ("对象", "得分", "等级"):
        table.add_column(name, justify="right" if name == "得分" else "left")
    for unit in rolled["units"]:
        possible = "、".join(unit["possible"])
        table.add_row(
            unit["title"], ends_text(unit["total"]), possible if unit["grade"] else f"还可能是 {possible}"
        )
    out.print(table)
    for card in data["units"]:
        for problem in card["problems"]:
            said = f"{card['subject']['title']}：{problem['where']} {problem['message']}"
            out.print(Text(said, style="red"), soft_wrap=True)
    out.print(Text("汇总", style="bold"))
    for key, word in (("mean", "平均"), ("worst", "最低"), ("weighted_mean", "加权平均")):
        if rolled[key]:
            out.print(f"  {word} {_rounded(rolled[key], 1)}")
    for key, word in (("shares", "按个数"), ("weighted_shares", "按权重")):
        for grade, share in rolled[key].items():
            out.print(f"  {grades[grade]}以上，{word}占 {_rounded(share, 100)}%")
    for title in rolled["titles"]:
        word = {True: "授予", False: "不授予", None: "还不知道"}[title["earned"]]
        out.print(f"  {title['title']}：{word}")


def _rounded(found: dict[str, str], times: int) -> str:
    """Print an interval to two places, half up."""
    low, high = (show_number(Fraction(found[end]) * times, 2) for end in ("low", "high"))
    return low if low == high else f"{low}–{high}"
