"""The trail as people see it: the lines of one assessment for whom each is, and what lets a document prove itself.

A line is shown only to whom `may_read_line` allows it. A proof holds one whole line, because its hash covers all of it;
so documents are named in lines of their own, which say nothing but fingerprints (`PROVING`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from portal.assessments import Standing, about, allowed, load
from portal.checkpoint import latest
from portal.opinions import labels, panel_of
from portal.people.actors import OPERATOR, members_of
from portal.policy import Actor, Object, may_read_line
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.signing import sign_document
from portal.store.tables import accounts, log, publications
from portal.trail_proof import bundle, naming
from portal.use_cases.scorecards import readable

AT_ONCE = 200
"""Lines of a page."""

SHOWN = frozenset(
    {
        "move",
        "from",
        "to",
        "version",
        "reason",
        "fact",
        "indicator",
        "subject",
        "count",
        "number",
        "name",
        "sha256",
    }
)
"""What is shown of a line's details. The others are ids of people and things, for those who check the whole trail."""

PROVING = frozenset({"assessment.submit", "scorecard.keep", "publication.document"})
"""Lines that go out with a document, to whoever may have the document."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the trail. `who` is a name where names belong, else 专家1 or the office."""

    place: int
    at: str
    who: str
    action: str
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class Lines:
    """One page of an assessment's trail; `after` is where the next page begins, None at the end."""

    lines: tuple[Line, ...]
    after: int | None


@use_case("trail.read", "trail.read", writes=False)
def read_trail(portal: Portal, actor: Actor, assessment: str, *, after: int = 0) -> Lines | Refusal:
    """Return the lines of an assessment's trail that the actor may read, a page from a place on."""
    with portal.database.read() as connection:
        case = load(connection, assessment)
        if case is None:
            return MISSING
        refused = allowed(connection, actor, "trail.read", case)
        if refused is not None:
            return refused
        this = about(connection, actor, case)
        rows = connection.execute(
            select(log)
            .where(log.c.chain == case.chain, log.c.place > after)
            .order_by(log.c.place)
            .limit(AT_ONCE)
        ).all()
        names = names_of(connection, actor, case, this, {row.actor for row in rows})
        lines = tuple(line_of(row, names) for row in rows if may_read_line(actor, row.action, this))
    return Lines(lines, rows[-1].place if len(rows) == AT_ONCE else None)


def line_of(row: Row[Any], names: Mapping[str, str]) -> Line:
    """Return a line as it is shown."""
    details = {name: value for name, value in json.loads(row.details).items() if name in SHOWN}
    return Line(row.place, row.at, names[row.actor], row.action, details, row.hash)


def knows_names(actor: Actor, case: Standing, this: Object) -> bool:
    """Whether the actor reads everybody's name: the secretariat does, a university does not."""
    return case.university not in actor.employed and may_read_line(actor, "finding.save", this)


def names_of(
    connection: Connection, actor: Actor, case: Standing, this: Object, asked: set[str]
) -> dict[str, str]:
    """Return how those who did something are called: a university knows its own people by name, and no others."""
    rows = connection.execute(select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(asked)))
    known = {row.id: row.name for row in rows} | {OPERATOR.id: OPERATOR.name}
    if knows_names(actor, case, this):
        return {one: known.get(one, "系统") for one in asked}
    panel = labels(panel_of(connection, case.id))
    return {
        one: known[one]
        if any(member.university == case.university for member in members_of(connection, one))
        else panel.get(one, "秘书处")
        for one in asked
    }


# What a document carries ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint, to be kept outside, and the key it is checked with."""

    checkpoint: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """A document and what lies beside it, each as the text of a file; `signature` is None where the key is elsewhere."""

    name: str
    document: str
    signature: str | None
    proof: str


@use_case("trail.checkpoint", None, writes=False)
def newest_checkpoint(portal: Portal, actor: Actor | None = None) -> Head | Refusal:  # noqa: ARG001  for anybody
    """Return the newest checkpoint, for anybody: the more people keep one, the less can be rewritten unseen."""
    with portal.database.read() as connection:
        last = latest(connection)
    if last is None:
        return Refusal("state", "no_checkpoint_yet", "还没有签名的检查点", "请在第一个检查点生成后再取")
    return Head(last.note, portal.seal.signer.public.text if portal.seal else None)


@use_case("publication.proof", None, writes=False)
def prove_publication(
    portal: Portal,
    publication: str,
    actor: Actor | None = None,  # noqa: ARG001  for anybody
) -> Proof | Refusal:
    """Return a publication with its signature and its proof, for anybody; not one that was withdrawn."""
    with portal.database.read() as connection:
        row = connection.execute(
            select(publications).where(
                publications.c.id == publication, publications.c.withdrawn_at.is_(None)
            )
        ).one_or_none()
        if row is None:
            return MISSING
        return _proof(portal, connection, f"r:{row.round_id}", f"publication-{row.id}.json", row.document)


@use_case("scorecard.proof", "score.read_review", writes=False)
def prove_scorecard(portal: Portal, actor: Actor, scorecard: str) -> Proof | Refusal:
    """Return a kept scorecard with its signature and its proof, to whoever may read the scorecard."""
    with portal.database.read() as connection:
        row = readable(connection, actor, scorecard)
        if isinstance(row, Refusal):
            return row
        return _proof(portal, connection, f"a:{row.assessment_id}", f"scorecard-{row.id}.json", row.document)


def _proof(portal: Portal, connection: Connection, chain: str, name: str, document: str) -> Proof | Refusal:
    data = document.encode()
    op_id = naming(connection, chain, data, PROVING)
    proof = bundle(connection, op_id) if op_id is not None else MISSING
    if isinstance(proof, Refusal):
        return proof
    comment = f"zhunsheng {name}"
    signature = sign_document(data, portal.seal.signer, comment) if portal.seal else None
    return Proof(name, document, signature, proof)
