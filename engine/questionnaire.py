"""An edition as plain data for people to read and fill in: the tree, the rules in words, the questions, the sources."""

from collections.abc import Iterable, Iterator
from typing import Any

from engine.build.edition import Edition
from engine.exact import show, show_points
from engine.load import Library
from engine.models.basis import Basis
from engine.models.checklist import Answer, Bound, Bounds, Fact, Scalar
from engine.models.veto import Cap, Drop
from engine.rule_words import Rule, conditions_of, demand_line, general_lines, rule_of, veto_lines
from engine.tree import Branch, Leaf, Overrule, Var
from engine.wording import missing_facts

STATUS = {"draft": "草案", "trial": "试行", "official": "正式", "withdrawn": "废止"}
PROVENANCE = {"sourced": "原文所载", "adapted": "据原文改写", "proposed": "建议稿"}
COVERS = {"item": "项目", "points": "分值", "rule": "规则", "evidence": "证据"}
TYPES = {
    "yes_no": "是 / 否",
    "integer": "整数",
    "number": "小数",
    "percent": "百分数",
    "money": "金额（元）",
    "date": "日期",
    "datetime": "日期和时刻",
    "text": "文字",
}

EXTRAS, RED_LINES, OTHERS = "+bonus", "+vetoes", "+others"
"""Ids of the sections that no file writes: bonus items, vetoes of the standard itself, and what only the sum asks."""


def questionnaire(library: Library, edition: Edition) -> dict[str, Any]:
    """Return an edition as a tree of items, each with its rule in words and the facts it reads, and the questions.

    A fact stands under every item that reads it; its question is told once.
    """
    return _Teller(library, edition).tell()


def facts_behind(edition: Edition, reads: frozenset[Var]) -> list[Fact]:
    """Return the questions behind a rule, in the order of the checklists."""
    place = {name: index for index, name in enumerate(edition.words.defined)}
    names = sorted(missing_facts(reads, {}, edition.words), key=lambda name: place.get(name, 0))
    return [fact for name in names if (fact := edition.words.fact(name)) is not None]


def home_of(edition: Edition, veto: Overrule) -> Branch | None:
    """Return the section that a red line stands in; None for a veto of the standard itself."""
    for section in edition.sections:
        files = {section.file, *(child.file for child in section.children)}
        if veto.file in files and not veto.file.endswith("/standard.yaml"):
            return section
    return None


def effect_of(edition: Edition, veto: Overrule) -> str:
    """Return in words what happens when a veto holds."""
    titles = {rank.id: rank.title for rank in edition.ranks}
    match veto.source.effect:
        case Cap(cap=cap):
            return f"最高评{titles.get(cap, cap)}"
        case Drop(drop=drop):
            return f"降 {drop} 级"
        case "stop":
            return "停止评定"
    return edition.standard.denied_title or "不予评定"


def proof_of(fact: Fact) -> str:
    """Return in words what counts as proof; empty when nothing is asked for."""
    proof = fact.evidence
    if proof is None:
        return ""
    fresh = f"，{proof.valid_months} 个月内有效" if proof.valid_months else ""
    count = f"，至少 {proof.at_least} 件" if proof.at_least > 1 else ""
    return f"{proof.kind}{count}{fresh}" + (f"，由{proof.from_}出具" if proof.from_ else "")


def about(fact: Fact) -> list[str]:
    """Return what else one should know to answer a question: its type, period and help."""
    return [type_of(fact.answer), *(one for one in (fact.period, fact.help) if one)]


def type_of(answer: Scalar) -> str:
    """Return a type in words."""
    options = answer.choice or answer.choices
    if options:
        names = " / ".join(one.title or one.id for one in options)
        return f"{'单选' if answer.choice else '多选'}：{names}"
    if isinstance(answer, Answer) and answer.table:
        columns = "、".join(f"{name}（{type_of(column)}）" for name, column in answer.table.columns.items())
        return f"表格：{columns}"
    return TYPES[answer.kind] + (f"，{answer.unit}" if answer.unit else "")


