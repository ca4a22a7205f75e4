"""A real server for tests where the wire matters: uvicorn on a free port of this machine, and requests byte by byte."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator

import uvicorn

from portal.api.framing import Framing

SOON = 90
"""Seconds after which a server that does not answer has failed the test."""


@contextlib.contextmanager
def served(app) -> Iterator[int]:
    """Serve an application as the portal does, and return its port."""
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, http=Framing, log_config=None, access_log=False, server_header=False, lifespan="off"
        )
    )
    ready = threading.Event()
    startup = server.startup

    async def started(sockets=None):
        await startup(sockets)
        ready.set()

    server.startup = started
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    assert ready.wait(SOON)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        running.join(SOON)


def raw(port: int, sent: bytes, *, end: bool = True) -> bytes:
    """Send bytes as they are, say that no more will come unless told otherwise, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=SOON) as line:
        line.sendall(sent)
        if end:
            line.shutdown(socket.SHUT_WR)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := line.recv(1 << 16):
                found += piece
        return found


def ask(port: int, method: str, path: str, token: str, body: bytes = b"", **headers: str):
    """Ask over a fresh connection; return the status, the headers and the body, or raise what the client sees."""
    told = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON)
    try:
        line.request(method, path, body or None, told)
        answer = line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        line.close()
