"""What `zhunsheng check` finds beyond what cannot be built: sums, lines, grades, examples, gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from pydantic import ValidationError

from engine.answers import Stated, world_of
from engine.bands import band_flaws, dead_lines
from engine.build.edition import Edition
from engine.cases import World, decide
from engine.check_veto import given_as, veto_flaws
from engine.complaints import brief
from engine.exact import NotANumber, read_number, show, show_points
from engine.intervals import extent, interval
from engine.judge import judge_leaf
from engine.load import Library
from engine.models.checklist import Fact
from engine.models.conditions import Parameter
from engine.models.standard import Example
from engine.models.submission import Given, Judged
from engine.problem import Path, Place, Problem, listed
from engine.reading import KEEP
from engine.tree import Add, Branch, Chain, Leaf, Overrule
from engine.walk import below


def check(library: Library) -> list[Problem]:
    """Check every edition of a library; the result is sorted by place."""
    problems = [problem for edition in library.editions.values() for problem in Checker(edition).all()]
    if all(problem.severity == "notice" for problem in problems):
        problems += _unused(library)
    return sorted(set(problems))


Gives = Fraction | str | tuple[Fraction, Fraction]
"""Points, a range of points, or `absent`."""

REFERENCE_DAY = "2024-06-30"
"""The day of assessment that examples and checks assume where none is written."""


def blank_world(edition: Edition) -> World:
    """Return the world in which nothing has been answered."""
    return world_of(edition, Stated({}, {}, {}, REFERENCE_DAY))[0]


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks one edition."""

    edition: Edition

    def all(self) -> Iterator[Problem]:
        """Yield every problem."""
        yield from self._sums()
        yield from self._grades()
        yield from self._rest()
        yield from self._kinds()
        world = blank_world(self.edition)
        for leaf in self.edition.every_leaf:
            yield from self._leaf(leaf, world)
        for veto in self.edition.vetoes:
            for flaw in veto_flaws(self.edition, veto, world, REFERENCE_DAY):
                at = (*veto.path, *flaw.path)
                yield self._say(veto.file, at, flaw.what, flaw.next, flaw.code, notice=flaw.notice)

    def _say(
        self, file: str, path: Path, what: str, next_: str, code: str, *, notice: bool = False
    ) -> Problem:
        place = self.edition.documents[file].place(path)
        return Problem(place, what, next_, code, "notice" if notice else "error")

    def _main(self) -> str:
        return next(name for name in self.edition.documents if name.endswith("/standard.yaml"))

    def score(self, points: int) -> str:
        """Print points."""
        return show_points(points, self.edition.per_point)

    def _sums(self) -> Iterator[Problem]:
        sections = self.edition.sections
        total = sum(section.points for section in sections)
        inside = [problem for section in sections for problem in self._branch(section)]
        yield from inside
        if total != self.edition.total and not inside:
            parts = " + ".join(self.score(section.points) for section in sections)
            what = f"标准写明总分 {self.score(self.edition.total)}，各分区合计 {self.score(total)}（{parts}）"
            yield self._say(self._main(), ("total",), what, "请改 total，或改分区的 points", "sum")

    def _branch(self, branch: Branch) -> list[Problem]:
        """Return the sums below that are off; one that is off may well be why the one above it is."""
        branches = [child for child in branch.children if isinstance(child, Branch)]
        inside = [problem for child in branches for problem in self._branch(child)]
        found = sum(child.points for child in branch.children)
        if inside or found == branch.points:
            return inside
        word = "分组" if branch.depth else "分区"
        parts = " + ".join(self.score(child.points) for child in branch.children)
        what = (
            f"{word}“{branch.title}”写明 {self.score(branch.points)} 分，"
            f"下面合计 {self.score(found)} 分（{parts}）"
        )
        path = (*branch.path, "points")
        return [self._say(branch.file, path, what, "请改 points，或检查各项的分值", "sum")]

    def _leaf(self, leaf: Leaf, world: World) -> Iterator[Problem]:
        """Yield what is wrong with an indicator; its examples are run once its rule is sound."""
        found = [*self._reach(leaf, world), *self._lines(leaf, world), *self._applies(leaf, world)]
        yield from found
        yield from self._house(leaf)
        if all(problem.severity == "notice" for problem in found):
            yield from self._examples(leaf)

    def _reach(self, leaf: Leaf, world: World) -> Iterator[Problem]:
        low, high = interval(leaf.node, world)
        most = self.score(leaf.points)
        if high < leaf.points:
            what = f"指标 {leaf.id} 满分 {most}，可最多只能得到 {self.score(high)} 分"
            yield self._say(
                leaf.file, (*leaf.path, "points"), what, "请改满分，或补上得满分的情形", "unreachable"
            )
        elif high > leaf.points:
            what = f"指标 {leaf.id} 满分 {most}，却可能得到 {self.score(high)} 分"
            yield self._say(
                leaf.file, (*leaf.path, "points"), what, "请用 up_to 封顶，或改满分", "above-full"
            )
        if low == high:
            what = f"指标 {leaf.id} 不管怎么填都得 {self.score(low)} 分"
            yield self._say(leaf.file, (*leaf.path, "score"), what, "请改条件", "constant")

    def _lines(self, leaf: Leaf, world: World) -> Iterator[Problem]:
        accept = set(leaf.source.accept)
        for node in below(leaf.node):
            if isinstance(node, Chain):
                flaws = [*dead_lines(node, world), *band_flaws(node, world, Fraction(self.edition.per_point))]
                for flaw in flaws:
                    if flaw.code not in accept:
                        what = f"指标 {leaf.id} {flaw.what}"
                        if flaw.path[-1] == "zero_when":
                            what = what.replace("这一行", "的 zero_when ")
                        yield self._say(leaf.file, flaw.path, what, flaw.next, flaw.code.replace("_", "-"))
            elif isinstance(node, Add) and node.cap is not None:
                most = extent(Add(node.parts, None, node.path))[1]
                if most < node.cap:
                    what = f"指标 {leaf.id} 封顶 {self.score(node.cap)} 分，可最多只有 {self.score(most)} 分"
                    yield self._say(leaf.file, node.path, what, "请改 up_to，或改各项分值", "cap")

    def _applies(self, leaf: Leaf, world: World) -> Iterator[Problem]:
        if leaf.applies is None:
            return
        results = {held for _, held in decide(leaf.applies, world)}
        if len(results) == 1:
            always = "永远成立" if True in results else "永远不成立"
            yield self._say(
                leaf.file,
                (*leaf.path, "applies_when"),
                f"指标 {leaf.id} 的 applies_when {always}",
                "请改条件，或删去",
                "dead-line",
            )
        if leaf.source.absent is None:
            what = f"指标 {leaf.id} 写了 applies_when，没写 absent，条件不成立时得 0 分"
            yield self._say(
                leaf.file,
                (*leaf.path, "applies_when"),
                what,
                "请写明 absent: exclude、full、zero 或 refuse",
                "absent",
                notice=True,
            )

    def _kinds(self) -> Iterator[Problem]:
        """Report an indicator or veto for a kind of subject that this standard does not judge."""
        standard = self.edition.standard
        plan = standard.roll_up
        legal = dict.fromkeys([standard.per, *([plan.per, plan.whole] if plan else [])])
        owners: list[tuple[str, Leaf | Overrule]] = [
            (f"指标 {one.id}", one) for one in self.edition.every_leaf
        ]
        owners += [(f"否决项 {one.id}", one) for one in self.edition.vetoes]
        for who, owner in owners:
            kind = owner.source.per
            if kind is not None and kind not in legal:
                what = f"{who} 的评定对象“{kind}”不是本标准评的。本标准评的有：{listed(legal)}"
                yield self._say(owner.file, (*owner.path, "per"), what, "请改成其中之一，或删去", "per")

    def _house(self, leaf: Leaf) -> Iterator[Problem]:
        source = leaf.source
        for missing, what in (
            (not source.basis, "没有写依据（basis）"),
            (not source.fix, "没有写失分怎么办（fix）"),
            (len(source.examples) < 2, "例子（examples）不到两个"),
        ):
            if missing:
                yield self._say(
                    leaf.file, (*leaf.path, "id"), f"指标 {leaf.id} {what}", "请补上", "house", notice=True
                )

    def _examples(self, leaf: Leaf) -> Iterator[Problem]:
        for index, example in enumerate(leaf.source.examples):
            path, who = (*leaf.path, "examples", index), f"指标 {leaf.id} 的例子 {index + 1}"
            found, problems = run_example(self.edition, leaf, example)
            for problem in problems:
                advice = problem.next if problem.next not in ("", KEEP) else "请改例子"
                yield self._say(leaf.file, (*path, "given"), f"{who}：{problem.what}", advice, "example")
            wanted = self._gives(example.gives)
            if not problems and self._gives(found) != wanted:
                what = f"{who} 写的是{wanted}，按规则是{self._gives(found)}"
                yield self._say(leaf.file, (*path, "gives"), what, "请核对规则和例子，改错的那个", "example")

    def _gives(self, result: Gives) -> str:
        """Print what an indicator gives, in the scale that its file is written in."""
        if isinstance(result, str):
            return "缺项"
        low, high = result if isinstance(result, tuple) else (result, result)
        return f" {show(low)} 分" if low == high else f" {show(low)}–{show(high)} 分"

    def _grades(self) -> Iterator[Problem]:
        edition = self.edition
        most = edition.cap if edition.cap is not None else edition.total + edition.extra_cap
        world = blank_world(edition)
        floor: int | None = None
        for index, rank in enumerate(edition.ranks):
            least = rank.line + 1 if rank.above else rank.line
            path = ("grades", index)
            if least > most:
                what = f"等级 {rank.id} 要 {self.score(rank.line)} 分，总分最多 {self.score(most)} 分，永远评不上"
                yield self._say(self._main(), path, what, "请改等级线", "unreachable-grade")
            if floor is not None and least >= floor:
                what = f"等级 {rank.id} 的线不低于上一个等级，永远轮不到它"
                yield self._say(
                    self._main(), path, what, "等级从高到低写，线要一个比一个低", "unreachable-grade"
                )
            floor = least if floor is None else min(floor, least)
            for number, demand in enumerate(rank.demands):
                if demand.when and not any(held for _, held in decide(demand.when, world)):
                    what = f"等级 {rank.id} 的前置“{demand.source.title}”永远不能满足"
                    yield self._say(
                        self._main(), (*path, "requires", number), what, "请改前置", "unreachable-grade"
                    )

    def _rest(self) -> Iterator[Problem]:
        edition, standard = self.edition, self.edition.standard
        weights = sum(standard.raters.final.values(), Fraction(0))
        if weights != 1:
            what = f"各方权重合计 {show(weights * 100)}%，应是 100%"
            yield self._say(self._main(), ("raters",), what, "请改 raters.final", "weights")
        panel = standard.raters.panel
        if panel.combine == "trimmed_mean" and panel.at_least <= 2 * panel.trim:
            what = f"去掉两端各 {panel.trim} 个后没有人了（最少 {panel.at_least} 位专家）"
            yield self._say(self._main(), ("raters", "panel"), what, "请加大 at_least 或减小 trim", "panel")
        if standard.rounding.section and standard.absence.spread == "total":
            what = "按分区取整时，缺项的分值不能在总分里折回"
            yield self._say(
                self._main(),
                ("rounding", "section"),
                what,
                "请写 absence: {spread: section}",
                "rounding-spread",
            )
        for key, step in standard.rounding:
            if step is not None and (step * edition.per_point).denominator != 1:
                yield self._say(
                    self._main(),
                    ("rounding", key),
                    f"取整 {show(step)} 不是最小单位的整数倍",
                    "请改正",
                    "unit",
                )
        bonus = sum(
            extra.cap if extra.cap is not None else sum(leaf.points for leaf in extra.leaves)
            for extra in edition.extras
        )
        if edition.extras and bonus < edition.extra_cap:
            what = f"附加分封顶 {self.score(edition.extra_cap)}，各组加起来最多 {self.score(bonus)}"
            yield self._say(self._main(), ("bonus", "up_to"), what, "请改 up_to 或各组", "cap")
        if any(leaf.source.key for leaf in edition.leaves) != any(
            demand.source.keys_missed_at_most is not None for rank in edition.ranks for demand in rank.demands
        ):
            what = "关键项和等级前置要配套：有 key 的指标，才有 keys_missed_at_most，反之也是"
            yield self._say(self._main(), ("grades",), what, "请补上另一边", "keys", notice=True)


