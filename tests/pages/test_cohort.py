"""The numbers of a round as a page: empty, too few, half, full, the year before, and forbidden."""

import pytest
from reviewed import another, house
from visits import Visit, words

from app_pages.components.figure import spoken
from app_pages.components.tables import csv_of
from portal.store.tables import rounds, universities
from portal.use_cases.cohort import cohort
from tests.portal.in_review import ok, reviewed


@pytest.fixture
def place(tmp_path):
    world, desk = house(tmp_path)
    yield world, desk
    world.portal.database.close()


@pytest.fixture
def world(place):
    return place[0]


@pytest.fixture
def look(place, monkeypatch):
    visit = Visit(place[1], monkeypatch)

    def opened(who="秘书", view=None):
        page = visit("cohort.py", who, **({"cohort-view": view} if view else {}))
        assert not page.exception
        return page

    return opened


def full(world):
    reviewed(world, rate="2.5")
    another(world, "u2", **{"c.licence": False})
    another(world, "u3", **{"c.passed": 40})


def test_before_any_review_has_ended_there_is_nothing(look):
    assert "还没有可以统计的评审结果" in words(look())


def test_with_too_few_universities_it_says_so(world, look):
    reviewed(world)
    assert "少于 3 所不做统计" in words(look())


def test_the_figures_are_those_of_the_use_case(world, look):
    full(world)
    numbers = ok(cohort(world.portal, world.people["秘书"], world.round))
    page = look()
    shown = {one.label: one.value for one in page.metric}
    assert shown["学校"] == f"{numbers.universities} 所"
    assert shown[f"平均分（满分 {numbers.full}）"] == numbers.mean
    assert shown["中位数"] == numbers.quartiles[1]
    assert {"总分分布", "等级"} <= {one.value for one in page.subheader}


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("失分", "得分率最低的指标"),
        ("自评与评审", "评审改得最多的指标"),
        ("自评与评审", "100% 的两两比较相同"),
        ("证据", "要证据的事实都附了证据"),
        ("与上一次", "没有可以比较的上一次"),
    ],
)
def test_each_view_shows_what_there_is(world, look, view, said):
    full(world)
    assert said in words(look(view=view))


def test_the_year_before_is_told_beside_this_one(world, look):
    full(world)
    (before,) = world.rows(rounds)
    world.put(
        rounds, **dict(before._mapping) | {"id": (new := world.id()), "title": "次年", "as_of": "2025-06-30"}
    )
    world.round = new
    for code in ("v1", "v2", "v3"):
        another(world, code)
    shown = words(look(view="与上一次"))
    assert "与“2026 年评定”比" in shown
    assert "次年" in shown


def test_groups_are_a_table(world, look):
    full(world)
    world.portal.database.write(
        lambda c: c.execute(universities.update().where(universities.c.code == "u1").values(kind="本科"))
    )
    shown = words(look())
    assert "本科" in shown
    assert "未填写" in shown


@pytest.mark.parametrize("who", ["张三", "u1填报员", "u1负责人"])
def test_others_get_no_numbers(world, look, who):
    full(world)
    shown = words(look(who))
    assert "还没有可以统计的评审结果" in shown
    assert "平均分" not in shown


def test_an_observer_counts_only_what_is_public(world, look):
    full(world)
    world.person("观察员", "observer")
    assert "还没有可以统计的评审结果" in words(look("观察员"))


def test_data_leaves_as_a_file_that_runs_nothing():
    text = csv_of(("甲", "乙"), [("=1+1", "-0.5"), ("@x", "+3"), ("-a", "－"), (None, "\t1")]).decode(
        "utf-8-sig"
    )
    assert text.splitlines() == ["甲,乙", "'=1+1,-0.5", "'@x,+3", "'-a,－", ",'\t1"]


def test_what_a_chart_shows_is_said_in_words():
    rows = [(f"第{one}项", str(one)) for one in range(20)]
    said = spoken("难点", ("指标", "得分率"), rows)
    assert said.startswith("难点：指标 第0项，得分率 0；")
    assert said.endswith("等 20 行，见下面的数据")
