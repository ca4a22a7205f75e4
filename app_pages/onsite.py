"""On site: what is to be looked at, place by place, a component that works without a connection."""

import streamlit as st

from app_pages import session
from app_pages.components.modules import made_of
from portal.api.app import PREFIX

trip = made_of("onsite")


def page() -> None:
    """Show the page."""
    who = session.actor()
    st.title("现场核查", anchor=False)
    trip(data={"base": PREFIX, "account": who.id}, key="onsite-trip")


page()
