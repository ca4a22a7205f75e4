"""Scorecards that were kept: listed for whom each layer is, served as they were kept, and judged again on request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from portal.assessments import Standing, allowed, load
from portal.opinions import labels, panel_of, sees_all
from portal.policy import Action, Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.scoring import FINAL, PANEL, SELF, Judgement, inspector_layer, rejudge
from portal.store.tables import scorecards

NEEDS: dict[str, Action] = {SELF: "score.read", PANEL: "score.read_review", FINAL: "score.read_review"}
"""What one must be allowed to in order to read a layer; that of an inspector needs `finding.read`."""

DECIDED = ("定级", "归档")
"""Where grades stand; one that was withdrawn is kept and not shown."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A scorecard that was kept. `layer` is self, panel, final or, without names, that of 专家1."""

    id: str
    assessment: str
    subject: str | None
    layer: str
    stage: str
    sha256: str
    grade: str | None
    low: str
    high: str
    engine: str
    edition_hash: str
    at: str


@use_case("scorecard.list", "score.read_review", writes=False)
def list_scorecards(portal: Portal, actor: Actor, assessment: str) -> tuple[Kept, ...] | Refusal:
    """Return the kept scorecards of a case that the actor may read, the newest last."""
    with portal.database.read() as connection:
        case = load(connection, assessment)
        if case is None:
            return MISSING
        panel = panel_of(connection, case.id)
        names = labels(panel)
        table = scorecards.c
        columns = [column for column in table if column.key not in ("document", "marks", "inputs")]
        rows = connection.execute(
            select(*columns).where(table.assessment_id == assessment).order_by(table.place, table.id)
        )
        found = tuple(
            _kept(row, names)
            for row in rows
            if may_read(connection, actor, case, row.layer, row.stage, panel)
        )
    return found or MISSING


def may_read(
    connection: Connection,
    actor: Actor,
    case: Standing,
    layer: str,
    stage: str,
    panel: Sequence[Row[tuple[object, ...]]],
) -> bool:
    """Whether a layer is for these eyes; in a review that is done again, the others' earlier ones are not yet."""
    if stage == "decided" and case.state not in DECIDED:
        return False
    if allowed(connection, actor, NEEDS.get(layer, "finding.read"), case) is not None:
        return False
    apart = layer not in NEEDS and layer != inspector_layer(actor.id)
    return not apart or sees_all(actor, case, [one for one in panel if one.ended_at is None])


def _kept(row: Row[tuple[object, ...]], names: dict[str, str]) -> Kept:
    layer = row.layer if row.layer in NEEDS else names.get(row.layer.removeprefix("inspector:"), "专家")
    return Kept(
        row.id,
        row.assessment_id,
        row.subject_id,
        layer,
        row.stage,
        row.sha256,
        row.grade,
        row.low,
        row.high,
        row.engine,
        row.edition_hash,
        row.at,
    )


@use_case("scorecard.read", "score.read_review", writes=False)
def read_scorecard(portal: Portal, actor: Actor, scorecard: str) -> str | Refusal:
    """Return a kept scorecard as it was kept, to the byte."""
    with portal.database.read() as connection:
        row = readable(connection, actor, scorecard)
        return row if isinstance(row, Refusal) else str(row.document)


@use_case("scorecard.rejudge", "score.read_review", writes=False)
def rejudge_scorecard(portal: Portal, actor: Actor, scorecard: str) -> Judgement | Refusal:
    """Judge a kept scorecard again from what it followed from, and say whether the bytes are the same."""
    with portal.database.read() as connection:
        row = readable(connection, actor, scorecard)
        return row if isinstance(row, Refusal) else rejudge(portal, connection, scorecard)


def readable(connection: Connection, actor: Actor, scorecard: str) -> Row[Any] | Refusal:
    """Return the row of a scorecard that the actor may read."""
    row = connection.execute(select(scorecards).where(scorecards.c.id == scorecard)).one_or_none()
    case = load(connection, row.assessment_id) if row is not None else None
    if row is None or case is None:
        return MISSING
    panel = panel_of(connection, case.id)
    return row if may_read(connection, actor, case, row.layer, row.stage, panel) else MISSING
