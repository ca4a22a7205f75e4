"""What an inspector reads: the queue, and one indicator with all that belongs to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from engine.build.edition import Edition, asked
from engine.document import basis_line
from engine.exact import show
from engine.levels import levels_of
from engine.models.submission import Submission
from engine.rule_words import Rule, conditions_of, rule_of
from engine.tree import Leaf
from portal.assessments import Standing, allowed, load
from portal.cases import Declined, judged_in, look, pinned
from portal.changes import Difference, changes_since
from portal.fill import submission_from
from portal.opinions import PHASES, Finding, Seen, findings_of, seen_by
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.scoring import SELF, latest
from portal.snapshot import kept
from portal.store.tables import (
    accounts,
    answer_history,
    assignments,
    blobs,
    evidence,
    notes,
    submissions,
)


@dataclass(frozen=True, slots=True)
class Queued:
    """One case in an inspector's queue, and how far it is; `changed` counts findings whose basis is not what it was."""

    assessment: str
    university: str
    round: str
    standard: str
    state: str
    until: str | None
    task: str
    signed_at: str | None
    indicators: int
    marks: Mapping[str, int]
    changed: int


@use_case("review.queue", "answer.read", writes=False)
def queue(portal: Portal, actor: Actor) -> tuple[Queued, ...]:
    """Return what is assigned to an inspector and may be seen now, the nearest deadline first."""
    with portal.database.read() as connection:
        rows = connection.execute(
            select(assignments).where(assignments.c.account_id == actor.id, assignments.c.ended_at.is_(None))
        ).all()
        found = list[Queued]()
        for row in rows:
            case = load(connection, row.assessment_id)
            if case is not None and allowed(connection, actor, "answer.read", case) is None:
                found.append(_queued(connection, portal, case, row.task, row.signed_at, actor))
    return tuple(sorted(found, key=lambda one: (one.until or "~", one.university, one.assessment)))


