"""zhunsheng score: the same result as text, as data and as a file; what cannot be read is told and the rest counts."""

import json
from pathlib import Path

import pytest

from engine.document import canonical
from engine.verify import verify
from tests.command.conftest import SAMPLES, SUBMISSION, Type

REVIEW = "{{inspector: {name}, standard: t, edition: '1', subject: s, findings: {{one: {verdict}}}}}"
UNITS = """units:
- {subject: {id: c1, title: 第一食堂, kind: 食堂}, answers: {c.passed: 50}}
- {subject: {id: c2, title: 第二食堂, kind: 食堂}}
"""


def test_text_data_and_file_agree(typed: Type, repository: Path) -> None:
    text, data = typed("score", "mine.yaml", "--out", "card.json"), typed("score", "mine.yaml", "--json")
    assert (text.code, data.code, text.err, data.err) == (0, 0, "", "")
    card = json.loads(data.out)
    assert data.out == (repository / "card.json").read_text("utf-8") == canonical(card)
    assert verify(card) == []
    for said in (
        "某[食堂](bold) · 试行标准 · 自评",
        f"指纹 {card['standard']['hash'][:12]}",
        "虚构的标准，只为测试",
        "总分 5 / 10    等级 达标",
        "已填 5/5 个事实，已有定论的指标合 10 分",
        "甲区  ",
        "扣分 通报：问题处数 1 处，每处扣 1 分，扣 1 分",
        "甲项 one",
        "培训合格率 47/50 = 94%，达到 90%，得 4 分",
        "下一步：培训合格率达到 95%（考核合格人数再增加 1 人），得 10 分",
        "附加分 特色 2",
        "由填报算出\n  培训合格率 47/50 = 94%",
        "成绩单已写入 card.json",
    ):
        assert said in text.out, said
    brief = typed("score", "mine.yaml", "--brief").out
    assert "总分 5 / 10" in brief
    assert "甲项" not in brief


def test_what_is_open_says_what_would_settle_it(typed: Type, repository: Path) -> None:
    Path("mine.yaml").write_text(SUBMISSION.split("answers:")[0], "utf-8")
    done = typed("score", "mine.yaml")
    assert done.code == 0
    for said in (
        "总分 0–12 / 10    等级 还可能是 良好、达标、无等级",
        "否决项 事故：还不知道",
        "附加分",
        "未定",
        "还不知道“考核合格人数”、“从业人员数”，可能 0–10 分",
        "要定级，可以只答这些（尽量少的）\n  先弄清否决项：1 项（使用燃气）",
        "影响最大的未答事实\n  考核合格人数：关系 10 分",
    ):
        assert said in done.out, said
    Path("mine.yaml").write_text(SUBMISSION.replace("c.gas: false", "c.gas: true"), "utf-8")
    assert "否决项 事故：成立" in typed("score", "mine.yaml").out


def test_many_missing_facts_are_cut_short(typed: Type) -> None:
    done = typed("score", SAMPLES / "association-2023.yaml", "--brief")
    assert done.code == 0
    assert "先弄清否决项：8 项（" in done.out
    assert " 等）" in done.out
    vetoed = typed("score", SAMPLES / "vetoed.yaml", "--brief").out
    assert "否决项 正被立案调查：成立" in vetoed
    assert "等级 不予评定" in vetoed


def test_a_plain_standard_prints_no_empty_headings(typed: Type, repository: Path) -> None:
    standard = repository / "rules/t/1/standard.yaml"
    text = standard.read_text("utf-8")
    plain = "\n".join(
        line for line in text.splitlines() if line.split(":")[0] not in ("bonus", "disclaimer", "vetoes")
    )
    demand = "grades: [{id: good, title: 良好, at_least: 8, requires: [{title: 持证, when: {c.licence: true}}]}, {id: sure, title: 稳妥, at_least: 4, requires: [{title: 不用燃气, when: {c.gas: false}}, {title: 承包, when: {c.kind: 承包}}]}]"
    lines = [demand if line.startswith("grades:") else line for line in plain.splitlines()]
    standard.write_text("\n".join(lines), "utf-8")
    Path("mine.yaml").write_text(
        SUBMISSION.replace("c.faults: 1", "c.faults: 0").replace("c.passed: 47", "c.passed: 50"), "utf-8"
    )
    done = typed("score", "mine.yaml")
    assert done.code == 0
    for said in ("附加分", "否决项", "扣分", "虚构的标准"):
        assert said not in done.out
    assert "良好的前置“持证”：还不知道" in done.out
    assert "稳妥的前置“承包”：不满足" in done.out
    assert "不用燃气" not in done.out
    assert "定为良好：1 项（许可证有效）" in done.out


