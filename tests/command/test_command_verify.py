"""zhunsheng verify: a second opinion on scorecards and published results, in exit codes too."""

import json
from pathlib import Path

import pytest

from tests.command.conftest import REPOSITORY, Type


def scored(typed: Type) -> dict:
    typed("score", "mine.yaml", "--out", "card.json")
    return json.loads(Path("card.json").read_text("utf-8"))


def test_a_scorecard_that_adds_up(typed: Type, repository: Path) -> None:
    scored(typed)
    done = typed("verify", "card.json")
    assert (done.code, done.out, done.err) == (0, "重算一致。\n", "")
    assert json.loads(typed("verify", "card.json", "--json").out) == {"file": "card.json", "wrong": []}


def test_a_scorecard_that_was_changed(typed: Type, repository: Path) -> None:
    card = scored(typed)
    card["total"] = {"low": "9", "high": "9"}
    Path("card.json").write_text(json.dumps(card), "utf-8")
    text, data = typed("verify", "card.json"), typed("verify", "card.json", "--json")
    assert (text.code, data.code) == (1, 1)
    wrong = json.loads(data.out)["wrong"]
    assert wrong == ["总分：重算是 5 分，记的是 9 分"]
    assert text.out.splitlines() == [*wrong, "1 处对不上。"]


def test_every_layer_is_looked_at(typed: Type, repository: Path) -> None:
    card = scored(typed)
    changed = {**card, "total": {"low": "9", "high": "9"}}
    Path("all.json").write_text(
        json.dumps({"self": card, "panel": changed, "roll_up": {}, "units": [card, changed]}), "utf-8"
    )
    assert typed("verify", "all.json").out.splitlines() == [
        "评审组：总分：重算是 5 分，记的是 9 分",
        "第 2 个对象：总分：重算是 5 分，记的是 9 分",
        "2 处对不上。",
    ]
    Path("all.json").write_text(json.dumps({"self": card, "units": 5}), "utf-8")
    assert typed("verify", "all.json").code == 0


@pytest.mark.parametrize(
    "text", ["[]", "{}", "{", '{"self": 1}', '{"format": "zhunsheng.scorecard/1"}', "\x00"]
)
def test_what_is_no_scorecard(typed: Type, repository: Path, text: str) -> None:
    Path("card.json").write_text(text, "utf-8")
    done = typed("verify", "card.json")
    assert (done.code, done.out) == (1, "")
    assert "card.json 不是一份完整的成绩单，没有重算。请用 zhunsheng score --out 重新写出。" in done.err


def test_published_results(typed: Type) -> None:
    folder = REPOSITORY / "samples" / "published"
    assert typed("verify", folder / "adds-up.yaml").out == "重算一致。\n"
    done = typed("verify", folder / "does-not-add-up.yaml")
    assert done.code == 1
    assert done.out.endswith("各部分相加是 691.6 分，公布的合计是 691.0 分，差 0.6 分\n1 处对不上。\n")


def test_a_published_result_that_cannot_be_read(typed: Type, tmp_path: Path) -> None:
    path = tmp_path / "result.yaml"
    path.write_text("format: zhunsheng.published/1\ntitle: 甲\n", "utf-8")
    assert typed("verify", path).code == 1
    path.write_text(
        "format: zhunsheng.published/1\ntitle: 甲\ntitle: 乙\nsource: 丙\nparts: [{title: 丁, points: '1'}]\ntotal: '1'\n",
        "utf-8",
    )
    done = typed("verify", path)
    assert (done.code, "键 title 重复了" in done.out) == (1, True)
    assert typed("verify", tmp_path / "none.yaml").code == 2
