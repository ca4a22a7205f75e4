"""Conditions and numbers in Chinese, with and without what was answered."""

from datetime import date
from fractions import Fraction

from engine.build.edition import fact_of
from engine.build.vocabulary import Vocabulary
from engine.evaluate import Known, truth, worth
from engine.exact import show, show_percent
from engine.tree import All, Among, AnyOf, Compare, Condition, Linear, Quantity

_NUMBER_WORDS = {
    "at_least": ("达到", "没有达到"),
    "at_most": ("不超过", "超过"),
    "more_than": ("超过", "没有超过"),
    "less_than": ("低于", "不低于"),
    "equals": ("等于", "不等于"),
    "differs": ("不等于", "等于"),
}
_DAY_WORDS = {
    "at_least": ("不早于", "早于"),
    "at_most": ("不晚于", "晚于"),
    "more_than": ("晚于", "不晚于"),
    "less_than": ("早于", "不早于"),
    "equals": ("就是", "不是"),
    "differs": ("不是", "就是"),
}


def say_number(number: Fraction | int, quantity: Quantity) -> str:
    """Print a number the way its quantity is read: 95%, 12 人, 2024-01-26, 是."""
    match quantity.kind:
        case "percent":
            return show_percent(number)
        case "date":
            return date.fromordinal(int(number)).isoformat()
        case "datetime":
            day, minutes = divmod(int(number), 24 * 60)
            return f"{date.fromordinal(day).isoformat()} {minutes // 60:02d}:{minutes % 60:02d}"
        case "truth":
            return "是" if number else "否"
    return show(number) + (f" {quantity.unit}" if quantity.unit else "")


def say_limit(about: Quantity, limit: Quantity, known: Known) -> str:
    """Print what a quantity is compared with: a number as written, or another fact with its value."""
    if limit.literal is not None:
        if about.kind == "percent" and limit.kind == "number":
            return show_percent(limit.literal)
        return say_number(limit.literal, limit if limit.kind == "percent" else about)
    value = worth(limit, known)
    return limit.title if value is None else f"{limit.title}({say_number(value, limit)})"


def say_value(about: Quantity, known: Known, words: Vocabulary) -> str:
    """Print a quantity with its value, and for a ratio with what it is made of: 培训合格率 47/50 = 94%."""
    value = worth(about, known)
    if value is None:
        return about.title
    if about.divides:
        top, bottom = _plain(about.top, known, words), _plain(about.bottom, known, words)
        if top and bottom:
            return f"{about.title} {top}/{bottom} = {say_number(value, about)}"
    return f"{about.title} {say_number(value, about)}"


def _plain(form: Linear, known: Known, words: Vocabulary) -> str:
    """Print a form of one fact as that fact's value."""
    if len(form.terms) != 1 or form.const:
        return ""
    quantity = words.quantities.get(form.terms[0][0])
    value = worth(quantity, known) if quantity else None
    return show(value) if value is not None else ""


def say_rule(condition: Condition, known: Known | None = None) -> str:
    """Print what a condition asks, as a rule: 培训合格率达到 95%."""
    known = known or {}
    match condition:
        case Compare():
            return _asks(condition, known)
        case Among():
            return f"{condition.about.title}为“{'”或“'.join(condition.shown)}”"
        case All():
            return "、且".join(_inner(part, known) for part in condition.parts)
        case AnyOf():
            return "、或".join(_inner(part, known) for part in condition.parts)


def _inner(condition: Condition, known: Known) -> str:
    text = say_rule(condition, known)
    return f"({text})" if isinstance(condition, All | AnyOf) else text


def _asks(condition: Compare, known: Known, *, held: bool = True) -> str:
    about = condition.about
    limit = say_limit(about, condition.limit, known)
    if about.kind == "truth":
        yes = (limit == "是") == ((condition.word == "equals") == held)
        return f"“{about.title}”为{'是' if yes else '否'}"
    table = _DAY_WORDS if about.kind in ("date", "datetime") else _NUMBER_WORDS
    return f"{about.title}{table[condition.word][0 if held else 1]} {limit}"


def say_held(condition: Condition, known: Known, words: Vocabulary) -> str:
    """Print why a condition holds or not, with the values that decide it."""
    result = truth(condition, known)
    match condition:
        case Compare():
            return _compared(condition, result, known, words)
        case Among():
            value = known.get(condition.var)
            if value is None:
                return f"还不知道“{condition.about.title}”"
            fact = words.fact(condition.var)
            titles = {o.id: o.title or o.id for o in (fact.answer.choice or ())} if fact else {}
            return f"{condition.about.title}为“{titles.get(str(value), value)}”"
        case All():
            return _together([p for p in condition.parts if truth(p, known) is result], known, words)
        case AnyOf():
            return _together([p for p in condition.parts if truth(p, known) is result], known, words)


def _together(parts: list[Condition], known: Known, words: Vocabulary) -> str:
    """Join what several parts say; what is missing is named once."""
    if all(truth(part, known) is None for part in parts):
        names = dict.fromkeys(name for part in parts for name in missing_names(part, known, words))
        if names:
            return f"还不知道{'、'.join(names)}"
    return "、".join(dict.fromkeys(say_held(part, known, words) for part in parts))


def _compared(condition: Compare, result: bool | None, known: Known, words: Vocabulary) -> str:
    if result is None:
        names = missing_names(condition, known, words)
        return f"还不知道{'、'.join(names)}" if names else f"{condition.about.title}的分母为 0,算不出来"
    about = condition.about
    if about.kind == "truth":
        return _asks(condition, known, held=result)
    table = _DAY_WORDS if about.kind in ("date", "datetime") else _NUMBER_WORDS
    word = table[condition.word][0 if result else 1]
    return f"{say_value(about, known, words)},{word} {say_limit(about, condition.limit, known)}"


def missing_facts(variables: frozenset[str], known: Known, words: Vocabulary) -> tuple[str, ...]:
    """Return the ids of the unanswered facts behind variables, computed numbers followed to their facts."""
    found, queue, seen = set[str](), list(variables), set[str]()
    while queue:
        var = queue.pop()
        if var in seen or var in known:
            continue
        seen.add(var)
        made = words.computed.get(var)
        if made is not None:
            queue += made.inputs
        elif fact_of(var):
            found.add(fact_of(var))
        elif var.startswith("judge:"):
            found.add(var)
    return tuple(sorted(found))


def fact_name(name: str, words: Vocabulary) -> str:
    """Return the short name of a fact, or what stands for a judgement."""
    if name.startswith("judge:"):
        return "人工评定"
    fact = words.fact(name)
    return fact.name if fact else name


def missing_names(condition: Condition, known: Known, words: Vocabulary) -> list[str]:
    """Return the short names of the unanswered facts behind a condition."""
    return [f"“{fact_name(name, words)}”" for name in missing_facts(condition.vars, known, words)]
