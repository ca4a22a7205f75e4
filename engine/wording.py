"""Conditions and numbers in Chinese, with and without what was answered."""

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction

from engine.build.edition import fact_of
from engine.build.vocabulary import Vocabulary
from engine.derive import has_blanks
from engine.evaluate import Known, truth, worth
from engine.exact import read_number, show
from engine.models.scoring import Each
from engine.tree import All, Among, AnyOf, Compare, Condition, Linear, Quantity, Step

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
MOST_PLACES = 8
"""Decimals after which a number that still looks like its limit is left so."""


def spaced(word: str, text: str) -> str:
    """Put a blank before a number or a Latin word, none between Chinese characters."""
    return f"{word} {text}" if text[:1].isascii() else f"{word}{text}"


def of(text: str) -> str:
    """Put 的 after a text, with a blank when it ends in a number or a sign."""
    return f"{text} 的" if text[-1:].isascii() else f"{text}的"


def quoted(title: str) -> str:
    """Put a title in quotation marks; those inside become single ones."""
    return f"“{title.replace('“', '‘').replace('”', '’')}”"


def say_number(number: Fraction | int, quantity: Quantity, near: Fraction | None = None) -> str:
    """Print a number the way its quantity is read: 95%, 12 人, 约 106.67 人, 2024-01-26, 是.

    `near` is what it is compared with: a number that only looks like it gets more decimals.
    """
    match quantity.kind:
        case "date":
            return date.fromordinal(int(number)).isoformat()
        case "datetime":
            day, minutes = divmod(int(number), 24 * 60)
            return f"{date.fromordinal(day).isoformat()} {minutes // 60:02d}:{minutes % 60:02d}"
    factor, places, unit = (
        (100, 2, "%") if quantity.kind == "percent" else (1, 6, quantity.unit and f" {quantity.unit}")
    )
    exact = number * factor
    if 10**places % exact.denominator == 0:
        return show(exact, places) + unit
    places = 2
    while near is not None and places < MOST_PLACES and show(exact, places) == show(near * factor, places):
        places += 1
    return f"约 {show(exact, places)}{unit}"


def say_written(written: bool | str, about: Quantity, words: Vocabulary, known: Known) -> str:
    """Print a number as a rule writes it, or the fact it names instead, with its value."""
    quantity = words.quantities.get(str(written))
    if quantity is not None:
        return say_limit(about, quantity, known)
    number = read_number(written)
    return say_number(number, about)


def say_unit(step: Step, *, one: bool = False) -> str:
    """Print what counts as one: 人 (or 1 人), 个, or after a blank 1%, 10000 元."""
    size = getattr(step.source, "per", None) or Fraction(1)
    if step.about.kind == "number" and (size == 1 or not step.about.unit):
        unit = step.about.unit or "个"
        return unit if size == 1 and not one else f" {show(size)} {unit}"
    return " " + say_number(size, step.about)


def say_each(
    step: Step, source: Each, score: Callable[[int], str], words: Vocabulary, known: Known, verb: str
) -> str:
    """Say what each event is worth and from where it is counted: 超过 96% 的部分每 1% 2 分."""
    each = f"每{say_unit(step)}{'扣' if verb == '扣' else ''} {score(step.gain)} 分"
    if source.over is not None:
        each = f"{of(spaced('超过', say_written(source.over, step.about, words, known)))}部分{each}"
    if source.under is not None:
        each = f"{of(spaced('不足', say_written(source.under, step.about, words, known)))}部分{each}"
    if source.base is not None:
        start = say_written(str(source.base.at), step.about, words, known)
        each = f"满 {start}得 {score(step.base)} 分，以上每{say_unit(step)}加 {score(step.gain)} 分"
    return each + ("（不足一个也算）" if source.part == "counts" else "")


def rising(step: Step) -> bool:
    """Whether more of the number means a higher level."""
    tops, abouts = dict(step.top.terms), dict(step.about.top.terms)
    return all(tops.get(var, 0) * factor >= 0 for var, factor in abouts.items())


def say_limit(about: Quantity, limit: Quantity, known: Known) -> str:
    """Print what a quantity is compared with: a number as written, or another fact with its value."""
    if limit.literal is not None:
        kind = limit if limit.kind == "percent" and about.kind != "percent" else about
        return say_number(limit.literal, kind)
    value = worth(limit, known)
    return limit.title if value is None else f"{limit.title}（{say_number(value, limit)}）"


