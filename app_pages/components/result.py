"""Pieces of the result page as HTML, from the same report that Excel and PDF are printed from."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from app_pages.components.words import html, span
from portal.reports.report import Card, Item, Lost, Part, Unit, Veto, Whole
from portal.reports.shapes import falls, shares

FIRST = 12
"""Losses that are shown at once; the others are folded away."""

FEW = 12
"""Answers that settle a grade are listed at once up to so many, else folded away."""

STOPS = 3
"""Vetoes that are shown at once."""

LOOKS: Mapping[str, str] = {"满分": "full", "失分": "lost", "未定": "open", "适用未定": "open"}
VETO_LOOKS: Mapping[str, str] = {"成立": "lost", "不成立": "full", "还不知道": "open"}
TURNS: Mapping[str | None, str] = {
    "more": "得分提高",
    "less": "得分降低",
    "clearer": "更确定",
    "wider": "更不确定",
    None: "不变",
}


def word(text: str, looks: str = "") -> str:
    """Return a word on a ground; the word says all, the colour only helps."""
    return f'<span class="zr-word {looks}">{html(text)}</span>'


def listed(items: Iterable[str]) -> str:
    """Return a list of HTML items."""
    return f"<ul>{''.join(f'<li>{one}</li>' for one in items)}</ul>"


def folded(summary: str, body: str, *, opened: bool = False) -> str:
    """Return something that opens on a tap, without a round trip."""
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>{body}</details>"


def headline(card: Card) -> str:
    """Return the total with its interval, the grade, and how much is answered."""
    answered, asked = card.answered
    might = (
        f"<p>没有填的就是“还不知道”，不算 0 分，也不算“否”。还可能是：<b>{html('、'.join(card.possible))}</b></p>"
        if len(card.possible) > 1
        else ""
    )
    return (
        '<div class="zr-head">'
        f"<div><span>总分（满分 {card.total.full}）</span><b>{card.total.span}</b></div>"
        f"<div><span>等级</span><b>{html(card.grade)}</b></div>"
        f'<div class="zr-mid"><span>已答问题</span><b>{answered} / {asked}</b></div>'
        f'<div class="zr-mid"><span>已有定论的指标合</span><b>{card.settled_points} 分</b></div>'
        f"</div>{might}<p><small>等级线：{html('　'.join(card.lines))}</small></p>"
    )


def notices(told: Sequence[str]) -> str:
    """Return what these figures are and are not."""
    return f'<div class="zr-note">{"".join(f"<p>{html(one)}。</p>" for one in told)}</div>'


def standing(vetoes: Iterable[Veto]) -> str:
    """Return the vetoes that hold or are in doubt, before everything else; of many, the first ones."""
    told = [_stands(one) for one in vetoes if one.stands]
    rest = told[STOPS:]
    return "".join(told[:STOPS]) + (folded(f"还有 {len(rest)} 条一票否决", "".join(rest)) if rest else "")


def _stands(one: Veto) -> str:
    head = word("一票否决" if one.state == "成立" else one.state, "lost")
    fix = f"<p><b>怎么改</b>　{html(one.fix)}</p>" if one.fix else ""
    return (
        f'<div class="zr-stop"><p>{head} <b>{html(one.title)}</b>　→ {html(one.effect)}</p><p>{html(one.reason)}</p>'
        f"{fix}{folded('依据', listed(map(html, one.basis)))}</div>"
    )


def other_vetoes(vetoes: Iterable[Veto]) -> str:
    """Return the vetoes that do not hold, or are not known yet, folded away by what is found."""
    text = ""
    for state in ("还不知道", "不成立", "不适用"):
        rows = [one for one in vetoes if one.state == state and not one.stands]
        told = (
            f"{html(one.title)}　→ {html(one.effect)}<br><small>{html(one.reason)}</small>" for one in rows
        )
        text += folded(f"一票否决：{state} {len(rows)} 条", listed(told)) if rows else ""
    return text


def bar(*pieces: tuple[str, float, float], whole: bool = False) -> str:
    """Return a bar of pieces: what each is, where it begins, how long it is, as shares of the width."""
    drawn = "".join(
        f'<i class="{kind}" style="left:{begin:.3%};width:{max(size, 0.004):.3%}"></i>'
        for kind, begin, size in pieces
        if size > 0
    )
    return f'<div class="zr-bar{" whole" if whole else ""}" aria-hidden="true">{drawn}</div>'


def chart(rows: Iterable[str], *heads: str) -> str:
    """Return a chart that is a table: every bar has its numbers beside it, for eyes and for readers."""
    head = "".join(
        f'<th role="columnheader" scope="col"{" class=zr-num" if place > 1 else ""}>{one}</th>'
        for place, one in enumerate(heads)
    )
    return f'<table class="zr-chart" role="table"><thead><tr role="row">{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def row(title: str, drawn: str, *numbers: str) -> str:
    """Return one row of a chart."""
    cells = "".join(f'<td role="cell" class="zr-num">{one}</td>' for one in numbers)
    return f'<tr role="row"><th role="rowheader" scope="row">{html(title)}</th><td role="cell">{drawn}</td>{cells}</tr>'


def sections(parts: Iterable[Part]) -> str:
    """Return the sections as a chart."""
    legend = '<p class="zr-legend"><span><i class="sure"></i>已经确定</span><span><i class="open"></i>还可能得到</span></p>'
    rows = (
        row(
            one.title,
            bar(("open", low, high - low), ("sure", 0.0, low), whole=True),
            f"{one.span} 分",
            f"满分 {one.full}",
        )
        for one, low, high in shares(parts)
    )
    return legend + chart(rows, "分区", "", "得分", "满分")


def waterfall(card: Card) -> str:
    """Return the way from full points to the total as a chart."""
    legend = (
        '<p class="zr-legend"><span><i class="lost"></i>已经失去</span><span><i class="open"></i>还没有定</span>'
        '<span><i class="sure"></i>加上的分，满分和总分（为看清变化，没有从 0 画起）</span></p>'
    )
    rows = (
        row(
            one.title,
            bar((one.kind, one.begin, one.size), ("open", one.open_begin, one.open_size)),
            f"{one.said} 分" if one.said else "",
            f"未定 {one.open_said}" if one.open_said else "",
        )
        for one in falls(card.steps)
    )
    return legend + chart(rows, "从满分到总分", "", "分数", "还没有定")


def losses(lost: Sequence[Lost]) -> str:
    """Return what each indicator cost, the most first; the smaller ones folded away."""
    told = [_loss(one) for one in lost]
    rest = told[FIRST:]
    return "".join(told[:FIRST]) + (folded(f"其余 {len(rest)} 项", "".join(rest)) if rest else "")


def _loss(one: Lost) -> str:
    cost = [f"失 {one.lost} 分"] if one.lost != "0" else []
    cost += [f"未定 {one.open} 分"] if one.open != "0" else []
    head = f"<b>{html(one.title)}</b><small>{html(one.section)}</small>"
    if one.item is None:
        return f'<article class="zr-one"><header>{head}<span>{"，".join(cost)}</span></header></article>'
    item, looks = one.item, LOOKS.get(one.item.state, "")
    points = (
        f"<span>{'，'.join(cost)}</span><small>得 {item.span} / {item.full}</small>{word(item.state, looks)}"
    )
    taken = f"<p>因“{html(one.void)}”有不合规，整组不得分。</p>" if one.void else ""
    return f'<article class="zr-one"><header>{head}{points}</header>{taken}{_told(item)}</article>'


def _told(item: Item) -> str:
    steps = "".join(f'<p class="zr-step"><b>下一步</b>　{html(one)}</p>' for one in item.next)
    fix = f"<p><b>怎么改</b>　{html(item.fix)}</p>" if item.fix else ""
    basis = folded(f"依据　{html(item.provenance)}", listed(map(html, item.basis)))
    return f"<p>{html(item.reason)}</p>{steps}{fix}{basis}"


def everything(items: Iterable[Item]) -> str:
    """Return every indicator by section, folded away."""
    text = ""
    for section, own in groupby(items, key=lambda one: one.section):
        rows = "".join(
            f'<article class="zr-one"><header><b>{"★ " if one.key else ""}{html(one.title)}</b>'
            f"<span>{one.span} / {one.full} 分</span>{word(one.state, LOOKS.get(one.state, ''))}</header>"
            f"<p>{html(one.reason)}</p></article>"
            for one in own
        )
        text += folded(html(section), rows)
    return text


def settle(card: Card) -> str:
    """Return what would settle the grade, and which answers matter most."""
    ways = "".join(
        folded(f"定为<b>{html(grade)}</b>：最少再答 {len(facts)} 项", listed(map(html, facts)), opened=True)
        for grade, facts in card.ways
    )
    matters = listed(
        f"<b>{html(title)}</b>　牵动 {points} 分、{count} 个指标" for title, points, count in card.matters
    )
    return ways + (f"<p>没有答的问题里，牵动分数最多的：</p>{matters}" if card.matters else "")


def above(card: Card) -> str:
    """Return what stands beside the sum: requirements of grades that are not met, weighing, problems."""
    unmet = [f"<b>{html(grade)}</b>：{html(told)}" for grade, told in card.unmet]
    weighed = [f"{html(one.title)}占 {one.full}：{one.span} 分" for one in card.weighing]
    problems = [f"需要留意：{html(one)}" for one in card.problems]
    lines = listed(weighed + problems) if weighed or problems else ""
    return lines + (folded("还没有满足的等级前置", listed(unmet)) if unmet else "")


def sides(rows: Sequence[tuple[str, str, str, str]], chosen: str) -> str:
    """Return the layers side by side: whose, total, grade where there are grades, when."""
    graded = any(grade for _, _, grade, _ in rows)
    cells = "".join(
        f'<tr{" class=zr-here" if whose == chosen else ""}><th scope="row">{html(whose)}</th><td>{html(total)} 分</td>'
        + (f"<td>{html(grade)}</td>" if graded else "")
        + f"<td><small>{html(stage)}</small></td></tr>"
        for whose, total, grade, stage in rows
    )
    heads = ("成绩", "总分", *(("等级",) if graded else ()), "什么时候")
    head = "".join(f'<th scope="col">{one}</th>' for one in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"


def whole(told: Whole, addresses: Sequence[str]) -> str:
    """Return the roll-up of several subjects, and each of them with the way to its own result."""
    big = "".join(
        f"<div><span>{html(title)}</span><b>{html(value)}</b></div>" for title, value in told.figures
    )
    lines = (*told.titles, *told.shares)
    listing = listed(f"{html(title)}：<b>{html(value)}</b>" for title, value in lines) if lines else ""
    vetoed = (
        f'<div class="zr-stop"><p>{word("一票否决", "lost")}　{html("、".join(told.vetoed))}</p></div>'
        if told.vetoed
        else ""
    )
    rows = "".join(_unit(unit, address) for unit, address in zip(told.units, addresses, strict=True))
    table = f'<table><thead><tr><th>对象</th><th>等级</th><th class="zr-num">总分</th></tr></thead><tbody>{rows}</tbody></table>'
    return f'{vetoed}<div class="zr-head">{big}</div>{listing}<h3>各对象</h3>{table}'


def _unit(unit: Unit, address: str) -> str:
    name = f'<a href="{address}" target="_self">{html(unit.title)}</a>'
    return f'<tr><th scope="row">{name}</th><td>{html(unit.grade)}</td><td class="zr-num">{unit.total} 分</td></tr>'


def trial(told: Mapping[str, Any]) -> str:
    """Return what would differ: total, grade, indicators, vetoes, each before and after."""
    before, after = told["before"], told["after"]
    grades = ["待定" if len(one["possible"]) > 1 else one["possible"][0] for one in (before, after)]
    text = (
        '<div class="zr-head">'
        f"<div><span>总分（满分 {told['points']}）</span><b>{span(before)} → {span(after)}</b></div>"
        f"<div><span>等级</span><b>{html(grades[0])} → {html(grades[1])}</b></div>"
        f'<div class="zr-mid"><span>变化</span><b>{TURNS[told["turn"]]}</b></div></div>'
    )
    for one in told["vetoes"]:
        text += f"<p><b>一票否决　{html(one['title'])}</b>：{one['before']} → {one['after']}<br><small>{html(one['sentence'])}</small></p>"
    for one in told["indicators"]:
        steps = "".join(f'<p class="zr-step"><b>下一步</b>　{html(step)}</p>' for step in one["next"])
        text += (
            f'<article class="zr-one"><header><b>{html(one["title"])}</b><span>{span(one["before"])} → {span(one["after"])} '
            f"/ {one['points']} 分</span></header><p>{html(one['sentence'])}</p>{steps}</article>"
        )
    if not told["indicators"] and not told["vetoes"]:
        text += "<p>这些改动不影响任何指标。</p>"
    return text + listed(map(html, told["problems"])) if told["problems"] else text
