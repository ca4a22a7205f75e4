"""Vetoes and red lines: of the standard, of its sections and of the parts these share."""

from collections.abc import Iterable

from engine.build.conditions import condition
from engine.build.draft import Draft
from engine.models.conditions import Facts, Test
from engine.models.veto import ResultTest, Veto
from engine.problem import Path, listed, nearest
from engine.strict_yaml import Document
from engine.tree import All, Condition, Overrule

Written = tuple[tuple[Veto, ...], Document]
"""The vetoes of one document."""


def vetoes_of(draft: Draft, written: Iterable[Written], known: dict[str, set[str]]) -> tuple[Overrule, ...]:
    """Build the vetoes of several documents; `known` are the ids of all sections, empty when one is missing."""
    result = list[Overrule]()
    for vetoes, document in written:
        for index, veto in enumerate(vetoes):
            built = _veto(draft, veto, ("vetoes", index), document, known)
            result += [built] if built else []
    return tuple(result)


def _veto(
    draft: Draft, veto: Veto, path: Path, document: Document, known: dict[str, set[str]]
) -> Overrule | None:
    who = f"否决项 {veto.id}"
    draft.once(veto.id, "否决项", path, document)
    cap = getattr(veto.effect, "cap", None)
    if cap is not None:
        known_grade(draft, cap, (*path, "effect", "cap"), who, document)
    draft.period(veto.from_, veto.to, path, who, document)
    draft.cite(veto.basis, path, who, document)
    if veto.when is None and veto.when_result is None:
        draft.say(path, f"{who} 要写 when 或 when_result", "请至少补上一个", "veto", document)
        return None
    if veto.when_result is not None and not _fits(draft, veto, veto.when_result, path, document, known):
        return None
    read = {
        key: condition(draft.scope(who, document), one, (*path, key))
        for key in ("when", "applies_when", "doubt_when")
        if (one := getattr(veto, key)) is not None
    }
    when = _recent(draft, veto, read["when"], path, document) if veto.when is not None else None
    if None in read.values() or (veto.when is not None and when is None):
        return None
    applies, doubt = read.get("applies_when"), read.get("doubt_when")
    return Overrule(veto.id, veto.title, when, applies, doubt, veto, document.file, path)


def _recent(
    draft: Draft, veto: Veto, when: Condition | None, path: Path, document: Document
) -> Condition | None:
    """Limit a condition to events of the last months, where the veto looks back."""
    who = f"否决项 {veto.id}"
    if (veto.event_day is None) != (veto.look_back_months is None):
        what = f"{who} 的追溯要同时写 event_day 和 look_back_months"
        draft.say(path, what, "请补上另一个", "look-back", document)
    if veto.event_day is None or veto.look_back_months is None:
        return when
    within = Facts({veto.event_day: Test(within_months=veto.look_back_months)})
    recent = condition(draft.scope(who, document), within, (*path, "event_day"))
    return All((when, recent)) if when and recent else None


def _fits(
    draft: Draft, veto: Veto, test: ResultTest, path: Path, document: Document, known: dict[str, set[str]]
) -> bool:
    """Whether a test of what was earned is whole and names what there is; a problem where not."""
    who, at = f"否决项 {veto.id}", (*path, "when_result")
    about = [key for key in ("keys_missed_at_least", "section", "per") if getattr(test, key) is not None]
    if len(about) != 1 or (test.less_than is None) == (about != ["keys_missed_at_least"]):
        what = f"{who} 的 when_result 要写 keys_missed_at_least，或 section、per 之一加 less_than"
        draft.say(at, what, "请补全，或删去多余的", "veto", document)
        return False
    if veto.applies_when or veto.doubt_when or (veto.event_day and veto.when is None):
        what = f"{who} 按得分判断，不能再写 applies_when、doubt_when，没有 when 也不能写 event_day"
        draft.say(path, what, "请删去，或改写成 when", "veto", document)
        return False
    if test.section is not None and known["section"] and test.section not in known["section"]:
        near = nearest(test.section, known["section"])
        advice = f"最接近的是 {near}" if near else f"分区有：{listed(sorted(known['section']))}"
        draft.say((*at, "section"), f"{who} 提到的分区 {test.section} 不存在", advice, "veto", document)
        return False
    return True


def known_grade(draft: Draft, grade: str, path: Path, who: str, document: Document | None = None) -> None:
    """Check that a grade which is named is one of the standard's."""
    ids = [one.id for one in draft.standard.grades]
    if grade not in ids:
        advice = f"等级有：{listed(ids)}" if ids else "这个标准还没有写 grades"
        draft.say(path, f"{who} 提到的等级 {grade} 不存在", advice, "unknown-grade", document)
