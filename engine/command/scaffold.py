"""zhunsheng new: scaffolds that pass `zhunsheng check` once the blanks are filled in."""

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from engine.command.chinese import OPTIONS, Command, Group
from engine.command.common import Root, console, find_root, stop
from engine.command.files import bytes_or_stop, write_or_stop
from engine.strict_yaml import read_yaml

new = typer.Typer(cls=Group, help="起一个新标准、新指标或新事实的草稿。", no_args_is_help=True)
_PLAIN = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff\w（），、。：《》-]*")
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
    _slug(edition)
    desk = name.replace("-", "_")
    desk = desk if desk[0].isalpha() else f"d_{desk}"
    fact, folder = f"{desk}.first", where / "rules" / name / edition
    body = INDICATOR.format(id=f"{name}-first", title="待定指标", fact=fact)
    asked = CHECKLIST.format(id=name, fact=FACT.format(id=fact, title="待定：问什么"))
    head = STANDARD.format(id=_text(name), edition=_text(edition), title=_text(title))
    _write({folder / "standard.yaml": head, folder / "1-first.yaml": SECTION.format(indicator=body)})
    checklist = where / "checklists" / f"{desk}.yaml"
    if not checklist.exists():
        _write({checklist: asked})


@new.command(cls=Command, options_metavar=OPTIONS)
def indicator(
    section: Annotated[Path, typer.Argument(help="分区文件")],
    name: Annotated[str, typer.Argument(help="指标编号，如 staff-training")],
    fact: Annotated[str, typer.Option("--fact", help="用到的是非事实")] = "desk.fact",
    title: Title = "待定指标",
) -> None:
    """在分区文件末尾加一个指标草稿。"""
    _slug(name)
    _fact(fact)
    _append(section, INDICATOR.format(id=name, title=_text(title), fact=fact))


@new.command(cls=Command, options_metavar=OPTIONS)
def fact(
    checklist: Annotated[Path, typer.Argument(help="填报清单文件")],
    name: Annotated[str, typer.Argument(help="事实号，如 canteen.staff")],
    title: Title = "待定：问什么",
) -> None:
    """在填报清单里加一个事实草稿。"""
    _fact(name)
    lines = bytes_or_stop(checklist).decode("utf-8").splitlines(keepends=True)
    at = next((i for i, line in enumerate(lines) if line.startswith("derive:")), len(lines))
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    write_or_stop(checklist, "".join([*lines[:at], FACT.format(id=name, title=_text(title)), *lines[at:]]))
    console().print(f"已加到 {checklist}。接着运行 zhunsheng check。")


def _slug(name: str) -> None:
    if not _SLUG.fullmatch(name):
        raise stop(f"编号 {name} 写法不对。用小写字母、数字和连字符，如 staff-training。")


def _fact(name: str) -> None:
    if not _FACT.fullmatch(name):
        raise stop(f"事实号 {name} 写法不对。写成“清单.名称”，用小写字母、数字和下划线。")


def _text(text: str) -> str:
    """Return a text as YAML takes it: Chinese words as they are, anything else in quotation marks."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _write(files: dict[Path, str]) -> None:
    """Write new files, all or none."""
    for path in files:
        if path.exists():
            raise stop(f"{path} 已经有了，没有改动。请换一个编号或版本。")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_or_stop(path, text)
        console().print(f"已写 {path}")


def _append(path: Path, text: str) -> None:
    """Add an indicator under the last `indicators:` of a section file, at its indent."""
    old = bytes_or_stop(path).decode("utf-8")
    found = re.findall(r"^( *)indicators:[ \t]*$", old, re.MULTILINE)
    if not found:
        raise stop(f"{path} 里没有 indicators:，不知道加在哪一组。请先写一行 indicators:。")
    end = "" if old.endswith("\n") else "\n"
    whole = old + end + "".join(found[-1] + line for line in text.splitlines(keepends=True))
    if len(read_yaml(whole, str(path)).problems) > len(read_yaml(old, str(path)).problems):
        raise stop(f"{path} 的最后不是一组 indicators:，没有改动。请把它挪到文件末尾，或自己加。")
    write_or_stop(path, whole)
    console().print(f"已加到 {path} 末尾。接着运行 zhunsheng check。")
