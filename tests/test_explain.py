"""Every sentence a desk reads of one indicator, for each shape: what held, with which values, and the next step."""

from typing import Any

import pytest

from engine.check import blank_world
from engine.explain import explain
from engine.layers import layered
from engine.models.submission import Review
from engine.table import tables
from tests.tiny import FACTS, card, edition, item

FULL = FACTS.replace(
    "derive:",
    """- {id: c.when, ask: 最近检查时刻, answer: datetime}
- {id: c.rooms, ask: 抽查房间, answer: {table: {columns: {ok: yes_no, score: number}}}}
- {id: c.price, ask: 报价, answer: money}
derive:
- {id: c.third, title: 三分之一人数, unit: 人, ratio: [c.staff, 3]}
- {id: c.low, title: 较低比例, least: [c.rate, c.share]}
- {id: c.score, title: 平均分, mean: {table: c.rooms, column: score}}
- {id: c.work, title: 间隔, workdays: [c.accident, 2024-06-30]}""",
)

SENTENCES = [
    pytest.param(
        "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4, when: {c.rate: {at_least: 90%}}}]",
        {"c.staff": 50, "c.passed": 47},
        "培训合格率 47/50 = 94%，达到 90%，得 4 分",
        ("培训合格率达到 95%（考核合格人数再增加 1 人），得 10 分",),
        id="ladder",
    ),
    pytest.param(
        "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4, when: {c.rate: {at_least: 90%}}}]",
        {"c.staff": 50, "c.passed": 50},
        "培训合格率 50/50 = 100%，达到 95%，得 10 分",
        (),
        id="ladder-top",
    ),
    pytest.param(
        "[{points: 10, when: {c.rate: {more_than: 95%}}}, {points: 4, when: {c.rate: {more_than: 90%}}}]",
        {"c.staff": 50, "c.passed": 10},
        "培训合格率 10/50 = 20%，没有超过 90%，得 0 分",
        ("培训合格率超过 90%（考核合格人数再增加 36 人），得 4 分",),
        id="ladder-low",
    ),
    pytest.param(
        "[{points: 10, when: {c.rate: {at_least: 33.33%}}}]",
        {"c.staff": 3, "c.passed": 1},
        "培训合格率 1/3 ≈ 33.333%，达到 33.33%，得 10 分",
        (),
        id="close",
    ),
    pytest.param(
        "[{points: 10, when: {c.faults: {at_least: c.third}}}]",
        {"c.staff": 50, "c.faults": 16},
        "问题处数 16 处，没有达到三分之一人数（约 16.67 人），得 0 分",
        ("问题处数达到三分之一人数（约 16.67 人）（再增加 1 处），得 10 分",),
        id="third",
    ),
    pytest.param(
        "[{points: 10, when: {c.faults: 0}}, {points: 3}]",
        {"c.faults": 2},
        "问题处数 2 处，不等于 0 处，得 3 分",
        ("问题处数等于 0 处，得 10 分",),
        id="otherwise",
    ),
    pytest.param(
        "[{points: 10, when: {c.faults: 0}}]", {"c.faults": 0}, "问题处数 0 处，得 10 分", (), id="equals"
    ),
    pytest.param(
        "[{points: 10, when: {not: {c.faults: 3}}}]",
        {"c.faults": 4},
        "问题处数 4 处，不等于 3 处，得 10 分",
        (),
        id="differs",
    ),
    pytest.param(
        "[{points: 10, when: {c.licence: true}}]",
        {"c.licence": False},
        "“许可证有效”为否，得 0 分",
        ("做到“许可证有效”，得 10 分",),
        id="truth",
    ),
    pytest.param(
        "[{points: 10, when: {c.kind: 自营}}, {points: 6, when: {c.kind: {one_of: [承包, 托管]}}}]",
        {"c.kind": "承包"},
        "经营方式为“承包”，得 6 分",
        ("经营方式为“自营”，得 10 分",),
        id="kind",
    ),
    pytest.param(
        "[{points: 10, when: {c.kind: 自营}}]", {}, "还不知道“经营方式”，可能 0–10 分", (), id="kind?"
    ),
    pytest.param(
        "[{points: 10, when: {any: [{c.licence: true}, {c.gas: true}]}}]",
        {"c.licence": False, "c.gas": False},
        "“许可证有效”为否、“使用燃气”为否，得 0 分",
        ("做到“许可证有效”，或做到“使用燃气”，得 10 分",),
        id="any",
    ),
    pytest.param(
        "[{points: 10, when: {all: [{c.licence: true}, {any: [{c.gas: true}, {c.kind: 自营}]}]}}]",
        {"c.licence": True, "c.gas": False, "c.kind": "承包"},
        "“使用燃气”为否、经营方式为“承包”，得 0 分",
        ("做到“使用燃气”，或经营方式为“自营”，得 10 分",),
        id="all",
    ),
    pytest.param(
        "[{points: 10, when: {c.accident: {before: 2024-01-01}}}]",
        {"c.accident": "2024-03-01"},
        "最近一次事故日期 2024-03-01，不早于 2024-01-01，得 0 分",
        ("最近一次事故日期早于 2024-01-01，得 10 分",),
        id="date",
    ),
    pytest.param(
        "[{points: 10, when: {c.when: {at_most: 2024-06-01 08:30}}}]",
        {"c.when": "2024-06-01 08:00"},
        "最近检查时刻 2024-06-01 08:00，不晚于 2024-06-01 08:30，得 10 分",
        (),
        id="datetime",
    ),
    pytest.param(
        "[{points: 10, when: {not: {c.accident: {within_months: 12}}}}]",
        {"c.accident": "2022-03-01"},
        "最近一次事故日期 2022-03-01，早于评定日前 12 个月（2023-06-30），得 10 分",
        (),
        id="within",
    ),
    pytest.param(
        "[{points: 10, when: {c.days: {at_least: 365}}}]",
        {"c.accident": "2024-03-01"},
        "距事故天数 121 天，没有达到 365 天，得 0 分",
        ("距事故天数达到 365 天，得 10 分",),
        id="days",
    ),
    pytest.param(
        "{each: c.faults, points: 2.5, up_to: 10}",
        {"c.faults": 2},
        "问题处数 2 处，每处 2.5 分，得 5 分",
        ("问题处数每再多 1 处，加 2.5 分，最多 10 分",),
        id="each",
    ),
    pytest.param(
        "{each: c.share, over: 50%, per: 5%, points: 1, up_to: 10}",
        {"c.share": "72%"},
        "达标比例 72%，超过 50% 的部分每 5% 1 分，得 4 分",
        ("达标比例每再多 5%，加 1 分，最多 10 分",),
        id="each-per",
    ),
    pytest.param(
        "{each: c.staff, points: 1, up_to: 10, base: {at: 2, points: 5}}",
        {"c.staff": 1},
        "从业人员数 1 人，没有达到 2 人，得 0 分",
        ("从业人员数达到 2 人（再增加 1 人），得 5 分起",),
        id="base",
    ),
    pytest.param(
        "{each: c.staff, points: 1, up_to: 10, base: {at: 2, points: 5}}",
        {"c.staff": 4},
        "从业人员数 4 人，满 2 人得 5 分，以上每人加 1 分，得 7 分",
        ("从业人员数每再多 1 人，加 1 分，最多 10 分",),
        id="base2",
    ),
    pytest.param(
        "{deduct_from: 10, items: [{each: c.faults, points: 2}, {points: 3, when: {c.licence: false}}]}",
        {"c.faults": 2, "c.licence": False},
        "满分 10 分，扣后得 3 分（问题处数 2 处，每处扣 2 分，扣 4 分；“许可证有效”为否，扣 3 分）",
        ("问题处数每少 1 处，少扣 2 分", "改正：“许可证有效”为否，少扣 3 分"),
        id="deduct",
    ),
    pytest.param(
        "{deduct_from: 10, items: [{each: c.rules, under: 3, points: 4}]}",
        {"c.rules": ["采购"]},
        "满分 10 分，扣后得 2 分（成文制度 1 项，不足 3 项的部分每项扣 4 分，扣 8 分）",
        ("成文制度每多 1 项，少扣 4 分",),
        id="under",
    ),
    pytest.param(
        "{deduct_from: 10, items: [{each: c.share, over: 4%, per: 1%, points: 2, part: counts}]}",
        {"c.share": "5.5%"},
        "满分 10 分，扣后得 6 分（达标比例 5.5%，超过 4% 的部分每 1%扣 2 分（不足一个也算），扣 4 分）",
        ("达标比例每少 1%，少扣 2 分",),
        id="ceil",
    ),
    pytest.param(
        "{items: [{points: 6, when: {c.rules: {includes: 采购}}}, {points: 4, when: {c.rules: {includes: 留样}}}]}",
        {"c.rules": ["采购"]},
        "合计得 6 分（“成文制度(采购)”为是，得 6 分；“成文制度(留样)”为否，得 0 分）",
        ("做到“成文制度(留样)”，得 4 分",),
        id="items",
    ),
    pytest.param(
        "{items: [{when: {c.licence: true}}, {when: {c.gas: true}}, {when: {c.kind: 自营}}], by_count: {3: 10, 2: 4}}",
        {"c.licence": True, "c.gas": True, "c.kind": "承包"},
        "3 项中成立 2 项，缺经营方式为“自营”，得 4 分",
        ("再做到 1 项，得 10 分：经营方式为“自营”",),
        id="count",
    ),
    pytest.param(
        "{linear: c.share, from: [20%, 0], to: [80%, 10], step: 0.5}",
        {"c.share": "50%"},
        "达标比例 50%，按比例计，得 5 分",
        ("达标比例达到 80%，得 10 分",),
        id="linear",
    ),
    pytest.param(
        "{linear: c.share, from: [0%, 10], to: [50%, 0]}",
        {"c.share": "10%"},
        "达标比例 10%，按比例计，得 8 分",
        ("达标比例降到 0%，得 10 分",),
        id="falling",
    ),
    pytest.param(
        "{linear: c.faults, through: [[0, 0], [10, 4], [50, 10]]}",
        {"c.faults": 20},
        "问题处数 20 处，按比例计，得 5.5 分",
        ("问题处数达到 50 处，得 10 分",),
        id="through",
    ),
    pytest.param("{judge: 10, guide: 据实, step: 0.5}", {}, "等待人工评定，可能 0–10 分", (), id="judge"),
    pytest.param(
        "{parts: [{each: c.faults, points: 3}, {points: 4, when: {c.gas: true}}], up_to: 10}",
        {"c.faults": 1, "c.gas": False},
        "合计得 3 分（问题处数 1 处，每处 3 分，得 3 分；“使用燃气”为否，得 0 分）",
        ("问题处数每再多 1 处，加 3 分", "做到“使用燃气”，得 4 分"),
        id="parts",
    ),
    pytest.param(
        "{best_of: [{each: c.faults, points: 1, up_to: 10}, {points: 8, when: {c.gas: true}}]}",
        {"c.faults": 3, "c.gas": False},
        "取高得 3 分（问题处数 3 处，每处 1 分，得 3 分；“使用燃气”为否，得 0 分）",
        ("问题处数每再多 1 处，加 1 分，最多 10 分", "做到“使用燃气”，得 8 分"),
        id="best",
    ),
    pytest.param(
        "{worst_of: [{each: c.faults, points: 1, up_to: 10}, {points: 10, when: {c.gas: true}}]}",
        {"c.faults": 3, "c.gas": False},
        "取低得 0 分（问题处数 3 处，每处 1 分，得 3 分；“使用燃气”为否，得 0 分）",
        ("做到“使用燃气”，得 10 分",),
        id="worst",
    ),
    pytest.param(
        "[{points: 10, when: {c.low: {at_least: 90%}}}]",
        {"c.staff": 10, "c.passed": 10, "c.share": "80%"},
        "达标比例 80%，没有达到 90%，得 0 分",
        ("达标比例达到 90%（再增加 10%），得 10 分",),
        id="least",
    ),
    pytest.param(
        "{linear: c.score, from: [0, 0], to: [100, 10]}",
        {"c.rooms": [{"score": 80}, {"score": 91}, {"score": 0}]},
        "平均分 57，按比例计，得 5.7 分",
        ("平均分达到 100，得 10 分",),
        id="mean",
    ),
    pytest.param(
        "{linear: c.score, from: [0, 0], to: [100, 10]}",
        {"c.rooms": []},
        "平均分没有数值，算不出来，可能 0–10 分",
        (),
        id="mean0",
    ),
    pytest.param(
        "{linear: c.rate, from: [0%, 0], to: [100%, 10]}",
        {"c.staff": 0, "c.passed": 0},
        "培训合格率没有数值，算不出来，可能 0–10 分",
        (),
        id="zero",
    ),
    pytest.param(
        "[{points: 10, when: {c.work: {at_least: 20}}}]",
        {"c.accident": "2024-06-14"},
        "间隔 10 个工作日，没有达到 20 个工作日，得 0 分",
        ("间隔达到 20 个工作日，得 10 分",),
        id="work",
    ),
    pytest.param(
        "[{points: 10, when: {c.price: {at_most: 1200.5}}}]",
        {"c.price": "1300"},
        "报价 1300 元，超过 1200.5 元，得 0 分",
        ("报价不超过 1200.5 元，得 10 分",),
        id="price",
    ),
    pytest.param(
        "[{points: 10, when: {evidenced: c.staff}}]",
        {"c.staff": 3},
        "“从业人员数”的证据 0 件，没有达到 1 件，得 0 分",
        ("做到“从业人员数”的证据达到 1 件，得 10 分",),
        id="evidence",
    ),
]


