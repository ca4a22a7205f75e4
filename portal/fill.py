"""From rows to the engine: what an assessment states, as the engine's submission, and what the engine makes of it.

A submission is judged only from its canonical text, so that judging the text again gives the same bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select

from engine.answers import Stated
from engine.build.edition import Edition
from engine.cohort import marks_of
from engine.document import canonical, scorecard_document
from engine.judge import judge
from engine.models.submission import Given, Piece, Subject, Submission, Unit
from engine.problem import Problem
from engine.rollup import roll_up, stated_by, unit_stated
from portal.assessments import Standing
from portal.scoring import SELF, roll_up_data
from portal.store.gather import gathered
from portal.store.tables import answers, claims, evidence, subjects

WHOLE = "学校"
"""The kind of subject that a university itself is."""

LONG = 4_000
"""Letters up to which an answer is worth keeping in memory."""


_OF: BindParameter[str] = bindparam("assessment")
_PARTS = (
    select(subjects)
    .where(subjects.c.assessment_id == _OF, subjects.c.withdrawn_at.is_(None))
    .order_by(subjects.c.place_id.is_not(None), subjects.c.slug)
)
_CLAIMS = (
    select(claims)
    .where(claims.c.assessment_id == _OF, claims.c.reason.is_not(None))
    .order_by(claims.c.indicator)
)
_EVIDENCE = (
    select(evidence)
    .where(evidence.c.assessment_id == _OF, evidence.c.removed_at.is_(None))
    .order_by(evidence.c.at, evidence.c.id)
)
_ANSWERS = select(gathered(answers.c.fact, answers.c.subject_id, answers.c.value, answers.c.note)).where(
    answers.c.assessment_id == _OF
)


@dataclass(frozen=True, slots=True)
class Part:
    """One subject of an assessment: the university itself (`place` empty) or a place, and what is stated of it."""

    id: str
    place: str | None
    slug: str
    title: str
    kind: str
    answers: Mapping[str, Given] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> Subject:
        """As the engine knows it."""
        return Subject(id=self.slug, title=self.title, kind=self.kind)


@dataclass(frozen=True, slots=True)
class Scored:
    """A document of the engine about one subject; `subject` is empty for the roll-up of the whole."""

    subject: str | None
    document: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    marks: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The document as canonical text."""
        return canonical(self.document)

    @property
    def ends(self) -> tuple[str, str]:
        """The least and greatest total as the document says it: of a roll-up, the mean."""
        ends = self.document["total" if self.subject else "mean"]
        return ends["low"], ends["high"]

    @property
    def grade(self) -> str | None:
        """The grade, where it is settled."""
        return self.document["grade"]["settled"] if self.subject else None


def parts_of(connection: Connection, assessment: str) -> tuple[Part, ...]:
    """Return the subjects of an assessment without what they state, the university first."""
    rows = connection.execute(_PARTS, {"assessment": assessment})
    return tuple(Part(row.id, row.place_id, row.slug, row.title, row.kind) for row in rows)


def filled(connection: Connection, assessment: str) -> tuple[Part, ...]:
    """Return the subjects of an assessment with everything they state now.

    A place whose own answer was cleared says so where the university has answered: it does not inherit silently.
    """
    given = _given(connection, assessment)
    claimed: dict[str, dict[str, str]] = {}
    for row in connection.execute(_CLAIMS, {"assessment": assessment}):
        claimed.setdefault(row.subject_id, {})[row.indicator] = row.reason
    parts = parts_of(connection, assessment)
    shared = {fact for one in parts if one.place is None for fact in given.get(one.id, {})}
    return tuple(
        replace(
            one,
            answers={
                fact: answer
                for fact, answer in given.get(one.id, {}).items()
                if _worth_saying(answer) or (one.place is not None and fact in shared)
            },
            claims=claimed.get(one.id, {}),
        )
        for one in parts
    )


def _given(connection: Connection, assessment: str) -> dict[str, dict[str, Given]]:
    pieces: dict[tuple[str, str], list[Piece]] = {}
    for row in connection.execute(_EVIDENCE, {"assessment": assessment}):
        piece = {"title": row.title or row.name, "file": f"sha256:{row.sha256}"}
        piece |= {"date": row.dated} if row.dated else {}
        piece |= {"from": row.issuer} if row.issuer else {}
        pieces.setdefault((row.subject_id, row.fact), []).append(Piece.model_validate(piece))
    found: dict[str, dict[str, Given]] = {}
    rows = json.loads(connection.execute(_ANSWERS, {"assessment": assessment}).scalar_one())
    for fact, subject, value, note in sorted(rows, key=itemgetter(0)):
        proof = tuple(pieces.pop((subject, fact), ()))
        found.setdefault(subject, {})[fact] = given_of(value, note or None, proof)
    for (subject, fact), waiting in sorted(pieces.items()):
        found.setdefault(subject, {})[fact] = Given(evidence=tuple(waiting))
    return found


