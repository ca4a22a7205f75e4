"""Every page there is: its file, its name, its address, and whose roles see it. A page still asks for itself who may."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from portal.policy import ROLES, Actor, Role
from portal.use_cases.home import Task

HERE = Path(__file__).parent

ANYBODY: frozenset[Role] = frozenset(ROLES)
SECRETARIAT: frozenset[Role] = frozenset({"secretariat"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in the navigation."""

    file: str
    title: str
    address: str
    """Below /; empty for the first page."""
    roles: frozenset[Role] = ANYBODY
    group: str = ""
    """The heading it stands under; empty for one of its own."""
    tasks: tuple[Task, ...] = ()
    """What waits for somebody (`home.py`) and is done here; the address gets `?assessment=` or `?round=`."""


MENU: tuple[Entry, ...] = (
    Entry("home.py", "待办", ""),
    Entry("fill.py", "填报", "fill", frozenset({"filler", "approver"}), tasks=("fill", "submit", "reply")),
    Entry(
        "result.py",
        "自评结果",
        "result",
        frozenset({"filler", "approver", "inspector", "secretariat", "observer"}),
    ),
    Entry("review.py", "评审", "review", frozenset({"inspector"}), tasks=("review", "decide")),
    Entry("onsite.py", "现场核查", "onsite", frozenset({"inspector"})),
    Entry("appeals.py", "异议", "appeals", frozenset({"filler", "approver"}), tasks=("contest",)),
    Entry("cohort.py", "统计", "cohort", frozenset({"secretariat", "observer"})),
    Entry("manage/rounds.py", "批次", "rounds", SECRETARIAT, "管理", ("remind",)),
    Entry(
        "manage/assign.py",
        "指派与推进",
        "assign",
        SECRETARIAT,
        "管理",
        ("assign", "start", "ask", "resume", "finish"),
    ),
    Entry(
        "manage/publish.py", "公布", "publish", SECRETARIAT, "管理", ("publicise", "assign_appeal", "grade")
    ),
    Entry("manage/users.py", "账号", "users", SECRETARIAT | {"administrator", "approver"}, "管理"),
    Entry("manage/trail.py", "审计日志", "trail", SECRETARIAT | {"approver"}, "管理"),
    Entry("standards/browse.py", "条款", "standards", group="标准"),
    Entry("standards/samples.py", "样例成绩", "samples", group="标准"),
)
"""In the order of the navigation; the first is where one arrives."""


def entries_for(who: Actor) -> tuple[Entry, ...]:
    """Return the pages that somebody sees; without a role only the first, which says so."""
    roles = {one.role for one in who.members}
    return tuple(one for one in MENU if one is MENU[0] or one.roles & roles)


def pages_for(who: Actor) -> dict[str, list[StreamlitPage]]:
    """Return the navigation of somebody."""
    found = dict[str, list[StreamlitPage]]()
    for one in entries_for(who):
        made = st.Page(HERE / one.file, title=one.title, url_path=one.address or None, default=one is MENU[0])
        found.setdefault(one.group, []).append(made)
    return found
