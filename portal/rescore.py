"""Judging again: every scorecard that is kept, from what it followed from, must come out byte for byte."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from engine.load import Library
from portal.scoring import ROLL_UP, inputs_from, judged
from portal.snapshot import loads
from portal.store.tables import scorecards, snapshots


@dataclass(frozen=True, slots=True)
class Rescored:
    """How many scorecards came out the same; the ids of those that did not, and of those whose rules are not here."""

    same: int
    different: tuple[str, ...]
    without_rules: tuple[str, ...]


def rescored(connection: Connection, library: Library) -> Rescored:
    """Judge every kept scorecard again; inputs that gave several are judged once."""
    same, different, without = 0, list[str](), list[str]()
    sources = connection.execute(
        select(scorecards.c.inputs).distinct().order_by(scorecards.c.inputs)
    ).scalars()
    for source in sources.all():
        text = connection.execute(
            select(snapshots.c.document).where(snapshots.c.sha256 == source)
        ).scalar_one_or_none()
        rows = connection.execute(
            select(scorecards).where(scorecards.c.inputs == source).order_by(scorecards.c.id)
        ).all()
        inputs = inputs_from(text) if text is not None else None
        edition = inputs and library.edition(inputs.submission.standard, inputs.submission.edition)
        made = dict[tuple[str, str, str | None], str]()
        for row in rows:
            if inputs is None:
                different.append(row.id)
                continue
            if not edition or edition.hash != row.edition_hash:
                without.append(row.id)
                continue
            made = made or {
                (edition.hash, one.layer, one.subject): one.document for one in judged(edition, inputs)
            }
            wanted = loads(row.document)
            subject = None if wanted["format"] == ROLL_UP else wanted["subject"]["id"]
            if made.get((edition.hash, row.layer, subject)) == row.document:
                same += 1
            else:
                different.append(row.id)
    return Rescored(same, tuple(different), tuple(without))
