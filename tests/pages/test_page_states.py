"""Every page of the menu in every state a university can be in: what it shows to whom it is for, and nothing to others.

What else a page does stands in a test of its own. A page without a line in `SEES` and in `NOT_FOR` fails here.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta

import desks
import pytest
from reviewed import another, house
from stages import more_inspectors, ok
from visits import Visit, told
from wayfarer import ANSWERS, SURE

from app_pages import menu, session
from app_pages.components.tasks import WORDS
from portal.portal import Portal
from portal.reports.words import span
from portal.store.database import open_store
from portal.store.migrate import upgrade
from portal.use_cases.accounts import list_accounts
from portal.use_cases.appeals import appeal_form
from portal.use_cases.assigning import assign
from portal.use_cases.cohort import cohort
from portal.use_cases.home import read_home
from portal.use_cases.progress import read_progress
from portal.use_cases.publication import list_publications, publicise
from portal.use_cases.results import read_result
from portal.use_cases.reviews import queue
from portal.use_cases.standards import list_standards
from portal.use_cases.trail_search import list_trails
from tests.portal.in_review import reviewed

STAGES = ("empty", "half", "full", "reviewed")


@dataclass
class World:
    """A portal at one stage: our university's case in a round, and the names that only its own people may read."""

    portal: Portal
    people: dict
    time: list
    case: str
    round: str
    subject: str
    ours: tuple[str, ...]
    theirs: str


def filling_in(folder, stage):
    """Return a world in which nothing, something or everything is filled in, and then handed in."""
    database = open_store(str(folder / "zhunsheng.db"))
    upgrade(database)
    desk = desks.make(database, folder / "blobs")
    more_inspectors(desk)
    desk.people["nobody"] = desks.account(desk, "新人")
    if stage == "half":
        ok(desk.save("filler", "c.staff", 40))
    if stage == "full":
        for subject, fact, value in (ANSWERS[one] for one in SURE):
            ok(desk.save("filler", fact, value, subject=subject))
        ok(desk.submit())
        ok(
            assign(
                desk.portal, desk.people["secretary"], desk.ids["a"], desk.people["inspector"].id, op_id="in"
            )
        )
    ours = ("A 大学", "A 一食堂")
    return World(
        desk.portal,
        desk.people,
        desk.time,
        desk.ids["a"],
        desk.ids["round"],
        desk.ids["canteen"],
        ours,
        "B 大学",
    )


