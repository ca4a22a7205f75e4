"""Serving the one ASGI application until told to stop."""

import logging
import signal
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from streamlit import App
from streamlit import logger as spoken

from portal.api.framing import Framing
from portal.logs import configure
from portal.metrics import Metrics
from portal.opening import Opened
from portal.web.shell import parts

GRACE = 10
"""Seconds that requests under way get to end when the server is told to stop."""


def application(opened: Opened, metrics: Metrics | None = None) -> App:
    """Return the application of a portal: the same that `app.py` makes for other servers."""
    return App(**parts(opened, metrics))


def passed_on(logger: logging.Logger) -> None:
    """Let what the pages' library logs go our way: it would print lines of its own, and its server's as well."""
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
    logger.propagate = True


def serve(opened: Opened, started: Callable[[], None] = lambda: None) -> None:
    """Serve until told to stop; requests under way are finished first."""
    settings = opened.settings
    configure(settings.log, settings.secrets)
    spoken.setup_formatter = passed_on
    spoken.update_formatter()
    server = uvicorn.Server(
        uvicorn.Config(
            application(opened),
            http=Framing,
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
    started()
    with suppress(KeyboardInterrupt):
        server.run()
