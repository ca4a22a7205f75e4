"""Who takes part in a round and with what: universities, and which of their places are assessed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from portal.assessments import Standing, allowed, load, load_round
from portal.fill import WHOLE
from portal.moment import moment_of, new_id
from portal.once import carry_out, derived_op, note, repeated
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import (
    assessments,
    places,
    subjects,
    universities,
)
from portal.use_cases.moves import stale
from portal.use_cases.places import row_of, slug_of
from portal.use_cases.rounds import gate_round, open_assessment

MOST_INVITED = 5_000
MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class Invited:
    """The assessments of the universities that were invited, by university."""

    round: str
    assessments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The subjects of an assessment, by place; the university itself is under the empty name."""

    assessment: str
    version: int
    subjects: Mapping[str, str]


@use_case("round.invite", "round.manage", writes=True)
def invite(
    portal: Portal, actor: Actor, round_id: str, invited: Sequence[str], *, op_id: str
) -> Invited | Refusal:
    """Invite universities; in a round that is open already they may fill in at once."""

    def work(connection: Connection) -> Invited | Refusal:
        at = portal.at()
        now = load_round(connection, round_id, lock=True)
        if now is None:
            return MISSING
        before = repeated(connection, op_id, actor, "round.invite", round_id)
        if before is not None:
            return before if isinstance(before, Refusal) else Invited(round_id, before["assessments"])
        refused = gate_round(connection, actor, "round.manage", now)
        if refused is not None:
            return refused
        if now.state == "归档":
            return Refusal("state", "archived", f"“{now.title}”已经归档", "归档的批次不再改动")
        if not 1 <= len(invited) <= MOST_INVITED:
            return Refusal("invalid", "invited", "没有选学校，或选得太多", f"请选 1 到 {MOST_INVITED} 所")
        found = {
            row.id: row
            for row in (row_of(connection, universities, one) for one in dict.fromkeys(invited))
            if row is not None
        }
        unknown = [one for one in invited if one not in found]
        if unknown:
            details = {"unknown": unknown[:20]}
            return Refusal(
                "invalid", "university", f"有 {len(unknown)} 所学校不在册", "请先登记学校", details
            )
        known = connection.execute(
            select(assessments.c.university_id, assessments.c.id).where(assessments.c.round_id == round_id)
        )
        here = {row[0]: row[1] for row in known}
        made = {
            one: _assess(connection, actor, row, round_id, at, op_id)
            for one, row in found.items()
            if one not in here
        }
        told = {one: here.get(one) or made[one] for one in found}
        note(connection, op_id, now.chain, at, actor, "round.invite", round_id, {"assessments": told})
        if now.state == "进行中":
            for one in made.values():
                open_assessment(connection, actor, one, at, derived_op(op_id, f"open/{one}"))
        return Invited(round_id, told)

    return carry_out(portal, work)


def _assess(
    connection: Connection, actor: Actor, university: Row[Any], round_id: str, at: str, op_id: str
) -> str:
    """Make an assessment of a university with the university itself as its first subject."""
    found, moment = new_id(moment_of(at)), moment_of(at)
    connection.execute(
        insert(assessments).values(
            id=found, round_id=round_id, university_id=university.id, state="草稿", created_at=at
        )
    )
    connection.execute(
        insert(subjects).values(
            id=new_id(moment),
            assessment_id=found,
            place_id=None,
            slug=slug_of(university.code),
            title=university.title,
            kind=WHOLE,
        )
    )
    told = {"round": round_id, "university": university.id, "to": "草稿"}
    note(connection, derived_op(op_id, found), f"a:{found}", at, actor, "round.invite", found, told)
    return found


@use_case("round.choose_subjects", "round.manage", writes=True)
def choose_subjects(
    portal: Portal, actor: Actor, assessment: str, chosen: Iterable[str], *, base: int, op_id: str
) -> Chosen | Refusal:
    """Choose which places of a university are assessed; one taken out keeps its answers, and may come back."""
    wanted = tuple(dict.fromkeys(chosen))

    def work(connection: Connection) -> Chosen | Refusal:
        at = portal.at()
        standing = load(connection, assessment, lock=True)
        if standing is None:
            return MISSING
        before = repeated(connection, op_id, actor, "round.choose_subjects", assessment)
        if before is not None:
            return (
                before
                if isinstance(before, Refusal)
                else Chosen(assessment, before["version"], before["subjects"])
            )
        refused = allowed(connection, actor, "round.manage", standing) or stale(standing, base)
        if refused is not None:
            return refused
        if standing.state not in ("草稿", "填报中") or standing.round.state == "归档":
            what = f"现在是“{standing.state}”，参评对象不能再改"
            return Refusal("state", "not_filling", what, "如需更改，请先退回重填")
        found = _places(portal, connection, standing, wanted)
        if isinstance(found, Refusal):
            return found
        version = standing.version + 1
        told = _choose(connection, standing, found, at)
        connection.execute(update(assessments).where(assessments.c.id == assessment).values(version=version))
        details = {"version": version, "subjects": told}
        note(connection, op_id, standing.chain, at, actor, "round.choose_subjects", assessment, details)
        return Chosen(assessment, version, told)

    return carry_out(portal, work)


def _places(
    portal: Portal, connection: Connection, standing: Standing, wanted: Sequence[str]
) -> list[Row[Any]] | Refusal:
    """Return the places, if they are this university's, still there and of the kind that is assessed."""
    if len(wanted) > MOST_PLACES:
        return Refusal("too_large", "places", f"一次最多选 {MOST_PLACES} 处", "请分批次评定")
    rows = [row_of(connection, places, one) for one in wanted]
    found = [one for one in rows if one is not None and one.university_id == standing.university]
    if len(found) < len(wanted):
        return Refusal("invalid", "place", "选的地方里有不属于这所学校的", "请先登记，或重新选择")
    closed = [one.title for one in found if one.closed_at is not None]
    if closed:
        return Refusal("invalid", "place", f"“{closed[0]}”已经停用", "请去掉后再保存")
    edition = portal.library().edition(standing.round.standard, standing.round.edition)
    per = edition.standard.per if edition is not None else None
    other = [one for one in found if per is not None and one.kind != per]
    if other:
        what = f"“{other[0].title}”是{other[0].kind}，这套标准评的是{per}"
        return Refusal("invalid", "place", what, f"请只选{per}")
    return found


def _choose(connection: Connection, standing: Standing, found: Sequence[Row[Any]], at: str) -> dict[str, str]:
    rows = connection.execute(select(subjects).where(subjects.c.assessment_id == standing.id)).all()
    here = {row.place_id: row.id for row in rows}
    wanted = {one.id for one in found}
    for row in rows:
        if row.place_id is not None and (row.withdrawn_at is None) is not (row.place_id in wanted):
            gone = None if row.place_id in wanted else at
            connection.execute(update(subjects).where(subjects.c.id == row.id).values(withdrawn_at=gone))
    for one in found:
        if one.id not in here:
            here[one.id] = new_id(moment_of(at))
            connection.execute(
                insert(subjects).values(
                    id=here[one.id],
                    assessment_id=standing.id,
                    place_id=one.id,
                    slug=one.slug,
                    title=one.title,
                    kind=one.kind,
                )
            )
    return {place or "": subject for place, subject in here.items() if not place or place in wanted}
