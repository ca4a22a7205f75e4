"""Two editions of a standard side by side: what was added, what was removed, and what reads differently.

Both are compared as people read them, so that a change of wording is a change and a new order of keys is none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.build.edition import Edition
from engine.exact import show
from engine.load import Library
from engine.models.base import Model
from engine.questionnaire import questionnaire

Kind = Literal["added", "removed", "changed"]
Sort = Literal["standard", "grade", "section", "indicator", "veto", "question"]

SORTS: tuple[Sort, ...] = ("standard", "grade", "section", "indicator", "veto", "question")
"""In the order in which differences are told."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that reads differently; None where it was not there, or is not there any more."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What was added, removed or changed, and where it stands (in the later edition, if it is there)."""

    kind: Kind
    sort: Sort
    id: str
    title: str
    where: str
    differences: tuple[Difference, ...] = ()


Told = Mapping[str, str]
"""What is said of one thing, by label."""


@dataclass(frozen=True, slots=True)
class _Thing:
    title: str
    where: str
    told: Told
    content: Any = None
    """What the file says, so that nothing goes untold for want of words."""


UNTOLD = Difference("其他", None, "规则文件里有上面的文字没有说到的改动，如计算、汇总或舍入的办法")


def compare(library: Library, before: Edition, after: Edition) -> tuple[Changed, ...]:
    """Return what a later edition changed; nothing for two editions that read the same."""
    old, new = (_things(questionnaire(library, one), one) for one in (before, after))
    return tuple(change for sort in SORTS for change in _changes(sort, old[sort], new[sort]))


def _changes(sort: Sort, old: Mapping[str, _Thing], new: Mapping[str, _Thing]) -> Iterator[Changed]:
    """Yield the differences of one sort, in the order of the later edition, what was removed last."""
    for name, thing in new.items():
        if name not in old:
            yield Changed("added", sort, name, thing.title, thing.where, _alone(thing.told, later=True))
        elif differences := _differences(old[name], thing):
            yield Changed("changed", sort, name, thing.title, thing.where, differences)
    for name, thing in old.items():
        if name not in new:
            yield Changed("removed", sort, name, thing.title, thing.where, _alone(thing.told, later=False))


def _differences(old: _Thing, new: _Thing) -> tuple[Difference, ...]:
    labels = dict.fromkeys([*new.told, *old.told])
    pairs = [Difference(one, old.told.get(one) or None, new.told.get(one) or None) for one in labels]
    found = tuple(one for one in pairs if one.before != one.after)
    return found or (() if old.content == new.content else (UNTOLD,))


def _alone(told: Told, *, later: bool) -> tuple[Difference, ...]:
    said = [
        (label, text) for label, text in told.items() if text and label in ("分值", "计分", "后果", "成立")
    ]
    return tuple(Difference(label, None if later else text, text if later else None) for label, text in said)


def _things(data: Mapping[str, Any], edition: Edition) -> dict[Sort, dict[str, _Thing]]:
    found: dict[Sort, dict[str, _Thing]] = {sort: {} for sort in SORTS}
    written: dict[str, Any] = {one.id: _content(one.source) for one in edition.every_leaf}
    written |= {one.id: _content(one.source) for one in edition.vetoes}
    ranks = {one.id: _content(one.source) for one in edition.ranks}
    whole = _content(edition.standard, *ELSEWHERE)
    found["standard"][data["standard"]] = _Thing(data["title"], "", _standard(data, edition), whole)
    for grade in data["grades"]:
        name = grade["id"]
        found["grade"][name] = _Thing(grade["title"], "", _grade(grade), ranks.get(name))
    for section in data["sections"]:
        if section["points"] is not None:
            told = {"名称": section["title"], "分值": section["points"]}
            found["section"][section["id"]] = _Thing(section["title"], "", told)
        for group in section["groups"]:
            where = " · ".join(filter(None, (section["title"], group["title"])))
            for item in group["items"]:
                name, title = item["id"], item["title"]
                if item["kind"] == "indicator":
                    found["indicator"][name] = _Thing(title, where, _indicator(item, where), written[name])
                elif item["kind"] == "veto":
                    found["veto"][name] = _Thing(title, where, _veto(item, where), written[name])
    for name, question in data["questions"].items():
        found["question"][name] = _Thing(question["title"], question["desk"], _question(question))
    return found


ELSEWHERE = ("edition", "sections", "grades", "vetoes", "bonus", "basis", "changes")
"""What is told of a standard by its parts, or makes no difference to a score."""


def _content(model: Model, *left_out: str) -> dict[str, Any]:
    """Return what a file says of something, besides its examples."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"examples", *left_out})