def say_value(about: Quantity, known: Known, words: Vocabulary, near: Fraction | None = None) -> str:
    """Print a quantity that is known with its value, a ratio with what it is made of: 培训合格率 47/50 = 94%."""
    value = worth(about, known)
    assert value is not None, about.title
    said = say_number(value, about, near)
    if about.divides:
        top, bottom = _plain(about.top, known, words), _plain(about.bottom, known, words)
        if top and bottom:
            sign = "≈" if said.startswith("约") else "="
            return f"{about.title} {top}/{bottom} {sign} {said.removeprefix('约 ')}"
    return spaced(about.title, said)


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
            return f"{condition.about.title}为{either(quoted(one) for one in condition.shown)}"
        case All():
            return "，且".join(_inner(part, known) for part in condition.parts)
        case _:
            return "，或".join(_inner(part, known) for part in condition.parts)


def either(words: Iterable[str]) -> str:
    """Join alternatives: 甲、乙或丙."""
    *most, last = words
    return f"{'、'.join(most)}或{last}" if most else last


def _inner(condition: Condition, known: Known) -> str:
    text = say_rule(condition, known)
    return f"（{text}）" if isinstance(condition, All | AnyOf) else text


def wants(condition: Compare, *, held: bool = True) -> bool:
    """Whether a yes-no condition asks for 是 (or, not held, what it says of the fact)."""
    return bool(condition.limit.literal) == ((condition.word == "equals") == held)


def _asks(condition: Compare, known: Known, *, held: bool = True) -> str:
    about = condition.about
    if about.kind == "truth":
        return f"{quoted(about.title)}为{'是' if wants(condition, held=held) else '否'}"
    table = _DAY_WORDS if about.kind in ("date", "datetime") else _NUMBER_WORDS
    word = table[condition.word][0 if held else 1]
    return f"{about.title}{spaced(word, say_limit(about, condition.limit, known))}"


def say_item(condition: Condition) -> str:
    """Print an item of a list: a plain fact by its name, anything else as a rule."""
    plain = isinstance(condition, Compare) and condition.about.kind == "truth" and wants(condition)
    return quoted(condition.about.title) if plain and isinstance(condition, Compare) else say_rule(condition)


def say_held(condition: Condition, known: Known, words: Vocabulary) -> str:
    """Print why a condition holds or not, with the values that decide it."""
    result = truth(condition, known)
    match condition:
        case Compare():
            return _compared(condition, result, known, words)
        case Among():
            value = known.get(condition.var)
            if value is None:
                return f"还不知道{quoted(condition.about.title)}"
            fact = words.fact(condition.var)
            titles = {o.id: o.title or o.id for o in (fact.answer.choice or ())} if fact else {}
            return f"{condition.about.title}为{quoted(titles.get(str(value), str(value)))}"
        case _:
            return _together([part for part in condition.parts if truth(part, known) is result], known, words)


def _together(parts: list[Condition], known: Known, words: Vocabulary) -> str:
    """Join what several parts say; what is missing is named once."""
    if parts and all(truth(part, known) is None for part in parts):
        names = list(dict.fromkeys(name for part in parts for name in missing_names(part, known, words)))
        if names:
            return f"还不知道{'、'.join(names)}"
    return "、".join(dict.fromkeys(say_held(part, known, words) for part in parts))


def _compared(condition: Compare, result: bool | None, known: Known, words: Vocabulary) -> str:
    about, limit = condition.about, condition.limit
    if result is None:
        names = missing_names(condition, known, words)
        made = [words.computed[var] for var in condition.vars if var in words.computed]
        if not names and any(has_blanks(one, known) for one in made):
            return f"{about.title}用到的表里还有没填的格"
        return f"还不知道{'、'.join(names)}" if names else f"{about.title}的分母为 0，算不出来"
    if about.kind == "truth":
        return _asks(condition, known, held=result)
    table = _DAY_WORDS if about.kind in ("date", "datetime") else _NUMBER_WORDS
    word = table[condition.word][0 if result else 1]
    said = say_value(about, known, words, worth(limit, known))
    same = word == "等于" and limit.literal is not None
    return said if same else f"{said}，{spaced(word, say_limit(about, limit, known))}"


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
        else:
            found.add(fact_of(var) or var)
    return tuple(sorted(found))


def fact_name(name: str, words: Vocabulary) -> str:
    """Return the short name of a fact, or what stands for a judgement."""
    if name.startswith("judge:"):
        return "人工评定"
    fact = words.fact(name)
    return fact.name if fact else name


def missing_names(condition: Condition, known: Known, words: Vocabulary) -> list[str]:
    """Return the short names of the unanswered facts behind a condition."""
    return [quoted(fact_name(name, words)) for name in missing_facts(condition.vars, known, words)]
