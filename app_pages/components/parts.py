"""Lists of the scorecard as HTML that folds without a round trip: indicators, vetoes, what would settle the grade."""

from collections.abc import Iterable
from typing import Any

from app_pages.components.words import COVERS, PROVENANCE, effect, html, passes, span, state_of
from engine.models.basis import Source

CSS_CLASS = {"满分": "full", "失分": "lost", "未定": "open", "适用未定": "open", "缺项": "absent"}
FIRST = 10  # so many of the facts that matter most are listed


def badge(text: str, kind: str) -> str:
    """Return a word on a coloured ground; the word says all, the colour only helps."""
    return f'<span class="zs-badge zs-{kind}">{html(text)}</span>'


def listed(items: Iterable[str]) -> str:
    """Return a list of HTML items."""
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"


def folded(summary: str, body: str) -> str:
    """Return something that opens on a tap."""
    return f'<details class="zs-fold"><summary>{summary}</summary>{body}</details>'


def problems(found: list[dict[str, str]]) -> str:
    """Return places and messages."""
    return listed(f"<code>{html(one['where'])}</code><br>{html(one['message'])}" for one in found)


def branch(part: dict[str, Any], chosen: str, sources: dict[str, Source], level: int = 3) -> str:
    """Return the groups and indicators of a section that pass the filter, or an empty string."""
    inner = "".join(branch(group, chosen, sources, min(level + 1, 5)) for group in part["groups"])
    inner += "".join(indicator(one, sources) for one in part["indicators"] if passes(one, chosen))
    if not inner or level == 3:
        return inner
    void = badge("因一处不合规整组 0 分", "lost") if part["void"] else ""
    return f"<h{level}>{html(part['title'])} <small>{span(part)} / {part['points']} 分</small>{void}</h{level}>{inner}"


def bonus(part: dict[str, Any], chosen: str, sources: dict[str, Source]) -> str:
    """Return the bonus groups that pass the filter."""
    text = ""
    for group in part["groups"]:
        inner = "".join(
            indicator(one, sources) for one in group["indicators"] if passes(one, chosen, bonus=True)
        )
        most = f"，最多 {group['up_to']} 分" if group["up_to"] is not None else ""
        text += (
            f"<h4>{html(group['title'])} <small>{span(group)} 分{most}</small></h4>{inner}" if inner else ""
        )
    return text


def count(part: dict[str, Any], chosen: str) -> int:
    """Count the indicators of a section that pass the filter."""
    return sum(count(group, chosen) for group in part["groups"]) + sum(
        passes(i, chosen) for i in part["indicators"]
    )


def indicator(one: dict[str, Any], sources: dict[str, Source]) -> str:
    """Return one indicator: points, state, why, what next, and folded away how to improve and where it comes from."""
    state = state_of(one)
    star = '<span title="关键项">★</span> ' if one["key"] else ""
    steps = "".join(f'<p class="zs-next"><b>下一步</b>　{html(step)}</p>' for step in one["next"])
    fix = (
        f"<p><b>怎么改</b>　{html(one['fix'])}</p>"
        if one["fix"] and state in ("失分", "未定", "适用未定")
        else ""
    )
    told = fix + listed(basis(line, sources) for line in one["basis"])
    title = "怎么改、依据 " if fix else "依据 "
    return (
        f'<article class="zs-one" id="{html(one["id"])}"><div class="zs-head"><span class="zs-title">{star}{html(one["title"])}</span>'
        f'<span class="zs-points">{span(one)} / {one["points"]} 分</span>{badge(state, CSS_CLASS[state])}</div>'
        f"<p>{html(one['sentence'])}</p>{steps}{folded(title + mark(one['provenance']), told)}</article>"
    )


def mark(provenance: str) -> str:
    """Return the label that tells a quoted requirement from our own proposal."""
    return f'<span class="zs-mark zs-{provenance}">{PROVENANCE[provenance]}</span>'


def basis(line: dict[str, Any], sources: dict[str, Source]) -> str:
    """Return one line of where a requirement comes from."""
    source = sources.get(line.get("source", ""))
    where = source.title if source else line.get("source", "本项目提出")
    article = f" {line['article']}" if "article" in line else ""
    covers = "、".join(COVERS[one] for one in line.get("covers", ()))
    said = [
        text
        for text in (covers and f"涉及{covers}", line.get("note"), "待核对原文" if line.get("verify") else "")
        if text
    ]
    return f"{mark(line['provenance'])} {html(where)}{html(article)}" + (
        f"<br><small>{html('；'.join(said))}</small>" if said else ""
    )


MOST_OPEN = 8
"""Open vetoes that are listed one by one; more of them are folded away."""


def vetoes(card: dict[str, Any], sources: dict[str, Source]) -> str:
    """Return the vetoes: those that hold or are in doubt, those still open, and folded away the rest."""
    grades = {grade["id"]: grade["title"] for grade in card["standard"]["grades"]}
    looks = {"成立": "lost", "存疑": "open", "还不知道": "open", "不成立": "full", "不适用": "absent"}

    def told(one: dict[str, Any]) -> str:
        fix = f"<p><b>怎么改</b>　{html(one['fix'])}</p>" if one["fix"] and one["holds"] is not False else ""
        word = one["doubt"] if one["state"] == "存疑" and one["doubt"] else one["state"]
        mark, outcome = badge(word, looks[one["state"]]), html(effect(one, grades, card["standard"]))
        what = f"{mark} <b>{html(one['title'])}</b>　→ {outcome}<br>{html(one['sentence'])}"
        return f'<div class="zs-one">{folded(what, fix + listed(basis(line, sources) for line in one["basis"]))}</div>'

    by = {state: [told(one) for one in card["vetoes"] if one["state"] == state] for state in looks}
    clear = by["不成立"] + by["不适用"]
    many = len(by["还不知道"]) > MOST_OPEN
    shown = by["成立"] + by["存疑"] + ([] if many else by["还不知道"])
    lists = [("还不知道的", by["还不知道"] if many else []), ("不成立和不适用的", clear)]
    return "".join(shown) + "".join(
        folded(f"{title} {len(rows)} 条", "".join(rows)) for title, rows in lists if rows
    )


def ways(card: dict[str, Any]) -> str:
    """Return for each grade the shortest list of facts that would settle it."""
    titles = {one["id"]: one["title"] for one in card["coverage"]["missing"]}
    return "".join(
        folded(
            f"定为<b>{html(way['title'])}</b>：最少再答 {len(way['facts'])} 项",
            listed(html(titles.get(fact, fact)) for fact in way["facts"]),
        )
        for way in card["settling"]["ways"]
    )


def matters(card: dict[str, Any]) -> str:
    """Return the unanswered facts on which the most points hang."""
    return listed(
        f"<b>{html(one['title'])}</b>　牵动 {one['points']} 分、{len(one['indicators'])} 个指标"
        for one in card["settling"]["matters"][:FIRST]
    )
