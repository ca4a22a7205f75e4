"""Vetoes judged: by facts, or by what was earned."""

from collections.abc import Mapping
from functools import partial

from engine.build.edition import Edition
from engine.cases import World, settled
from engine.finding import Finding, Ruling
from engine.memory import Memory, recalled_of
from engine.models.veto import ResultTest, VetoState
from engine.total import Item, Sum, item_of, share
from engine.tree import All, Leaf, Overrule


def rulings_of(
    edition: Edition,
    findings: Mapping[str, Finding],
    total: Sum,
    world: World,
    as_of: str,
    *,
    memory: Memory | None = None,
) -> tuple[Ruling, ...]:
    """Judge every veto that is in force on the day of assessment."""
    rulings = tuple(
        recalled_of(memory, "veto", veto.id, (veto.vars, edition, world), partial(ruling, veto, world))
        for veto in edition.vetoes
        if in_force(veto, as_of)
    )
    return with_results(edition, findings, total, rulings)


def with_results(
    edition: Edition, findings: Mapping[str, Finding], total: Sum, rulings: tuple[Ruling, ...]
) -> tuple[Ruling, ...]:
    """Judge again the vetoes that look at what was earned."""
    return tuple(_with_result(edition, findings, total, one) for one in rulings)


def _with_result(edition: Edition, findings: Mapping[str, Finding], total: Sum, one: Ruling) -> Ruling:
    """Let what was earned decide, together with the facts where the veto reads both."""
    test = one.veto.source.when_result
    if test is None or (one.holds is False and one.veto.when is not None):
        return one
    earned = _earned(edition, findings, total, test)
    if one.veto.when is None or earned is False:
        return one._replace(holds=earned)
    return one._replace(holds=None if None in (earned, one.holds) else True)


def in_force(veto: Overrule, as_of: str) -> bool:
    """Whether a veto stands on the day of assessment."""
    early = veto.source.from_ is not None and as_of < veto.source.from_
    late = veto.source.to is not None and as_of > veto.source.to
    return not early and not late


def ruling(veto: Overrule, world: World) -> Ruling:
    """Judge one veto by facts: does it apply, does it hold, and if not, is there doubt."""
    if veto.when is None:
        return Ruling(veto, None)
    if veto.applies is not None and settled(veto.applies, world) is False:
        return Ruling(veto, False, "absent")
    gate = () if veto.applies is None else (veto.applies,)
    held = settled(All((*gate, veto.when)), world)
    if held is not False or veto.doubt is None:
        return Ruling(veto, held)
    doubt = settled(All((*gate, veto.doubt)), world)
    return Ruling(veto, None, "doubtful") if doubt else Ruling(veto, doubt)


def said_of(one: Ruling) -> VetoState:
    """Return what a ruling is called."""
    if one.word == "absent":
        return "不适用"
    if one.word == "doubtful":
        return "存疑"
    return "还不知道" if one.holds is None else "成立" if one.holds else "不成立"


def _earned(edition: Edition, findings: Mapping[str, Finding], total: Sum, test: ResultTest) -> bool | None:
    if test.keys_missed_at_least is not None:
        least, most = keys_missed(edition, findings)
        wanted = test.keys_missed_at_least
        return True if least >= wanted else False if most < wanted else None
    assert test.less_than is not None
    found = share(tested(edition, findings, total, test))
    if found is None:
        return False
    low, high, counts = found
    if low >= test.less_than:
        return False
    return True if high < test.less_than and counts else None


def tested(
    edition: Edition, findings: Mapping[str, Finding], total: Sum, test: ResultTest
) -> tuple[Item, ...]:
    """Return what a test of a share adds up."""
    if test.section is not None:
        return next(one for one in total.sections if one.branch.id == test.section).items
    return tuple(item_of(findings[leaf.id]) for leaf in edition.leaves if kind_of(edition, leaf) == test.per)


def kind_of(edition: Edition, leaf: Leaf) -> str:
    """Return what kind of subject an indicator is judged on."""
    return leaf.source.per or edition.standard.per


def keys_missed(edition: Edition, findings: Mapping[str, Finding]) -> tuple[int, int]:
    """Return the least and most key items that are not met; an absent one is not missed."""
    least = most = 0
    for leaf, line in edition.keys:
        finding = findings[leaf.id]
        if finding.state != "absent":
            least += finding.high < line and finding.state != "doubtful"
            most += finding.low < line
    return least, most
