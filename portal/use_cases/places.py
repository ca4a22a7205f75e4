"""Universities and their places on record: canteens, buildings, projects."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from engine.exact import normal
from portal.entry import text_refused
from portal.moment import is_id, moment_of, new_id
from portal.once import carry_out, note, repeated
from portal.planning import title_refused
from portal.policy import Actor, Object, may
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, MISSING, Refusal
from portal.store.tables import places, universities


@dataclass(frozen=True, slots=True)
class Registered:
    """A university or place that is on record."""

    id: str


def slug_of(text: str) -> str:
    """Return a code as the engine takes an id."""
    words = "".join(one if one.isascii() and one.isalnum() else " " for one in normal(text)).split()
    return "-".join(words)[:60].strip("-") or "university"


def row_of(connection: Connection, table: Any, found: str) -> Row[Any] | None:
    """Return a row by its id; None for what is no id."""
    if not is_id(found):
        return None
    row: Row[Any] | None = connection.execute(select(table).where(table.c.id == found)).first()
    return row


@use_case("university.register", "round.manage", writes=True)
def register_university(
    portal: Portal,
    actor: Actor,
    code: str,
    title: str,
    *,
    op_id: str,
    kind: str = "",
    region: str = "",
) -> Registered | Refusal:
    """Put a university on record under its code."""
    bad = (
        title_refused(title)
        or text_refused(kind, 40, "kind")
        or text_refused(region, 40, "region")
        or _code_refused(code)
    )

    def work(connection: Connection) -> Registered | Refusal:
        if not may(actor, "round.manage", Object()):
            return FORBIDDEN
        before = repeated(connection, op_id, actor, "university.register", "university")
        if before is not None:
            return before if isinstance(before, Refusal) else Registered(before["university"])
        if bad is not None:
            return bad
        taken = connection.execute(select(universities.c.title).where(universities.c.code == code)).first()
        if taken is not None:
            what = f"代码 {code} 已经是 {taken.title}"
            return Refusal("conflict", "taken", what, "请核对学校代码", {"field": "code"})
        at = portal.at()
        found = new_id(moment_of(at))
        connection.execute(
            insert(universities).values(
                id=found, code=code, title=title.strip(), kind=kind, region=region, created_at=at
            )
        )
        told = {"university": found, "code": code, "title": title.strip()}
        note(connection, op_id, "system", at, actor, "university.register", "university", told)
        return Registered(found)

    return carry_out(portal, work)


def _code_refused(code: str) -> Refusal | None:
    if code and len(code) <= 40 and code.isascii() and code.replace("-", "").isalnum():
        return None
    what = f"代码“{code[:40]}”不合要求"
    return Refusal("invalid", "code", what, "请用字母、数字和连字符，最多 40 个", {"field": "code"})


@use_case("place.register", "round.manage", writes=True)
def register_place(
    portal: Portal, actor: Actor, university: str, slug: str, kind: str, title: str, *, op_id: str
) -> Registered | Refusal:
    """Put a place of a university on record: a canteen, a building, a project."""
    bad = title_refused(title) or text_refused(kind, 40, "kind") or _code_refused(slug)
    if bad is None and (slug_of(slug) != slug or not kind.strip()):
        bad = _code_refused("") if kind.strip() else title_refused("")

    def work(connection: Connection) -> Registered | Refusal:
        if not may(actor, "round.manage", Object(university=university)):
            return FORBIDDEN
        before = repeated(connection, op_id, actor, "place.register", university)
        if before is not None:
            return before if isinstance(before, Refusal) else Registered(before["place"])
        if bad is not None:
            return bad
        owner = row_of(connection, universities, university)
        if owner is None:
            return MISSING
        taken = connection.execute(
            select(places.c.title).where(places.c.university_id == university, places.c.slug == slug)
        ).first()
        if taken is not None or slug == slug_of(owner.code):
            what = f"编号 {slug} 已经是 {taken.title if taken else owner.title}"
            return Refusal("conflict", "taken", what, "请换一个编号", {"field": "slug"})
        at = portal.at()
        found = new_id(moment_of(at))
        connection.execute(
            insert(places).values(
                id=found,
                university_id=university,
                slug=slug,
                kind=kind.strip(),
                title=title.strip(),
                created_at=at,
            )
        )
        told = {"place": found, "university": university, "slug": slug, "title": title.strip()}
        note(connection, op_id, "system", at, actor, "place.register", university, told)
        return Registered(found)

    return carry_out(portal, work)