def _queued(
    connection: Connection, portal: Portal, case: Standing, task: str, signed_at: str | None, actor: Actor
) -> Queued:
    head = case.round
    edition = portal.edition(head.standard, head.edition, head.edition_hash)
    judged, given = judged_in(connection, case.id), findings_of(connection, case.id, actor.id)
    slugs = {row.id: slug for slug, row in judged.rows.items()}
    since = changes_since(connection, case, edition, slugs, given) if edition else {}
    marks = dict.fromkeys(dict.fromkeys(PHASES.values()), 0)
    for one in given.values():
        if one.verdict in PHASES:
            marks[PHASES[one.verdict]] += 1
    return Queued(
        case.id,
        case.university_title,
        head.title,
        head.standard,
        case.state,
        head.review_until,
        task,
        signed_at,
        len(judged.rows) * len(edition.every_leaf) if edition else 0,
        marks,
        len(since),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that an indicator rests on: what was stated, by whom and when, its evidence, how to check it, what was seen."""

    fact: str
    title: str
    value: Any
    note: str | None
    by: str | None
    at: str | None
    origin: str | None
    evidence: tuple[Mapping[str, Any], ...]
    inspect: str | None
    sample: str | None
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One indicator of one subject as an inspector works on it: what is claimed, the rule, and the own finding.

    `levels` are the points that the rule itself knows; whoever adjusts may give others. `changed_since` is what the university handed in differently after that finding was given.
    """

    assessment: str
    subject: str
    subject_title: str
    indicator: str
    title: str
    key: bool
    points: str
    levels: tuple[str, ...]
    rule: Rule
    conditions: tuple[str, ...]
    basis: tuple[Mapping[str, Any], ...]
    facts: tuple[Asked, ...]
    not_applicable: str | None
    self: Mapping[str, Any] | None
    finding: Finding | None
    changed_since: tuple[Difference, ...]
    note: str | None
    note_version: int
    signed_at: str | None


@use_case("review.open_case", "finding.read", writes=False)
def open_case(
    portal: Portal, actor: Actor, assessment: str, subject: str, indicator: str
) -> OpenCase | Refusal:
    """Return one indicator with all that belongs to it: the claim, the evidence, the rule, the self score."""

    def work(connection: Connection, case: Standing) -> OpenCase:
        edition = pinned(portal, case.round)
        row = judged_in(connection, case.id).find(subject)
        leaf = leaf_of(edition, indicator)
        submission = handed_in(connection, case)
        here = findings_of(connection, case.id, actor.id).get((row.id, indicator))
        mine = {(row.id, indicator): here} if here else {}
        since = changes_since(connection, case, edition, {row.id: row.slug}, mine)
        note, version = note_of(connection, case.id, row.id, indicator, actor.id)
        return OpenCase(
            case.id,
            row.id,
            row.title,
            indicator,
            leaf.title,
            leaf.source.key,
            show(leaf.source.points),
            levels_of(edition, leaf),
            rule_of(edition, leaf),
            tuple(conditions_of(leaf)),
            tuple(basis_line(one) for one in leaf.source.basis),
            facts_of(connection, case, edition, leaf, submission, row.slug, actor.id),
            claim_of(submission, row.slug, indicator),
            self_score(connection, case.id, row.id, indicator),
            here,
            since.get((row.id, indicator), ()),
            note,
            version,
            signed_at(connection, case.id, actor.id),
        )

    return look(portal, actor, assessment, "finding.read", work)


def leaf_of(edition: Edition, indicator: str) -> Leaf:
    """Return an indicator of an edition, or decline."""
    leaf = edition.leaf(indicator)
    if leaf is None:
        raise Declined(
            Refusal(
                "missing", "indicator", f"标准里没有指标 {indicator[:64]}", "请刷新页面，从指标列表里选择"
            )
        )
    return leaf


def handed_in(connection: Connection, case: Standing) -> Submission:
    """Return the submission that is judged, or decline while there is none."""
    text = kept(connection, case.submission_hash)
    if text is None:
        raise Declined(
            Refusal("state", "not-submitted", f"{case.university_title}还没有提交填报", "请等学校提交后再评")
        )
    return submission_from(text)


def facts_of(
    connection: Connection,
    case: Standing,
    edition: Edition,
    leaf: Leaf,
    submission: Submission,
    slug: str,
    account: str,
) -> tuple[Asked, ...]:
    """Return the facts behind an indicator as stated for a subject, with what an inspector saw of each."""
    judged = judged_in(connection, case.id)
    unit = next((one for one in submission.units if one.subject.id == slug), None)
    answers = {**submission.answers, **(unit.answers if unit else {})}
    saw = seen_by(connection, case.id, account)
    subject, whole = judged.ids[slug], judged.whole.id if judged.whole is not None else ""
    files, said = (
        files_of(connection, case.id, {subject, whole}),
        said_of(connection, case.id, {subject, whole}),
    )
    found = list[Asked]()
    for name in asked(leaf.vars, edition.order_for(leaf.vars)):
        fact, given = edition.words.fact(name), answers.get(name)
        if fact is None:
            continue
        who = said.get((subject, name)) or said.get((whole, name)) if given else None
        found.append(
            Asked(
                name,
                fact.name,
                given.value if given else None,
                given.note if given else None,
                who.name if who else None,
                who.at if who else None,
                who.origin if who else None,
                (*files.get((whole, name), ()), *files.get((subject, name), ())),
                fact.inspect,
                fact.sample,
                saw.get((subject, name)) or saw.get((whole, name)),
            )
        )
    return tuple(found)


def said_of(connection: Connection, assessment: str, subjects: set[str]) -> dict[tuple[str, str], Row[Any]]:
    """Return who gave the answers that were handed in last, when and how, by subject and fact."""
    handed_in = (
        select(func.max(submissions.c.at)).where(submissions.c.assessment_id == assessment).scalar_subquery()
    )
    rows = connection.execute(
        select(answer_history, accounts.c.name)
        .outerjoin(accounts, accounts.c.id == answer_history.c.by)
        .where(
            answer_history.c.assessment_id == assessment,
            answer_history.c.subject_id.in_(subjects),
            answer_history.c.at <= handed_in,
        )
        .order_by(answer_history.c.version)
    )
    newest = {(row.subject_id, row.fact): row for row in rows}
    return {key: row for key, row in newest.items() if row.value is not None}


def files_of(
    connection: Connection, assessment: str, subjects: set[str]
) -> dict[tuple[str, str], tuple[Mapping[str, Any], ...]]:
    """Return the evidence of some subjects by subject and fact: ids and what is known of each, never the content."""
    rows = connection.execute(
        select(evidence, blobs.c.type, blobs.c.size, blobs.c.taken_at)
        .join(blobs, blobs.c.sha256 == evidence.c.sha256)
        .where(
            evidence.c.assessment_id == assessment,
            evidence.c.subject_id.in_(subjects),
            evidence.c.removed_at.is_(None),
        )
        .order_by(evidence.c.id)
    ).mappings()
    shown = ("id", "name", "title", "dated", "valid_until", "issuer", "type", "size", "taken_at", "sha256")
    found = dict[tuple[str, str], tuple[Mapping[str, Any], ...]]()
    for row in rows:
        key = row["subject_id"], row["fact"]
        found[key] = (*found.get(key, ()), {name: row[name] for name in shown})
    return found


def claim_of(submission: Submission, slug: str, indicator: str) -> str | None:
    """Return why an indicator was said not to apply to a subject."""
    unit = next((one for one in submission.units if one.subject.id == slug), None)
    return {**submission.not_applicable, **(unit.not_applicable if unit else {})}.get(indicator)


def self_score(
    connection: Connection, assessment: str, subject: str, indicator: str
) -> Mapping[str, Any] | None:
    """Return an indicator out of the self scorecard that was kept at the last handing in."""
    row = latest(connection, assessment, SELF, ("submitted", "reviewed"), subject)
    return None if row is None else indicators_in(json.loads(row.document)).get(indicator)


def indicators_in(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return every indicator of a scorecard document by its id."""
    found = dict[str, Mapping[str, Any]]()
    queue_ = [*document["sections"], *((document["bonus"] or {}).get("groups", ()))]
    while queue_:
        branch = queue_.pop()
        found |= {one["id"]: one for one in branch["indicators"]}
        queue_ += branch.get("groups", ())
    return found


def signed_at(connection: Connection, assessment: str, account: str) -> str | None:
    """Return when an inspector signed."""
    return connection.execute(
        select(assignments.c.signed_at).where(
            assignments.c.assessment_id == assessment, assignments.c.account_id == account
        )
    ).scalar()


def note_of(
    connection: Connection, assessment: str, subject: str, indicator: str, account: str
) -> tuple[str | None, int]:
    """Return an inspector's note on an indicator, and its version."""
    row = connection.execute(
        select(notes)
        .where(
            notes.c.assessment_id == assessment,
            notes.c.subject_id == subject,
            notes.c.indicator == indicator,
            notes.c.account_id == account,
        )
        .order_by(notes.c.version.desc())
        .limit(1)
    ).first()
    return (row.text or None, row.version) if row else (None, 0)
