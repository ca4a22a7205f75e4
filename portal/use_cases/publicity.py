"""What anybody may see without signing in: the publications, one of them, and whether a report is genuine."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Row, exists, select

from portal.moment import is_id, shown
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.publishing import KINDS
from portal.refusal import MISSING, Refusal
from portal.report import Read, read
from portal.signing import PublicKey, verify_document
from portal.store.tables import assessments, publications, rounds, scorecards
from portal.trail_proof import verify_bundle


@dataclass(frozen=True, slots=True)
class Notice:
    """A publication as it is announced; of a withdrawn one only this is left, with the reason."""

    id: str
    kind: str
    sha256: str
    at: str
    round_title: str
    standard_title: str
    edition: str
    universities: int
    until: str | None
    appeal_until: str | None
    appeals_open: bool
    withdrawn_at: str | None
    withdrawn_for: str | None


@dataclass(frozen=True, slots=True)
class PublicResults:
    """A publication with its results as the document states them; none of a withdrawn one."""

    notice: Notice
    results: tuple[Mapping[str, Any], ...]


@use_case("publication.index", None, writes=False)
def index_publications(portal: Portal, actor: Actor | None = None) -> tuple[Notice, ...]:  # noqa: ARG001  for anybody
    """Return what is and was public, the newest first, without the results."""
    with portal.database.read() as connection:
        query = _rows().order_by(publications.c.at.desc(), publications.c.id)
        return tuple(_notice(portal, row, _head(connection, row)) for row in connection.execute(query).all())


@use_case("publication.read", None, writes=False)
def read_publication(
    portal: Portal,
    publication: str,
    actor: Actor | None = None,  # noqa: ARG001  for anybody
) -> PublicResults | Refusal:
    """Return one publication, for anybody; of a withdrawn one that it was withdrawn, and why."""
    if not is_id(publication):
        return MISSING
    with portal.database.read() as connection:
        row = connection.execute(_rows().where(publications.c.id == publication)).one_or_none()
        if row is None:
            return MISSING
        notice = _notice(portal, row, _head(connection, row))
        if notice.withdrawn_at is not None:
            return PublicResults(notice, ())
        return PublicResults(notice, tuple(_document(connection, row.id)["results"]))


def _rows() -> Any:
    columns = [one for one in publications.c if one.name != "document"]
    contestable = exists().where(
        assessments.c.round_id == publications.c.round_id, assessments.c.state == "公示"
    )
    return select(
        *columns, rounds.c.title, rounds.c.standard, rounds.c.edition, contestable.label("contestable")
    ).join(rounds, rounds.c.id == publications.c.round_id)


@dataclass(frozen=True, slots=True)
class _Head:
    """What the list needs of a document."""

    universities: int
    until: str | None
    appeal_until: str | None


_HEADS = dict[str, _Head]()
"""By the hash of a document, which never changes: a list must not read every document each time."""


def _head(connection: Connection, row: Row[Any]) -> _Head:
    found = _HEADS.get(row.sha256)
    if found is None:
        told = _document(connection, row.id)
        found = _Head(len(told["results"]), told["until"], told["appeal_until"])
        if len(_HEADS) > 1000:
            _HEADS.clear()
        _HEADS[row.sha256] = found
    return found


def _document(connection: Connection, publication: str) -> Mapping[str, Any]:
    text = connection.execute(
        select(publications.c.document).where(publications.c.id == publication)
    ).scalar_one()
    return _parsed(text)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(text)
    return found


def _notice(portal: Portal, row: Row[Any], head: _Head) -> Notice:
    edition = portal.library().edition(row.standard, row.edition)
    last = head.appeal_until or head.until
    open_ = row.kind == "publicity" and row.withdrawn_at is None and row.contestable
    open_ = open_ and (last is None or portal.at() <= last)
    assert row.kind in KINDS
    return Notice(
        row.id,
        row.kind,
        row.sha256,
        row.at,
        row.title,
        edition.standard.title if edition is not None else row.standard,
        row.edition,
        head.universities,
        head.until,
        head.appeal_until,
        open_,
        row.withdrawn_at,
        row.withdrawn_for,
    )


# Whether a report is genuine --------------------------------------------------------------------------------------

Mark = Literal["yes", "no", "unknown", "na"]
"""It is so, it is not, nobody can say from what was brought, or there is nothing to look at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what, how it came out, and that in a sentence."""

    title: str
    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A report after checking: the one sentence, what it says it is, and each thing that was looked at."""

    mark: Mark
    text: str
    about: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]
    sha256: str


EMPTY = Refusal("invalid", "report.empty", "还没有放入报告", "请选一个 JSON 文件，或把内容粘贴到框里")


@use_case("report.check", None, writes=False)
def check_report(
    portal: Portal,
    document: bytes,
    signature: str = "",
    proof: str = "",
    actor: Actor | None = None,  # noqa: ARG001  for anybody
) -> Checked | Refusal:
    """Say whether a report comes from here, is as it was, still holds and adds up; nothing of it is kept."""
    if not document.strip():
        return EMPTY
    found = read(document)
    if isinstance(found, Refusal):
        return found
    if found.kind == "unreadable":
        return Refusal(
            "invalid",
            "report.unreadable",
            f"这不是一份报告：{found.wrong[0].rstrip('。')}",
            "请放入从本系统下载的 JSON 文件",
        )
    exact = _as_it_was(portal, document)
    keys = portal.seal.keys if portal.seal else ()
    checks = [
        *_origin(portal, exact),
        *_signature(exact, signature, keys),
        *_proof(exact, proof, keys),
        _sum(found),
    ]
    mark, text = _verdict(checks)
    about = _by_name(portal, found.about)
    return Checked(mark, text, about, tuple(checks), hashlib.sha256(exact).hexdigest())


