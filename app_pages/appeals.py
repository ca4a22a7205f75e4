"""Contesting a published result: one indicator with its result, the reason, and what became of earlier ones."""

import streamlit as st

from app_pages import session
from app_pages.components.words import html, plain, span
from portal.moment import shown
from portal.policy import PUBLIC, State
from portal.refusal import Refusal
from portal.use_cases.appeals import OUTCOMES, Appeal, Appealable, Form, appeal_form, file_appeal
from portal.use_cases.overview import Listed, list_assessments

STYLE = """<style>
.zs-appeal { padding: .7rem 0; border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); overflow-wrap: anywhere; }
.zs-appeal h3 { font-size: 1.05rem; font-weight: 600; margin: 0; padding: 0; }
.zs-appeal p { margin: .2rem 0 0; }
.zs-appeal .quiet { opacity: .8; }
dl.zs-layers { display: flex; flex-wrap: wrap; gap: .2rem 2rem; margin: 0; padding: 0; }
.zs-layers dt { font-size: .85rem; opacity: .8; }
.zs-layers dt, .zs-layers dd { margin: 0; }
.zs-layers dd { font-size: 1.15rem; font-variant-numeric: tabular-nums; }
@media (max-width: 640px) { .stButton button { min-height: 2.75rem; } }
</style>"""


def page() -> None:
    """Show the page."""
    who, portal = session.actor(), session.portal()
    st.html(STYLE)
    st.title("异议", anchor=False)
    if not who.employed:
        st.info("异议由学校提出，您的账号不属于任何学校。", icon=":material/info:")
        return
    every = list_assessments(portal, who)
    mine = {one.id: one for one in every if one.university in who.employed and one.state in PUBLIC}
    if not mine:
        st.info("贵校还没有公示的评审结果。公示以后，有异议可以在这里提出。", icon=":material/inbox:")
        return
    chosen = assessment_of(mine)
    form = session.got(appeal_form(portal, who, chosen))
    filed(form)
    if form.open and form.may_file:
        contest(form, chosen)
    else:
        st.info(why_not(form, mine[chosen].state), icon=":material/info:")


def assessment_of(mine: dict[str, Listed]) -> str:
    """Return which assessment it is about."""
    wanted = st.query_params.get("assessment", "")
    chosen = wanted if wanted in mine else next(iter(mine))
    if len(mine) > 1:
        names = {name: f"{one.round_title}（{one.state}）" for name, one in mine.items()}
        chosen = st.selectbox(
            "批次", list(names), list(names).index(chosen), names.__getitem__, key="appeal-assessment"
        )
    st.query_params["assessment"] = chosen
    one = mine[chosen]
    st.caption(plain(f"{one.university_title}　{one.round_title}　{one.state}"))
    return chosen


def why_not(form: Form, state: State) -> str:
    """Say why nothing can be contested now, and what then."""
    if form.open:
        return f"提出异议要由贵校的单位负责人来做{_until(form)}。"
    if state == "公示" and form.until is not None:
        return f"提出异议的期限到 {shown(form.until)}；现在不能再提。如有特殊情况，请联系秘书处。"
    return f"现在是“{state}”，只在公示期间可以提出异议。如有特殊情况，请联系秘书处。"


def _until(form: Form) -> str:
    return f"，{shown(form.until)} 截止" if form.until else ""


# What was contested before ----------------------------------------------------------------------------------------


def filed(form: Form) -> None:
    """List the appeals, with what became of each."""
    if not form.appeals:
        return
    st.subheader("已提出的异议", anchor=False)
    titles = {(one.subject, one.indicator): one for one in form.items}
    st.html("".join(told(one, titles.get((one.subject, one.indicator))) for one in form.appeals))


