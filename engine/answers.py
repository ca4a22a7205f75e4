"""Answers as people give them become known values; what cannot be read becomes a problem, never a zero."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from engine.build.edition import Edition
from engine.build.vocabulary import Computed, RowColumn, Vocabulary, day_number
from engine.cases import World
from engine.derive import REGION, TODAY, compute, reach
from engine.domain import FIRST_DAY, LAST_DAY, Domain
from engine.evaluate import number, worth
from engine.exact import show, show_points
from engine.memory import Memory, exactly, recalled, seen
from engine.models.checklist import Fact
from engine.models.submission import Given, Judged
from engine.problem import Problem, nearest
from engine.reading import KEEP, Unreadable, read_answer, worded
from engine.strict_yaml import Document
from engine.tree import Value, Var
from engine.workdays import months_before


@dataclass(frozen=True, slots=True)
class Stated:
    """Everything a subject states, as it stands in a document or a database."""

    answers: Mapping[str, Given]
    judged: Mapping[str, Judged]
    not_applicable: Mapping[str, str]
    as_of: str
    region: str | None = None
    document: Document = field(default_factory=lambda: Document("填报"))
    prefix: tuple[str | int, ...] = ()


def world_of(
    edition: Edition, stated: Stated, needed: frozenset[Var] | None = None, memory: Memory | None = None
) -> tuple[World, list[Problem]]:
    """Return what is known and what each open variable may be, with every answer that could not be read.

    With `needed`, only the computed numbers among these variables, and those they rest on, are computed.
    """
    problems = list[Problem]()
    known: dict[Var, Value] = {}
    for name, given in stated.answers.items():
        source = (exactly(given.value), given.evidence, stated.prefix) if memory is not None else ()
        read = recalled(memory, "answer", name, source, partial(_read, edition.words, stated, name, given))
        known |= read[0]
        problems += read[1]
    known |= with_row_columns(edition.words, known, memory)
    problems += _bounded(edition.words, known, stated)
    problems += _judged(edition, stated, known)
    months = {0, *edition.words.agos}
    known |= _days(stated, months, problems)
    if stated.region or edition.standard.region:
        known[REGION] = stated.region or str(edition.standard.region)
    domains = {**edition.words.domains, **{f"@ago:{one}": Domain(FIRST_DAY, LAST_DAY) for one in months}}
    for made in edition.order if needed is None else edition.order_for(needed):
        source = seen((*made.inputs, TODAY, REGION), known, domains) if memory is not None else ()
        work = partial(_computed, edition.words, made, known, domains)
        found = recalled(memory, "computed", made.var, source, work)
        if isinstance(found, Domain):
            domains[made.var] = found
        else:
            known[made.var] = found
    return World(known, domains).tied(edition.links), problems


def _computed(
    words: Vocabulary, made: Computed, known: Mapping[Var, Value], domains: Mapping[Var, Domain]
) -> Fraction | Domain:
    """Return a computed number, or what it may be."""
    value = compute(made, known)
    if value is not None:
        return value
    return reach(made, known, domains, words.fact(made.table.table) if made.table else None)


def with_row_columns(
    words: Vocabulary, known: Mapping[Var, Value], memory: Memory | None = None
) -> dict[Var, Value]:
    """Return the tables that have computed columns, with those filled in row by row where the row allows."""
    result: dict[Var, Value] = {}
    for name, columns in words.row_columns.items():
        rows = known.get(name)
        if columns and isinstance(rows, tuple):
            result[name] = recalled(memory, "rows", name, rows, partial(_filled_in, columns, rows))
    return result


def _filled_in(
    columns: tuple[RowColumn, ...], rows: tuple[dict[Var, Any], ...]
) -> tuple[dict[Var, Any], ...]:
    return tuple(_row(columns, row) for row in rows)


def _row(columns: tuple[RowColumn, ...], row: dict[Var, Any]) -> dict[Var, Any]:
    cells = dict(row)
    for column in columns:
        local = dict(cells)
        for made in column.order:
            value = compute(made, local)
            if value is not None:
                local[made.var] = value
        value = worth(column.quantity, local)
        if value is not None:
            cells[column.name] = value
    return cells


def _read(
    words: Vocabulary, stated: Stated, name: str, given: Given
) -> tuple[dict[Var, Value], list[Problem]]:
    """Return what one answer makes known, and what is wrong with it."""
    problems = list[Problem]()
    return _answered(words, stated, name, given, problems), problems


def _answered(
    words: Vocabulary, stated: Stated, name: str, given: Given, problems: list[Problem]
) -> dict[Var, Value]:
    """Return what one answer makes known; nothing, and a problem, when it cannot be read."""
    fact, at = words.fact(name), ("answers", name)
    if fact is None:
        what = f"填报里的事实 {name} 在填报清单里找不到"
        next_ = words.nearest(name)
        if name in words.defined:
            what, next_ = f"填报里的 {name} 是派生事实，由引擎计算", "不用填写，请删去"
        problems.append(_problem(stated, at, what, next_, "unknown-fact"))
        return {}
    if given.value is None or given.value == "":
        return {}
    try:
        found = read_answer(fact, given.value, words.domains)
    except Unreadable as error:
        problems.append(_problem(stated, at, f"{fact.name}：{error.what}", error.next, "answer"))
        return {}
    by = fact.evidence.from_ if fact.evidence else None
    return found | {f"{name}@evidence": sum(by is None or piece.from_ == by for piece in given.evidence)}


def _problem(stated: Stated, path: tuple[str | int, ...], what: str, next_: str, code: str) -> Problem:
    return Problem(stated.document.place((*stated.prefix, *path)), what, next_, code)


def _days(stated: Stated, months: set[int], problems: list[Problem]) -> dict[Var, Value]:
    """Return the day of assessment and the days so many months before it; unknown when it is no day."""
    try:
        today = day_number(stated.as_of)
    except ValueError:
        today = 0
    if FIRST_DAY <= today <= LAST_DAY:
        return {f"@ago:{one}": months_before(today, one) for one in months}
    problems.append(
        _problem(stated, ("as_of",), f"评定日 {stated.as_of} 不是可用的日期", "日期写成 2024-01-26", "day")
    )
    return {}


def _judged(edition: Edition, stated: Stated, known: dict[Var, Value]) -> Iterable[Problem]:
    for name, judged in stated.judged.items():
        domain = edition.words.domains.get(f"judge:{name}")
        at = ("judged", name)
        if domain is None:
            ids = [var.removeprefix("judge:") for var in edition.words.domains if var.startswith("judge:")]
            near = nearest(name, ids)
            yield _problem(
                stated,
                at,
                f"指标 {name} 不是人工评定项，这里的给分不起作用",
                f"最接近的是 {near}" if near else "请删去",
                "judge",
            )
            continue
        points = judged.points * edition.per_point
        if points.denominator != 1 or points > domain.high:
            most = show_points(int(domain.high), edition.per_point)
            yield _problem(
                stated,
                at,
                f"指标 {name} 人工评定 {show(judged.points)} 分，应在 0 到 {most} 之间，且不比最小单位 {show(edition.standard.unit)} 还细",
                "请改正",
                "judge",
            )
            continue
        known[f"judge:{name}"] = int(points)


def _bounded(words: Vocabulary, known: dict[Var, Value], stated: Stated) -> Iterable[Problem]:
    """Refuse an answer that breaks the bound another answer sets for it."""
    for link in words.links:
        names = [var for var, _ in link.terms]
        if not known.keys() >= set(names) or number(link, known) >= 0:
            continue
        fact, bound = words.fact(_later(names, words)), words.fact(_earlier(names, words))
        assert fact is not None
        assert bound is not None
        limit = worded(bound.answer, known[bound.id])
        side = "不大于" if _is_upper(fact, bound.id) else "不小于"
        what = f"{fact.name}：填了 {worded(fact.answer, known[fact.id])}，应{side} {limit}（{bound.name}）"
        yield _problem(stated, ("answers", fact.id), what, KEEP, "bound")
        del known[fact.id]


def _is_upper(fact: Fact, other: str) -> bool:
    bounds = fact.answer.integer or fact.answer.number or fact.answer.percent or fact.answer.money
    return bounds is not None and bounds.at_most == other


def _bounds(fact: Fact | None) -> tuple[object, object]:
    bounds = fact and (fact.answer.integer or fact.answer.number or fact.answer.percent or fact.answer.money)
    return (bounds.at_least, bounds.at_most) if bounds else (None, None)


def _later(names: list[Var], words: Vocabulary) -> Var:
    """Return the one of two linked facts whose own range names the other."""
    first, second = names
    return first if second in _bounds(words.fact(first)) else second


def _earlier(names: list[Var], words: Vocabulary) -> Var:
    return names[1 - names.index(_later(names, words))]