def _by_name(portal: Portal, about: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Name a standard that a document only names by id and edition, where it is one of ours."""
    known = {
        f"{one} {edition}": f"{found.standard.title}（{edition}）"
        for (one, edition), found in portal.library().editions.items()
    }
    return tuple((name, known.get(value, value) if name == "标准" else value) for name, value in about)


def _as_it_was(portal: Portal, document: bytes) -> bytes:
    """Return a report as it was written: what a mail or a text box did to its line ends is undone, if that makes it known."""
    with portal.database.read() as connection:
        return next((one for one in _forms(document) if _kept(connection, one) is not None), document)


def _forms(document: bytes) -> Iterator[bytes]:
    yield document
    text = document.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").strip()
    yield text + b"\n"


def _kept(connection: Connection, document: bytes) -> Any:
    """Return the row of a document that is kept here, of a publication or of a scorecard; None of any other."""
    sha = hashlib.sha256(document).hexdigest()
    where = publications.c.sha256 == sha
    row = connection.execute(
        select(publications.c.at, publications.c.withdrawn_at, publications.c.withdrawn_for).where(where)
    ).first()
    return row or connection.execute(select(scorecards.c.at).where(scorecards.c.sha256 == sha)).first()


def _origin(portal: Portal, document: bytes) -> Iterator[Check]:
    with portal.database.read() as connection:
        row = _kept(connection, document)
    if row is None:
        text = "本系统没有留存过内容完全相同的报告：可能来自别处，也可能改动过。"
        yield Check("与留存的一致", "unknown", text)
        return
    yield Check("与留存的一致", "yes", f"与本系统 {shown(row.at)} 留存的一份逐字相同。")
    if getattr(row, "withdrawn_at", None) is not None:
        why = str(row.withdrawn_for).rstrip("。")
        yield Check("仍然有效", "no", f"这份公布已于 {shown(row.withdrawn_at)} 撤回：{why}。")


def _signature(document: bytes, text: str, keys: tuple[PublicKey, ...]) -> Iterator[Check]:
    if not text.strip():
        return
    if not keys:
        yield Check("签名", "unknown", "这台服务器上没有公钥，核对不了签名。")
        return
    found = verify_document(document, _restored(text), keys)
    if isinstance(found, Refusal):
        yield Check("签名", "no", found.message)
    else:
        yield Check("签名", "yes", f"签名无误，签署后没有改动；钥匙编号 {found.key.name}。")


def _proof(document: bytes, text: str, keys: tuple[PublicKey, ...]) -> Iterator[Check]:
    if not text.strip():
        return
    if not keys:
        yield Check("证明", "unknown", "这台服务器上没有公钥，核对不了证明。")
        return
    found = verify_bundle(document, _restored(text), keys)
    if isinstance(found, Refusal):
        yield Check("证明", "no", found.message)
    else:
        at, sealed = shown(str(found.line["at"])), found.checkpoint
        said = f"已于 {at} 记入审计日志第 {found.index + 1} 行，在 {shown(sealed.at)} 签署的检查点之下。"
        yield Check("证明", "yes", said)


def _restored(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").strip() + "\n"


def _sum(found: Read) -> Check:
    title = "重新计算"
    if found.kind == "scorecard":
        if not found.wrong:
            return Check(title, "yes", "另一套独立的程序从各指标重新加到总分和等级，结果一致。")
        listed = "；".join(one.rstrip("。") for one in found.wrong)
        more = f"等 {found.count} 处" if found.count > len(found.wrong) else ""
        return Check(title, "no", f"重新计算对不上：{listed}{more}。")
    if found.kind == "unknown":
        return Check(
            title, "unknown", f"它不是完整的成绩单，没有重新计算：{'；'.join(found.wrong[:3]).rstrip('。')}。"
        )
    what = "公布的文件只列结果" if found.kind == "publication" else "汇总成绩只列各对象的合计"
    return Check(title, "na", f"{what}，没有逐项得分；要重新计算，请放入各对象的成绩单。")


def _verdict(checks: list[Check]) -> tuple[Mark, str]:
    by = {one.title: one.mark for one in checks}
    if by.get("仍然有效") == "no" and by.get("签名") != "no" and by.get("证明") != "no":
        return "no", "是本系统发出的，但已经撤回，不再有效。"
    if "no" in by.values():
        return "no", "有对不上的地方，请不要采用这一份。"
    if "yes" in (by.get("与留存的一致"), by.get("签名"), by.get("证明")):
        return "yes", "是本系统发出的原件，没有改动。"
    if by.get("重新计算") == "yes":
        return "unknown", "数算得对，但无法确认是本系统发出的。"
    return "unknown", "无法确认是本系统发出的。"
