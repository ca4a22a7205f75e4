"""The chart of the sections: certain points filled, possible points lighter, full points as an outline."""

from decimal import Decimal
from typing import Any

import altair as alt

from app_pages.components.words import span

CERTAIN, POSSIBLE, FULL, TEXT = "#1f5f57", "#a8d5cc", "#5f6f6b", "#20302d"
ROW, BAR, SHIFT = 50, 14, 9  # pixels


def rows_of(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one row for each section and one for the bonus, with numbers the chart can draw."""
    parts = [(one, one["points"]) for one in card["sections"]]
    if card["bonus"]:
        parts.append(({"title": "附加分", **card["bonus"]}, card["bonus"]["up_to"]))
    return [
        {
            "title": one["title"],
            "label": f"{one['title']}　{span(one)} / {full} 分",
            "low": float(Decimal(one["low"])),
            "high": float(Decimal(one["high"])),
            "full": float(Decimal(full)),
            "got": f"{span(one)} 分",
            "most": f"{full} 分",
        }
        for one, full in parts
    ]


def sections_chart(rows: list[dict[str, Any]]) -> alt.LayerChart:
    """Draw the rows; every bar carries its numbers as text above it.

    What is said of the chart is `spoken`; the drawing itself stays silent, for its own words are the program's.
    """
    y = alt.Y("title:N", sort=None, axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    said = {"title": "分区", "got": "得分", "most": "满分"}
    tooltip = [alt.Tooltip(f"{key}:N", title=title) for key, title in said.items()]
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y, tooltip=tooltip)
    full, low = alt.X("full:Q", axis=None, scale=alt.Scale(nice=False)), alt.X("low:Q", axis=None)
    whole = base.mark_bar(
        aria=False, color="transparent", stroke=FULL, strokeWidth=1, height=BAR, yOffset=SHIFT
    ).encode(x=full)
    possible = base.mark_bar(
        aria=False,
        color=POSSIBLE,
        stroke=CERTAIN,
        strokeDash=[3, 2],
        strokeWidth=1,
        height=BAR,
        yOffset=SHIFT,
    ).encode(x=low, x2="high:Q")
    certain = base.mark_bar(aria=False, color=CERTAIN, height=BAR, yOffset=SHIFT).encode(
        x=low, x2=alt.datum(0)
    )
    label = base.mark_text(aria=False, align="left", baseline="middle", dy=-10, fontSize=14, color=TEXT)
    layers = [whole, certain, label.encode(x=alt.datum(0), text="label:N")]
    if any(row["low"] != row["high"] for row in rows):
        layers.insert(1, possible.transform_filter("datum.high > datum.low"))
    return alt.LayerChart(
        layer=layers, height=ROW * len(rows), padding={"left": 1, "right": 1, "top": 0, "bottom": 0}
    )


def spoken(rows: list[dict[str, Any]]) -> str:
    """Say in words what the chart shows, for those who cannot see it."""
    return "各分区得分：" + "；".join(row["label"].replace("　", " ") for row in rows)
