"""What all commands share: finding the repository, reading it, printing problems."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from engine.build.edition import Edition
from engine.command.stopwatch import Stopwatch
from engine.load import Library, load
from engine.problem import Problem, listed, nearest

Root = Annotated[
    Path | None,
    typer.Option(
        "--root", help="规则库所在的文件夹（里面有 rules/ 和 checklists/），不写则从当前文件夹往上找"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，给程序读")]


def console(*, error: bool = False) -> Console:
    """Return a console that prints text as it stands, in lines that a file can hold."""
    wide = None if sys.stdout.isatty() else 160
    return Console(stderr=error, width=wide, highlight=False, markup=False)


def stop(message: str, code: int = 2) -> typer.Exit:
    """Print why a command ends, and return the exit to raise."""
    console(error=True).print(Text(message))
    return typer.Exit(code)


def find_root(root: Path | None) -> Path:
    """Return the folder with rules and checklists."""
    here = (root or Path.cwd()).resolve()
    if root is not None:
        if not (here / "rules").is_dir():
            raise stop(f"{root} 里没有 rules/ 文件夹。请用 --root 指到规则库。")
        return here
    for folder in (here, *here.parents):
        if (folder / "rules").is_dir() and (folder / "checklists").is_dir():
            return folder
    raise stop("从当前文件夹往上找不到 rules/ 和 checklists/。请进入规则库的文件夹，或用 --root 指明。")


Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="说明每一步用了多久")]


def load_or_stop(root: Path | None, watch: Stopwatch | None = None) -> Library:
    """Read the library; errors in it end the command, because a half-read rule would judge wrongly."""
    library, problems = load(find_root(root), watch.told if watch else None)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        print_problems(errors)
        raise stop(f"规则库有 {len(errors)} 处错误，先改好才能评分。运行 zhunsheng check 看全部。", 1)
    return library


def choose(library: Library, name: str | None) -> Edition:
    """Return the edition that is meant by `standard`, `standard/edition`, or nothing when there is only one."""
    names = {"/".join(key): edition for key, edition in library.editions.items()}
    if name in names:
        return names[name]
    found = [edition for key, edition in library.editions.items() if name is None or key[0] == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise stop(f"要说明是哪个版本：{listed(sorted(names), 40)}。")
    near = nearest(name or "", [*names, *(key[0] for key in library.editions)])
    raise stop(
        f"没有标准 {name}。" + (f"最接近的是 {near}。" if near else f"有：{listed(sorted(names), 40)}。")
    )


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems, one a line, so that editors can jump to them."""
    out = console(error=True)
    for problem in problems:
        mark, style = ("错误", "bold red") if problem.severity == "error" else ("提醒", "yellow")
        out.print(
            Text.assemble((f"{problem.place} ", "cyan"), (mark, style), f" {problem.message}"), soft_wrap=True
        )


def print_json(data: Any) -> None:
    """Print data as JSON a person can read too."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def problem_data(problem: Problem) -> dict[str, Any]:
    """Return a problem as data."""
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
    }