def in_public(folder):
    """Return a world in which three universities have been reviewed and are public; one more has only begun."""
    world, desk = house(folder)
    case = reviewed(world, rate="2.5")
    another(world, "u2", **{"c.licence": False})
    another(world, "u3", **{"c.passed": 40})
    world.university("u4", {})
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    world.person("观察员", "observer")
    names = {
        "filler": "u1填报员",
        "approver": "u1负责人",
        "stranger": "u4填报员",
        "inspector": "张三",
        "third": "王五",
        "secretary": "秘书",
        "observer": "观察员",
    }
    people = {who: world.people[name] for who, name in names.items()}
    people["nobody"] = desks.account(desk, "新人")
    ours = ("u1大学", "u1负责人", "u2大学", "u3大学")
    return World(
        world.portal,
        people,
        [world.clock() + timedelta(days=1)],
        case,
        world.round,
        world.subject(case),
        ours,
        "u4大学",
    )


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Give the worlds by stage; each is built once, and the tests here only look."""
    found = {}

    def at(stage):
        if stage not in found:
            folder = tmp_path_factory.mktemp(stage)
            found[stage] = in_public(folder) if stage == "reviewed" else filling_in(folder, stage)
        return found[stage]

    yield at
    for one in found.values():
        one.portal.database.close()


@pytest.fixture
def world(worlds, stage):
    return worlds(stage)


@pytest.fixture
def look(world, monkeypatch):
    visit = Visit(world, monkeypatch)

    def opened(file, who, query=None):
        page = visit(file, who, query)
        assert not page.exception, page.exception
        return page

    return opened


# What each page shows -------------------------------------------------------------------------------------------------
# Each of these returns what must stand on the page, in the words and numbers that the use case answered.


def waiting(world, who):
    """Tell the tasks, each with how far it is."""
    for one in read_home(world.portal, world.people[who]):
        title, far = WORDS[one.task]
        yield from (title, far.format(done=one.done, of=one.of, count=one.count))


def totals(world, who):
    """Tell the total of every layer that somebody may see of our first canteen."""
    found = ok(read_result(world.portal, world.people[who], world.case, subject=world.subject))
    return [span(one.document["total"]) for one in found.sides]


def in_hand(world, who):
    """Tell what is assigned, with how much of it has its last word."""
    for one in queue(world.portal, world.people[who]):
        yield from (one.university, one.state, f"定论 {one.marks.get('定论', 0)} / {one.indicators} 项")


def contestable(world, who):
    """Tell every indicator of a subject with its result."""
    found = ok(appeal_form(world.portal, world.people[who], world.case))
    here = [one for one in found.items if one.subject == world.subject]
    return [f"{one.title}　{span(one.final)} / {one.points} 分" for one in here]


def counted(world, who):
    """Tell the figures about a round."""
    found = ok(cohort(world.portal, world.people[who], world.round))
    spread = f"中间一半在 {found.quartiles[0]} 到 {found.quartiles[2]} 分之间"
    return [f"{found.universities} 所", f"{found.subjects} 个", found.mean, found.quartiles[1], spread]


def everybody(world, who):
    """Tell how far each university is."""
    for one in ok(read_progress(world.portal, world.people[who], world.round)).rows:
        yield from (one.university_title, one.state, f"{one.answered} / {one.asked}")


def published(world, who):
    """Tell what is public of a round."""
    (one,) = list_publications(world.portal)
    return ["公开着", f"{one.sha256[:16]}…"]


def known(world, who):
    """Tell how many accounts somebody looks after."""
    found = ok(list_accounts(world.portal, world.people[who], limit=1000))
    return [f"{len(found)} / {len(found)} 个账号", *(one.name for one in found)]


def remembered(world, who):
    """Tell how long the trail is."""
    (one,) = (one for one in list_trails(world.portal, world.people[who]) if one.assessment == world.case)
    return [f"这份日志共 {one.lines} 行"]


def editions(world, who):
    """Tell the standards that can be read, and the size of the first."""
    found = list_standards(world.portal, world.people[who])
    return [
        f"{found[0].indicators} 个指标",
        *(f"{one.title}（{one.edition}，{one.status}）" for one in found),
    ]


def says(*sentences):
    """Expect these very sentences."""
    return lambda *_: sentences


def always(who, shows, **query):
    """Expect the same of a page at every stage."""
    return dict.fromkeys(STAGES, (who, shows, query))


NOT_PUBLIC = says("贵校还没有公示的评审结果。公示以后，有异议可以在这里提出。")
NO_NUMBERS = says("还没有可以统计的评审结果。评审完成后，这里会出现各校的汇总。")
NO_TRAIL = says("没有您能看的审计日志。秘书处在学校提交以后可以看，单位负责人可以看本校的。")
NO_REVIEW = says("现在没有派给您的评审。秘书处指派后，这里会出现。")
NOTHING_HANDED_IN = says("现在没有等评审的学校。学校提交以后，在这里指派评审专家。")
NOTHING_REVIEWED = says("还没有评审完成、等着公示的学校。请先在“指派与推进”里结束评审。")
HAND_IN = says(
    "填好后由单位负责人提交，2026-10-01 08:00 截止。提交后不能再改，评审开始前可以撤回。", "提交……"
)

SEES = {
    "home.py": always("secretary", waiting) | dict.fromkeys(("empty", "half"), ("filler", waiting, {})),
    "fill.py": always("filler", says()) | dict.fromkeys(("empty", "half"), ("approver", HAND_IN, {})),
    "result.py": always("filler", totals)
    | {"empty": ("filler", says("还没有回答任何问题。填报以后，这里会显示得分、失分和原因。"), {})},
    "review.py": always("inspector", in_hand)
    | dict.fromkeys(("empty", "half"), ("inspector", NO_REVIEW, {})),
    "onsite.py": always("inspector", says("现场核查")),
    "appeals.py": always("approver", NOT_PUBLIC) | {"reviewed": ("approver", contestable, {})},
    "cohort.py": always("secretary", NO_NUMBERS) | {"reviewed": ("observer", counted, {})},
    "manage/rounds.py": always("secretary", everybody, part="进度"),
    "manage/assign.py": always("secretary", NOTHING_HANDED_IN)
    | {"full": ("secretary", says("每校至少 1 位专家。已提交、正在评审的 1 所里，还差专家的 0 所。"), {})},
    "manage/publish.py": always("secretary", NOTHING_REVIEWED)
    | {"reviewed": ("secretary", published, {"part": "公布记录"})},
    "manage/users.py": always("secretary", known),
    "manage/trail.py": always("secretary", remembered)
    | dict.fromkeys(("empty", "half"), ("approver", remembered, {})),
    "standards/browse.py": always("filler", editions),
    "standards/samples.py": always("filler", says("样例成绩")),
}
"""Of each page at each stage: who looks, what must be there, and what the address says."""

NOT_ALLOWED = "没有这项权限。请联系秘书处或本单位负责人。"
NOT_FOR = {
    "home.py": ("nobody", "您的账号还没有分配角色，请联系秘书处或本单位负责人。"),
    "fill.py": ("third", "现在没有邀请贵校参加的批次。收到邀请后，这里会出现要填的内容。"),
    "result.py": ("third", "现在没有您可以看的成绩。"),
    "review.py": ("stranger", "没有找到。请核对后再试。"),
    "onsite.py": ("stranger", "现场核查"),
    "appeals.py": ("third", "异议由学校提出，您的账号不属于任何学校。"),
    "cohort.py": ("stranger", "还没有可以统计的评审结果。"),
    "manage/rounds.py": ("stranger", NOT_ALLOWED),
    "manage/assign.py": ("stranger", NOT_ALLOWED),
    "manage/publish.py": ("stranger", NOT_ALLOWED),
    "manage/users.py": ("stranger", NOT_ALLOWED),
    "manage/trail.py": ("stranger", "没有您能看的审计日志。"),
    "standards/browse.py": ("nobody", "试行标准"),
    "standards/samples.py": ("nobody", "样例成绩"),
}
"""Of each page: somebody it is not for, or who has nothing of their own there, and what they read instead."""

FILES = [one.file for one in menu.MENU]

NAMES = r"\b(CSV|Excel|JSON|PDF|second|third)\b"
"""Kinds of files, and people of the tests."""
CODES = r"\b[0-9A-Z]{26}\b|\b[0-9a-f]{12,}\b|samples/\S+|\d{4}-[a-z]+|（[a-z0-9-]+）|\bu\d"
"""What is no word: ids and fingerprints, files and editions of standards, codes of universities."""


def english(text):
    """Return the words of a page that are not Chinese."""
    return re.findall(r"[A-Za-z]{2,}", re.sub(f"{NAMES}|{CODES}", "", text))


def address(world, query):
    return {"assessment": world.case, "subject": world.subject, "round": world.round, **query}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_page_shows_its_state_in_the_words_and_numbers_of_the_use_case(look, world, file, stage):
    who, shows, query = SEES[file][stage]
    page = look(file, who, {} if file == "review.py" else address(world, query))
    text = told(page)
    assert [one for one in shows(world, who) if one not in text] == []
    assert english(text) == []
    if who in ("filler", "approver"):
        assert world.theirs not in text


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("file", FILES)
def test_who_it_is_not_for_reads_a_sentence_and_nothing_of_others(look, world, file, stage):
    who, sentence = NOT_FOR[file]
    text = told(look(file, who, address(world, {})))
    assert sentence in text
    for one in (text, told(look(file, "stranger", address(world, {})))):
        assert [name for name in world.ours if name in one] == []
        assert english(one) == []


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("file", ["fill.py", "onsite.py"])
def test_a_component_is_told_of_ones_own_case_only(look, world, file, stage):
    for who in ("filler", "stranger"):
        (made,) = look(file, who, address(world, {})).get("bidi_component")
        given = json.loads(made.proto.json)
        assert given["account"] == world.people[who].id
        assert (given.get("assessment") == world.case) is (file == "fill.py" and who == "filler")


@pytest.mark.parametrize("stage", ["reviewed"])
@pytest.mark.parametrize("file", ["main.py", *(one for one in FILES if one != "standards/samples.py")])
def test_nobody_sees_a_page_without_a_session(look, world, file, monkeypatch):
    monkeypatch.setattr(session, "token", lambda: "nothing")
    page = look(file, None, address(world, {}))
    assert "请重新登录" in page.error[0].value
    assert [name for name in world.ours if name in told(page)] == []


def test_every_page_of_the_menu_is_looked_at_here():
    assert set(SEES) == set(NOT_FOR) == set(FILES)
    assert all(set(one) == set(STAGES) for one in SEES.values())


def test_foreign_words_are_seen():
    assert english("下载 CSV：Select all") == ["Select", "all"]
