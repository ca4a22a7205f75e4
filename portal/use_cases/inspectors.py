"""The inspectors of a round: what each of them has to do, and what stands between them and a university."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from portal.assessments import Round, allowed, load, load_round
from portal.policy import Actor, State
from portal.policy_sql import visible
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import accounts, assessments, assignments, memberships, recusals, universities
from portal.use_cases.assigning import conflict
from portal.use_cases.rounds import gate_round

MOST_PAIRS = 400
"""Pairs that are looked at in one go."""


@dataclass(frozen=True, slots=True)
class Given:
    """An assignment that stands: who has it, for a review or for an appeal, and when it was signed."""

    assessment: str
    university: str
    university_title: str
    state: State
    account: str
    name: str
    task: str
    assigned_at: str
    signed_at: str | None


@dataclass(frozen=True, slots=True)
class Inspector:
    """An inspector of a round: how many reviews are in hand and signed, how many appeals, and from whom to keep away."""

    account: str
    name: str
    login: str
    in_hand: int
    signed: int
    appeals: int
    keeps_away: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Everybody who may inspect in a round, and all assignments that stand."""

    round: str
    inspectors: tuple[Inspector, ...]
    given: tuple[Given, ...]


@use_case("assignment.list", "assignment.manage", writes=False)
def list_assignments(portal: Portal, actor: Actor, round_id: str) -> Panel | Refusal:
    """Return the inspectors of a round with their load, and what is assigned to whom."""
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        if head is None:
            return MISSING
        refused = gate_round(connection, actor, "assignment.manage", head)
        if refused is not None:
            return refused
        given = _given(connection, actor, round_id)
        return Panel(round_id, _inspectors(connection, head, given), given)


def _given(connection: Connection, actor: Actor, round_id: str) -> tuple[Given, ...]:
    rows = connection.execute(
        select(
            assignments,
            assessments.c.state,
            universities.c.id.label("university"),
            universities.c.title,
            accounts.c.name,
        )
        .join(assessments, assessments.c.id == assignments.c.assessment_id)
        .join(universities, universities.c.id == assessments.c.university_id)
        .join(accounts, accounts.c.id == assignments.c.account_id)
        .where(
            assessments.c.round_id == round_id,
            assignments.c.ended_at.is_(None),
            visible(actor, "assignment.manage"),
        )
        .order_by(universities.c.code, assignments.c.assigned_at, assignments.c.id)
    )
    return tuple(
        Given(
            row.assessment_id,
            row.university,
            row.title,
            row.state,
            row.account_id,
            row.name,
            row.task,
            row.assigned_at,
            row.signed_at,
        )
        for row in rows
    )


def _inspectors(connection: Connection, head: Round, given: Sequence[Given]) -> tuple[Inspector, ...]:
    rows = connection.execute(
        select(accounts.c.id, accounts.c.name, accounts.c.login)
        .where(
            accounts.c.disabled_at.is_(None),
            accounts.c.id.in_(
                select(memberships.c.account_id).where(
                    memberships.c.role == "inspector",
                    memberships.c.ended_at.is_(None),
                    or_(memberships.c.round_id.is_(None), memberships.c.round_id == head.id),
                )
            ),
        )
        .order_by(accounts.c.name, accounts.c.id)
    ).all()
    away = dict[str, list[str]]()
    for account, title in connection.execute(
        select(recusals.c.account_id, universities.c.title)
        .join(universities, universities.c.id == recusals.c.university_id)
        .where(recusals.c.ended_at.is_(None), recusals.c.account_id.in_([row.id for row in rows]))
        .order_by(universities.c.code)
    ):
        away.setdefault(account, []).append(title)
    return tuple(
        Inspector(
            row.id,
            row.name,
            row.login,
            sum(one.account == row.id and one.task == "review" and one.signed_at is None for one in given),
            sum(
                one.account == row.id and one.task == "review" and one.signed_at is not None for one in given
            ),
            sum(one.account == row.id and one.task == "appeal" for one in given),
            tuple(away.get(row.id, ())),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """An assessment and an inspector; `refused` says what stands between them, empty when nothing does."""

    assessment: str
    university_title: str
    account: str
    there: bool
    refused: str


@use_case("assignment.check", "assignment.manage", writes=False)
def check_pairs(
    portal: Portal,
    actor: Actor,
    round_id: str,
    *,
    assessments: Sequence[str] = (),
    accounts: Sequence[str] = (),
) -> tuple[Pair, ...] | Refusal:
    """Return for each assessment and inspector what assigning them to each other would answer."""
    if len(assessments) * len(accounts) > MOST_PAIRS:
        return Refusal(
            "too_large", "pairs", f"一次最多看 {MOST_PAIRS} 对学校和专家", "请少选几所学校或几位专家"
        )
    found = list[Pair]()
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        if head is None:
            return MISSING
        refused = gate_round(connection, actor, "assignment.manage", head)
        if refused is not None:
            return refused
        for assessment in dict.fromkeys(assessments):
            standing = load(connection, assessment)
            if standing is None or standing.round.id != round_id:
                return MISSING
            barred = allowed(connection, actor, "assignment.manage", standing)
            if barred == MISSING:
                return MISSING
            there = _there(connection, assessment)
            for account in dict.fromkeys(accounts):
                stands = barred or conflict(connection, standing, account)
                found.append(
                    Pair(
                        assessment,
                        standing.university_title,
                        account,
                        account in there,
                        stands.message if stands else "",
                    )
                )
    return tuple(found)


def _there(connection: Connection, assessment: str) -> frozenset[str]:
    return frozenset(
        connection.scalars(
            select(assignments.c.account_id).where(
                assignments.c.assessment_id == assessment, assignments.c.ended_at.is_(None)
            )
        )
    )
