"""What those who are served say, as points of their own: for standards that give 测评 a weight beside self and panel.

Shares of satisfied guests, counted sheets and the like are ordinary facts of a submission. This is the other thing: one
result on the scale of the total, brought in by the secretariat, with who held it, when, and how many answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert

from engine.build.edition import Edition
from engine.exact import show
from engine.models.submission import Review
from portal.assessments import Standing
from portal.cases import Change, Declined, change, cleaned, judged_in, look, pinned
from portal.evidence.said import is_day
from portal.opinions import surveys_of
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.store.tables import surveys
from portal.use_cases.findings import Saved, next_version, saved


@dataclass(frozen=True, slots=True)
class Survey:
    """The newest survey of one subject: its points (None: taken back), who held it, when, how many were asked and answered."""

    subject: str
    points: str | None
    held_by: str
    from_day: str
    to_day: str
    asked: int
    answered: int
    note: str | None
    version: int
    at: str


@use_case("survey.save", "survey.save", writes=True)
def save_survey(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    points: str | None,
    held_by: str,
    from_day: str,
    to_day: str,
    asked: int,
    answered: int,
    *,
    note: str | None = None,
    base: int = 0,
    op_id: str,
) -> Saved | Refusal:
    """Keep the result of a survey of one subject, as a new version; no points take it back."""

    def work(one: Change) -> Mapping[str, Any]:
        edition, judged = pinned(portal, one.case.round), judged_in(one.connection, one.case.id)
        row = judged.find(subject)
        given = None if points in (None, "") else _points(edition, row, str(points))
        wrong = _implausible(from_day, to_day, asked, answered)
        if wrong is not None:
            raise Declined(Refusal("invalid", "survey", *wrong))
        said: dict[str, Any] = {
            "held_by": cleaned(held_by, "测评单位", needed=True),
            "note": cleaned(note, "备注"),
        }
        said |= {"from_day": from_day, "to_day": to_day, "asked": asked, "answered": answered}
        key = {"assessment_id": one.case.id, "subject_id": row.id}
        now = surveys_of(one.connection, one.case.id).get(row.id)
        version = next_version(one.connection, surveys, base, now.points if now else None, **key)
        one.connection.execute(
            insert(surveys).values(**key, version=version, points=given, **said, by=actor.id, at=one.at)
        )
        return {"subject": row.id, "version": version, "points": given, "asked": asked, "answered": answered}

    return saved(change(portal, actor, op_id, assessment, "survey.save", "survey.save", work))


def _points(edition: Edition, row: Row[Any], points: str) -> str:
    """Return points as they are kept, or decline: the standard has to want them, on the scale of its total."""
    total = edition.standard.total
    if "survey" not in edition.standard.raters.final:
        raise Declined(
            Refusal(
                "state",
                "no-survey",
                f"《{edition.standard.title}》这一版没有测评分",
                "满意度等按填报里的事实计分，请在现场核查里核对",
            )
        )
    said = {"standard": edition.standard.id, "edition": edition.standard.edition, "subject": row.slug}
    try:
        found = Review.model_validate({**said, "inspector": "测评", "survey": points.strip()})
    except ValueError:
        found = None
    if found is None or found.survey is None or found.survey > total:
        raise Declined(
            Refusal(
                "invalid",
                "points",
                f"{row.title}的测评分“{points.strip()[:20]}”应是 0 到 {show(total)} 之间的数",
                "测评分和总分同一把尺，请换算后再填",
            )
        )
    return str(found.model_dump(mode="json")["survey"])


def _implausible(from_day: str, to_day: str, asked: int, answered: int) -> tuple[str, str] | None:
    """Return what does not fit and what to do; None when all does."""
    for day in (from_day, to_day):
        if not is_day(day):
            return f"测评日期“{day[:20]}”不是日期", "请写成 2026-03-01 这样"
    if to_day < from_day:
        return f"测评结束日 {to_day} 早于开始日 {from_day}", "请核对这两个日期"
    if not 0 < answered <= asked <= 10_000_000:
        return (
            f"发出 {asked} 份、有效 {answered} 份，对不上",
            "发出不超过一千万份，有效份数应在 1 到发出份数之间",
        )
    return None


@use_case("survey.list", "finding.read", writes=False)
def list_surveys(portal: Portal, actor: Actor, assessment: str) -> tuple[Survey, ...] | Refusal:
    """Return the newest survey of each subject of a case."""

    def work(connection: Connection, case: Standing) -> tuple[Survey, ...]:
        return tuple(
            Survey(
                row.subject_id,
                row.points,
                row.held_by,
                row.from_day,
                row.to_day,
                row.asked,
                row.answered,
                row.note,
                row.version,
                row.at,
            )
            for row in surveys_of(connection, case.id).values()
        )

    return look(portal, actor, assessment, "finding.read", work)
