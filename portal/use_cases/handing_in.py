"""Handing in: what is submitted is one text under its hash, judged from that text, and never changes again."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, func, insert, select

from engine.build.edition import Edition
from engine.document import canonical
from portal.assessments import Standing, allowed, last_place, load, make_move, situation
from portal.cases import edition_of
from portal.fill import (
    Part,
    Scored,
    filled,
    judged,
    submission_from,
    submission_of,
    submission_text,
)
from portal.moment import moment_of, new_id
from portal.once import carry_out, digest, repeated
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.scoring import engine_version
from portal.states import Move, forbids, move_named, unmovable
from portal.store.tables import scorecards, snapshots, submissions
from portal.use_cases.moves import Moved, moved_as, stale

TRIES = 3
"""How often what is to be submitted is judged anew beside the writers because somebody still saved something."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be handed in, judged, and the place in the trail up to which it is true."""

    place: int
    text: str
    scored: tuple[Scored, ...]
    edition_hash: str

    @property
    def problems(self) -> tuple[str, ...]:
        """What the engine cannot take as it stands."""
        found = (one.message for part in self.scored for one in part.problems if one.severity == "error")
        return tuple(dict.fromkeys(found))


def prepare(edition: Edition, standing: Standing, parts: tuple[Part, ...], place: int) -> Prepared:
    """Write down what an assessment states and judge it from what was written."""
    text = submission_text(submission_of(standing, parts))
    return Prepared(place, text, judged(edition, submission_from(text), parts), edition.hash)


@use_case("assessment.submit", "assessment.submit", writes=True)
def submit(portal: Portal, actor: Actor, assessment: str, *, base: int, op_id: str) -> Moved | Refusal:
    """Hand in what is filled in, as of `base`, the version of the assessment the person has seen.

    Judging takes longer than a writer should wait for, so it happens before the change; the change is made only if
    nothing was saved meanwhile.
    """
    for _ in range(TRIES):
        with portal.database.read() as connection:
            standing = load(connection, assessment)
            if standing is None:
                return MISSING
            checked = _checked(connection, actor, standing, base, op_id, portal.at())
            ready = checked if not isinstance(checked, Move) else _ready(portal, connection, standing)
        if isinstance(ready, Refusal | Moved):
            return ready
        prepared = prepare(ready[0], standing, ready[1], ready[2])
        found = carry_out(portal, partial(_hand_in, portal, actor, assessment, base, op_id, prepared))
        if found is not None:
            return found
    found = carry_out(portal, partial(_hand_in, portal, actor, assessment, base, op_id, None))
    assert found is not None
    return found


def _checked(
    connection: Connection, actor: Actor, standing: Standing, base: int, op_id: str, at: str
) -> Move | Moved | Refusal:
    """Return the move that hands in, or what was answered before, or why it cannot be made."""
    before = repeated(connection, op_id, actor, "assessment.submit", standing.id)
    if before is not None:
        return before if isinstance(before, Refusal) else moved_as(standing.id, before)
    refused = allowed(connection, actor, "assessment.submit", standing) or stale(standing, base)
    if refused is not None:
        return refused
    move = move_named("submit", standing.state)
    if move is None:
        return unmovable("submit", standing.state)
    return forbids(move, situation(connection, standing, at)) or move


def _ready(
    portal: Portal, connection: Connection, standing: Standing
) -> tuple[Edition, tuple[Part, ...], int] | Refusal:
    edition = edition_of(portal, standing.round)
    if isinstance(edition, Refusal):
        return edition
    return edition, filled(connection, standing.id), last_place(connection, standing.chain)


def _hand_in(
    portal: Portal,
    actor: Actor,
    assessment: str,
    base: int,
    op_id: str,
    prepared: Prepared | None,
    connection: Connection,
) -> Moved | Refusal | None:
    """Make the move and keep what was judged; None when something was saved since it was judged."""
    at = portal.at()
    standing = load(connection, assessment, lock=True)
    if standing is None:
        return MISSING
    move = _checked(connection, actor, standing, base, op_id, at)
    if not isinstance(move, Move):
        return move
    if prepared is None:
        ready = _ready(portal, connection, standing)
        if isinstance(ready, Refusal):
            return ready
        prepared = prepare(ready[0], standing, ready[1], ready[2])
    elif prepared.place != last_place(connection, standing.chain):
        return None
    if prepared.problems:
        what = f"有 {len(prepared.problems)} 处填报还读不通，不能提交：{prepared.problems[0].rstrip('。')}"
        return Refusal(
            "invalid", "problems", what, "请逐处改正或留空后再提交", {"problems": list(prepared.problems)}
        )
    number, sha = _keep(connection, assessment, actor, at, prepared)
    told = {"number": number, "sha256": sha, "edition": prepared.edition_hash}
    told["scorecards"] = [digest(one.text) for one in prepared.scored]
    values = {"submitted_at": at, "submitted_by": actor.id, "submission_hash": sha}
    return moved_as(
        assessment,
        make_move(connection, actor, standing, move, at, op_id, details=told, values=values),
    )


def _keep(
    connection: Connection, assessment: str, actor: Actor, at: str, prepared: Prepared
) -> tuple[int, str]:
    """Keep the text and the scorecards of the self layer."""
    sha, engine = digest(prepared.text), engine_version()
    if connection.execute(select(snapshots.c.at).where(snapshots.c.sha256 == sha)).first() is None:
        connection.execute(insert(snapshots).values(sha256=sha, document=prepared.text, at=at))
    last = connection.execute(
        select(func.max(submissions.c.number)).where(submissions.c.assessment_id == assessment)
    ).scalar()
    number = int(last or 0) + 1
    connection.execute(
        insert(submissions).values(
            assessment_id=assessment,
            number=number,
            sha256=sha,
            edition_hash=prepared.edition_hash,
            engine=engine,
            by=actor.id,
            at=at,
        )
    )
    connection.execute(
        insert(scorecards),
        [
            {
                "id": new_id(moment_of(at)),
                "assessment_id": assessment,
                "subject_id": one.subject,
                "layer": "self",
                "stage": "submitted",
                "document": one.text,
                "sha256": digest(one.text),
                "grade": one.grade,
                "low": one.ends[0],
                "high": one.ends[1],
                "engine": engine,
                "edition_hash": prepared.edition_hash,
                "inputs": sha,
                "marks": canonical(one.marks),
                "at": at,
                "place": last_place(connection, f"a:{assessment}"),
            }
            for one in prepared.scored
        ],
    )
    return number, sha
