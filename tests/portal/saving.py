"""Saving an answer in the shape every use case has, and the proof afterwards that nothing was lost or done twice.

One transaction: lock what the chain belongs to, look whether it was done before, change the answer if it still is the
one it is based on, keep its history, write the line of the trail.
"""

import json
from dataclasses import dataclass

from rows import row
from sqlalchemy import create_engine, event, func, insert, select, update

from portal.store import sqlite
from portal.store.database import DEADLINE
from portal.store.tables import answer_history, answers, assessments, log, rounds, subjects, universities
from portal.trail import START, Entry, append, done_before, hash_of

AT = "2026-11-26T00:00:00.000000Z"


@dataclass(frozen=True)
class Seat:
    """Where one writer writes."""

    assessment: str
    subject: str
    fact: str


def seats(database, count: int, *, assessments_count: int = 5) -> list[Seat]:
    """Prepare a round, some universities, and a question for each writer."""

    def prepare(connection):
        round_id = row(connection, rounds)["id"]
        desks = []
        for _ in range(assessments_count):
            desk = row(
                connection, assessments, round_id=round_id, university_id=row(connection, universities)["id"]
            )
            subject = row(connection, subjects, assessment_id=desk["id"], place_id=None)
            desks.append((desk["id"], subject["id"]))
        return [Seat(*desks[number % assessments_count], f"fact-{number}") for number in range(count)]

    return database.write(prepare)


def save(connection, seat: Seat, op: str, value: int, based_on: int, *, checked: bool = True) -> str:
    """Save one answer; `checked=False` takes the protection against overwriting away."""
    if connection.dialect.name == "postgresql" and checked:
        connection.execute(
            select(assessments.c.id).where(assessments.c.id == seat.assessment).with_for_update()
        )
    if done_before(connection, op):
        return "again"
    here = (
        answers.c.assessment_id == seat.assessment,
        answers.c.subject_id == seat.subject,
        answers.c.fact == seat.fact,
    )
    key = {"assessment_id": seat.assessment, "subject_id": seat.subject, "fact": seat.fact}
    said = {
        "value": json.dumps(value),
        "note": None,
        "origin": "typed",
        "by": "somebody",
        "at": AT,
        "version": based_on + 1,
    }
    if connection.execute(select(answers.c.version).where(*here)).first() is None:
        if based_on:
            return "conflict"
        connection.execute(insert(answers).values(**key, **said))
    else:
        based = (answers.c.version == based_on,) if checked else ()
        if connection.execute(update(answers).where(*here, *based).values(**said)).rowcount != 1:
            return "conflict"
    if checked:
        connection.execute(insert(answer_history).values(op_id=op, **key, **said))
        chain = f"a:{seat.assessment}"
        append(
            connection, Entry(op, chain, AT, "somebody", "answer.save", seat.fact, {"version": based_on + 1})
        )
    return "saved"


def write(database, places: list[Seat], number: int, step: int, deadline: float = DEADLINE) -> str:
    """Let writer `number` save his answer for the `step`th time."""
    return database.write(
        lambda connection: save(connection, places[number], f"{number}-{step}", step, step - 1), deadline
    )


class Plain:
    """What the one writer is instead of: every thread with a connection of its own, waiting for the lock."""

    def __init__(self, path: str) -> None:
        engine = create_engine(f"sqlite:///{path}", module=sqlite.sqlite_module(), pool_size=50)
        event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        event.listen(engine, "connect", lambda raw, _: sqlite._set(raw, **sqlite.SETTINGS))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        self.engine = engine

    def write(self, work, _deadline):
        with self.engine.begin() as connection:
            return work(connection)

    def close(self) -> None:
        self.engine.dispose()


def standing(connection, seat: Seat) -> tuple[int, int]:
    """Return (value, version) of the answer that stands; zeros for none."""
    found = connection.execute(
        select(answers.c.value, answers.c.version).where(
            answers.c.assessment_id == seat.assessment,
            answers.c.subject_id == seat.subject,
            answers.c.fact == seat.fact,
        )
    ).first()
    return (json.loads(found.value), found.version) if found else (0, 0)


def wrongs(database, places: list[Seat], acknowledged: list[int]) -> list[str]:
    """Say what is wrong after writer n has heard that its operations n-1 … n-k are done; nothing, if all is well."""
    with database.read() as connection:
        found = broken_chains(connection)
        for number, (seat, heard) in enumerate(zip(places, acknowledged, strict=True)):
            kept = connection.execute(
                select(answer_history.c.op_id, answer_history.c.version, answer_history.c.value)
                .where(answer_history.c.assessment_id == seat.assessment, answer_history.c.fact == seat.fact)
                .order_by(answer_history.c.version)
            ).all()
            ops = [one.op_id for one in kept]
            found += [f"{number}-{step} is lost" for step in range(len(ops) + 1, heard + 1)]
            if ops != [f"{number}-{step}" for step in range(1, len(ops) + 1)]:
                found.append(f"writer {number} was not kept in order, each once: {ops}")
            if len(ops) > heard + 1:
                found.append(f"writer {number} waited for {heard + 1} and {len(ops)} are there")
            if standing(connection, seat) != (len(ops), len(ops)):
                found.append(f"writer {number}: the answer that stands is not the last of {len(ops)}")
            said = connection.scalar(select(func.count()).where(log.c.op_id.like(f"{number}-%")))
            if said != len(ops):
                found.append(f"writer {number} has {len(ops)} answers and {said} lines in the trail")
        if database.kind == "sqlite":
            found += [
                f"integrity: {said}"
                for (said,) in connection.exec_driver_sql("PRAGMA integrity_check")
                if said != "ok"
            ]
            found += [
                f"refers to nothing: {said}"
                for said in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
    return found


def broken_chains(connection) -> list[str]:
    """Say where a chain of the trail does not hold together."""
    found, last = [], {}
    for line in connection.execute(select(log).order_by(log.c.chain, log.c.place)):
        place, previous = last.get(line.chain, (0, START))
        entry = Entry(
            line.op_id, line.chain, line.at, line.actor, line.action, line.target, json.loads(line.details)
        )
        if (line.place, line.previous) != (place + 1, previous) or line.hash != hash_of(
            entry, line.place, previous
        ):
            found.append(f"chain {line.chain} is broken at {line.place}")
        last[line.chain] = (line.place, line.hash)
    return found
