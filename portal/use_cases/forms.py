"""Reading what is filled in: a form with who and when, the history of one answer, the score as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, func, select

from portal.assessments import about, fillable, gate
from portal.cases import edition_of
from portal.entry import unkeepable
from portal.fill import asked_of, filled, judged, parts_of, submission_of, value_of
from portal.policy import Actor, State, may
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import accounts, answer_history, answers, claim_history, claims, evidence


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it stands or stood, with who, when, where from and its version."""

    fact: str
    value: Any
    note: str | None
    origin: str
    origin_ref: Mapping[str, Any] | None
    by: str
    by_name: str
    at: str
    version: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that an indicator does not apply; without a reason it was taken back."""

    indicator: str
    reason: str | None
    by: str
    by_name: str
    at: str
    version: int


@dataclass(frozen=True, slots=True)
class Seat:
    """One subject to be filled in, and how many questions are asked there."""

    id: str
    slug: str
    title: str
    kind: str
    is_university: bool
    asked: int


@dataclass(frozen=True, slots=True)
class Form:
    """What a page shows to fill in one subject: which facts, what stands, and whether it may be changed now."""

    assessment: str
    subject: str
    title: str
    standard: str
    edition: str
    state: State
    version: int
    until: str | None
    may_save: bool
    why_not: Refusal | None
    facts: tuple[str, ...]
    answers: Mapping[str, Answered]
    claims: Mapping[str, Claimed]
    evidence: Mapping[str, int]
    seats: tuple[Seat, ...]


@use_case("answer.read_section", "answer.read", writes=False)
def read_section(
    portal: Portal, actor: Actor, assessment: str, subject: str, *, checklist: str | None = None
) -> Form | Refusal:
    """Return the form of one subject, or the part of it that one checklist asks."""
    at = portal.at()
    with portal.database.read() as connection:
        standing = gate(connection, actor, "answer.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        edition = edition_of(portal, standing.round)
        if isinstance(edition, Refusal):
            return edition
        parts = parts_of(connection, assessment)
        part = next((one for one in parts if one.id == subject), None)
        if part is None:
            return MISSING
        alone = len(parts) == 1
        wanted = {one.id: asked_of(edition, one, alone=alone) for one in parts}
        given = _answers(connection, assessment, subject)
        facts = [*wanted[subject], *(name for name in given if name not in set(wanted[subject]))]
        if checklist is not None:
            found = portal.library().checklists.get(checklist)
            if found is None:
                return MISSING
            mine = {fact.id for fact in found.facts}
            facts = [name for name in facts if name in mine]
        refused = fillable(standing, at)
        allowed = may(actor, "answer.save", about(connection, actor, standing))
        return Form(
            assessment,
            subject,
            part.title,
            standing.round.standard,
            standing.round.edition,
            standing.state,
            standing.version,
            standing.round.material_until if standing.state == "补充材料" else standing.until,
            allowed and refused is None,
            refused,
            tuple(facts),
            {name: one for name, one in given.items() if name in set(facts)},
            _claims(connection, assessment, subject),
            _evidence(connection, assessment, subject),
            tuple(
                Seat(
                    one.id,
                    one.slug,
                    one.title,
                    one.kind,
                    one.place is None,
                    len(wanted[one.id]),
                )
                for one in parts
            ),
        )


def answered(row: Any) -> Answered:
    """Return an answer as it is told, from its row with the name of who gave it."""
    return Answered(
        row.fact,
        value_of(row.value),
        row.note,
        row.origin,
        value_of(row.origin_ref),
        row.by,
        row.by_name or "",
        row.at,
        row.version,
    )


def _answers(connection: Connection, assessment: str, subject: str) -> dict[str, Answered]:
    rows = connection.execute(
        select(answers, accounts.c.name.label("by_name"))
        .outerjoin(accounts, accounts.c.id == answers.c.by)
        .where(answers.c.assessment_id == assessment, answers.c.subject_id == subject)
        .order_by(answers.c.fact)
    )
    return {row.fact: answered(row) for row in rows}


def _claims(connection: Connection, assessment: str, subject: str) -> dict[str, Claimed]:
    rows = connection.execute(
        select(claims, accounts.c.name.label("by_name"))
        .outerjoin(accounts, accounts.c.id == claims.c.by)
        .where(claims.c.assessment_id == assessment, claims.c.subject_id == subject)
        .order_by(claims.c.indicator)
    )
    return {row.indicator: _claimed(row) for row in rows}


def _claimed(row: Any) -> Claimed:
    return Claimed(row.indicator, row.reason, row.by, row.by_name or "", row.at, row.version)


def _evidence(connection: Connection, assessment: str, subject: str) -> dict[str, int]:
    rows = connection.execute(
        select(evidence.c.fact, func.count())
        .where(
            evidence.c.assessment_id == assessment,
            evidence.c.subject_id == subject,
            evidence.c.removed_at.is_(None),
        )
        .group_by(evidence.c.fact)
    )
    return {row[0]: row[1] for row in rows}


@use_case("answer.history", "answer.read", writes=False)
def read_own_history(
    portal: Portal, actor: Actor, assessment: str, subject: str, fact: str
) -> tuple[Answered, ...] | Refusal:
    """Return everything that was ever answered to a fact, the oldest first."""
    rows = _versions(portal, actor, assessment, subject, answer_history.c.fact, fact)
    return rows if isinstance(rows, Refusal) else tuple(map(answered, rows))


@use_case("claim.history", "answer.read", writes=False)
def read_claim_history(
    portal: Portal, actor: Actor, assessment: str, subject: str, indicator: str
) -> tuple[Claimed, ...] | Refusal:
    """Return everything that was ever claimed of an indicator, the oldest first."""
    rows = _versions(portal, actor, assessment, subject, claim_history.c.indicator, indicator)
    return rows if isinstance(rows, Refusal) else tuple(map(_claimed, rows))


def _versions(
    portal: Portal, actor: Actor, assessment: str, subject: str, column: Column[str], name: str
) -> Sequence[Row[Any]] | Refusal:
    """Return every version of what was stated under a name, with who did; `column` holds the names in its history."""
    history = column.table
    with portal.database.read() as connection:
        standing = gate(connection, actor, "answer.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        known = any(one.id == subject for one in parts_of(connection, standing.id))
        if unkeepable(name) or not known:
            return MISSING
        return connection.execute(
            select(history, accounts.c.name.label("by_name"))
            .outerjoin(accounts, accounts.c.id == history.c.by)
            .where(history.c.assessment_id == assessment, history.c.subject_id == subject, column == name)
            .order_by(history.c.version)
        ).all()


@use_case("score.read", "score.read", writes=False)
def score(
    portal: Portal, actor: Actor, assessment: str, subject: str | None = None
) -> Mapping[str, Any] | Refusal:
    """Return the engine's document for a subject as it is filled in now; without one, of the whole.

    Nothing is kept, and the store is let go of before anything is judged.
    """
    with portal.database.read() as connection:
        standing = gate(connection, actor, "score.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        parts = filled(connection, assessment)
    edition = edition_of(portal, standing.round)
    if isinstance(edition, Refusal):
        return edition
    whole = next(one for one in parts if one.place is None)
    wanted = subject or whole.id
    wanted = "" if len(parts) > 1 and wanted == whole.id else wanted
    scored = judged(edition, submission_of(standing, parts), parts)
    found = next((one for one in scored if (one.subject or "") == wanted), None)
    return MISSING if found is None else found.document
