"""zhunsheng check: the first thing a drafter runs."""

from typing import Annotated

import typer
from rich.table import Table

from engine.check import check as check_library
from engine.check import statistics
from engine.command.common import (
    Json,
    Root,
    Verbose,
    console,
    find_root,
    print_json,
    print_problems,
    problem_data,
)
from engine.command.stopwatch import Stopwatch
from engine.load import load
from engine.provenance import unverified


def check(
    root: Root = None,
    *,
    verbose: Verbose = False,
    as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="提醒也算错误")] = False,
    provenance: Annotated[
        bool, typer.Option("--provenance", help="列出凭记忆或二手材料、发布前须核对的依据")
    ] = False,
) -> None:
    """检查规则库：读不懂、算不平、用不到的，每处都给出文件和行。"""
    watch = Stopwatch(wanted=verbose)
    library, problems = load(find_root(root), watch.told)
    broken = any(problem.severity == "error" for problem in problems)
    problems = sorted({*problems, *([] if broken else check_library(library, watch.told))})
    watch.whole()
    errors = sum(problem.severity == "error" for problem in problems)
    listed = [statistics(edition) for edition in library.editions.values()]
    doubts = unverified(library) if provenance else []
    if as_json:
        data = {"editions": listed, "problems": [problem_data(problem) for problem in problems]}
        print_json(data | ({"unverified": doubts} if provenance else {}))
    else:
        print_problems(problems)
        _summary(listed)
        for line in doubts:
            console().print(f"待核对 {line['where']}：{line['text']}", soft_wrap=True)
        notices = len(problems) - errors
        more = "（先改好读不懂的地方，再查算不平的）" if broken else ""
        console().print(f"{errors} 处错误，{notices} 处提醒{more}。" if problems else "没有问题。")
    raise typer.Exit(1 if errors or (strict and problems) else 0)


def _summary(listed: list[dict[str, object]]) -> None:
    table = Table(box=None)
    for name in ("标准", "版本", "名称", "状态", "总分", "指标", "附加项", "否决项", "事实"):
        table.add_column(
            name, justify="right" if name in ("总分", "指标", "附加项", "否决项", "事实") else "left"
        )
    for one in listed:
        keys = ("standard", "edition", "title", "status", "points", "indicators", "bonus", "vetoes", "facts")
        table.add_row(*(STATUS.get(str(one[key]), str(one[key])) for key in keys))
    console().print(table)


STATUS = {"draft": "草案", "trial": "试行", "official": "正式", "withdrawn": "废止"}
