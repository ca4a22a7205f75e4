"""The command line: what a drafter, a desk and a reviewer type. Chinese out, `--json` everywhere, exit 0, 1 or 2."""

import gc
import sys
from collections.abc import Mapping
from importlib import import_module

import typer
from typer.exceptions import TyperException

from engine.command.chinese import OPTIONS, USAGE, Command, Group, said

COMMANDS = {
    "check": "engine.command.check",
    "score": "engine.command.score",
    "explain": "engine.command.explain",
    "table": "engine.command.explain",
    "facts": "engine.command.facts",
    "catalogue": "engine.command.catalogue",
    "verify": "engine.command.verifying",
    "new": "engine.command.scaffold",
    "schema": "engine.command.schemas",
}
"""Where each command is written, in the order in which help lists them."""


INTERRUPTED = 130
"""How a program ends that was stopped from the keyboard."""


def main(words: list[str] | None = None, commands: Mapping[str, str] = COMMANDS) -> None:
    """Run the command line; a slip in what was typed is told in Chinese with exit code 2."""
    if words is None:
        # A command ends before its memory is worth tidying up; a third of the loading time goes into looking.
        gc.disable()
        words = sys.argv[1:]
    try:
        code = build(words, commands)(words, standalone_mode=False, prog_name="zhunsheng")
    except TyperException as slip:
        sys.stderr.write(f"{said(slip, words, commands)}\n{USAGE}\n")
        code = 2
    if code == INTERRUPTED:
        sys.stderr.write("已中断。\n")
    sys.exit(code or 0)


def build(words: list[str], commands: Mapping[str, str] = COMMANDS) -> typer.Typer:
    """Return the command line with the command that was typed, or with all of them: what is not needed costs time."""
    app = typer.Typer(
        cls=Group,
        help="准绳：按写成 YAML 的标准给填报评分，每一分都说明理由。",
        no_args_is_help=True,
        add_completion=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_whole)
    for name in [words[0]] if words[:1] and words[0] in commands else commands:
        command = getattr(import_module(commands[name]), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(cls=Command, options_metavar=OPTIONS)(command)
    return app


def _whole() -> None:
    """准绳：按写成 YAML 的标准给填报评分，每一分都说明理由。"""
