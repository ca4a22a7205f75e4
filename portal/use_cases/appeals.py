"""Appeals: the university contests one indicator while results are public; somebody who did not review it decides anew.

What was decided stands beside the panel's finding and changes only the final layer, once the grades are decided.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from portal.assessments import Standing, about, allowed, last_place
from portal.cases import Change, Declined, change, cleaned, judged_in, look, pinned
from portal.moment import new_id, shown
from portal.people.actors import actor_of
from portal.policy import Actor, barred
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.scoring import FINAL, SELF, latest
from portal.store.tables import appeals, assignments
from portal.use_cases.findings import read_verdict
from portal.use_cases.reviews import indicators_in, leaf_of

OUTCOMES = {"upheld": "维持", "changed": "改定"}


@dataclass(frozen=True, slots=True)
class Appealable:
    """One indicator that may be contested: what was stated, what came out, and why."""

    subject: str
    subject_title: str
    indicator: str
    title: str
    points: str
    self: Mapping[str, str] | None
    final: Mapping[str, str]
    sentence: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal. The reviewer is named to nobody but the secretariat."""

    id: str
    subject: str
    indicator: str
    text: str
    at: str
    outcome: str | None
    points: str | None
    reason: str | None
    decided_at: str | None
    reviewer: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """What the form of an appeal needs: the indicators, until when, and what has been contested already.

    `open` says that it is still time, `may_file` that the actor is somebody who may contest.
    """

    until: str | None
    open: bool
    may_file: bool
    items: tuple[Appealable, ...]
    appeals: tuple[Appeal, ...]


@use_case("appeal.form", "finding.read", writes=False)
def appeal_form(portal: Portal, actor: Actor, assessment: str) -> Form | Refusal:
    """Return what may be contested, with the result of each indicator."""

    def work(connection: Connection, case: Standing) -> Form:
        items = list[Appealable]()
        for row in judged_in(connection, case.id).rows.values():
            own, end = (_indicators(connection, case.id, layer, row.id) for layer in (SELF, FINAL))
            for name, one in end.items():
                stated = own.get(name)
                items.append(
                    Appealable(
                        row.id,
                        row.title,
                        name,
                        one["title"],
                        one["points"],
                        {"low": stated["low"], "high": stated["high"]} if stated else None,
                        {"low": one["low"], "high": one["high"]},
                        one["sentence"],
                    )
                )
        until = _until(case)
        is_open = case.state == "公示" and (until is None or portal.at() <= until)
        may_file = allowed(connection, actor, "appeal.file", case) is None
        return Form(until, is_open, may_file, tuple(items), _appeals(connection, case, actor))

    return look(portal, actor, assessment, "finding.read", work)


def _until(case: Standing) -> str | None:
    return case.round.appeal_until or case.round.publish_until


def _indicators(
    connection: Connection, assessment: str, layer: str, subject: str
) -> dict[str, Mapping[str, Any]]:
    row = latest(connection, assessment, layer, ("reviewed",), subject)
    return {} if row is None else indicators_in(json.loads(row.document))


@use_case("appeal.file", "appeal.file", writes=True)
def file_appeal(
    portal: Portal, actor: Actor, assessment: str, subject: str, indicator: str, text: str, *, op_id: str
) -> str | Refusal:
    """Contest the result of one indicator, with the reason; return the id of the appeal."""

    def work(one: Change) -> Mapping[str, Any]:
        until = _until(one.case)
        if until is not None and one.at > until:
            raise Declined(
                Refusal(
                    "state",
                    "late",
                    f"提出异议的期限到 {shown(until)}，已经过了",
                    "如有特殊情况，请联系秘书处",
                    {"until": until},
                )
            )
        edition, row = pinned(portal, one.case.round), judged_in(one.connection, one.case.id).find(subject)
        leaf, why = leaf_of(edition, indicator), cleaned(text, "异议的理由", needed=True)
        kept = latest(one.connection, one.case.id, FINAL, ("reviewed",), row.id)
        here = one.connection.execute(
            select(appeals.c.id).where(
                appeals.c.assessment_id == one.case.id,
                appeals.c.subject_id == row.id,
                appeals.c.indicator == leaf.id,
                or_(appeals.c.outcome.is_(None), appeals.c.place > (kept.place if kept else -1)),
            )
        ).first()
        if here is not None:
            raise Declined(
                Refusal(
                    "conflict",
                    "twice",
                    f"{row.title}“{leaf.title}”已经提过异议",
                    "请等复核结果；要补充的材料可以联系秘书处",
                    {"appeal": here.id},
                )
            )
        found = new_id(portal.clock())
        one.connection.execute(
            insert(appeals).values(
                id=found,
                assessment_id=one.case.id,
                subject_id=row.id,
                indicator=leaf.id,
                text=why,
                by=actor.id,
                at=one.at,
                place=last_place(one.connection, one.case.chain),
            )
        )
        return {"appeal": found, "subject": row.id, "indicator": leaf.id}

    found = change(portal, actor, op_id, assessment, "appeal.file", "appeal.file", work)
    return found if isinstance(found, Refusal) else str(found["appeal"])


@use_case("appeal.list", "finding.read", writes=False)
def list_appeals(portal: Portal, actor: Actor, assessment: str) -> tuple[Appeal, ...] | Refusal:
    """Return the appeals of a case."""
    return look(
        portal,
        actor,
        assessment,
        "finding.read",
        lambda connection, case: _appeals(connection, case, actor),
    )


