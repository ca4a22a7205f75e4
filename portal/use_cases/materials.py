"""The three marks 定论, 补材料, 现场核查: what is asked of the university, its answers, and the list for the visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.exact import show_points
from engine.levels import levels_of
from engine.rule_words import Rule, rule_of
from portal.assessments import Standing, allowed, load
from portal.cases import Change, Declined, change, cleaned, judged_in, look, pinned
from portal.moment import new_id
from portal.opinions import CLOSED, PHASES, Finding, findings_of, labels, panel_of, sees_all
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.store.tables import assignments, findings, requests
from portal.use_cases.findings import next_version, told_of, writable
from portal.use_cases.reviews import Asked, facts_of, handed_in, leaf_of, signed_at


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for and how it was answered; `inspector` is 专家1 to the university, and an id nowhere."""

    id: str
    subject: str
    subject_title: str
    indicator: str
    title: str
    inspector: str
    text: str
    asked_at: str
    answered_at: str | None
    answer: str | None
    withdrawn: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A request that was recorded, and the version of the finding that says so."""

    request: str
    version: int


@use_case("request.ask", "request.ask", writes=True)
def ask_material(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    indicator: str,
    text: str,
    *,
    base: int = 0,
    op_id: str,
) -> AskedFor | Refusal:
    """Ask for material on one indicator; the university sees it once the secretariat sends the requests."""

    def work(one: Change) -> Mapping[str, Any]:
        edition, judged = writable(one)
        row, leaf = judged.find(subject), leaf_of(edition, indicator)
        why = cleaned(text, "要补的材料", needed=True)
        current = findings_of(one.connection, one.case.id, actor.id).get((row.id, leaf.id))
        key = {
            "assessment_id": one.case.id,
            "subject_id": row.id,
            "indicator": leaf.id,
            "account_id": actor.id,
        }
        version = next_version(one.connection, findings, base, told_of(current), **key)
        one.connection.execute(
            insert(findings).values(**key, version=version, verdict="material", reason=why, at=one.at)
        )
        found = new_id(portal.clock())
        one.connection.execute(insert(requests).values(id=found, **key, text=why, asked_at=one.at))
        return {"request": found, "subject": row.id, "indicator": leaf.id, "version": version}

    found = change(portal, actor, op_id, assessment, "request.ask", "request.ask", work)
    return found if isinstance(found, Refusal) else AskedFor(found["request"], found["version"])


def _request(one: Change, request: str) -> Row[Any]:
    row = one.connection.execute(
        select(requests).where(requests.c.id == request, requests.c.assessment_id == one.case.id)
    ).one_or_none()
    if row is None:
        raise Declined(MISSING)
    if row.answered_at is not None:
        raise Declined(
            Refusal(
                "conflict",
                "answered",
                "这条补材料要求已经回复或撤回",
                "请刷新页面查看",
                {"answer": row.answer},
            )
        )
    return row


@use_case("request.answer", "request.answer", writes=True)
def answer_material(
    portal: Portal, actor: Actor, assessment: str, request: str, text: str, *, op_id: str
) -> bool | Refusal:
    """Answer a request; the files themselves are added as evidence of the facts they prove."""

    def work(one: Change) -> Mapping[str, Any]:
        row = _request(one, request)
        said = cleaned(text, "回复", needed=True)
        one.connection.execute(
            update(requests)
            .where(requests.c.id == row.id)
            .values(answered_at=one.at, answer=said, answered_by=actor.id)
        )
        return {"request": row.id}

    found = change(portal, actor, op_id, assessment, "request.answer", "request.answer", work)
    return found if isinstance(found, Refusal) else True


@use_case("request.withdraw", "request.ask", writes=True)
def withdraw_request(
    portal: Portal, actor: Actor, assessment: str, request: str, *, op_id: str
) -> bool | Refusal:
    """Take a request of one's own back before it is answered; the finding stays for the inspector to conclude."""

    def work(one: Change) -> Mapping[str, Any]:
        row = _request(one, request)
        if row.account_id != actor.id:
            raise Declined(
                Refusal(
                    "forbidden",
                    "not-yours",
                    "这条要求是另一位专家提的",
                    "请与那位专家商量，或联系秘书处",
                )
            )
        one.connection.execute(
            update(requests).where(requests.c.id == row.id).values(answered_at=one.at, answered_by=actor.id)
        )
        return {"request": row.id}

    found = change(portal, actor, op_id, assessment, "request.withdraw", "request.ask", work)
    return found if isinstance(found, Refusal) else True


