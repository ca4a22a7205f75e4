"""The words of Word and Excel files, for reading before downloading: text only, nothing of the rest."""

import re
from collections.abc import Mapping
from contextlib import suppress

from portal.evidence.archive import Archive
from portal.evidence.limits import MIB, TEXT_SHOWN
from portal.evidence.texts import shown
from portal.evidence.verdict import Kind
from portal.evidence.xml_parts import walk

SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


class Enough(Exception):
    """As much has been read as is shown."""


def text_of_office(kind: Kind, archive: Archive) -> bytes:
    """Return the first words of a document or the first rows of a workbook."""
    return shown(_document(archive) if kind == "docx" else _workbook(archive))


def sheets_of(archive: Archive) -> tuple[str, ...]:
    """Return the sheets of a workbook in the order of their numbers."""
    found = [(int(match[1]), name) for name in archive.names if (match := SHEET.fullmatch(name))]
    return tuple(name for _, name in sorted(found))


def _document(archive: Archive) -> str:
    pieces: list[str] = []
    inside = [False]

    def start(tag: str, _attributes: Mapping[str, str]) -> None:
        inside[0] = tag == "t"
        if tag in ("tab", "tc"):
            pieces.append("\t")

    def text(piece: str) -> None:
        if inside[0]:
            pieces.append(piece)
            if len(pieces) > TEXT_SHOWN:
                raise Enough

    def end(tag: str) -> None:
        inside[0] = False
        if tag in ("p", "tr"):
            pieces.append("\n")

    if "word/document.xml" in archive.names:
        with suppress(Enough):
            walk(archive.read("word/document.xml"), start, text, end)
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces)).strip()


def _workbook(archive: Archive) -> str:
    shared = _shared(archive)
    pages: list[str] = []
    for name in sheets_of(archive):
        if sum(map(len, pages)) > TEXT_SHOWN:
            break
        if archive.sizes[name] <= 20 * MIB:
            pages.append(_sheet(archive.read(name), shared))
    return "\n\n".join(page for page in pages if page)


def _shared(archive: Archive) -> list[str]:
    strings: list[str] = []
    inside = [False]
    if archive.sizes.get("xl/sharedStrings.xml", 20 * MIB) >= 20 * MIB:
        return strings

    def start(tag: str, _attributes: Mapping[str, str]) -> None:
        if tag == "si":
            strings.append("")
        inside[0] = tag == "t" and bool(strings)

    def text(piece: str) -> None:
        if inside[0]:
            strings[-1] += piece

    def end(_tag: str) -> None:
        inside[0] = False

    walk(archive.read("xl/sharedStrings.xml"), start, text, end)
    return strings


def _sheet(data: bytes, shared: list[str]) -> str:
    rows: list[list[str]] = []
    cell = {"type": "", "value": ""}
    inside = [False]

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "row":
            if len(rows) >= 200:
                raise Enough
            rows.append([])
        elif tag == "c":
            cell.update(type=attributes.get("t", ""), value="")
        inside[0] = tag in ("v", "t")

    def text(piece: str) -> None:
        if inside[0]:
            cell["value"] += piece

    def end(tag: str) -> None:
        inside[0] = False
        if tag == "c" and rows and len(rows[-1]) < 30:
            rows[-1].append(_shown(cell, shared))

    with suppress(Enough):
        walk(data, start, text, end)
    return "\n".join("\t".join(row) for row in rows)


def _shown(cell: Mapping[str, str], shared: list[str]) -> str:
    value = cell["value"]
    if cell["type"] == "s":
        return (
            shared[int(value)] if value.isdecimal() and value.isascii() and int(value) < len(shared) else ""
        )
    return value.replace("\n", " ").replace("\t", " ")
