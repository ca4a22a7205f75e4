"""Sections, groups and indicators become branches and leaves."""

from fractions import Fraction
from typing import NamedTuple

from engine.build.conditions import condition
from engine.build.draft import Draft
from engine.domain import Domain
from engine.models.standard import Group, Indicator, Section, Shared
from engine.problem import Path
from engine.strict_yaml import Document
from engine.tree import Branch, Chain, Const, Leaf, Rung


class SectionRead(NamedTuple):
    """A section file with the part files it includes, each with its document."""

    section: Section
    document: Document
    parts: tuple[tuple[Shared, Document], ...] = ()

    @property
    def content(self) -> tuple[tuple[Shared, Document], ...]:
        """What the section is made of: the parts first, then what the file itself writes."""
        return (*self.parts, (self.section, self.document))


def section_of(draft: Draft, read: SectionRead) -> Branch:
    """Build one section."""
    head, document = read.section.section, read.document
    draft.once(head.id, "分区", ("section",), document)
    children = tuple(child for item, of in read.content for child in _children(draft, item, (), of, 1))
    if not any(item.groups or item.indicators for item, _ in read.content):
        draft.say(("section",), "这个分区没有任何指标", "请写 indicators 或 groups", "empty", document)
    points = draft.whole(head.points * draft.standard.scale, ("section", "points"), document)
    return Branch(head.id, head.title, points, 0, children, document.file, ("section",))


def _children(
    draft: Draft, item: Shared | Group, path: Path, document: Document, depth: int
) -> tuple[Branch | Leaf, ...]:
    result = list[Branch | Leaf]()
    for index, group in enumerate(item.groups):
        at = (*path, "groups", index)
        draft.once(group.id, "分组", at, document)
        points = draft.whole(group.points * draft.standard.scale, (*at, "points"), document)
        below = _children(draft, group, at, document, depth + 1)
        result.append(Branch(group.id, group.title, points, depth, below, document.file, at))
    for index, indicator in enumerate(item.indicators):
        at = (*path, "indicators", index)
        leaf = leaf_of(draft, indicator, at, document, draft.standard.scale)
        result += [leaf] if leaf else []
    if isinstance(item, Group) and not item.groups and not item.indicators:
        draft.say(path, f"分组“{item.title}”没有任何指标", "请写 indicators 或 groups", "empty", document)
    return tuple(result)


def leaf_of(
    draft: Draft, item: Indicator, path: Path, document: Document, scale: Fraction = Fraction(1)
) -> Leaf | None:
    """Build one indicator; None after a problem."""
    draft.once(item.id, "指标", path, document)
    who = f"指标 {item.id}"
    shaper = draft.shaper(item.id, who, document, draft.per_point * scale)
    points = shaper.whole(item.points, (*path, "points"))
    node = shaper.build(item.score, (*path, "score"), points)
    zero, applies = (
        condition(shaper.scope, one, (*path, key)) if one else None
        for key, one in (("zero_when", item.zero_when), ("applies_when", item.applies_when))
    )
    draft.cite(item.basis, path, who, document)
    if item.voids and not item.zero_when:
        what = f"{who} 写了 voids，但没有 zero_when"
        draft.say((*path, "voids"), what, "请补上什么情形下作废，或删去 voids", "voids", document)
    if node is None or (item.zero_when and zero is None) or (item.applies_when and applies is None):
        return None
    if zero is not None:
        gate = (Rung(zero, Const(0), (*path, "zero_when")), Rung(None, node, (*path, "score")))
        node = Chain(gate, path)
    if shaper.judged:
        draft.words.domains[f"judge:{item.id}"] = Domain(0, points)
    reads = node.vars | (applies.vars if applies else frozenset())
    voids = zero if item.voids else None
    return Leaf(item.id, item.title, points, node, applies, voids, item, document.file, path, reads)
