"""What waits for me, by deadline and state, with how far it is; nothing else."""

from collections.abc import Mapping
from html import escape
from itertools import groupby

import streamlit as st

from app_pages import session
from app_pages.components.tasks import WORDS
from app_pages.menu import entries_for
from portal.moment import shown
from portal.use_cases.home import Task, Waiting, read_home


def page() -> None:
    """Show the page."""
    who = session.actor()
    waiting = read_home(session.portal(), who)
    st.title("待办", anchor=False)
    if not who.members:
        st.info("您的账号还没有分配角色，请联系秘书处或本单位负责人。", icon=":material/info:")
    elif not waiting:
        st.info("现在没有等您办的事。", icon=":material/check:")
    where = {task: entry.address for entry in entries_for(who) for task in entry.tasks}
    for _, several in groupby(waiting, key=lambda one: one.until):
        tasks = list(several)
        st.html(deadline(tasks[0]) + "".join(line(one, address(one, where)) for one in tasks))


def address(one: Waiting, where: Mapping[Task, str]) -> str:
    """Return where a task is done; empty when there is no page for it."""
    if one.task not in where:
        return ""
    about = f"assessment={one.assessment}" if one.assessment else f"round={one.round}"
    return f"/{where[one.task]}?{about}"


def deadline(first: Waiting) -> str:
    """Return the heading of the tasks of one deadline."""
    if first.until is None:
        return '<h2 class="zs-until">没有期限</h2>'
    left = "今天" if first.days == 0 else f"还有 {first.days} 天"
    told = '<span class="zs-late">已过期</span>' if first.late else f"<small>{left}</small>"
    return f'<h2 class="zs-until"><time>{shown(first.until)}</time> 截止{told}</h2>'


def line(one: Waiting, href: str) -> str:
    """Return one task."""
    title, progress = WORDS[one.task]
    name = f'<a href="{href}" target="_self">{title}</a>' if href else title
    told = (
        progress.format(done=one.done, of=one.of, count=one.count) if one.of or "{of}" not in progress else ""
    )
    about = "　".join(filter(None, (one.university_title, one.round_title)))
    bar = (
        f'<progress max="{one.of}" value="{min(one.done, one.of)}" aria-hidden="true"></progress>'
        if one.of
        else ""
    )
    return (
        f'<article class="zs-task"><div><h3>{name}</h3><p>{escape(about)}</p></div>'
        f'<div class="zs-far"><p><span class="zs-state">{one.state}</span>{told}</p>{bar}</div></article>'
    )


page()
