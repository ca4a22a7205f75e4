"""Who is clicking, as of this click, and the portal they click in. A page asks here each time and keeps neither."""

import secrets
from typing import NoReturn, TypeVar

import streamlit as st

from portal.policy import TITLES, Actor
from portal.portal import Portal
from portal.refusal import SIGNED_OUT, Refusal
from portal.use_cases.sign_in import who_am_i
from portal.web.here import here
from portal.web.keys import SESSION_COOKIES

T = TypeVar("T")

ICONS = {
    "busy": ":material/hourglass_empty:",
    "missing": ":material/search_off:",
    "signed_out": ":material/logout:",
}


def portal() -> Portal:
    """Return the portal."""
    return here()[0]


def actor() -> Actor:
    """Return who is clicking. What was taken from them a moment ago, they have no more; who is out sees no page."""
    found = who_am_i(portal(), token())
    if isinstance(found, Refusal):
        stop(found)
    if found.must_change:
        stop(SIGNED_OUT)  # the gate has sent them to change their password before they come here
    return found


def got(answer: T | Refusal) -> T:
    """Return what a use case answered, or show why not and end the page here."""
    if isinstance(answer, Refusal):
        stop(answer)
    return answer


def stop(refusal: Refusal) -> NoReturn:
    """Show a refusal in place of the page."""
    tell(refusal)
    st.stop()


def tell(refusal: Refusal) -> None:
    """Show a refusal beside what is there."""
    show = st.warning if refusal.kind in ("state", "conflict", "busy", "invalid") else st.error
    show(refusal.message, icon=ICONS.get(refusal.kind, ":material/block:"))


def proof() -> str:
    """Return what a form or a script of the page must bring to change something: `X-CSRF-Token`, or the field `proof`."""
    return here()[1].proof(token())


def operation(name: str) -> str:
    """Return the id of an operation, the same on every click until `done` says that it is over."""
    return str(st.session_state.setdefault(f"operation:{name}", secrets.token_hex(16)))


def done(name: str) -> None:
    """Say that an operation is over: what is asked for next is another one."""
    st.session_state.pop(f"operation:{name}", None)


def token() -> str:
    """Return the secret of the session; no page needs it, and none shows it."""
    cookies = st.context.cookies
    return next((cookies[name] for name in SESSION_COOKIES if name in cookies), "")


def is_demonstration() -> bool:
    """Whether everything here is invented."""
    return here()[2]


def titles(who: Actor) -> str:
    """Return somebody's roles in words."""
    return "、".join(dict.fromkeys(TITLES[one.role] for one in who.members)) or "还没有分配角色"
