"""Put content down as evidence of a fact: may it be added here and now, is there room, then the rows and the line."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from portal.assessments import Standing, fillable, gate
from portal.evidence.names import shown_name
from portal.evidence.said import Said
from portal.evidence.shelf import Piece, Stored, find, know, owned, pieces, used_by
from portal.moment import new_id
from portal.once import note, repeated
from portal.policy import Actor
from portal.portal import Portal
from portal.refusal import MISSING, Refusal
from portal.store.tables import evidence, subjects

NO_SUBJECT = Refusal("missing", "evidence.subject", "没有这个参评对象", "请刷新页面，从列表里选一个对象")


@dataclass(frozen=True, slots=True)
class Where:
    """What a file is evidence of."""

    assessment: str
    subject: str
    fact: str

    @property
    def target(self) -> str:
        """What the trail calls it."""
        return f"{self.subject}/{self.fact}"[:120]


def target(
    portal: Portal,
    connection: Connection,
    actor: Actor,
    where: Where,
    at: str,
    *,
    lock: bool = True,
) -> Standing | Refusal:
    """Return the assessment if the actor may add evidence to this fact of this subject now."""
    standing = gate(connection, actor, "evidence.add", where.assessment, lock=lock)
    if isinstance(standing, Refusal):
        return standing
    closed = fillable(standing, at)
    if closed is not None:
        return closed
    there = connection.execute(
        select(subjects.c.id).where(
            subjects.c.id == where.subject,
            subjects.c.assessment_id == where.assessment,
            subjects.c.withdrawn_at.is_(None),
        )
    ).first()
    if there is None:
        return NO_SUBJECT
    edition = portal.edition(standing.round.standard, standing.round.edition, standing.round.edition_hash)
    if edition is not None and where.fact not in edition.facts:
        return Refusal(
            "invalid", "evidence.fact", f"这套标准没有问 {where.fact[:80]}", "请从填报页面的问题旁上传证据"
        )
    return standing


def no_room(
    portal: Portal,
    connection: Connection,
    standing: Standing,
    where: Where,
    size: int,
    sha256: str | None,
) -> Refusal | None:
    """Say that a fact has files enough, has this one already, or that the university's room is used up."""
    here = pieces(connection, where.assessment, where.subject, where.fact)
    if any(one.sha256 == sha256 for one in here):
        return Refusal(
            "conflict", "evidence.already", "这个文件已经附在这一问下面了", "不用再传；要换说明请先移除再上传"
        )
    most = portal.limits.per_fact
    if len(here) >= most:
        return Refusal(
            "too_large",
            "evidence.too_many",
            f"这一问已经附了 {len(here)} 个文件，上限是 {most} 个",
            "请先移除用不到的文件，或把几张图片合成一个 PDF",
        )
    if sha256 is not None and owned(connection, standing.university, sha256):
        return None
    used, room = used_by(connection, standing.university), portal.limits.university
    if used + size > room:
        return Refusal(
            "too_large",
            "evidence.quota",
            f"本校的证据已占 {used / (1 << 30):.2f} GB，上限是 {room / (1 << 30):.2f} GB，放不下这个文件",
            "请压缩图片后再传，或联系秘书处增加空间",
            {"used": used, "room": room},
        )
    return None


def put_down(
    portal: Portal,
    connection: Connection,
    actor: Actor,
    op_id: str,
    where: Where,
    name: str,
    stored: Stored | Piece,
    said: Said,
) -> Piece | Refusal:
    """Write, in a transaction, that content is evidence of a fact: decided here once more, and only here for good."""
    at = portal.at()
    standing = target(portal, connection, actor, where, at)
    if isinstance(standing, Refusal):
        return standing
    before = repeated(connection, op_id, actor, "evidence.add", where.target)
    if isinstance(before, Refusal):
        return before
    if before is not None:
        return find(connection, str(before["evidence"])) or MISSING
    full = no_room(portal, connection, standing, where, stored.size, stored.sha256)
    if full is not None:
        return full
    details = {"subject": where.subject, "fact": where.fact, "sha256": stored.sha256, "size": stored.size}
    if isinstance(stored, Stored):
        know(connection, stored, at)
    else:
        details["reused"] = stored.id
    found = new_id(portal.clock())
    connection.execute(
        insert(evidence).values(
            id=found,
            assessment_id=where.assessment,
            subject_id=where.subject,
            fact=where.fact,
            sha256=stored.sha256,
            name=shown_name(name),
            title=said.title.strip(),
            dated=said.dated,
            valid_until=said.valid_until,
            issuer=(said.issuer or "").strip() or None,
            by=actor.id,
            at=at,
        )
    )
    told = {"evidence": found, "name": shown_name(name), **details}
    note(connection, op_id, standing.chain, at, actor, "evidence.add", where.target, told)
    return find(connection, found) or MISSING
