"""Conditions become comparisons of integers; `not` is pushed down until nothing is negated."""

from dataclasses import replace

from engine.build.arithmetic import opaque
from engine.build.quantities import operand, resolve
from engine.build.quantities import written as shown_as
from engine.build.scope import CALLED, DAYS, NUMERIC, Scope
from engine.models import conditions as written
from engine.models.checklist import Scalar
from engine.problem import Path, listed, nearest
from engine.tree import All, Among, AnyOf, Compare, Condition, Linear, Quantity

_OPPOSITE = {
    "at_least": "less_than",
    "less_than": "at_least",
    "at_most": "more_than",
    "more_than": "at_most",
    "equals": "differs",
    "differs": "equals",
}


def condition(scope: Scope, item: written.Condition, path: Path, negated: bool = False) -> Condition | None:
    """Build a condition; None after a problem."""
    match item:
        case written.Not():
            return condition(scope, item.not_, (*path, "not"), not negated)
        case written.All():
            return _joined(
                [condition(scope, one, (*path, "all", i), negated) for i, one in enumerate(item.all)], negated
            )
        case written.AnyOf():
            parts = [condition(scope, one, (*path, "any", i), negated) for i, one in enumerate(item.any)]
            return _joined(parts, not negated)
        case written.Evidenced():
            return _evidenced(scope, item, path, negated)
    found = list[Condition | None]()
    for name, asked in item.root.items():
        found += _asked(scope, name, asked, (*path, name), negated)
    return _joined(found, negated)


def _joined(parts: list[Condition | None], either: bool) -> Condition | None:
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts):
        return None
    if len(whole) == 1:
        return whole[0]
    return AnyOf(tuple(whole)) if either else All(tuple(whole))


def _evidenced(scope: Scope, item: written.Evidenced, path: Path, negated: bool) -> Condition | None:
    fact = scope.words.fact(item.evidenced)
    if fact is None:
        if item.evidenced in scope.words.defined:
            what = f"{scope.who}：{item.evidenced} 不是填报的事实，没有证据"
            scope.complain((*path, "evidenced"), what, "请换一个填报清单里的事实", "kind")
        else:
            scope.unknown((*path, "evidenced"), item.evidenced)
        return None
    about = Quantity(
        f"{fact.id}@evidence",
        f"“{fact.name}”的证据",
        "number",
        Linear(((f"{fact.id}@evidence", 1),)),
        unit="件",
    )
    wanted = fact.evidence.at_least if fact.evidence else 1
    limit = Quantity("", str(wanted), "number", Linear((), wanted))
    return compare(about, "less_than" if negated else "at_least", limit)


def _asked(
    scope: Scope, name: str, asked: written.Test | bool | str, path: Path, negated: bool
) -> list[Condition | None]:
    about = resolve(scope, name, path)
    if about is None:
        return [None]
    if about.kind == "choice":
        return _choice(scope, about, asked, path, negated)
    if about.kind in ("text", "table"):
        what = f"{scope.who}：{about.title}是{CALLED[about.kind]}，不能直接用作条件"
        advice = "请用派生事实（count、share 等）" if about.kind == "table" else "请改问是非题或单选题"
        scope.complain(path, what, advice, "kind")
        return [None]
    if not isinstance(asked, written.Test) and asked in _options(scope, about.id):
        what = f"{scope.who}：{about.title}是多选题，不能等于“{asked}”"
        scope.complain(path, what, f"请写 {{{name}: {{includes: {asked}}}}}", "kind")
        return [None]
    if not isinstance(asked, written.Test):
        return [_one(scope, about, "equals", asked, path, negated)]
    result = list[Condition | None]()
    for word in ("at_least", "at_most", "more_than", "less_than", "equals"):
        value = getattr(asked, word)
        if value is not None:
            result.append(_one(scope, about, word, value, (*path, word), negated))
    for word, plain in (("before", "less_than"), ("after", "more_than")):
        value = getattr(asked, word)
        if value is not None:
            result.append(_one(scope, about, plain, value, (*path, word), negated, day=word))
    if asked.within_months is not None:
        result.append(_within(scope, about, asked.within_months, path, negated))
    if asked.older_than_months is not None:
        result.append(_older(scope, about, asked.older_than_months, path, negated))
    if asked.includes is not None:
        result += _includes(scope, about, asked.includes, (*path, "includes"), negated)
    for word in ("one_of", "none_of"):
        if getattr(asked, word) is not None:
            what = f"{scope.who}：{about.title}不是单选题，不能写 {word}"
            scope.complain((*path, word), what, "请改用 equals、includes 或数字比较", "kind")
            result.append(None)
    return result


def _one(
    scope: Scope, about: Quantity, word: str, value: bool | str, path: Path, negated: bool, day: str = ""
) -> Condition | None:
    if day and about.kind not in DAYS:
        what = f"{scope.who}：{about.title}不是日期，不能写 {day}"
        scope.complain(path, what, "请用 at_least、less_than 等", "kind")
        return None
    if about.kind == "truth" and word != "equals":
        scope.complain(
            path, f"{scope.who}：{about.title}是是非题，不能写 {word}", "请写 true 或 false", "kind"
        )
        return None
    limit = operand(scope, value, path, None if about.kind in NUMERIC else about.kind)
    if limit is None:
        return None
    if (limit.kind in NUMERIC) != (about.kind in NUMERIC) or (
        about.kind not in NUMERIC and limit.kind != about.kind
    ):
        kinds = f"{CALLED[about.kind]}，后者是{CALLED[limit.kind]}"
        what = f"{scope.who} 拿{about.title}和{limit.title}比，前者是{kinds}"
        scope.complain(path, what, "请比较同一类型的事实", "kind")
        return None
    if limit.divides:
        limit = opaque(scope, "quotient", [limit], path)
    if about.divides and limit.literal is None:
        about = replace(
            opaque(scope, "quotient", [about], path), id=about.id, title=about.title, kind=about.kind
        )
    return compare(about, _OPPOSITE[word] if negated else word, limit)


