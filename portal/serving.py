"""Serving the one ASGI application until told to stop."""

import errno
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from streamlit import App
from streamlit import logger as spoken

from portal.api.framing import Framing
from portal.logs import configure
from portal.metrics import Metrics
from portal.opening import Opened
from portal.refusal import Refusal
from portal.settings import LISTEN
from portal.web.shell import parts

BACKLOG = 2048
"""Connections that may wait to be taken."""

KEPT = 75
"""Seconds that a connection is kept without a request: a page that is open asks every few seconds, on the same one."""

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


def listening(host: str, port: int) -> socket.socket | Refusal:
    """Open the address to listen on, or say why it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    where = "ZHUNSHENG_LISTEN"
    try:
        door = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except PermissionError:
        what, next_ = f"没有权限监听 {port} 端口", f"请用 1024 以上的端口（{where}），前面放反向代理"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            what, next_ = f"{port} 端口已被另一个程序占用", f"请停下那个程序，或用 {where} 换一个端口"
        else:
            what, next_ = f"这台机器上没有 {host} 这个地址", f"请改 {where}，如 {LISTEN}"
    else:
        # Connections inherit it. asyncio would see to it only for a socket that was made with its protocol named,
        # and without it the second piece of an answer may wait 40 ms for the first to be acknowledged.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return door
    return Refusal("state", "not-listening", what, next_)


def serve(opened: Opened, started: Callable[[], None] = lambda: None) -> Refusal | None:
    """Serve until told to stop; requests under way are finished first. Say why not where it cannot begin."""
    settings = opened.settings
    door = listening(settings.host, settings.port)
    if isinstance(door, Refusal):
        return door
    configure(settings.log, settings.secrets)
    spoken.setup_formatter = passed_on
    spoken.update_formatter()
    server = uvicorn.Server(
        uvicorn.Config(
            application(opened),
            http=Framing,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=list(settings.proxies),
            timeout_keep_alive=KEPT,
            timeout_graceful_shutdown=GRACE,
            ws_max_size=64 << 20,
        )
    )
    # The server repeats the signal that stopped it once it is done; by then we still have a store to close.
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    with door, suppress(KeyboardInterrupt):
        started()
        server.run(sockets=[door])
    return None
