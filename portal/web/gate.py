"""The gate before every path: who is asking is looked up anew for each request and each message, and told inwards.

Pages, their connection, media, uploads, files of the program, figures and the API all lie behind it. What it finds out
stands in the scope as a `Visitor`; headers that claim to say who somebody is are taken away.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.responses import RedirectResponse, Response

from portal.api.problems import plain, refused
from portal.api.routes import ASKS_ITSELF, VISITOR
from portal.policy import Actor, Object, may
from portal.portal import Portal
from portal.refusal import FORBIDDEN, SIGNED_OUT, Refusal
from portal.store.database import Unavailable
from portal.use_cases.sign_in import alive, who_am_i, who_calls
from portal.web import paths
from portal.web.keys import PROOF_HEADER, Keys
from portal.web.sockets import Line, Sockets

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
T = TypeVar("T")

OVER = 4401
"""The code a connection is closed with when its session is over; the pages' script goes to the sign-in then."""

CLAIMS = (b"x-zhunsheng-", b"remote-", b"x-remote-", b"x-forwarded-user", b"x-forwarded-email", b"x-auth-")
"""Beginnings of headers by which some programs say who somebody is. Nobody is believed."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOKING_UP = 4
"""So many look-ups at once; they have threads of their own, so that large files keep nobody waiting at the gate."""

FRESH = 1.0
"""Seconds for which a session that was good a moment ago is good for the files of the program, and for nothing else."""

MUST_CHANGE = Refusal("forbidden", "must_change", "初始密码还没有改", "请先在网页上改密码，再做别的")
FOREIGN = Refusal("forbidden", "foreign", "这个请求不是从本系统的页面发出的", "请回到本系统的页面再试一次")
UNPROVEN = Refusal("forbidden", "csrf", "页面放得太久，或者换过账号", "请刷新页面再试一次，已保存的内容都在")

NOBODY = Actor("", "", ())
"""Stands for whoever is connected while the store is away: they are not cut off, and there is nothing to be read."""

log = logging.getLogger("zhunsheng.people")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking, as of this request. `token` is the session's secret; empty when a program calls with its own."""

    actor: Actor
    token: str = field(repr=False)
    again: Callable[[], Actor | None] | None = field(default=None, repr=False)
    """Of a connection that stays open: looks up who is asking now, in the thread that calls it; None when it is over.

    Raises `Unavailable` while the store is away.
    """


def visitor_of(scope: Scope) -> Visitor | None:
    """Return who is asking, as the gate found out."""
    found: Visitor | None = scope.get("state", {}).get(VISITOR)
    return found


