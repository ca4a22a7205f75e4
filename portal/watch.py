"""Around every request: an id, one line in the log, figures, and the pages of health. Plain ASGI, nothing is buffered."""

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from secrets import token_hex
from time import perf_counter
from typing import Any

import structlog
from anyio import to_thread

from portal.health import Doctor
from portal.logs import logger
from portal.metrics import Metrics

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
"""An id that the proxy gave and that may go into the log as it is."""

BROKEN = {
    "code": "broken",
    "message": "程序出了意外，这次操作可能没有完成。这不是您的填报有问题。请稍后再看一次；仍不行的，请把编号告诉管理员。",
}


class Watched:
    """An application with health, figures and a log line for every request."""

    def __init__(self, app: App, doctor: Doctor, metrics: Metrics, *, trusted: bool = False) -> None:
        self.app, self.doctor, self.metrics = app, doctor, metrics
        self.trusted = trusted
        """Whether a proxy in front gives each request its id."""
        self.log = logger("portal.request")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in ("/livez", "/readyz"):
            await self._own(scope, send)
        else:
            await self._watched(scope, receive, send)

    async def _own(self, scope: Scope, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b"", "text/plain")
            return
        status, body, kind = 200, b'{"alive":true}', "application/json"
        if scope["path"] == "/readyz":
            health = await to_thread.run_sync(self.doctor.examine)
            for name, found in health.checks.items():
                self.metrics.ready.labels(name).set(0 if found else 1)
            status, body = 200 if health.ok else 503, _bytes(health.document())
        await _answer(send, status, b"" if scope["method"] == "HEAD" else body, kind)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = self._id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        start, status, told = perf_counter(), 0, request_id

        async def sent(message: MutableMapping[str, Any]) -> None:
            nonlocal status, told
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message.get("headers", ()))
                given = [
                    value.decode("latin-1") for name, value in headers if name.lower() == b"x-request-id"
                ]
                told = given[0] if given else request_id
                if not given:
                    headers.append((b"x-request-id", request_id.encode()))
                message = {**message, "headers": headers}
            await send(message)

        self.metrics.busy.inc()
        try:
            await self.app(scope, receive, sent)
        except Exception as error:
            self.metrics.failures.labels("request").inc()
            self.log.exception("broke", error=type(error).__name__)
            if status:
                raise  # half an answer is out; the server cuts the connection
            status = 500
            await _answer(
                send, 500, _bytes({**BROKEN, "request": request_id}), "application/json", request_id
            )
        finally:
            self.metrics.busy.dec()
            seconds = perf_counter() - start
            self.metrics.answered(scope["method"], _route(scope), status, seconds)
            self.log.info(
                "answered",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round(seconds * 1000, 1),
                address=(scope.get("client") or ("",))[0],
                **({} if told == request_id else {"told": told}),
            )

    def _id(self, scope: Scope) -> str:
        """Return the proxy's id if it is one that cannot say anything, else a new one."""
        if self.trusted:
            given: str = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
            if GIVEN_ID.fullmatch(given):
                return given
        return token_hex(8)


def _route(scope: Scope) -> str:
    """Return the pattern of the route that answered; addresses that no route knows share one name."""
    return str(getattr(scope.get("route"), "path", None) or "other")


def _bytes(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


async def _answer(send: Send, status: int, body: bytes, kind: str, request_id: str = "") -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if request_id:
        headers.append((b"x-request-id", request_id.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