def compare(about: Quantity, word: str, limit: Quantity) -> Condition:
    """Build a comparison as one integer inequality; the least of several is at least what each is.

    Only one side may depend on facts where the other divides by facts.
    """
    if about.extreme and word not in ("equals", "differs") and limit.literal is not None:
        every = (about.extreme == "least") == (word in ("at_least", "more_than"))
        parts = tuple(compare(part, word, limit) for part in about.parts)
        return All(parts) if every else AnyOf(parts)
    if about.divides:
        form, guard = about.top * limit.bottom.const - about.bottom * limit.top.const, about.bottom
    else:
        form, guard = about.top * limit.bottom.const - limit.top * about.bottom.const, None
    sign = {
        "at_least": ">=",
        "at_most": ">=",
        "more_than": ">",
        "less_than": ">",
        "equals": "=",
        "differs": "!=",
    }[word]
    if word in ("at_most", "less_than"):
        form = -form
    return Compare(form, sign, guard, about, word, limit)  # type: ignore[arg-type]


def _choice(
    scope: Scope, about: Quantity, asked: written.Test | bool | str, path: Path, negated: bool
) -> list[Condition | None]:
    legal = _options(scope, about.id)
    groups: list[tuple[tuple[str, ...], bool, Path]] = []
    if isinstance(asked, written.Test):
        if asked.model_fields_set - {"one_of", "none_of", "equals"}:
            what = f"{scope.who}：{about.title}是单选题，只能写 one_of、none_of 或 equals"
            scope.complain(path, what, f"选项有：{listed(legal)}", "kind")
            return [None]
        groups += [(asked.one_of, False, (*path, "one_of"))] if asked.one_of else []
        groups += [(asked.none_of, True, (*path, "none_of"))] if asked.none_of else []
        if asked.equals is not None:
            groups.append(((shown_as(asked.equals),), False, (*path, "equals")))
    else:
        groups.append(((shown_as(asked),), False, path))
    result = list[Condition | None]()
    for options, reverse, at in groups:
        if not _legal(scope, about, options, legal, at):
            result.append(None)
            continue
        inside = frozenset(options) if reverse == negated else frozenset(legal) - frozenset(options)
        shown = tuple(legal[option] for option in legal if option in inside)
        result.append(Among(about.id, inside, about, shown))
    return result


def _options(scope: Scope, name: str) -> dict[str, str]:
    """Return id and title of the options of a choice fact or column; nothing for any other."""
    fact = scope.words.fact(name)
    column = scope.columns[name] if scope.columns and name in scope.columns else None
    answer = column if isinstance(column, Scalar) else fact.answer if fact and column is None else None
    options = (answer.choice or answer.choices) if answer else None
    return {option.id: option.title or option.id for option in options or ()}


def _legal(
    scope: Scope, about: Quantity, options: tuple[str, ...], legal: dict[str, str], path: Path
) -> bool:
    for option in options:
        if option not in legal:
            near = nearest(option, legal)
            advice = f"最接近的是 {near}" if near else f"选项有：{listed(legal)}"
            scope.complain(path, f"{scope.who}：{about.title}没有选项“{option}”", advice, "unknown-option")
            return False
    return True


def _includes(
    scope: Scope, about: Quantity, wanted: tuple[str, ...] | str, path: Path, negated: bool
) -> list[Condition | None]:
    options = (wanted,) if isinstance(wanted, str) else wanted
    legal = _options(scope, about.id)
    if not legal:
        what = f"{scope.who}：{about.title}不是多选题，不能写 includes"
        scope.complain(path, what, "请改用 equals 或数字比较", "kind")
        return [None]
    if not _legal(scope, about, options, legal, path):
        return [None]
    held = Quantity("", "true", "truth", Linear((), 1))
    word = "differs" if negated else "equals"
    parts = [
        compare(
            Quantity(
                f"{about.id}#{o}", f"{about.title}({legal[o]})", "truth", Linear(((f"{about.id}#{o}", 1),))
            ),
            word,
            held,
        )
        for o in options
    ]
    return [_joined(list(parts), negated)]


def _ago(scope: Scope, months: int) -> Quantity:
    """Return the day so many months before the day of assessment."""
    scope.words.agos.add(months)
    title = f"评定日前 {months} 个月" if months else "评定日"
    return Quantity(f"@ago:{months}", title, "date", Linear(((f"@ago:{months}", 1),)))


def _is_day(scope: Scope, about: Quantity, path: Path, key: str) -> bool:
    if about.kind != "date":
        scope.complain(
            (*path, key), f"{scope.who}：{about.title}不是日期，不能写 {key}", "请用日期事实", "kind"
        )
    return about.kind == "date"


def _within(scope: Scope, about: Quantity, months: int, path: Path, negated: bool) -> Condition | None:
    if not _is_day(scope, about, path, "within_months"):
        return None
    pairs = [("at_least", _ago(scope, months)), ("at_most", _ago(scope, 0))]
    parts: list[Condition | None] = [
        compare(about, _OPPOSITE[w] if negated else w, limit) for w, limit in pairs
    ]
    return _joined(parts, negated)


def _older(scope: Scope, about: Quantity, months: int, path: Path, negated: bool) -> Condition | None:
    if not _is_day(scope, about, path, "older_than_months"):
        return None
    return compare(about, "more_than" if negated else "at_most", _ago(scope, months))
