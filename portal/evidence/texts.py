"""Plain text and tables of text: readable, without code that a browser or a spreadsheet would run."""

import codecs
import csv
import io
import re

from portal.evidence.kinds import HTML, MARKUP, SVG, XML, turn_away
from portal.evidence.limits import TEXT_SHOWN
from portal.evidence.verdict import Found, Kind, NotTaken

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
COMMAND = re.compile(
    r"^[\s\u3000]*[=+\-@＝＋－＠].*(\|.{0,200}!|\b(WEBSERVICE|HYPERLINK|IMPORTXML|IMPORTDATA|RTD|CALL|EXEC)\s*\()",
    re.IGNORECASE | re.DOTALL,
)


def text_of_bytes(data: bytes) -> str | None:
    """Return bytes as text: Unicode with or without a mark, or GB 18030 as Excel here writes it; None for no text."""
    for mark, code in MARKS:
        if data.startswith(mark):
            return _decoded(data, code)
    text = _decoded(data, "utf-8")
    return text if text is not None else _decoded(data, "gb18030")


def _decoded(data: bytes, code: str) -> str | None:
    try:
        return data.decode(code)
    except (UnicodeDecodeError, ValueError):
        return None


def look_at_text(data: bytes, extension: str) -> Found:
    """Look at text. Raises NotTaken for markup, control characters and formulas that start something."""
    text = text_of_bytes(data)
    _check_markup(text if text is not None else data[:4096].decode("latin-1"))
    if text is None:
        raise NotTaken("unknown")
    if CONTROL.search(text):
        raise NotTaken("unknown" if "\0" in text else "text_control")
    kind: Kind = "csv" if extension == "csv" else "txt"
    if kind == "csv":
        _check_table(text)
    return Found(kind, preview=shown(text))


def _check_markup(text: str) -> None:
    found = MARKUP.search(text)
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        if found is not None and found[1] is not None and found[1].lower() != "svg":
            raise turn_away(HTML)
        raise turn_away(SVG if found is not None else XML)
    if found is not None or re.match(r"\s*MIME-Version:", text, re.IGNORECASE):
        raise NotTaken("text_markup")


def _check_table(text: str) -> None:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 0
    try:
        for line, row in enumerate(rows, start=1):
            if any(COMMAND.search(cell) for cell in row):
                raise NotTaken("csv_command", line=str(line))
    except csv.Error as error:
        raise NotTaken("csv_broken", line=str(line + 1)) from error


def shown(text: str) -> bytes:
    """Return the beginning of a text, ready to be kept as a preview."""
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    cut = plain[:TEXT_SHOWN] + ("\n……" if len(plain) > TEXT_SHOWN else "")
    return cut.encode("utf-8", "replace")
