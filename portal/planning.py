"""What a round may be given: a title, days that follow each other, settings that are known."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.entry import text_refused
from portal.moment import is_moment, shown
from portal.refusal import Refusal

TIMES = {
    "fill_until": "填报截止",
    "review_until": "评审截止",
    "material_until": "补充材料截止",
    "publish_from": "公示开始",
    "publish_until": "公示结束",
    "appeal_until": "异议截止",
}
"""The moments of a round, in words."""

ORDER = (
    ("fill_until", "review_until"),
    ("fill_until", "material_until"),
    ("fill_until", "publish_from"),
    ("publish_from", "publish_until"),
    ("publish_from", "appeal_until"),
)
"""Which of them comes before which."""

SETTINGS: Mapping[str, type] = {"inspectors_at_least": int, "invented": bool, "note": str}
"""What may be set besides: how many inspectors a review needs, whether the data is invented, a note."""


def plan_refused(
    title: str,
    region: str,
    as_of: str,
    period: tuple[str, str] | None,
    times: Mapping[str, str | None],
    settings: Mapping[str, Any],
) -> Refusal | None:
    """Return what is wrong with what a round is given; None when nothing is."""
    return (
        title_refused(title)
        or text_refused(region, 40, "region")
        or day_refused(as_of, "as_of", "评定日")
        or _period_refused(period)
        or times_refused(times)
        or settings_refused(settings)
    )


def title_refused(title: str, most: int = 200) -> Refusal | None:
    """Return what is wrong with a title."""
    if not title.strip():
        return Refusal("invalid", "title", "还没有写名称", "请写一个名称", {"field": "title"})
    return text_refused(title, most, "title")


def day_refused(text: str, field: str, word: str) -> Refusal | None:
    """Return what is wrong with a day."""
    try:
        good = date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if good:
        return None
    what = f"{word} {text[:20]} 不是可用的日期"
    return Refusal("invalid", "day", what, "日期写成 2026-06-30", {"field": field})


def _period_refused(period: tuple[str, str] | None) -> Refusal | None:
    if period is None:
        return None
    first, last = period
    refused = day_refused(first, "period_from", "统计期开始") or day_refused(last, "period_to", "统计期结束")
    if refused is None and first > last:
        return Refusal("invalid", "day", "统计期的开始晚于结束", "请改正", {"field": "period_from"})
    return refused


def times_refused(times: Mapping[str, str | None]) -> Refusal | None:
    """Return what is wrong with the moments of a round: unknown, unreadable, or not in their order."""
    for name, text in times.items():
        if name not in TIMES:
            return Refusal(
                "invalid", "time", f"没有 {name[:40]} 这个期限", "请核对后再试", {"field": name[:40]}
            )
        if text is not None and not is_moment(text):
            return Refusal("invalid", "time", f"{TIMES[name]}不是可用的时刻", "请重新选择", {"field": name})
    for earlier, later in ORDER:
        first, second = times.get(earlier), times.get(later)
        if first is not None and second is not None and first > second:
            what = f"{TIMES[earlier]}（{shown(first)}）晚于{TIMES[later]}（{shown(second)}）"
            return Refusal("invalid", "time_order", what, "请改正先后", {"field": later})
    return None


def settings_refused(settings: Mapping[str, Any]) -> Refusal | None:
    """Return what is wrong with the settings of a round; None when nothing is."""
    for name, value in settings.items():
        wanted = SETTINGS.get(name)
        if wanted is None or type(value) is not wanted:
            what = f"批次设置 {name[:40]} 不存在或写法不对"
            return Refusal("invalid", "setting", what, "请核对后再试", {"field": name[:40]})
    least = settings.get("inspectors_at_least", 1)
    if not 1 <= least <= 50:
        what = f"评审专家至少 {least} 位，应在 1 到 50 之间"
        return Refusal("invalid", "setting", what, "请改正", {"field": "inspectors_at_least"})
    return text_refused(settings.get("note"), 2000, "note")
