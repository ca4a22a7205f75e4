"""All appeals of a round on one desk: what is contested, who looks at it again, and what came of it."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.assessments import load_round
from portal.policy import Actor, State
from portal.policy_sql import visible
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import accounts, appeals, assessments, subjects, universities
from portal.use_cases.rounds import gate_round


@dataclass(frozen=True, slots=True)
class RoundAppeal:
    """An appeal with the university and the indicator it is about; `reviewer_name` is for the secretariat only."""

    id: str
    assessment: str
    university_title: str
    state: State
    subject_title: str
    indicator: str
    indicator_title: str
    text: str
    at: str
    reviewer: str | None
    reviewer_name: str | None
    outcome: str | None
    points: str | None
    reason: str | None
    decided_at: str | None


@use_case("appeal.list_round", "assignment.manage", writes=False)
def list_round_appeals(portal: Portal, actor: Actor, round_id: str) -> tuple[RoundAppeal, ...] | Refusal:
    """Return the appeals of a round whose findings the actor may read, those that wait for somebody first."""
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        if head is None:
            return MISSING
        refused = gate_round(connection, actor, "assignment.manage", head)
        if refused is not None:
            return refused
        rows = connection.execute(
            select(
                appeals,
                assessments.c.state,
                universities.c.title.label("university_title"),
                subjects.c.title.label("subject_title"),
                accounts.c.name.label("reviewer_name"),
            )
            .join(assessments, assessments.c.id == appeals.c.assessment_id)
            .join(universities, universities.c.id == assessments.c.university_id)
            .join(subjects, subjects.c.id == appeals.c.subject_id)
            .outerjoin(accounts, accounts.c.id == appeals.c.reviewer_id)
            .where(
                assessments.c.round_id == round_id,
                visible(actor, "assignment.manage"),
                visible(actor, "finding.read"),
            )
            .order_by(appeals.c.outcome.is_not(None), appeals.c.at, appeals.c.id)
        ).all()
    edition = portal.edition(head.standard, head.edition, head.edition_hash)
    titles = {leaf.id: leaf.title for leaf in edition.every_leaf} if edition is not None else {}
    return tuple(
        RoundAppeal(
            row.id,
            row.assessment_id,
            row.university_title,
            row.state,
            row.subject_title,
            row.indicator,
            titles.get(row.indicator, row.indicator),
            row.text,
            row.at,
            row.reviewer_id,
            row.reviewer_name,
            row.outcome,
            row.points,
            row.reason,
            row.decided_at,
        )
        for row in rows
    )
