"""Cases: each part of a rule as a finite table, cell -> points.

An indicator reads few facts, and every threshold cuts a fact into few cells. Following the rule with an
unanswered fact forks at each threshold into the branch where it holds and the one where it does not, as long
as some answers lead there. What comes back are all the cases there are. From them come the exact intervals,
the checks for gaps, dead lines and unreachable points, and the decision table that is printed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.domain import Domain
from engine.evaluate import Known, truth
from engine.solve import Row, feasible
from engine.tree import (
    Add,
    All,
    Among,
    AnyOf,
    Chain,
    Compare,
    Condition,
    Const,
    Linear,
    Pick,
    Points,
    Step,
    Take,
    Var,
)

MOST_LEVELS = 40
"""Levels of a staircase that are told apart; a finer one stays a range in its case."""

MOST_CASES = 4000
"""Cases after which a table is given up; the interval is then the widest the points allow."""

Said = tuple[Condition | tuple[Step, int, int], bool]
"""A condition (or the levels of a staircase) and whether it holds in this case."""


class TooMany(Exception):
    """The table would have more than `MOST_CASES` rows."""


@dataclass(frozen=True, slots=True)
class World:
    """What is known, and what each unanswered variable may still be.

    `links` are the bounds that tie unanswered facts to each other, by each of these facts; `rows` what the case at
    hand adds to them, and `said` the conditions that were settled on the way to it.
    """

    known: Known
    domains: Mapping[Var, Domain]
    links: Mapping[Var, tuple[Row, ...]] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    said: tuple[Said, ...] = ()

    def reduced(self, form: Linear) -> Linear:
        """Put what is known into a form; what is left depends on unanswered variables."""
        const, terms = form.const, list[tuple[Var, int]]()
        for var, factor in form.terms:
            value = self.known.get(var)
            if value is None:
                terms.append((var, factor))
            else:
                const += factor * value  # type: ignore[operator,assignment]
        return Linear(tuple(terms), const)

    def tied(self, bounds: Iterable[Linear]) -> "World":
        """Return the world in which these bounds hold too, as far as they are open."""
        links: dict[Var, tuple[Row, ...]] = {}
        for form in map(self.reduced, bounds):
            for var, _ in form.terms:
                links[var] = (*links.get(var, ()), (form, False))
        return replace(self, links=links)

    def open(self, node: Points | Condition) -> frozenset[Var]:
        """Return the unanswered variables a node depends on, those tied to them by a bound included."""
        names = {var for var in node.vars if var not in self.known}
        rows = _touching(names, self.rows, self.links) if names else []
        return frozenset(names.union(var for form, _ in rows for var, _ in form.terms))

    def with_row(self, *rows: Row) -> "World | None":
        """Return the world in which the rows hold too; None when no answer leads there."""
        fresh = tuple(dict.fromkeys((self.reduced(form), strict) for form, strict in rows))
        for form, strict in fresh:
            if not form.terms and (form.const < 0 or (strict and form.const == 0)):
                return None
        every = tuple(dict.fromkeys((*self.rows, *(row for row in fresh if row[0].terms))))
        touched = _touching({var for form, _ in fresh for var, _ in form.terms}, every, self.links)
        if not feasible(touched, self.domains):
            return None
        return replace(self, rows=every)

    def saying(self, what: Condition | tuple[Step, int, int], holds: bool) -> "World":
        """Return the world with one more remark for the printed table."""
        return replace(self, said=(*self.said, (what, holds)))


def _touching(names: set[Var], rows: tuple[Row, ...], links: Mapping[Var, tuple[Row, ...]]) -> list[Row]:
    """Return the rows and links that are tied to the names, directly or through others."""
    near: dict[Var, list[Row]] = {}
    for row in rows:
        for var, _ in row[0].terms:
            near.setdefault(var, []).append(row)
    found, queue, seen = dict[Row, None](), sorted(names), set(names)
    while queue:
        var = queue.pop()
        for row in (*near.get(var, ()), *links.get(var, ())):
            if row not in found:
                found[row] = None
                fresh = [other for other, _ in row[0].terms if other not in seen]
                seen.update(fresh)
                queue += fresh
    return list(found)


def decide(condition: Condition, world: World) -> Iterator[tuple[World, bool]]:
    """Fork on a condition: each world in which it is settled, with how."""
    match condition:
        case All():
            yield from _every(condition.parts, world, stop=False)
        case AnyOf():
            yield from _every(condition.parts, world, stop=True)
        case Among():
            yield from _among(condition, world)
        case _:
            yield from _compare(condition, world)


def settled(condition: Condition, world: World) -> bool | None:
    """Return whether a condition holds in every completion, in none, or that it is open."""
    exact = truth(condition, world.known)
    if exact is not None:
        return exact
    results = {held for _, held in decide(condition, world)}
    return results.pop() if len(results) == 1 else None


def _every(parts: tuple[Condition, ...], world: World, *, stop: bool) -> Iterator[tuple[World, bool]]:
    """Settle parts one after another until one decides the whole."""
    if not parts:
        yield world, not stop
        return
    for after, result in decide(parts[0], world):
        if result == stop:
            yield after, stop
        else:
            yield from _every(parts[1:], after, stop=stop)


def _among(condition: Among, world: World) -> Iterator[tuple[World, bool]]:
    value = world.known.get(condition.var)
    if value is not None:
        yield world, value in condition.options
        return
    options = world.domains[condition.var].options
    for held, left in ((True, options & condition.options), (False, options - condition.options)):
        if left:
            domains = {**world.domains, condition.var: Domain(options=left)}
            fresh = replace(world, domains=domains)
            yield (fresh.saying(condition, held) if left != options else fresh), held


def _compare(condition: Compare, world: World) -> Iterator[tuple[World, bool]]:
    guard = world.reduced(condition.guard) if condition.guard else None
    if guard is not None:
        inside = world.with_row((guard, True))
        if inside is None:
            yield from ((world, True), (world, False))
            return
        world = inside
    form = world.reduced(condition.form)
    if not form.terms:
        yield world, _holds(form.const, condition.sign)
        return
    up, down, even = (form, True), (-form, True), ((form, False), (-form, False))
    branches: list[tuple[bool, tuple[Row, ...], Compare]]
    more, less = _sides(condition)
    match condition.sign:
        case ">=":
            branches = [(True, ((form, False),), condition), (False, (down,), condition)]
        case ">":
            branches = [(True, (up,), condition), (False, ((-form, False),), condition)]
        case "=":
            branches = [(True, even, condition), (False, (up,), more), (False, (down,), less)]
        case _:
            branches = [(False, even, condition), (True, (up,), more), (True, (down,), less)]
    found = [
        (held, after, what) for held, rows, what in branches if (after := world.with_row(*rows)) is not None
    ]
    for held, after, what in found:
        told = held if what is condition else True
        yield (after if len(found) == 1 else after.saying(what, told)), held


def _sides(condition: Compare) -> tuple[Compare, Compare]:
    """Return what to say of a number beside the one it is compared with: it is more, or it is less."""
    if condition.sign not in ("=", "!=") or condition.about.kind == "truth":
        return condition, condition
    more = replace(condition, sign=">", word="more_than")
    return more, replace(condition, form=-condition.form, sign=">", word="less_than")


def _holds(number: int, sign: str) -> bool:
    return {">=": number >= 0, ">": number > 0, "=": number == 0}.get(sign, number != 0)


Case = tuple[World, int, int]
"""A world and the least and most points in it."""


def cases(node: Points, world: World) -> Iterator[Case]:
    """Return every case of a node. Raises `TooMany` past the limit."""
    for count, case in enumerate(_cases(node, world)):
        if count > MOST_CASES:
            raise TooMany
        yield case


def _cases(node: Points, world: World) -> Iterator[Case]:
    match node:
        case Const():
            yield world, node.points, node.points
        case Chain():
            yield from _chain(node, 0, world)
        case Step():
            yield from _step(node, world)
        case Add():
            for after, low, high in _sum(node.parts, world):
                yield (
                    (after, low, high)
                    if node.cap is None
                    else (after, min(low, node.cap), min(high, node.cap))
                )
        case Take():
            for after, low, high in _sum(node.parts, world):
                yield after, max(0, node.full - high), max(0, node.full - low)
        case Pick():
            yield from _pick(node, node.parts, world)
        case _:
            yield from ((after, node.points(n), node.points(n)) for after, n in _held(node.conditions, world))


def _chain(node: Chain, index: int, world: World) -> Iterator[Case]:
    if index == len(node.rungs):
        yield world, 0, 0
        return
    rung = node.rungs[index]
    if rung.when is None:
        yield from _cases(rung.then, world)
        return
    for after, held in decide(rung.when, world):
        if held:
            yield from _cases(rung.then, after)
        else:
            yield from _chain(node, index + 1, after)


def _sum(parts: tuple[Points, ...], world: World) -> Iterator[Case]:
    """Add the parts, which may share facts, case by case."""
    if not parts:
        yield world, 0, 0
        return
    for between, low, high in _cases(parts[0], world):
        for after, more_low, more_high in _sum(parts[1:], between):
            yield after, low + more_low, high + more_high


def _pick(node: Pick, parts: tuple[Points, ...], world: World) -> Iterator[Case]:
    choose = max if node.best else min
    for between, low, high in _cases(parts[0], world):
        if len(parts) == 1:
            yield between, low, high
            continue
        for after, other_low, other_high in _pick(node, parts[1:], between):
            yield after, choose(low, other_low), choose(high, other_high)


def _held(conditions: tuple[Condition, ...], world: World) -> Iterator[tuple[World, int]]:
    if not conditions:
        yield world, 0
        return
    for between, held in decide(conditions[0], world):
        for after, count in _held(conditions[1:], between):
            yield after, count + held


def _step(node: Step, world: World) -> Iterator[Case]:
    inside = world.with_row((node.bottom, True))
    if inside is None:
        yield world, node.base + node.gain * node.least, node.base + node.gain * node.most
        return
    low, high = step_ends(node, inside)
    if low == high or high - low > MOST_LEVELS:
        after = inside if low == high else inside.saying((node, low, high), True)
        yield after, node.base + node.gain * low, node.base + node.gain * high
        return
    for level in range(high, low - 1, -1):
        rows = [_at_least(node, level)] if level > node.least else []
        if level < node.most:
            form, sign = node.reaches(level + 1)
            rows.append((-form, sign == ">="))
        there = inside.with_row(*rows)
        if there is not None:
            yield (
                there.saying((node, level, level), True),
                node.base + node.gain * level,
                node.base + node.gain * level,
            )


def _at_least(node: Step, level: int) -> Row:
    form, sign = node.reaches(level)
    return form, sign == ">"


def step_ends(node: Step, world: World) -> tuple[int, int]:
    """Return the lowest and highest level a staircase can reach, by bisection."""
    low, high = node.least, node.most
    while low < high:
        middle = (low + high + 1) // 2
        if world.with_row(_at_least(node, middle)) is None:
            high = middle - 1
        else:
            low = middle
    top = low
    low, high = node.least, top
    while low < high:
        middle = (low + high) // 2
        form, sign = node.reaches(middle + 1)
        if world.with_row((-form, sign == ">=")) is None:
            low = middle + 1
        else:
            high = middle
    return low, top
