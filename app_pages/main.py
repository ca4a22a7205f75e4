"""What every page stands in: who is here, the pages for their role, a word of warning in a demonstration."""

from html import escape
from pathlib import Path

import streamlit as st

from app_pages import session
from app_pages.menu import entries_for, pages_for
from portal.policy import Actor
from portal.web.paper import DEMONSTRATION

PARTS = Path(__file__).parent / "components"


def masthead(who: Actor) -> None:
    """Show who is signed in, with what roles, and the way out."""
    st.html(
        '<div class="zs-who">'
        f"<p><b>{escape(who.name)}</b><span>{escape(session.titles(who))}</span></p>"
        '<a href="/password" target="_self">改密码</a>'
        f'<form method="post" action="/sign-out"><input type="hidden" name="proof" value="{session.proof()}">'
        "<button>退出</button></form></div>"
    )
    if session.is_demonstration():
        st.html(f'<p class="zs-banner" role="note">{DEMONSTRATION}</p>')


def marked(who: Actor, address: str) -> str:
    """Return the style that marks the heading of the navigation under which a page stands; empty where it has none."""
    shown = entries_for(who)
    headings = [*dict.fromkeys(one.group for one in shown if one.group)]
    group = next(one.group for one in shown if one.address == address)
    if not group:
        return ""
    place = sum(not one.group for one in shown) + headings.index(group)
    heading = f'.rc-overflow-item[style*="order: {place};"] > [data-testid="stTopNavSection"]'
    return f"<style>{heading} {{ background: color-mix(in srgb, currentColor 10%, transparent); font-weight: 600; }}</style>"


st.set_page_config(page_title="准绳", page_icon=str(PARTS / "icon.svg"), layout="wide", menu_items={})
st.html(PARTS / "shell.css")
here = session.actor()
page = st.navigation(pages_for(here), position="top")
masthead(here)
if style := marked(here, page.url_path):
    st.html(style)
page.run()
