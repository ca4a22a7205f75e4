"""Answers as people give them become known values; what cannot be read becomes a problem, never a zero."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.build.edition import Edition
from engine.build.vocabulary import Vocabulary, day_number, minute_number, scale_of
from engine.cases import World
from engine.complaints import brief
from engine.derive import REGION, compute, reach
from engine.domain import Domain
from engine.exact import NotANumber, normal, read_number, show, show_percent
from engine.models.checklist import Fact, Option, Options, Scalar
from engine.models.submission import Given, Judged
from engine.problem import Problem, listed, nearest
from engine.strict_yaml import Document
from engine.tree import Value, Var
from engine.workdays import months_before

KEEP = "若情况特殊，请先留空并备注，不影响其他内容保存"
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class Unreadable(ValueError):
    """An answer that does not fit its fact: what is wrong, and the next step."""

    def __init__(self, what: str, next_: str = KEEP) -> None:
        super().__init__(what)
        self.what = what
        self.next = next_


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
    edition: Edition, stated: Stated, needed: frozenset[Var] | None = None
) -> tuple[World, list[Problem]]:
    """Return what is known and what each open variable may be, with every answer that could not be read.

    With `needed`, only the computed numbers among these variables, and those they rest on, are computed.
    """
    problems = list[Problem]()
    known: dict[Var, Value] = {}
    for name, given in stated.answers.items():
        fact = edition.words.fact(name)
        if fact is None:
            next_ = (
                edition.words.nearest(name)
                if name not in edition.words.defined
                else "派生事实由引擎计算，不用填写"
            )
            problems.append(
                _problem(
                    stated,
                    ("answers", name),
                    f"填报里的事实 {name} 在填报清单里找不到",
                    next_,
                    "unknown-fact",
                )
            )
            continue
        if given.value is None or given.value == "":
            continue
        try:
            known |= read_answer(fact, given.value, edition.words.domains)
        except Unreadable as error:
            problems.append(
                _problem(stated, ("answers", name), f"{fact.name}:{error.what}", error.next, "answer")
            )
            continue
        by = fact.evidence.from_ if fact.evidence else None
        known[f"{name}@evidence"] = sum(by is None or piece.from_ == by for piece in given.evidence)
    problems += _bounded(edition.words, known, stated)
    problems += _judged(edition, stated, known)
    today = _today(stated, problems)
    known |= {f"@ago:{months}": months_before(today, months) for months in {0, *edition.words.agos}}
    if stated.region or edition.standard.region:
        known[REGION] = stated.region or str(edition.standard.region)
    domains = dict(edition.words.domains)
    for made in edition.order if needed is None else edition.order_for(needed):
        value = compute(made, known)
        if value is not None:
            known[made.var] = value
        else:
            fact = edition.words.fact(made.table.table) if made.table else None
            domains[made.var] = reach(made, known, domains, fact)
    return World(known, domains).tied(edition.words.links), problems


def _problem(stated: Stated, path: tuple[str | int, ...], what: str, next_: str, code: str) -> Problem:
    return Problem(stated.document.place((*stated.prefix, *path)), what, next_, code)


def _today(stated: Stated, problems: list[Problem]) -> int:
    try:
        return day_number(stated.as_of)
    except ValueError:
        problems.append(
            _problem(stated, ("as_of",), f"评定日 {stated.as_of} 不是日期", "日期写成 2024-01-26", "day")
        )
        return day_number("2000-01-01")


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
            most = show(Fraction(int(domain.high), edition.per_point))
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
        (other, _), (mine, factor) = link.terms if link.terms[1][1] < 0 else (link.terms[0], link.terms[1])
        names = [var for var, _ in link.terms]
        if not all(var in known for var in names):
            continue
        value = sum(k * known[var] for var, k in link.terms)  # type: ignore[operator]
        if value >= 0:
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
    """The one of two linked facts whose own range names the other."""
    first, second = names
    return first if second in _bounds(words.fact(first)) else second


def _earlier(names: list[Var], words: Vocabulary) -> Var:
    return names[1 - names.index(_later(names, words))]


def read_answer(fact: Fact, value: Any, domains: Mapping[Var, Domain]) -> dict[Var, Value]:
    """Return the variables that an answer sets. Raises `Unreadable` with the reason in Chinese."""
    if fact.answer.kind == "table":
        return {fact.id: _table(fact, value)}
    return _read_scalar(fact.id, fact.answer, value, domains.get(fact.id))


def _read_scalar(name: str, answer: Scalar, value: Any, domain: Domain | None) -> dict[Var, Value]:
    return READ[answer.kind](name, answer, value, domain)


def _yes_no(name: str, _: Scalar, value: Any, __: Domain | None) -> dict[Var, Value]:
    text = normal(str(value)).lower() if not isinstance(value, bool) else str(value).lower()
    if text in ("true", "是"):
        return {name: 1}
    if text in ("false", "否"):
        return {name: 0}
    raise Unreadable(f"填了 {brief(value)}，只能是 是 或 否")


def _number(name: str, answer: Scalar, value: Any, domain: Domain | None) -> dict[Var, Value]:
    scale = scale_of(answer)
    try:
        number = read_number(value) * scale
    except NotANumber as reason:
        unit = f"（{answer.unit}）" if answer.unit else ""
        raise Unreadable(f"填了 {brief(value)}：{reason}", f"请只填数字{unit}，如 12、1,200、95%") from None
    if number.denominator != 1:
        places = len(str(scale)) - 1 - (2 if answer.kind == "percent" else 0)
        rule = "应是整数" if not places else f"最多 {places} 位小数"
        raise Unreadable(f"填了 {brief(value)}，{rule}")
    if domain and not domain.low <= number <= domain.high:
        low, high = (worded(answer, end) for end in (domain.low, domain.high))
        raise Unreadable(f"填了 {brief(value)}，应在 {low} 到 {high} 之间")
    return {name: int(number)}


def _day(name: str, answer: Scalar, value: Any, domain: Domain | None) -> dict[Var, Value]:
    text = normal(str(value))
    found = _DAY.fullmatch(text)
    try:
        if found and answer.kind == "date":
            year, month, day = found.groups()
            number = day_number(f"{year}-{int(month):02d}-{int(day):02d}")
        else:
            number = day_number(text) if answer.kind == "date" else minute_number(text)
    except ValueError:
        example = "2024-01-26" if answer.kind == "date" else "2024-01-26 15:00"
        raise Unreadable(f"填了 {brief(value)}，不是日期", f"请写成 {example}") from None
    if domain and not domain.low <= number <= domain.high:
        raise Unreadable(f"填了 {text}，不在允许的日期范围内")
    return {name: number}


def _option(options: Options, value: Any) -> Option:
    text = normal(str(value))
    for option in options:
        if text in (normal(option.id), normal(option.title or option.id)):
            return option
    titles = [option.title or option.id for option in options]
    near = nearest(text, titles)
    advice = f"最接近的是“{near}”" if near else KEEP
    raise Unreadable(f"填了 {brief(value)}，选项只有：{listed(titles)}", advice)


def _choice(name: str, answer: Scalar, value: Any, _: Domain | None) -> dict[Var, Value]:
    return {name: _option(answer.choice or (), value).id}


def _choices(name: str, answer: Scalar, value: Any, _: Domain | None) -> dict[Var, Value]:
    values = value if isinstance(value, list | tuple) else [value]
    chosen = {_option(answer.choices or (), one).id for one in values}
    return {f"{name}#{option.id}": int(option.id in chosen) for option in answer.choices or ()} | {
        name: "answered"
    }


def _text(name: str, answer: Scalar, value: Any, _: Domain | None) -> dict[Var, Value]:
    most = answer.text.at_most if answer.text else 0
    if len(str(value)) > most:
        raise Unreadable(f"写了 {len(str(value))} 个字，最多 {most} 个", "请缩短，原文可放在附件里")
    return {name: "answered"}


READ: dict[str, Callable[[str, Scalar, Any, Domain | None], dict[Var, Value]]] = {
    "yes_no": _yes_no,
    "integer": _number,
    "number": _number,
    "percent": _number,
    "money": _number,
    "date": _day,
    "datetime": _day,
    "choice": _choice,
    "choices": _choices,
    "text": _text,
}


def _table(fact: Fact, value: Any) -> tuple[dict[str, Any], ...]:
    table = fact.answer.table
    assert table is not None
    if not isinstance(value, list | tuple) or not all(isinstance(row, dict) for row in value):
        raise Unreadable("表格要一行一行填", f"每行写：{listed(table.columns)}")
    if not table.at_least <= len(value) <= table.at_most:
        raise Unreadable(f"填了 {len(value)} 行，应在 {table.at_least} 到 {table.at_most} 行之间")
    rows = list[dict[str, Any]]()
    for number, row in enumerate(value, 1):
        known: dict[str, Any] = {}
        for column, cell in row.items():
            if column not in table.columns:
                near = nearest(str(column), table.columns)
                raise Unreadable(
                    f"第 {number} 行的列“{column}”不存在",
                    f"最接近的是 {near}" if near else f"这张表有：{listed(table.columns)}",
                )
            if cell is None or cell == "":
                continue
            try:
                known |= _read_scalar(column, table.columns[column], cell, cell_range(table.columns[column]))
            except Unreadable as error:
                raise Unreadable(f"第 {number} 行“{column}”{error.what}", error.next) from None
        rows.append(known)
    return tuple(rows)


def cell_range(answer: Scalar) -> Domain | None:
    """Return the range of a numeric table column; bounds that name facts do not apply to cells."""
    bounds = answer.integer or answer.number or answer.percent or answer.money
    if bounds is None:
        return None
    scale = scale_of(answer)
    low = bounds.at_least if isinstance(bounds.at_least, Fraction) else Fraction(0)
    far = Fraction(1 if answer.kind == "percent" else 10**9)
    high = bounds.at_most if isinstance(bounds.at_most, Fraction) else far
    return Domain(int(low * scale), int(high * scale))


def worded(answer: Scalar, value: Any) -> str:
    """Print a stored number the way it was asked."""
    number = Fraction(value) / scale_of(answer)
    return show_percent(number) if answer.kind == "percent" else show(number)
