"""JSON as it is sent: strictly read, exactly kept, and every mistake told with its place."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from engine.outside import read_json
from portal.api.problems import Refused
from portal.refusal import Refusal


class StrictRequest(Request):
    """A request whose JSON has no second key of a name, no NaN, no float, no depth without end, no NUL."""

    async def json(self) -> Any:
        """Return the body; raises `Refused` with every place."""
        if not hasattr(self, "_json"):
            self._json = strict(await self.body())
        return self._json


def strict(text: bytes) -> Any:
    """Read the body of a request. Raises `Refused`: unlike a file, a request is taken whole or not at all."""
    document = read_json(text, "正文")
    if document.problems:
        errors = [{"where": str(one.place), "what": one.message} for one in document.problems[:50]]
        raise Refused(
            Refusal("invalid", "json", "正文不是合用的 JSON", "请按 errors 改正后再试", {"errors": errors})
        )
    if b"\\u0000" in text and _has_nul(document.data):
        raise Refused(Refusal("invalid", "nul", "文字里有不能保存的控制字符（NUL）", "请删去后再试"))
    return document.data


def _has_nul(data: Any) -> bool:
    if isinstance(data, dict):
        return any("\0" in key or _has_nul(value) for key, value in data.items())
    if isinstance(data, list):
        return any(map(_has_nul, data))
    return isinstance(data, str) and "\0" in data


def _says_json(request: Request) -> bool:
    """Whether a body is said to be JSON; of none at all nothing need be said."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not said and request.headers.get("content-length", "0") == "0":
        return "transfer-encoding" not in request.headers
    return said == "application/json" and "content-encoding" not in request.headers


class StrictRoute(APIRoute):
    """A route that reads its body strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, given a strict request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            if self.body_field is not None and not _says_json(request):
                raise HTTPException(415)
            return await handle(StrictRequest(request.scope, request.receive))

        return handle_strictly