def _standard(data: Mapping[str, Any], edition: Edition) -> Told:
    standard = edition.standard
    incidents = [f"{one.title}：每次扣 {show(one.points)} 分" for one in standard.incidents]
    bonus = [f"最多 {show(standard.bonus.up_to)} 分"] if standard.bonus else []
    bonus += [
        f"{one.title}：{'取最高的一项' if one.combine == 'highest' else '各项相加'}"
        + (f"，最多 {show(one.up_to)} 分" if one.up_to is not None else "")
        for one in (standard.bonus.groups if standard.bonus else ())
    ]
    figures = [
        f"{one.title}：{each.value}{one.unit or ''}（{each.region or '不分地区'}，{each.from_ or ''}–{each.to or ''}）"
        for one in standard.parameters
        for each in one.values
    ]
    sides = {"self": "自评", "panel": "评审组", "survey": "测评"}
    shares = [f"{sides[who]} {show(share * 100)}%" for who, share in standard.raters.final.items()]
    panel = f"至少 {standard.raters.panel.at_least} 位专家"
    return {
        "扣分事件": "\n".join(incidents),
        "附加分": "\n".join(bonus),
        "随日期、地区变化的数": "\n".join(figures),
        "各方评分": "，".join([*shares, panel]),
        "总分上限": show(standard.total_cap) if standard.total_cap is not None else "",
        "名称": data["title"],
        "状态": data["status"],
        "说明": data["disclaimer"] or "",
        "评定对象": data["per"],
        "总分": data["total"],
        "通则": "\n".join(data["general"]),
        "依据": _basis(data["basis"]),
    }


def _grade(grade: Mapping[str, Any]) -> Told:
    return {
        "名称": grade["title"],
        "分数线": grade["line"],
        "前置": "\n".join(grade["requires"]),
        "说明": grade["note"] or "",
        "依据": _basis(grade["basis"]),
    }


def _indicator(item: Mapping[str, Any], where: str) -> Told:
    return {
        "名称": item["title"],
        "所在": where,
        "分值": item["points"],
        "关键项": "是" if item["key"] else "",
        "评定对象": item["per"] or "",
        "计分": "\n".join(_rule(item["rule"])),
        "适用": "\n".join(item["conditions"]),
        "失分怎么办": item["fix"] or "",
        "说明": item["note"] or "",
        "依据": _basis(item["basis"]),
    }


def _veto(item: Mapping[str, Any], where: str) -> Told:
    return {
        "名称": item["title"],
        "所在": where,
        "后果": item["effect"],
        "成立": "\n".join(item["conditions"]),
        "怎么改": item["fix"] or "",
        "说明": item["note"] or "",
        "依据": _basis(item["basis"]),
    }


def _question(question: Mapping[str, Any]) -> Told:
    wanted = {
        "问题": "ask",
        "类型": "type",
        "期间": "period",
        "对象": "per",
        "证据": "proof",
        "核查": "inspect",
    }
    return {label: str(question[key] or "") for label, key in wanted.items()} | {
        "抽样": question["sample"] or "",
        "说明": question["help"] or "",
    }


def _rule(rule: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    yield "　" * depth + rule["text"]
    for part in rule["parts"]:
        yield from _rule(part, depth + 1)


def _basis(lines: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(_cited(one) for one in lines)


def _cited(one: Mapping[str, Any]) -> str:
    parts: Iterable[str | None] = (
        f"【{one['provenance']}】",
        one["source"],
        one["article"],
        "、".join(one["covers"]),
        one["note"],
        "待核对" if one["verify"] else None,
    )
    return " ".join(filter(None, parts))