@pytest.mark.parametrize(("score", "answers", "sentence", "next_"), SENTENCES)
def test_sentence_and_next_step(
    score: str, answers: dict[str, Any], sentence: str, next_: tuple[str, ...]
) -> None:
    told = explain(card(edition(item(score), facts=FULL), answers), "one")
    assert told.sentence == sentence
    assert told.next == next_


TABLES = [
    pytest.param(
        "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4, when: {c.rate: {at_least: 90%}}}]",
        [
            (
                "计分",
                (),
                (
                    ("培训合格率 ≥ 95%", 1000, 1000),
                    ("培训合格率 ≥ 90%，< 95%", 400, 400),
                    ("培训合格率 < 90%", 0, 0),
                ),
                3,
            )
        ],
        id="ladder",
    ),
    pytest.param(
        "[{points: 10, when: {c.rate: {more_than: 95%}}}, {points: 4, when: {c.rate: {more_than: 90%}}}]",
        [
            (
                "计分",
                (),
                (
                    ("培训合格率 > 95%", 1000, 1000),
                    ("培训合格率 > 90%，≤ 95%", 400, 400),
                    ("培训合格率 ≤ 90%", 0, 0),
                ),
                3,
            )
        ],
        id="ladder-low",
    ),
    pytest.param(
        "[{points: 10, when: {c.faults: 0}}]",
        [("计分", (), (("问题处数 = 0 处", 1000, 1000), ("问题处数 ≥ 1 处", 0, 0)), 2)],
        id="equals",
    ),
    pytest.param(
        "[{points: 10, when: {c.kind: 自营}}, {points: 6, when: {c.kind: {one_of: [承包, 托管]}}}]",
        [("计分", (), (("经营方式 自营", 1000, 1000), ("经营方式 承包、托管", 600, 600)), 2)],
        id="kind",
    ),
    pytest.param(
        "[{points: 10, when: {any: [{c.licence: true}, {c.gas: true}]}}]",
        [
            (
                "计分",
                (),
                (
                    ("许可证有效 是", 1000, 1000),
                    ("许可证有效 否；使用燃气 是", 1000, 1000),
                    ("许可证有效 否；使用燃气 否", 0, 0),
                ),
                3,
            )
        ],
        id="any",
    ),
    pytest.param(
        "[{points: 10, when: {all: [{c.licence: true}, {any: [{c.gas: true}, {c.kind: 自营}]}]}}]",
        [
            (
                "计分",
                (),
                (
                    ("许可证有效 是；使用燃气 是", 1000, 1000),
                    ("许可证有效 是；使用燃气 否；经营方式 自营", 1000, 1000),
                    ("许可证有效 是；使用燃气 否；经营方式 承包、托管", 0, 0),
                ),
                4,
            )
        ],
        id="all",
    ),
    pytest.param(
        "[{points: 10, when: {c.when: {at_most: 2024-06-01 08:30}}}]",
        [
            (
                "计分",
                (),
                (
                    ("最近检查时刻 1900-01-01 00:00–2024-06-01 08:30", 1000, 1000),
                    ("最近检查时刻 ≥ 2024-06-01 08:31", 0, 0),
                ),
                2,
            )
        ],
        id="datetime",
    ),
    pytest.param(
        "{each: c.faults, points: 2.5, up_to: 10}",
        [
            (
                "计分",
                (),
                (
                    ("问题处数 ≥ 4 处", 1000, 1000),
                    ("问题处数 = 3 处", 750, 750),
                    ("问题处数 = 2 处", 500, 500),
                ),
                5,
            )
        ],
        id="each",
    ),
    pytest.param(
        "{each: c.staff, points: 1, up_to: 10, base: {at: 2, points: 5}}",
        [
            (
                "计分",
                (),
                (
                    ("从业人员数 ≥ 7 人", 1000, 1000),
                    ("从业人员数 = 6 人", 900, 900),
                    ("从业人员数 = 5 人", 800, 800),
                ),
                7,
            )
        ],
        id="base",
    ),
    pytest.param(
        "{deduct_from: 10, items: [{each: c.faults, points: 2}, {points: 3, when: {c.licence: false}}]}",
        [
            (
                "扣分项 1",
                (),
                (
                    ("问题处数 ≥ 5 处", 1000, 1000),
                    ("问题处数 = 4 处", 800, 800),
                    ("问题处数 = 3 处", 600, 600),
                ),
                6,
            ),
            ("扣分项 2", (), (("许可证有效 否", 300, 300), ("许可证有效 是", 0, 0)), 2),
        ],
        id="deduct",
    ),
    pytest.param(
        "{deduct_from: 10, items: [{each: c.rules, under: 3, points: 4}]}",
        [
            (
                "扣分项",
                (),
                (
                    ("成文制度 = 0 项", 1000, 1000),
                    ("成文制度 = 1 项", 800, 800),
                    ("成文制度 = 2 项", 400, 400),
                ),
                4,
            )
        ],
        id="under",
    ),
    pytest.param(
        "{deduct_from: 10, items: [{each: c.share, over: 4%, per: 1%, points: 2, part: counts}]}",
        [
            (
                "扣分项",
                (),
                (
                    ("达标比例 > 8%", 1000, 1000),
                    ("达标比例 > 7%，≤ 8%", 800, 800),
                    ("达标比例 > 6%，≤ 7%", 600, 600),
                ),
                6,
            )
        ],
        id="ceil",
    ),
    pytest.param(
        "{items: [{when: {c.licence: true}}, {when: {c.gas: true}}, {when: {c.kind: 自营}}], by_count: {3: 10, 2: 4}}",
        [
            (
                "计分（共 3 项）",
                ("“许可证有效”", "“使用燃气”", "经营方式为“自营”"),
                (("成立 3 项", 1000, 1000), ("成立 2 项", 400, 400), ("成立 0–1 项", 0, 0)),
                3,
            )
        ],
        id="count",
    ),
    pytest.param(
        "{linear: c.share, from: [0%, 10], to: [50%, 0]}",
        [("计分", (), (("达标比例 按比例，每档 0.01 分", 0, 1000),), 1)],
        id="falling",
    ),
    pytest.param(
        "{judge: 10, guide: 据实, step: 0.5}",
        [("计分", (), (("人工评定 评审专家评定，每档 0.5 分", 0, 1000),), 1)],
        id="judge",
    ),
    pytest.param(
        "{parts: [{each: c.faults, points: 3}, {points: 4, when: {c.gas: true}}], up_to: 10}",
        [
            (
                "得分项 1（合计最多 10 分）",
                (),
                (
                    ("问题处数 ≥ 5 处", 1500, 1500),
                    ("问题处数 = 4 处", 1200, 1200),
                    ("问题处数 = 3 处", 900, 900),
                ),
                6,
            ),
            ("得分项 2（合计最多 10 分）", (), (("使用燃气 是", 400, 400), ("使用燃气 否", 0, 0)), 2),
        ],
        id="parts",
    ),
    pytest.param(
        "{best_of: [{each: c.faults, points: 1, up_to: 10}, {points: 8, when: {c.gas: true}}]}",
        [
            (
                "计分",
                (),
                (
                    ("问题处数 ≥ 10 处；使用燃气 是", 1000, 1000),
                    ("问题处数 ≥ 10 处；使用燃气 否", 1000, 1000),
                    ("问题处数 = 9 处；使用燃气 是", 900, 900),
                ),
                22,
            )
        ],
        id="best",
    ),
    pytest.param(
        "[{points: 10, when: {c.low: {at_least: 90%}}}]",
        [
            (
                "计分",
                (),
                (
                    ("培训合格率 ≥ 90%；达标比例 ≥ 90%", 1000, 1000),
                    ("培训合格率 ≥ 90%；达标比例 < 90%", 0, 0),
                    ("培训合格率 < 90%", 0, 0),
                ),
                3,
            )
        ],
        id="least",
    ),
    pytest.param(
        "[{points: 10, when: {c.work: {at_least: 20}}}]",
        [("计分", (), (("间隔 ≥ 20 个工作日", 1000, 1000), ("间隔 < 20 个工作日", 0, 0)), 2)],
        id="work",
    ),
    pytest.param(
        "[{points: 10, when: {c.price: {at_most: 1200.5}}}]",
        [("计分", (), (("报价 ≤ 1200.5 元", 1000, 1000), ("报价 > 1200.5 元", 0, 0)), 2)],
        id="price",
    ),
    pytest.param(
        "[{points: 10, when: {c.faults: {at_least: c.third}}}]",
        [
            (
                "计分",
                (),
                (("问题处数达到三分之一人数 成立", 1000, 1000), ("问题处数达到三分之一人数 不成立", 0, 0)),
                2,
            )
        ],
        id="third",
    ),
]