def test_answers_that_cannot_be_read_are_told_and_the_rest_counts(typed: Type, repository: Path) -> None:
    text = SUBMISSION.replace(
        "c.faults: 1", "c.faults: 一处\n  c.share: {value: 94%, evidence: 照片}\n  c.stuff: 1"
    )
    Path("mine.yaml").write_text(text, "utf-8")
    done = typed("score", "mine.yaml")
    assert done.code == 1
    assert "mine.yaml:13:35 错误 “evidence”应是一个列表" in done.err
    assert "mine.yaml 有 1 处没有读进去，其余照常计算；文件没有被改动。" in done.err
    assert "mine.yaml:12:13 问题处数：填了 一处：不是数字。" in done.out
    assert "填报里的事实 c.stuff 在填报清单里找不到。最接近的是 c.staff" in done.out
    assert "总分 3–6 / 10" in done.out
    assert "得 4 分" in done.out


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("standard: t", 1, "mine.yaml 有 4 处要改，没有往下做；文件没有被改动。"),
        ("", 1, "文件是空的"),
        (SUBMISSION.replace("standard: t", "standard: tt"), 2, "没有标准 tt/1。最接近的是 t/1。"),
        (SUBMISSION.replace("standard: t", "standard: quux"), 2, "没有标准 quux/1。有：t/1。"),
        (SUBMISSION + f"hash: {'a' * 64}\n", 1, "填报钉住的版本指纹是 aaaaaaaaaaaa…，现在的规则是 "),
    ],
)
def test_a_submission_that_cannot_be_judged(
    typed: Type, repository: Path, text: str, code: int, said: str
) -> None:
    Path("mine.yaml").write_text(text, "utf-8")
    done = typed("score", "mine.yaml")
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_broken_library_judges_nobody(typed: Type, repository: Path) -> None:
    (repository / "rules/t/1/1-a.yaml").write_text("section: 1\n", "utf-8")
    done = typed("score", "mine.yaml")
    assert (done.code, done.out) == (1, "")
    assert "先改好才能评分。运行 zhunsheng check 看全部。" in done.err


def test_a_file_that_cannot_be_written(typed: Type, repository: Path) -> None:
    done = typed("score", "mine.yaml", "--out", "没有/card.json")
    assert (done.code, done.err.strip()) == (
        2,
        "写不了文件 没有/card.json。请检查文件夹是否存在、有没有权限。",
    )


def test_reviews_stand_beside_the_self_score(typed: Type, repository: Path) -> None:
    Path("a.yaml").write_text(REVIEW.format(name="甲", verdict="{verdict: agree}"), "utf-8")
    Path("b.yaml").write_text(
        REVIEW.format(name="乙", verdict="{verdict: adjust, points: 3, reason: 补考未存档}"), "utf-8"
    )
    done = typed("score", "mine.yaml", "--review", "a.yaml", "--review", "b.yaml", "--out", "all.json")
    assert (done.code, done.err) == (0, "")
    assert [line for line in done.out.splitlines() if " · 试行标准 · " in line] == [
        f"某[食堂](bold) · 试行标准 · {layer}" for layer in ("自评", "评审组", "最终")
    ]
    assert "评审组 2 位专家取平均（4、3），得 3.5 分" in done.out
    data = json.loads(typed("score", "mine.yaml", "--review", "b.yaml", "--json").out)
    assert list(data) == ["final", "inspector-1", "panel", "self"]
    assert [data[name]["total"]["low"] for name in sorted(data)] == ["4", "4", "4", "5"]
    assert data["inspector-1"]["layer"] == "inspector 乙"
    assert typed("verify", "all.json").out == "重算一致。\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (REVIEW.format(name="甲", verdict="{verdict: maybe}"), "评审记录要全部读得懂才能合成。请先改正。"),
        (REVIEW.format(name="甲", verdict="{verdict: agree}").replace("subject: s", "subject: x"), "a.yaml 评的是 t/1/x，这份填报是 t/1/s。"),
    ],
)  # fmt: skip
def test_a_review_of_something_else_is_refused(typed: Type, repository: Path, text: str, said: str) -> None:
    Path("a.yaml").write_text(text, "utf-8")
    done = typed("score", "mine.yaml", "--review", "a.yaml")
    assert (done.code, done.out) == (1, "")
    assert said in done.err


def test_units_are_rolled_up(typed: Type, repository: Path) -> None:
    standard = repository / "rules/t/1/standard.yaml"
    plan = "roll_up: {per: 食堂, whole: 学校, weight: c.staff, titles: [{id: m, title: 示范校, mean_at_least: 5}, {id: p, title: 标兵校, worst_at_least: 9}, {id: o, title: 待定校, shares: [{share: 50%, grade: good}]}]}\n"
    standard.write_text(standard.read_text("utf-8") + plan, "utf-8")
    Path("mine.yaml").write_text(SUBMISSION + UNITS, "utf-8")
    done = typed("score", "mine.yaml", "--out", "all.json")
    assert done.code == 0
    assert "自评" not in done.out
    rows = [line.split() for line in done.out.split("汇总\n")[0].splitlines()[2:]]
    assert [row[::2] for row in rows] == [["第一食堂", "良好"], ["第二食堂", "达标"]]
    assert done.out.split("汇总\n")[1].splitlines()[:-1] == [
        "  平均 8",
        "  最低 5",
        "  加权平均 8",
        "  良好以上，按个数占 50%",
        "  良好以上，按权重占 50%",
        "  示范校：授予",
        "  标兵校：不授予",
        "  待定校：授予",
    ]
    assert typed("verify", "all.json").out == "重算一致。\n"
    standard.write_text(standard.read_text("utf-8").replace("weight: c.staff, ", ""), "utf-8")
    assert "加权平均" not in typed("score", "mine.yaml").out
    Path("mine.yaml").write_text(SUBMISSION.replace("  c.faults: 1\n", "") + UNITS, "utf-8")
    open_ = typed("score", "mine.yaml").out
    assert "还可能是 达标、无等级" in open_
    assert "  示范校：授予" in open_ or "  示范校：还不知道" in open_
    Path("mine.yaml").write_text(SUBMISSION + UNITS.replace("c.passed: 50", "c.passed: 五十"), "utf-8")
    wrong = typed("score", "mine.yaml")
    assert wrong.code == 1
    assert "不是数字" in wrong.out
