"""What stands before every route: bounds on what comes in, headers on what goes out, and the last net."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from portal.api.problems import plain
from portal.evidence.limits import FILE_SIZE

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MAX_BODY = 2 << 20
"""Bytes of a request; evidence has a bound of its own."""

MAX_FILE = FILE_SIZE + (1 << 20)
"""Bytes of a request that brings a file as its body. A megabyte more than it may have, so that a file just over the
limit is refused in the words for files."""

BRINGS_FILE = re.compile(r"/assessments/[^/]+/subjects/[^/]+/(evidence|photos)/[^/]+$")

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_TARGET = 4096
MAX_HEADERS = 16 << 10

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

log = logging.getLogger(__name__)


class TooLarge(HTTPException):
    """More came than was let in."""

    def __init__(self) -> None:
        super().__init__(413)


class Shield:
    """ASGI middleware around the API."""

    def __init__(self, app: Asgi) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        begun = False
        came = 0
        headers = dict(scope["headers"])
        file = scope["method"] == "POST" and BRINGS_FILE.search(scope["path"])
        bound = MAX_FILE if file else MAX_BODY

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > bound:
                raise TooLarge
            return message

        async def marked(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                own = {name for name, _ in message.get("headers", ())}
                added = [one for one in HEADERS if one[0] not in own]
                message["headers"] = [
                    *message.get("headers", ()),
                    *added,
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        status = _refusal(scope, headers, bound)
        if status:
            await plain(status, request_id=request_id)(scope, receive, marked)
            return
        try:
            await self.app(scope, counted, marked)
        except TooLarge:
            if not begun:
                await plain(413, request_id=request_id, most=bound)(scope, receive, marked)
        except ClientDisconnect:
            log.info("A client went away", extra={"request_id": request_id})
        except Exception:
            if begun:
                raise  # half an answer is out: the server cuts the line, so that nobody takes it for whole
            log.exception("A request broke", extra={"request_id": request_id})
            await plain(500, request_id=request_id)(scope, receive, marked)


def _refusal(scope: MutableMapping[str, Any], headers: dict[bytes, bytes], bound: int) -> int:
    """Return the status of a request that is refused unread, or 0."""
    target = scope.get("raw_path") or scope["path"].encode()
    if len(target) + len(scope.get("query_string", b"")) > MAX_TARGET:
        return 414
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        return 431
    said = scope["path"] + scope.get("query_string", b"").decode("latin-1")
    if "\0" in said or "%00" in said:
        return 400
    if scope["method"] in CHANGING and headers.get(b"if-match", b"*") != b"*":
        return 412
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        return 400
    return 413 if int(length) > bound else 0