@pytest.mark.parametrize(("score", "expected"), TABLES)
def test_decision_table(score: str, expected: list[Any]) -> None:
    of = edition(item(score), facts=FULL)
    found = [
        (
            one.title,
            one.notes,
            tuple(
                ("；".join(f"{name} {text}" for name, text in row.cells), row.low, row.high)
                for row in one.rows[:3]
            ),
            len(one.rows),
        )
        for one in tables(of, of.leaves[0], blank_world(of))
    ]
    assert found == expected


MORE = [
    (
        "{parts: [{each: c.faults, points: 3}, {points: 4, when: {c.gas: true}}], up_to: 10}",
        {"c.faults": 9, "c.gas": False},
        "最多 10 分，得 10 分（问题处数 9 处，每处 3 分，再多不再计，得 15 分；“使用燃气”为否，得 0 分）",
        (),
    ),
    (
        "[{points: 10, when: {all: [{c.faults: {at_least: c.third}}, {c.licence: true}]}}]",
        {"c.faults": 3, "c.licence": False},
        "“许可证有效”为否，得 0 分",
        ("问题处数达到三分之一人数；做到“许可证有效”，得 10 分",),
    ),
    (
        "[{points: 10, when: {c.share: {at_least: 120%}}}]",
        {"c.share": "90%"},
        "达标比例 90%，没有达到 120%，得 0 分",
        ("达标比例达到 120%，得 10 分",),
    ),
    (
        "{linear: c.faults, from: [0, 0], to: [c.staff, 10]}",
        {"c.faults": 5, "c.staff": 20},
        "问题处数 5 处，按比例计，得 2.5 分",
        ("问题处数达到 从业人员数（20 人），得 10 分",),
    ),
    (
        "[{points: 10, when: {all: [{c.rate: {at_least: 90%}}, {c.rate: {less_than: 99%}}]}}]",
        {"c.staff": 0, "c.passed": 0},
        "培训合格率的分母为 0，算不出来，可能 0–10 分",
        (),
    ),
    ("{steps: [{points: 10}]}", {}, "得 10 分", ()),
    (
        "{best_of: [{points: 10, when: {c.faults: {at_least: 5}}}, {points: 10, when: {c.faults: {less_than: 5}}}]}",
        {},
        "还不知道“问题处数”，合起来得 10 分",
        (),
    ),
]


