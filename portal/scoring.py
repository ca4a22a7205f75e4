"""Self, inspectors, panel, final: what was handed in and said is judged by the engine and kept as canonical documents.

No points are made here. Everything a scorecard follows from is one text, its inputs, kept under its hash; judged by the
edition whose hash the scorecard names, it gives the same bytes again. What is kept is only ever inserted.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Column, Connection, Row, RowMapping, insert, select

import engine
from engine.answers import Stated
from engine.build.edition import Edition
from engine.cohort import marks_of
from engine.document import canonical, roll_up_document, scorecard_document
from engine.judge import Scorecard
from engine.layers import Layers, Weight, appealed, final, layered, weighing
from engine.models.submission import Review, Subject, Submission, Verdict
from engine.rollup import RolledUp, put_together, stated_by, unit_stated
from portal.assessments import last_place
from portal.moment import new_id
from portal.portal import Portal
from portal.refusal import MISSING, Refusal
from portal.snapshot import keep, kept, loads
from portal.store.tables import scorecards

FORMAT = "zhunsheng.inputs/1"
ROLL_UP = "zhunsheng.roll_up/1"

Stage = Literal["submitted", "reviewed", "decided"]
"""When a layer was kept: at each handing in, when the review ended, when the grades were decided."""

SELF, PANEL, FINAL = "self", "panel", "final"


def inspector_layer(account: str) -> str:
    """Return how the layer of an inspector is called."""
    return f"inspector:{account}"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one inspector says of one subject. `review.inspector` is the name in documents: 专家1, 专家2."""

    account: str
    review: Review


@dataclass(frozen=True, slots=True)
class Decision:
    """What an appeal changed: one indicator of one subject, anew."""

    subject: str
    indicator: str
    points: str
    reason: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that scorecards follow from, besides the edition."""

    submission: Submission
    opinions: tuple[Opinion, ...] = ()
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """One document of one layer; `subject` is empty for the roll-up of a whole."""

    layer: str
    subject: str | None
    document: str
    low: str
    high: str
    grade: str | None
    marks: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The hash of the document."""
        return hashlib.sha256(self.document.encode()).hexdigest()


