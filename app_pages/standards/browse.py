"""The standards to read: each edition with its tree and search, each indicator whole, what changed, what is wrong."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import streamlit as st

from app_pages import session
from app_pages.components import standard_parts as parts
from app_pages.components.words import html, plain
from portal.moment import shown
from portal.policy import Actor
from portal.portal import Portal
from portal.refusal import Refusal
from portal.use_cases.standards import (
    Standard,
    compare_editions,
    list_standards,
    read_item,
    read_problems,
    read_standard,
)

HERE = Path(__file__).parents[1] / "components"
VIEWS = ("目录", "等级与通则", "变更", "与另一版比")
MOST = 60
"""Items of a search that are listed."""


def page() -> None:
    """Show the page."""
    who, portal = session.actor(), session.portal()
    for style in ("figures.css", "standards.css"):
        st.html(HERE / style)
    st.title("标准", anchor=False)
    troubles(portal, who)
    every = list_standards(portal, who)
    if not every:
        st.info("还没有可用的标准。", icon=":material/info:")
        return
    chosen = edition_of(every)
    told = session.got(read_standard(portal, who, chosen.standard, chosen.edition))
    wanted = st.query_params.get("item", "")
    listed = list(parts.places(told))
    place = next((index for index, one in enumerate(listed) if one.item["id"] == wanted), None)
    if place is not None:
        item(portal, who, chosen, told, listed, place)
        return
    about(told)
    view = st.segmented_control("看什么", VIEWS, default=VIEWS[0], required=True, key="standard-view")
    if view == "等级与通则":
        st.html(f'<div class="zs-item">{parts.grades(told)}<h4>依据</h4>{parts.basis(told["basis"])}</div>')
    elif view == "变更":
        said = parts.history(told) or "<p>这一版没有写变更。</p>"
        st.html(f'<div class="zs-item">{said}</div>')
    elif view == "与另一版比":
        beside(portal, who, every, chosen)
    else:
        contents(told)


def troubles(portal: Portal, who: Actor) -> None:
    """Tell those who run it why the files of the rules are not what is served."""
    found = read_problems(portal, who)
    if isinstance(found, Refusal) or found.since is None:
        return
    count = f"有 {len(found.wrong)} 处错误" if found.wrong else "没有错误，但不能采用"
    st.error(
        f"规则文件{count}，{shown(found.since)} 起没有采用；现在用的仍是之前的规则，评定不受影响。",
        icon=":material/error:",
    )
    with st.expander("哪里有问题", expanded=True, key="standard-problems"):
        rows = "".join(
            f"<li><code>{html(one.where)}</code><br>{html(one.message)}</li>" for one in found.wrong
        )
        st.html(f'<div class="zs-item"><ul>{rows}</ul><p>{html(found.message or "")}</p></div>')


def edition_of(every: Sequence[Standard]) -> Standard:
    """Return the edition that is read."""
    named = {f"{one.standard}/{one.edition}": one for one in every}
    wanted = st.query_params.get("standard", "")
    index = list(named).index(wanted) if wanted in named else 0
    chosen = st.selectbox(
        "标准和版",
        list(named),
        index,
        lambda one: f"{named[one].title}（{named[one].edition}，{named[one].status}）",
        key="standard-edition",
        on_change=go,
        args=(None,),
    )
    st.query_params["standard"] = chosen
    return named[chosen]


def about(told: Mapping[str, Any]) -> None:
    """Say what the edition is."""
    if told["disclaimer"]:
        st.caption(plain(told["disclaimer"]))
    count = sum(1 for one in parts.places(told) if one.item["kind"] == "indicator")
    said = (
        f"逐个{told['per']}评定",
        f"总分 {told['total']}",
        f"{count} 个指标",
        f"{len(told['questions'])} 个问题",
        f"内容指纹 {told['hash'][:12]}",
    )
    st.caption(plain("　".join(said)))


# The contents -----------------------------------------------------------------------------------------------------


def contents(told: Mapping[str, Any]) -> None:
    """Show the search, and what it finds or the whole tree."""
    wanted = st.text_input(
        "查找", key="standard-search", placeholder="几个字，或指标、事实的编号", live="500ms", max_chars=60
    )
    if wanted.strip():
        hits = parts.found(told, wanted)
        st.caption(f"找到 {len(hits)} 项" + (f"，列出前 {MOST} 项" if len(hits) > MOST else ""))
        if not hits:
            st.info("没有这样的指标。可以少写几个字，或换一个说法。", icon=":material/search_off:")
        listing(hits[:MOST])
        return
    for section in told["sections"]:
        mine = list(parts.places({"sections": [section]}))
        if not mine:
            continue
        points = f"　{section['points']} 分" if section["points"] is not None else ""
        box = st.expander(
            f"{plain(section['title'])}{points}　{len(mine)} 项",
            key=f"standard-section-{section['id']}",
            on_change="rerun",
        )
        if box.open:
            with box:
                listing(mine)


def listing(items: Sequence[parts.Place]) -> None:
    """List items under their headings; each opens its page."""
    for group, several in groupby(items, key=lambda one: one.group):
        if group:
            st.markdown(f"**{plain(group)}**")
        with st.container(gap=None):
            for one in several:
                name = one.item["id"]
                st.button(plain(one.name), key=f"item-{name}", type="tertiary", on_click=go, args=(name,))


def go(name: str | None) -> None:
    """Go to an item, or back to the contents."""
    if name is None:
        st.query_params.pop("item", None)
    else:
        st.query_params["item"] = name


# One item ---------------------------------------------------------------------------------------------------------


def item(
    portal: Portal,
    who: Actor,
    chosen: Standard,
    told: Mapping[str, Any],
    listed: Sequence[parts.Place],
    index: int,
) -> None:
    """Show one indicator or veto whole."""
    one = listed[index]
    found = session.got(read_item(portal, who, chosen.standard, chosen.edition, one.item["id"]))
    steps(listed, index)
    st.header(plain(one.item["title"]), anchor=False)
    points = f"{one.item['points']} 分" if one.item["kind"] == "indicator" else one.item["effect"]
    where = " · ".join(filter(None, (one.section, one.group)))
    key = "<span>★ 关键项</span>" if one.item.get("key") else ""
    per = f"<span>评定对象：{html(one.item['per'])}</span>" if one.item.get("per") else ""
    st.html(
        f'<p class="zs-headline"><b>{html(points)}</b><span>{html(where)}</span>{key}{per}'
        f"<code>{html(one.item['id'])}</code></p>"
    )
    block("怎样计分" if one.item["kind"] == "indicator" else "怎样判断", parts.rule(one.item))
    if found["tables"]:
        block("判定表", "".join(map(parts.decision, found["tables"])))
    for title, text in (("失分怎么办", one.item["fix"]), ("说明", one.item["note"])):
        if text:
            block(title, f"<p>{html(text)}</p>")
    block("依据", parts.basis(one.item["basis"]))
    if found["examples"]:
        block("例子", parts.examples(found["examples"]))
    if one.item["facts"]:
        block("要填的", parts.questions(one.item["facts"], told))


def block(title: str, body: str) -> None:
    """Show a part of the page under its heading."""
    st.subheader(title, anchor=False)
    st.html(f'<div class="zs-item">{body}</div>')


def steps(listed: Sequence[parts.Place], index: int) -> None:
    """Offer the way back, and to the neighbours."""
    with st.container(horizontal=True):
        st.button("目录", key="standard-back", icon=":material/arrow_back:", on_click=go, args=(None,))
        for name, to in (("上一项", index - 1), ("下一项", index + 1)):
            there = 0 <= to < len(listed)
            target = listed[to].item["id"] if there else None
            st.button(name, key=f"standard-{name}", on_click=go, args=(target,), disabled=not there)


# Two editions -----------------------------------------------------------------------------------------------------


def beside(portal: Portal, who: Actor, every: Sequence[Standard], chosen: Standard) -> None:
    """Show what this edition changed since another one."""
    others = [
        one.edition for one in every if one.standard == chosen.standard and one.edition != chosen.edition
    ]
    if not others:
        st.info("这套标准现在只有这一版。有了下一版以后，可以在这里逐项比较。", icon=":material/difference:")
        return
    since = st.selectbox("从哪一版起", others, key="standard-since")
    found = session.got(compare_editions(portal, who, chosen.standard, chosen.edition, since))
    if not found:
        st.info("两版读起来完全一样。", icon=":material/check:")
        return
    for sort, several in groupby(found, key=lambda one: one.sort):
        mine = list(several)
        with st.expander(f"{parts.SORTS[sort]}　{len(mine)} 处", expanded=True, key=f"compare-{sort}"):
            st.html("".join(map(parts.change, mine)))


page()