@pytest.mark.parametrize(("score", "answers", "sentence", "next_"), MORE)
def test_rare_sentences(score: str, answers: dict[str, Any], sentence: str, next_: tuple[str, ...]) -> None:
    told = explain(card(edition(item(score), facts=FULL), answers), "one")
    assert told.sentence == sentence
    assert told.next == next_


def test_tables_of_gates_come_first() -> None:
    score = "{deduct_from: 10, items: [{each: c.faults, points: 5}]}"
    of = edition(item(score, zero_when="{c.licence: false}", applies_when="{c.gas: true}", absent="exclude"))
    found = tables(of, of.leaves[0], blank_world(of))
    assert [one.title for one in found] == ["适用条件", "一处不合规，整项 0 分", "扣分项"]
    assert [row.cells for row in found[0].rows] == [
        (("条件", "“使用燃气”为是"), ("结果", "适用")),
        (("条件", "其余"), ("结果", "缺项")),
    ]


def test_a_table_with_too_many_cases_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    of = edition(item("[{points: 10, when: {c.licence: true}}]"))
    world = blank_world(of)
    monkeypatch.setattr("engine.cases.MOST_CASES", 0)
    (found,) = tables(of, of.leaves[0], world)
    assert (found.rows, found.low, found.high) == ((), 0, 1000)