@use_case("request.list", "answer.read", writes=False)
def list_requests(portal: Portal, actor: Actor, assessment: str) -> tuple[Request, ...] | Refusal:
    """Return the requests of a case: to the university those that were sent, to the secretariat all.

    What another inspector asks for is part of what they find: until it is sent, the panel does not see it.
    """

    def work(connection: Connection, case: Standing) -> tuple[Request, ...]:
        panel, edition = panel_of(connection, case.id), pinned(portal, case.round)
        titles = {row.id: row.title for row in judged_in(connection, case.id).rows.values()}
        called, sent = labels(panel), case.state not in ("已提交", "评审中")
        rows = connection.execute(
            select(requests)
            .where(requests.c.assessment_id == case.id)
            .order_by(requests.c.asked_at, requests.c.id)
        )
        found = tuple(
            _shown(row, titles[row.subject_id], leaf_of(edition, row.indicator).title, called, actor)
            for row in rows
        )
        if case.university in actor.employed:
            return tuple(one for one in found if one.answer or (sent and not one.withdrawn))
        if sent or sees_all(actor, case, [row for row in panel if row.ended_at is None]):
            return found
        return tuple(one for one in found if one.mine or one.answer)

    return look(portal, actor, assessment, "answer.read", work)


def _shown(row: Row[Any], subject: str, title: str, called: Mapping[str, str], actor: Actor) -> Request:
    return Request(
        row.id,
        row.subject_id,
        subject,
        row.indicator,
        title,
        called.get(row.account_id, "专家"),
        row.text,
        row.asked_at,
        row.answered_at,
        row.answer,
        row.answered_at is not None and row.answer is None,
        row.account_id == actor.id,
    )


@dataclass(frozen=True, slots=True)
class Visit:
    """One indicator to be looked at on site: why, what is stated, how to check it, what was said of it since.

    `done` says that there is a last word on it; `open` that one may still write.
    """

    assessment: str
    standard: str
    edition: str
    university: str
    subject: str
    subject_title: str
    indicator: str
    title: str
    points: str
    levels: tuple[str, ...]
    rule: Rule
    reason: str | None
    facts: tuple[Asked, ...]
    finding: Finding
    done: bool
    open: bool


@use_case("review.on_site", "finding.read", writes=False)
def on_site_list(portal: Portal, actor: Actor) -> tuple[Visit, ...] | Refusal:
    """Return what an inspector marked for a visit, place by place; what has been concluded since is done."""
    with portal.database.read() as connection:
        rows = connection.execute(
            select(assignments.c.assessment_id).where(
                assignments.c.account_id == actor.id, assignments.c.ended_at.is_(None)
            )
        ).scalars()
        cases = [case for one in rows if (case := load(connection, one)) is not None]
        seeing = [case for case in cases if allowed(connection, actor, "finding.read", case) is None]
        try:
            found = [visit for case in seeing for visit in _visits(connection, portal, case, actor)]
        except Declined as declined:
            return declined.refusal
    return tuple(sorted(found, key=lambda one: (one.university, one.subject_title, one.title)))


def _visits(connection: Connection, portal: Portal, case: Standing, actor: Actor) -> list[Visit]:
    marked = connection.execute(
        select(findings.c.subject_id, findings.c.indicator, findings.c.reason)
        .where(
            findings.c.assessment_id == case.id,
            findings.c.account_id == actor.id,
            findings.c.verdict == "site",
        )
        .order_by(findings.c.version)
    ).all()
    reasons = {(row.subject_id, row.indicator): row.reason for row in marked}
    if not reasons:
        return []
    edition, submission = pinned(portal, case.round), handed_in(connection, case)
    judged, given = judged_in(connection, case.id), findings_of(connection, case.id, actor.id)
    writing = signed_at(connection, case.id, actor.id) is None
    writing = writing and allowed(connection, actor, "finding.save", case) is None
    found = list[Visit]()
    for slug, row in judged.rows.items():
        for leaf in edition.every_leaf:
            now = given.get((row.id, leaf.id))
            if (row.id, leaf.id) not in reasons or now is None or now.verdict == "none":
                continue
            facts = facts_of(connection, case, edition, leaf, submission, slug, actor.id)
            reason, done = reasons[row.id, leaf.id], now.verdict in CLOSED
            found.append(
                Visit(
                    case.id,
                    case.round.standard,
                    case.round.edition,
                    case.university_title,
                    row.id,
                    row.title,
                    leaf.id,
                    leaf.title,
                    show_points(leaf.points, edition.per_point),
                    levels_of(edition, leaf),
                    rule_of(edition, leaf),
                    reason,
                    facts,
                    now,
                    done,
                    writing,
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an inspector is with a case, by the three marks."""

    marks: Mapping[str, int]
    silent: int


@use_case("review.progress", "finding.read", writes=False)
def progress(portal: Portal, actor: Actor, assessment: str) -> Progress | Refusal:
    """Return how many indicators an inspector has concluded, asked material for, or marked for a visit."""

    def work(connection: Connection, case: Standing) -> Progress:
        edition, judged = pinned(portal, case.round), judged_in(connection, case.id)
        given = findings_of(connection, case.id, actor.id)
        marks = dict.fromkeys(dict.fromkeys(PHASES.values()), 0)
        for one in given.values():
            if one.verdict in PHASES:
                marks[PHASES[one.verdict]] += 1
        return Progress(marks, len(judged.rows) * len(edition.every_leaf) - sum(marks.values()))

    return look(portal, actor, assessment, "finding.read", work)
