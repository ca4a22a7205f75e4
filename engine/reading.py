"""One answer as a person writes it, read by the type of its fact. Nothing is guessed and nothing becomes zero."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from engine.build.vocabulary import scale_of
from engine.complaints import brief
from engine.domain import Domain
from engine.exact import MAX_DIGITS, NotANumber, normal, read_number, show, show_percent
from engine.models.checklist import Fact, Option, Options, Scalar, Table
from engine.problem import listed, nearest
from engine.tree import Value, Var

KEEP = "若情况特殊，请先留空并备注，不影响其他内容保存"
MOST_TOLD = 5
"""Mistakes of one table that are told one by one."""

_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]*(\d{1,2})[:时](\d{1,2})分?(?::00)?)?",
    re.ASCII,
)
_WITH_UNIT = re.compile(r"([+-]?[\d,]*\.?\d+)\s*([万亿]?)\s*([^\d\s]*)", re.ASCII)
_MANY = {"": 1, "万": 10**4, "亿": 10**8}
_TRUTH = {"true": 1, "是": 1, "false": 0, "否": 0}


class Unreadable(ValueError):
    """An answer that does not fit its fact: what is wrong, and the next step."""

    def __init__(self, what: str, next_: str = KEEP) -> None:
        super().__init__(what)
        self.what = what
        self.next = next_


Read = dict[Var, Value]


def read_answer(fact: Fact, value: Any, domains: Mapping[Var, Domain]) -> Read:
    """Return the variables that an answer sets. Raises `Unreadable` with the reason in Chinese."""
    if fact.answer.table is not None:
        return {fact.id: _table(fact.answer.table, value)}
    return _scalar(fact.id, fact.answer, value, domains.get(fact.id))


def worded(answer: Scalar, value: Any) -> str:
    """Print a stored number the way it was asked."""
    number = Fraction(value) / scale_of(answer)
    return show_percent(number) if answer.kind == "percent" else show(number)


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


def _scalar(name: str, answer: Scalar, value: Any, domain: Domain | None) -> Read:
    return READ[answer.kind](name, answer, value, domain)


def _shown(value: Any) -> str:
    """Show an offending value; the digits of a huge number are not even printed."""
    return "一个很长的数" if _huge(value) else brief(value)


def _huge(value: Any) -> bool:
    """Whether a value is a number of so many digits that Python will not print it."""
    return isinstance(value, int) and abs(value) >= 10**MAX_DIGITS


def _yes_no(name: str, _: Scalar, value: Any, __: Domain | None) -> Read:
    known = _TRUTH.get(normal(_shown(value)).lower())
    if known is None or isinstance(value, int) is not isinstance(value, bool):
        raise Unreadable(f"填了 {_shown(value)}，只能填 是 或 否")
    return {name: known}


def _number(name: str, answer: Scalar, value: Any, domain: Domain | None) -> Read:
    scale = scale_of(answer)
    try:
        number = read_number(value)
    except NotANumber as reason:
        raise Unreadable(f"填了 {_shown(value)}：{reason}", _instead(answer, value)) from None
    if (
        answer.kind == "percent"
        and number
        and not isinstance(value, Fraction)
        and "%" not in normal(str(value))
    ):
        meant = (
            f"{show(number)}%"
            if abs(number) >= 1
            else f"{show(number * 100)}%（也就是 {show(number)}）或 {show(number)}%"
        )
        raise Unreadable(f"填了 {_shown(value)}，百分数要带 %", f"请写成 {meant}")
    steps = number * scale
    if steps.denominator != 1:
        places = len(str(scale)) - 1 - (2 if answer.kind == "percent" else 0)
        rule = "应是整数" if not places else f"最多 {places} 位小数"
        raise Unreadable(f"填了 {_shown(value)}，{rule}")
    if domain and not domain.low <= steps.numerator <= domain.high:
        low, high = (worded(answer, end) for end in (domain.low, domain.high))
        raise Unreadable(f"填了 {_shown(value)}，应在 {low} 到 {high} 之间")
    return {name: steps.numerator}


def _instead(answer: Scalar, value: Any) -> str:
    """Say how a number with a unit or in 万 is written."""
    unit = answer.unit or ("元" if answer.kind == "money" else "")
    found = _WITH_UNIT.fullmatch(normal(_shown(value)))
    if found and found[3] in ("", unit):
        try:
            number = read_number(found[1]) * _MANY[found[2]]
        except NotANumber:
            pass
        else:
            return f"请只填数字，写成 {show(number)}" + (f"，单位已定为{unit}" if unit else "")
    example = "95%" if answer.kind == "percent" else "12、1,200"
    return f"请只填数字，如 {example}" + (f"，单位已定为{unit}" if unit else "")


def _day(name: str, answer: Scalar, value: Any, domain: Domain | None) -> Read:
    text, timed = normal(_shown(value)), answer.kind == "datetime"
    example = "2024-01-26 15:00" if timed else "2024-01-26"
    found = _MOMENT.fullmatch(text)
    if found is None or (found[4] is not None) is not timed:
        raise Unreadable(
            f"填了 {_shown(value)}，不是{'日期和时刻' if timed else '日期'}", f"请写成 {example}"
        )
    year, month, day, hour, minute = (int(one or 0) for one in found.groups())
    try:
        number = date(year, month, day).toordinal()
    except ValueError:
        raise Unreadable(f"填了 {_shown(value)}，日历上没有这一天", f"请写成 {example}") from None
    if hour > 23 or minute > 59:
        raise Unreadable(f"填了 {_shown(value)}，没有这个时刻", f"请写成 {example}")
    if timed:
        number = (number * 24 + hour) * 60 + minute
    if domain and not domain.low <= number <= domain.high:
        ends = (
            date.fromordinal(int(end) // (24 * 60 if timed else 1)).isoformat()
            for end in (domain.low, domain.high)
        )
        raise Unreadable(f"填了 {text}，应在 {' 到 '.join(ends)} 之间")
    return {name: number}


def _option(options: Options, value: Any) -> Option:
    text = normal(_shown(value))
    for option in options:
        if text in (normal(option.id), normal(option.title or option.id)):
            return option
    titles = [option.title or option.id for option in options]
    near = get_close_matches(text, titles, n=1, cutoff=0.5)
    advice = f"最接近的是“{near[0]}”" if near else KEEP
    raise Unreadable(f"填了 {_shown(value)}，选项只有：{listed(titles)}", advice)


def _choice(name: str, answer: Scalar, value: Any, _: Domain | None) -> Read:
    return {name: _option(answer.choice or (), value).id}


def _choices(name: str, answer: Scalar, value: Any, _: Domain | None) -> Read:
    chosen = {
        _option(answer.choices or (), one).id
        for one in (value if isinstance(value, list | tuple) else [value])
    }
    found: Read = {f"{name}#{option.id}": int(option.id in chosen) for option in answer.choices or ()}
    return found | {name: "answered"}


def _text(name: str, answer: Scalar, value: Any, _: Domain | None) -> Read:
    most = answer.text.at_most if answer.text else 0
    if isinstance(value, list | tuple | dict):
        raise Unreadable(f"填了{_shown(value)}，这里要写文字")
    if _huge(value):
        raise Unreadable(f"填了{_shown(value)}，最多 {most} 个字", "请缩短，原文可放在附件里")
    if len(str(value)) > most:
        raise Unreadable(f"写了 {len(str(value))} 个字，最多 {most} 个", "请缩短，原文可放在附件里")
    return {name: "answered"}


READ: dict[str, Callable[[str, Scalar, Any, Domain | None], Read]] = {
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


def _table(table: Table, value: Any) -> tuple[Read, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(row, dict) for row in value):
        raise Unreadable("表格要一行一行填", f"每行写：{listed(table.columns)}")
    if not table.at_least <= len(value) <= table.at_most:
        raise Unreadable(f"填了 {len(value)} 行，应在 {table.at_least} 到 {table.at_most} 行之间")
    wrong = list[Unreadable]()
    rows = tuple(_row(table, number, row, wrong) for number, row in enumerate(value, 1))
    if wrong:
        more = f"；一共 {len(wrong)} 处" if len(wrong) > MOST_TOLD else ""
        advice = dict.fromkeys(one.next for one in wrong[:MOST_TOLD])
        raise Unreadable("；".join(one.what for one in wrong[:MOST_TOLD]) + more, "；".join(advice))
    return rows


def _row(table: Table, number: int, row: dict[Any, Any], wrong: list[Unreadable]) -> Read:
    known: Read = {}
    for column, cell in row.items():
        answer = table.columns.get(str(column))
        if answer is None:
            near = nearest(str(column), table.columns)
            advice = f"最接近的是 {near}" if near else f"这张表有：{listed(table.columns)}"
            if column in table.derive:
                wrong.append(
                    Unreadable(f"第 {number} 行填了“{column}”，这一列由引擎计算", "不用填写，请删去")
                )
            else:
                wrong.append(Unreadable(f"第 {number} 行的列“{column}”不存在", advice))
        elif cell is not None and cell != "":
            try:
                known |= _scalar(str(column), answer, cell, cell_range(answer))
            except Unreadable as error:
                wrong.append(Unreadable(f"第 {number} 行“{column}”{error.what}", error.next))
    return known
