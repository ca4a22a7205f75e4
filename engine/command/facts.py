"""zhunsheng facts: which facts there are, and how many serve several books."""

from collections import Counter
from typing import Annotated

import typer
from rich.table import Table

from engine.command.common import Json, Root, console, load_or_stop, print_json
from engine.usage import Use, uses


def facts(
    root: Root = None,
    *,
    shared: Annotated[bool, typer.Option("--shared", help="只列出两本以上标准都用的事实")] = False,
    checklist: Annotated[str | None, typer.Option("--checklist", help="只看这一张填报清单")] = None,
    as_json: Json = False,
) -> None:
    """列出填报清单里的事实，各有哪些标准用到；填一次，处处可用。"""
    found = uses(load_or_stop(root))
    listed = [one for one in found if (one.shared or not shared) and checklist in (None, one.checklist)]
    if as_json:
        print_json({"facts": [_data(one) for one in listed], "count": len(found), "shared": _shared(found)})
        return
    out = console()
    if shared or checklist:
        for one in listed:
            out.print(
                f"{one.fact}  {one.title}  {'、'.join(one.standards) or '没有标准用到'}", soft_wrap=True
            )
    else:
        out.print(_by_checklist(found))
    out.print(
        f"共 {len(found)} 个事实，{_shared(found)} 个为两本以上的标准共用，"
        f"其中 {sum(len(one.standards) > 2 for one in found)} 个为三本以上共用。"
    )


def _shared(found: list[Use]) -> int:
    return sum(one.shared for one in found)


def _data(one: Use) -> dict[str, object]:
    return {
        "id": one.fact,
        "title": one.title,
        "checklist": one.checklist,
        "subject": one.subject,
        "standards": list(one.standards),
    }


def _by_checklist(found: list[Use]) -> Table:
    table = Table(box=None)
    for name in ("清单", "事实", "共用", "用到它的标准"):
        table.add_column(name, justify="right" if name in ("事实", "共用") else "left")
    counts = Counter(one.checklist for one in found)
    for name, count in counts.items():
        own = [one for one in found if one.checklist == name]
        standards = dict.fromkeys(standard for one in own for standard in one.standards)
        table.add_row(name, str(count), str(_shared(own)), "、".join(standards))
    return table
