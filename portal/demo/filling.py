"""Filling the demonstration: everything after the accounts goes through the use cases, as people would do it."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.build.edition import Edition
from engine.strict_yaml import read_yaml
from portal import moment
from portal.demo.names import Invented, universities
from portal.demo.people import admit, of_university, staff
from portal.demo.plan import BOOKS, NEXT, Book, Seat
from portal.demo.reviewing import Review
from portal.demo.scene import DemoClock, Scene, done
from portal.fill import WHOLE, kind_of_fact, parts_of
from portal.moment import text_of
from portal.policy import Actor, State
from portal.portal import Portal
from portal.startup import MARK
from portal.trail import Entry, append
from portal.use_cases.handing_in import submit
from portal.use_cases.places import register_place, register_university
from portal.use_cases.rounds import Changed, create_round, open_round, set_times
from portal.use_cases.submissions import Entry as Answer
from portal.use_cases.submissions import save_many
from portal.use_cases.taking_part import choose_subjects, invite

Told = Callable[[str], None]
SEED = 20261126

HANDED_IN: tuple[State, ...] = (
    "已提交",
    "评审中",
    "补充材料",
    "评审完成",
    "公示",
    "复核",
    "定级",
    "归档",
)


def fill(
    portal: Portal, samples: Path, now: datetime, books: Sequence[Book] = BOOKS, told: Told = lambda _: None
) -> None:
    """Fill an empty store. The same rules, samples and moment give the same rows."""
    chance = random.Random(SEED)  # noqa: S311  invented data, no secret
    clock = DemoClock(now.replace(microsecond=0) - timedelta(days=45))
    with _predictable(chance):
        scene = Scene(replace(portal, clock=clock), chance)
        invented = universities(max(book.invited for book in books))
        told(f"登记 {len(invented)} 所虚构的学校，开通演示账号")
        ids = _people(scene, invented)
        for book in books:
            told(f"批次“{book.title}”")
            _round(scene, book, samples / book.standard, invented, ids, now)


@contextmanager
def _predictable(chance: random.Random) -> Iterator[None]:
    """Let ids come from a seed, so that two demonstrations are the same to the letter."""
    before = moment.chance
    moment.chance = chance.getrandbits
    try:
        yield
    finally:
        moment.chance = before


def _people(scene: Scene, invented: Sequence[Invented]) -> list[str]:
    """Make everybody, and register the universities."""
    portal = scene.portal

    def begin(connection: Any) -> dict[str, Actor]:
        at = portal.at()
        append(connection, Entry(MARK, "system", at, "demo", "system.operate", "store", {"command": "demo"}))
        return admit(connection, staff(), at)

    scene.people |= portal.database.write(begin)
    secretary = scene.people["secretariat"]
    ids = [
        done(register_university(portal, secretary, one.code, one.title, op_id=scene.op(), kind=one.kind)).id
        for one in invented
    ]
    people = [
        person
        for one, found in zip(invented, ids, strict=True)
        for person in of_university(one.code, one.short, found)
    ]
    scene.people |= portal.database.write(lambda connection: admit(connection, people, portal.at()))
    return ids


def _round(
    scene: Scene, book: Book, samples: Path, invented: Sequence[Invented], ids: Sequence[str], now: datetime
) -> None:
    portal, secretary = scene.portal, scene.people["secretariat"]
    edition = next(one for key, one in portal.library().editions.items() if key[0] == book.standard)
    _next_round(scene, book, edition, ids, now)
    settings = {"inspectors_at_least": max(2, edition.standard.raters.panel.at_least)}
    times = {"fill_until": text_of(now + timedelta(days=20))}
    made = _create(scene, book.title, edition, now, settings, times)
    invited = done(invite(portal, secretary, made.round, ids[: book.invited], op_id=scene.op())).assessments
    stated = {name: read_sample(samples / f"{name}.yaml") for name in book.samples}
    for seat in book.seats():
        if seat.sample:
            _choose(scene, book, edition, seat, ids, invited[ids[seat.number]], invented[seat.number])
    opened = done(open_round(portal, secretary, made.round, base=made.version, op_id=scene.op()))
    review = Review(scene, edition, made.round)
    for seat in book.seats():
        if seat.sample is None:
            continue
        assessment, sample = invited[ids[seat.number]], stated[seat.sample]
        _answer(scene, edition, assessment, seat, sample)
        if seat.state in HANDED_IN:
            approver = scene.actor("approver", seat.number)
            done(submit(portal, approver, assessment, base=scene.version(assessment), op_id=scene.op()))
        if seat.state in HANDED_IN[1:]:
            review.take(assessment, seat.number, seat.state, sample.get("judged", {}))
    review.finish()
    times = {
        "review_until": text_of(now + timedelta(days=40)),
        "publish_from": text_of(now + timedelta(days=20)),
        "publish_until": text_of(now + timedelta(days=27)),
        "appeal_until": text_of(now + timedelta(days=27)),
    }
    done(set_times(portal, secretary, made.round, times, base=opened.version, op_id=scene.op()))


def _next_round(scene: Scene, book: Book, edition: Edition, ids: Sequence[str], now: datetime) -> None:
    """Prepare the round after this one, which nobody can fill in yet."""
    title = book.title.replace("（演示）", "（下一批，演示）")
    made = _create(scene, title, edition, now + timedelta(days=365), {}, {})
    secretary = scene.people["secretariat"]
    done(invite(scene.portal, secretary, made.round, ids[: min(NEXT, book.invited)], op_id=scene.op()))


def _create(
    scene: Scene,
    title: str,
    edition: Edition,
    as_of: datetime,
    settings: Mapping[str, Any],
    times: Mapping[str, str],
) -> Changed:
    return done(
        create_round(
            scene.portal,
            scene.people["secretariat"],
            title,
            *edition.key,
            as_of.date().isoformat(),
            op_id=scene.op(),
            times=times,
            settings={"invented": True, "note": "演示数据，全部虚构", **settings},
        )
    )


def read_sample(path: Path) -> Mapping[str, Any]:
    """Read a filled-in sample."""
    document = read_yaml(path.read_bytes(), path.name)
    assert not document.problems, document.problems
    found: Mapping[str, Any] = document.data
    return found


def _choose(
    scene: Scene,
    book: Book,
    edition: Edition,
    seat: Seat,
    ids: Sequence[str],
    assessment: str,
    one: Invented,
) -> None:
    """Register what is assessed of a university and put it into the round."""
    portal, secretary, places = scene.portal, scene.people["secretariat"], list[str]()
    for index, title in enumerate(seat.places, start=1):
        slug, kind = f"{book.standard}-{index}", edition.standard.per
        university, named = ids[seat.number], f"{one.short}{title}"
        found = done(register_place(portal, secretary, university, slug, kind, named, op_id=scene.op()))
        places.append(found.id)
    done(choose_subjects(portal, secretary, assessment, places, base=1, op_id=scene.op()))


def _answer(scene: Scene, edition: Edition, assessment: str, seat: Seat, sample: Mapping[str, Any]) -> None:
    """Answer as the sample does; who has not handed in has answered part of it."""
    with scene.portal.database.read() as connection:
        parts = parts_of(connection, assessment)
    school = next(one for one in parts if one.place is None)
    places = [one for one in parts if one.place is not None]
    entries = list[Answer]()
    stated = sample.get("answers", {})
    for fact, given in ((name, stated[name]) for name in stated if name in edition.facts):
        value = given.get("value") if isinstance(given, Mapping) else given
        at_school = kind_of_fact(edition, fact) == WHOLE
        entries += [Answer(one.id, fact, value, 0) for one in ([school] if at_school else places)]
    if seat.state not in HANDED_IN:
        share = scene.chance.choice((0.1, 0.3, 0.5, 0.8, 0.95))
        entries = [one for one in entries if scene.chance.random() < share]
    filler = scene.actor("filler", seat.number)
    for start in range(0, len(entries), 400):
        some = entries[start : start + 400]
        found = done(save_many(scene.portal, filler, assessment, some, op_id=scene.op()))
        if found.refused:
            done(found.refused[0])
