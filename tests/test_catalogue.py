"""A book as one page: nothing of a rule is left out, nothing of a text is taken for markup."""

import pytest

from engine.catalogue import catalogue, plain
from engine.load import Library, load_texts
from tests.build.test_vetoes import OWN, books
from tests.gallery import BASE
from tests.test_book_laws import book, library
from tests.tiny import FACTS, edition, item

STANDARD = """id: t
edition: '1'
title: 试行标准
status: draft
per: 食堂
total: 10
sections: [1-a.yaml]
disclaimer: 不是正式文本
denied_title: 不合规
absence: {limit: 15%}
grades:
- {id: good, title: 良好, more_than: 5, requires: [{title: 自营, when: {c.kind: 自营}}, {title: 甲区, section: a, at_least: 60%}, {title: 人员, indicator: staff, at_least: 50%}, {title: 关键, keys_missed_at_most: 0}], note: 从严}
vetoes:
- {id: cap, title: 甲, when: {c.gas: true}, effect: {cap: good}, scope: all, event_day: c.accident, look_back_months: 36, note: 见说明}
- {id: most, title: 丙, when: {c.staff: {more_than: limit.staff}, c.faults: {more_than: limit.faults}}}
- {id: drop, title: 乙, when: {c.gas: true}, effect: {drop: 1}, from: 2024-01-01, to: 2025-12-31}
incidents: [{id: notice, title: 通报, each: c.faults, points: 1, up_to: 3, basis: [{source: law, provenance: sourced}]}]
parameters:
- {id: limit.staff, title: 人数上限, unit: 人, by: c.accident, values: [{value: 20, from: 2020-01-01, region: 安徽, source: law}, {value: 30, to: 2019-12-31}]}
- {id: limit.faults, title: 处数上限, values: [{value: 5}]}
bonus:
  up_to: 3
  groups:
  - {id: b, title: 荣誉, combine: highest, up_to: 3, indicators: [{id: award, title: 获奖, points: 3, score: [{points: 3, when: {c.months: {at_least: 1}}}]}]}
roll_up:
  per: 食堂
  whole: 学校
  weight: c.staff
  titles: [{id: model, title: 示范校, each_at_least: good, mean_at_least: 6, when: {c.licence: true}, shares: [{share: 80%, grade: good, by_weight: true}, {share: 50%, grade: good}]}]
changes: [{date: 2024-01-01, version: '1', text: 第一次成文}]
"""
MORE = """
- id: c.awards
  ask: 获奖一览
  answer: {table: {columns: {day: date, level: {choice: [省, 市]}, money: {money: , unit: 元}}}}
  evidence: {kind: 证书, at_least: 2, valid_months: 12, from: 省教育厅}
  inspect: 看原件
  sample: 全查
  period: 近三年
  help: 没有的不填
"""


