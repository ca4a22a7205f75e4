"""Where universities stand: the colour of each state, a bar of all of them with its numbers in words, a mark for one."""

from collections.abc import Mapping

from app_pages.components.tables import NOTHING
from app_pages.components.words import html
from portal.moment import shown
from portal.policy import State

COLOURS: Mapping[State, str] = {
    "草稿": "#c4ccc6",
    "填报中": "#9fb3ac",
    "已提交": "#a8d5cc",
    "评审中": "#6fb5a7",
    "补充材料": "#d9a45c",
    "评审完成": "#2f8576",
    "公示": "#1f5f57",
    "复核": "#b06a2c",
    "定级": "#174a44",
    "归档": "#5f6f6b",
}


def bar(states: Mapping[State, int], *, legend: bool = True) -> str:
    """Return how many are in each state, as a bar and in words."""
    there = {state: count for state, count in states.items() if count}
    if not there:
        return '<p class="zs-none">还没有邀请学校</p>'
    said = "、".join(f"{state} {count} 所" for state, count in there.items())
    pieces = "".join(
        f'<i style="flex:{count} 0 0;background:{COLOURS[state]}" title="{state} {count} 所"></i>'
        for state, count in there.items()
    )
    keys = "".join(
        f'<span role="listitem"><i style="background:{COLOURS[state]}"></i>{state} <b>{count}</b></span>'
        for state, count in there.items()
    )
    shown_keys = f'<div class="zs-keys" role="list">{keys}</div>' if legend else ""
    return f'<div class="zs-bar" role="img" aria-label="{said}">{pieces}</div>{shown_keys}'


def mark(state: State) -> str:
    """Return one state as a mark: its colour, and its word."""
    return f'<span class="zs-mark-state"><i style="background:{COLOURS[state]}"></i>{state}</span>'


def far(done: int, of: int) -> str:
    """Return how far something is, in numbers and as a bar."""
    if not of:
        return NOTHING
    return f'<span class="zs-so-far">{done} / {of}<progress max="{of}" value="{done}" aria-hidden="true"></progress></span>'


def until(moment: str | None, days: int | None, late: bool) -> str:
    """Return a deadline and how long it is until then."""
    if moment is None:
        return NOTHING
    left = "已过期" if late else "今天" if days == 0 else f"还有 {days} 天"
    kind = ' class="zs-late-word"' if late else ""
    return f"{when(moment)}<br><small{kind}>{left}</small>"


def when(moment: str | None) -> str:
    """Return a moment, or a dash."""
    return f'<time class="zs-when">{html(shown(moment))}</time>' if moment else NOTHING
