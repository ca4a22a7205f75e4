"""From the last signature to the archive: the review is judged and kept, made public, graded, put away.

What is public is one canonical document under its hash, made of an allow-list: final points and grades of the subjects,
never evidence, answers, reasons or names of inspectors. A publication is withdrawn with a reason, never changed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from portal.assessments import Round, Standing, load, load_round
from portal.batches import cases_in, ready_in, whole_round
from portal.cases import Declined, cleaned, look, movable, move, undoing
from portal.closing import OVERTAKEN, Concluded, conclude, decided_inputs, keep_all, reviewed_inputs
from portal.moment import new_id
from portal.once import derived_op, digest, note, repeated, state_changed
from portal.policy import Action, Actor, Object, may
from portal.portal import Portal, use_case
from portal.publishing import KINDS, document_of, public_result
from portal.refusal import MISSING, Refusal
from portal.store.tables import publications


@dataclass(frozen=True, slots=True)
class Finished:
    """A review that ended: the hashes of what was kept, by layer and subject."""

    assessment: str
    scorecards: Mapping[str, str]


@use_case("review.finish", "assessment.advance", writes=True)
def finish_review(
    portal: Portal, actor: Actor, assessment: str, *, reason: str = "", op_id: str
) -> Finished | Refusal:
    """End a review: every layer is judged and kept. What leaves a grade open needs a reason to be ended all the same."""

    def ready(connection: Connection, case: Standing) -> Concluded:
        found = conclude(connection, portal, case, reviewed_inputs(connection, portal, case))
        if found.open and not reason.strip():
            raise Declined(
                Refusal(
                    "state",
                    "open-grades",
                    f"{len(found.open)} 个对象的等级还定不下来：{'；'.join(found.open[:3])}",
                    "请评审组议定有关事实；确实定不了的，写明理由后可以结束",
                    {"items": list(found.open)},
                )
            )
        return found

    def keep(connection: Connection, case: Standing, found: Concluded) -> Mapping[str, str]:
        if reviewed_inputs(connection, portal, case) != found.inputs:
            raise Declined(OVERTAKEN)
        return keep_all(connection, portal, case, found, "reviewed", found.documents)

    return _conclude(portal, actor, assessment, "finish", ready, keep, reason, op_id)


@use_case("assessment.grade", "round.publish", writes=True)
def decide_grade(portal: Portal, actor: Actor, assessment: str, *, op_id: str) -> Finished | Refusal:
    """Decide the grade of one university: the final layer, with what appeals changed, is judged and kept."""

    def ready(connection: Connection, case: Standing) -> Concluded:
        return conclude(connection, portal, case, decided_inputs(connection, case))

    def keep(connection: Connection, case: Standing, found: Concluded) -> Mapping[str, str]:
        if decided_inputs(connection, case) != found.inputs:
            raise Declined(OVERTAKEN)
        return keep_all(connection, portal, case, found, "decided", found.finals)

    return _conclude(portal, actor, assessment, "grade", ready, keep, "", op_id)


def _conclude(
    portal: Portal,
    actor: Actor,
    assessment: str,
    name: str,
    ready: Callable[[Connection, Standing], Concluded],
    keep: Callable[[Connection, Standing, Concluded], Mapping[str, str]],
    reason: str,
    op_id: str,
) -> Finished | Refusal:
    """Judge beside the writers, then move and keep in one transaction."""
    action: Action = "assessment.advance" if name == "finish" else "round.publish"
    with portal.database.read() as connection:
        done = _before(connection, op_id, actor, action, assessment)
    if done is not None:
        return done

    def judged(connection: Connection, case: Standing) -> Concluded:
        movable(connection, portal, actor, case, name, reason)
        return ready(connection, case)

    found = look(portal, actor, assessment, action, judged)
    if isinstance(found, Refusal):
        return found
    concluded = found

    def work(connection: Connection) -> Finished:
        case = load(connection, assessment, lock=True)
        if case is None:
            raise Declined(MISSING)
        again = _before(connection, op_id, actor, action, assessment)
        if isinstance(again, Refusal):
            raise Declined(again)
        if again is not None:
            return again
        hashes = keep(connection, case, concluded)
        move(
            connection, portal, actor, case, name, op_id, reason=reason, details={"scorecards": dict(hashes)}
        )
        # A line of its own, which may go out with a scorecard: whose layers they are stays in the line above.
        told, one = {"scorecards": sorted(set(hashes.values()))}, derived_op(op_id, "documents")
        note(connection, one, case.chain, portal.at(), actor, "scorecard.keep", assessment, told)
        return Finished(assessment, hashes)

    return undoing(portal, work)


def _before(
    connection: Connection, op_id: str, actor: Actor, action: str, assessment: str
) -> Finished | Refusal | None:
    told = repeated(connection, op_id, actor, action, assessment)
    if told is None or isinstance(told, Refusal):
        return told
    return Finished(assessment, told["scorecards"])


@dataclass(frozen=True, slots=True)
class Published:
    """A publication: its document is canonical JSON, and `sha256` its hash. `left` were not ready, with why."""

    id: str
    kind: str
    sha256: str
    universities: int
    left: Mapping[str, str]


@use_case("publication.publicise", "round.publish", writes=True)
def publicise(portal: Portal, actor: Actor, round_id: str, *, op_id: str) -> Published | Refusal:
    """Make the results of all finished reviews of a round public, and open the time for appeals."""

    def work(connection: Connection) -> Published:
        head = whole_round(connection, actor, round_id)
        done = _published_before(connection, op_id, actor, round_id)
        if done is not None:
            return done
        cases, left = ready_in(connection, actor, round_id, ("评审完成",))
        if not cases:
            raise Declined(
                Refusal(
                    "state",
                    "nothing",
                    f"“{head.title}”里没有可以公示的评审结果",
                    "请先结束评审",
                    {"left": left},
                )
            )
        for case in cases:
            move(connection, portal, actor, case, "publish", derived_op(op_id, case.id))
        return _publish(connection, portal, actor, head, "publicity", op_id, left)

    return undoing(portal, work)


@use_case("publication.grades", "round.publish", writes=True)
def publish_grades(portal: Portal, actor: Actor, round_id: str, *, op_id: str) -> Published | Refusal:
    """Make the decided grades of a round public; universities that are not decided yet follow in a later one."""

    def work(connection: Connection) -> Published:
        head = whole_round(connection, actor, round_id)
        done = _published_before(connection, op_id, actor, round_id)
        if done is not None:
            return done
        cases, left = ready_in(connection, actor, round_id, ("定级",))
        if not cases:
            raise Declined(
                Refusal("state", "nothing", f"“{head.title}”里还没有定级的学校", "请先定级", {"left": left})
            )
        return _publish(connection, portal, actor, head, "grades", op_id, left)

    return undoing(portal, work)


@dataclass(frozen=True, slots=True)
class Graded:
    """Which universities were graded, and which not, with why."""

    done: tuple[str, ...]
    left: Mapping[str, str]


@use_case("round.grade", "round.publish", writes=True)
def decide_grades(portal: Portal, actor: Actor, round_id: str, *, op_id: str) -> Graded | Refusal:
    """Decide the grades of all universities of a round whose time for appeals is over; each on its own."""
    with portal.database.read() as connection:
        head = load_round(connection, round_id)
        if head is None or not may(actor, "round.publish", Object(round=round_id, state="公示")):
            return MISSING
        cases, left = ready_in(connection, actor, round_id, ("公示", "复核", "定级"), lock=False)
    done, refused = list[str](), dict(left)
    for case in cases:
        if case.state == "定级":
            done.append(case.university_title)
            continue
        found = decide_grade(portal, actor, case.id, op_id=derived_op(op_id, case.id))
        if isinstance(found, Refusal):
            refused[case.university_title] = found.message
        else:
            done.append(case.university_title)
    return Graded(tuple(done), refused)


@use_case("publication.withdraw", "round.publish", writes=True)
def withdraw_publication(
    portal: Portal, actor: Actor, publication: str, reason: str, *, op_id: str
) -> bool | Refusal:
    """Withdraw a publication with a reason; its universities go back a step, and what was published stays on record."""

    def work(connection: Connection) -> bool:
        row = connection.execute(select(publications).where(publications.c.id == publication)).one_or_none()
        if row is None:
            raise Declined(MISSING)
        whole_round(connection, actor, row.round_id)
        told = repeated(connection, op_id, actor, "publication.withdraw", publication)
        if isinstance(told, Refusal):
            raise Declined(told)
        if told is not None:
            return True
        why = cleaned(reason, "撤回的理由", needed=True)
        fresh = connection.execute(
            select(publications.c.withdrawn_at).where(publications.c.id == publication)
        ).scalar_one()
        if fresh is not None:
            raise Declined(Refusal("state", "withdrawn", "这份公布已经撤回", "请刷新页面查看", {"at": fresh}))
        name, states = ("unpublish", ("公示", "复核")) if row.kind == "publicity" else ("ungrade", ("定级",))
        cases, left = ready_in(connection, actor, row.round_id, states)
        named = {one["university"]["code"] for one in json.loads(row.document)["results"]}
        for case in cases:
            if case.university_code in named:
                move(connection, portal, actor, case, name, derived_op(op_id, case.id), reason=str(why))
        at = portal.at()
        connection.execute(
            update(publications)
            .where(publications.c.id == publication)
            .values(withdrawn_at=at, withdrawn_by=actor.id, withdrawn_for=why)
        )
        details = {"sha256": row.sha256, "reason": why, "left": left}
        note(connection, op_id, f"r:{row.round_id}", at, actor, "publication.withdraw", publication, details)
        state_changed(connection)
        return True

    return undoing(portal, work)


@use_case("round.archive_all", "assessment.advance", writes=True)
def archive_all(portal: Portal, actor: Actor, round_id: str, *, op_id: str) -> Graded | Refusal:
    """Put all graded universities of a round away; nothing of them changes any more."""

    def work(connection: Connection) -> Graded:
        whole_round(connection, actor, round_id, "assessment.advance")
        done = list[str]()
        for case in cases_in(connection, round_id, ("定级", "归档")):
            one = derived_op(op_id, case.id)
            told = repeated(connection, one, actor, "assessment.advance", case.id)
            if isinstance(told, Refusal):
                raise Declined(told)
            if told is None and case.state == "定级":
                move(connection, portal, actor, case, "archive", one)
            done.append(case.university_title)
        return Graded(tuple(done), {})

    return undoing(portal, work)


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication as anybody may read it; a withdrawn one says so and why, without its content."""

    id: str
    round: str
    kind: str
    sha256: str
    at: str
    document: str | None
    withdrawn_at: str | None
    withdrawn_for: str | None


