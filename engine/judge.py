"""Judge: answers in, findings and a scorecard out. Explanations are built later, when somebody looks."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from engine.answers import Stated, world_of
from engine.build.edition import Edition, fact_of
from engine.build.vocabulary import Computed
from engine.cases import World, decide
from engine.derive import has_blanks
from engine.emit import Fast, emitted
from engine.evaluate import Unknown, number, truth
from engine.finding import Finding, Ruling
from engine.grades import Outcome, outcomes
from engine.intervals import interval
from engine.memory import Memory, recalled_of
from engine.problem import Problem
from engine.rulings import rulings_of
from engine.total import Sum, sum_up
from engine.tree import Leaf, Var

_NO_VALUE = {
    "parameter": "这个地区和日期没有规定的数值",
    "workdays": "没有当年的工作日历",
    "workdays_with_start": "没有当年的工作日历",
    "deadline": "没有当年的工作日历",
    "latest": "表里没有可算的行",
    "mean": "分母为 0，表里没有可算的行",
    "share": "分母为 0，表里没有可算的行",
    "least": "表里没有可算的行",
    "greatest": "表里没有可算的行",
}
"""Why a computed number has no value although everything it reads is known."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything that follows from one set of answers."""

    edition: Edition
    stated: Stated
    world: World
    findings: Mapping[str, Finding]
    sum: Sum
    rulings: tuple[Ruling, ...]
    outcome: Outcome
    problems: tuple[Problem, ...]

    @property
    def low(self) -> int:
        """The least total, in the smallest unit."""
        return self.sum.low

    @property
    def high(self) -> int:
        """The greatest total, in the smallest unit."""
        return self.sum.high

    @property
    def answered(self) -> tuple[str, ...]:
        """The facts this edition asks for that have been answered."""
        known = {fact_of(var) for var in self.world.known}
        return tuple(name for name in self.edition.facts if name in known)

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts that have not been answered and that something still waits for."""
        live = {fact_of(var) for var in _live(self)} - set(self.answered)
        return tuple(name for name in self.edition.facts if name in live)

    @property
    def asked(self) -> int:
        """How many facts matter: those answered and those something still waits for."""
        return len(self.answered) + len(self.missing)


def judge(edition: Edition, stated: Stated, memory: Memory | None = None) -> Scorecard:
    """Judge what a subject states by one edition; with the memory of the last time it takes a tenth of the time."""
    return judged_world(edition, stated, *world_of(edition, stated, memory=memory), memory=memory)


def judged_world(
    edition: Edition,
    stated: Stated,
    world: World,
    told: Iterable[Problem],
    *,
    memory: Memory | None = None,
) -> Scorecard:
    """Judge answers that have been read; `told` are the problems of reading them."""
    claims = stated.not_applicable
    findings = {
        leaf.id: recalled_of(
            memory,
            "indicator",
            leaf.id,
            (leaf.vars, edition, world),
            partial(judge_leaf, leaf, world, claims, fast),
            claims.get(leaf.id),
        )
        for leaf, fast in zip(edition.every_leaf, emitted(edition), strict=True)
    }
    card = concluded(
        edition, stated, world, findings, (*told, *refused_claims(edition, stated)), memory=memory
    )
    return replace(card, problems=(*card.problems, *_no_values(card)))


def concluded(
    edition: Edition,
    stated: Stated,
    world: World,
    findings: Mapping[str, Finding],
    problems: Iterable[Problem],
    *,
    memory: Memory | None = None,
) -> Scorecard:
    """Add findings up to a scorecard: sum, vetoes, grade."""
    total = sum_up(edition, findings, world, memory)
    rulings = rulings_of(edition, findings, total, world, stated.as_of, memory=memory)
    outcome = outcomes(edition, findings, total, rulings, world)
    return Scorecard(edition, stated, world, findings, total, rulings, outcome, tuple(problems))


def judge_leaf(leaf: Leaf, world: World, claims: Mapping[str, str], fast: Fast | None = None) -> Finding:
    """Judge one indicator; `fast` gives its points where everything it needs is known."""
    absent = leaf.source.absent
    if leaf.applies is None:
        if claims and absent not in (None, "refuse") and leaf.id in claims:
            return _absence(leaf, str(absent), claims[leaf.id])
        return _scored(leaf, world, fast)
    applies = truth(leaf.applies, world.known)
    if applies is None:
        return _doubtful(leaf, world)
    return _scored(leaf, world, fast) if applies else _absence(leaf, absent or "refuse")


def _scored(leaf: Leaf, world: World, fast: Fast | None) -> Finding:
    if fast is not None:
        with suppress(KeyError):
            exact = fast(world.known)
            return Finding(leaf, exact, exact, "settled")
    low, high = interval(leaf.node, world)
    return Finding(leaf, low, high, "settled" if low == high else "open")


def _absence(leaf: Leaf, mode: str, claim: str = "") -> Finding:
    if mode == "exclude":
        return Finding(leaf, 0, 0, "absent", mode, claim)
    given = leaf.points if mode == "full" else 0
    return Finding(leaf, given, given, "settled", mode, claim)


def _doubtful(leaf: Leaf, world: World) -> Finding:
    """Whether it applies is open: judge it where it does, and count the absence where it does not."""
    assert leaf.applies is not None
    branches = list(decide(leaf.applies, world))
    ends = [interval(leaf.node, after) for after, applies in branches if applies]
    if not ends:
        return _absence(leaf, leaf.source.absent or "refuse")
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    if all(applies for _, applies in branches):
        return Finding(leaf, low, high, "settled" if low == high else "open")
    other = _absence(leaf, leaf.source.absent or "refuse")
    if other.state == "absent":
        return Finding(leaf, low, high, "doubtful", "exclude")
    low, high = min(low, other.low), max(high, other.high)
    return Finding(leaf, low, high, "settled" if low == high else "open", other.mode)


def refused_claims(edition: Edition, stated: Stated) -> Iterable[Problem]:
    """Return what is wrong with the absences a subject claims."""
    for name in stated.not_applicable:
        leaf = edition.leaf(name)
        place = stated.document.place((*stated.prefix, "not_applicable", name))
        if leaf is None:
            yield Problem(place, f"申报缺项的指标 {name} 不存在", "请改正编号", "claim")
        elif leaf.applies is not None:
            yield Problem(
                place,
                f"指标 {name} 是否适用由填报的事实决定，不用申报缺项",
                "请填写有关事实，这条申报不起作用",
                "claim",
            )
        elif leaf.source.absent in (None, "refuse"):
            yield Problem(place, f"指标 {name} 不允许缺项", "这条申报不起作用，请照常填报", "claim")


def _no_values(card: Scorecard) -> Iterable[Problem]:
    """Report what cannot be computed although it is answered, where something still waits for it."""
    edition, world, stated = card.edition, card.world, card.stated
    seen = set[str]()
    for leaf, form, about in edition.divisors:
        if about.title in seen or card.findings[leaf.id].state == "absent":
            continue
        try:
            zero = number(form, world.known) <= 0
        except Unknown:
            continue
        if zero:
            seen.add(about.title)
            names = [fact_of(var) for var, _ in form.terms]
            place = stated.document.place((*stated.prefix, "answers", names[0]))
            what = f"{about.title}：分母为 0，算不出来，有关指标先不给定分"
            yield Problem(place, what, f"请核对 {'、'.join(names)}", "zero-divisor")
    live = _live(card)
    for made in edition.order:
        if made.var in live and made.inputs <= world.known.keys() and not has_blanks(made, world.known):
            yield _without_value(made, stated)


def _live(card: Scorecard) -> set[Var]:
    """Return the variables that open findings and rulings wait for, computed numbers followed to their inputs."""
    edition, words = card.edition, card.edition.words
    reads = [one.leaf.vars for one in card.findings.values() if one.state in ("open", "doubtful")]
    reads += [one.veto.vars for one in card.rulings if one.holds is None]
    reads += [loss.node.vars for loss in edition.losses]
    reads += [demand.when.vars for rank in edition.ranks for demand in rank.demands if demand.when]
    reads += [edition.weight]
    found, queue = set[Var](), [var for vars_ in reads for var in vars_]
    while queue:
        var = queue.pop()
        if var not in found and var not in card.world.known:
            found.add(var)
            queue += words.computed[var].inputs if var in words.computed else ()
    return found


def _without_value(made: Computed, stated: Stated) -> Problem:
    place = stated.document.place((*stated.prefix, "answers"))
    what = f"{made.title}：{_NO_VALUE.get(made.operator, '分母为 0')}，算不出来，有关指标先不给定分"
    if made.operator == "parameter":
        return Problem(place, what, "请起草人在规则里补上；填报不用改", "no-value", "notice")
    names = sorted({fact_of(var) for var in made.inputs} - {""})
    return Problem(place, what, f"请核对 {'、'.join(names)}" if names else "请起草人补上", "no-value")
