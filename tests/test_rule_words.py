"""Rules in words: every shape, without anybody's answers."""

import pytest

from engine.rule_words import Rule, conditions_of, rule_of, veto_lines
from tests.tiny import edition, item


def flat(rule: Rule) -> list[str]:
    return [rule.text, *(line for part in rule.parts for line in flat(part))]


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (
            "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4, when: {c.rate: {at_least: 90%}}}]",
            [
                "按第一条成立的计",
                "培训合格率达到 95%：得 10 分",
                "培训合格率达到 90%：得 4 分",
                "其余：得 0 分",
            ],
        ),
        (
            "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4}]",
            ["按第一条成立的计", "培训合格率达到 95%：得 10 分", "其余：得 4 分"],
        ),
        ("[{points: 10, when: {c.licence: true}}]", ["“许可证有效”为是：得 10 分；否则不得分"]),
        ("{each: c.faults, points: 2, up_to: 10}", ["问题处数：每处 2 分，最多 10 分"]),
        (
            "{each: c.staff, points: 1, up_to: 10, base: {at: 3, points: 4}}",
            ["从业人员数：满 3 人得 4 分，以上每人加 1 分，最多 10 分"],
        ),
        (
            "{each: c.share, over: 90%, per: 1%, points: 1, part: counts, up_to: 10}",
            ["达标比例：超过 90% 的部分每 1% 1 分（不足一个也算），最多 10 分"],
        ),
        (
            "{deduct_from: 10, items: [{each: c.faults, points: 2}, {points: 5, when: {c.gas: true}}]}",
            ["满分 10 分，逐项扣，扣完为止", "问题处数：每处扣 2 分", "“使用燃气”为是：扣 5 分；否则不扣分"],
        ),
        (
            "{items: [{when: {c.licence: true}}, {when: {c.gas: false}}, {when: {c.kind: 自营}}], by_count: {3: 10, 1: 4}}",
            [
                "下列各项成立 3 项得 10 分，1 项得 4 分（不足的按够得上的档）",
                "“许可证有效”",
                "“使用燃气”为否",
                "经营方式为“自营”",
            ],
        ),
        (
            "{parts: [{each: c.faults, points: 2}, {points: 4, when: {c.gas: true}}], up_to: 10}",
            ["各项相加，最多 10 分", "问题处数：每处 2 分", "“使用燃气”为是：得 4 分；否则不得分"],
        ),
        (
            "{linear: c.share, from: [50%, 0], to: [100%, 10], step: 0.5}",
            ["按达标比例的比例计：50% 时 0 分，100% 时 10 分，其间均匀增减，按 0.5 分一档"],
        ),
        (
            "{linear: c.staff, through: [[0, 0], [10, 6], [50, 10]]}",
            ["按从业人员数的比例计：0 时 0 分，10 时 6 分，50 时 10 分，其间均匀增减"],
        ),
        ("{judge: 10, guide: 据实}", ["由评审专家评定，最多 10 分，写明理由：据实"]),
        (
            "{best_of: [{points: 10, when: {c.licence: true}}, {each: c.staff, points: 1, up_to: 8}]}",
            [
                "几种算法取最高的",
                "“许可证有效”为是：得 10 分；否则不得分",
                "从业人员数：每人 1 分，最多 8 分",
            ],
        ),
        (
            "{worst_of: [{points: 10, when: {c.licence: true}}, {points: 10, when: {c.gas: true}}]}",
            [
                "几种算法取最低的",
                "“许可证有效”为是：得 10 分；否则不得分",
                "“使用燃气”为是：得 10 分；否则不得分",
            ],
        ),
    ],
)
def test_every_shape(score: str, said: list[str]) -> None:
    of = edition(item(score))
    assert flat(rule_of(of, of.leaves[0])) == said


def test_a_breach_comes_first() -> None:
    of = edition(item("{each: c.staff, points: 1, up_to: 10}", zero_when="{c.gas: true}", voids="section"))
    assert flat(rule_of(of, of.leaves[0])) == [
        "从业人员数：每人 1 分，最多 10 分",
        "有下列情形的整项 0 分：“使用燃气”为是",
    ]
    assert conditions_of(of.leaves[0]) == ["不合规的，连同整个分区一起 0 分。"]


def test_points_are_told_in_the_scale_of_the_edition() -> None:
    of = edition(item("{each: c.staff, points: 1, up_to: 10}"), "scale: 0.1\ntotal: 1\n")
    assert flat(rule_of(of, of.leaves[0])) == ["从业人员数：每人 0.1 分，最多 1 分"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"applies_when": "{c.gas: true}", "absent": "exclude"},
            "适用：“使用燃气”为是；不适用的不计入，分值按比例折到其他指标。",
        ),
        ({"applies_when": "{c.gas: true}"}, "适用：“使用燃气”为是；不适用的给 0 分，本项不许缺项。"),
        ({"absent": "full"}, "可以申报缺项（附理由）；缺项给满分。"),
        ({"zero_when": "{c.gas: true}", "voids": "parent"}, "不合规的，连同整个分组一起 0 分。"),
    ],
)
def test_when_it_applies_and_what_else(more: dict[str, str], said: str) -> None:
    of = edition(item("{each: c.staff, points: 1, up_to: 10}", **more))
    assert conditions_of(of.leaves[0]) == [said]


@pytest.mark.parametrize(
    ("veto", "said"),
    [
        ("when: {c.gas: true}", ["成立：“使用燃气”为是。"]),
        (
            "when: {c.staff: {less_than: 4}}, applies_when: {c.kind: 承包}, doubt_when: {c.staff: 4}, doubt: 边界",
            [
                "适用：经营方式为“承包”。",
                "成立：从业人员数低于 4 人。",
                "边界（由人判断）：没有违反，但从业人员数等于 4 人。",
            ],
        ),
        ("when_result: {keys_missed_at_least: 2}", ["成立：关键项至少 2 项不符。"]),
        (
            "when_result: {keys_missed_at_least: 1}, when: {c.gas: true}",
            ["成立：“使用燃气”为是，且（见下行）。", "成立：关键项至少 1 项不符。"],
        ),
        ("when_result: {section: a, less_than: 80%}", ["成立：分区“甲区”得分率低于 80%。"]),
        ("when_result: {per: 食堂, less_than: 80%}", ["成立：评定对象为“食堂”的指标得分率低于 80%。"]),
    ],
)
def test_vetoes(veto: str, said: list[str]) -> None:
    of = edition(item("{each: c.staff, points: 1, up_to: 10}"), f"vetoes: [{{id: v, title: 甲, {veto}}}]\n")
    assert veto_lines(of, of.vetoes[0]) == said
