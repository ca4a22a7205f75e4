"""What every answer of the pages wears: security headers, and around the pages' library a page in Chinese.

The library comes with an English page and English words. We send a page of our own around its program: `lang`, title,
icon, a word for who has no JavaScript, and a script that puts Chinese in place of its words. Nothing is fetched from
elsewhere.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from portal.web.keys import Scope

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ALLOWED = {
    "default-src": "'self'",
    # Vega makes functions of its expressions; components are modules that the library puts together in the browser
    "script-src": "'self' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",  # the library writes its styles while it runs
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob: data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
POLICY = "; ".join(f"{what} {sources}" for what, sources in ALLOWED.items())

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=(), usb=()"),
)

CUT = (
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(
        r"<script>.*?</script>", re.DOTALL
    ),  # the one inline script only sets a mark for search engines
    re.compile(r"<title>.*?</title>", re.DOTALL),
    re.compile(r"<noscript>.*?</noscript>", re.DOTALL),
    re.compile(r"<link\s[^>]*rel=\"(?:shortcut icon|service-desc|preload)\"[^>]*>", re.DOTALL),
    re.compile(r"\n\s*(?=\n)"),
)
"""What we leave out of the library's page."""

HEAD = """<title>准绳</title>
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
    <meta name="color-scheme" content="light dark" />
    <script src="/assets/shell.js"></script>
  </head>"""

BODY = """<body>
    <noscript><p>填报和评审的页面要用到 JavaScript。请在浏览器设置里允许本站使用，再刷新这一页。</p></noscript>"""


def chinese(page: str) -> str:
    """Return the library's page as ours."""
    for one in CUT:
        page = one.sub("", page)
    page = page.replace('<html lang="en">', '<html lang="zh-CN">').replace("./static/", "/static/")
    return page.replace("</head>", HEAD).replace("<body>", BODY).lstrip()


def index() -> bytes:
    """Read the library's page and return ours."""
    import streamlit  # noqa: PLC0415  slow to import

    return chinese((Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")).encode()


class Dressed:
    """ASGI middleware. An answer that brings a policy of its own is left as it is."""

    def __init__(self, app: App, page: bytes) -> None:
        self.app, self.page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        replaced = False

        async def sent(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                own = {name.lower() for name, _ in headers}
                if b"content-security-policy" not in own:
                    replaced = message["status"] == 200 and _is_page(headers)
                    headers = self._ours(headers) if replaced else headers
                    headers += [one for one in HEADERS if one[0] not in own]
                    message = {**message, "headers": headers}
            elif message["type"] == "http.response.body" and replaced:
                if message.get("more_body"):
                    return
                body = b"" if scope["method"] == "HEAD" else self.page
                message = {"type": "http.response.body", "body": body}
            await send(message)

        await self.app(scope, receive, sent)

    def _ours(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        theirs = {
            b"content-length",
            b"content-encoding",
            b"etag",
            b"last-modified",
            b"cache-control",
            b"accept-ranges",
        }
        return [
            *(one for one in headers if one[0].lower() not in theirs),
            (b"content-length", str(len(self.page)).encode()),
            (b"cache-control", b"no-store"),
        ]


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)