def told(one: Appeal, about: Appealable | None) -> str:
    """Return one appeal and its outcome."""
    title = f"{about.subject_title}　{about.title}" if about else one.indicator
    if one.outcome is None:
        outcome = '<span class="zs-state">等待复核</span>'
    else:
        points = f"为 {html(one.points)} 分" if one.points is not None else ""
        reason = f"　{html(one.reason)}" if one.reason else ""
        at = f'<p class="quiet">{shown(one.decided_at)} 复核决定</p>' if one.decided_at else ""
        outcome = f'<span class="zs-state">{OUTCOMES[one.outcome]}{points}</span>{reason}{at}'
    return (
        f'<article class="zs-appeal"><h3>{html(title)}</h3><p>{html(one.text)}</p>'
        f'<p class="quiet">{shown(one.at)} 提出</p><p>{outcome}</p></article>'
    )


# Contesting -------------------------------------------------------------------------------------------------------


def contest(form: Form, assessment: str) -> None:
    """Show the form: which indicator, its result, and why it is contested."""
    st.subheader("提出异议", anchor=False)
    st.caption(f"每次一个指标，写明理由{_until(form)}。由没有参加原评审的专家复核，结果写在这一页。")
    before = {(one.subject, one.indicator) for one in form.appeals if one.outcome is None}
    items = [one for one in form.items if (one.subject, one.indicator) not in before]
    subjects = {one.subject: one.subject_title for one in items}
    if not subjects:
        st.info("每个指标都已经提过异议，请等复核结果。", icon=":material/hourglass_empty:")
        return
    subject = next(iter(subjects))
    if len(subjects) > 1:
        subject = st.selectbox("对象", list(subjects), 0, subjects.__getitem__, key="appeal-subject")
    here = [one for one in items if one.subject == subject]
    changed = [one for one in here if one.self is not None and dict(one.self) != dict(one.final)]
    if changed and st.toggle(f"只列评审改动过的 {len(changed)} 项", key="appeal-changed"):
        here = changed
    labels = {one.indicator: one for one in here}
    picked = st.selectbox(
        "指标",
        list(labels),
        None,
        lambda name: f"{labels[name].title}　{span(dict(labels[name].final))} / {labels[name].points} 分",
        key=f"appeal-indicator-{subject}",
        placeholder="请选，可以输入几个字查找",
    )
    if picked is not None:
        ask(labels[picked], assessment)


def ask(one: Appealable, assessment: str) -> None:
    """Show the result of the indicator, take the reason, and file the appeal once it is confirmed."""
    st.html(layers(one))
    key = f"{one.subject}/{one.indicator}"
    text = st.text_area("异议的理由", max_chars=2000, key=f"appeal-text/{key}", height=140)
    if st.button("提出异议……", key="appeal-file", type="primary"):
        st.session_state["appeal-confirming"] = key
    if st.session_state.get("appeal-confirming") == key:
        confirm(one, assessment, text)


def layers(one: Appealable) -> str:
    """Return what was stated and what came out."""
    stated = f"<div><dt>自评</dt><dd>{span(dict(one.self))} 分</dd></div>" if one.self else ""
    return (
        f'<dl class="zs-layers">{stated}<div><dt>评审结果</dt><dd>{span(dict(one.final))} 分</dd></div>'
        f"<div><dt>满分</dt><dd>{html(one.points)} 分</dd></div></dl><p>{html(one.sentence)}</p>"
    )


def confirm(one: Appealable, assessment: str, text: str) -> None:
    """Ask once more, because an appeal cannot be taken back, and file it."""
    with st.container(border=True):
        st.markdown(
            f"对 **{plain(one.subject_title)}** 的 **{plain(one.title)}** 提出异议。提出后不能撤回或改写。"
        )
        yes, no, _ = st.columns([1, 1, 3])
        if no.button("先不提", key="appeal-cancel", width="stretch"):
            leave()
        if yes.button("确认提出", key="appeal-confirm", type="primary", width="stretch"):
            who, portal = session.actor(), session.portal()
            done = file_appeal(
                portal, who, assessment, one.subject, one.indicator, text, op_id=session.operation("appeal")
            )
            if isinstance(done, Refusal):
                session.tell(done)
            else:
                session.done("appeal")
                leave()


def leave() -> None:
    """Put the question away."""
    st.session_state.pop("appeal-confirming", None)
    st.rerun()


page()
