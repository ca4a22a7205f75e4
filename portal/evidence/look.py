"""Look at a file and say what it is. Everything here runs on bytes of strangers: call it through `intake` only."""

from portal.evidence.archive import Archive
from portal.evidence.kinds import check_extension, check_one_face, kind_of
from portal.evidence.limits import FILE_SIZE
from portal.evidence.office import check_office
from portal.evidence.office_text import sheets_of, text_of_office
from portal.evidence.texts import look_at_text
from portal.evidence.verdict import PICTURES, Found, Kind, NotTaken, megabytes


def look(data: bytes, extension: str) -> Found:
    """Look at content that came under a name with this extension. Raises NotTaken."""
    if not data:
        raise NotTaken("empty")
    if len(data) > FILE_SIZE:
        raise NotTaken("too_large", size=megabytes(len(data)))
    kind = kind_of(data)
    if kind is None:
        found = look_at_text(data, extension)
    elif kind == "pdf":
        check_one_face(kind, data)
        found = _pdf(data)
    elif kind in PICTURES:
        check_one_face(kind, data)
        found = _picture(kind, data)
    else:
        found = _office(data)
    check_extension(found.kind, extension)
    return found


def _pdf(data: bytes) -> Found:
    from portal.evidence.pdf import look_at_pdf  # noqa: PLC0415  only what is needed is loaded, for each file anew

    return look_at_pdf(data)


def _picture(kind: Kind, data: bytes) -> Found:
    from portal.evidence.pictures import look_at_picture  # noqa: PLC0415

    return look_at_picture(kind, data)


def _office(data: bytes) -> Found:
    archive = Archive(data)
    kind = check_office(archive)
    pages = len(sheets_of(archive)) or None
    return Found(kind, pages=pages, preview=text_of_office(kind, archive))
