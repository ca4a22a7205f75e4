"""Photos taken on site: who takes them, who sees them when, what a record may name, and that none is evidence."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from portal.evidence.limits import Limits
from portal.policy import Member
from portal.store.tables import blobs, evidence, likenesses, log, photos, recusals
from portal.use_cases import photos as taking
from portal.use_cases.evidence import list_evidence
from portal.use_cases.findings import save_seen
from portal.use_cases.photos import add_photo, list_photos, open_photo, show_photo
from portal.use_cases.publication import publicise
from portal.use_cases.reviews import open_case
from portal.use_cases.signing_off import bulk_agree, sign_off
from tests.portal.good_files import pdf, photo
from tests.portal.in_review import in_review, ok, refused, reviewed


@pytest.fixture
def world(empty_address, tmp_path):
    found = in_review(tmp_path, address=empty_address)
    yield found
    found.portal.database.close()


@pytest.fixture
def case(world):
    return world.cases["u1"]


def take(world, case, who="张三", content=None, name="现场 1.jpg", fact="c.passed", subject="c1", op=None):
    return add_photo(
        world.portal,
        world.people[who],
        case,
        subject,
        fact,
        name,
        photo() if content is None else content,
        op_id=op or world.op(),
    )


def picture(number):
    """Return a small picture that is like no other."""
    file = io.BytesIO()
    Image.new("RGB", (40 + number, 30), (number * 9 % 255, 80, 120)).save(file, "PNG")
    return file.getvalue()


def seen_by(world, case, who):
    """Return the names under which somebody sees photos, or the kind of refusal."""
    found = list_photos(world.portal, world.people[who], case)
    return [one.name for one in found] if isinstance(found, tuple) else found.kind


def lines(world, action):
    return world.rows(log, log.c.action == action)


def test_a_photo_is_kept_beside_the_evidence_and_never_among_it(world, case):
    found = ok(take(world, case))
    assert (found.inspector, found.mine, found.name, found.kind) == ("专家1", True, "现场 1.jpg", "jpg")
    assert (found.width, found.taken_at) == (480, "2025-11-26T00:30:00.000000Z")
    assert world.rows(evidence) == []
    assert ok(list_evidence(world.portal, world.people["秘书"], case)) == ()
    assert len(world.rows(blobs)) == len({row.sha256 for row in world.rows(likenesses)}) == 1
    (line,) = lines(world, "photo.add")
    assert (line.chain, line.actor) == (f"a:{case}", world.people["张三"].id)
    assert found.sha256 in line.details


def test_taken_twice_kept_once(world, case):
    first = ok(take(world, case, op="same"))
    assert ok(take(world, case, op="same")) == first
    refused(take(world, case), "photo.twice")
    ok(take(world, case, fact="c.staff"))
    ok(take(world, case, who="李四"))
    assert len(world.rows(photos)) == 3
    assert len(world.rows(blobs)) == 1
    assert take(world, case, who="李四", op="same").kind == "conflict"


@pytest.mark.parametrize("who", ["王五", "u1填报员", "u1负责人", "秘书"])
def test_only_who_is_on_the_panel_takes_photos(world, case, who):
    assert take(world, case, who=who).kind in ("missing", "forbidden")
    assert world.rows(photos) == world.rows(blobs) == []


def test_neither_does_who_must_keep_away_has_signed_or_comes_too_late(world, case):
    university = world.people["u1填报员"].members[0].university
    world.people["回避"] = replace(world.people["张三"], recused=frozenset({university}))
    assert take(world, case, who="回避").kind == "missing"
    for name in ("张三", "李四"):
        ok(bulk_agree(world.portal, world.people[name], case, op_id=world.op()))
    ok(sign_off(world.portal, world.people["张三"], case, op_id=world.op()))
    refused(take(world, case), "signed")
    world.set_state(case, "评审完成")
    refused(take(world, case, who="李四"), "wrong_state")
    assert world.rows(blobs) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"content": pdf(), "name": "报告.pdf"}, "photo.kind"),
        ({"content": b"<svg onload=alert(1)>", "name": "x.svg"}, "evidence."),
        ({"content": b""}, "evidence."),
        ({"name": "../x.jpg"}, "evidence."),
        ({"content": [b"x" * (21 << 20)]}, "evidence."),
        ({"fact": "c.nothing"}, "fact"),
        ({"subject": "c9"}, "subject"),
    ],
)
def test_what_is_no_photo_of_anything_asked_is_refused(world, case, more, code):
    found = take(world, case, **more)
    assert found.code.startswith(code), found
    assert world.rows(photos) == []


def test_there_is_a_limit_for_one_fact_and_for_one_visit(world, case):
    size = len(picture(1)) + len(picture(2))
    world.portal = replace(world.portal, limits=Limits(per_fact=2, visit=size))
    for number in (1, 2):
        ok(take(world, case, content=picture(number), name="a.png"))
    refused(take(world, case, content=picture(3), name="a.png"), "photo.too_many")
    refused(take(world, case, content=picture(3), name="a.png", fact="c.staff"), "photo.quota")
    ok(take(world, case, who="李四", content=picture(3), name="a.png"))


# What a record may name -------------------------------------------------------------------------------------------


def record(world, case, *hashes, who="张三", base=0):
    actor = world.people[who]
    return save_seen(
        world.portal, actor, case, "c1", "c.passed", 20, photos=hashes, base=base, op_id=world.op()
    )


def test_a_record_names_only_what_this_inspector_took_for_this_assessment(world, case):
    mine = ok(take(world, case)).sha256
    theirs = ok(take(world, case, who="李四", content=picture(1), name="a.png")).sha256
    other = world.university("u2", {"c.staff": 40})
    world.assign(other, "张三", "李四")
    world.hand_in("u2")
    world.go(other, "评审中")
    elsewhere = ok(take(world, other, content=picture(2), name="a.png")).sha256
    for strange in (theirs, elsewhere, "0" * 64):
        refused(record(world, case, mine, strange), "photos")
    ok(record(world, case, mine))
    found = ok(open_case(world.portal, world.people["张三"], case, "c1", "rate"))
    (seen,) = [one.seen for one in found.facts if one.fact == "c.passed"]
    assert seen.photos == (mine,)
    refused(record(world, case, *[mine] * 21, base=1), "photos")


# Who sees what when -----------------------------------------------------------------------------------------------


def test_inspectors_see_their_own_until_all_have_signed(world, case):
    ok(take(world, case, name="甲.jpg"))
    ok(take(world, case, who="李四", content=picture(1), name="乙.png"))
    assert [seen_by(world, case, who) for who in ("张三", "李四", "秘书", "王五")] == [
        ["甲.jpg"],
        ["乙.png"],
        ["甲.jpg", "乙.png"],
        "missing",
    ]
    for name in ("张三", "李四"):
        ok(bulk_agree(world.portal, world.people[name], case, op_id=world.op()))
        ok(sign_off(world.portal, world.people[name], case, op_id=world.op()))
    assert seen_by(world, case, "张三") == ["甲.jpg", "乙.png"]


def test_without_that_rule_an_inspector_would_see_the_other_ones(world, case, monkeypatch):
    ok(take(world, case, who="李四"))
    assert seen_by(world, case, "张三") == []
    monkeypatch.setattr(taking, "sees_all", lambda *_: True)
    assert seen_by(world, case, "张三") == ["现场 1.jpg"]


def test_the_university_sees_them_when_the_review_is_public_and_without_names(world, case):
    found = ok(take(world, case, name="张三拍的.jpg"))
    reviewed(world)
    for who in ("u1填报员", "u1负责人"):
        assert seen_by(world, case, who) == []
        assert open_photo(world.portal, world.people[who], found.id).kind == "missing"
    ok(publicise(world.portal, world.people["秘书"], world.round, op_id="out"))
    (shown,) = ok(list_photos(world.portal, world.people["u1负责人"], case))
    assert (shown.name, shown.inspector, shown.mine) == ("现场照片", "专家1", False)
    opened = ok(open_photo(world.portal, world.people["u1负责人"], found.id))
    assert "张三" not in str(opened.headers)
    assert Image.open(io.BytesIO(opened.read())).getexif() == {}
    assert open_photo(world.portal, world.people["u1负责人"], found.id, original=True).kind == "forbidden"
    assert lines(world, "photo.read") == []  # its own canteen


def test_the_secretariat_shows_one_earlier_or_keeps_one_back(world, case):
    first = ok(take(world, case, name="甲.jpg"))
    second = ok(take(world, case, who="李四", content=picture(1), name="乙.png"))
    secretary, home = world.people["秘书"], "u1负责人"

    def decide(photo_, shown, why="有学生正面", who="秘书"):
        return show_photo(world.portal, world.people[who], photo_.id, shown, why, op_id=world.op())

    refused(decide(first, shown=True, why=" "), "reason")
    for who in ("张三", home, "王五"):
        assert decide(first, shown=True, who=who).kind in ("forbidden", "missing")
    ok(decide(first, shown=True, why="请学校整改"))
    assert [one.id for one in ok(list_photos(world.portal, world.people[home], case))] == [first.id]
    ok(open_photo(world.portal, world.people[home], first.id))
    ok(decide(second, shown=False))
    reviewed(world)
    ok(publicise(world.portal, secretary, world.round, op_id="out"))
    assert [one.id for one in ok(list_photos(world.portal, world.people[home], case))] == [first.id]
    assert open_photo(world.portal, world.people[home], second.id).kind == "missing"
    ok(decide(second, shown=None, why="已处理"))
    assert len(ok(list_photos(world.portal, world.people[home], case))) == 2
    assert len(lines(world, "photo.show")) == 3


def test_a_draft_or_another_university_shows_nothing(world, case):
    found = ok(take(world, case))
    world.university("u2", {"c.staff": 40})
    assert seen_by(world, case, "u2负责人") == "missing"
    assert open_photo(world.portal, world.people["u2负责人"], found.id).kind == "missing"
    assert open_photo(world.portal, world.people["张三"], "nothing").kind == "missing"
    assert list_photos(world.portal, world.people["张三"], "nothing").kind == "missing"
    world.set_state(case, "填报中")
    assert seen_by(world, case, "u1负责人") == "state"


def test_with_a_conflict_nothing_is_seen_whatever_else_somebody_is(world, case):
    found = ok(take(world, case, who="李四"))
    university = world.people["u1填报员"].members[0].university
    was = world.people["张三"]
    for barred in (
        replace(was, recused=frozenset({university})),
        replace(was, recused=frozenset({university}), members=(*was.members, Member("secretariat"))),
    ):
        world.people["它"] = barred
        assert seen_by(world, case, "它") in ("missing", "forbidden")
        assert open_photo(world.portal, barred, found.id).kind == "missing"
    assert world.rows(recusals) == []


def test_every_look_of_another_is_a_line_before_the_first_byte(world, case):
    found = ok(take(world, case))
    own = ok(open_photo(world.portal, world.people["张三"], found.id, original=True))
    assert own.read() == photo()
    assert lines(world, "photo.read") == []
    for _ in range(2):
        ok(open_photo(world.portal, world.people["秘书"], found.id, op_id="once"))
    ok(open_photo(world.portal, world.people["秘书"], found.id, original=True))
    assert [line.actor for line in lines(world, "photo.read")] == [world.people["秘书"].id] * 2
