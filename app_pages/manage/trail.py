"""The trail of one university in one round: who did what and when, by heading, words and days, and as a file."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import streamlit as st

from app_pages import session
from app_pages.components import desk
from app_pages.components.states import when
from app_pages.components.tables import csv_of, table
from app_pages.components.words import html
from portal.moment import shown
from portal.refusal import Refusal
from portal.trail_words import GROUPS
from portal.use_cases.trail_search import MOST, Found, Said, Trail, list_trails, search_trail
from portal.use_cases.trails import newest_checkpoint

PAGE = 100
"""Lines that are shown at once; more on request."""

HEAD = ("时间", "谁", "做了什么", "内容", "序号和指纹")


def page() -> None:
    """Show the page."""
    desk.dressed()
    st.title("审计日志", anchor=False)
    found = list_trails(session.portal(), session.actor())
    if not found:
        st.info(
            "没有您能看的审计日志。秘书处在学校提交以后可以看，单位负责人可以看本校的。",
            icon=":material/inbox:",
        )
        return
    one = choose(found)
    left, middle, right = st.columns([2, 3, 3], vertical_alignment="bottom")
    group = (
        left.selectbox(
            "类别", list(GROUPS), None, key="trail-group", placeholder="全部", filter_mode="contains"
        )
        or ""
    )
    text = middle.text_input(
        "查找", key="trail-text", type="search", placeholder="姓名、指标、文件名……", live="500ms"
    )
    days = right.date_input("日期", [], key="trail-days")
    since, until = _days(days)
    look = partial(
        search_trail,
        session.portal(),
        session.actor(),
        one.assessment,
        group=group,
        text=text or "",
        since=since,
        until=until,
    )
    limit = int(st.session_state.get(f"trail-limit-{one.assessment}", PAGE))
    answer = session.got(look(limit=limit))
    st.caption(f"这份日志共 {one.lines} 行，只增不改，行行相扣。下面最新的在最上面；不该您看的行不列出。")
    if not answer.lines:
        st.info("没有符合条件的记录。", icon=":material/search_off:")
        return
    st.html(table(HEAD, [line(said) for said in answer.lines], "审计日志", wide=2))
    left, right = st.columns(2)
    if answer.before is not None:
        left.button(
            f"再看 {PAGE} 行",
            key="trail-more",
            on_click=_more,
            args=(one.assessment, limit),
            icon=":material/expand_more:",
        )
    export(right, one, look)
    checkpoint()


def choose(found: Sequence[Trail]) -> Trail:
    """Return the assessment whose trail is shown."""
    titles = desk.distinct({one.assessment: f"{one.university_title}　{one.round_title}" for one in found})
    wanted = st.query_params.get("assessment", "")
    first = wanted if wanted in titles else next(iter(titles))
    if len(titles) > 1:
        index = list(titles).index(first)
        first = st.selectbox(
            "学校和批次", list(titles), index, titles.__getitem__, key="trail-which", filter_mode="contains"
        )
    st.query_params["assessment"] = first
    return next(one for one in found if one.assessment == first)


def _days(picked: object) -> tuple[str, str]:
    days = [one.isoformat() for one in picked if isinstance(one, date)] if isinstance(picked, tuple) else []
    return (days[0], days[-1]) if days else ("", "")


def _more(assessment: str, limit: int) -> None:
    st.session_state[f"trail-limit-{assessment}"] = limit + PAGE


def line(one: Said) -> tuple[str, ...]:
    """Return one line as cells."""
    told = "<br>".join(f"<small>{html(name)}</small> {html(value)}" for name, value in one.told)
    return (
        when(one.at),
        html(one.who),
        html(one.title),
        told or "—",
        f'{one.place} <span class="zs-hash">{one.hash[:12]}…</span>',
    )


def export(
    where: st.delta_generator.DeltaGenerator, one: Trail, look: Callable[..., Found | Refusal]
) -> None:
    """Offer all lines that fit as a file; it is made when asked for."""
    if not where.button("准备下载全部", key="trail-export", icon=":material/download:"):
        return
    answer = look(limit=MOST)
    if isinstance(answer, Refusal):
        session.tell(answer)
        return
    rows = [
        (
            said.place,
            shown(said.at),
            said.who,
            said.title,
            "；".join(f"{name}：{value}" for name, value in said.told),
            said.action,
            said.hash,
        )
        for said in answer.lines
    ]
    where.download_button(
        f"下载 {len(rows)} 行（CSV）",
        csv_of(("序号", "时间", "谁", "做了什么", "内容", "动作代码", "指纹"), rows),
        desk.in_file(one.round_title, one.university_title, "审计日志.csv"),
        "text/csv",
        key="trail-file",
        on_click="ignore",
    )


def checkpoint() -> None:
    """Offer the newest signed checkpoint, to be kept somewhere else."""
    head = newest_checkpoint(session.portal())
    if isinstance(head, Refusal):
        return
    with st.expander("最新的签名检查点"):
        st.caption("把它存在别处，以后就能查出日志有没有被改写。")
        st.code(head.checkpoint, language=None, wrap_lines=True)


page()
