"""The one ASGI application: the pages, the API beside them, health and metrics around both, and the daily chores."""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Self

import uvicorn
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.routing import Mount

from portal.api.app import PREFIX, create
from portal.checkpoint import Checkpoint, due
from portal.evidence.orphans import tidy
from portal.health import doctor_of
from portal.logs import configure, logger
from portal.metrics import Metrics
from portal.opening import Opened
from portal.people.sweep import sweep
from portal.portal import Portal
from portal.store.database import Unavailable
from portal.use_cases import uploads
from portal.watch import App, Watched

EVERY = 600.0
"""Seconds between chores."""

TIDY = timedelta(days=1)
"""Between looks at all content for what no row names."""

GRACE = 10
"""Seconds that requests under way get to end when the server is told to stop."""


def application(opened: Opened, metrics: Metrics | None = None) -> Watched:
    """Return the application of a portal."""
    api = Mount(PREFIX, create(opened.portal))
    script = opened.settings.rules / "app.py"
    inner: App = _pages(script, api) if script.exists() else Starlette(routes=[api])
    doctor = doctor_of(opened.portal.database, opened.portal.blobs)
    return Watched(inner, doctor, metrics or Metrics(), trusted=bool(opened.settings.proxies))


def _pages(script: Path, api: Mount) -> App:
    # They take a second to import, and a server of the API needs none of it.
    from streamlit import logger as spoken  # noqa: PLC0415
    from streamlit.starlette import App as Pages  # noqa: PLC0415

    spoken.setup_formatter = passed_on
    spoken.update_formatter()
    found: App = Pages(script, routes=[api])
    return found


def passed_on(logger: logging.Logger) -> None:
    """Let what the pages' library logs go our way: it would print lines of its own, and its server's as well."""
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
    logger.propagate = True


class Chores:
    """What has to be done now and then: sweeping, and a checkpoint a day. Each replica does it; twice does no harm."""

    def __init__(self, portal: Portal, every: float = EVERY) -> None:
        self.portal, self.every = portal, every
        self.log = logger(__name__)
        self._end = threading.Event()
        self._tidy = portal.clock()
        self._thread = threading.Thread(target=self._run, name="zhunsheng-chores", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(GRACE)

    def _run(self) -> None:
        while not self._end.wait(self.every):
            self.once()

    def once(self) -> None:
        """Do all chores; one that fails is logged and stops no other."""
        for name, chore in (
            ("people", self._people),
            ("evidence", self._evidence),
            ("orphans", self._orphans),
            ("checkpoint", self._mark),
        ):
            try:
                found = chore()
            except Unavailable:
                self.log.warning("chore put off", chore=name)
            except Exception as error:  # the portal must go on serving
                self.log.exception("chore failed", chore=name, error=type(error).__name__)
            else:
                if found:
                    self.log.info("chore done", chore=name, count=found)

    def _people(self) -> int:
        now = self.portal.clock()
        return self.portal.database.write(lambda connection: sweep(connection, now))

    def _evidence(self) -> int:
        return uploads.sweep(self.portal)

    def _orphans(self) -> int:
        now = self.portal.clock()
        if now < self._tidy:
            return 0
        self._tidy = now + TIDY
        return tidy(self.portal)

    def _mark(self) -> int:
        def work(connection: Connection) -> int:
            return int(
                due(connection, self.portal.at()) and isinstance(self.portal.mark(connection), Checkpoint)
            )

        return self.portal.database.write(work)


def serve(opened: Opened, started: Callable[[], None] = lambda: None) -> None:
    """Serve until told to stop; requests under way are finished first."""
    settings = opened.settings
    configure(settings.log, settings.secrets)
    server = uvicorn.Server(
        uvicorn.Config(
            application(opened),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=list(settings.proxies),
            timeout_graceful_shutdown=GRACE,
            ws_max_size=64 << 20,
        )
    )
    # The server repeats the signal that stopped it once it is done; by then we still have a store to close.
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    with Chores(opened.portal):
        started()
        with suppress(KeyboardInterrupt):
            server.run()
