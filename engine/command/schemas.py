"""zhunsheng schema: the JSON Schemas for editors and partners."""

import json
from typing import Annotated

import typer

from engine.command.common import Root, choose, console, load_or_stop, stop
from engine.edition_schema import edition_schema
from engine.problem import listed, nearest
from engine.schema import MODELS, schema_text, write_schemas


def schema(
    kind: Annotated[
        str | None, typer.Argument(help="文档种类，如 submission；不写则全部写到 engine/schemas/")
    ] = None,
    standard: Annotated[
        str | None,
        typer.Option("--standard", help="某一标准（或 标准/版本）的填报：逐个事实写明类型、选项和范围"),
    ] = None,
    root: Root = None,
) -> None:
    """输出 JSON Schema；不写种类则更新 engine/schemas/ 里的全部文件。"""
    if standard is not None:
        if kind not in (None, "submission"):
            raise stop("--standard 只用于填报（submission）。请去掉其中一个。")
        made = edition_schema(choose(load_or_stop(root), standard))
        typer.echo(json.dumps(made, ensure_ascii=False, indent=2))
        return
    if kind is None:
        changed = write_schemas()
        console().print(f"更新了 {len(changed)} 个文件。" if changed else "都是最新的。")
        return
    if kind not in MODELS:
        near = nearest(kind, MODELS)
        raise stop(f"没有种类 {kind}。" + (f"最接近的是 {near}。" if near else f"有：{listed(MODELS)}。"))
    typer.echo(schema_text(kind), nl=False)