@use_case("publication.list", None, writes=False)
def list_publications(portal: Portal, actor: Actor | None = None) -> tuple[Publication, ...]:  # noqa: ARG001  for anybody
    """Return what is and was public, the newest first; for anybody, signed in or not."""
    with portal.database.read() as connection:
        rows = connection.execute(select(publications).order_by(publications.c.at.desc(), publications.c.id))
        return tuple(_public(row) for row in rows)


def _public(row: Row[Any]) -> Publication:
    return Publication(
        row.id,
        row.round_id,
        row.kind,
        row.sha256,
        row.at,
        None if row.withdrawn_at else row.document,
        row.withdrawn_at,
        row.withdrawn_for,
    )


# How it is done ---------------------------------------------------------------------------------------------------


def _published_before(connection: Connection, op_id: str, actor: Actor, round_id: str) -> Published | None:
    told = repeated(connection, op_id, actor, "round.publish", round_id)
    if isinstance(told, Refusal):
        raise Declined(told)
    return None if told is None else Published(**told)


def _publish(
    connection: Connection,
    portal: Portal,
    actor: Actor,
    head: Round,
    kind: str,
    op_id: str,
    left: Mapping[str, str],
) -> Published:
    at = portal.at()
    results = [public_result(connection, case) for case in cases_in(connection, head.id, KINDS[kind])]
    text = document_of(head, kind, at, results)
    found = Published(new_id(portal.clock()), kind, digest(text), len(results), dict(left))
    connection.execute(
        insert(publications).values(
            id=found.id, round_id=head.id, kind=kind, document=text, sha256=found.sha256, by=actor.id, at=at
        )
    )
    note(connection, op_id, head.chain, at, actor, "round.publish", head.id, asdict(found))
    told, one = {"sha256": found.sha256, "kind": kind}, derived_op(op_id, "document")
    note(
        connection, one, head.chain, at, actor, "publication.document", found.id, told
    )  # this line may go out
    state_changed(connection)
    return found
