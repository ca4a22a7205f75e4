"""What a desk types: read exactly, or refused in one clear sentence while the other answers go on counting."""

from decimal import Decimal
from typing import Any

import pytest

from engine.answers import Stated, world_of
from engine.models.submission import Given, Piece
from tests.tiny import card, edition, item, span

FACTS = """
checklist: {id: c, title: 食堂清单, desk: 饮食中心}
facts:
- {id: c.staff, ask: 从业人员数, answer: {integer: {at_least: 0, at_most: 500}, unit: 人}}
- {id: c.passed, ask: 考核合格人数, answer: {integer: {at_most: c.staff}, unit: 人}}
- {id: c.least, ask: 最低人数, answer: {integer: {at_least: c.staff}, unit: 人}}
- {id: c.budget, ask: 预算, answer: money}
- {id: c.area, ask: 面积, answer: {number: {decimals: 1}, unit: 平方米}}
- {id: c.plain, ask: 个数, answer: integer}
- {id: c.share, ask: 达标比例, answer: percent}
- {id: c.licence, ask: 许可证有效, answer: yes_no}
- {id: c.day, ask: 检查日期, answer: {date: {at_least: 2020-01-01}}}
- {id: c.opened, ask: 开标时刻, answer: datetime}
- {id: c.kind, ask: 经营方式, answer: {choice: [{id: own, title: 自营}, 承包]}}
- {id: c.rules, ask: 成文制度, answer: {choices: [采购, 留样]}}
- {id: c.note, ask: 说明, answer: {text: {at_most: 5}}}
- {id: c.months, ask: 各月检查, answer: {table: {at_most: 3, columns: {month: date, score: {percent: {}}, ok: yes_no, number: {integer: {at_most: 9}}}}}}
- {id: c.proof, ask: 公示, answer: yes_no, evidence: {kind: 截图, from: 官网}}
derive:
- {id: c.rate, title: 培训合格率, ratio: [c.passed, c.staff]}
"""
OF = edition(item("[{points: 10, when: {c.licence: true}}]"), facts=FACTS)


def known(fact: str, value: Any) -> Any:
    """Return what one answer is read as."""
    world, problems = world_of(OF, Stated({fact: Given(value=value)}, {}, {}, "2024-06-30"))
    assert [str(problem) for problem in problems] == []
    return world.known.get(fact)


def refused(fact: str, value: Any) -> str:
    """Return what is said of an answer that cannot be read; the licence beside it must still earn its points."""
    found = card(OF, {fact: value, "c.licence": True})
    assert span(found) == (10, 10)
    assert fact not in found.world.known
    (problem,) = found.problems
    return problem.message


@pytest.mark.parametrize(
    ("fact", "value", "number"),
    [
        ("c.staff", 47, 47),
        ("c.staff", "１２", 12),
        ("c.staff", " 12 ", 12),
        ("c.plain", "1,200", 1200),
        ("c.budget", "1,200.50", 120050),
        ("c.budget", Decimal("0.1"), 10),
        ("c.area", "20.5", 205),
        ("c.share", "94%", 9400),
        ("c.share", "９４．５％", 9450),
        ("c.share", 0, 0),
        ("c.licence", True, 1),
        ("c.licence", "是", 1),
        ("c.licence", "否", 0),
        ("c.licence", "FALSE", 0),
        ("c.day", "2024-01-26", 738911),
        ("c.day", "2024年1月26日", 738911),
        ("c.day", "2024/1/26", 738911),
        ("c.day", "２０２４．１．２６", 738911),
        ("c.opened", "2024-01-26 15:00", (738911 * 24 + 15) * 60),
        ("c.opened", "2024年1月26日15时05分", (738911 * 24 + 15) * 60 + 5),
        ("c.opened", "2024-01-26T09：30:00", (738911 * 24 + 9) * 60 + 30),
        ("c.kind", "自营", "own"),
        ("c.kind", "own", "own"),
        ("c.note", "短", "answered"),
        ("c.rules", "留样", "answered"),
        ("c.rules", [], "answered"),
        ("c.staff", "", None),
        ("c.staff", None, None),
    ],
)
def test_answers_are_read_as_people_write_them(fact: str, value: Any, number: Any) -> None:
    assert known(fact, value) == number


