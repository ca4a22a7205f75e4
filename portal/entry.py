"""One answer on its way in: read by the engine, kept as text, compared with what stands, written with its history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from engine.answers import Stated, world_of
from engine.build.edition import Edition
from engine.exact import MAX_DIGITS
from engine.models.submission import Given
from engine.problem import nearest
from engine.reading import Unreadable, read_answer
from portal.fill import WHOLE, Part, kind_of_fact, value_of
from portal.moment import shown
from portal.once import Overtaken, digest
from portal.refusal import Refusal
from portal.store.tables import accounts, answer_history, answers
from portal.trail import canonical

Origin = Literal["typed", "carried", "offered", "api", "imported"]
Way = Literal["typed", "api", "imported"]
"""How an answer comes from outside; the others are made here."""

MOST_VALUE = 400_000
"""Letters that one answer may have when kept: the longest table."""

MOST_NOTE = 2_000
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer or claim that is kept; `version` is what the next change must be based on.

    `warnings` say what does not fit with other answers; it is kept all the same.
    """

    subject: str
    name: str
    version: int
    at: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class New:
    """An answer that has been read and may be written."""

    subject: str
    fact: str
    value: str | None
    note: str | None
    base: int
    origin: Origin
    origin_ref: str | None = None

    @property
    def digest(self) -> str:
        """What the trail holds of it."""
        return digest(canonical([self.value, self.note, self.origin, self.origin_ref]))


def digest_of(value: Any, note: str | None, origin: Origin) -> str:
    """Return what the trail would hold of an answer as a caller gives it; empty for one that cannot be kept."""
    try:
        return New("", "", kept_text(value), (note or "").strip() or None, 0, origin).digest
    except (TypeError, ValueError):
        return ""


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it: exact numbers as text, rows with text keys."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return value
        case Decimal() | float():
            number = Decimal(str(value))
            if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
                raise ValueError(str(number))
            return format(number, "f")
        case list() | tuple():
            return [plain(one) for one in value]
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
    raise TypeError(type(value))


def kept_text(value: Any) -> str | None:
    """Return a value as it is kept; blank is no value."""
    return None if value is None or value == "" else canonical(plain(value))


def too_deep(value: Any, depth: int = 0) -> bool:
    """Whether lists and keys in a value lie deeper in each other than any answer."""
    inside: Iterable[Any] = value.values() if isinstance(value, Mapping) else value
    return isinstance(value, list | tuple | Mapping) and (
        depth >= MAX_DEPTH or any(too_deep(one, depth + 1) for one in inside)
    )


def unkeepable(value: Any, depth: int = 0) -> bool:
    """Whether a text in a value has letters that cannot be stored: NUL, other controls, halves; or lies too deep."""
    if depth > MAX_DEPTH:
        return True
    match value:
        case str():
            return any((one < " " and one not in "\n\r\t") or "\ud800" <= one <= "\udfff" for one in value)
        case list() | tuple():
            return any(unkeepable(one, depth + 1) for one in value)
        case Mapping():
            return any(unkeepable(one, depth + 1) for pair in value.items() for one in pair)
    return False


CONTROL = Refusal(
    "invalid",
    "control",
    "内容里有看不见的控制字符或残缺的字符",
    "请删去，或从纯文本重新粘贴",
    {"field": "value"},
)


DEEP = Refusal(
    "invalid", "deep", "内容套得太深", "请按表格的样子填：一行一组，不再往里套", {"field": "value"}
)


def text_refused(text: str | None, most: int, field: str) -> Refusal | None:
    """Return why a text of a person cannot be kept; None when it can."""
    if text is None:
        return None
    if unkeepable(text):
        return Refusal(CONTROL.kind, CONTROL.code, CONTROL.what, CONTROL.next, {"field": field})
    if len(text) > most:
        what = f"写了 {len(text)} 个字，最多 {most} 个"
        return Refusal("invalid", "too_long", what, "请缩短，原文可放在附件里", {"field": field})
    return None


