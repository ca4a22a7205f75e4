"""Parts of an edition as people read it: finding an item, its rule, its tables, its sources, its examples; and what changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app_pages.components.tables import table
from app_pages.components.words import html
from engine.compare import Changed, Difference

MARKS = {"原文所载": "sourced", "据原文改写": "adapted", "建议稿": "proposed"}
KINDS = {"added": "新增", "removed": "删去", "changed": "改动"}
SORTS = {
    "standard": "标准本身",
    "grade": "等级",
    "section": "分区",
    "indicator": "指标",
    "veto": "否决与红线",
    "question": "要填的问题",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An item where it stands: its section, the heading it is under, and what is said of it."""

    section: str
    group: str
    item: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How it is listed."""
        star = "★ " if self.item.get("key") else ""
        points = (
            f"　{self.item['points']} 分" if "points" in self.item else f"　{self.item.get('effect', '')}"
        )
        return f"{star}{self.item['title']}{points}"


def places(told: Mapping[str, Any]) -> Iterator[Place]:
    """Yield every indicator and veto of an edition in its order."""
    for section in told["sections"]:
        for group in section["groups"]:
            for item in group["items"]:
                if item["kind"] != "others":
                    yield Place(section["title"], group["title"], item)


def found(told: Mapping[str, Any], wanted: str) -> list[Place]:
    """Return the items in which every word stands: in number, title, rule, questions, or the headings above."""
    words = wanted.casefold().split()
    return [one for one in places(told) if all(word in _everything(told, one) for word in words)]


def _everything(told: Mapping[str, Any], one: Place) -> str:
    item, questions = one.item, told["questions"]
    asked = [
        text for name in item["facts"] for text in (name, questions[name]["ask"], questions[name]["title"])
    ]
    said = [one.section, one.group, item["id"], item["title"], *_lines(item.get("rule")), *item["conditions"]]
    return "\n".join([*said, *asked]).casefold()


def _lines(rule: Mapping[str, Any] | None) -> Iterator[str]:
    if rule is not None:
        yield rule["text"]
        for part in rule["parts"]:
            yield from _lines(part)


# One item -----------------------------------------------------------------------------------------------------------


def rule(item: Mapping[str, Any]) -> str:
    """Return the rule in words, and when it applies."""
    said = f"<p>{html(item['rule']['text'])}</p>{_nested(item['rule']['parts'])}" if "rule" in item else ""
    return said + "".join(f"<p>{html(line)}</p>" for line in item["conditions"])


def _nested(parts: Sequence[Mapping[str, Any]]) -> str:
    if not parts:
        return ""
    items = (f"<li>{html(one['text'])}{_nested(one['parts'])}</li>" for one in parts)
    return f"<ul>{''.join(items)}</ul>"


def decision(one: Mapping[str, Any]) -> str:
    """Return a decision table: what holds, and the points."""
    gate = one["columns"] == ["条件", "结果"]
    head = [*one["columns"], *([] if gate else ["扣分" if "扣" in one["title"] else "得分"])]
    rows = [
        [html(row["cells"].get(name, "—")) for name in one["columns"]] + ([] if gate else [f"{ends(row)}"])
        for row in one["rows"]
    ]
    title = f"<h4>{html(one['title'])}</h4>"
    notes = "".join(f"<li>{html(note)}</li>" for note in one["notes"])
    listed = f"<p>各项：</p><ul>{notes}</ul>" if notes else ""
    if not rows:
        return f"{title}<p>情形太多，不逐行列出；得分在 {ends(one)} 之间。</p>{listed}"
    return f'{title}<div class="zs-data">{table(head, rows, one["title"])}</div>{listed}'


def ends(one: Mapping[str, str]) -> str:
    """Print points or the two ends of them."""
    return html(one["low"] if one["low"] == one["high"] else f"{one['low']}–{one['high']}")


def basis(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return where something comes from, each line marked by how near it is to its source."""
    if not lines:
        return "<p>没有写依据。</p>"
    return f"<ul>{''.join(f'<li>{_cited(one)}</li>' for one in lines)}</ul>"


