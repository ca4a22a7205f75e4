"""Fill once: what a university has answered elsewhere is offered here, and last time's answers can be carried over."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.build.edition import Edition
from portal.assessments import Standing, allowed, gate, load
from portal.cases import edition_of
from portal.entry import New, Origin, Saved, overtaken, read, standing_answer
from portal.fill import Part, parts_of, value_of
from portal.moment import is_id
from portal.once import REUSED, carry_out, repeated
from portal.policy import Actor, Object, may
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import accounts, answers, assessments, rounds, subjects
from portal.trail import canonical
from portal.use_cases.submissions import Desk, keep_answers, sit_down

UNREAD = "这一版读不懂上次的内容，没有沿用"
"""Why something was not carried over, when asked again: the trail holds no answers."""

MOST_OFFERS = 5
"""Offers told for one fact, the newest first."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer the same university gave to the same fact elsewhere: where, when, by whom."""

    fact: str
    value: Any
    note: str | None
    assessment: str
    subject: str
    round_title: str
    standard: str
    as_of: str
    state: str
    by_name: str
    at: str
    version: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What was carried over from which round, and what was not, with the reason."""

    source: str
    round_title: str
    count: int
    skipped: tuple[tuple[str, str, str], ...] = ()


@use_case("answer.offers", "answer.read", writes=False)
def offers(
    portal: Portal, actor: Actor, assessment: str, subject: str, *, facts: Iterable[str] | None = None
) -> dict[str, tuple[Offer, ...]] | Refusal:
    """Return what the same university answered to the same facts in its other assessments, the newest first.

    Of a place, only answers about the same place; only what this edition can read; nothing equal to what stands.
    """
    with portal.database.read() as connection:
        standing = gate(connection, actor, "answer.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        edition = edition_of(portal, standing.round)
        if isinstance(edition, Refusal):
            return edition
        part = next((one for one in parts_of(connection, assessment) if one.id == subject), None)
        if part is None:
            return MISSING
        asked = set(edition.facts) if facts is None else set(facts) & set(edition.facts)
        given = connection.execute(
            select(answers.c.fact, answers.c.value).where(
                answers.c.assessment_id == assessment, answers.c.subject_id == subject
            )
        )
        here = {row.fact: row.value for row in given}
        rows = connection.execute(
            _elsewhere(standing, part).order_by(answers.c.at.desc(), answers.c.assessment_id)
        ).all()
    found: dict[str, list[Offer]] = {}
    for row in rows:
        offer = _offer(actor, standing, row)
        if row.fact not in asked or offer is None or here.get(row.fact) == row.value:
            continue
        told = found.setdefault(row.fact, [])
        known = any(one.value == offer.value for one in told)
        if not known and len(told) < MOST_OFFERS and _readable(edition, part, row):
            told.append(offer)
    return {fact: tuple(told) for fact, told in sorted(found.items()) if told}


def _elsewhere(standing: Standing, part: Part) -> Any:
    """Select the answers of the same university about the same place in its other assessments."""
    here = subjects.c.place_id.is_(None) if part.place is None else subjects.c.place_id == part.place
    return (
        select(
            answers,
            accounts.c.name.label("by_name"),
            assessments.c.state,
            rounds.c.id.label("round_id"),
            rounds.c.title.label("round_title"),
            rounds.c.standard,
            rounds.c.as_of,
        )
        .join(subjects, subjects.c.id == answers.c.subject_id)
        .join(assessments, assessments.c.id == answers.c.assessment_id)
        .join(rounds, rounds.c.id == assessments.c.round_id)
        .outerjoin(accounts, accounts.c.id == answers.c.by)
        .where(
            assessments.c.university_id == standing.university,
            assessments.c.id != standing.id,
            answers.c.value.is_not(None),
            here,
        )
    )


def _offer(actor: Actor, standing: Standing, row: Row[Any]) -> Offer | None:
    """Return an answer as an offer, if the actor may read it where it was given."""
    if not may(actor, "answer.read", Object(row.round_id, standing.university, row.state)):
        return None
    return Offer(
        row.fact,
        value_of(row.value),
        row.note,
        row.assessment_id,
        row.subject_id,
        row.round_title,
        row.standard,
        row.as_of,
        row.state,
        row.by_name or "",
        row.at,
        row.version,
    )


def _readable(edition: Edition, part: Part, row: Row[Any]) -> bool:
    return isinstance(read(edition, part, row.fact, value_of(row.value), row.note, 0, "offered"), New)


def _taken(desk: Desk, part: Part, row: Row[Any], base: int, origin: Origin) -> New | Refusal:
    """Read an answer of another assessment for this one, with where it comes from."""
    origin_ref = {
        "assessment": row.assessment_id,
        "subject": row.subject_id,
        "version": row.version,
        "at": row.at,
        "round": row.round_title,
    }
    value = value_of(row.value)
    return read(desk.edition, part, row.fact, value, row.note, base, origin, canonical(origin_ref))


@use_case("answer.accept_offer", "answer.save", writes=True)
def accept_offer(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    fact: str,
    source: str,
    *,
    base: int,
    op_id: str,
) -> Saved | Refusal:
    """Take an offer: the answer that stands in another assessment becomes the answer here, marked with its origin."""

    def work(connection: Connection) -> Saved | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, "answer.accept_offer", assessment)
        if isinstance(before, Refusal):
            return before
        if before is not None:
            was = before["saved"][0]
            same = was[:2] == [subject, fact]
            return Saved(was[0], was[1], was[2], before["at"]) if same else REUSED
        desk = sit_down(portal, connection, actor, "answer.save", standing, at)
        if isinstance(desk, Refusal):
            return desk
        part = desk.parts.get(subject)
        if part is None or fact not in desk.edition.facts or not is_id(source):
            return MISSING
        row = connection.execute(
            _elsewhere(standing, part).where(answers.c.assessment_id == source, answers.c.fact == fact)
        ).first()
        if row is None or _offer(actor, standing, row) is None:
            return MISSING
        new = _taken(desk, part, row, base, "offered")
        if isinstance(new, Refusal):
            return new
        refused = overtaken(desk.edition, new, standing_answer(connection, assessment, new.subject, new.fact))
        if refused is not None:
            return refused
        keep_answers(
            connection,
            standing,
            actor,
            at,
            op_id,
            (new,),
            action="answer.accept_offer",
            details={"source": source},
        )
        return Saved(new.subject, new.fact, base + 1, at)

    return carry_out(portal, work)


@use_case("answer.carry_over", "answer.carry", writes=True)
def carry_over(portal: Portal, actor: Actor, assessment: str, *, op_id: str) -> Carried | Refusal:
    """Carry over the answers of the last round by the same standard to what has no answer here, marked as carried."""

    def work(connection: Connection) -> Carried | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, "answer.carry", assessment)
        if isinstance(before, Refusal):
            return before
        if before is not None:
            left = tuple((one[0], one[1], UNREAD) for one in before["skipped"])
            return Carried(before["source"], before["round"], len(before["saved"]), left)
        desk = sit_down(portal, connection, actor, "answer.carry", standing, at)
        if isinstance(desk, Refusal):
            return desk
        last = _last(connection, standing)
        if last is None or allowed(connection, actor, "answer.read", last) is not None:
            what = "没有找到本校上一次按这套标准的填报"
            return Refusal("missing", "no_last_round", what, "请直接填写，或采用其他标准里填过的内容")
        good, skipped = _carried(connection, desk, last)
        if not good:
            what = f"“{last.round.title}”里没有可以沿用到空白处的内容"
            return Refusal("state", "nothing_to_carry", what, "请直接填写")
        told = {"source": last.id, "round": last.round.title, "skipped": [one[:2] for one in skipped]}
        keep_answers(connection, standing, actor, at, op_id, good, action="answer.carry", details=told)
        return Carried(last.id, last.round.title, len(good), tuple(skipped))

    return carry_out(portal, work)


def _last(connection: Connection, standing: Standing) -> Standing | None:
    """Return the assessment of the same university by the same standard in the round before this one."""
    now = standing.round
    row = connection.execute(
        select(assessments.c.id)
        .join(rounds, rounds.c.id == assessments.c.round_id)
        .where(
            assessments.c.university_id == standing.university,
            assessments.c.id != standing.id,
            rounds.c.standard == now.standard,
            rounds.c.as_of < now.as_of,
            assessments.c.id.in_(select(answers.c.assessment_id).where(answers.c.value.is_not(None))),
        )
        .order_by(rounds.c.as_of.desc(), assessments.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else load(connection, row.id)


def _carried(
    connection: Connection, desk: Desk, last: Standing
) -> tuple[list[New], list[tuple[str, str, str]]]:
    """Read the last answers for this edition; what it does not ask, cannot read or has already is skipped."""
    now = {
        (row.subject_id, row.fact): row
        for row in connection.execute(
            select(answers.c.subject_id, answers.c.fact, answers.c.value, answers.c.version).where(
                answers.c.assessment_id == desk.standing.id
            )
        )
    }
    good, skipped = list[New](), list[tuple[str, str, str]]()
    for part in desk.parts.values():
        rows = connection.execute(
            _elsewhere(desk.standing, part).where(answers.c.assessment_id == last.id).order_by(answers.c.fact)
        )
        for row in rows:
            there = now.get((part.id, row.fact))
            if row.fact not in desk.edition.facts or (there is not None and there.value is not None):
                continue
            new = _taken(desk, part, row, there.version if there is not None else 0, "carried")
            if isinstance(new, Refusal):
                skipped.append((part.id, row.fact, new.what))
            else:
                good.append(new)
    return good, skipped
