"""What stands out: documents that run out, photos from another time, files and pictures that were used elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Select, and_, select

from portal.evidence.likeness import NEAR, distance
from portal.evidence.shelf import Flag, Piece
from portal.moment import BEIJING, moment_of
from portal.policy import SUBMITTED
from portal.store.tables import assessments, blobs, evidence, likenesses, rounds, universities


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place where the same content, or a picture that looks like it, was handed in."""

    sha256: str
    assessment: str
    university: str
    university_title: str
    round_title: str
    bits: int
    """In how many bits the pictures differ; 0 with `same` for the same file."""
    same: bool


def validity(piece: Piece, as_of: str, today: date, warn_days: int) -> Flag | None:
    """Say of a document that it had run out on the day that counts, has run out by now, or soon will."""
    if piece.valid_until is None:
        return None
    end = date.fromisoformat(piece.valid_until)
    if piece.valid_until < as_of:
        return Flag("expired", f"有效期到 {end}，在评定基准日 {as_of} 之前已经过期，请换成有效的文件")
    if end < today:
        return Flag("lapsed", f"有效期到 {end}，现在已经过期，请补交续期后的文件")
    if end <= today + timedelta(days=warn_days):
        return Flag("expires", f"有效期到 {end}，还有 {(end - today).days} 天到期，请及早办理续期")
    return None


def out_of_period(piece: Piece, start: str | None, end: str | None) -> Flag | None:
    """Say of a photo that it was not taken in the time the round looks at."""
    if piece.taken_at is None:
        return None
    day = moment_of(piece.taken_at).astimezone(BEIJING).date().isoformat()
    if (start and day < start) or (end and day > end):
        return Flag(
            "taken_outside", f"拍摄于 {day}，不在评定期间（{start or '不限'} 至 {end or '不限'}）之内"
        )
    return None


def elsewhere(connection: Connection, assessment: str) -> tuple[Elsewhere, ...]:
    """Return where else the evidence of an assessment was handed in, by other universities or in other rounds.

    Drafts are nobody's business: only what has been handed in is compared with, and nothing that was removed.
    """
    mine = select(evidence.c.sha256).where(
        evidence.c.assessment_id == assessment, evidence.c.removed_at.is_(None)
    )
    near = _near(connection, mine)
    wanted = {(one, one, 0) for (one,) in connection.execute(mine.distinct())} | near
    by_other: dict[str, list[tuple[str, int]]] = {}
    for own, other, bits in wanted:
        by_other.setdefault(other, []).append((own, bits))
    found = set[Elsewhere]()
    for row in connection.execute(_uses(assessment, by_other)) if by_other else ():
        for own, bits in by_other[row.sha256]:
            found.add(
                Elsewhere(own, row.id, row.university_id, row.title, row.round_title, bits, own == row.sha256)
            )
    return tuple(sorted(found, key=lambda one: (one.sha256, not one.same, one.bits, one.assessment)))


def _near(connection: Connection, mine: Select[tuple[str]]) -> set[tuple[str, str, int]]:
    """Return pairs of pictures that differ in few bits: candidates are equal in a band, then bits are counted."""
    here, there, one, other = likenesses.alias(), likenesses.alias(), blobs.alias(), blobs.alias()
    query = (
        select(one.c.sha256, other.c.sha256, one.c.likeness, other.c.likeness)
        .select_from(here)
        .join(
            there,
            and_(there.c.band == here.c.band, there.c.bits == here.c.bits, there.c.sha256 != here.c.sha256),
        )
        .join(one, one.c.sha256 == here.c.sha256)
        .join(other, other.c.sha256 == there.c.sha256)
        .where(here.c.sha256.in_(mine))
        .distinct()
    )
    pairs = ((a, b, distance(x, y)) for a, b, x, y in connection.execute(query))
    return {(a, b, bits) for a, b, bits in pairs if bits <= NEAR}


def _uses(assessment: str, shas: Iterable[str]) -> Select[tuple[str, str, str, str, str]]:
    return (
        select(
            evidence.c.sha256,
            assessments.c.id,
            assessments.c.university_id,
            universities.c.title,
            rounds.c.title.label("round_title"),
        )
        .join(assessments, assessments.c.id == evidence.c.assessment_id)
        .join(universities, universities.c.id == assessments.c.university_id)
        .join(rounds, rounds.c.id == assessments.c.round_id)
        .where(
            evidence.c.sha256.in_(list(shas)),
            evidence.c.removed_at.is_(None),
            assessments.c.id != assessment,
            assessments.c.state.in_(SUBMITTED),
        )
        .distinct()
    )


def used_flags(
    found: Iterable[Elsewhere], university: str, named: Callable[[Elsewhere], bool]
) -> Mapping[str, tuple[Flag, ...]]:
    """Return, by content, what inspectors are told; another university is named only to who may read it."""
    flags: dict[str, dict[Flag, None]] = {}
    for one in found:
        own = one.university == university
        who = f"本校在“{one.round_title}”里" if own else one.university_title if named(one) else "另一所学校"
        what = (
            "交过同一个文件" if one.same else f"交过几乎相同的图片（{NEAR} 处以内的差别，实为 {one.bits} 处）"
        )
        code = ("same" if one.same else "alike") + ("_before" if own else "_elsewhere")
        flags.setdefault(one.sha256, {})[Flag(code, f"{who}{what}，请核对")] = None
    return {sha256: tuple(listed) for sha256, listed in flags.items()}
