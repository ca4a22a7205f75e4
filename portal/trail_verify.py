"""Check an exported trail with nothing but the file and a public key, and say where it is wrong first.

Every chain must be whole, without a gap and in order; every line must have the hash of what it says; every checkpoint
must be signed and have the root of exactly the lines before it. Because all roots come from one pass over the same
lines, each checkpoint is then the beginning of the next one. Checkpoints that somebody kept outside (`held`) must fit
as well: they uncover also one who owns the database, the program and all checkpoints in it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.checkpoint import Checkpoint, read_note
from portal.merkle import Edge, leaf_hash
from portal.refusal import Refusal
from portal.signing import PublicKey
from portal.trail import START, Entry, canonical, hash_of
from portal.trail_export import FIELDS, FORMAT

LONGEST = 3_000_000
"""Bytes of one line; the longest of ours have 600,000 letters of details."""

_TEXTS = frozenset(FIELDS) - {"place", "details"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first thing that is wrong: in which line of the file, of which chain, what, and what to do."""

    code: str
    where: str
    what: str
    next: str
    line: int = 0
    chain: str = ""
    place: int = 0

    def __str__(self) -> str:
        return f"{self.where}：{self.what}。{self.next}。"


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: how much was checked, and the first wrong place if there is one."""

    origin: str
    lines: int
    chains: int
    checkpoints: int
    last: Checkpoint | None
    held: int
    wrong: Wrong | None

    @property
    def unsealed(self) -> int:
        """How many lines no checkpoint covers yet."""
        return self.lines - (self.last.size if self.last else 0)

    @property
    def sentences(self) -> list[str]:
        """The report as people read it."""
        seen = f"{self.lines} 行、{self.chains} 条链、{self.checkpoints} 个检查点"
        if self.wrong is not None:
            return ["审计日志核对：不通过。", str(self.wrong), f"在这之前核对无误的有 {seen}。"]
        found = ["审计日志核对：通过。", f"共 {seen}，每一行的指纹、次序、检查点的签名和根都对得上。"]
        if self.last is not None:
            found.append(f"最后一个检查点签于 {self.last.at}，覆盖前 {self.last.size} 行。")
        if self.unsealed:
            found.append(f"其后 {self.unsealed} 行还没有检查点，次序和指纹无误，尚无签名为证。")
        if self.held:
            found.append(f"另外保存的 {self.held} 个检查点都与审计日志相符。")
        return found


class _Stop(Exception):
    def __init__(self, code: str, what: str, then: str, chain: str = "", place: int = 0) -> None:
        super().__init__(code)
        self.code, self.what, self.then, self.chain, self.place = code, what, then, chain, place


_KEEP = "请保存这份文件，并与更早的导出或备份对照"


@dataclass(slots=True)
class _Checking:
    keys: Sequence[PublicKey]
    held: Sequence[str]
    origin: str = ""
    promised: tuple[int, int] = (0, 0)
    edge: Edge = field(default_factory=Edge)
    chains: dict[str, tuple[int, str]] = field(default_factory=dict)
    notes: int = 0
    last: Checkpoint | None = None
    outside: list[Checkpoint] = field(default_factory=list)
    agreed: int = 0

    def report(self, wrong: Wrong | None) -> Report:
        return Report(
            self.origin, self.edge.size, len(self.chains), self.notes, self.last, self.agreed, wrong
        )

    def hold(self) -> None:
        """Read the checkpoints that were kept outside: one that is not signed proves nothing."""
        for note in self.held:
            found = read_note(note, self.keys)
            if isinstance(found, Refusal):
                raise _Stop("held_" + found.code.removeprefix("checkpoint_"), found.what, found.next)
            self.outside.append(found)

    def heading(self, data: dict[str, Any]) -> None:
        counts = data.get("lines"), data.get("checkpoints")
        known = data.get("format") == FORMAT and isinstance(data.get("origin"), str)
        if data.keys() != {"format", "origin", "lines", "checkpoints"} or not known:
            raise _Stop("format", "不是审计日志的导出，或版本不认识", "请用 zhunsheng audit export 重新导出")
        if any(type(one) is not int or one < 0 for one in counts):
            raise _Stop("format", "开头写的行数不是数", _KEEP)
        self.origin, self.promised = data["origin"], (data["lines"], data["checkpoints"])
        for one in self.outside:
            if one.origin != self.origin:
                what = f"这是审计日志 {self.origin or '（未署名）'}，保存在外的检查点属于 {one.origin}"
                raise _Stop("held_origin", what, "请核对两者是否来自同一系统")

    def line(self, data: dict[str, Any]) -> None:
        """Check one line against what it says, and against the line before it in its chain."""
        chain, place = _shaped(data)
        entry = Entry(
            data["op_id"], chain, data["at"], data["actor"], data["action"], data["target"], data["details"]
        )
        if hash_of(entry, place, data["previous"]) != data["hash"]:
            raise _Stop("altered", "内容与它的指纹不符，写入之后被改动过", _KEEP, chain, place)
        self.follow(chain, place, data["previous"], data["hash"])
        self.edge.add(leaf_hash(bytes.fromhex(data["hash"])))
        for one in self.outside:
            if one.size == self.edge.size:
                self.compare_held(one)

    def follow(self, chain: str, place: int, said: str, digest: str) -> None:
        """Check that a line comes right after the one before it in its chain."""
        before, previous = self.chains.get(chain, (0, START))
        if place > before + 1:
            missing = f"第 {before + 1} 条" + (f"到第 {place - 1} 条" if place > before + 2 else "")
            raise _Stop("gap", f"{missing}不见了，被删去或挪到了后面", _KEEP, chain, place)
        if place <= before:
            raise _Stop(
                "order", f"前面已经有第 {before} 条，两处有一处是插入的，或次序被调换过", _KEEP, chain, place
            )
        if said != previous:
            raise _Stop("link", "不是接着上一条写的，这条链从这里断开", _KEEP, chain, place)
        self.chains[chain] = (place, digest)

    def compare_held(self, one: Checkpoint) -> None:
        if one.root != self.edge.root():
            what = f"前 {one.size} 行与 {one.at} 签发、保存在外的检查点不符，历史被重写过"
            raise _Stop("fork", what, "请以保存在外的检查点为准，并通知各方")
        self.agreed += 1

    def checkpoint(self, note: object) -> None:
        found = read_note(note, self.keys) if isinstance(note, str) else None
        if not isinstance(found, Checkpoint):
            said = found or Refusal("invalid", "checkpoint_malformed", "检查点不完整或被改动过", _KEEP)
            raise _Stop(said.code, said.what, said.next)
        if found.origin != self.origin:
            raise _Stop(
                "checkpoint_origin", f"检查点属于另一份审计日志 {found.origin}", "请核对文件是否来自同一系统"
            )
        if found.size > self.edge.size:
            what = f"检查点覆盖 {found.size} 行，文件里到这里只有 {self.edge.size} 行，其余被截去"
            raise _Stop("truncated", what, _KEEP)
        since = self.last.size if self.last else 0
        if found.size < self.edge.size or found.size <= since:
            raise _Stop("checkpoint_order", f"覆盖 {found.size} 行的检查点不在它的位置上", _KEEP)
        if found.root != self.edge.root():
            what = f"检查点的根对不上，第 {since + 1} 到第 {found.size} 行之间在签名之后被改写过"
            raise _Stop("checkpoint_root", what, _KEEP)
        self.last, self.notes = found, self.notes + 1

    def end(self) -> None:
        """Check what only the end can show: something is missing."""
        if self.promised != (self.edge.size, self.notes):
            said = (
                f"开头写明 {self.promised[0]} 行、{self.promised[1]} 个检查点，"
                f"实际有 {self.edge.size} 行、{self.notes} 个"
            )
            raise _Stop("count", said, "请重新取得完整的文件")
        for one in self.outside:
            if one.size > self.edge.size:
                what = f"保存在外的检查点覆盖 {one.size} 行，文件里只有 {self.edge.size} 行，末尾被截去"
                raise _Stop("truncated", what, "请以保存在外的检查点为准，并通知各方")
        if self.last is None and (self.edge.size or self.origin):
            raise _Stop("unsealed", "一个检查点也没有，无法证明没有被整体重写", "请先生成检查点，再导出")


def _shaped(data: dict[str, Any]) -> tuple[str, int]:
    """Return chain and place of a line that has the right fields of the right kinds."""
    chain, place = data.get("chain"), data.get("place")
    said = (chain if isinstance(chain, str) else "", place if type(place) is int else 0)
    texts = all(isinstance(data.get(name), str) for name in _TEXTS)
    if data.keys() != set(FIELDS) or not texts or said[1] < 1 or not isinstance(data["details"], dict):
        raise _Stop("format", "不是规定的格式，写入之后被改动过", _KEEP, *said)
    return said


def verify(lines: Iterable[bytes], keys: Sequence[PublicKey], held: Sequence[str] = ()) -> Report:
    """Check a trail, given as the lines of its file with their ends, against public keys and checkpoints kept outside."""
    checking, number = _Checking(keys, held), 0
    try:
        checking.hold()
        for number, raw in enumerate(lines, 1):
            data = _parsed(raw)
            if number == 1:
                checking.heading(data)
            elif data.keys() == {"checkpoint"}:
                checking.checkpoint(data["checkpoint"])
            else:
                checking.line(data)
        if number == 0:
            raise _Stop("format", "文件是空的", "请用 zhunsheng audit export 重新导出")
        number = 0
        checking.end()
    except _Stop as stop:
        place = f"（链 {stop.chain} 第 {stop.place} 条）" if stop.chain else ""
        where = (
            f"第 {number} 行{place}" if number else "保存在外的检查点" if stop.code[:5] == "held_" else "全文"
        )
        return checking.report(Wrong(stop.code, where, stop.what, stop.then, number, stop.chain, stop.place))
    return checking.report(None)


def _parsed(raw: bytes) -> dict[str, Any]:
    """Return a line as data; it must be written in exactly the one way we write it."""
    trouble = _Stop("format", "不是规定的格式，被改动过或不完整", _KEEP)
    if len(raw) > LONGEST:
        raise trouble
    try:
        data = json.loads(raw.decode(), parse_float=_refuse, parse_constant=_refuse)
        same = isinstance(data, dict) and (canonical(data) + "\n").encode() == raw
    except (ValueError, RecursionError):
        raise trouble from None
    if not same:
        raise trouble
    return data  # type: ignore[no-any-return]


def _refuse(found: str) -> None:
    raise ValueError(found)