@pytest.mark.parametrize(
    ("score", "rows"),
    [
        ("{each: c.rate, over: 90%, per: 5%, points: 5, up_to: 10}", ["≥ 100%", "≥ 95%，< 100%", "< 95%"]),
        (
            "[{points: 10, when: {c.faults: {at_least: 5}}}, {points: 10, when: {c.faults: {at_least: 3}}}]",
            ["≥ 3 处", "0–2 处"],
        ),
        (
            "[{points: 10, when: {c.faults: 3}}, {points: 4, when: {c.faults: {at_most: 5}}}]",
            ["= 3 处", "4–5 处", "≥ 6 处", "0–2 处"],
        ),
        (
            "[{points: 10, when: {c.faults: {at_least: 9}}}, {points: 10, when: {c.faults: {at_most: 2}}}]",
            ["≥ 9 处", "0–2 处", "3–8 处"],
        ),
        ("{each: c.rate, over: c.share, per: 50%, points: 10, up_to: 10}", ["第 1 档", "第 0 档"]),
    ],
)
def test_rows_of_one_number(score: str, rows: list[str]) -> None:
    of = edition(item(score))
    (found,) = tables(of, of.leaves[0], blank_world(of))
    assert [row.cells[0][1] for row in found.rows] == rows


def test_whether_it_applies_may_wait_for_several_facts() -> None:
    applies = "{all: [{c.licence: true}, {c.gas: true}]}"
    of = edition(item("[{points: 10, when: {c.kind: 自营}}]", applies_when=applies, absent="exclude"))
    told = explain(card(of, {"c.kind": "自营"}), "one")
    assert told.sentence == "是否适用还不确定（还不知道“许可证有效”、“使用燃气”），得 10 分"


def test_a_person_s_verdict_comes_before_the_rule() -> None:
    of = edition(item("{each: c.faults, points: 1, up_to: 10}"))
    verdict = {"verdict": "adjust", "points": 5, "reason": "台账缺页"}
    review = Review.model_validate(
        {"inspector": "专家甲", "standard": "t", "edition": "1", "subject": "s", "findings": {"one": verdict}}
    )
    seen = layered(of, card(of, {"c.faults": 9}).stated, [review]).inspectors[0][1]
    assert explain(seen, "one").sentence == "评审专家调整：台账缺页，得 5 分"
