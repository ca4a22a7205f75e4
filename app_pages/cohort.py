"""A round in numbers: how results spread, where points are lost, self against the panel, missing proof, the year before."""

from pathlib import Path

import streamlit as st

from app_pages import session
from app_pages.components.figure import MOST, bars, columns, data, figure
from app_pages.components.words import plain
from portal.agreement import Agreement
from portal.use_cases.cohort import FEWEST, Cohort, Earlier, cohort, countable

VIEWS = ("总览", "失分", "自评与评审", "证据", "与上一次")


def page() -> None:
    """Show the page."""
    who, portal = session.actor(), session.portal()
    st.html(Path(__file__).parent / "components" / "figures.css")
    st.title("统计", anchor=False)
    found = {one.id: one for one in countable(portal, who)}
    if not found:
        st.info("还没有可以统计的评审结果。评审完成后，这里会出现各校的汇总。", icon=":material/bar_chart:")
        return
    wanted = st.query_params.get("round", "")
    index = list(found).index(wanted) if wanted in found else 0
    chosen = st.selectbox(
        "批次",
        list(found),
        index,
        lambda one: f"{found[one].title}（{found[one].as_of}）",
        key="cohort-round",
    )
    st.query_params["round"] = chosen
    numbers = session.got(cohort(portal, who, chosen))
    headline(numbers)
    view = st.segmented_control("看什么", VIEWS, default=VIEWS[0], required=True, key="cohort-view")
    SHOWN[view or VIEWS[0]](numbers)


def headline(numbers: Cohort) -> None:
    """Show the few figures that one asks for first."""
    middle = numbers.quartiles
    with st.container(key="headline"):
        boxes = st.columns(4)
        boxes[0].metric("学校", f"{numbers.universities} 所")
        boxes[1].metric("评定对象", f"{numbers.subjects} 个")
        boxes[2].metric(f"平均分（满分 {numbers.full}）", numbers.mean or "—")
        boxes[3].metric("中位数", middle[1] if middle else "—")
    told = [f"中间一半在 {middle[0]} 到 {middle[2]} 分之间" if middle else ""]
    told.append(f"{numbers.open} 个对象的等级还没有定" if numbers.open else "")
    st.caption(plain("　".join(filter(None, told))))


def overview(numbers: Cohort) -> None:
    """Show how totals and grades spread, and the groups."""
    names = [f"{low}–{high}" for low, high in numbers.edges]
    rows = [(name, str(count)) for name, count in zip(names, numbers.bands, strict=True)]
    note = "按最终总分，一段含下限不含上限，最后一段含满分；总分还有可能变化的对象不在内。"
    chart = columns(names, numbers.bands, "最终总分", "个")
    figure("spread", "总分分布", chart, ("总分", "对象数"), rows, note=note, file=f"{numbers.title}-总分分布")
    grades = [(name, f"{count} 个", str(count)) for name, count in numbers.grades.items()]
    if grades:
        figure(
            "grades",
            "等级",
            bars(grades, high=str(numbers.subjects)),
            ("等级", "对象数"),
            [(name, count) for name, _, count in grades],
            file=f"{numbers.title}-等级",
        )
    groups(numbers)


def groups(numbers: Cohort) -> None:
    """Show the table of university groups."""
    if not numbers.groups:
        return
    st.subheader("各类学校", anchor=False)
    st.caption(f"少于 {FEWEST} 所的一类只列数量。")
    by = {"kind": "类型", "region": "地区"}
    head = ("分组", "按什么分", "学校", "对象", "平均分", "下四分位", "中位数", "上四分位", "等级")
    rows = [
        (
            one.title or "未填写",
            by[one.by],
            str(one.universities),
            str(one.subjects),
            one.mean or "—",
            *(one.quartiles or ("—", "—", "—")),
            "、".join(f"{name} {count}" for name, count in one.grades.items()) or "—",
        )
        for one in numbers.groups
    ]
    data("groups", "各类学校", head, rows, file=f"{numbers.title}-各类学校", folded=False)


def lost(numbers: Cohort) -> None:
    """Show the indicators that earned the smallest share of their points."""
    if not numbers.hardest:
        st.info("还没有定下得分的指标。", icon=":material/info:")
        return
    named = [(_title(numbers, one.indicator), one) for one in numbers.hardest]
    figure(
        "hardest",
        "得分率最低的指标",
        bars([(title, f"{one.rate}%", one.rate) for title, one in named]),
        ("指标", "编号", "得分率（%）", "对象数", "还没有定的"),
        [(title, one.indicator, one.rate, str(one.of), str(one.open)) for title, one in named],
        note=f"各对象最终得分占满分的比例的平均，最低的 {MOST} 项；全部指标在数据里。",
        file=f"{numbers.title}-指标得分率",
    )