@lru_cache(maxsize=1)
def engine_version() -> str:
    """Return which engine judges: its version, and a hash of its code."""
    root = Path(engine.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    try:
        number = version("zhunsheng")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{digest.hexdigest()[:12]}"


# Inputs as text ---------------------------------------------------------------------------------------------------


def inputs_text(submission: str, opinions: Iterable[Opinion] = (), decisions: Iterable[Decision] = ()) -> str:
    """Return inputs as the one text of them; `submission` is the text that was kept when it was handed in."""
    return canonical(
        {
            "format": FORMAT,
            "submission": json.loads(submission, parse_float=str),
            "opinions": [
                {
                    "account": one.account,
                    "review": one.review.model_dump(mode="json", by_alias=True, exclude_none=True),
                }
                for one in opinions
            ],
            "decisions": [asdict(one) for one in decisions],
        }
    )


def with_decisions(inputs: str, decisions: Iterable[Decision]) -> str:
    """Return the inputs of a review with what appeals changed."""
    return canonical({**json.loads(inputs), "decisions": [asdict(one) for one in decisions]})


def inputs_from(text: str) -> Inputs:
    """Read inputs back; a submission that nobody has reviewed yet stands for itself."""
    data = loads(text)
    if data.get("format") != FORMAT:
        return Inputs(Submission.model_validate(data))
    return Inputs(
        Submission.model_validate(data["submission"]),
        tuple(Opinion(one["account"], Review.model_validate(one["review"])) for one in data["opinions"]),
        tuple(Decision(**one) for one in data["decisions"]),
    )


# Judging ----------------------------------------------------------------------------------------------------------


def judged(edition: Edition, inputs: Inputs) -> Iterator[Made]:
    """Judge every layer of every subject, and roll each layer up where there are several."""
    every = layers_by_subject(edition, inputs)
    submission = inputs.submission
    if not submission.units:
        subject, found = every[0]
        for name, label, card, weights in found:
            yield _made(name, card, subject, label, weights)
        return
    for place, (name, label, _, _) in enumerate(every[0][1]):
        rolled = put_together(edition, submission.units, [found[place][2] for _, found in every])
        for (unit, card), (_, found) in zip(rolled.units, every, strict=True):
            yield _made(name, card, unit.subject, label, found[place][3])
        yield _whole(name, label, edition, submission, rolled)


def layers_by_subject(edition: Edition, inputs: Inputs) -> list[tuple[Subject, "Named"]]:
    """Judge every layer of every subject, without documents."""
    submission = inputs.submission
    if not submission.units:
        layers = _layers(edition, stated_by(submission), submission.subject, inputs)
        return [(submission.subject, _named(layers, inputs, submission.subject))]
    return [
        (
            unit.subject,
            _named(
                _layers(edition, unit_stated(submission, index), unit.subject, inputs), inputs, unit.subject
            ),
        )
        for index, unit in enumerate(submission.units)
    ]


Named = list[tuple[str, str, Scorecard, Mapping[str, Weight]]]
"""Layers with their names in the store and in documents."""


def _layers(edition: Edition, stated: Stated, subject: Subject, inputs: Inputs) -> Layers:
    reviews = [one.review for one in inputs.opinions if one.review.subject == subject.id]
    layers = layered(edition, stated, reviews)
    decided = {
        one.indicator: Verdict(verdict="adjust", points=one.points, reason=one.reason)  # type: ignore[arg-type]
        for one in inputs.decisions
        if one.subject == subject.id
    }
    if layers.panel is None or not decided:
        return layers
    after = appealed(layers.panel, decided)
    weights = weighing(layers.self, after, reviews)
    return Layers(layers.self, layers.inspectors, layers.panel, final(after, weights), weights)


def _named(layers: Layers, inputs: Inputs, subject: Subject) -> Named:
    accounts = [one.account for one in inputs.opinions if one.review.subject == subject.id]
    found: Named = [(SELF, SELF, layers.self, {})]
    for account, (review, card) in zip(accounts, layers.inspectors, strict=True):
        found.append((inspector_layer(account), f"inspector {review.inspector}", card, {}))
    if layers.panel is not None and layers.final is not None:
        found.append((PANEL, PANEL, layers.panel, {}))
        found.append((FINAL, FINAL, layers.final, layers.weighing))
    return found


def _made(
    name: str, card: Scorecard, subject: Subject, label: str, weights: Mapping[str, Weight] | None = None
) -> Made:
    data = scorecard_document(card, subject, label, weights)
    total, grade = data["total"], data["grade"]["settled"]
    return Made(name, subject.id, canonical(data), total["low"], total["high"], grade, marks_of(card))


def _whole(name: str, label: str, edition: Edition, submission: Submission, rolled: RolledUp) -> Made:
    data = roll_up_data(label, edition, submission, rolled)
    mean = data["mean"]
    return Made(name, None, canonical(data), mean["low"], mean["high"], None)


def roll_up_data(label: str, edition: Edition, submission: Submission, rolled: RolledUp) -> dict[str, Any]:
    """Return the roll-up of a layer as a document that says, like a scorecard, what it is of."""
    standard = edition.standard
    return {
        "format": ROLL_UP,
        "layer": label,
        "standard": {
            "id": standard.id,
            "edition": standard.edition,
            "title": standard.title,
            "hash": edition.hash,
        },
        "subject": submission.subject.model_dump(),
        "as_of": submission.as_of,
        **roll_up_document(rolled),
    }


# The store --------------------------------------------------------------------------------------------------------


def store(
    connection: Connection,
    assessment: str,
    stage: Stage,
    documents: Sequence[Made],
    *,
    inputs: str,
    subjects: Mapping[str, str],
    edition: Edition,
    portal: Portal,
) -> tuple[str, ...]:
    """Keep documents of a stage beside all earlier ones, and return their hashes; `subjects` gives ids by slug."""
    at, place = portal.at(), last_place(connection, f"a:{assessment}")
    source = keep(connection, inputs, at)
    rows = [
        {
            "id": new_id(portal.clock()),
            "assessment_id": assessment,
            "subject_id": subjects[one.subject] if one.subject is not None else None,
            "layer": one.layer,
            "stage": stage,
            "document": one.document,
            "sha256": one.sha256,
            "grade": one.grade,
            "low": one.low,
            "high": one.high,
            "engine": engine_version(),
            "edition_hash": edition.hash,
            "inputs": source,
            "marks": canonical(one.marks),
            "at": at,
            "place": place,
        }
        for one in documents
    ]
    if rows:
        connection.execute(insert(scorecards), rows)
    return tuple(one.sha256 for one in documents)


def latest(
    connection: Connection, assessment: str, layer: str, stages: Iterable[Stage], subject: str | None
) -> Row[Any] | None:
    """Return the newest scorecard of a layer and a subject (by id; empty: the roll-up) that was kept in some stages."""
    return connection.execute(
        select(scorecards)
        .where(
            scorecards.c.assessment_id == assessment,
            scorecards.c.layer == layer,
            scorecards.c.stage.in_(list(stages)),
            scorecards.c.subject_id.is_(None) if subject is None else scorecards.c.subject_id == subject,
        )
        .order_by(scorecards.c.place.desc(), scorecards.c.id.desc())
        .limit(1)
    ).first()


MANY = 500
"""Assessments that one query asks for."""


def current(connection: Connection, chosen: Sequence[str], *columns: Column[Any]) -> Iterator[Row[Any]]:
    """Return some columns of the scorecards of the newest review of each assessment, those decided since last.

    What an earlier review of the same assessment came to is kept and not returned.
    """
    table = scorecards.c
    for start in range(0, len(chosen), MANY):
        rows = connection.execute(
            select(table.assessment_id, table.stage, table.place, *columns)
            .where(
                table.assessment_id.in_(chosen[start : start + MANY]),
                table.stage.in_(("reviewed", "decided")),
            )
            .order_by(table.assessment_id, table.place, table.id)
        ).all()
        since = {row.assessment_id: row.place for row in rows if row.stage == "reviewed"}
        yield from (row for row in rows if row.place >= since[row.assessment_id])


@dataclass(frozen=True, slots=True)
class Judgement:
    """A scorecard judged again: the bytes now, and whether they are those that were kept."""

    document: str
    same: bool
    kept_by: str
    judged_by: str


def rejudge(portal: Portal, connection: Connection, scorecard: str) -> Judgement | Refusal:
    """Judge again what a kept scorecard followed from, by the edition it names. Nothing is changed."""
    row = connection.execute(select(scorecards).where(scorecards.c.id == scorecard)).mappings().one_or_none()
    text = kept(connection, row["inputs"]) if row is not None else None
    if row is None or text is None:
        return MISSING
    found = again(portal, row, text)
    if isinstance(found, Refusal):
        return found
    return Judgement(found.document, found.document == row["document"], row["engine"], engine_version())


def again(portal: Portal, row: RowMapping, text: str) -> Made | Refusal:
    """Judge inputs again and return the document that stands in a row."""
    inputs = inputs_from(text)
    submission = inputs.submission
    edition = portal.edition(submission.standard, submission.edition, row["edition_hash"])
    if edition is None:
        return Refusal(
            "state",
            "edition-gone",
            f"这份成绩按 {submission.standard}/{submission.edition}（指纹 {row['edition_hash'][:12]}…）评定，现在的规则不是这一版",
            "成绩单本身没有变；要重算请取回当时的规则",
        )
    wanted = json.loads(row["document"])
    subject = None if wanted["format"] == ROLL_UP else wanted["subject"]["id"]
    for made in judged(edition, inputs):
        if made.layer == row["layer"] and made.subject == subject:
            return made
    return MISSING
