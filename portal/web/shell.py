"""The one ASGI application, made once from what is opened: gate, sign-in, API, pages, and what runs beside them."""

import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from portal.api.app import PREFIX, create
from portal.chores import Chores
from portal.health import doctor_of
from portal.library import Rereading
from portal.metrics import CONTENT_TYPE, Metrics
from portal.opening import Opened
from portal.people.oidc import Client, Provider
from portal.settings import Settings
from portal.store.database import Unavailable
from portal.watch import Watched
from portal.web import modules, paths
from portal.web.doors import Doors
from portal.web.dress import Dressed, index
from portal.web.gate import Gate
from portal.web.here import serve_pages_of
from portal.web.keys import Keys
from portal.web.public import Windows

ASSETS = Path(__file__).parent / "assets"
SCRIPT = Path(__file__).parents[2] / "app_pages" / "main.py"
"""What the pages' library runs; it lies beside this package, wherever that is installed."""

BROKEN = "程序出了意外，这一页没能显示完整。这不是您的填报有问题，已保存的内容都在。请刷新页面；仍不行的，请把时间和页面告诉管理员。"

log = logging.getLogger("portal.pages")


def parts(opened: Opened, metrics: Metrics | None = None) -> dict[str, Any]:
    """Return what the application is made of: `streamlit.App(**parts(opened))`."""
    settings, portal = opened.settings, opened.portal
    keys = keys_of(settings)
    counted = metrics or Metrics()
    doctor = doctor_of(portal.database, portal.blobs)
    serve_pages_of(portal, keys, demonstration=settings.demonstration)
    configured(settings.rules)
    doors = Doors(portal, keys, client_of(settings), settings.demonstration)
    return {
        "script_path": SCRIPT,
        "routes": [
            *doors.routes,
            *Windows(portal, settings.demonstration).routes,
            Mount(PREFIX, create(portal)),
            Route(paths.METRICS, _metrics(counted)),
            *assets(),
        ],
        "middleware": [
            Middleware(Watched, doctor=doctor, metrics=counted, trusted=bool(settings.proxies)),
            Middleware(Dressed, page=index()),
            Middleware(Gate, portal=portal, keys=keys),
        ],
        "lifespan": lifespan(opened),
        "on_script_error": broke,
    }


def keys_of(settings: Settings) -> Keys:
    """Return how cookies and proofs are made; the secret is the same in every replica."""
    assert settings.secret is not None, "start-up refuses to go on without a secret"
    return Keys(settings.secret.open().encode(), settings.address)


def client_of(settings: Settings) -> Client | None:
    """Return the portal as a client of the single sign-on, where there is one."""
    if settings.sign_on is None:
        return None
    here = settings.address or f"http://{settings.host}:{settings.port}"
    one = settings.sign_on
    return Client(Provider(one.issuer, one.client, f"{here}{paths.SSO_BACK}", one.secret.open()))


def configured(root: Path) -> None:
    """Let the pages' library find `.streamlit/config.toml` beside the rules, whatever folder we were started in."""
    from streamlit import config  # noqa: PLC0415  slow to import

    if config._main_script_path is None:  # noqa: SLF001  there is no public way to say where the file is
        config._main_script_path = str(root / "app.py")  # noqa: SLF001


LOOKED_THROUGH = 5_000, 5, 100
"""After how many new objects the interpreter looks for what nobody holds any more; as it comes, that takes a third of
the time of 300 people's pages.
"""


def lifespan(opened: Opened) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Return what runs from start to end: the chores, and reading the rules again when they change."""

    @asynccontextmanager
    async def run(_app: Any) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # what is there now stays: looking through it again and again would take most of the time
        gc.set_threshold(*LOOKED_THROUGH)
        rules = Rereading(opened.shelf) if opened.shelf is not None else nullcontext()
        with Chores(opened.portal), rules:
            yield

    return run


def assets() -> list[BaseRoute]:
    """Return the routes of the files that the sign-in and the pages need."""
    found: list[BaseRoute] = [
        Route(f"{paths.ASSETS}{one.name}", _file(one), methods=["GET"]) for one in sorted(ASSETS.iterdir())
    ]
    return [*found, *modules.routes(), Route("/favicon.ico", _file(ASSETS / "icon.svg"), methods=["GET"])]


def _file(path: Path) -> Callable[[Request], Any]:
    async def answer(_request: Request) -> Response:
        return FileResponse(path, headers={"cache-control": "no-cache"})

    return answer


def _metrics(metrics: Metrics) -> Callable[[Request], Any]:
    async def answer(_request: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE, headers={"cache-control": "no-store"})

    return answer


def broke(error: Exception) -> bool:
    """Say that a page broke, or that the store is away, in words for a person; the log keeps the trace."""
    import streamlit as st  # noqa: PLC0415  slow to import

    if isinstance(error, Unavailable):
        st.warning(error.refusal.message, icon=":material/hourglass_empty:")
    else:
        log.error("a page broke", exc_info=error)
        st.error(BROKEN, icon=":material/error:")
    return True