def read(
    edition: Edition,
    part: Part,
    fact: str,
    value: Any,
    note: str | None,
    base: int,
    origin: Origin,
    origin_ref: str | None = None,
) -> New | Refusal:
    """Read an answer by the type of its fact; what the engine cannot read is refused in its words."""
    where = {"subject": part.id, "fact": fact}
    known = edition.words.fact(fact) if fact in edition.facts else None
    if known is None:
        near = nearest(fact, edition.facts)
        next_ = f"最接近的是 {near}" if near else "请核对事实号"
        return Refusal("invalid", "unknown_fact", f"这套标准没有问 {fact[:80]}", next_, where)
    if part.place is not None and kind_of_fact(edition, fact) == WHOLE:
        return Refusal(
            "invalid",
            "wrong_subject",
            f"{known.name}：这是全校填一次的事实，不在“{part.title}”里填",
            "请在学校一栏填写，各处共用",
            where,
        )
    refused = (
        DEEP if too_deep(value) else CONTROL if unkeepable(value) else text_refused(note, MOST_NOTE, "note")
    )
    if refused is None and base < 0:
        refused = Refusal("invalid", "version", "所依据的版本号不对", "请刷新后再试", {"field": "base"})
    if refused is not None:
        return Refusal(refused.kind, refused.code, refused.what, refused.next, {**where, **refused.details})
    if value is not None and value != "":
        try:
            read_answer(known, value, edition.words.domains)
            text = kept_text(value)
        except Unreadable as error:
            return Refusal("invalid", "answer", f"{known.name}：{error.what}", error.next, where)
        except (TypeError, ValueError):
            what = f"{known.name}：这种写法不能保存"
            return Refusal("invalid", "answer", what, "请填文字、数字、是或否、选项或表格", where)
        if text is not None and len(text) > MOST_VALUE:
            what = f"{known.name}：内容太长，超过 {MOST_VALUE:,} 个字符"
            return Refusal("too_large", "too_long", what, "请分开填，或把原文放在附件里", where)
    return New(part.id, fact, kept_text(value), (note or "").strip() or None, base, origin, origin_ref)


def standing_answer(connection: Connection, assessment: str, subject: str, fact: str) -> Row[Any] | None:
    """Return the answer that stands, with the name of who gave it."""
    return standing_answers(connection, assessment, [subject], [fact]).get((subject, fact))


_STANDING = (
    select(answers, accounts.c.name.label("by_name"))
    .outerjoin(accounts, accounts.c.id == answers.c.by)
    .where(
        answers.c.assessment_id == bindparam("assessment"),
        answers.c.subject_id.in_(bindparam("subjects", expanding=True)),
        answers.c.fact.in_(bindparam("facts", expanding=True)),
    )
)


def standing_answers(
    connection: Connection, assessment: str, chosen: Iterable[str], facts: Iterable[str]
) -> dict[tuple[str, str], Row[Any]]:
    """Return the answers that stand for some facts of some subjects, each with the name of who gave it."""
    given = {"assessment": assessment, "subjects": sorted(set(chosen)), "facts": sorted(set(facts))}
    rows = connection.execute(_STANDING, given)
    return {(row.subject_id, row.fact): row for row in rows}


def overtaken(edition: Edition, new: New, row: Row[Any] | None) -> Refusal | None:
    """Return the refusal of a save that is based on an older answer, with both; None when it is not."""
    version = row.version if row is not None else 0
    if version == new.base:
        return None
    known = edition.words.fact(new.fact)
    name = known.name if known else new.fact
    both = {"subject": new.subject, "fact": new.fact, "version": version, "base": new.base}
    both |= {"yours": {"value": value_of(new.value), "note": new.note}}
    if row is None:
        return Refusal(
            "conflict", "stale", f"{name}：所依据的版本不存在", "请刷新后再保存", {**both, "theirs": None}
        )
    both |= {
        "theirs": {
            "value": value_of(row.value),
            "note": row.note,
            "by": row.by,
            "by_name": row.by_name or "",
            "at": row.at,
            "origin": row.origin,
        }
    }
    theirs = "清空了" if row.value is None else f"填了 {_brief(row.value)}"
    yours = "要清空，还没有清空" if new.value is None else f"填的 {_brief(new.value)} 没有保存"
    what = f"{name}：{row.by_name or '别人'}已于 {shown(row.at)} {theirs}，您{yours}"
    return Refusal("conflict", "stale", what, "请看过两个内容后选一个，再保存一次", both)


