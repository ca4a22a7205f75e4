"""What inspectors said, from rows to the engine's reviews: the newest version of each finding and of what was seen."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.build.edition import Edition
from engine.models.submission import Review
from portal.assessments import Standing
from portal.cases import Judged
from portal.policy import REVIEWED, Actor
from portal.scoring import Opinion
from portal.store.tables import assignments, findings, seen, surveys

Item = tuple[str, str]
"""A subject and an indicator of it, by their ids."""

CLOSED = ("agree", "adjust")
"""定论: the verdicts that leave nothing to be done."""

PHASES: Mapping[str, str] = {"agree": "定论", "adjust": "定论", "material": "补材料", "site": "现场核查"}
"""The three marks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one inspector says of one indicator, and at which version; verdict none where it was taken back."""

    verdict: str
    points: str | None
    reason: str | None
    version: int
    batch: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What one inspector saw of one fact, beside what was stated."""

    value: Any
    note: str | None
    photos: tuple[str, ...]
    version: int
    at: str


def finding_from(row: Row[Any]) -> Finding:
    """Read a row of findings."""
    return Finding(row.verdict, row.points, row.reason, row.version, row.batch, row.at)


def findings_of(connection: Connection, assessment: str, account: str) -> dict[Item, Finding]:
    """Return the newest finding of an inspector on each indicator, also those taken back."""
    rows = connection.execute(
        select(findings)
        .where(findings.c.assessment_id == assessment, findings.c.account_id == account)
        .order_by(findings.c.version)
    )
    return {(row.subject_id, row.indicator): finding_from(row) for row in rows}


def seen_by(connection: Connection, assessment: str, account: str) -> dict[Item, Seen]:
    """Return the newest of what an inspector saw of each fact."""
    rows = connection.execute(
        select(seen)
        .where(seen.c.assessment_id == assessment, seen.c.account_id == account)
        .order_by(seen.c.version)
    )
    return {
        (row.subject_id, row.fact): Seen(
            None if row.value is None else json.loads(row.value, parse_float=str),
            row.note,
            tuple(json.loads(row.photos)),
            row.version,
            row.at,
        )
        for row in rows
    }


def panel_of(connection: Connection, assessment: str) -> list[Row[Any]]:
    """Return the assignments to review, in the order they were made; those that ended keep their place."""
    return list(
        connection.execute(
            select(assignments)
            .where(assignments.c.assessment_id == assessment, assignments.c.task == "review")
            .order_by(assignments.c.assigned_at, assignments.c.id)
        )
    )


def secretary(actor: Actor, case: Standing, panel: Iterable[Row[Any]]) -> bool:
    """Whether somebody looks for the secretariat of this round and not as one of the panel."""
    mine = [one for one in actor.members if one.role == "secretariat"]
    inside = any(row.account_id == actor.id for row in panel)
    return not inside and any(one.round in (None, case.round.id) for one in mine)


def sees_all(actor: Actor, case: Standing, panel: Sequence[Row[Any]]) -> bool:
    """Whether somebody sees what every inspector says. Inspectors work apart until all of them have signed."""
    done = case.state in REVIEWED or all(row.signed_at for row in panel)
    return done or secretary(actor, case, panel)


def labels(panel: Iterable[Row[Any]]) -> dict[str, str]:
    """Return how each inspector is called where names do not belong: 专家1, 专家2."""
    return {row.account_id: f"专家{place}" for place, row in enumerate(panel, 1)}


def opinions_of(
    connection: Connection,
    assessment: str,
    edition: Edition,
    judged: Judged,
    accounts: Iterable[str] | None = None,
) -> tuple[Opinion, ...]:
    """Return what each inspector says of each subject; of some, or of the whole panel, and then with the survey.

    A survey is nobody's opinion: the engine takes it out of the reviews, so each of them carries the same. What was seen of the university itself holds for each of its places, as its answers do.
    """
    panel = panel_of(connection, assessment)
    called = labels(panel)
    wanted = list(accounts) if accounts is not None else [row.account_id for row in panel if not row.ended_at]
    held = surveys_of(connection, assessment) if accounts is None else {}
    found = list[Opinion]()
    for account in wanted:
        given, saw = findings_of(connection, assessment, account), seen_by(connection, assessment, account)
        name, whole = called.get(account, "专家"), judged.whole.id if judged.whole is not None else ""
        for slug, subject in sorted(judged.ids.items()):
            points = held[subject].points if subject in held else None
            review = review_of(edition, name, slug, (whole, subject), given, saw, points)
            found.append(Opinion(account, review))
    return tuple(found)


def surveys_of(connection: Connection, assessment: str) -> dict[str, Row[Any]]:
    """Return the newest survey of each subject, also one that was taken back."""
    rows = connection.execute(
        select(surveys).where(surveys.c.assessment_id == assessment).order_by(surveys.c.version)
    )
    return {row.subject_id: row for row in rows}


def review_of(
    edition: Edition,
    inspector: str,
    slug: str,
    subjects: tuple[str, str],
    given: Mapping[Item, Finding],
    saw: Mapping[Item, Seen],
    survey: str | None = None,
) -> Review:
    """Return the review of one subject (the whole, and the subject itself) by one inspector as the engine takes it."""
    whole, subject = subjects
    verdicts = {
        indicator: _verdict(one)
        for (of, indicator), one in sorted(given.items())
        if of == subject and one.verdict != "none" and edition.leaf(indicator) is not None
    }
    answers = {
        fact: {"value": one.value, **({"note": one.note} if one.note else {})}
        for wanted in (whole, subject)
        for (of, fact), one in sorted(saw.items())
        if of == wanted and one.value is not None
    }
    return Review.model_validate(
        {
            "inspector": inspector,
            "standard": edition.standard.id,
            "edition": edition.standard.edition,
            "subject": slug,
            "findings": verdicts,
            "answers": answers,
            "survey": survey,
        }
    )


def _verdict(one: Finding) -> dict[str, str]:
    said = {"verdict": one.verdict}
    if one.verdict == "adjust" and one.points is not None:
        said["points"] = one.points
    return {**said, **({"reason": one.reason} if one.reason else {})}
