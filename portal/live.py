"""The score while it is filled in: judged after every save, with what this process remembers of the last time.

Nothing here is a record. What is remembered may be thrown away at any moment; then judging takes a little longer.
"""

import secrets
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.answers import Stated
from engine.brief import Brief, Mark, brief, marks
from engine.build.edition import Edition
from engine.document import roll_up_document
from engine.judge import Scorecard, judge
from engine.memory import Memory, exactly
from engine.models.submission import Given, Subject, Unit
from engine.rollup import put_together

MOST = 400
"""Subjects that are remembered: about 0.3 MB each for the largest book."""

LAST = 8
"""How many standings of a subject are remembered, to tell a page only what changed since the one it shows."""


@dataclass(frozen=True, slots=True)
class Score:
    """Where a subject stands.

    `indicators` are those that changed since the score the caller named, or all of them (`whole`); `mark` is how to
    name this one. `total` is the roll-up of all places, where there are any. `lacking` counts for every subject of the
    assessment the questions asked there that something still waits for; `missing` names those of a subject that has no
    `brief`, because its places are scored.
    """

    subject: str
    mark: str
    whole: bool
    brief: Brief | None
    indicators: tuple[Mark, ...]
    lacking: Mapping[str, int]
    missing: tuple[str, ...]
    total: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What an assessment states now, by the ids of its subjects: the university, and its places in their order.

    `of_school` tells of a fact whether it is asked of the university, once for all places.
    """

    school: tuple[str, Stated]
    places: Mapping[str, tuple[Subject, Stated]]
    of_school: Callable[[str], bool]


@dataclass(slots=True)
class _Seat:
    """What is remembered of one subject: how it was judged, and what was last told of it."""

    memory: Memory
    edition: Edition
    stated: Stated | None = None
    card: Scorecard | None = None
    told: tuple[Scorecard, Brief] | None = None
    missing: tuple[Scorecard, tuple[str, ...]] | None = None
    marks: deque[tuple[str, Mapping[str, Mark]]] = field(default_factory=lambda: deque(maxlen=LAST))


@dataclass(slots=True)
class _Table:
    """The subjects of one assessment; who reads answers and judges them holds the lock, so scores come in order."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seats: dict[str, _Seat] = field(default_factory=dict)


