"""zhunsheng check: every mistake with its file and line; as text and as data the same."""

import json
from pathlib import Path

from tests.command.conftest import Type


def test_a_sound_library(typed: Type, repository: Path) -> None:
    done = typed("check", "--strict")
    assert done.code == 1
    assert "提醒 事实 c.accident 没有一个标准用到" in done.err
    assert typed("check").code == 0
    words = next(line for line in typed("check").out.splitlines() if "试行标准" in line).split()
    assert words == ["t", "1", "试行标准", "草案", "10", "1", "1", "1", "5"]


def test_nothing_to_say(typed: Type, repository: Path) -> None:
    for path in (repository / "rules").rglob("*.yaml"):
        path.unlink()
    done = typed("check")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("没有问题。\n")


def test_a_broken_library(typed: Type, repository: Path) -> None:
    section = repository / "rules/t/1/1-a.yaml"
    section.write_text(section.read_text("utf-8").replace("c.rate", "c.rat"), "utf-8")
    done = typed("check", "--root", repository)
    assert done.code == 1
    assert "rules/t/1/1-a.yaml:6" in done.err
    assert "错误 指标 one 用到的事实 c.rat 在填报清单里找不到。最接近的是 c.rate" in done.err
    assert "2 处错误，0 处提醒（先改好读不懂的地方，再查算不平的）。" in done.out
    data = json.loads(typed("check", "--json").out)
    assert [problem["message"] in done.err for problem in data["problems"]] == [True, True]
    assert {(problem["file"], problem["severity"]) for problem in data["problems"]} == {
        ("rules/t/1/1-a.yaml", "error")
    }


def test_data_says_what_the_text_says(typed: Type, repository: Path) -> None:
    text, done = typed("check", "--provenance"), typed("check", "--provenance", "--json")
    data = json.loads(done.out)
    assert (text.code, done.code, done.err) == (0, 0, "")
    assert [(one["standard"], one["indicators"], one["points"]) for one in data["editions"]] == [
        ("t", 1, "10")
    ]
    assert data["unverified"] == [{"where": "t/1 指标 one", "text": "law 第 3 条"}]
    assert "待核对 t/1 指标 one：law 第 3 条" in text.out
    assert [problem["message"] in text.err for problem in data["problems"]] == [True] * len(data["problems"])


def test_the_library_is_found_from_below_and_named_when_it_is_not(
    typed: Type, repository: Path, tmp_path_factory, monkeypatch
) -> None:
    monkeypatch.chdir(repository / "rules" / "t")
    assert typed("check").code == 0
    empty = tmp_path_factory.mktemp("empty")
    monkeypatch.chdir(empty)
    lost = typed("check")
    assert (lost.code, lost.err.strip()) == (
        2,
        "从当前文件夹往上找不到 rules/ 和 checklists/。请进入规则库的文件夹，或用 --root 指明。",
    )
    assert typed("check", "--root", empty).code == 2
    assert typed("check", "--root", repository).code == 0


def test_every_step_says_how_long_it_took(typed: Type, repository: Path) -> None:
    done = typed("check", "-v")
    steps = [line.split("毫秒")[1].strip() for line in done.err.splitlines() if "毫秒" in line]
    assert steps == ["读文件", "读 YAML", "填报清单、依据和参数", "标准 t/1", "检查 t/1", "合计"]
    assert "毫秒" not in typed("check").err
