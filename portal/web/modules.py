"""The modules of the pages, under an address that changes when they do: a browser fetches each once and never asks again."""

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.web import paths

COMPONENTS = Path(__file__).parents[2] / "app_pages" / "components"

MODULES = ("shared", "fill", "review", "onsite")
"""Folders of the pages that are made of modules in the browser, and of what they share."""

FOR_EVER = b"public, max-age=31536000, immutable"


@lru_cache(maxsize=1)
def address() -> str:
    """Return where the modules are; it is another one when any of them is."""
    found = hashlib.sha256()
    for name in MODULES:
        for path in sorted((COMPONENTS / name).glob("*.js")):
            found.update(f"{name}/{path.name}\0".encode() + path.read_bytes() + b"\0")
    return f"{paths.ASSETS}{found.hexdigest()[:16]}"


def routes() -> list[BaseRoute]:
    """Return the routes of the modules."""
    return [Mount(f"{address()}/{name}", _kept(StaticFiles(directory=COMPONENTS / name))) for name in MODULES]


def _kept(files: ASGIApp) -> ASGIApp:
    """Let a browser keep what it got."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message["headers"] = [*message["headers"], (b"cache-control", FOR_EVER)]
            await send(message)

        await files(scope, receive, sent)

    return answer
