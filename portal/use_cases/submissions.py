"""Filling in: one answer at a time, each kept before it is acknowledged, none ever overwritten unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.answers import Stated
from engine.build.edition import Edition
from engine.judge import refused_claims
from portal.assessments import Standing, allowed, fillable, load
from portal.cases import edition_of
from portal.entry import (
    MOST_NOTE,
    New,
    Origin,
    Saved,
    Way,
    bound_to,
    digest_of,
    overtaken,
    read,
    standing_answers,
    text_refused,
    values_of,
    warnings,
    write,
)
from portal.fill import Part, parts_of
from portal.moment import shown
from portal.once import REUSED, Overtaken, carry_out, derived_op, digest, note, repeated
from portal.policy import Action, Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import accounts, claim_history, claims
from portal.trail import canonical

MOST_AT_ONCE = 500
"""Answers that one call may save."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer to be saved: of which subject and fact, the value, and the version it is based on (0: none yet)."""

    subject: str
    fact: str
    value: Any
    base: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SavedMany:
    """What of many answers was kept, and what was not and why; `refused` say subject and fact in their details."""

    saved: tuple[Saved, ...]
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """An assessment open for filling in, and what an answer is read with."""

    standing: Standing
    edition: Edition
    parts: Mapping[str, Part]

    @property
    def whole(self) -> Part:
        """The university itself."""
        return next(one for one in self.parts.values() if one.place is None)


def sit_down(
    portal: Portal, connection: Connection, actor: Actor, action: Action, standing: Standing, at: str
) -> Desk | Refusal:
    """Return what filling in needs, if the actor may do so now."""
    refused = allowed(connection, actor, action, standing) or fillable(standing, at)
    if refused is not None:
        return refused
    edition = edition_of(portal, standing.round)
    if isinstance(edition, Refusal):
        return edition
    return Desk(standing, edition, {one.id: one for one in parts_of(connection, standing.id)})


@use_case("answer.save", "answer.save", writes=True)
def save_answer(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    fact: str,
    value: Any,
    *,
    base: int,
    op_id: str,
    note: str | None = None,
    origin: Way = "typed",
) -> Saved | Refusal:
    """Save one answer, based on the version the person has seen; blank clears it."""
    found = save_many(
        portal, actor, assessment, (Entry(subject, fact, value, base, note),), op_id=op_id, origin=origin
    )
    if isinstance(found, Refusal):
        return found
    return found.saved[0] if found.saved else found.refused[0]


@use_case("answer.clear", "answer.save", writes=True)
def clear(
    portal: Portal, actor: Actor, assessment: str, subject: str, fact: str, *, base: int, op_id: str
) -> Saved | Refusal:
    """Take an answer back; what it was stays in its history."""
    return save_answer(portal, actor, assessment, subject, fact, None, base=base, op_id=op_id)


@use_case("answer.save_many", "answer.save", writes=True)
def save_many(
    portal: Portal,
    actor: Actor,
    assessment: str,
    entries: Sequence[Entry],
    *,
    op_id: str,
    origin: Way = "typed",
) -> SavedMany | Refusal:
    """Save many answers in one transaction, as when a table is pasted.

    A mistake costs its own answer only: the rest is kept, and what was refused is told with its reason.
    """
    if len(entries) > MOST_AT_ONCE:
        what = f"一次最多保存 {MOST_AT_ONCE} 项，这里有 {len(entries)} 项"
        return Refusal("too_large", "too_many", what, "请分几次粘贴")
    if len({(one.subject, one.fact) for one in entries}) < len(entries):
        return Refusal("invalid", "twice", "同一项出现了两次", "请只留一个再保存")

    def work(connection: Connection) -> SavedMany | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, "answer.save", assessment)
        if isinstance(before, Refusal):
            return before
        desk = sit_down(portal, connection, actor, "answer.save", standing, at)
        if before is not None:
            return _again(connection, desk, before, entries, origin)
        if isinstance(desk, Refusal):
            return desk
        good, refused = _sorted(connection, desk, entries, origin)
        return _keep(connection, desk, actor, at, op_id, good, refused)

    return carry_out(portal, work)


