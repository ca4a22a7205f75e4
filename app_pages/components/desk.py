"""What the pages of the secretariat have in common: the round they are about, their parts, and what a click came to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app_pages import session
from app_pages.components.words import html, plain
from portal.assessments import Round
from portal.once import derived_op
from portal.refusal import Refusal
from portal.use_cases.progress import list_round_states

CSS = Path(__file__).parent / "manage.css"


def dressed() -> None:
    """Bring the styles of these pages."""
    st.html(CSS)


def choose_round(key: str) -> Round:
    """Return the round that the page is about: the one in the address, else the newest that is running."""
    found = [one.round for one in session.got(list_round_states(session.portal(), session.actor()))]
    if not found:
        st.info("还没有批次。请先在“批次”页新建。", icon=":material/inbox:")
        st.stop()
    titles = distinct({one.id: f"{one.title}（{one.state}）" for one in found})
    running = next((one.id for one in found if one.state == "进行中"), found[0].id)
    wanted = st.query_params.get("round", "")
    first = wanted if wanted in titles else running
    picked = first
    if len(found) > 1:
        index = list(titles).index(first)
        picked = st.selectbox(
            "批次", list(titles), index, titles.__getitem__, key=f"{key}-round", filter_mode="contains"
        )
    st.query_params["round"] = picked
    return next(one for one in found if one.id == picked)


def choose_part(key: str, parts: Sequence[str]) -> str:
    """Return which part of the page is open; it stands in the address, so that it can be sent to a colleague."""
    wanted = st.query_params.get("part", "")
    first = wanted if wanted in parts else parts[0]
    picked = st.segmented_control(
        "这一页的各部分", parts, default=first, required=True, key=f"{key}-part", label_visibility="collapsed"
    )
    found = str(picked or first)
    st.query_params["part"] = found
    return found


def each(name: str, titles: Mapping[str, str], act: Callable[[str, str], Any]) -> tuple[str, ...]:
    """Do something to each of several things, each on its own with an operation id of its own; keep what came of it.

    `titles` are the things by their ids. What was refused is told by name with the reason, and the rest is done. Returns
    the ids of what was refused: what was typed for them is still wanted.
    """
    op_id = session.operation(name)
    done, refused = list[str](), dict[str, str]()
    for one, title in titles.items():
        answer = act(one, derived_op(op_id, one))
        if isinstance(answer, Refusal):
            refused[one] = answer.message
        else:
            done.append(title)
    session.done(name)
    came_to(name, done, [(titles[one], why) for one, why in refused.items()])
    return tuple(refused)


def came_to(name: str, done: Sequence[str], refused: Iterable[tuple[str, str]]) -> None:
    """Keep what a click came to until the page is shown next."""
    st.session_state[f"came-to:{name}"] = (tuple(done), tuple(refused))


def tell(name: str, what: str) -> None:
    """Show once what a click came to: how much was done, and what was not, with why."""
    done, refused = st.session_state.pop(f"came-to:{name}", ((), ()))
    with st.container():  # always there: what is below keeps its place, and an open expander stays open
        if done:
            some = "、".join(done[:3]) + (f" 等 {len(done)} 项" if len(done) > 3 else "")
            st.success(f"{what}：{plain(some)}", icon=":material/check:")
        if refused:
            lines = "\n".join(f"- {plain(who)}：{plain(why)}" for who, why in refused)
            st.warning(f"有 {len(refused)} 项没有办成：\n\n{lines}", icon=":material/block:")


def written(key: str) -> str:
    """Return what stands in a text box at the moment of a click.

    The arguments of a button are of the page as it was shown: whoever writes a reason and clicks at once is faster.
    """
    return str(st.session_state.get(key) or "")


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return some facts side by side."""
    told = "".join(f"<span><i>{html(name)}</i>{html(value)}</span>" for name, value in pairs)
    return f'<p class="zs-facts">{told}</p>'


def matches(text: str, *fields: str) -> bool:
    """Whether what was typed to look for is in one of some fields."""
    wanted = text.strip().casefold()
    return not wanted or any(wanted in one.casefold() for one in fields)


def in_file(*parts: str) -> str:
    """Return the name of a file, without what file systems do not take."""
    return "-".join("".join(one for one in part if one not in '\\/:*?"<>|') for part in parts)


def distinct(titles: Mapping[str, str]) -> dict[str, str]:
    """Return titles to choose from, by id; one that is there twice gets a number, for a choice is known by its words.

    So nothing that changes while somebody looks (a count, a load) stands in them either.
    """
    seen, found = dict[str, int](), dict[str, str]()
    for one, title in titles.items():
        seen[title] = seen.get(title, 0) + 1
        found[one] = title if seen[title] == 1 else f"{title}（{seen[title]}）"
    return found


def label(what: str, count: int, unit: str) -> str:
    """Return what a button does, and to how many where there are any."""
    return f"{what} {count} {unit}" if count else what