class Gate:
    """ASGI middleware."""

    def __init__(self, app: App, portal: Portal, keys: Keys) -> None:
        self.app, self.portal, self.keys = app, portal, keys
        self.sockets = Sockets(self._living)
        self._limiter: CapacityLimiter | None = None
        self._lately = dict[str, float]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope["headers"] = [one for one in scope["headers"] if not one[0].lower().startswith(CLAIMS)]
        scope.setdefault("state", {}).pop(VISITOR, None)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        try:
            answer = await self._answer(scope)
        except Unavailable as away:
            answer = refused(away.refusal)
        if answer is None:
            await self.app(scope, receive, send)
        else:
            await answer(scope, receive, send)

    # Requests -------------------------------------------------------------------------------------------------------

    async def _answer(self, scope: Scope) -> Response | None:
        """Return what to answer instead of letting a request in."""
        path = scope["path"]
        if paths.is_public(path):
            return None
        token = self.keys.session(scope)
        bearer = _bearer(scope) if paths.is_api(path) or path == paths.METRICS else ""
        if bearer:
            actor = await self._ask(partial(who_calls, self.portal, bearer))
            token = ""
        elif token and path.startswith(paths.SAME_FOR_ALL) and self._was_good(token):
            return None
        else:
            actor = await self._ask(partial(who_am_i, self.portal, token)) if token else SIGNED_OUT
        if isinstance(actor, Refusal):
            return self._turned_away(scope, actor)
        if token:
            self._lately[token] = time.monotonic() + FRESH
        scope["state"][VISITOR] = Visitor(actor, token)
        return self._forbidden(scope, actor, token)

    def _turned_away(self, scope: Scope, why: Refusal) -> Response:
        if _is_navigation(scope):
            query = scope.get("query_string", b"").decode("latin-1")
            return RedirectResponse(
                paths.sign_in_for(scope["path"], query), 303, headers={"cache-control": "no-store"}
            )
        return refused(why)

    def _forbidden(self, scope: Scope, actor: Actor, token: str) -> Response | None:
        """Return why somebody who is signed in may not do this."""
        path = scope["path"]
        if paths.is_closed(path):
            return plain(404)
        if token and scope["method"] not in SAFE:
            if not self.keys.is_ours(scope):
                return refused(FOREIGN)
            proof = dict(scope["headers"]).get(PROOF_HEADER, b"").decode("latin-1")
            if paths.is_api(path) and not self.keys.is_proven(token, proof):
                return refused(UNPROVEN)
        if actor.must_change and path not in (paths.PASSWORD, paths.SIGN_OUT, paths.SESSION):
            if _is_navigation(scope):
                return RedirectResponse(paths.PASSWORD, 303, headers={"cache-control": "no-store"})
            return refused(MUST_CHANGE)
        if path == paths.METRICS and not may(actor, "system.operate", Object()):
            return refused(FORBIDDEN)
        return None

    def _was_good(self, token: str) -> bool:
        now = time.monotonic()
        if len(self._lately) > 10_000:
            self._lately = {one: until for one, until in self._lately.items() if until > now}
        return self._lately.get(token, 0.0) > now

    # Connections ----------------------------------------------------------------------------------------------------

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = self.keys.session(scope)
        origin = dict(scope["headers"]).get(b"origin", b"")
        if not paths.is_closed(scope["path"]) and self.keys.is_own_origin(scope, origin):
            actor = await self._known(token) if token else None
            if actor is not None and not actor.must_change:
                scope["state"][VISITOR] = Visitor(actor, token, partial(self._now, token))
                async with self.sockets.open(token) as line:
                    await self._connected(line, scope, receive, send)
                return
        elif token:
            log.warning("socket_refused", extra={"about": "foreign origin"})
        await receive()  # the server wants its question heard before it takes an answer
        await send({"type": "websocket.close", "code": OVER})  # before it was accepted: the server says 403

    async def _connected(self, line: Line, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass messages on while the session lasts; each one is checked, also between two looks of the watch.

        Who says `ASKS_ITSELF` has each message checked by `Visitor.again`, in the thread that works on it.
        """
        closed = False

        async def sent(message: Message) -> None:
            nonlocal closed
            closed = closed or message["type"] == "websocket.close"
            if not line.over.is_set():
                await send(message)

        async def heard() -> Message:
            nonlocal closed
            message = await _first(receive, line)
            if message is not None and message["type"] == "websocket.receive":
                message = await self._checked(message, line, scope)
            if message is not None:
                return message
            if not closed:
                closed = True
                await send({"type": "websocket.close", "code": OVER, "reason": "signed out"})
            return {"type": "websocket.disconnect", "code": OVER}

        await self.app(scope, heard, sent)

    async def _checked(self, message: Message, line: Line, scope: Scope) -> Message | None:
        """Return a message with who is asking just now, or nothing when the session is over."""
        state = scope["state"]
        if state.get(ASKS_ITSELF):
            return message
        actor = await self._known(line.token, otherwise=NOBODY)
        if actor is None:
            line.over.set()
            return None
        if actor is not NOBODY:
            state[VISITOR] = replace(state[VISITOR], actor=actor)
        return message

    async def _known(self, token: str, otherwise: Actor | None = None) -> Actor | None:
        """Return who holds a session now, or `otherwise` while the store is away."""
        try:
            return await self._ask(partial(self._now, token))
        except Unavailable:
            return otherwise

    def _now(self, token: str) -> Actor | None:
        found = who_am_i(self.portal, token)
        return None if isinstance(found, Refusal) else found

    async def _living(self, tokens: Collection[str]) -> Collection[str]:
        try:
            return await self._ask(partial(alive, self.portal, tokens))
        except Unavailable:
            return tokens

    async def _ask(self, question: Callable[[], T]) -> T:
        if self._limiter is None:
            self._limiter = CapacityLimiter(LOOKING_UP)
        return await to_thread.run_sync(question, limiter=self._limiter)


async def _first(receive: Receive, line: Line) -> Message | None:
    """Return the next message, or nothing when the session is over before it comes."""
    if line.over.is_set():
        return None
    hearing = asyncio.ensure_future(receive())
    waiting = asyncio.ensure_future(line.over.wait())
    try:
        await asyncio.wait({hearing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        if not hearing.done():
            hearing.cancel()
    return None if line.over.is_set() else hearing.result()


def _bearer(scope: Scope) -> str:
    kind, _, token = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _is_navigation(scope: Scope) -> bool:
    """Whether a person's browser is asking for a page, and not a script for something."""
    headers = dict(scope["headers"])
    wanted = headers.get(b"sec-fetch-mode", b"navigate") == b"navigate"
    return wanted and scope["method"] in ("GET", "HEAD") and b"text/html" in headers.get(b"accept", b"")
