"""zhunsheng catalogue: the books as readable pages, Markdown and HTML."""

from html import escape
from pathlib import Path
from typing import Annotated

import typer
from markdown_it import MarkdownIt

from engine.build.edition import Edition
from engine.catalogue import catalogue as written
from engine.command.common import Root, choose, console, load_or_stop
from engine.command.files import folder_or_stop, write_or_stop

STYLE = """
:root { color-scheme: light dark; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.7;
  font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1, h2, h3, h4, h5 { line-height: 1.3; margin: 1.6em 0 .5em; }
h2 { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding-bottom: .2em; }
blockquote { margin: 1em 0; padding: .2em 1em; border-left: 4px solid #c9822b;
  background: color-mix(in srgb, #c9822b 12%, transparent); }
table { border-collapse: collapse; width: 100%; font-size: .92em; }
th, td { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .3em .6em; text-align: left;
  vertical-align: top; }
code { font-size: .85em; opacity: .75; }
ul { margin: .2em 0; padding-left: 1.4em; }
nav ul { columns: 2; }
@media print { h2 { break-before: page; } nav { display: none; } }
"""


def catalogue(
    standard: Annotated[str | None, typer.Argument(help="标准，或 标准/版本；不写则全部")] = None,
    out: Annotated[Path, typer.Option("--out", help="写到这个文件夹")] = Path("build/catalogue"),
    root: Root = None,
) -> None:
    """把标准写成一页可读的手册，Markdown 和 HTML 各一份。"""
    library = load_or_stop(root)
    editions = [choose(library, standard)] if standard else list(library.editions.values())
    for edition in editions:
        text = written(library, edition)
        name = "-".join(edition.key)
        folder_or_stop(out)
        for path, content in ((out / f"{name}.md", text), (out / f"{name}.html", page(edition, text))):
            write_or_stop(path, content)
            console().print(f"已写入 {path}")


def page(edition: Edition, text: str) -> str:
    """Return the Markdown of an edition as an HTML page that needs nothing else."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    contents = list[str]()
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            title, anchor = tokens[index + 1], f"s{index}"
            token.attrSet("id", anchor)
            if token.tag == "h2":
                plain = "".join(child.content for child in title.children or [])
                contents.append(f'<li><a href="#{anchor}">{escape(plain)}</a></li>')
    body = markdown.renderer.render(tokens, markdown.options, {})
    name = escape(edition.standard.title)
    return (
        f'<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{STYLE}</style>\n</head>\n'
        f"<body>\n<nav><ul>{''.join(contents)}</ul></nav>\n{body}</body>\n</html>\n"
    )
