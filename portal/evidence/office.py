"""Word and Excel files: nothing that runs, nothing that is fetched from elsewhere, nothing hidden among the parts."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from portal.evidence.archive import Archive, printable
from portal.evidence.kinds import (
    ARCHIVE,
    BINARY_SHEET,
    OFD,
    OLE,
    OPEN_DOCUMENT,
    SLIDES,
    TEMPLATE,
    turn_away,
)
from portal.evidence.limits import NESTED
from portal.evidence.verdict import Kind, NotTaken
from portal.evidence.xml_parts import declares, walk

MAIN: Mapping[str, Kind] = {
    "wordprocessingml.document.main+xml": "docx",
    "spreadsheetml.sheet.main+xml": "xlsx",
}
PARTS = frozenset(
    (
        *("xml", "rels", "vml", "svg", "psmdcp"),
        *("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "tif", "tiff", "emf", "wmf", "wdp", "webp"),
        *("odttf", "ttf", "fntdata"),
    )
)
"""Endings of the parts that a document is made of."""
SETTINGS = re.compile(r"(^|/)(printersettings|customproperty|custom[a-z]*properties)[^/]*(/[^/]*)?\.bin$")
DDE = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
COMMAND = re.compile(
    r"\b(WEBSERVICE|RTD|CALL|REGISTER|EXEC)\s*\(|^[^\"']{0,40}\|[^\"]{0,200}!", re.IGNORECASE
)
SCHEME = re.compile(r"^\s*([a-z][a-z0-9+.-]+):", re.IGNORECASE)
HARMLESS = ("http", "https", "mailto", "tel", "ftp")


def kind_inside(archive: Archive) -> Kind:
    """Return what an archive is as a whole. Raises NotTaken for every other kind that is packed alike."""
    names = set(archive.names)
    if "[Content_Types].xml" not in names:
        if "mimetype" in names:
            raise turn_away(OPEN_DOCUMENT)
        raise turn_away(OFD if "OFD.xml" in names else ARCHIVE)
    types = _types(archive)
    _nothing_that_runs(archive.names, types)
    found = {kind for end, kind in MAIN.items() for one in types if one.endswith(end)}
    if any("presentationml." in one for one in types) and not found:
        raise turn_away(SLIDES)
    if any(one.endswith("template.main+xml") for one in types):
        raise turn_away(TEMPLATE)
    if any("sheet.binary" in one for one in types):
        raise turn_away(BINARY_SHEET)
    if len(found) != 1:
        raise NotTaken("damaged")
    return found.pop()


def _types(archive: Archive) -> set[str]:
    types = set[str]()

    def start(_name: str, attributes: Mapping[str, str]) -> None:
        types.add(attributes.get("ContentType", ""))

    walk(archive.read("[Content_Types].xml"), start)
    return types


def _nothing_that_runs(names: tuple[str, ...], types: set[str]) -> None:
    said = " ".join((*names, *types)).lower()
    if any(
        word in said
        for word in ("vbaproject", "vbadata", "macroenabled", "macrosheet", "ms-office.intlmacro")
    ):
        raise NotTaken("office_macro")
    if "activex" in said:
        raise NotTaken("office_active")


def check_office(archive: Archive, level: int = 0) -> Kind:
    """Look at every part of a Word or Excel file and return which it is."""
    kind = kind_inside(archive)
    for name in archive.names:
        _check_part(archive, name, level)
    return kind


def _check_part(archive: Archive, name: str, level: int) -> None:
    low = name.lower()
    extension = low.rpartition(".")[2] if "." in low.rpartition("/")[2] else ""
    data = archive.read(name)
    if "/embeddings/" in low or low.startswith("embeddings/"):
        if extension not in ("docx", "xlsx") or level >= NESTED:
            raise NotTaken("office_object", part=printable(name))
        check_office(Archive(data), level + 1)
    elif extension == "bin":
        if not SETTINGS.search(low) or data.startswith(OLE):
            raise NotTaken("office_object", part=printable(name))
    elif extension not in PARTS:
        raise NotTaken("office_part", part=printable(name))
    elif extension == "rels":
        _check_relations(data)
    elif extension == "xml":
        _check_xml(low, data)
    elif extension in ("vml", "svg"):
        _check_drawing(data)
    elif data.startswith((b"MZ", b"\x7fELF", b"PK\x03\x04", OLE)):
        raise NotTaken("office_part", part=printable(name))


def _check_drawing(data: bytes) -> None:
    """Look at a drawing: those of old Excel are not always well-formed."""
    if declares(data):
        raise NotTaken("xml_entity")
    if re.search(rb"<\s*(\w+:)?script|javascript:", data, re.IGNORECASE):
        raise NotTaken("office_active")


def _check_xml(name: str, data: bytes) -> None:
    if name.endswith("/connections.xml") or "/querytables/" in name:
        raise NotTaken("office_external")
    fields: list[str] = []
    formulas: list[str] = []
    inside: list[list[str]] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag in ("ddeLink", "oleLink"):
            raise NotTaken("office_dde")
        if tag == "fldSimple":
            fields.append(next((value for key, value in attributes.items() if key.endswith("instr")), ""))
        inside[:] = (
            [fields] if tag == "instrText" else [formulas] if tag in ("f", "definedName", "formula") else []
        )
        if inside and tag != "instrText":
            formulas.append("")

    def text(piece: str) -> None:
        if inside and inside[0] is fields:
            fields.append(piece)
        elif inside:
            formulas[-1] += piece

    def end(_tag: str) -> None:
        inside.clear()

    walk(data, start, text, end)
    if DDE.search("".join(fields)) or any(COMMAND.search(formula) for formula in formulas):
        raise NotTaken("office_dde")


def _check_relations(data: bytes) -> None:
    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = unquote(attributes.get("Target", "")).strip()
        if kind.lower() in ("vbaproject", "xlmacrosheet", "xlintlmacrosheet"):
            raise NotTaken("office_macro")
        if kind in ("aFChunk", "oleObject", "control", "activeXControlBinary"):
            raise NotTaken("office_object", part=printable(target) or kind)
        if kind == "hyperlink":
            if not _harmless(target):
                raise NotTaken("office_link", target=printable(target))
        elif _elsewhere(target):
            raise NotTaken("office_template" if kind == "attachedTemplate" else "office_external")

    walk(data, start)


def _harmless(target: str) -> bool:
    """Whether a link may be clicked: a web page, an address, a place in the file or a file of one's own."""
    scheme = SCHEME.match(target)
    return (scheme is not None and scheme[1].lower() in HARMLESS) or not _elsewhere(target)


def _elsewhere(target: str) -> bool:
    """Whether opening it would reach out: to the net, to another machine, to a program that has a scheme of its own.

    A path on the drive where a document was once written is dead elsewhere, and Word leaves such paths in many.
    """
    plain = target.replace("\\", "/").lower()
    if re.match(r"^(file:/*)?[a-z]:/", plain):
        return False
    return plain.startswith("//") or SCHEME.match(target) is not None
