"""The trail of an assessment as people look through it: the newest first, in words, by heading, words and days."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select, true

from portal.assessments import Standing, about, allowed, load
from portal.moment import BEIJING, text_of
from portal.policy import Actor, State, may_read_line
from portal.policy_sql import visible
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.states import MOVES
from portal.store.tables import accounts, assessments, assignments, log, rounds, subjects, universities
from portal.trail_words import DETAILS, GROUPS, title_of
from portal.use_cases.trails import Line, knows_names, line_of, names_of

AT_ONCE = 500
"""Rows that one query reads."""

NAMED = 3
"""Questions that a line names; of more it says how many."""

MOST = 20_000
"""Lines that one answer holds, for a file of all of them."""


@dataclass(frozen=True, slots=True)
class Trail:
    """An assessment whose trail the actor may read, and how long it is."""

    assessment: str
    university_title: str
    round: str
    round_title: str
    state: State
    lines: int


@use_case("trail.list", "trail.read", writes=False)
def list_trails(portal: Portal, actor: Actor) -> tuple[Trail, ...]:
    """Return the assessments whose trail an actor may read, the newest round first."""
    chain: ColumnElement[str] = literal("a:").concat(assessments.c.id)
    length = (
        select(func.max(log.c.place)).where(log.c.chain == chain).correlate(assessments).scalar_subquery()
    )
    query = (
        select(assessments, universities.c.title, rounds.c.title.label("round_title"), length.label("lines"))
        .join(universities, universities.c.id == assessments.c.university_id)
        .join(rounds, rounds.c.id == assessments.c.round_id)
        .where(visible(actor, "trail.read"))
        .order_by(rounds.c.created_at.desc(), universities.c.code)
    )
    with portal.database.read() as connection:
        return tuple(
            Trail(row.id, row.title, row.round_id, row.round_title, row.state, row.lines or 0)
            for row in connection.execute(query)
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A line in words: what was done and to what; `hash` is its place in the proof."""

    place: int
    at: str
    who: str
    action: str
    title: str
    told: tuple[tuple[str, str], ...]
    hash: str


@dataclass(frozen=True, slots=True)
class Found:
    """Some lines, the newest first; `before` is where one looks on, None at the beginning of the trail."""

    lines: tuple[Said, ...]
    before: int | None


@use_case("trail.search", "trail.read", writes=False)
def search_trail(
    portal: Portal,
    actor: Actor,
    assessment: str,
    *,
    group: str = "",
    text: str = "",
    since: str = "",
    until: str = "",
    before: int = 0,
    limit: int = 100,
) -> Found | Refusal:
    """Return the lines of a trail that the actor may read: of a heading, with some words in them, of some days."""
    if group and group not in GROUPS:
        return Refusal("invalid", "group", "没有这一类记录", f"可选：{'、'.join(GROUPS)}", {"field": "group"})
    days = [_day(one) for one in (since, until)]
    if (since and days[0] is None) or (until and days[1] is None):
        return Refusal("invalid", "day", "所选的日期读不懂", "日期写成 2026-06-30", {"field": "since"})
    found, wanted = list[Said](), text.strip().casefold()
    limit = max(1, min(limit, MOST))
    with portal.database.read() as connection:
        case = load(connection, assessment)
        if case is None:
            return MISSING
        refused = allowed(connection, actor, "trail.read", case)
        if refused is not None:
            return refused
        words = _words(portal, connection, actor, case)
        conditions = (_of_group(group), *_of_days(*days))
        for line, details in _lines(connection, actor, case, before, conditions):
            said, every = _said(line, details, words)
            if wanted in every:
                found.append(said)
            if len(found) == limit:
                return Found(tuple(found), line.place if line.place > 1 else None)
    return Found(tuple(found), None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _of_group(group: str) -> ColumnElement[bool]:
    return or_(*(log.c.action.startswith(one, autoescape=True) for one in GROUPS[group])) if group else true()


def _of_days(since: date | None, until: date | None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for lines of some days of Beijing, the last one included."""
    begin = [log.c.at >= text_of(datetime.combine(since, time(), BEIJING))] if since else []
    after = (
        [log.c.at < text_of(datetime.combine(until + timedelta(days=1), time(), BEIJING))] if until else []
    )
    return (*begin, *after)


def _lines(
    connection: Connection,
    actor: Actor,
    case: Standing,
    before: int,
    conditions: tuple[ColumnElement[bool], ...],
) -> Iterator[tuple[Line, Mapping[str, Any]]]:
    """Give the lines that the actor may read with all their details, the newest first."""
    this, names = about(connection, actor, case), dict[str, str]()
    place = before or 2**31 - 1
    while True:
        rows = connection.execute(
            select(log)
            .where(log.c.chain == case.chain, log.c.place < place, *conditions)
            .order_by(log.c.place.desc())
            .limit(AT_ONCE)
        ).all()
        asked = {row.actor for row in rows} - names.keys()
        names |= names_of(connection, actor, case, this, asked) if asked else {}
        for row in rows:
            if may_read_line(actor, row.action, this):
                yield line_of(row, names), json.loads(row.details)
        if len(rows) < AT_ONCE:
            return
        place = rows[-1].place


Words = Mapping[str, Mapping[str, str]]
"""Titles by what they are titles of, and id."""


def _words(portal: Portal, connection: Connection, actor: Actor, case: Standing) -> Words:
    head = case.round
    edition = portal.edition(head.standard, head.edition, head.edition_hash)
    rows = connection.execute(
        select(subjects.c.id, subjects.c.title).where(subjects.c.assessment_id == case.id)
    )
    facts = {}
    if edition is not None:
        known = ((name, edition.words.fact(name)) for name in edition.facts)
        facts = {name: fact.ask for name, fact in known if fact is not None}
    people = {}
    if knows_names(actor, case, about(connection, actor, case)):
        panel = select(assignments.c.account_id).where(assignments.c.assessment_id == case.id)
        named = select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(panel))
        people = {row.id: row.name for row in connection.execute(named)}
    return {
        "subject": {row.id: row.title for row in rows},
        "indicator": {leaf.id: leaf.title for leaf in edition.every_leaf} if edition is not None else {},
        "fact": facts,
        "move": {move.name: move.title for move in MOVES},
        "account": people,
    }


def _said(line: Line, details: Mapping[str, Any], words: Words) -> tuple[Said, str]:
    """Return a line in words, and everything that one may look for in it."""
    told = [
        (title, words.get(name, {}).get(str(line.details[name]), str(line.details[name])))
        for name, title in DETAILS.items()
        if line.details.get(name) not in (None, "", [], {})
    ]
    ends = [line.details[name] for name in ("from", "to") if line.details.get(name)]
    if ends:
        told.insert(0, ("阶段", " → ".join(map(str, ends))))
    inspector = words["account"].get(str(details.get("account")))
    if inspector is not None:
        told.insert(0, ("专家", inspector))
    saved = [words["fact"].get(fact, fact) for _, fact, *_ in details.get("saved", ())]
    if saved:
        more = f" 等 {len(saved)} 项" if len(saved) > NAMED else ""
        told.append(("问题", "、".join(saved[:NAMED]) + more))
    title = words["move"].get(str(line.details.get("move")), title_of(line.action))
    said = Said(line.place, line.at, line.who, line.action, title, tuple(told), line.hash)
    return said, " ".join((line.who, title, *(value for _, value in told), *saved)).casefold()
