"""Where proof is wanting: facts that were stated and ask for evidence, and how many who stated them brought too little."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from engine.build.edition import Edition
from engine.cohort import share_of
from portal.scoring import MANY
from portal.store.tables import answers, evidence


@dataclass(frozen=True, slots=True)
class Unproven:
    """One fact that asks for proof: how many stated it, how many of them without, and that in percent."""

    fact: str
    title: str
    proof: str
    stated: int
    lacking: int
    share: str


NOTHING_TO_PROVE = ("null", "false", "[]")
"""Answers that say that there is nothing."""


def unproven(connection: Connection, edition: Edition, chosen: Sequence[str]) -> tuple[Unproven, ...]:
    """Return the facts with answers that lack proof, the most of them first."""
    facts = {name: fact for name in edition.facts if (fact := edition.words.fact(name)) is not None}
    asked = {name: (fact.name, fact.evidence) for name, fact in facts.items() if fact.evidence is not None}
    stated, lacking = dict[str, int](), dict[str, int]()
    for start in range(0, len(chosen), MANY):
        for name, pieces, count in _counted(connection, chosen[start : start + MANY]):
            if name in asked:
                stated[name] = stated.get(name, 0) + count
                if pieces < asked[name][1].at_least:
                    lacking[name] = lacking.get(name, 0) + count
    rows = [
        Unproven(
            name,
            asked[name][0],
            asked[name][1].kind,
            stated[name],
            count,
            share_of(count, stated[name]),
        )
        for name, count in lacking.items()
    ]
    return tuple(sorted(rows, key=lambda one: (-one.lacking, one.fact)))


def _counted(connection: Connection, chosen: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return by fact and number of pieces how many answers there are."""
    pieces = (
        select(evidence.c.subject_id, evidence.c.fact, func.count().label("pieces"))
        .where(evidence.c.assessment_id.in_(chosen), evidence.c.removed_at.is_(None))
        .group_by(evidence.c.subject_id, evidence.c.fact)
        .subquery()
    )
    has = func.coalesce(pieces.c.pieces, 0)
    query = (
        select(answers.c.fact, has, func.count())
        .outerjoin(pieces, (pieces.c.subject_id == answers.c.subject_id) & (pieces.c.fact == answers.c.fact))
        .where(
            answers.c.assessment_id.in_(chosen),
            answers.c.value.is_not(None),
            answers.c.value.not_in(NOTHING_TO_PROVE),
        )
        .group_by(answers.c.fact, has)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]