def apart(numbers: Cohort) -> None:
    """Show how far inspectors lie from what universities stated, and from each other."""
    named = [(_title(numbers, one.indicator), one) for one in numbers.gaps if one.changed]
    if named:
        figure(
            "gaps",
            "评审改得最多的指标",
            bars([(title, f"{_signed(one.mean)} 分", one.mean) for title, one in named], around=True),
            ("指标", "编号", "评审减自评（平均分）", "改动大小（平均分）", "改动的对象", "对象数"),
            [
                (title, one.indicator, one.mean, one.size, str(one.changed), str(one.of))
                for title, one in named
            ],
            note="评审组得分减自评得分的平均；向左是评审给得低，向右是评审给得高。按改动大小排列。",
            file=f"{numbers.title}-自评与评审",
        )
    else:
        st.subheader("评审改得最多的指标", anchor=False)
        st.info("评审没有改动自评的得分。", icon=":material/info:")
    agreed(numbers)


def agreed(numbers: Cohort) -> None:
    """Show the agreement of inspectors, of all and by indicator."""
    title, file = "专家之间的一致性", f"{numbers.title}-专家一致性"
    head = ("指标", "编号", "给分相同（%）", "克里彭多夫 α", "比较了几处")
    rows = [(_title(numbers, name), name, one) for name, one in numbers.by_indicator.items() if one.percent]
    cells = [
        (title_, name, one.percent or "—", one.alpha or "—", str(one.units)) for title_, name, one in rows
    ]
    differ = [
        (title_, f"{one.percent}% 给分相同", str(one.percent))
        for title_, _, one in rows
        if one.percent != "100"
    ]
    if differ:
        note = f"{told(numbers.agreement)}只用来说明评审，不影响成绩。给分最不一致的排在前面，全都相同的只在数据里。"
        figure("agreement", title, bars(differ), head, cells, note=note, file=file)
        return
    st.subheader(title, anchor=False)
    if rows:
        st.caption(plain(f"{told(numbers.agreement)}只用来说明评审，不影响成绩。"))
        data("agreement", title, head, cells, file=file)
    else:
        st.info("没有两位专家都评过的指标，不能比较。", icon=":material/info:")


def told(found: Agreement) -> str:
    """Say the agreement of all in a sentence."""
    if found.percent is None:
        return ""
    alpha = f"，克里彭多夫 α 为 {found.alpha}（1 为完全一致，0 与碰巧无异）" if found.alpha else ""
    return f"{found.units} 处有两位以上专家给分，{found.percent}% 的两两比较相同{alpha}。"


def proof(numbers: Cohort) -> None:
    """Show where proof is wanting."""
    found = numbers.unproven
    if not found:
        st.subheader("证据缺口", anchor=False)
        st.info("要证据的事实都附了证据。", icon=":material/check:")
        return
    figure(
        "proof",
        "证据缺口",
        bars(
            [(one.title, f"{one.share}% 没有附（{one.lacking} / {one.stated}）", one.share) for one in found]
        ),
        ("事实", "编号", "要什么证据", "填了的", "没有附或不够的", "占比（%）"),
        [(one.title, one.fact, one.proof, str(one.stated), str(one.lacking), one.share) for one in found],
        note="填了“有”或数值、而证据没有附或件数不够的，缺得最多的在前面。",
        file=f"{numbers.title}-证据缺口",
    )


def before(numbers: Cohort) -> None:
    """Show this round beside the one before."""
    one = numbers.earlier
    if one is None:
        st.info(
            f"没有可以比较的上一次：同一标准、结果不少于 {FEWEST} 所学校的更早批次还没有。",
            icon=":material/history:",
        )
        return
    st.subheader(f"与“{plain(one.title)}”比", anchor=False)
    beside(numbers, one)
    titles = [(_title(numbers, it.indicator), it) for it in one.moved]
    if titles:
        figure(
            "moved",
            "得分率变化",
            bars(
                [
                    (title, f"{_signed(it.change)}（{it.before}% → {it.after}%）", it.change)
                    for title, it in titles
                ],
                around=True,
            ),
            ("指标", "编号", "上一次（%）", "这一次（%）", "变化（百分点）"),
            [(title, it.indicator, it.before, it.after, it.change) for title, it in titles],
            note="两次都有的指标，下降最多的在前面，全部在数据里。",
            file=f"{numbers.title}-得分率变化",
        )


def beside(numbers: Cohort, one: Earlier) -> None:
    """Show the figures of both rounds."""
    dash = ("—", "—", "—")
    head = ("", "上一次", "这一次")
    rows = [
        ("批次", one.title, numbers.title),
        ("版", one.edition, numbers.edition),
        ("学校", str(one.universities), str(numbers.universities)),
        ("对象", str(one.subjects), str(numbers.subjects)),
        (f"平均分（满分 {one.full}、{numbers.full}）", one.mean or "—", numbers.mean or "—"),
        ("中位数", (one.quartiles or dash)[1], (numbers.quartiles or dash)[1]),
    ]
    data("before", "与上一次比", head, rows, file=f"{numbers.title}-与上一次", folded=False)
    if one.growth is not None:
        st.caption(f"两次都参加的学校有 {one.both} 所，得分率平均变化 {_signed(one.growth)} 个百分点。")


def _title(numbers: Cohort, indicator: str) -> str:
    return numbers.titles.get(indicator, indicator)


def _signed(text: str) -> str:
    return text if text.startswith("-") or text == "0" else f"+{text}"


SHOWN = {"总览": overview, "失分": lost, "自评与评审": apart, "证据": proof, "与上一次": before}

page()
