"""A chart with what belongs to it: a heading, the same in words, the data as a table and as a file."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import altair as alt
import streamlit as st

from app_pages.components.tables import csv_of, table
from app_pages.components.words import html, plain

BAR, TRACK = "#2f8576", "#2f857626"
"""One family of colours that can be seen in the light and in the dark."""

INK = {"light": "#20302d", "dark": "#e6ece9"}
"""What is written, by theme."""

ROW, THICK, SHIFT = 46, 12, 9  # pixels
MOST = 15
"""Bars of a chart; the data has all."""


def figure(
    key: str,
    title: str,
    chart: alt.LayerChart | dict[str, Any],
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    note: str = "",
    file: str,
    wide: int = 0,
) -> None:
    """Show a chart under its heading; who cannot see it, and who wants the numbers, finds them below."""
    st.subheader(title, anchor=False)
    if note:
        st.caption(plain(note))
    said = spoken(title, head, rows)
    with st.container(key=f"chart-{key}"):
        if isinstance(chart, dict):
            st.echarts_chart(chart, height=320, key=key, renderer="svg", alt=said)
        else:
            st.altair_chart(chart, width="stretch", alt=said)
    data(key, title, head, rows, file=file, wide=wide)


def data(
    key: str,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    file: str,
    wide: int = 0,
    folded: bool = True,
) -> None:
    """Show the data of a chart as a table, and offer it as a file."""
    cells = [[html(one) for one in row] for row in rows]
    about = f'role="region" aria-label="{html(title)}" tabindex="0"'  # it scrolls, by keys as well
    shown = f'<div class="zs-data" {about}>{table(head, cells, title, wide=wide)}</div>'
    if folded:
        with st.expander("数据", key=f"data-{key}"):
            st.html(shown)
            _download(key, head, rows, file)
    else:
        st.html(shown)
        _download(key, head, rows, file)


def _download(key: str, head: Sequence[str], rows: Sequence[Sequence[str]], file: str) -> None:
    st.download_button(
        "下载数据（CSV）",
        csv_of(head, rows),
        f"{file}.csv",
        "text/csv",
        key=f"csv-{key}",
        on_click="ignore",
        icon=":material/download:",
    )


def spoken(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Say in words what a chart shows: its first rows."""
    told = ["，".join(f"{name} {cell}" for name, cell in zip(head, row, strict=True)) for row in rows]
    more = f"；等 {len(told)} 行，见下面的数据" if len(told) > MOST else ""
    return f"{title}：{'；'.join(told[:MOST])}{more}"


def bars(rows: Sequence[tuple[str, str, str]], *, high: str = "100", around: bool = False) -> alt.LayerChart:
    """Draw the first so many bars, each with its title, its value as text, and the number itself.

    They go from 0 to `high`, or to both sides of 0.
    """
    numbers = [_drawn(value) for _, _, value in rows[:MOST]]
    most = (max(map(abs, numbers), default=0.0) or 1.0) if around else _drawn(high)
    least = -most if around else 0.0
    found = [
        {"place": place, "label": f"{title}　{text}", "title": title, "text": text, "value": value}
        | {"least": least, "most": most, "zero": 0.0}
        for place, ((title, text, _), value) in enumerate(zip(rows[:MOST], numbers, strict=True))
    ]
    y = alt.Y("place:O", sort=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    said = [alt.Tooltip("title:N", title="名称"), alt.Tooltip("text:N", title="数值")]
    base = alt.Chart(alt.InlineData(values=found)).encode(y=y, tooltip=said)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[least, most], nice=False))

    silent: dict[str, Any] = {"aria": False}  # `alt` says it all; the drawing's own words are the program's
    style: dict[str, Any] = {"height": THICK, "yOffset": SHIFT, **silent}
    track = base.mark_bar(color=TRACK, **style).encode(x=x("least"), x2="most:Q")
    bar = base.mark_bar(color=BAR, **style).encode(x=x("zero"), x2="value:Q")
    label = base.mark_text(
        align="left", baseline="middle", dy=-9, fontSize=13, limit=560, color=_ink(), **silent
    )
    layers = [track, bar, label.encode(x=x("least"), text="label:N")]
    height = ROW * len(found)
    return alt.LayerChart(layer=layers, height=height, padding={"left": 1, "right": 1, "top": 0, "bottom": 0})


def columns(names: Sequence[str], counts: Sequence[int], name: str, unit: str) -> dict[str, Any]:
    """Draw columns that count something, for the charting library."""
    return {
        "color": [BAR],
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 36, "containLabel": True},
        "tooltip": {"trigger": "item", "formatter": f"{{b}} 分：{{c}} {unit}"},
        "xAxis": {
            "type": "category",
            "data": list(names),
            "name": name,
            "nameLocation": "middle",
            "nameGap": 32,
            "axisLabel": {"hideOverlap": True},
            "axisTick": {"show": False},
        },
        "yAxis": {"type": "value", "minInterval": 1, "name": unit},
        "series": [
            {
                "type": "bar",
                "data": list(counts),
                "barCategoryGap": "18%",
                "label": {"show": True, "position": "top"},
            }
        ],
    }


def _ink() -> str:
    return INK.get(str(st.context.theme.type), INK["light"])


def _drawn(text: str) -> float:
    """Return a number as the chart can draw it; what is read is the text."""
    return float(Decimal(text))
