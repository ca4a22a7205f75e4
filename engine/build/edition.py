"""A standard and its sections become an edition: one tree, ready to be judged."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import ceil

from engine.build.above import extras_of, indicators_of, losses_of, ranks_of, titles_of
from engine.build.draft import Draft
from engine.build.quantities import resolve
from engine.build.sections import SectionRead, section_of
from engine.build.vetoes import vetoes_of
from engine.build.vocabulary import Computed, Defined, Vocabulary, define
from engine.exact import show
from engine.models.conditions import Derived
from engine.models.standard import Standard
from engine.strict_yaml import Document
from engine.tree import (
    Branch,
    Condition,
    Extra,
    Leaf,
    Linear,
    Loss,
    Overrule,
    Quantity,
    Rank,
    Var,
    union,
    vars_of,
)
from engine.walk import divisors


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """One edition of one standard, built: what is judged and what the facts mean.

    `leaves` are the indicators that count towards the sum, in order; `every_leaf` has the bonus items too, `keys` are the
    key items, each with the points from which it counts as met; `divisors` is what they divide by, where that depends on
    facts; `links` are the bounds between facts, `weight` what the weight of the roll-up reads.
    """

    standard: Standard
    per_point: int
    total: int
    cap: int | None
    sections: tuple[Branch, ...]
    extras: tuple[Extra, ...]
    extra_cap: int
    vetoes: tuple[Overrule, ...]
    losses: tuple[Loss, ...]
    ranks: tuple[Rank, ...]
    words: Vocabulary
    hash: str
    documents: dict[str, Document] = field(repr=False)
    order: tuple[Computed, ...] = field(repr=False, default=())
    facts: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    title_conditions: dict[str, Condition] = field(default_factory=dict)
    links: tuple[Linear, ...] = field(repr=False, default=())
    weight: frozenset[Var] = frozenset()
    leaves: tuple[Leaf, ...] = field(init=False, repr=False)
    every_leaf: tuple[Leaf, ...] = field(init=False, repr=False)
    keys: tuple[tuple[Leaf, int], ...] = field(init=False, repr=False)
    divisors: tuple[tuple[Leaf, Linear, Quantity], ...] = field(init=False, repr=False)
    _together: dict[frozenset[Var], tuple[Var, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        leaves = tuple(leaf for section in self.sections for leaf in section.leaves)
        object.__setattr__(self, "leaves", leaves)
        every = leaves + tuple(leaf for extra in self.extras for leaf in extra.leaves)
        object.__setattr__(self, "every_leaf", every)
        keys = ((leaf, ceil(self.met_at(leaf) * leaf.points)) for leaf in leaves if leaf.source.key)
        object.__setattr__(self, "keys", tuple(keys))
        divided = ((leaf, form, about) for leaf in every for form, about in divisors(leaf.node))
        object.__setattr__(self, "divisors", tuple(divided))

    @property
    def key(self) -> tuple[str, str]:
        """Standard id and edition."""
        return self.standard.id, self.standard.edition

    def order_for(self, needed: frozenset[Var]) -> tuple[Computed, ...]:
        """Return the computed numbers behind some variables, each after what it reads."""
        wanted = set(needed)
        for made in reversed(self.order):
            if made.var in wanted:
                wanted |= made.inputs
        return tuple(made for made in self.order if made.var in wanted)

    def together(self, names: frozenset[Var]) -> tuple[Var, ...]:
        """Return variables and all that are tied to them by bounds, directly or through others."""
        found = self._together.get(names)
        if found is None:
            linked = tied(self.links, names)
            found = self._together[names] = tuple(sorted(names.union(vars_of(*linked))))
        return found

    def met_at(self, leaf: Leaf) -> Fraction:
        """Return the share of its points from which a key item counts as met."""
        return leaf.source.key_met_at or self.standard.key_items.met_at

    def leaf(self, name: str) -> Leaf | None:
        """Return the indicator of that id."""
        return next((leaf for leaf in self.every_leaf if leaf.id == name), None)


class EditionBuilder(Draft):
    """Builds one edition, noting every problem."""

    def build(self, sections: list[SectionRead], fingerprint: str) -> Edition:
        """Build the tree; the caller looks at `problems` afterwards."""
        standard = self.standard
        self._unit()
        self._own_words()
        built = tuple(section_of(self, read) for read in sections)
        known, content = self._known(sections), [one for read in sections for one in read.content]
        extras, losses = extras_of(self), losses_of(self)
        written = [(standard.vetoes, self.document), *((item.vetoes, document) for item, document in content)]
        vetoes = vetoes_of(self, written, known)
        ranks = ranks_of(self, known)
        titles = titles_of(self)
        self.cite(standard.basis, (), "标准")
        reads = _reads(built, extras, vetoes, losses, ranks, titles).union(self._weight())
        order = self._order(reads)
        names = sorted(name for name in self.words.used() if name in self.words.defined)
        derived = tuple(name for name in names if isinstance(self.words.defined[name].item, Derived))
        return Edition(
            standard,
            int(self.per_point),
            self.whole(standard.total, ("total",)),
            self.whole(standard.total_cap, ("total_cap",)) if standard.total_cap else None,
            built,
            extras,
            self.whole(standard.bonus.up_to, ("bonus", "up_to")) if standard.bonus else 0,
            vetoes,
            losses,
            ranks,
            self.words,
            fingerprint,
            {document.file: document for document in (self.document, *(document for _, document in content))},
            order,
            asked(reads, order),
            derived,
            titles,
            tied(self.words.links, reads.union(*(made.inputs for made in order))),
            self._weight(),
        )

    def _known(self, sections: list[SectionRead]) -> dict[str, set[str]]:
        """Return the ids of all sections and indicators; empty when one could not be read."""
        items = {
            read.section.section.id: [one for item, _ in read.content for one in indicators_of(item)]
            for read in sections
        }
        complete = all(len(read.parts) == len(read.section.include) for read in sections)
        whole = complete and len(sections) == len(self.standard.sections) and all(items.values())
        names = {item.id for found in items.values() for item in found}
        return {"section": set(items) if whole else set(), "indicator": names if whole else set()}

    def _weight(self) -> frozenset[Var]:
        """Return what the weight of the roll-up reads."""
        plan = self.standard.roll_up
        weight = self.words.quantities.get(plan.weight) if plan and plan.weight else None
        return vars_of(weight.top, weight.bottom) if weight else frozenset()

    def _unit(self) -> None:
        if self.per_point.denominator != 1:
            what = f"最小单位 {show(self.standard.unit)} 不能整除 1 分"
            self.say(("unit",), what, "请用 1、0.5、0.1、0.01、0.001 等", "unit")
            self.per_point = Fraction(100)

    def _own_words(self) -> None:
        """Add the parameters and derived facts that only this standard has."""
        items = list[Defined]()
        for index, parameter in enumerate(self.standard.parameters):
            items.append(Defined(parameter, self.document, ("parameters", index)))
            for number, dated in enumerate(parameter.values):
                at = ("parameters", index, "values", number, "source")
                self.source(dated.source, at, f"参数 {parameter.id} 的依据")
        for index, derived in enumerate(self.standard.derive):
            items.append(Defined(derived, self.document, ("derive", index)))
        for found in items:
            define(self.words, found, self.problems)
        spoken = self.words.uses.get("", set()).copy()
        for found in items:
            resolve(self.scope(found.item.id), found.item.id, found.path)
        self.words.uses[""] = spoken

    def _order(self, reads: frozenset[Var]) -> tuple[Computed, ...]:
        """Return the computed numbers that matter, each after what it reads."""
        done = dict[Var, Computed]()

        def visit(var: Var) -> None:
            made = self.words.computed.get(var)
            if made is None or var in done:
                return
            for below in sorted(made.inputs):
                visit(below)
            done[var] = made

        for var in sorted(reads):
            visit(var)
        return tuple(done.values())


def _reads(
    sections: tuple[Branch, ...],
    extras: tuple[Extra, ...],
    vetoes: tuple[Overrule, ...],
    losses: tuple[Loss, ...],
    ranks: tuple[Rank, ...],
    titles: dict[str, Condition],
) -> frozenset[Var]:
    """Return every variable that a rule reads."""
    groups: tuple[Branch | Extra, ...] = (*sections, *extras)
    leaves = [leaf for one in groups for leaf in one.leaves]
    demands = [demand.when for rank in ranks for demand in rank.demands]
    red = (veto.vars for veto in vetoes)
    return union([*demands, *titles.values()]).union(
        *red, *(leaf.vars for leaf in leaves), *(loss.node.vars for loss in losses)
    )


def tied(links: Iterable[Linear], reads: frozenset[Var]) -> tuple[Linear, ...]:
    """Return the bounds between facts that can matter to what is read, directly or through other facts."""
    found, names, links = list[Linear](), set(reads), tuple(links)
    while near := [link for link in links if link not in found and names & {var for var, _ in link.terms}]:
        found += near
        names |= {var for link in near for var, _ in link.terms}
    return tuple(found)


def asked(reads: frozenset[str], order: tuple[Computed, ...]) -> tuple[str, ...]:
    """Return the ids of the facts behind variables, computed ones followed to their inputs."""
    inputs = reads.union(*(made.inputs for made in order))
    names = {fact_of(var) for var in inputs}
    return tuple(sorted(name for name in names if name))


@lru_cache(maxsize=100_000)
def fact_of(var: str) -> str:
    """Return the fact that a variable belongs to; empty for judgements, days and computed numbers."""
    return (
        ""
        if var[:1] in "=@" or var.startswith("judge:")
        else var.split("#", maxsplit=1)[0].split("@", maxsplit=1)[0]
    )