def _brief(text: str) -> str:
    value = value_of(text)
    match value:
        case bool():
            said = "是" if value else "否"
        case list() if value and isinstance(value[0], dict):
            return f"{len(value)} 行"
        case list():
            said = "、".join(map(str, value))
        case _:
            said = str(value)
    return f"“{said[:40]}…”" if len(said) > 40 else f"“{said}”"


def write(
    connection: Connection, assessment: str, chosen: Iterable[tuple[New, str]], by: str, at: str
) -> None:
    """Write answers and their history, each under the id of its row. The caller has compared the versions."""
    first, history = list[dict[str, Any]](), list[dict[str, Any]]()
    for new, row_op in chosen:
        key = {"assessment_id": assessment, "subject_id": new.subject, "fact": new.fact}
        values = {
            "value": new.value,
            "note": new.note,
            "origin": new.origin,
            "origin_ref": new.origin_ref,
            "by": by,
            "at": at,
            "version": new.base + 1,
        }
        if new.base == 0:
            first.append({**key, **values})
        else:
            _change(connection, key, new.base, values)
        history.append({"op_id": row_op, **key, **values})
    if first:
        connection.execute(insert(answers), first)
    if history:
        connection.execute(insert(answer_history), history)


_CHANGE = update(answers).where(
    answers.c.assessment_id == bindparam("of_assessment_id"),
    answers.c.subject_id == bindparam("of_subject_id"),
    answers.c.fact == bindparam("of_fact"),
    answers.c.version == bindparam("of_version"),
)


def _change(connection: Connection, key: Mapping[str, str], base: int, values: Mapping[str, Any]) -> None:
    which = {f"of_{name}": value for name, value in {**key, "version": base}.items()}
    changed = connection.execute(_CHANGE, {**values, **which})
    if changed.rowcount != 1:
        raise Overtaken(key["fact"])


def bound_to(edition: Edition, fact: str) -> frozenset[str]:
    """Return the facts that a fact is bound to, itself included; none where nothing binds it."""
    return frozenset(
        var
        for link in edition.links
        if fact in {var for var, _ in link.terms}
        for var, _ in link.terms
        if edition.words.fact(var) is not None
    )


def values_of(
    connection: Connection, assessment: str, chosen: Iterable[str], facts: Iterable[str]
) -> dict[tuple[str, str], str]:
    """Return the values that stand for some facts of some subjects, as they are kept."""
    wanted = sorted(set(facts))
    if not wanted:
        return {}
    rows = connection.execute(
        select(answers.c.subject_id, answers.c.fact, answers.c.value).where(
            answers.c.assessment_id == assessment,
            answers.c.subject_id.in_(sorted(set(chosen))),
            answers.c.fact.in_(wanted),
            answers.c.value.is_not(None),
        )
    )
    return {(row.subject_id, row.fact): row.value for row in rows}


def warnings(
    edition: Edition, values: Mapping[tuple[str, str], str], part: Part, whole: Part, bound: Iterable[str]
) -> tuple[str, ...]:
    """Return what the engine says of answers that are bound to each other and do not fit."""
    kept = {fact: values.get((part.id, fact), values.get((whole.id, fact))) for fact in bound}
    given = {fact: Given(value=value_of(text)) for fact, text in kept.items() if text is not None}
    if not given:
        return ()
    _, problems = world_of(edition, Stated(given, {}, {}, "2000-01-01"), frozenset())
    return tuple(f"{one.what}。{one.next}。" for one in problems if one.code == "bound")