def _sorted(
    connection: Connection, desk: Desk, entries: Sequence[Entry], origin: Origin
) -> tuple[list[New], list[Refusal]]:
    """Read answers and compare them with what stands."""
    found = [_read(desk, one, origin) for one in entries]
    new = [one for one in found if isinstance(one, New)]
    rows = standing_answers(
        connection, desk.standing.id, (one.subject for one in new), (one.fact for one in new)
    )
    compared = [
        (overtaken(desk.edition, one, rows.get((one.subject, one.fact))) or one)
        if isinstance(one, New)
        else one
        for one in found
    ]
    good = [one for one in compared if isinstance(one, New)]
    return good, [one for one in compared if isinstance(one, Refusal)]


def _read(desk: Desk, one: Entry, origin: Origin) -> New | Refusal:
    part = desk.parts.get(one.subject)
    if part is None:
        where = {"subject": one.subject, "fact": one.fact}
        return Refusal(MISSING.kind, "subject", "这次评定里没有这个对象", "请核对后再试", where)
    return read(desk.edition, part, one.fact, one.value, one.note, one.base, origin)


def _keep(
    connection: Connection,
    desk: Desk,
    actor: Actor,
    at: str,
    op_id: str,
    good: list[New],
    refused: list[Refusal],
) -> SavedMany | Refusal:
    """Write answers, their history and one line of the trail."""
    if good:
        keep_answers(connection, desk.standing, actor, at, op_id, good)
    bound = {one.fact: bound_to(desk.edition, one.fact) for one in good}
    chosen = {one.subject for one in good} | {desk.whole.id}
    values = values_of(connection, desk.standing.id, chosen, frozenset[str]().union(*bound.values()))
    told = dict[tuple[str, frozenset[str]], tuple[str, ...]]()  # many answers are bound to the same others
    saved = list[Saved]()
    for one in good:
        key = one.subject, bound[one.fact]
        if key not in told:
            told[key] = warnings(desk.edition, values, desk.parts[one.subject], desk.whole, key[1])
        saved.append(Saved(one.subject, one.fact, one.base + 1, at, told[key]))
    return SavedMany(tuple(saved), tuple(refused))


