"""Files the commands read and write; what cannot be opened, read or written ends the command in Chinese."""

from pathlib import Path
from typing import Any

from rich.text import Text

from engine.command.common import console, print_problems, stop
from engine.outside import read
from engine.problem import Problem
from engine.strict_yaml import Document


def bytes_or_stop(path: Path) -> bytes:
    """Return what a file holds; a file that cannot be opened ends the command."""
    try:
        return path.read_bytes()
    except OSError:
        raise stop(f"打不开文件 {path}。请检查文件名和权限。") from None


def read_or_stop(path: Path, kind: str) -> tuple[Any, Document, list[Problem]]:
    """Read a document from a file; mistakes are printed, and what cannot be read at all ends the command."""
    model, document, problems = read(bytes_or_stop(path), str(path), kind)
    print_problems(problems)
    if model is None:
        raise stop(f"{path} 有 {len(problems)} 处要改，没有往下做；文件没有被改动。", 1)
    if problems:
        said = f"{path} 有 {len(problems)} 处没有读进去，其余照常计算；文件没有被改动。"
        console(error=True).print(Text(said, style="yellow"))
    return model, document, problems


def folder_or_stop(path: Path) -> None:
    """Make a folder; where that is not possible the command ends."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise stop(f"建不了文件夹 {path}。请换一个地方，或检查有没有权限。") from None


def write_or_stop(path: Path, text: str) -> None:
    """Write a file; where that is not possible the command ends."""
    try:
        path.write_text(text, "utf-8")
    except OSError:
        raise stop(f"写不了文件 {path}。请检查文件夹是否存在、有没有权限。") from None
