"""A small round in review: two inspectors, universities with two canteens, on a store of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from engine.load import load_texts
from portal.moment import new_id, text_of
from portal.policy import Actor, Member
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.guards import put_up
from portal.store.tables import (
    accounts,
    answer_history,
    answers,
    assessments,
    assignments,
    memberships,
    metadata,
    places,
    rounds,
    scorecards,
    subjects,
    universities,
)
from portal.use_cases.findings import save_finding
from portal.use_cases.handing_in import submit
from portal.use_cases.moves import advance
from portal.use_cases.publication import finish_review
from portal.use_cases.signing_off import bulk_agree, sign_off
from tests import tiny

SECTION = """indicators:
- {id: rate, title: 培训, points: 6, score: {linear: c.rate, from: ["0%", 0], to: ["100%", 6]}}
- {id: licence, title: 证照, points: 4, score: [{points: 4, when: {c.licence: true}}]}
"""
STANDARD = """per: 食堂
grades: [{id: good, title: 良好, at_least: 8}, {id: fair, title: 达标, at_least: 6}]
raters: {panel: {combine: mean, at_least: 2}}
roll_up:
  per: 食堂
  whole: 学校
  weight: c.staff
  titles: [{id: model, title: 示范校, each_at_least: fair}]
vetoes: [{id: v, title: 托管, when: {c.kind: 托管}, effect: deny}]
"""
GOOD = {"c.staff": 40, "c.passed": 30, "c.licence": True, "c.kind": "自营"}


class Clock:
    """A clock that a test sets; it moves on by itself so that nothing happens twice in one moment."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Ground:
    portal: Portal
    clock: Clock
    round: str
    people: dict[str, Actor] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    ops: int = 0
    waiting: list[tuple[Any, dict[str, Any]]] | None = None

    def op(self) -> str:
        self.ops += 1
        return f"op-{self.ops}"

    def put(self, table: Any, **values: Any) -> None:
        if self.waiting is not None:
            self.waiting.append((table, values))
            return
        self.portal.database.write(lambda connection: connection.execute(insert(table).values(**values)))

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Put many rows in one transaction."""
        self.waiting = []
        yield
        rows, self.waiting = self.waiting, None
        self.portal.database.write(
            lambda connection: [connection.execute(insert(table).values(**values)) for table, values in rows]
        )

    def rows(self, table: Any, *where: Any) -> list[Any]:
        with self.portal.database.read() as connection:
            return list(connection.execute(select(table).where(*where)))

    def id(self) -> str:
        return new_id(self.clock())

    def person(self, name: str, role: str, university: str | None = None, **more: Any) -> Actor:
        account = self.id()
        self.put(accounts, id=account, login=name, name=name, created_at=self.at())
        self.put(
            memberships,
            id=self.id(),
            account_id=account,
            role=role,
            university_id=university,
            granted_at=self.at(),
        )
        found = Actor(account, name, (Member(role, university),), **more)  # type: ignore[arg-type]
        self.people[name] = found
        return found

    def at(self) -> str:
        return text_of(self.clock())

    def university(self, code: str, *canteens: dict[str, Any]) -> str:
        university, case = self.id(), self.id()
        self.put(universities, id=university, code=code, title=f"{code}大学", created_at=self.at())
        self.put(
            assessments,
            id=case,
            round_id=self.round,
            university_id=university,
            state="填报中",
            created_at=self.at(),
        )
        self.cases[code] = case
        with self.at_once():
            self._fill(case, university, code, canteens)
        return case

    def _fill(self, case: str, university: str, code: str, canteens: tuple[dict[str, Any], ...]) -> None:
        filler = self.person(f"{code}填报员", "filler", university)
        self.person(f"{code}负责人", "approver", university)
        self.put(subjects, id=self.id(), assessment_id=case, slug=code, title=f"{code}大学", kind="学校")
        for number, given in enumerate(canteens, 1):
            self.canteen(case, university, number, given, filler)

    def canteen(self, case: str, university: str, number: int, given: dict[str, Any], filler: Actor) -> None:
        place, subject, at = self.id(), self.id(), self.at()
        slug, title = f"c{number}", f"第{number}食堂"
        self.put(
            places, id=place, university_id=university, slug=slug, kind="食堂", title=title, created_at=at
        )
        self.put(
            subjects,
            id=subject,
            assessment_id=case,
            place_id=place,
            slug=slug,
            title=title,
            kind="食堂",
        )
        self.answer(case, subject, given, filler)

    def answer(self, case: str, subject: str, given: dict[str, Any], filler: Actor | None = None) -> None:
        by, at = (filler or self.people["u1填报员"]).id, self.at()
        for fact, value in given.items():
            key = {"assessment_id": case, "subject_id": subject, "fact": fact}
            both = {
                **key,
                "value": json.dumps(value, ensure_ascii=False),
                "origin": "typed",
                "by": by,
                "at": at,
                "version": 1,
            }
            self.put(answers, **both)
            self.put(answer_history, op_id=self.id(), **both)

    def assign(self, case: str, *names: str) -> None:
        for name in names:
            self.put(
                assignments,
                id=self.id(),
                assessment_id=case,
                account_id=self.people[name].id,
                assigned_at=self.at(),
            )

    def state(self, case: str) -> str:
        return str(self.rows(assessments, assessments.c.id == case)[0].state)

    def version(self, case: str) -> int:
        return int(self.rows(assessments, assessments.c.id == case)[0].version)

    def set_state(self, case: str, state: str) -> None:
        self.portal.database.write(
            lambda connection: connection.execute(
                update(assessments).where(assessments.c.id == case).values(state=state)
            )
        )

    def set_round(self, **values: Any) -> None:
        self.portal.database.write(lambda connection: connection.execute(update(rounds).values(**values)))

    def go(self, case: str, to: str, reason: str = "") -> Any:
        return ok(
            advance(
                self.portal,
                self.people["秘书"],
                case,
                to,
                base=self.version(case),
                op_id=self.op(),
                reason=reason,
            )
        )

    def hand_in(self, code: str) -> None:
        case = self.cases[code]
        who = self.people[f"{code}负责人"]
        ok(submit(self.portal, who, case, base=self.version(case), op_id=self.op()))

    def subject(self, case: str, slug: str = "c1") -> str:
        (row,) = self.rows(subjects, subjects.c.assessment_id == case, subjects.c.slug == slug)
        return str(row.id)

    def cards(self, case: str, stage: str) -> dict[tuple[str, str | None], Any]:
        rows = self.rows(scorecards, scorecards.c.assessment_id == case, scorecards.c.stage == stage)
        return {(row.layer, row.subject_id): row for row in rows}


def ok(found: Any) -> Any:
    assert not isinstance(found, Refusal), found.message
    return found


def refused(found: object, code: str) -> Refusal:
    assert isinstance(found, Refusal), found
    assert found.code == code, found
    assert found.what
    assert found.next
    assert not found.message.endswith("。。")
    return found


def ground(
    folder: Any,
    *,
    standard: str = STANDARD,
    section: str = SECTION,
    facts: str = tiny.FACTS,
    address: str = "",
) -> Ground:
    """Open a store (an empty SQLite file unless an address is given) with one running round."""
    library, problems = load_texts(tiny.files(section, standard, facts))
    assert [str(one) for one in problems] == []
    clock = Clock()
    database = open_store(address or str(folder / "data" / "zhunsheng.db"))
    database.write(metadata.create_all)
    database.write(put_up)
    portal = Portal(database, Folder(folder / "blobs"), lambda: library, clock)
    found = Ground(portal, clock, new_id(clock()))
    with found.at_once():
        _begin(found, library.editions["t", "1"].hash)
    return found


def _begin(found: Ground, fingerprint: str) -> None:
    found.put(
        rounds,
        id=found.round,
        title="2026 年评定",
        standard="t",
        edition="1",
        edition_hash=fingerprint,
        as_of="2024-06-30",
        state="进行中",
        settings='{"inspectors_at_least":2}',
        created_at=found.at(),
    )
    found.person("秘书", "secretariat")
    for name in ("张三", "李四", "王五"):
        found.person(name, "inspector")


def reviewed(world: Ground, code: str = "u1", bases: dict[str, int] | None = None, **points: str) -> str:
    """Let 张三 and 李四 say their last word: agree to everything but what is named, and sign; then end the review."""
    case = world.cases[code]
    for name in ("张三", "李四"):
        actor = world.people[name]
        for indicator, given in points.items():
            found = save_finding(
                world.portal,
                actor,
                case,
                "c1",
                indicator,
                "adjust",
                points=given,
                reason="看过原件",
                base=(bases or {}).get(name, 0),
                op_id=world.op(),
            )
            ok(found)
        ok(bulk_agree(world.portal, actor, case, op_id=world.op()))
        ok(sign_off(world.portal, actor, case, op_id=world.op()))
    ok(finish_review(world.portal, world.people["秘书"], case, op_id=world.op()))
    return case


def in_review(folder: Any, **more: Any) -> Ground:
    """Open a store with one university whose review has begun, by 张三 and 李四."""
    found = ground(folder, **more)
    case = found.university("u1", GOOD, {**GOOD, "c.passed": 20})
    found.assign(case, "张三", "李四")
    found.hand_in("u1")
    found.go(case, "评审中")
    return found
