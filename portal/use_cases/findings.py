"""What an inspector says: findings, what was seen on site, notes.

Nothing is overwritten: each change is a new version, based on the one that was on the screen, until the inspector signs.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from engine.build.edition import Edition
from engine.layers import refused
from engine.models.checklist import Fact
from engine.models.submission import Verdict
from engine.reading import Unreadable, read_answer
from engine.tree import Leaf
from portal.cases import Change, Declined, Judged, change, cleaned, judged_in, pinned
from portal.opinions import Finding, findings_of, panel_of, seen_by
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.store.tables import findings, notes, photos, seen
from portal.use_cases.reviews import leaf_of, note_of

VERDICTS = ("agree", "adjust", "material", "site", "none")
MOST_PHOTOS = 20
"""Photos of one fact that was seen."""


def writable(one: Change) -> tuple[Edition, Judged]:
    """Return the edition and the subjects, or decline: whoever signed has said the last word; appeals are not findings."""
    mine = [
        row
        for row in panel_of(one.connection, one.case.id)
        if row.account_id == one.actor.id and not row.ended_at
    ]
    if not mine:
        raise Declined(
            Refusal(
                "forbidden",
                "not-on-panel",
                "您被指派的是异议复核，不在评审组里",
                "请在“复核”里作出决定",
            )
        )
    if mine[0].signed_at is not None:
        raise Declined(
            Refusal(
                "state",
                "signed",
                f"您已在 {mine[0].signed_at[:10]} 签署，意见不能再改",
                "确需修改的，请联系秘书处退回签署；已签署的意见会保留",
            )
        )
    return pinned(one.portal, one.case.round), judged_in(one.connection, one.case.id)


def next_version(connection: Connection, table: Table, base: int, current: Any, **key: str) -> int:
    """Return the version a change becomes, or decline when another came first; `current` is shown beside it."""
    last = connection.execute(
        select(func.max(table.c.version)).where(*(table.c[name] == value for name, value in key.items()))
    ).scalar()
    if (last or 0) != base:
        raise Declined(
            Refusal(
                "conflict",
                "changed",
                "这一项在您打开之后已经改过（可能是您的另一个窗口）",
                "请核对现在的内容后再保存；您刚才填的还在页面上",
                {"version": last or 0, "current": current},
            )
        )
    return base + 1


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, and the version it has now."""

    version: int


def saved(found: Mapping[str, Any] | Refusal) -> Saved | Refusal:
    """Return what the trail says of a save."""
    return found if isinstance(found, Refusal) else Saved(found["version"])


@use_case("finding.save", "finding.save", writes=True)
def save_finding(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    indicator: str,
    verdict: str,
    *,
    points: str | None = None,
    reason: str | None = None,
    base: int = 0,
    op_id: str,
) -> Saved | Refusal:
    """Say of one indicator: agree, adjust (with points and reason), material, site, or none to take it back."""

    def work(one: Change) -> Mapping[str, Any]:
        edition, judged = writable(one)
        row, leaf = judged.find(subject), leaf_of(edition, indicator)
        said = read_verdict(edition, leaf, verdict, points, reason)
        current = findings_of(one.connection, one.case.id, actor.id).get((row.id, indicator))
        shown = told_of(current)
        key = {
            "assessment_id": one.case.id,
            "subject_id": row.id,
            "indicator": indicator,
            "account_id": actor.id,
        }
        version = next_version(one.connection, findings, base, shown, **key)
        one.connection.execute(insert(findings).values(**key, version=version, **said, at=one.at))
        return {"subject": row.id, "indicator": indicator, "version": version, **said}

    return saved(change(portal, actor, op_id, assessment, "finding.save", "finding.save", work))


def told_of(finding: Finding | None) -> Mapping[str, str | None] | None:
    """Return a finding as it is told to whoever was about to say something else."""
    if finding is None:
        return None
    return {"verdict": finding.verdict, "points": finding.points, "reason": finding.reason, "at": finding.at}


def read_verdict(
    edition: Edition, leaf: Leaf, verdict: str, points: str | None, reason: str | None
) -> dict[str, str | None]:
    """Return a verdict as it is kept, or decline with what is wrong; the engine says which points are possible."""
    if verdict not in VERDICTS:
        raise Declined(
            Refusal(
                "invalid",
                "verdict",
                f"意见“{verdict[:20]}”不认识",
                "请选：认可、调整、补材料、现场核查，或撤回",
            )
        )
    why = cleaned(reason, "理由", needed=verdict in ("adjust", "material"))
    if verdict != "adjust":
        return {"verdict": verdict, "points": None, "reason": why}
    number = str(points or "").strip()
    try:
        said = Verdict.model_validate({"verdict": "adjust", "points": number or None, "reason": why})
    except ValueError:
        raise Declined(
            Refusal(
                "invalid", "points", f"{leaf.title}：分数“{number[:20]}”不是数字", "请只填数字，如 3 或 2.5"
            )
        ) from None
    problem = refused(edition, leaf.id, said)
    if problem is not None:
        raise Declined(Refusal("invalid", "points", problem.what, problem.next))
    return {"verdict": verdict, "points": str(Verdict.model_dump(said, mode="json")["points"]), "reason": why}