def test_everything_a_rule_says_is_on_the_page() -> None:
    facts = FACTS.replace(
        "derive:", f"{MORE}derive:\n- {{id: c.months, title: 获奖数, count: {{table: c.awards}}}}"
    )
    sources = "sources: [{id: law, title: 某法, number: 第 1 号, issuer: 某部, date: 2020 年, from: 2020-01-01, grade: A, note: 只作参照, verify: true}]"
    own = OWN.replace(
        "points: 4, score",
        "points: 4, key: true, key_met_at: 50%, applies_when: {c.kind: 自营}, absent: exclude, score",
    )
    files = books(
        **{
            "checklists/c.yaml": facts,
            "rules/t/1/1-a.yaml": own,
            "rules/t/1/standard.yaml": STANDARD,
            "rules/sources.yaml": sources,
        }
    )
    built, problems = load_texts(files)
    assert problems == []
    page = catalogue(built, built.editions["t", "1"])
    for said in (
        "# 试行标准",
        "> 不是正式文本",
        "| 甲区 | 10 | 2 | 2 |",
        "- **良好**：超过 5 分",
        "  - 自营：经营方式为“自营”",
        "  - 分区“甲区”得分率不低于 60%",
        "  - 指标“人员”得分率不低于 50%",
        "  - 关键项不符至多 0 项",
        "- 关键项（★）得分率到 100% 算符合",
        "`gas`，关键项（得分率到 50% 算符合）",
        "- 缺项的分值在总分内按得分率折回",
        "## 汇总到学校",
        "加权平均按从业人员数",
        "  - 每个都在良好以上",
        "  - 良好以上的占 80% 以上，按从业人员数计",
        "  - 良好以上的占 50% 以上，按个数计",
        "  - 平均分不低于 6",
        "  - “许可证有效”为是",
        "  - 从严",
        "- **无等级**：其余",
        "- 合理缺项的分值超过总分的 15%，不评等级",
        "`cap`，后果：最高评良好，影响全部对象，追溯 36 个月",
        "- **说明**：见说明",
        "`drop`，后果：降 1 级，适用 2024-01-01–2025-12-31",
        "- 通报：每次扣 1 分，最多扣 3 分",
        "  - 【原文所载】某法〔须核对原文〕",
        "### 甲区：红线（不计分）",
        "#### 事故\n\n`accident`，后果：不合规",
        "`licence`，后果：停止评定",
        "### 荣誉（取最高的一项，最多 3 分）",
        "- 获奖一览（表格：day（日期）、level（单选：省 / 市）、money（金额（元），元）；近三年；没有的不填）`c.awards`".replace(
            "`c", " `c"
        ).replace(" `c", "`c"),
        "    - 证据：证书，至少 2 件，12 个月内有效，由省教育厅出具",
        "    - 核查：看原件；抽样：全查",
        "- 2024-01-01（1）：第一次成文",
        "| 人数上限 | 20 人 | 安徽 | 2020-01-01– | 最近一次事故日期 | 某法〔须核对〕 |",
        "| 人数上限 | 30 人 | 不分地区 | –2019-12-31 | 最近一次事故日期 | 我们的建议 |",
        "| 处数上限 | 5 | 不分地区 | 一直 | 评定日 | 我们的建议 |",
        "| 某法〔须核对〕 | 第 1 号 | 某部 2020 年 | 2020-01-01– | A | 只作参照 |",
    ):
        assert said in page, said


def test_every_indicator_of_the_books_is_there() -> None:
    page = catalogue(library(), book())
    for leaf in book().every_leaf:
        assert f"`{leaf.id}`" in page
        for one in (leaf.title, leaf.source.fix):
            assert plain(one) in page
    for veto in book().vetoes:
        assert f"`{veto.id}`" in page


def test_a_book_may_say_little() -> None:
    """No limit of absence, no key item, no condition of a title: then nothing is said of them."""
    plan = "roll_up: {per: 食堂, whole: 学校, titles: [{id: m, title: 示范校, worst_at_least: 5}]}\n"
    of = edition(
        item(
            "{each: c.staff, points: 1, up_to: 10}",
            basis="[{provenance: sourced, covers: [item]}, {provenance: proposed, note: 我们的建议}]",
        ),
        plan,
    )
    page = catalogue(Library({of.key: of}), of)
    assert "加权平均" not in page
    assert "  - 最低分不低于 5" in page
    assert "每个都在" not in page
    assert "合理缺项" not in page
    assert "【原文所载】项目\n" in page
    assert "【建议稿】我们的建议\n" in page


def test_the_small_correct_library_makes_a_page() -> None:
    built, _ = load_texts(BASE)
    page = catalogue(built, next(iter(built.editions.values())))
    assert "关键项" in page
    assert "评定对象：" not in page


@pytest.mark.parametrize(
    ("text", "said"),
    [("甲|乙\n丙", "甲\\|乙 丙"), ("*重* `x` [a](b) <b>", "\\*重\\* \\`x\\` \\[a\\](b) \\<b\\>")],
)
def test_no_text_is_taken_for_markup(text: str, said: str) -> None:
    assert plain(text) == said
