"""Files as they are sent: whole, in part, or not again; a client never takes half a file, or a damaged one, for whole."""

import re

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal.api.problems import Refused, plain
from portal.evidence.serving import Opened, part
from portal.refusal import Refusal

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
"""One part. Several at once, or what cannot be read, is answered with the whole, as RFC 9110 allows."""

BODILESS = ("content-length", "content-type", "content-disposition")


def sent(request: Request, opened: Opened | Refusal) -> Response:
    """Return the answer to a request for a file, after the permission check and the line in the trail."""
    if isinstance(opened, Refusal):
        raise Refused(opened)
    asked, tag = request.headers, opened.headers["ETag"]
    if "if-match" in asked and not _names(asked["if-match"], tag):
        return plain(412)
    if "if-none-match" in asked and _names(asked["if-none-match"], tag):
        kept = {name: value for name, value in opened.headers.items() if name.lower() not in BODILESS}
        return Response(status_code=304, headers=kept)
    wanted = RANGE.fullmatch(asked.get("range", "").strip())
    if wanted and asked.get("if-range", tag) == tag:
        return _part(opened, *wanted.groups())
    return StreamingResponse(opened.pieces, headers=dict(opened.headers))


def _names(header: str, tag: str) -> bool:
    """Whether a list of tags names this one."""
    said = [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in said or "*" in said


def _part(opened: Opened, start: str, end: str) -> Response:
    size = opened.size
    if not start and not end:
        return StreamingResponse(opened.pieces, headers=dict(opened.headers))
    first = int(start) if start else max(0, size - int(end))
    last = min(int(end) if start and end else size - 1, size - 1)
    if start and end and int(end) < first:
        return StreamingResponse(opened.pieces, headers=dict(opened.headers))
    if first >= size:
        return plain(416, headers={"Content-Range": f"bytes */{size}"}, size=size)
    told = {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(last - first + 1)}
    return StreamingResponse(
        part(opened.pieces, first, last), status_code=206, headers={**opened.headers, **told}
    )
