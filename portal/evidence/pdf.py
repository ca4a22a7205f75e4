"""PDF files: nothing that runs, acts, plays or is attached; every object is looked at, however its name is written."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Object, Stream

from portal.evidence.limits import PDF_OBJECTS, PDF_PIXELS, SCAN_PIXELS
from portal.evidence.pictures import preview_of
from portal.evidence.verdict import Found, NotTaken

BROKEN = (
    pikepdf.PdfError,
    pikepdf.ForeignObjectError,
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)
ACTIONS = {
    "/JavaScript": "pdf_script",
    "/Launch": "pdf_action",
    "/SubmitForm": "pdf_action",
    "/ImportData": "pdf_action",
    "/GoToR": "pdf_action",
    "/GoToE": "pdf_action",
    "/Rendition": "pdf_media",
    "/Movie": "pdf_media",
    "/Sound": "pdf_media",
    "/RichMediaExecute": "pdf_media",
    "/GoTo3DView": "pdf_media",
}
KEYS = {
    "/JS": "pdf_script",
    "/JavaScript": "pdf_script",
    "/XFA": "pdf_form",
    "/EmbeddedFiles": "pdf_attachment",
    "/EF": "pdf_attachment",
    "/RichMediaContent": "pdf_media",
    "/RichMediaSettings": "pdf_media",
}
KINDS = {
    "/EmbeddedFile": "pdf_attachment",
    "/FileAttachment": "pdf_attachment",
    "/RichMedia": "pdf_media",
    "/Movie": "pdf_media",
    "/Sound": "pdf_media",
    "/Screen": "pdf_media",
    "/3D": "pdf_media",
}
TIGHT = frozenset({"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/Fl", "/LZW", "/RL"})
LINK = re.compile(r"^\s*(https?|mailto|tel|ftp):|^\s*(?![a-z][a-z0-9+.-]+:)", re.IGNORECASE)
MARKUP = re.compile(rb"<\s*(html|script|svg|!doctype)|<\?php", re.IGNORECASE)


def look_at_pdf(data: bytes) -> Found:
    """Look at every object of a PDF. Raises NotTaken."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise NotTaken("damaged")
    if data[end + 5 :].strip(b"\0\r\n\t\f "):
        raise NotTaken("polyglot", what=" PDF 以外的内容")
    if MARKUP.search(data[:1024]):
        raise NotTaken("polyglot", what="网页代码")
    try:
        # A broken table of contents is not mended: what another program would make of the file is anybody's guess.
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
            if len(pdf.objects) > PDF_OBJECTS:
                raise NotTaken("pdf_large")
            for one in pdf.objects:
                _check(one)
            pages = len(pdf.pages)
            if not pages:
                raise NotTaken("pdf_blank")
            return Found("pdf", pages=pages, preview=_scan(pdf))
    except pikepdf.PasswordError as error:
        raise NotTaken("encrypted") from error
    except BROKEN as error:
        raise NotTaken("damaged") from error


def _check(top: Object) -> None:
    """Look at an object and all that it holds itself; what it refers to is looked at in its own turn."""
    waiting = [top]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Stream):
            _check_stream(one)
        if isinstance(one, Dictionary | Stream):
            _check_keys(one)
            waiting += [
                value for value in _objects(value for _, value in one.items()) if not value.is_indirect
            ]
        elif isinstance(one, Array):
            waiting += [value for value in _objects(one.as_list()) if not value.is_indirect]


def _objects(values: Iterable[Any]) -> Iterator[Object]:
    """Leave out numbers and truth values, which arrive as Python's own."""
    return (value for value in values if isinstance(value, Object))


def _check_keys(one: Object) -> None:
    keys = set(one.keys())
    for key, code in KEYS.items():
        if key in keys:
            raise NotTaken(code)
    for key in ("/Type", "/Subtype"):
        if key in keys and str(one[key]) in KINDS:
            raise NotTaken(KINDS[str(one[key])])
    if "/S" in keys:
        action = str(one["/S"])
        if action in ACTIONS:
            raise NotTaken(ACTIONS[action])
        if action == "/URI" and "/URI" in keys and not LINK.match(str(one["/URI"])):
            raise NotTaken("pdf_action")


def _check_stream(one: Object) -> None:
    """Refuse what unpacks to far more than it is: compressed twice and more, or a picture beyond measure."""
    filters = one.get("/Filter")
    names = [str(name) for name in filters.as_list()] if isinstance(filters, Array) else [str(filters)]
    if len(names) > 4 or sum(name in TIGHT for name in names) > 1:
        raise NotTaken("pdf_bomb")
    if one.get("/Subtype") == pikepdf.Name.Image:
        width, height = int(one.get("/Width", 0)), int(one.get("/Height", 0))
        if width * height > PDF_PIXELS or width < 0 or height < 0:
            raise NotTaken("pdf_bomb")


def _scan(pdf: pikepdf.Pdf) -> bytes | None:
    """Return the first page as a picture where it is one: a scan. Anything else has no preview."""
    try:
        drawn = pdf.pages[0].resources.get("/XObject", Dictionary())
        images: list[Any] = [one for _, one in drawn.items() if one.get("/Subtype") == pikepdf.Name.Image]
        if len(images) != 1:
            return None
        width, height = int(images[0].get("/Width", 0)), int(images[0].get("/Height", 0))
        if min(width, height) < 300 or width * height > SCAN_PIXELS:
            return None
        return preview_of(pikepdf.PdfImage(images[0]).as_pil_image())
    except Exception:  # noqa: BLE001  a preview is a kindness: a picture in some rare coding goes without
        return None
