"""The command line's own words in Chinese: help pages, and what was typed wrongly."""

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from engine.problem import nearest

OPTIONS = "[选项]"
USAGE = "运行 zhunsheng --help 看怎么写。"


class Command(TyperCommand):
    """A command whose help is Chinese throughout."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that shows how to type it."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法：")

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _translate(self.get_help_option(ctx))
        super().format_help(ctx, formatter)


class Group(TyperGroup):
    """A group of commands whose help is Chinese throughout."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that shows how to type it."""
        formatter.write_usage(ctx.command_path, f"{OPTIONS} 命令 [参数]…", prefix="用法：")

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _translate(self.get_help_option(ctx))
        super().format_help(ctx, formatter)


def _translate(help_option: Any) -> None:
    from typer import rich_utils  # noqa: PLC0415  slow to import, and only help needs it

    help_option.help = "显示这一页"
    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.DEFAULT_STRING = "[默认 {}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"


def said(slip: TyperException, words: list[str], commands: Iterable[str]) -> str:
    """Say in Chinese what was typed wrongly."""
    option = getattr(slip, "option_name", "")
    name = getattr(getattr(slip, "param", None), "name", option)
    match type(slip).__name__:
        case "NoArgsIsHelpError":
            return "请在后面写上命令。"
        case "NoSuchOption":
            near = getattr(slip, "possibilities", None)
            return f"没有选项 {option}。" + (f"最接近的是 {'、'.join(near)}。" if near else "")
        case "MissingParameter":
            return f"少写了参数 {name}。"
        case "BadParameter" | "BadOptionUsage":
            return f"参数 {name} 的值不对，或没有写值。"
    if words[0] in commands:
        return f"多写了参数，或没有这个子命令：{' '.join(words)}。"
    near = nearest(words[0], commands)
    return f"没有命令 {words[0]}。" + (f"最接近的是 {near}。" if near else "")