def _appeals(connection: Connection, case: Standing, actor: Actor) -> tuple[Appeal, ...]:
    runs = any(one.role == "secretariat" and one.round in (None, case.round.id) for one in actor.members)
    rows = connection.execute(
        select(appeals).where(appeals.c.assessment_id == case.id).order_by(appeals.c.place)
    )
    return tuple(
        Appeal(
            row.id,
            row.subject_id,
            row.indicator,
            row.text,
            row.at,
            row.outcome,
            row.points,
            row.reason,
            row.decided_at,
            row.reviewer_id if runs or row.reviewer_id == actor.id else None,
        )
        for row in rows
    )


@use_case("appeal.assign", "assignment.manage", writes=True)
def assign_reviewer(
    portal: Portal, actor: Actor, assessment: str, appeal: str, account: str, *, op_id: str
) -> bool | Refusal:
    """Give an appeal to a second reviewer: an inspector who neither reviewed nor filled in, and has no conflict."""

    def work(one: Change) -> Mapping[str, Any]:
        if one.case.state not in ("公示", "复核"):
            raise Declined(
                Refusal(
                    "state", "stage", f"现在是“{one.case.state}”，没有异议要复核", "请在公示或复核阶段指派"
                )
            )
        row = _open(one, appeal)
        second = inspector_of(one.connection, account, one.case.round.id)
        _impartial(one, second)
        here = one.connection.execute(
            select(assignments).where(
                assignments.c.assessment_id == one.case.id, assignments.c.account_id == account
            )
        ).one_or_none()
        if here is None:
            one.connection.execute(
                insert(assignments).values(
                    id=new_id(portal.clock()),
                    assessment_id=one.case.id,
                    account_id=account,
                    assigned_by=actor.id,
                    assigned_at=one.at,
                    task="appeal",
                )
            )
        elif here.task != "appeal":
            raise Declined(_PARTIAL)
        elif here.ended_at is not None:
            one.connection.execute(
                update(assignments).where(assignments.c.id == here.id).values(ended_at=None)
            )
        one.connection.execute(update(appeals).where(appeals.c.id == row.id).values(reviewer_id=account))
        return {"appeal": row.id, "account": account}

    found = change(portal, actor, op_id, assessment, "appeal.assign", "assignment.manage", work, appeal)
    return found if isinstance(found, Refusal) else True


_PARTIAL = Refusal(
    "invalid",
    "partial",
    "这位专家评审过这所学校，不能再复核",
    "请另派一位没有参加评审的专家",
)


def inspector_of(connection: Connection, account: str, round_id: str) -> Actor:
    """Return an account as an inspector of a round with everything that could bar it, or decline."""
    found = actor_of(connection, account)
    if found is None or not any(
        one.role == "inspector" and one.round in (None, round_id) for one in found.members
    ):
        raise Declined(
            Refusal("invalid", "no-inspector", "这个账号不是本批次的评审专家", "请从评审专家名单里选择")
        )
    return found


def _impartial(one: Change, second: Actor) -> None:
    bars = barred(second, about(one.connection, second, one.case))
    if "reviewed" in bars:
        raise Declined(_PARTIAL)
    if bars:
        raise Declined(
            Refusal(
                "invalid",
                "conflict",
                f"这位专家与{one.case.university_title}有回避关系或参加过填报",
                "请另派一位专家",
            )
        )


def _open(one: Change, appeal: str) -> Row[Any]:
    row = one.connection.execute(
        select(appeals).where(appeals.c.id == appeal, appeals.c.assessment_id == one.case.id)
    ).one_or_none()
    if row is None:
        raise Declined(MISSING)
    if row.outcome is not None:
        raise Declined(
            Refusal(
                "conflict",
                "decided",
                f"这条异议已经复核：{OUTCOMES[row.outcome]}",
                "复核决定不再改动；如有错误请联系秘书处",
                {"outcome": row.outcome, "points": row.points},
            )
        )
    return row


@use_case("appeal.decide", "appeal.decide", writes=True)
def decide_appeal(
    portal: Portal,
    actor: Actor,
    assessment: str,
    appeal: str,
    outcome: str,
    reason: str,
    *,
    points: str | None = None,
    op_id: str,
) -> bool | Refusal:
    """Decide an appeal, with a reason: uphold the panel's finding, or change it to so many points."""

    def work(one: Change) -> Mapping[str, Any]:
        row = _open(one, appeal)
        if row.reviewer_id != actor.id:
            raise Declined(
                Refusal("forbidden", "not-yours", "这条异议没有派给您", "请联系秘书处指派复核专家")
            )
        if outcome not in OUTCOMES:
            raise Declined(Refusal("invalid", "outcome", "复核结论不认识", "请选：维持，或改定"))
        why, given = cleaned(reason, "复核的理由", needed=True), None
        if outcome == "changed":
            edition = pinned(portal, one.case.round)
            given = read_verdict(edition, leaf_of(edition, row.indicator), "adjust", points, why)["points"]
        values = {"outcome": outcome, "points": given, "reason": why, "decided_at": one.at}
        place = last_place(one.connection, one.case.chain)
        one.connection.execute(
            update(appeals).where(appeals.c.id == row.id).values(**values, decided_place=place)
        )
        return {"appeal": row.id, **values}

    found = change(portal, actor, op_id, assessment, "appeal.decide", "appeal.decide", work, appeal)
    return found if isinstance(found, Refusal) else True
