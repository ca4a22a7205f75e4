"""The result of an assessment: every layer that may be seen, and the documents of one subject in each of them.

While a university fills in, its own self-assessment is judged as it stands; everybody else, and later everybody, sees
what was kept.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, select

from engine.build.edition import Edition
from portal.assessments import Standing, allowed, gate
from portal.cases import edition_of
from portal.fill import Part, filled, judged, parts_of, submission_of, submission_text
from portal.moment import shown
from portal.opinions import panel_of
from portal.policy import FILLING, Actor, State
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.scoring import FINAL, PANEL, SELF
from portal.snapshot import loads
from portal.store.tables import scorecards
from portal.use_cases.scorecards import may_read

STAGES: Mapping[str, str] = {"submitted": "提交时", "reviewed": "评审结束时", "decided": "定级时"}
AS_IT_STANDS: Mapping[State, str] = {"填报中": "正在填报，还没有提交", "补充材料": "正在补充材料，还没有交回"}


@dataclass(frozen=True, slots=True)
class Written:
    """One document of a layer as its text; `scorecard` is empty for what is not kept."""

    text: str
    sha256: str
    scorecard: str | None = None

    @property
    def document(self) -> Mapping[str, Any]:
        """The document as data."""
        found: Mapping[str, Any] = loads(self.text)
        return found


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: how it came about, when, and its documents by subject; the roll-up of a whole is that of ''."""

    name: str
    stage: str
    at: str
    kept: bool
    written: Mapping[str, Written] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a result is made of: the assessment, its subjects, and its layers, the last word last."""

    standing: Standing
    parts: tuple[Part, ...]
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """The document of one subject in one layer, and the roll-up of that layer where there is one.

    `standard` is the head of the scorecards of that layer; `document` is empty for the whole, where that is rolled up.
    """

    layer: str
    stage: str
    at: str
    kept: bool
    scorecard: str | None
    standard: Mapping[str, Any]
    document: Mapping[str, Any] | None
    total: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Place:
    """One subject that has a result of its own."""

    id: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one subject, or of the whole (`subject` empty) where several are rolled up."""

    assessment: str
    round_title: str
    university: str
    university_title: str
    state: State
    standard: str
    edition: str
    invented: bool
    sources: Mapping[str, str]
    """The titles of the sources that documents name by id."""
    places: tuple[Place, ...]
    subject: str
    sides: tuple[Side, ...]


@use_case("result.read", "round.read", writes=False)
def read_result(
    portal: Portal, actor: Actor, assessment: str, *, subject: str | None = None
) -> Result | Refusal:
    """Return the result of a subject in every layer that the actor may see; without one, of the whole."""
    seen = look(portal, actor, assessment)
    if isinstance(seen, Refusal):
        return seen
    places = [one for one in seen.parts if one.place is not None]
    whole = next(one for one in seen.parts if one.place is None)
    wanted = subject or ("" if places else whole.id)
    wanted = "" if places and wanted == whole.id else wanted
    if wanted and wanted not in {one.id for one in places or [whole]}:
        return MISSING
    standing = seen.standing
    return Result(
        standing.id,
        standing.round.title,
        standing.university,
        standing.university_title,
        standing.state,
        standing.round.standard,
        standing.round.edition,
        bool(standing.round.settings.get("invented")),
        {name: one.title for name, one in portal.library().sources.items()},
        tuple(Place(one.id, one.title, one.kind) for one in places or [whole]),
        wanted,
        tuple(_side(one, wanted) for one in seen.layers),
    )


def _side(layer: Layer, wanted: str) -> Side:
    own, whole = layer.written.get(wanted), layer.written.get("")
    document = own.document if own and wanted else None
    any_ = document or next(one.document for name, one in layer.written.items() if name)
    return Side(
        layer.name,
        layer.stage,
        layer.at,
        layer.kept,
        own.scorecard if own else None,
        any_["standard"],
        document,
        whole.document if whole else None,
    )


# Looking --------------------------------------------------------------------------------------------------------------


def look(portal: Portal, actor: Actor, assessment: str) -> Seen | Refusal:
    """Return the layers of an assessment that the actor may see; there is at least one."""
    at = portal.at()
    with portal.database.read() as connection:
        standing = gate(connection, actor, "round.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        live = standing.state in FILLING and standing.university in actor.employed
        parts = filled(connection, assessment) if live else parts_of(connection, assessment)
        refused = allowed(connection, actor, "score.read", standing)
        layers = _kept(connection, actor, standing)
    if live and refused is None:
        own = _as_it_stands(portal, standing, parts, at)
        if isinstance(own, Refusal):
            return own
        layers = (own, *(one for one in layers if one.name != SELF))
    return Seen(standing, parts, layers) if layers else refused or MISSING


def _kept(connection: Connection, actor: Actor, standing: Standing) -> tuple[Layer, ...]:
    """Return what was kept last of each layer."""
    table = scorecards.c
    rows = connection.execute(
        select(table.id, table.layer, table.stage, table.at)
        .where(table.assessment_id == standing.id, table.layer.in_((SELF, PANEL, FINAL)))
        .order_by(table.at, table.id)
    ).all()
    panel = panel_of(connection, standing.id)
    kinds = {(row.layer, row.stage) for row in rows}
    if (SELF, "submitted") in kinds:
        kinds.discard((SELF, "reviewed"))  # the same once more
    seen = {kind for kind in kinds if may_read(connection, actor, standing, *kind, panel)}
    last = {row.layer: row.at for row in rows if (row.layer, row.stage) in seen}
    documents = connection.execute(
        select(scorecards)
        .where(table.id.in_([row.id for row in rows if row.at == last.get(row.layer)]))
        .order_by(table.id)
    ).all()
    return tuple(
        _layer(name, [row for row in documents if row.layer == name])
        for name in (SELF, PANEL, FINAL)
        if name in last
    )


def _layer(name: str, rows: Sequence[Row[Any]]) -> Layer:
    first = rows[0]
    return Layer(
        name,
        f"{STAGES[first.stage]}（{shown(first.at)}）",
        first.at,
        kept=True,
        written={row.subject_id or "": Written(row.document, row.sha256, row.id) for row in rows},
    )


def _as_it_stands(portal: Portal, standing: Standing, parts: tuple[Part, ...], at: str) -> Layer | Refusal:
    edition = edition_of(portal, standing.round)
    if isinstance(edition, Refusal):
        return edition
    text = submission_text(submission_of(standing, parts))
    written = _judged(edition.hash, text, tuple(one.id for one in parts), _Beside(edition, standing, parts))
    return Layer(SELF, AS_IT_STANDS[standing.state], at, kept=False, written=written)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What judging needs and what follows from the text and the hash beside it."""

    edition: Edition = field(compare=False)
    standing: Standing = field(compare=False)
    parts: tuple[Part, ...] = field(compare=False)


@lru_cache(maxsize=64)
def _judged(_hash: str, _text: str, _ids: tuple[str, ...], beside: _Beside) -> Mapping[str, Written]:
    """Judge what is stated; the same text is judged once, however often the page is looked at."""
    submission = submission_of(beside.standing, beside.parts)
    found = dict[str, Written]()
    for one in judged(beside.edition, submission, beside.parts):
        text = one.text
        found[one.subject or ""] = Written(text, hashlib.sha256(text.encode()).hexdigest())
    return found