def test_a_choice_of_several_knows_every_option() -> None:
    world, _ = world_of(OF, Stated({"c.rules": Given(value=["留样"])}, {}, {}, "2024-06-30"))
    assert (world.known["c.rules#采购"], world.known["c.rules#留样"]) == (0, 1)


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("c.staff", "12人", "只填数字，写成 12，单位已定为人。"),
        ("c.budget", "40 万元", "只填数字，写成 400000，单位已定为元。"),
        ("c.plain", "1.5亿", "只填数字，写成 150000000。"),
        ("c.staff", "12 公斤", "请只填数字，如 12、1,200，单位已定为人。"),
        ("c.staff", "1,2,3人", "请只填数字，如 12、1,200，单位已定为人。"),
        ("c.share", "九成", "不是数字。请只填数字，如 95%。"),
        ("c.staff", "NaN", "不是有限的数字"),
        ("c.staff", "Infinity", "不是有限的数字"),
        ("c.staff", Decimal("NaN"), "不是有限的数字"),
        ("c.staff", "9" * 10_000, "数字超过 30 位"),
        ("c.staff", "12.5", "填了 12.5，应是整数。"),
        ("c.area", "20.55", "最多 1 位小数"),
        ("c.share", "94.555%", "最多 2 位小数"),
        ("c.staff", True, "这里要填数字"),
        ("c.staff", "1,2345", "逗号只能隔开千位"),
        ("c.staff", -1, "填了 -1，应在 0 到 500 之间。若情况特殊，请先留空并备注，不影响其他内容保存。"),
        ("c.share", "101%", "应在 0% 到 100% 之间"),
        ("c.share", 94, "填了 94，百分数要带 %。请写成 94%。"),
        ("c.share", "0.94", "百分数要带 %。请写成 94%（也就是 0.94）或 0.94%。"),
        ("c.share", 1, "百分数要带 %。请写成 1%。"),
        ("c.proof", "有", "填了 有，只能填 是 或 否。"),
        ("c.proof", 1, "填了 1，只能填 是 或 否。"),
        ("c.proof", ["是"], "填了 一个列表"),
        ("c.day", "2024-02-30", "填了 2024-02-30，日历上没有这一天。请写成 2024-01-26。"),
        ("c.day", "2024-13-01", "日历上没有这一天"),
        ("c.day", "去年春天", "填了 去年春天，不是日期。请写成 2024-01-26。"),
        ("c.day", "2024-01-26 15:00", "不是日期"),
        ("c.day", "2019-12-31", "填了 2019-12-31，应在 2020-01-01 到 2199-12-31 之间。"),
        ("c.opened", "2024-01-26", "不是日期和时刻。请写成 2024-01-26 15:00。"),
        ("c.opened", "2024-01-26 25:00", "没有这个时刻"),
        ("c.opened", "2024-01-26 10:60", "没有这个时刻"),
        ("c.opened", "1899-12-31 10:00", "应在 1900-01-01 到 2199-12-31 之间"),
        ("c.kind", "自菅", "填了 自菅，选项只有：自营、承包。最接近的是“自营”。"),
        ("c.kind", "别的", "选项只有：自营、承包。若情况特殊"),
        ("c.kind", ["自营", "承包"], "填了 一个列表"),
        ("c.rules", ["采购", "留杨"], "最接近的是“留样”。"),
        ("c.note", "一二三四五六", "写了 6 个字，最多 5 个。请缩短，原文可放在附件里。"),
        ("c.note", ["一"], "这里要写文字"),
        ("c.months", "三个月", "表格要一行一行填。每行写：month、score、ok、number。"),
        ("c.months", [{"month": "2024-01-31"}] * 4, "填了 4 行，应在 0 到 3 行之间。"),
        ("c.months", [{"mouth": "2024-01-31"}], "第 1 行的列“mouth”不存在。最接近的是 month。"),
        ("c.months", [{"天气": "晴"}], "第 1 行的列“天气”不存在。这张表有：month、score、ok、number。"),
        ("c.months", [{}, {"score": 94, "number": 10}], "第 2 行“score”填了 94，百分数要带 %；第 2 行“number”填了 10，应在 0 到 9 之间"),
        ("c.months", [{"number": 10, "score": 1, "ok": 2, "month": 3}] * 2, "；一共 8 处"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_the_rest_counts(fact: str, value: Any, said: str) -> None:
    assert said in refused(fact, value)


def test_a_number_of_ten_thousand_digits_is_refused_without_printing_it() -> None:
    assert refused("c.staff", 10**10_000).startswith("从业人员数：填了 一个很长的数：数字超过 30 位")


def test_a_message_names_the_fact_and_its_place() -> None:
    found = card(OF, {"c.staff": "很多"})
    assert str(found.problems[0]).startswith("填报 从业人员数：填了 很多：不是数字")


def test_rows_of_a_table_are_read_cell_by_cell_and_blanks_stay_open() -> None:
    rows = [{"month": "2024年1月31日", "score": "94%", "ok": "是", "number": "３"}, {"month": "", "ok": None}]
    assert known("c.months", rows) == ({"month": 738916, "score": 9400, "ok": 1, "number": 3}, {})


def test_an_unknown_fact_is_told_with_the_nearest_name() -> None:
    assert "填报里的事实 c.stuff 在填报清单里找不到。最接近的是 c.staff" in refused("c.stuff", 5)
    assert "请先在 checklists/ 里写这个事实" in refused("别的", 5)
    assert refused("c.rate", "95%") == "填报里的 c.rate 是派生事实，由引擎计算。不用填写，请删去。"


def test_an_answer_may_not_break_the_bound_another_answer_sets() -> None:
    found = card(OF, {"c.staff": 50, "c.passed": 52, "c.licence": True})
    assert [problem.message for problem in found.problems] == [
        "考核合格人数：填了 52，应不大于 50（从业人员数）。若情况特殊，请先留空并备注，不影响其他内容保存。"
    ]
    assert found.world.known["c.staff"] == 50
    assert "c.passed" not in found.world.known
    found = card(OF, {"c.staff": 50, "c.least": 49})
    assert "最低人数：填了 49，应不小于 50（从业人员数）" in found.problems[0].message
    assert card(OF, {"c.staff": 50, "c.passed": 50, "c.least": 50}).problems == ()
    assert card(OF, {"c.passed": 52}).problems == ()


def test_only_evidence_from_the_named_place_counts() -> None:
    pieces = (Piece.model_validate({"title": "截图", "from": "官网"}), Piece(title="照片"))
    found = card(
        OF, {"c.proof": Given(value=True, evidence=pieces), "c.licence": Given(value=True, evidence=pieces)}
    )
    assert (found.world.known["c.proof@evidence"], found.world.known["c.licence@evidence"]) == (1, 2)


def test_a_day_of_assessment_that_is_none_leaves_what_hangs_on_it_open() -> None:
    of = edition(item("[{points: 10, when: {c.day: {within_months: 12}}}]"), facts=FACTS)
    for day in ("2024-02-30", "0001-01-01", "9999-12-31"):
        found = card(of, {"c.day": "2024-01-26"}, as_of=day)
        assert [problem.message for problem in found.problems] == [
            f"评定日 {day} 不是可用的日期。日期写成 2024-01-26。"
        ]
        assert span(found) == (0, 10)
    assert span(card(of, {"c.day": "2024-01-26"})) == (10, 10)


def test_points_given_by_a_person_fit_their_indicator() -> None:
    of = edition(item("{judge: 10, guide: 据实, step: 0.5}"), facts=FACTS)
    assert span(card(of, {}, judged={"one": "8.5"})) == (8.5, 8.5)
    for points in ("10.01", "8.001"):
        (problem,) = card(of, {}, judged={"one": points}).problems
        assert (
            f"指标 one 人工评定 {points} 分，应在 0 到 10 之间，且不比最小单位 0.01 还细。请改正。"
            == problem.message
        )
    assert (
        card(of, {}, judged={"oen": 8}).problems[0].message.endswith("这里的给分不起作用。最接近的是 one。")
    )
    assert card(of, {}, judged={"别的": 8}).problems[0].message.endswith("这里的给分不起作用。请删去。")
