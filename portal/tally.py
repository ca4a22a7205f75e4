"""Counting what belongs to an assessment inside one query over many, and what the guards of the moves see of each."""

from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Table, func, select

from portal.assessments import Round
from portal.states import Situation
from portal.store.tables import appeals, assessments, assignments, requests


def count_of(table: Table, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return how many rows of a table belong to a row of `assessments`."""
    return (
        select(func.count())
        .select_from(table)
        .where(table.c.assessment_id == assessments.c.id, *conditions)
        .correlate(assessments)
        .scalar_subquery()
    )


def open_things() -> tuple[ColumnElement[Any], ...]:
    """Return the columns that `situation_of` reads: inspectors, signatures, requests and appeals."""
    panel = (assignments.c.ended_at.is_(None), assignments.c.task == "review")
    waiting = appeals.c.outcome.is_(None)
    return (
        count_of(assignments, *panel).label("inspectors"),
        count_of(assignments, *panel, assignments.c.signed_at.is_(None)).label("unsigned"),
        count_of(requests, requests.c.answered_at.is_(None)).label("open_requests"),
        count_of(appeals, waiting).label("open_appeals"),
        count_of(appeals, waiting, appeals.c.reviewer_id.is_(None)).label("unassigned"),
    )


def situation_of(head: Round, row: Row[Any], at: str) -> Situation:
    """Return what the guards of the secretariat's moves look at, from a row with `open_things`."""
    return Situation(
        at,
        head.state,
        head.fill_until,
        head.material_until,
        head.publish_until,
        head.appeal_until,
        inspectors=row.inspectors,
        inspectors_at_least=int(head.settings.get("inspectors_at_least", 1)),
        unsigned=row.unsigned,
        open_requests=row.open_requests,
        open_appeals=row.open_appeals,
    )


def until_of(head: Round, state: str) -> str | None:
    """Return the deadline of a round that matters at a stage."""
    return {
        "填报中": head.fill_until,
        "已提交": head.review_until,
        "评审中": head.review_until,
        "补充材料": head.material_until,
        "评审完成": head.publish_from,
    }.get(state)