class Live:
    """What one process remembers of scores, the assessments asked for last."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._tables = OrderedDict[str, _Table]()
        self._blanks = dict[tuple[str, str], tuple[Edition, Memory]]()
        self._of_school = dict[tuple[str, str], tuple[Edition, frozenset[str]]]()

    def score(
        self, assessment: str, edition: Edition, read: Callable[[], Filled], subject: str, since: str = ""
    ) -> Score | None:
        """Judge what `read` finds, and return where a subject stands; None when it is not there."""
        table = self._table(assessment)
        with table.lock:
            now = read()
            own = now.school[0]
            if not now.places:
                seat, card = self._judged(table, own, edition, now.school[1])
                alone = {own: _missing(seat, card)}
                return _told(seat, card, subject, since, alone, None) if subject == own else None
            found = {
                one: self._judged(table, one, edition, stated) for one, (_, stated) in now.places.items()
            }
            units = [Unit(subject=one) for one, _ in now.places.values()]
            rolled = put_together(edition, units, [card for _, card in found.values()])
            total = roll_up_document(rolled)
            cards = {one: card for one, (_, card) in zip(found, rolled.units, strict=True)}
            missing = {one: _missing(found[one][0], card) for one, card in cards.items()}
            lacking = _lacking(edition, own, missing, self._shared(edition, now.of_school))
            if subject in cards:
                return _told(found[subject][0], cards[subject], subject, since, lacking, total)
            if subject == own:
                return Score(subject, "", True, None, (), _counted(lacking), lacking[own], total)
            return None

    def _table(self, assessment: str) -> _Table:
        with self._lock:
            table = self._tables.get(assessment)
            if table is not None:
                self._tables.move_to_end(assessment)
                return table
            while self._tables and sum(len(one.seats) for one in self._tables.values()) >= self.most:
                self._tables.popitem(last=False)
            table = self._tables[assessment] = _Table()
            return table

    def _judged(
        self, table: _Table, subject: str, edition: Edition, stated: Stated
    ) -> tuple[_Seat, Scorecard]:
        seat = table.seats.get(subject)
        if seat is None or seat.edition is not edition:
            seat = table.seats[subject] = _Seat(self._begun(edition, stated), edition)
        if seat.card is None or seat.stated is None or not _same(seat.stated, stated):
            seat.card, seat.stated = judge(edition, stated, seat.memory), stated
        return seat, seat.card

    def _begun(self, edition: Edition, stated: Stated) -> Memory:
        """Return a memory to begin with: of the form with nothing in it, which is the slowest to judge."""
        with self._lock:
            kept = self._blanks.get(edition.key)
            if kept is None or kept[0] is not edition:
                memory = Memory()
                judge(edition, Stated({}, {}, {}, stated.as_of, stated.region), memory)
                kept = self._blanks[edition.key] = (edition, memory)
        return Memory(dict(kept[1].kept))

    def _shared(self, edition: Edition, of_school: Callable[[str], bool]) -> frozenset[str]:
        """Return the facts that are asked once for all places."""
        kept = self._of_school.get(edition.key)
        if kept is None or kept[0] is not edition:
            kept = self._of_school[edition.key] = (edition, frozenset(filter(of_school, edition.facts)))
        return kept[1]


def _missing(seat: _Seat, card: Scorecard) -> tuple[str, ...]:
    """Return what a card still waits for; the card may differ from the one remembered by what other places share."""
    if seat.missing is None or seat.missing[0] is not card:
        seat.missing = (card, card.missing)
    return seat.missing[1]


def _lacking(
    edition: Edition, own: str, places: Mapping[str, tuple[str, ...]], shared: frozenset[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return what is to be answered where: what is asked once for all places is lacking in the university alone."""
    waited = {name for names in places.values() for name in names if name in shared}
    found = {one: tuple(name for name in names if name not in shared) for one, names in places.items()}
    return {own: tuple(name for name in edition.facts if name in waited), **found}


def _counted(lacking: Mapping[str, tuple[str, ...]]) -> Mapping[str, int]:
    return {one: len(names) for one, names in lacking.items()}


def _told(
    seat: _Seat,
    card: Scorecard,
    subject: str,
    since: str,
    lacking: Mapping[str, tuple[str, ...]],
    total: Mapping[str, Any] | None,
) -> Score:
    """Return the standing of a subject."""
    if seat.told is None or seat.told[0] is not card:
        found = marks(card, (seat.told[0], seat.marks[-1][1]) if seat.told else None)
        seat.told = (card, brief(card, _missing(seat, card)))
        if not seat.marks or seat.marks[-1][1] != found:
            seat.marks.append((secrets.token_hex(8), found))
    name, now = seat.marks[-1]
    before = dict(seat.marks).get(since)
    changed = tuple(one for key, one in now.items() if before is None or _differs(before.get(key), one))
    return Score(subject, name, before is None, seat.told[1], changed, _counted(lacking), (), total)


def _differs(before: Mark | None, now: Mark) -> bool:
    return before is not now and before != now


def _same(one: Stated, other: Stated) -> bool:
    """Whether two statements say the same, to the type of each value."""
    return (
        one.not_applicable == other.not_applicable
        and (one.as_of, one.region, one.prefix) == (other.as_of, other.region, other.prefix)
        and one.answers.keys() == other.answers.keys()
        and all(_alike(given, other.answers[name]) for name, given in one.answers.items())
    )


def _alike(one: Given, other: Given) -> bool:
    return one is other or (
        exactly(one.value) == exactly(other.value)
        and (one.evidence, one.note) == (other.evidence, other.note)
    )