def keep_answers(
    connection: Connection,
    standing: Standing,
    actor: Actor,
    at: str,
    op_id: str,
    good: Sequence[New],
    *,
    action: str = "answer.save",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write answers that have been read and compared, their history, and one line of the trail for all."""
    row_ops = [op_id, *(derived_op(op_id, str(index)) for index in range(1, len(good)))]
    write(connection, standing.id, zip(good, row_ops, strict=False), actor.id, at)
    told = [[one.subject, one.fact, one.base + 1, one.digest] for one in good]
    note(
        connection,
        op_id,
        standing.chain,
        at,
        actor,
        action,
        standing.id,
        {**(details or {}), "at": at, "saved": told},
    )


def _again(
    connection: Connection,
    desk: Desk | Refusal,
    before: Mapping[str, Any],
    entries: Sequence[Entry],
    origin: Origin,
) -> SavedMany | Refusal:
    """Answer again what was answered the first time."""
    saved = {(one[0], one[1]): one for one in before["saved"]}
    same = [(one, saved[one.subject, one.fact]) for one in entries if (one.subject, one.fact) in saved]
    rest = [one for one in entries if (one.subject, one.fact) not in saved]
    if len(same) < len(saved) or any(digest_of(one.value, one.note, origin) != was[3] for one, was in same):
        return REUSED
    kept = tuple(Saved(was[0], was[1], was[2], before["at"]) for _, was in same)
    refused = list[Refusal]()
    if rest and isinstance(desk, Desk):
        _, refused = _sorted(connection, desk, rest, origin)
    return SavedMany(kept, tuple(refused))


# Claims -------------------------------------------------------------------------------------------------------


@use_case("claim.save", "claim.save", writes=True)
def save_claim(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    indicator: str,
    reason: str | None,
    *,
    base: int,
    op_id: str,
) -> Saved | Refusal:
    """Claim that an indicator does not apply, and why; without a reason the claim is taken back."""
    why = (reason or "").strip() or None

    def work(connection: Connection) -> Saved | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, "claim.save", assessment)
        if isinstance(before, Refusal):
            return before
        if before is not None:
            return Saved(before["subject"], before["indicator"], before["version"], before["at"])
        desk = sit_down(portal, connection, actor, "claim.save", standing, at)
        if isinstance(desk, Refusal):
            return desk
        if subject not in desk.parts:
            return MISSING
        refused = _claim_refused(desk.edition, indicator, why)
        row = None if refused else _claim(connection, assessment, subject, indicator)
        refused = refused or _claim_overtaken(subject, indicator, base, why, row)
        if refused is not None:
            return refused
        version = base + 1
        values = {"reason": why, "by": actor.id, "at": at, "version": version}
        key = {"assessment_id": assessment, "subject_id": subject, "indicator": indicator}
        if base == 0:
            connection.execute(insert(claims).values(**key, **values))
        else:
            changed = connection.execute(
                update(claims)
                .where(*(claims.c[name] == value for name, value in key.items()), claims.c.version == base)
                .values(**values)
            )
            if changed.rowcount != 1:
                raise Overtaken(indicator)
        connection.execute(insert(claim_history).values(op_id=op_id, **key, **values))
        told = {"subject": subject, "indicator": indicator, "version": version, "at": at}
        told["sha256"] = digest(canonical(why))
        note(connection, op_id, desk.standing.chain, at, actor, "claim.save", assessment, told)
        return Saved(subject, indicator, version, at)

    return carry_out(portal, work)


def _claim_refused(edition: Edition, indicator: str, why: str | None) -> Refusal | None:
    """Return what the engine has against a claim."""
    where = {"indicator": indicator[:80]}
    if edition.leaf(indicator) is None:
        return Refusal("invalid", "claim", f"指标 {indicator[:80]} 不存在", "请核对编号", where)
    if why is None:
        return None
    refused = text_refused(why, MOST_NOTE, "reason")
    if refused is not None:
        return refused
    problem = next(iter(refused_claims(edition, Stated({}, {}, {indicator: why}, ""))), None)
    return Refusal("invalid", "claim", problem.what, problem.next, where) if problem else None


def _claim(connection: Connection, assessment: str, subject: str, indicator: str) -> Row[Any] | None:
    return connection.execute(
        select(claims, accounts.c.name.label("by_name"))
        .outerjoin(accounts, accounts.c.id == claims.c.by)
        .where(
            claims.c.assessment_id == assessment,
            claims.c.subject_id == subject,
            claims.c.indicator == indicator,
        )
    ).first()


def _claim_overtaken(
    subject: str, indicator: str, base: int, why: str | None, row: Row[Any] | None
) -> Refusal | None:
    version = row.version if row is not None else 0
    if version == base:
        return None
    both: dict[str, Any] = {"subject": subject, "indicator": indicator, "version": version, "base": base}
    both["yours"] = {"reason": why}
    if row is None:
        return Refusal("conflict", "stale", "所依据的版本不存在", "请刷新后再保存", {**both, "theirs": None})
    theirs = {"reason": row.reason, "by": row.by, "by_name": row.by_name or "", "at": row.at}
    said = f"写了“{row.reason[:40]}”" if row.reason else "撤回了这条申报"
    what = f"缺项申报 {indicator}：{row.by_name or '别人'}已于 {shown(row.at)} {said}，您的改动没有保存"
    return Refusal(
        "conflict", "stale", what, "请看过两个内容后选一个，再保存一次", {**both, "theirs": theirs}
    )
