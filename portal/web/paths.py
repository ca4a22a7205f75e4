"""Every address by who may come: anybody, nobody, or whoever is signed in. What is named nowhere needs a session."""

from urllib.parse import quote, urlsplit

from portal.api.app import PREFIX

SIGN_IN, SIGN_OUT, PASSWORD, SESSION = "/sign-in", "/sign-out", "/password", "/session"
SSO, SSO_BACK = "/sso", "/sso/callback"
PUBLICITY, VERIFY = "/public", "/verify"
ASSETS = "/assets/"
METRICS = "/metrics"

PUBLIC = frozenset({SIGN_IN, SSO, SSO_BACK, PUBLICITY, VERIFY, "/livez", "/readyz", "/favicon.ico"})
"""Addresses for anybody, to the letter."""

PUBLIC_BELOW = (ASSETS, f"{PUBLICITY}/")
"""Beginnings of addresses for anybody: the sign-in's style and script, and what has been published."""

CLOSED = ("/_stcore/agent", "/_stcore/metrics", "/_stcore/script-health-check", "/auth/", "/oauth2callback")
"""What the pages' library brings and nobody here needs: its own sign-in, its figures, driving pages by program."""

SAME_FOR_ALL = ("/static/", "/_stcore/bidi-components/", "/component/")
"""Files of the program, not of anybody."""

HOME = "/"


def is_public(path: str) -> bool:
    """Whether anybody may ask for an address."""
    return path in PUBLIC or path.startswith(PUBLIC_BELOW)


def is_closed(path: str) -> bool:
    """Whether an address is nobody's."""
    return path.startswith(CLOSED)


def is_api(path: str) -> bool:
    """Whether an address belongs to the API."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def inside(said: str) -> str:
    """Return where to go after signing in: a page of ours as it was asked for, else the first one.

    Whatever a browser might take for another host, or for no page at all, leads home.
    """
    if not said.startswith("/") or said.startswith("//") or len(said) > 2000:
        return HOME
    if "\\" in said or any(not " " < one < "\x7f" for one in said):
        return HOME
    parts = urlsplit(said)
    if parts.scheme or parts.netloc or "//" in parts.path:
        return HOME
    path = parts.path
    if is_public(path) or is_api(path) or is_closed(path) or path in (SIGN_OUT, PASSWORD, SESSION):
        return HOME
    return said


def sign_in_for(path: str, query: str = "") -> str:
    """Return the address of the sign-in that leads back to a page."""
    wanted = quote(path, safe="/") + (f"?{query}" if query else "")
    back = inside(wanted)
    return SIGN_IN if back == HOME else f"{SIGN_IN}?next={quote(back, safe='/')}"
