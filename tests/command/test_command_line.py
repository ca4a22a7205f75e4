"""The command line as a whole: help in Chinese, slips told in Chinese, exit codes, no command loads what it does not need."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from engine.command import COMMANDS
from tests.command.conftest import REPOSITORY, SAMPLES, Type


def started(*words: object, folder: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Type a command the way a drafter does, in a process of its own."""
    command = [sys.executable, "-m", "engine.command", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, encoding="utf-8")


@pytest.mark.parametrize(
    "words", [["--help"], *([name, "--help"] for name in COMMANDS), ["new", "fact", "-h"]]
)
def test_help_is_chinese(typed: Type, words: list[str]) -> None:
    page = typed(*words)
    assert page.code == 0
    assert f"用法：zhunsheng {' '.join(words[:-1])}".strip() in page.out
    for said in ("选项", "显示这一页"):
        assert said in page.out
    for english in ("Options", "Arguments", "Commands", "OPTIONS", "required", "default:", "message"):
        assert english not in page.out


def test_help_lists_every_command_with_what_it_does(typed: Type) -> None:
    page = typed("--help").out
    assert [name for name in COMMANDS if f" {name} " not in page] == []
    assert "检查规则库：读不懂、算不平、用不到的，每处都给出文件和行。" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "请在后面写上命令。"),
        (["new"], "请在后面写上命令。"),
        (["chek"], "没有命令 chek。最接近的是 check。"),
        (["别的"], "没有命令 别的。\n"),
        (["--verson"], "没有选项 --verson。"),
        (["check", "--jsn"], "没有选项 --jsn。最接近的是 --json。"),
        (["check", "--quux"], "没有选项 --quux。\n"),
        (["check", "extra"], "多写了参数，或没有这个子命令：check extra。"),
        (["new", "fakt"], "多写了参数，或没有这个子命令：new fakt。"),
        (["score"], "少写了参数 submission。"),
        (["score", "--review"], "参数 --review 的值不对，或没有写值。"),
    ],
)
def test_slips_are_told_in_chinese(typed: Type, words: list[str], said: str) -> None:
    slip = typed(*words)
    assert slip.code == 2
    assert said in slip.err
    assert "运行 zhunsheng --help 看怎么写。" in slip.err


def test_an_interruption_is_told(typed: Type, monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.command.check.load", interrupted)
    ended = typed("check")
    assert (ended.code, ended.err.strip()) == (130, "已中断。")


def test_it_starts_as_a_program_of_its_own() -> None:
    checked = started("check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "没有问题。" in checked.stdout
    slip = started("chek")
    assert (slip.returncode, slip.stdout) == (2, "")
    assert "最接近的是 check" in slip.stderr
    scored = started("score", SAMPLES / "typical.yaml", "--brief")
    assert scored.returncode == 0
    assert "等级 4A 级" in scored.stdout
    broken = started("score", "没有这个.yaml")
    assert (broken.returncode, broken.stderr.strip()) == (2, "打不开文件 没有这个.yaml。请检查文件名和权限。")


def test_the_module_is_the_program(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["engine.command", "check"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("engine.command", run_name="__main__")
    assert ended.value.code == 0


def test_check_loads_nothing_it_does_not_need() -> None:
    program = "import sys; from engine.command import build; build(['check']); print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    loaded = set(done.stdout.split())
    assert "engine.check" in loaded
    assert loaded.isdisjoint(
        {"jsonschema", "engine.explain", "engine.models.scorecard", "typer.rich_utils", "streamlit"}
    )
