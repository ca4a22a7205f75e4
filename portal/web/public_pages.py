"""The public pages as plain HTML: they work without a script, on a telephone and on paper, in the light and in the dark."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from starlette.responses import Response

from portal.moment import shown
from portal.refusal import Refusal
from portal.report_worker import MOST
from portal.use_cases.publicity import Check, Checked, Notice, PublicResults
from portal.web.paper import banner, framed, said

PAGE = """<header><a class="home" href="/public"><img src="/assets/icon.svg" alt="" width="32" height="32"><b>准绳</b></a>
<nav aria-label="公开页面">{nav}</nav></header>
<main>
{banner}<h1>{title}</h1>
{said}{body}
</main>
<footer>安徽省高等院校后勤协会</footer>"""

NAV = (("/public", "公示"), ("/verify", "核验"), ("/", "登录"))
KINDS = {"publicity": "评审结果公示", "grades": "定级结果"}
MARKS = {"yes": ("✓", "通过"), "no": ("✗", "不通过"), "unknown": ("?", "无法确认"), "na": ("–", "没有可算的")}


def page(
    title: str, body: str, here: str, *, refusal: Refusal | None = None, demonstration: bool = False
) -> Response:
    """Return a page; `body` is HTML, everything else is text."""
    nav = "".join(
        f'<a href="{to}"{" aria-current=page" if to == here else ""}>{name}</a>' for to, name in NAV
    )
    within = PAGE.format(
        title=escape(title),
        nav=nav,
        banner=banner(demonstration=demonstration),
        said=said(refusal, ""),
        body=body,
    )
    return framed(title, "public", within, refusal)


# What was published -----------------------------------------------------------------------------------------------


def index_page(found: tuple[Notice, ...] | Refusal, *, demonstration: bool = False) -> Response:
    """Return the list of publications."""
    if isinstance(found, Refusal):
        return page("公示", "", "/public", refusal=found, demonstration=demonstration)
    rows = "".join(_announced(one) for one in found)
    body = f'<ul class="list">{rows}</ul>' if rows else '<p class="empty">还没有公布的结果。</p>'
    return page("公示", body, "/public", demonstration=demonstration)


def _announced(one: Notice) -> str:
    place = f"/public/{one.id}"
    return (
        f'<li class="{"gone" if one.withdrawn_at else "here"}"><h2><a href="{place}">{escape(one.round_title)}</a></h2>'
        f"<p>{_state(one)} {escape(_about(one))}</p></li>"
    )


def _state(one: Notice) -> str:
    if one.withdrawn_at:
        return '<span class="state bad">已撤回</span>'
    return f'<span class="state">{"公示中" if one.appeals_open else KINDS[one.kind]}</span>'


def _about(one: Notice) -> str:
    parts = [one.standard_title, f"{one.universities} 所学校", f"{shown(one.at)} 公布"]
    if one.withdrawn_at is None and one.kind == "publicity" and one.until:
        parts.append(f"公示到 {shown(one.until)}")
    return "　".join(parts)


def results_page(
    found: PublicResults | Refusal, wanted: str = "", *, demonstration: bool = False
) -> Response:
    """Return one publication; with `wanted` only the universities whose name has it."""
    if isinstance(found, Refusal):
        back = '<p><a href="/public">看全部公示</a></p>'
        return page("公示", back, "/public", refusal=found, demonstration=demonstration)
    notice = found.notice
    body = f'<p class="about">{_state(notice)} {escape(_about(notice))}</p>'
    if notice.withdrawn_at:
        body += (
            f'<p class="wrong"><b>这份公布已于 {shown(notice.withdrawn_at)} 撤回，不再有效。</b>'
            f"撤回的理由：{escape(str(notice.withdrawn_for))}</p>"
        )
        return page(notice.round_title, body, "", demonstration=demonstration)
    body += _appealing(notice) + _search(notice, wanted, len(found.results)) + _table(found.results, wanted)
    return page(notice.round_title, body + _files(notice), "", demonstration=demonstration)


def _appealing(notice: Notice) -> str:
    """Say what a university can do about a result."""
    if notice.kind != "publicity":
        return ""
    if not notice.appeals_open:
        return '<p class="note">提出异议的期限已过。</p>'
    last = notice.appeal_until or notice.until
    until = f"在 {shown(last)} 以前，" if last else ""
    return (
        f'<p class="note"><b>对结果有异议的学校</b>：{until}由单位负责人<a href="/sign-in?next=/appeals">登录</a>后在“异议”里'
        "逐项提出，写明理由。复核由没有参加原评审的专家进行，结果会写回原处。</p>"
    )


def _search(notice: Notice, wanted: str, count: int) -> str:
    if count < 10 and not wanted:
        return ""
    every = f' <a href="/public/{notice.id}">看全部</a>' if wanted else ""
    return (
        f'<form class="find" method="get" action="/public/{notice.id}" role="search"><label for="q">找学校</label>'
        f'<input id="q" name="q" type="search" maxlength="60" value="{escape(wanted)}">'
        f"<button>查找</button>{every}</form>"
    )


def _table(results: Iterable[Mapping[str, Any]], wanted: str) -> str:
    chosen = [one for one in results if wanted in one["university"]["title"]]
    if not chosen:
        return f'<p class="empty">没有名称里带“{escape(wanted)}”的学校。</p>'
    return (
        '<table><thead><tr><th scope="col">学校</th><th scope="col">对象</th><th scope="col" class="number">总分</th>'
        f'<th scope="col">等级</th></tr></thead>{"".join(map(_university, chosen))}</table>'
    )


def _university(one: Mapping[str, Any]) -> str:
    subjects = one["subjects"]
    first = f'<th scope="rowgroup" rowspan="{len(subjects)}">{escape(one["university"]["title"])}{_titles(one)}</th>'
    rows = (f"<tr>{first if place == 0 else ''}{_subject(it)}</tr>" for place, it in enumerate(subjects))
    return f"<tbody>{''.join(rows)}</tbody>"


def _titles(one: Mapping[str, Any]) -> str:
    earned = [it["title"] for it in (one["whole"] or {}).get("titles", ()) if it["earned"] is True]
    return "".join(f' <span class="state">{escape(title)}</span>' for title in earned)


def _subject(one: Mapping[str, Any]) -> str:
    grade = one["grade"]["title"] if one["grade"] else "未定"
    sections = "".join(
        f"<li>{escape(it['title'])}　{escape(_ends(it))} / {escape(it['points'])}</li>"
        for it in one["sections"]
    )
    folded = f"<details><summary>{escape(one['title'])}</summary><ul>{sections}</ul></details>"
    return (
        f'<td>{folded}</td><td class="number">{escape(_ends(one["total"]))}'
        f" <small>/ {escape(one['of'])}</small></td><td>{escape(grade)}</td>"
    )


def _ends(one: Mapping[str, str]) -> str:
    return one["low"] if one["low"] == one["high"] else f"{one['low']}–{one['high']}"


def _files(notice: Notice) -> str:
    """Offer what lets anybody check the publication without us."""
    place = f"/public/{notice.id}"
    links = (
        (f"{place}/document", "公布的文件（JSON）"),
        (f"{place}/signature", "签名"),
        (f"{place}/proof", "审计日志证明"),
        ("/public/key", "公钥"),
    )
    listed = "".join(f'<li><a href="{to}" download>{name}</a></li>' for to, name in links)
    return (
        f'<section class="files"><h2>核对这份公布</h2><p>下载下面的文件，放到<a href="/verify">核验</a>里就能知道有没有被改动；'
        f"不联网也可以用公钥核对。</p><ul>{listed}</ul>"
        f"<p><small>内容指纹（SHA-256）<code>{notice.sha256}</code></small></p></section>"
    )


# Whether a report is genuine --------------------------------------------------------------------------------------


def verify_page(found: Checked | Refusal | None = None, *, demonstration: bool = False) -> Response:
    """Return the page where a report is put in, with what came of it."""
    refusal = found if isinstance(found, Refusal) else None
    body = _came_of(found) if isinstance(found, Checked) else ""
    form = (
        f"{'<h2>再核验一份</h2>' if body else ''}"
        "<p>放入从本系统下载的成绩单或公布文件（JSON），看它是不是原件、分数加得对不对。内容只在核验时读一遍，不会保存。</p>"
        '<form method="post" action="/verify" enctype="multipart/form-data" class="check">'
        f'<label for="file">报告</label><small id="file-hint">点选，或把文件拖到这里；最大 {MOST >> 20} MB</small>'
        '<input id="file" name="file" type="file" accept=".json,application/json" aria-describedby="file-hint">'
        "<details><summary>没有文件？粘贴内容</summary>"
        '<label for="text">报告的内容</label><textarea id="text" name="text" rows="6" spellcheck="false"></textarea></details>'
        "<details><summary>还有签名或证明？一起核对</summary>"
        '<label for="signature">签名</label><small>以 .minisig 结尾的文件</small>'
        '<input id="signature" name="signature" type="file" accept=".minisig">'
        '<label for="proof">审计日志证明</label><small>以 .proof.json 结尾的文件</small>'
        '<input id="proof" name="proof" type="file" accept=".json"></details>'
        '<button type="submit">核验</button></form>'
    )
    return page("核验", body + form, "/verify", refusal=refusal, demonstration=demonstration)


def _came_of(found: Checked) -> str:
    about = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in found.about)
    sign, _ = MARKS[found.mark]
    return (
        f'<section class="came {found.mark}" role="status"><p class="verdict"><span aria-hidden="true">{sign}</span>'
        f"<b>{escape(found.text)}</b></p><dl>{about}</dl><ul>{''.join(map(_check, found.checks))}</ul>"
        f"<p><small>内容指纹（SHA-256）<code>{found.sha256}</code></small></p></section>"
    )


def _check(one: Check) -> str:
    sign, word = MARKS[one.mark]
    return (
        f'<li class="{one.mark}"><span aria-hidden="true">{sign}</span><div><b>{escape(one.title)}：{word}</b>'
        f"<p>{escape(one.text)}</p></div></li>"
    )