def _cited(one: Mapping[str, Any]) -> str:
    mark = f'<span class="zs-mark zs-{MARKS[one["provenance"]]}">{html(one["provenance"])}</span>'
    verify = ' <span class="zs-mark zs-verify">待核对</span>' if one["verify"] else ""
    named = " ".join(html(one[key]) for key in ("source", "article") if one[key]) or "本项目提出"
    issued = "，".join(html(one[key]) for key in ("number", "issuer", "date") if one[key])
    covers = f"涉及{'、'.join(html(part) for part in one['covers'])}" if one["covers"] else ""
    more = "；".join(filter(None, (issued, covers, html(one["note"]) if one["note"] else "")))
    return f"{mark}{verify} {named}" + (f"<br><small>{more}</small>" if more else "")


def questions(names: Iterable[str], told: Mapping[str, Any]) -> str:
    """Return the questions behind an item: what is asked, what counts as proof, how it is checked."""
    return "".join(_question(name, told["questions"][name]) for name in names)


def _question(name: str, one: Mapping[str, Any]) -> str:
    facts = (
        ("类型", one["type"]),
        ("期间", one["period"]),
        ("由谁填", one["desk"]),
        ("证据", one["proof"]),
        ("现场核查", one["inspect"]),
        ("抽样", one["sample"]),
        ("说明", one["help"]),
    )
    rows = "".join(f"<dt>{label}</dt><dd>{html(text)}</dd>" for label, text in facts if text)
    return f'<section class="zs-ask"><h4>{html(one["ask"])}</h4><p><code>{html(name)}</code></p><dl>{rows}</dl></section>'


def examples(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the examples of an item; each is run as a test whenever the rules are checked."""
    cells = [
        [
            html(one["title"] or f"例 {place}"),
            "<br>".join(f"{html(each['title'])}：{html(each['value'])}" for each in one["given"])
            or "什么都没有填",
            html(one["gives"]) + (f"<br><small>{html(one['when'])}</small>" if one["when"] else ""),
        ]
        for place, one in enumerate(rows, 1)
    ]
    return f'<div class="zs-data">{table(("例子", "填了", "结果"), cells, "例子")}</div>'


# The edition --------------------------------------------------------------------------------------------------------


def grades(told: Mapping[str, Any]) -> str:
    """Return the grades, what they require, and what holds for all indicators."""
    rows = [
        [
            html(one["title"]),
            html(one["line"]),
            "<br>".join(html(line) for line in one["requires"]) or "—",
        ]
        for one in told["grades"]
    ]
    listed = "".join(f"<li>{html(line)}</li>" for line in told["general"])
    shown = f'<div class="zs-data">{table(("等级", "总分", "还须满足"), rows, "等级")}</div>' if rows else ""
    return shown + (f"<h4>通则</h4><ul>{listed}</ul>" if listed else "")


def history(told: Mapping[str, Any]) -> str:
    """Return what was changed in the standard, as its drafters tell it."""
    return "".join(
        f'<article class="zs-change"><h4>{html(one["date"])}　{html(one["version"])}</h4><p>{html(one["text"])}</p>'
        + (f"<p><small>涉及：{html('、'.join(one['affects']))}</small></p>" if one["affects"] else "")
        + "</article>"
        for one in told["changes"]
    )


def change(one: Changed) -> str:
    """Return one difference between two editions."""
    lines = "".join(map(_difference, one.differences))
    where = f"<p><small>{html(one.where)}</small></p>" if one.where else ""
    return (
        f'<article class="zs-change"><h4><span class="zs-mark zs-{one.kind}">{KINDS[one.kind]}</span> {html(one.title)}'
        f" <code>{html(one.id)}</code></h4>{where}{lines}</article>"
    )


def _difference(one: Difference) -> str:
    before = f"<del>{_text(one.before)}</del>" if one.before else ""
    after = f"<ins>{_text(one.after)}</ins>" if one.after else ""
    return f'<div class="zs-diff"><b>{html(one.label)}</b><div>{before}{after}</div></div>'


def _text(text: str) -> str:
    return html(text).replace("\n", "<br>")
