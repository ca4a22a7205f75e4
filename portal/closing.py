"""The end of a review as the engine sees it: everything that was said, judged beside the writers, and kept.

Judging takes longer than a writer should wait for. So it happens on a reading connection; the change then looks whether
the inputs are still the same text, and keeps what was judged only if they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.build.edition import Edition
from portal.assessments import Standing
from portal.cases import Declined, Judged, judged_in, pinned
from portal.opinions import opinions_of
from portal.portal import Portal
from portal.refusal import Refusal
from portal.scoring import FINAL, Decision, Made, Stage, inputs_from, inputs_text, store, with_decisions
from portal.scoring import judged as judge_all
from portal.snapshot import kept, loads
from portal.store.tables import appeals, scorecards

OVERTAKEN = Refusal(
    "conflict",
    "changed",
    "评分的时候又有内容改动，没有结束",
    "请刷新页面，核对后再试",
)


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a case comes to: the inputs as text, every document, and the subjects they are of."""

    edition: Edition
    inputs: str
    documents: tuple[Made, ...]
    judged: Judged

    @property
    def finals(self) -> tuple[Made, ...]:
        """The final documents: of each subject, and of the whole where there are several."""
        return tuple(one for one in self.documents if one.layer == FINAL)

    @property
    def open(self) -> tuple[str, ...]:
        """The subjects whose grade is not settled, with why."""
        found = list[str]()
        for one in self.finals:
            if one.subject is not None and one.grade is None:
                data = loads(one.document)
                why = "；".join(problem["message"].rstrip("。") for problem in data["problems"][:2])
                grades = "、".join(grade["title"] for grade in data["grade"]["possible"])
                found.append(f"{data['subject']['title']}（还可能是{grades}{'：' + why if why else ''}）")
        return tuple(found)


def reviewed_inputs(connection: Connection, portal: Portal, case: Standing) -> str:
    """Return the submission and everything the panel says of it, as the one text that is judged."""
    edition, judged = pinned(portal, case.round), judged_in(connection, case.id)
    submission = kept(connection, case.submission_hash)
    if submission is None:
        raise Declined(
            Refusal("state", "not-submitted", f"{case.university_title}还没有提交填报", "请等学校提交")
        )
    return inputs_text(submission, opinions_of(connection, case.id, edition, judged))


def decided_inputs(connection: Connection, case: Standing) -> str:
    """Return the inputs of the review that ended, with what appeals have changed since."""
    row = connection.execute(
        select(scorecards.c.inputs, scorecards.c.place)
        .where(scorecards.c.assessment_id == case.id, scorecards.c.stage == "reviewed")
        .order_by(scorecards.c.place.desc(), scorecards.c.id.desc())
        .limit(1)
    ).first()
    text = kept(connection, row.inputs) if row else None
    if row is None or text is None:
        raise Declined(
            Refusal("state", "not-reviewed", f"{case.university_title}还没有评审结果", "请先结束评审")
        )
    return with_decisions(text, decisions_of(connection, case, row.place))


def decisions_of(connection: Connection, case: Standing, since: int) -> tuple[Decision, ...]:
    """Return what appeals changed since a review ended, the newest decision of each indicator."""
    slugs = {row.id: slug for slug, row in judged_in(connection, case.id).rows.items()}
    rows = connection.execute(
        select(appeals)
        .where(
            appeals.c.assessment_id == case.id,
            appeals.c.outcome == "changed",
            appeals.c.decided_place > since,
        )
        .order_by(appeals.c.decided_place)
    )
    found = {
        (slugs[row.subject_id], row.indicator): Decision(
            slugs[row.subject_id], row.indicator, row.points, row.reason
        )
        for row in rows
        if row.subject_id in slugs
    }
    return tuple(found[key] for key in sorted(found))


def conclude(connection: Connection, portal: Portal, case: Standing, inputs: str) -> Concluded:
    """Judge inputs."""
    edition = pinned(portal, case.round)
    documents = tuple(judge_all(edition, inputs_from(inputs)))
    return Concluded(edition, inputs, documents, judged_in(connection, case.id))


def keep_all(
    connection: Connection,
    portal: Portal,
    case: Standing,
    found: Concluded,
    stage: Stage,
    documents: Iterable[Made],
) -> Mapping[str, str]:
    """Keep documents of a stage; return their hashes by layer and subject."""
    chosen = tuple(documents)
    store(
        connection,
        case.id,
        stage,
        chosen,
        inputs=found.inputs,
        subjects=found.judged.ids,
        edition=found.edition,
        portal=portal,
    )
    return {f"{one.layer}/{one.subject or ''}": one.sha256 for one in chosen}