def given_of(value: str | None, note: str | None, proof: tuple[Piece, ...]) -> Given:
    """Return an answer as the engine reads it. Nobody changes one, so a short one is made once and shared."""
    if proof or len(value or "") > LONG:
        return Given(value=value_of(value), evidence=proof, note=note)
    return _shared(value, note)


@lru_cache(maxsize=20_000)
def _shared(value: str | None, note: str | None) -> Given:
    return Given(value=value_of(value), note=note)


def _worth_saying(given: Given) -> bool:
    return given.value is not None or bool(given.evidence) or given.note is not None


def value_of(text: str | None) -> Any:
    """Return a value as it was given."""
    return None if text is None else json.loads(text)


def submission_of(standing: Standing, parts: tuple[Part, ...]) -> Submission:
    """Return what an assessment states as the engine's submission."""
    now = standing.round
    whole = next(one for one in parts if one.place is None)
    return Submission(
        standard=now.standard,
        edition=now.edition,
        hash=now.edition_hash,
        as_of=now.as_of,
        region=now.region or None,
        origin="invented" if now.settings.get("invented") else "real",
        subject=whole.subject,
        answers=dict(whole.answers),
        not_applicable=dict(whole.claims),
        units=tuple(
            Unit(subject=one.subject, answers=dict(one.answers), not_applicable=dict(one.claims))
            for one in parts
            if one.place is not None
        ),
    )


def submission_text(submission: Submission) -> str:
    """Return a submission as canonical text: what is kept, hashed and judged."""
    return canonical(submission.model_dump(mode="json", by_alias=True, exclude_none=True))


def submission_from(text: str) -> Submission:
    """Read a submission that was kept; its numbers are read exactly."""
    return Submission.model_validate(json.loads(text, parse_float=Decimal))


def stated_now(standing: Standing, parts: tuple[Part, ...]) -> tuple[Stated, tuple[Stated, ...]]:
    """Return what the university states and what each place states, as `stated_by` and `unit_stated` would.

    For judging what nobody keeps: a text that is kept is read and checked as a whole, which takes its time.
    """
    whole = next(one for one in parts if one.place is None)
    now = standing.round
    own = Stated(whole.answers, {}, whole.claims, now.as_of, now.region or None)
    places = [one for one in parts if one.place is not None]
    return own, tuple(
        replace(
            own,
            answers={**whole.answers, **one.answers},
            not_applicable={**whole.claims, **one.claims},
            prefix=("units", index),
        )
        for index, one in enumerate(places)
    )


def stated_of(submission: Submission, parts: tuple[Part, ...], subject: str) -> Stated:
    """Return what one subject states, with what it inherits from the university."""
    units = [one for one in parts if one.place is not None]
    index = next((i for i, one in enumerate(units) if one.id == subject), None)
    return stated_by(submission) if index is None else unit_stated(submission, index)


def judged(edition: Edition, submission: Submission, parts: tuple[Part, ...]) -> tuple[Scored, ...]:
    """Judge every subject of a submission; with places, these are judged one by one and then rolled up."""
    units = [one for one in parts if one.place is not None]
    if not units:
        whole = next(one for one in parts if one.place is None)
        card = judge(edition, stated_by(submission))
        return (
            Scored(whole.id, scorecard_document(card, submission.subject), card.problems, marks_of(card)),
        )
    rolled = roll_up(edition, submission)
    cards = [card for _, card in rolled.units]
    scored = tuple(
        Scored(one.id, scorecard_document(card, one.subject), card.problems, marks_of(card))
        for one, card in zip(units, cards, strict=True)
    )
    return (*scored, Scored(None, roll_up_data(SELF, edition, submission, rolled)))


def kind_of_fact(edition: Edition, fact: str) -> str:
    """Return the kind of subject a fact describes: its own, or its checklist's; empty when neither says."""
    found = edition.words.defined[fact]
    known = edition.words.fact(fact)
    desk = found.document.data.get("checklist", {}) if isinstance(found.document.data, dict) else {}
    return (known.per if known else None) or desk.get("subject") or ""


def asked_of(edition: Edition, part: Part, *, alone: bool) -> tuple[str, ...]:
    """Return the facts to ask of a subject: once for the university what is the university's, the rest of each place.

    Without places, everything is asked of the university.
    """
    if part.place is None and alone:
        return edition.facts
    wanted = part.place is None
    return tuple(name for name in edition.facts if (kind_of_fact(edition, name) == WHOLE) is wanted)
