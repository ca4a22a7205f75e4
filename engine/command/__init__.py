"""The command line: what a drafter, a desk and a reviewer type. Chinese out, `--json` everywhere, exit 0, 1 or 2."""

import sys

import typer
from typer import rich_utils
from typer.exceptions import Exit, TyperException

from engine.command.check import check
from engine.command.explain import explain, table
from engine.command.scaffold import new
from engine.command.schemas import schema
from engine.command.score import score
from engine.command.verifying import verify

app = typer.Typer(
    name="zhunsheng",
    help="准绳：按写成 YAML 的标准给填报评分，每一分都说明理由。",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command()(check)
app.command()(score)
app.command()(explain)
app.command()(table)
app.command()(verify)
app.add_typer(new, name="new")
app.command()(schema)

rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
rich_utils.OPTIONS_PANEL_TITLE = "选项"
rich_utils.COMMANDS_PANEL_TITLE = "命令"
rich_utils.DEFAULT_STRING = "[默认 {}]"
rich_utils.REQUIRED_LONG_STRING = "[必填]"


def main() -> None:
    """Run the command line; a slip in what was typed is told in Chinese with exit code 2."""
    try:
        code = app(standalone_mode=False)
    except Exit as ended:
        code = ended.exit_code
    except TyperException as slip:
        sys.stderr.write(f"{_slip(slip)}\n运行 zhunsheng --help 看怎么写。\n")
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _slip(slip: TyperException) -> str:
    """Say in Chinese what was typed wrongly."""
    kind = type(slip).__name__
    param = getattr(slip, "param", None)
    name = getattr(param, "human_readable_name", "") or getattr(param, "name", "") or ""
    match kind:
        case "NoSuchOption":
            near = getattr(slip, "possibilities", None) or []
            return f"没有选项 {getattr(slip, 'option_name', '')}。" + (
                f"最接近的是 {'、'.join(near)}。" if near else ""
            )
        case "MissingParameter":
            return f"少写了参数 {name}。"
        case "BadParameter":
            return f"参数 {name} 的值不对。"
    words = sys.argv[1:2]
    return f"没有这个命令或多写了参数：{' '.join(words)}。"
