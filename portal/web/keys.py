"""Cookies and the proofs that go with forms: what a browser holds, and how we know that a request is meant.

The session's secret lies in a cookie that scripts cannot read. A form, or a request that changes something, carries a
proof derived from it; who can send the cookie without being able to read our pages does not know the proof.
"""

import hashlib
import hmac
import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from starlette.responses import Response

Scope = MutableMapping[str, Any]

PROOF_HEADER = b"x-csrf-token"
"""Where a request that changes something brings its proof."""

SESSION = "zs_session"
SESSION_COOKIES = (f"__Host-{SESSION}", SESSION)
"""Names of the cookie that holds a session, the safer first."""

PROOF_COOKIE = "zs_proof"
"""Where the scripts of our pages find the proof; it opens nothing by itself."""


@dataclass(frozen=True, slots=True)
class Keys:
    """How cookies are named and proofs are made; `address` is the portal's own, as people know it."""

    secret: bytes = field(repr=False)
    address: str = ""

    def is_safe(self, scope: Scope) -> bool:
        """Whether the browser came by HTTPS, as far as we or a trusted proxy know."""
        return self.address.startswith("https://") or scope["scheme"] in ("https", "wss")

    def name(self, scope: Scope, name: str) -> str:
        """Return a cookie's name: over HTTPS in the form that no neighbouring host can set."""
        return f"__Host-{name}" if self.is_safe(scope) else name

    def read(self, scope: Scope, name: str) -> str:
        """Return a cookie, or nothing."""
        return cookies_of(scope).get(self.name(scope, name), "")

    def session(self, scope: Scope) -> str:
        """Return the secret of the browser's session, or nothing."""
        return self.read(scope, SESSION)

    def proof(self, token: str) -> str:
        """Return the proof that belongs to a session, or to a form before there is one."""
        return hmac.new(self.secret, b"zs-proof\0" + token.encode(), hashlib.sha256).hexdigest()

    def is_proven(self, token: str, proof: str) -> bool:
        """Whether a proof belongs to a session or a form."""
        return bool(token) and hmac.compare_digest(self.proof(token).encode(), proof.encode())

    def is_ours(self, scope: Scope) -> bool:
        """Whether a request comes from our own pages, or from no page at all, as far as the browser says."""
        headers = dict(scope["headers"])
        if headers.get(b"sec-fetch-site", b"none") not in (b"same-origin", b"none"):
            return False
        origin = headers.get(b"origin")
        return origin is None or self.is_own_origin(scope, origin)

    def is_own_origin(self, scope: Scope, origin: bytes) -> bool:
        """Whether an origin is the portal's own."""
        said = origin.decode("latin-1").lower()
        if self.address:
            own = urlsplit(self.address.lower())
            return said == f"{own.scheme}://{own.netloc}"
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
        return bool(host) and said in (f"http://{host}", f"https://{host}")

    # What is sent ---------------------------------------------------------------------------------------------------

    def put(
        self, scope: Scope, response: Response, name: str, value: str, *, seconds: int | None = None
    ) -> None:
        """Set a cookie that only we read; without a time it goes when the browser is closed."""
        response.set_cookie(
            self.name(scope, name),
            value,
            max_age=seconds,
            path="/",
            secure=self.is_safe(scope),
            httponly=True,
            samesite="lax",
        )

    def drop(self, scope: Scope, response: Response, name: str) -> None:
        """Take a cookie back."""
        response.delete_cookie(
            self.name(scope, name), path="/", secure=self.is_safe(scope), httponly=True, samesite="lax"
        )

    def admit(self, scope: Scope, response: Response, token: str) -> None:
        """Give the browser its session and the proof that goes with it."""
        self.put(scope, response, SESSION, token)
        response.set_cookie(
            PROOF_COOKIE, self.proof(token), path="/", secure=self.is_safe(scope), samesite="strict"
        )

    def dismiss(self, scope: Scope, response: Response) -> None:
        """Take the session back from the browser."""
        self.drop(scope, response, SESSION)
        response.delete_cookie(PROOF_COOKIE, path="/", secure=self.is_safe(scope), samesite="strict")


def cookies_of(scope: Scope) -> dict[str, str]:
    """Return what the browser sent."""
    found = dict[str, str]()
    for name, value in scope["headers"]:
        if name == b"cookie":
            found |= cookie_parser(value.decode("latin-1"))
    return found


def new_form() -> str:
    """Return the secret of a form that is shown before anybody is signed in."""
    return secrets.token_urlsafe(24)