class _Teller:
    def __init__(self, library: Library, edition: Edition) -> None:
        self.library, self.edition, self.standard = library, edition, edition.standard
        self.home = {fact.id: listed for listed in library.checklists.values() for fact in listed.facts}

    def tell(self) -> dict[str, Any]:
        standard = self.standard
        return {
            "standard": standard.id,
            "edition": standard.edition,
            "hash": self.edition.hash,
            "title": standard.title,
            "status": STATUS[standard.status],
            "disclaimer": standard.disclaimer,
            "per": standard.per,
            "issuer": standard.issuer,
            "total": show(standard.total),
            "grades": list(self.grades()),
            "general": general_lines(self.edition),
            "basis": self.basis(standard.basis),
            "changes": [
                {"date": one.date, "version": one.version, "affects": list(one.affects), "text": one.text}
                for one in standard.changes
            ],
            "sections": list(self.sections()),
            "questions": {name: self.question(name) for name in self.edition.facts},
        }

    def grades(self) -> Iterator[dict[str, Any]]:
        """Yield the grades from the highest, each with its line and what it requires besides, then what is below."""
        for rank in self.edition.ranks:
            line = show_points(rank.line, self.edition.per_point)
            yield {
                "id": rank.id,
                "title": rank.title,
                "line": f"{'超过' if rank.above else '不低于'} {line} 分",
                "requires": [demand_line(self.edition, one) for one in rank.demands],
                "basis": self.basis(rank.source.basis),
                "note": rank.source.note,
            }
        if self.edition.ranks:
            yield {
                "id": "none",
                "title": self.standard.no_grade,
                "line": "其余",
                "requires": [],
                "basis": [],
                "note": None,
            }

    def sections(self) -> Iterator[dict[str, Any]]:
        """Yield the sections of the files, then the bonus, then the vetoes of the standard, then what is left."""
        told = set[str]()
        parts = [*map(self.section, self.edition.sections), self.bonus(), self.vetoes()]
        for part in parts:
            if part["groups"]:
                told.update(
                    fact for group in part["groups"] for one in group["items"] for fact in one["facts"]
                )
                yield part
        left = [name for name in self.edition.facts if name not in told]
        if left:
            yield self.others(left)

    def section(self, branch: Branch) -> dict[str, Any]:
        """Return a section: its indicators by group, and its red lines last."""
        groups = list(self.groups(branch))
        red = [veto for veto in self.edition.vetoes if home_of(self.edition, veto) is branch]
        if red:
            groups.append(
                {"id": f"{branch.id}+red", "title": "红线（不计分）", "items": [*map(self.veto, red)]}
            )
        points = show_points(branch.points, self.edition.per_point)
        return {"id": branch.id, "title": branch.title, "points": points, "groups": groups}

    def groups(self, branch: Branch, above: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
        """Yield the lowest headings below a branch, each with its indicators; deeper titles carry those above."""
        leaves = [child for child in branch.children if isinstance(child, Leaf)]
        if leaves:
            title = " · ".join(above)
            yield {"id": branch.id, "title": title, "items": [*map(self.leaf, leaves)]}
        for child in branch.children:
            if isinstance(child, Branch):
                yield from self.groups(child, (*above, child.title))

    def bonus(self) -> dict[str, Any]:
        groups = [
            {"id": one.id, "title": one.title, "items": [*map(self.leaf, one.leaves)]}
            for one in self.edition.extras
        ]
        points = show_points(self.edition.extra_cap, self.edition.per_point)
        return {"id": EXTRAS, "title": "加分", "points": points, "groups": groups}

    def vetoes(self) -> dict[str, Any]:
        own = [self.veto(one) for one in self.edition.vetoes if home_of(self.edition, one) is None]
        groups = [{"id": RED_LINES, "title": "", "items": own}] if own else []
        return {"id": RED_LINES, "title": "否决与参评条件", "points": None, "groups": groups}

    def others(self, facts: list[str]) -> dict[str, Any]:
        item = _item(OTHERS, "其他事实", "others", facts)
        return {
            "id": OTHERS,
            "title": "其他",
            "points": None,
            "groups": [{"id": OTHERS, "title": "", "items": [item]}],
        }

    def leaf(self, leaf: Leaf) -> dict[str, Any]:
        """Return an indicator."""
        source = leaf.source
        facts = [fact.id for fact in facts_behind(self.edition, leaf.vars)]
        return _item(leaf.id, leaf.title, "indicator", facts) | {
            "points": show_points(leaf.points, self.edition.per_point),
            "key": source.key,
            "per": source.per,
            "rule": _rule(rule_of(self.edition, leaf)),
            "conditions": conditions_of(leaf),
            "claimable": leaf.applies is None and source.absent not in (None, "refuse"),
            "fix": source.fix,
            "note": source.note,
            "basis": self.basis(source.basis),
        }

    def veto(self, veto: Overrule) -> dict[str, Any]:
        """Return a veto."""
        source = veto.source
        facts = [fact.id for fact in facts_behind(self.edition, veto.vars)]
        return _item(veto.id, veto.title, "veto", facts) | {
            "effect": effect_of(self.edition, veto),
            "conditions": veto_lines(self.edition, veto),
            "fix": source.fix,
            "note": source.note,
            "basis": self.basis(source.basis),
        }

    def basis(self, basis: Iterable[Basis]) -> list[dict[str, Any]]:
        """Return what something rests on: which source, where in it, and how near to its words."""
        return [
            {
                "source": source.title if (source := self.library.sources.get(one.source or "")) else None,
                "number": source.number if source else None,
                "issuer": source.issuer if source else None,
                "date": source.date if source else None,
                "article": one.article,
                "covers": [COVERS[part] for part in one.covers],
                "provenance": PROVENANCE[one.provenance],
                "verify": one.verify or bool(source and source.verify),
                "note": one.note,
            }
            for one in basis
        ]

    def question(self, name: str) -> dict[str, Any]:
        """Return a question as it is asked."""
        fact = self.edition.words.fact(name)
        assert fact is not None
        desk = self.home[name].checklist
        return {
            "ask": fact.ask,
            "title": fact.name,
            "desk": desk.title,
            "answer": type_data(fact.answer),
            "type": type_of(fact.answer),
            "period": fact.period,
            "per": fact.per or desk.subject,
            "proof": proof_of(fact) or None,
            "pieces": fact.evidence.at_least if fact.evidence else 0,
            "inspect": fact.inspect,
            "sample": fact.sample,
            "help": fact.help,
        }


def _item(name: str, title: str, kind: str, facts: list[str]) -> dict[str, Any]:
    return {"id": name, "title": title, "kind": kind, "facts": facts}


def _rule(rule: Rule) -> dict[str, Any]:
    return {"text": rule.text, "parts": [_rule(one) for one in rule.parts]}


def type_data(answer: Scalar) -> dict[str, Any]:
    """Return a type as data: its kind, and what goes with it."""
    found: dict[str, Any] = {"kind": answer.kind}
    if answer.unit:
        found["unit"] = answer.unit
    options = answer.choice or answer.choices
    if options:
        found["options"] = [{"id": one.id, "title": one.title or one.id} for one in options]
    bounds = answer.integer or answer.number or answer.percent or answer.money
    if bounds:
        found |= _bounds(bounds)
    days = answer.date or answer.datetime
    if days:
        found |= days.model_dump(exclude_none=True)
    if answer.text:
        found["at_most"] = answer.text.at_most
    if isinstance(answer, Answer) and answer.table:
        table = answer.table
        found["columns"] = [{"name": name, **type_data(one)} for name, one in table.columns.items()]
        found |= {"rows_at_least": table.at_least, "rows_at_most": table.at_most}
    return found


def _bounds(bounds: Bounds) -> dict[str, Any]:
    ends = {"at_least": bounds.at_least, "at_most": bounds.at_most}
    found: dict[str, Any] = {key: _end(one) for key, one in ends.items() if one is not None}
    return found if bounds.decimals is None else found | {"decimals": bounds.decimals}


def _end(bound: Bound) -> str:
    """Return a bound as text: a number, or the id of the fact that sets it."""
    return bound if isinstance(bound, str) else show(bound)