def run_example(edition: Edition, leaf: Leaf, example: Example) -> tuple[Gives, list[Problem]]:
    """Judge one indicator by what an example gives; problems tell of answers that cannot be read."""
    scale = Fraction(1) if leaf.file.endswith("/standard.yaml") else edition.standard.scale
    try:
        stated = _stated(leaf, example, scale)
    except NotANumber as reason:
        what = f"judge 写了 {brief(example.given['judge'])}：{reason}"
        return "absent", [Problem(Place(leaf.file), what, "请写评定的分数", "example")]
    except ValidationError:
        return "absent", [Problem(Place(leaf.file), "evidence 写得不对", "请写成一个列表", "example")]
    world, problems = world_of(edition, stated, leaf.vars)
    finding = judge_leaf(leaf, world, {leaf.id: "例子"} if example.gives == "absent" else {})
    if finding.state == "absent" or (
        finding.mode and finding.state == "settled" and example.gives == "absent"
    ):
        return "absent", problems
    unit = edition.per_point * scale
    return (finding.low / unit, finding.high / unit), problems


def _stated(leaf: Leaf, example: Example, scale: Fraction) -> Stated:
    answers = {
        name: Given.model_validate(given_as(value))
        for name, value in example.given.items()
        if name != "judge"
    }
    judged: dict[str, Judged] = {}
    if "judge" in example.given:
        points = read_number(example.given["judge"])
        if points < 0:
            raise NotANumber("不能是负数")
        judged[leaf.id] = Judged(points=points * scale, reason="例子")
    return Stated(answers, judged, {}, example.as_of or REFERENCE_DAY, example.region)


def _unused(library: Library) -> Iterator[Problem]:
    used = {name for edition in library.editions.values() for name in (*edition.facts, *edition.derived)}
    if not used:
        return
    for name, found in library.words.defined.items():
        if name not in used and not isinstance(found.item, Parameter):
            word = "事实" if isinstance(found.item, Fact) else "派生事实"
            what = f"{word} {name} 没有一个标准用到"
            yield Problem(found.place, what, "请删去，或在标准里用上", "unused-fact", "notice")


def statistics(edition: Edition) -> dict[str, object]:
    """Return what `check --json` lists of an edition."""
    standard = edition.standard
    return {
        "standard": standard.id,
        "edition": standard.edition,
        "title": standard.title,
        "status": standard.status,
        "points": show(standard.total),
        "sections": [
            {
                "id": s.id,
                "title": s.title,
                "points": show_points(s.points, edition.per_point),
                "indicators": len(s.leaves),
            }
            for s in edition.sections
        ],
        "indicators": len(edition.leaves),
        "bonus": len(edition.every_leaf) - len(edition.leaves),
        "vetoes": len(edition.vetoes),
        "facts": len(edition.facts),
        "hash": edition.hash,
    }
