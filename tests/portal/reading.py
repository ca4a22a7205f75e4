"""Reading what reports say with programs that are not the ones that wrote them: cells of a workbook, text of a PDF."""

import io
import re
import zipfile
from decimal import Decimal
from xml.etree import ElementTree as ET

import pikepdf

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parts(data):
    """Return the XML parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def sheets(data):
    """Return the sheets of a workbook by name, each as rows of cells: numbers as Decimal, texts as they stand."""
    files = parts(data)
    shared = [
        "".join(one.text or "" for one in item.iter(f"{MAIN}t"))
        for item in ET.fromstring(files["xl/sharedStrings.xml"])  # noqa: S314  written by us a moment ago
    ]
    book = ET.fromstring(files["xl/workbook.xml"])  # noqa: S314
    names = [one.attrib["name"] for one in book.iter(f"{MAIN}sheet")]
    found = {}
    for number, name in enumerate(names, 1):
        tree = ET.fromstring(files[f"xl/worksheets/sheet{number}.xml"])  # noqa: S314
        found[name] = [[_cell(cell, shared) for cell in row] for row in tree.iter(f"{MAIN}row")]
    return found


def _cell(cell, shared):
    value = cell.find(f"{MAIN}v")
    if value is None:
        return None
    return shared[int(value.text)] if cell.attrib.get("t") == "s" else Decimal(value.text)


def pdf_text(data):
    """Return the text of a PDF without blanks, in the order in which it is drawn."""
    with pikepdf.open(io.BytesIO(data)) as document:
        return re.sub(r"\s+", "", "".join(_page_text(page) for page in document.pages))


def _page_text(page):
    fonts = {name: _letters(font) for name, font in page.Resources.get("/Font", {}).items()}
    now, text = {}, []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "Tf":
                now = fonts[str(operands[0])]
            case "Tj":
                text.append(_decoded(operands[0], now))
            case "TJ":
                text += [_decoded(one, now) for one in operands[0] if isinstance(one, pikepdf.String)]
    return "".join(text)


def _decoded(text, letters):
    raw = bytes(text)
    return "".join(letters.get(raw[place : place + 2].hex(), "?") for place in range(0, len(raw), 2))


def _letters(font):
    """Return the letters by their codes, from the table that a PDF brings for copying its text."""
    table, found = bytes(font.ToUnicode.read_bytes()).decode("latin-1"), {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, letters in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            found[code.lower()] = bytes.fromhex(letters).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, start in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                code = f"{int(first, 16) + step:0{len(first)}x}"
                found[code] = chr(int(start, 16) + step)
    return found
