"""A standard and its sections become an edition: one tree, ready to be judged."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.build.conditions import condition
from engine.build.points import Shaper
from engine.build.quantities import Scope
from engine.build.vocabulary import Computed, Defined, Vocabulary, define
from engine.domain import Domain
from engine.exact import show
from engine.models.conditions import Derived, Facts, Test
from engine.models.scoring import Each
from engine.models.standard import Basis, Group, Indicator, Section, Standard
from engine.models.standard import Grade as GradeModel
from engine.problem import Path, Problem, listed, nearest
from engine.strict_yaml import Document
from engine.tree import (
    Add,
    All,
    Branch,
    Chain,
    Condition,
    Const,
    Demand,
    Extra,
    Leaf,
    Linear,
    Loss,
    Overrule,
    Quantity,
    Rank,
    Rung,
    Step,
)
from engine.walk import divisors


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of one standard, built: what is judged and what the facts mean.

    `leaves` are the indicators that count towards the sum, in order; `every_leaf` has the bonus items too;
    `divisors` is what they divide by, where that depends on facts.
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
    leaves: tuple[Leaf, ...] = field(init=False, repr=False)
    every_leaf: tuple[Leaf, ...] = field(init=False, repr=False)
    divisors: tuple[tuple[Leaf, Linear, Quantity], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        leaves = tuple(leaf for section in self.sections for leaf in section.leaves)
        object.__setattr__(self, "leaves", leaves)
        every = leaves + tuple(leaf for extra in self.extras for leaf in extra.leaves)
        object.__setattr__(self, "every_leaf", every)
        divided = ((leaf, form, about) for leaf in every for form, about in divisors(leaf.node))
        object.__setattr__(self, "divisors", tuple(divided))

    @property
    def key(self) -> tuple[str, str]:
        """Standard id and edition."""
        return self.standard.id, self.standard.edition

    def leaf(self, name: str) -> Leaf | None:
        """Return the indicator of that id."""
        return next((leaf for leaf in self.every_leaf if leaf.id == name), None)


class EditionBuilder:
    """Builds one edition, noting every problem."""

    def __init__(self, words: Vocabulary, standard: Standard, document: Document, sources: set[str]) -> None:
        self.words = words.branch()
        self.standard = standard
        self.document = document
        self.sources = sources
        self.problems = list[Problem]()
        self.seen: dict[str, str] = {}
        self.per_point = 1 / standard.unit

    def build(self, sections: list[tuple[Section, Document]], fingerprint: str) -> Edition:
        """Build the tree; the caller looks at `problems` afterwards."""
        standard = self.standard
        if self.per_point.denominator != 1:
            self._say(
                ("unit",),
                f"最小单位 {show(standard.unit)} 不能整除 1 分",
                "请用 1、0.5、0.1、0.01、0.001 等",
                "unit",
            )
            self.per_point = Fraction(100)
        for index, parameter in enumerate(standard.parameters):
            define(self.words, Defined(parameter, self.document, ("parameters", index)), self.problems)
        for index, derived in enumerate(standard.derive):
            define(self.words, Defined(derived, self.document, ("derive", index)), self.problems)
        built = tuple(self._section(section, document) for section, document in sections)
        extras = self._extras()
        vetoes = self._vetoes()
        losses = self._losses()
        ranks = self._ranks(built)
        titles = self._titles()
        self._sources(standard.basis, (), self.document, "标准")
        leaves = [leaf for one in built for leaf in one.leaves] + [
            leaf for extra in extras for leaf in extra.leaves
        ]
        reads = frozenset[str]().union(
            *(leaf.vars for leaf in leaves),
            *(veto.when.vars for veto in vetoes),
            *(loss.node.vars for loss in losses),
            *(demand.when.vars for rank in ranks for demand in rank.demands if demand.when),
            *(when.vars for when in titles.values()),
        )
        order = self._order(reads)
        names = sorted(name for name in self.words.used() if name in self.words.defined)
        derived = tuple(name for name in names if isinstance(self.words.defined[name].item, Derived))
        return Edition(
            standard,
            int(self.per_point),
            self._whole(standard.total, ("total",)),
            self._whole(standard.total_cap, ("total_cap",)) if standard.total_cap else None,
            built,
            extras,
            self._whole(standard.bonus.up_to, ("bonus", "up_to")) if standard.bonus else 0,
            vetoes,
            losses,
            ranks,
            self.words,
            fingerprint,
            {document.file: document for document in (self.document, *(d for _, d in sections))},
            order,
            asked(reads, order),
            derived,
            titles,
        )

    def _say(self, path: Path, what: str, next_: str, code: str, document: Document | None = None) -> None:
        self.problems.append(Problem((document or self.document).place(path), what, next_, code))

    def _whole(self, points: Fraction, path: Path, document: Document | None = None) -> int:
        number = points * self.per_point
        if number.denominator != 1:
            self._say(
                path,
                f"分值 {show(points)} 比标准的最小单位 {show(self.standard.unit)} 还细",
                "请改分值,或在 standard.yaml 里改 unit",
                "unit",
                document,
            )
        return int(number)

    def _once(self, name: str, what: str, path: Path, document: Document) -> None:
        here = document.place((*path, "id"))
        if name in self.seen:
            self._say(
                (*path, "id"),
                f"{what}编号 {name} 已经在 {self.seen[name]} 用过",
                "每个编号只能用一次,请换一个",
                "duplicate-id",
                document,
            )
        self.seen.setdefault(name, f"{here.file}:{here.line}")

    def _section(self, section: Section, document: Document) -> Branch:
        head = section.section
        self._once(head.id, "分区", ("section",), document)
        children = self._children(section, (), document, 1)
        points = self._whole(head.points * self.standard.scale, ("section", "points"), document)
        return Branch(head.id, head.title, points, 0, children, document.file, ("section",))

    def _children(
        self, item: Section | Group, path: Path, document: Document, depth: int
    ) -> tuple[Branch | Leaf, ...]:
        result = list[Branch | Leaf]()
        for index, group in enumerate(item.groups):
            at = (*path, "groups", index)
            self._once(group.id, "分组", at, document)
            points = self._whole(group.points * self.standard.scale, (*at, "points"), document)
            below = self._children(group, at, document, depth + 1)
            result.append(Branch(group.id, group.title, points, depth, below, document.file, at))
        for index, indicator in enumerate(item.indicators):
            leaf = self._leaf(indicator, (*path, "indicators", index), document)
            result += [leaf] if leaf else []
        if not item.groups and not item.indicators:
            self._say(
                (*path, "points") if path else ("section",),
                "这里没有任何指标",
                "请写 indicators 或 groups",
                "empty",
                document,
            )
        return tuple(result)

    def _leaf(self, item: Indicator, path: Path, document: Document) -> Leaf | None:
        self._once(item.id, "指标", path, document)
        who = f"指标 {item.id}"
        scope = Scope(self.words, document, who, self.problems, condition)
        shaper = Shaper(scope, item.id, self.per_point * self.standard.scale)
        points = shaper.whole(item.points, (*path, "points"))
        node = shaper.build(item.score, (*path, "score"), points)
        zero = condition(scope, item.zero_when, (*path, "zero_when")) if item.zero_when else None
        applies = condition(scope, item.applies_when, (*path, "applies_when")) if item.applies_when else None
        self._sources(item.basis, path, document, who)
        if item.voids and not item.zero_when:
            self._say(
                (*path, "voids"),
                f"{who} 写了 voids,但没有 zero_when",
                "请补上什么情形下作废,或删去 voids",
                "voids",
                document,
            )
        if node is None or (item.zero_when and zero is None) or (item.applies_when and applies is None):
            return None
        if zero is not None:
            gate = (Rung(zero, Const(0), (*path, "zero_when")), Rung(None, node, (*path, "score")))
            node = Chain(gate, path)
        if shaper.judged:
            self.words.domains[f"judge:{item.id}"] = Domain(0, points)
        reads = node.vars | (applies.vars if applies else frozenset())
        return Leaf(
            item.id,
            item.title,
            points,
            node,
            applies,
            zero if item.voids else None,
            item,
            document.file,
            path,
            reads,
        )

    def _sources(self, basis: tuple[Basis, ...], path: Path, document: Document, who: str) -> None:
        for index, one in enumerate(basis):
            if one.source and one.source not in self.sources:
                near = nearest(one.source, self.sources)
                advice = f"最接近的是 {near}" if near else "请先在 rules/sources.yaml 里登记"
                self._say(
                    (*path, "basis", index, "source"),
                    f"{who} 的依据 {one.source} 没有登记",
                    advice,
                    "unknown-source",
                    document,
                )

    def _extras(self) -> tuple[Extra, ...]:
        bonus = self.standard.bonus
        result = list[Extra]()
        for index, group in enumerate(bonus.groups if bonus else ()):
            path = ("bonus", "groups", index)
            self._once(group.id, "附加分组", path, self.document)
            leaves = [
                self._leaf(one, (*path, "indicators", i), self.document)
                for i, one in enumerate(group.indicators)
            ]
            cap = self._whole(group.up_to, (*path, "up_to")) if group.up_to else None
            kept = tuple(leaf for leaf in leaves if leaf)
            result.append(Extra(group.id, group.title, group.combine == "highest", cap, kept))
        return tuple(result)

    def _vetoes(self) -> tuple[Overrule, ...]:
        result = list[Overrule]()
        ranks = {grade.id: grade.title for grade in self.standard.grades}
        for index, veto in enumerate(self.standard.vetoes):
            path = ("vetoes", index)
            self._once(veto.id, "否决项", path, self.document)
            scope = Scope(self.words, self.document, f"否决项 {veto.id}", self.problems, condition)
            when = condition(scope, veto.when, (*path, "when"))
            cap = getattr(veto.effect, "cap", None)
            if cap is not None and cap not in ranks:
                self._say(
                    (*path, "effect"),
                    f"否决项 {veto.id} 的等级 {cap} 不存在",
                    f"等级有:{listed(ranks)}",
                    "unknown-grade",
                )
            if (veto.event_day is None) != (veto.look_back_months is None):
                self._say(
                    path,
                    f"否决项 {veto.id} 的追溯要同时写 event_day 和 look_back_months",
                    "请补上另一个",
                    "look-back",
                )
            elif veto.event_day and veto.look_back_months and when:
                within = Facts({veto.event_day: Test(within_months=veto.look_back_months)})
                recent = condition(scope, within, path)
                when = All((when, recent)) if recent else None
            self._sources(veto.basis, path, self.document, f"否决项 {veto.id}")
            if when:
                result.append(Overrule(veto.id, veto.title, when, veto, self.document.file, path))
        return tuple(result)

    def _losses(self) -> tuple[Loss, ...]:
        result = list[Loss]()
        for index, item in enumerate(self.standard.incidents):
            path = ("incidents", index)
            self._once(item.id, "扣分事件", path, self.document)
            scope = Scope(self.words, self.document, f"扣分事件 {item.id}", self.problems, condition)
            shaper = Shaper(scope, item.id, self.per_point)
            need = self._whole(self.standard.total, ("total",))
            node = shaper.build(Each(each=item.each, points=item.points, up_to=item.up_to), path, need)
            node = node.parts[0] if isinstance(node, Add) else node
            if isinstance(node, Step):
                cap = self._whole(item.up_to, (*path, "up_to")) if item.up_to else None
                if cap is not None and cap % node.gain:
                    self._say(
                        (*path, "up_to"),
                        f"扣分事件 {item.id} 的上限不是每次扣分的整数倍",
                        "请改正",
                        "incident",
                    )
                result.append(Loss(item.id, item.title, node, item))
        return tuple(result)

    def _ranks(self, sections: tuple[Branch, ...]) -> tuple[Rank, ...]:
        result = list[Rank]()
        for index, grade in enumerate(self.standard.grades):
            path = ("grades", index)
            self._once(grade.id, "等级", path, self.document)
            if (grade.at_least is None) == (grade.more_than is None):
                self._say(
                    path,
                    f"等级 {grade.id} 要写 at_least(含本数)或 more_than(不含)之一",
                    "请改正",
                    "grade-line",
                )
                continue
            above = grade.at_least is None
            line = self._whole(grade.more_than or grade.at_least or Fraction(0), path)
            demands = self._demands(grade, path, sections)
            result.append(Rank(grade.id, grade.title, line, above, demands, grade))
        return tuple(result)

    def _demands(self, grade: GradeModel, path: Path, sections: tuple[Branch, ...]) -> tuple[Demand, ...]:
        result = list[Demand]()
        known = {
            "section": {s.id for s in sections},
            "indicator": {leaf.id for s in sections for leaf in s.leaves},
        }
        for index, item in enumerate(grade.requires):
            at = (*path, "requires", index)
            written = [
                k
                for k in ("section", "indicator", "keys_missed_at_most", "when")
                if getattr(item, k) is not None
            ]
            if len(written) != 1 or ((item.at_least is None) == (written[0] in known)):
                self._say(
                    at,
                    f"等级 {grade.id} 的前置“{item.title}”每条只写一种,分区和指标要写得分率 at_least",
                    "请看规则语言第 4 节",
                    "requirement",
                )
                continue
            name = getattr(item, written[0])
            if written[0] in known and name not in known[written[0]]:
                near = nearest(str(name), known[written[0]])
                self._say(
                    (*at, written[0]),
                    f"等级 {grade.id} 的前置“{item.title}”提到的 {name} 不存在",
                    f"最接近的是 {near}" if near else "请改正",
                    "requirement",
                )
                continue
            scope = Scope(
                self.words, self.document, f"等级 {grade.id} 的前置“{item.title}”", self.problems, condition
            )
            when = condition(scope, item.when, (*at, "when")) if item.when else None
            result.append(Demand(item, when))
        return tuple(result)

    def _titles(self) -> dict[str, Condition]:
        """Build the conditions of the titles a whole can earn, and check the grades they name."""
        plan, result = self.standard.roll_up, dict[str, Condition]()
        ranks = {grade.id: grade.title for grade in self.standard.grades}
        for index, title in enumerate(plan.titles if plan else ()):
            path = ("roll_up", "titles", index)
            for key in ("each_at_least", "share_grade"):
                grade = getattr(title, key)
                if grade is not None and grade not in ranks:
                    self._say(
                        (*path, key),
                        f"称号 {title.id} 提到的等级 {grade} 不存在",
                        f"等级有:{listed(ranks)}",
                        "unknown-grade",
                    )
            if (title.share is None) != (title.share_grade is None):
                self._say(path, f"称号 {title.id} 的 share 和 share_grade 要一起写", "请补上另一个", "title")
            scope = Scope(self.words, self.document, f"称号 {title.id}", self.problems, condition)
            when = condition(scope, title.when, (*path, "when")) if title.when else None
            if when:
                result[title.id] = when
        if plan and plan.weight and self.words.fact(plan.weight) is None:
            self._say(
                ("roll_up", "weight"),
                f"汇总权重 {plan.weight} 在填报清单里找不到",
                self.words.nearest(plan.weight),
                "unknown-fact",
            )
        return result

    def _order(self, reads: frozenset[str]) -> tuple[Computed, ...]:
        """Return the computed numbers that matter, each after what it reads."""
        done = dict[str, Computed]()

        def visit(var: str, trail: tuple[str, ...]) -> None:
            made = self.words.computed.get(var)
            if made is None or var in done or var in trail:
                return
            for below in sorted(made.inputs):
                visit(below, (*trail, var))
            done[var] = made

        for var in sorted(reads):
            visit(var, ())
        return tuple(done.values())


def asked(reads: frozenset[str], order: tuple[Computed, ...]) -> tuple[str, ...]:
    """Return the ids of the facts behind variables, computed ones followed to their inputs."""
    inputs = reads.union(*(made.inputs for made in order if made.var in reads or made.var))
    names = {fact_of(var) for var in inputs}
    return tuple(sorted(name for name in names if name))


def fact_of(var: str) -> str:
    """Return the fact that a variable belongs to; empty for judgements, days and computed numbers."""
    return (
        ""
        if var[:1] in "=@" or var.startswith("judge:")
        else var.split("#", maxsplit=1)[0].split("@", maxsplit=1)[0]
    )
