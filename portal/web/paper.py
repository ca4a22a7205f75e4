"""The few pages of the sign-in as plain HTML: they work without a script, on a telephone, in the light and in the dark."""

from html import escape

from starlette.responses import Response

from portal.refusal import STATUS, Refusal

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}

FRAME = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · 准绳</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/{style}.css">
</head>
<body>
{body}
</body>
</html>
"""

PAGE = """<main>
<header><img src="/assets/icon.svg" alt="" width="40" height="40"><p><b>准绳</b><span>高校后勤标准自评与评审</span></p></header>
{banner}<h1>{title}</h1>
{said}{body}
</main>
<footer><a href="/public">公示的结果</a>　<a href="/verify">核验报告</a><br>安徽省高等院校后勤协会</footer>"""

DEMONSTRATION = "演示模式：数据全部虚构，密码人人知道，只在本机打开。请勿填写真实内容。"


def framed(title: str, style: str, body: str, refusal: Refusal | None = None) -> Response:
    """Return a whole page: what every plain page has around its body, which is HTML; the title is text."""
    headers = dict(HEADERS)
    if refusal and refusal.kind in ("too_often", "busy"):
        headers["retry-after"] = str(refusal.details.get("seconds", 5))
    text = FRAME.format(title=escape(title), style=style, body=body)
    return Response(text, STATUS[refusal.kind] if refusal else 200, headers, "text/html; charset=utf-8")


def banner(*, demonstration: bool) -> str:
    """Return the word of warning of a demonstration."""
    return f'<p class="banner" role="note">{DEMONSTRATION}</p>\n' if demonstration else ""


def page(
    title: str, body: str, *, refusal: Refusal | None = None, note: str = "", demonstration: bool = False
) -> Response:
    """Return a page; `body` is HTML, everything else is text."""
    within = PAGE.format(
        title=escape(title),
        banner=banner(demonstration=demonstration),
        said=said(refusal, note),
        body=body,
    )
    return framed(title, "sign-in", within, refusal)


def said(refusal: Refusal | None, note: str) -> str:
    """Return what has to be said first: what went wrong, or what happened."""
    if refusal is not None:
        return f'<p class="wrong" role="alert" id="said"><b>{escape(refusal.what)}。</b>{escape(refusal.next)}。</p>\n'
    return f'<p class="note" role="status" id="said">{escape(note)}</p>\n' if note else ""


def hidden(**values: str) -> str:
    """Return fields that nobody sees."""
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in values.items()
    )


def field(
    name: str,
    label: str,
    complete: str,
    *,
    kind: str = "text",
    value: str = "",
    hint: str = "",
    wrong: bool = False,
) -> str:
    """Return a labelled field that has to be filled in."""
    described = " ".join([*(["said"] if wrong else []), *([f"{name}-hint"] if hint else [])])
    more = f' aria-describedby="{described}"' if described else ""
    more += ' aria-invalid="true"' if wrong else ""
    more += ' autocapitalize="none" spellcheck="false"'
    told = f'<small id="{name}-hint">{escape(hint)}</small>' if hint else ""
    return (
        f'<label for="{name}">{escape(label)}</label>{told}'
        f'<input id="{name}" name="{name}" type="{kind}" value="{escape(value)}" autocomplete="{complete}" '
        f'maxlength="300" required{more}>'
    )


def sign_in_page(
    proof: str,
    next_: str,
    *,
    login: str = "",
    sso: str = "",
    refusal: Refusal | None = None,
    note: str = "",
    demonstration: bool = False,
) -> Response:
    """Return the sign-in."""
    wrong = refusal is not None
    body = (
        f'<form method="post" action="/sign-in">{hidden(proof=proof, next=next_)}'
        f"{field('login', '账号', 'username', value=login, wrong=wrong)}"
        f"{field('password', '密码', 'current-password', kind='password', wrong=wrong)}"
        '<button type="submit">登录</button></form>'
    )
    if sso:
        body += f'<p class="or">或</p><a class="other" href="{escape(sso)}">用单位的统一身份认证登录</a>'
    body += '<p class="help">忘记密码：学校的账号请找本单位负责人重置，其他账号请找秘书处。</p>'
    return page("登录", body, refusal=refusal, note=note, demonstration=demonstration)


def password_page(
    proof: str,
    next_: str,
    *,
    first: bool,
    least: int,
    refusal: Refusal | None = None,
    demonstration: bool = False,
) -> Response:
    """Return the page on which one changes the password."""
    about = refusal.code if refusal else ""
    at_new = about.startswith("password_") and about != "password_current"
    body = (
        f'<form method="post" action="/password">{hidden(proof=proof, next=next_)}'
        f"{field('current', '初始密码' if first else '原密码', 'current-password', kind='password', wrong=about == 'password_current')}"
        f"{field('new', '新密码', 'new-password', kind='password', hint=f'至少 {least} 个字符，可以是一句话；不要用别处用过的', wrong=at_new)}"
        f"{field('again', '再输一遍新密码', 'new-password', kind='password', wrong=at_new)}"
        '<button type="submit">改密码</button></form>'
    )
    note = "第一次登录，请换成只有您自己知道的密码。" if first else "改好后，别处的登录会全部退出。"
    if first:
        body += f'<form class="quiet" method="post" action="/sign-out">{hidden(proof=proof)}<button type="submit">退出登录</button></form>'
    else:
        body += f'<p class="help"><a href="{escape(next_)}">不改了，返回</a></p>'
    return page("改密码", body, refusal=refusal, note=note, demonstration=demonstration)


def stranger_page(refusal: Refusal) -> Response:
    """Tell somebody whose identity has no account here which identity that is."""
    rows = "".join(
        f"<dt>{title}</dt><dd>{escape(str(refusal.details.get(name, '')))}</dd>"
        for name, title in (("name", "姓名"), ("issuer", "签发者"), ("subject", "身份标识"))
    )
    return page(
        "登录", f'<dl>{rows}</dl><p class="help"><a href="/sign-in">返回登录</a></p>', refusal=refusal
    )


def out_page(proof: str) -> Response:
    """Ask whether to sign out; a link must not do it by itself."""
    body = (
        f'<form method="post" action="/sign-out">{hidden(proof=proof)}<button type="submit">退出登录</button></form>'
        '<p class="help"><a href="/">不退出，返回</a></p>'
    )
    return page("退出登录", body, note="已填的内容都已保存，退出后不会丢。")
