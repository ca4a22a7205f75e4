"""zhunsheng new: scaffolds that pass `zhunsheng check` once the blanks are filled in."""

import re
from pathlib import Path
from typing import Annotated

import typer

from engine.command.chinese import OPTIONS, Command, Group
from engine.command.common import Root, console, find_root, stop

new = typer.Typer(cls=Group, help="起一个新标准、新指标或新事实的草稿。", no_args_is_help=True)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FACT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")

STANDARD = """\
# yaml-language-server: $schema=../../../engine/schemas/standard.schema.json
id: {id}
edition: {edition}
title: {title}
status: draft
disclaimer: 草案,非任何机关或协会的正式文本
per: 学校
total: 10
sections: [1-first.yaml]
grades:
- {{id: pass, title: 达标, at_least: 6}}
changes:
- {{date: 2026-01-01, version: {edition}, text: 起草}}
"""
SECTION = """\
# yaml-language-server: $schema=../../../engine/schemas/section.schema.json
section: {{id: first, title: 第一部分, points: 10}}
indicators:
{indicator}"""
INDICATOR = """\
- id: {id}
  title: {title}
  points: 10
  score:
  - {{points: 10, when: {{{fact}: true}}}}
  basis:
  - {{provenance: proposed, note: 待补出处}}
  fix: 待写:失分后怎么办
  examples:
  - {{title: 满分, given: {{{fact}: true}}, gives: 10}}
  - {{title: 失分, given: {{{fact}: false}}, gives: 0}}
"""
CHECKLIST = """\
# yaml-language-server: $schema=../engine/schemas/checklist.schema.json
checklist: {{id: {id}, title: {id} 填报清单, desk: 待定}}
facts:
{fact}"""
FACT = """\
- id: {id}
  ask: {title}
  answer: yes_no
  evidence: 待写:要什么证明
  inspect: 待写:评审专家怎样核查
"""

Title = Annotated[str, typer.Option("--title", help="中文名称")]


@new.command(cls=Command, options_metavar=OPTIONS)
def standard(
    name: Annotated[str, typer.Argument(help="标准编号，如 green-library")],
    edition: Annotated[str, typer.Option("--edition", help="版本")] = "draft",
    title: Title = "待定标准",
    root: Root = None,
) -> None:
    """起一个新标准：总则、一个分区、一个指标、一个事实，检查能通过。"""
    where = find_root(root)
    _slug(name)
    folder = where / "rules" / name / edition
    desk = name.replace("-", "_")
    fact = f"{desk}.first"
    _write(folder / "standard.yaml", STANDARD.format(id=name, edition=edition, title=title))
    body = INDICATOR.format(id=f"{name}-first", title="待定指标", fact=fact)
    _write(folder / "1-first.yaml", SECTION.format(indicator=body))
    _write(
        where / "checklists" / f"{desk}.yaml",
        CHECKLIST.format(id=name, fact=FACT.format(id=fact, title="待定：问什么")),
    )


@new.command(cls=Command, options_metavar=OPTIONS)
def indicator(
    section: Annotated[Path, typer.Argument(help="分区文件")],
    name: Annotated[str, typer.Argument(help="指标编号，如 staff-training")],
    fact: Annotated[str, typer.Option("--fact", help="用到的是非事实")] = "desk.fact",
    title: Title = "待定指标",
) -> None:
    """在分区文件末尾加一个指标草稿。"""
    _slug(name)
    _append(section, INDICATOR.format(id=name, title=title, fact=fact))


@new.command(cls=Command, options_metavar=OPTIONS)
def fact(
    checklist: Annotated[Path, typer.Argument(help="填报清单文件")],
    name: Annotated[str, typer.Argument(help="事实号，如 canteen.staff")],
    title: Title = "待定：问什么",
) -> None:
    """在填报清单里加一个事实草稿。"""
    if not _FACT.fullmatch(name):
        raise stop(f"事实号 {name} 写法不对。写成“清单.名称”，用小写字母、数字和下划线。")
    if not checklist.is_file():
        raise stop(f"没有文件 {checklist}。请检查文件名。")
    lines = checklist.read_text("utf-8").splitlines(keepends=True)
    at = next((i for i, line in enumerate(lines) if line.startswith("derive:")), len(lines))
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    checklist.write_text("".join([*lines[:at], FACT.format(id=name, title=title), *lines[at:]]), "utf-8")
    console().print(f"已加到 {checklist}。接着运行 zhunsheng check。")


def _slug(name: str) -> None:
    if not _SLUG.fullmatch(name):
        raise stop(f"编号 {name} 写法不对。用小写字母、数字和连字符，如 staff-training。")


def _write(path: Path, text: str) -> None:
    if path.exists():
        raise stop(f"{path} 已经有了，没有改动。请换一个编号或版本。")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    console().print(f"已写 {path}")


def _append(path: Path, text: str) -> None:
    """Add an indicator under the last `indicators:` of a section file, at its indent."""
    if not path.is_file():
        raise stop(f"没有文件 {path}。请检查文件名。")
    old = path.read_text("utf-8")
    found = re.findall(r"^( *)indicators:\s*$", old, re.MULTILINE)
    if not found:
        raise stop(f"{path} 里没有 indicators:，不知道加在哪一组。请先写一行 indicators:。")
    lines = "".join(found[-1] + line for line in text.splitlines(keepends=True))
    path.write_text(old if old.endswith("\n") else old + "\n", "utf-8")
    with path.open("a", encoding="utf-8") as file:
        file.write(lines)
    console().print(f"已加到 {path} 末尾。接着运行 zhunsheng check。")