@use_case("review.save_seen", "finding.save", writes=True)
def save_seen(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    fact: str,
    value: Any,
    *,
    note: str | None = None,
    photos: tuple[str, ...] = (),
    base: int = 0,
    op_id: str,
) -> Saved | Refusal:
    """Keep what was seen on site beside what was stated, never over it; an empty value takes it back."""

    def work(one: Change) -> Mapping[str, Any]:
        edition, judged = writable(one)
        row = judged.find(subject, whole=True)
        kept_value = _readable(edition, fact_of(edition, fact), value)
        _there(one, photos)
        now = seen_by(one.connection, one.case.id, actor.id).get((row.id, fact))
        key = {"assessment_id": one.case.id, "subject_id": row.id, "fact": fact, "account_id": actor.id}
        version = next_version(one.connection, seen, base, asdict(now) if now else None, **key)
        text = cleaned(note, "备注")
        one.connection.execute(
            insert(seen).values(
                **key, version=version, value=kept_value, note=text, photos=json.dumps(photos), at=one.at
            )
        )
        return {"subject": row.id, "fact": fact, "version": version, "photos": list(photos)}

    return saved(change(portal, actor, op_id, assessment, "review.save_seen", "finding.save", work))


def fact_of(edition: Edition, fact: str) -> Fact:
    """Return a fact that an edition asks for, or decline."""
    found = edition.words.fact(fact)
    if found is None or fact not in edition.facts:
        raise Declined(
            Refusal("missing", "fact", f"这一版标准没有用到事实 {fact[:80]}", "请刷新页面，从事实列表里选择")
        )
    return found


def _readable(edition: Edition, fact: Fact, value: Any) -> str | None:
    if value is None or value == "":
        return None
    try:
        read_answer(fact, value, edition.words.domains)
        text = json.dumps(value, ensure_ascii=False, default=str)
    except Unreadable as error:
        raise Declined(
            Refusal("invalid", "answer", f"{fact.name}：{error.what}", error.next.rstrip("。"))
        ) from None
    except (TypeError, ValueError):
        raise Declined(
            Refusal("invalid", "answer", f"{fact.name}：填的内容读不懂", "请按页面上的格式填写")
        ) from None
    if "\\u0000" in text:
        raise Declined(
            Refusal("invalid", "characters", f"{fact.name}里有不能保存的字符", "请删去看不见的字符后再保存")
        )
    return text


def _there(one: Change, hashes: tuple[str, ...]) -> None:
    """Decline photos that this inspector did not upload for this assessment."""
    mine = select(photos.c.sha256).where(
        photos.c.assessment_id == one.case.id,
        photos.c.account_id == one.actor.id,
        photos.c.sha256.in_(hashes[:MOST_PHOTOS]),
    )
    if len(hashes) > MOST_PHOTOS or set(hashes) - set(one.connection.scalars(mine)):
        raise Declined(
            Refusal(
                "invalid",
                "photos",
                f"有照片还没有上传成功、不是您为这所学校上传的，或超过 {MOST_PHOTOS} 张",
                f"请等上传完成后再保存，每项最多 {MOST_PHOTOS} 张",
            )
        )


@use_case("review.save_note", "finding.save", writes=True)
def save_note(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    indicator: str,
    text: str,
    *,
    base: int = 0,
    op_id: str,
) -> Saved | Refusal:
    """Keep a note of an inspector; the university never sees it, and no score depends on it."""

    def work(one: Change) -> Mapping[str, Any]:
        edition, judged = writable(one)
        row, leaf = judged.find(subject), leaf_of(edition, indicator)
        key = {
            "assessment_id": one.case.id,
            "subject_id": row.id,
            "indicator": leaf.id,
            "account_id": actor.id,
        }
        now, _ = note_of(one.connection, one.case.id, row.id, leaf.id, actor.id)
        version = next_version(one.connection, notes, base, now, **key)
        one.connection.execute(
            insert(notes).values(**key, version=version, text=cleaned(text, "备注") or "", at=one.at)
        )
        return {"subject": row.id, "indicator": leaf.id, "version": version}

    return saved(change(portal, actor, op_id, assessment, "review.save_note", "finding.save", work))
