"""Evidence: brought in safely, seen by who may see it, every look of a stranger written down, nothing ever deleted."""

import hashlib
import io
import threading

import desks
import pytest
from PIL import Image
from sqlalchemy import func, select, update

from portal.evidence.limits import Limits
from portal.evidence.said import Said
from portal.evidence.serving import SAFE, Damaged, Opened
from portal.evidence.shelf import Piece
from portal.policy import Actor, Member
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.blobs import CHUNK
from portal.store.tables import assessments, evidence, log, rounds, uploads
from portal.store.tables import blobs as contents
from portal.use_cases.evidence import (
    Room,
    list_evidence,
    open_evidence,
    open_preview,
    remove_evidence,
    reuse_evidence,
    room_used,
)
from portal.use_cases.uploads import (
    add_evidence,
    begin_upload,
    finish_upload,
    put_chunk,
    sweep,
    upload_status,
)
from tests.portal.good_files import docx, pdf, photo, saved, scan, scene, xlsx
from tests.portal.hostile_files import HOSTILE

FACT = "c.licence"


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def limited(desk, **limits):
    was = desk.portal
    desk.portal = Portal(was.database, was.blobs, was.library, was.clock, Limits(**limits))


def add(
    desk, content=None, name="许可证.jpg", who="filler", assessment="a", subject="canteen", fact=FACT, **more
):
    desk.step()
    return add_evidence(
        desk.portal,
        desk.people[who],
        desk.ids[assessment],
        desk.ids[subject],
        fact,
        name,
        photo() if content is None else content,
        op_id=more.pop("op_id", None) or desk.op(),
        **more,
    )


def taken(found) -> Piece:
    assert isinstance(found, Piece), found
    return found


def refused(found, code) -> Refusal:
    assert isinstance(found, Refusal), found
    assert found.code == code
    return found


def opened(found) -> Opened:
    assert isinstance(found, Opened), found
    return found


def trail(desk, action):
    return desk.rows(log, log.c.action == action)


def give(desk, state, assessment="a"):
    """Put an assessment into a state, past the ways that lead there, and let the inspector see it."""
    desk.portal.database.write(
        lambda c: c.execute(
            update(assessments).where(assessments.c.id == desk.ids[assessment]).values(state=state)
        )
    )


def see(desk, who="reader") -> Actor:
    """Return somebody of the secretariat, who may read what was handed in."""
    if who not in desk.people:
        desk.people[who] = desks.account(desk, who, Member("secretariat"))
    return desk.people[who]


# Bringing in ------------------------------------------------------------------------------------------------------


def test_a_file_becomes_evidence(desk):
    said = Said("食品经营许可证", "2024-03-01", "2029-02-28", "市场监管局")
    found = taken(add(desk, said=said))
    assert (found.name, found.kind, found.title, found.valid_until) == (
        "许可证.jpg",
        "jpg",
        "食品经营许可证",
        "2029-02-28",
    )
    assert (found.width, found.height, found.taken_at) == (480, 640, "2025-11-26T00:30:00.000000Z")
    assert found.shows == "picture"
    (line,) = trail(desk, "evidence.add")
    assert found.id in line.details
    assert found.sha256 in line.details
    assert "add" in desks.chain_holds(desk, f"a:{desk.ids['a']}")[-1]
    assert list_evidence(desk.portal, desk.people["filler"], desk.ids["a"])[0].id == found.id


def test_asking_again_adds_nothing(desk):
    first = taken(add(desk, op_id="once"))
    assert taken(add(desk, op_id="once")).id == first.id
    refused(add(desk, op_id="once", who="colleague"), "op_id_reused")
    assert len(desk.rows(evidence)) == 1
    assert len(trail(desk, "evidence.add")) == 1


@pytest.mark.parametrize(
    "case", ["windows program said to be a picture", "word with macros", "nothing in it"]
)
def test_a_hostile_file_leaves_nothing(desk, case):
    name, content, code = HOSTILE[case]
    refused(add(desk, content(), name), f"evidence.{code}")
    assert desk.rows(evidence) == []
    assert desk.rows(contents) == []
    assert list(desk.portal.blobs.each()) == []
    assert trail(desk, "evidence.add") == []


def parts(data):
    return [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]


def large_picture():
    return saved(Image.effect_noise((1500, 1500), 90), "PNG")


def begin(desk, data, who="filler", **more):
    return begin_upload(
        desk.portal,
        desk.people[who],
        desk.ids["a"],
        desk.ids["canteen"],
        FACT,
        more.pop("name", "大图.png"),
        len(data),
        op_id=more.pop("op_id", None) or desk.op(),
        **more,
    )


def test_an_upload_goes_on_after_a_broken_line(desk):
    data, filler = large_picture(), desk.people["filler"]
    pieces = parts(data)
    assert len(pieces) > 2
    begun = begin(desk, data, sha256=hashlib.sha256(data).hexdigest(), op_id="begin")
    assert begin(desk, data, sha256=hashlib.sha256(data).hexdigest(), op_id="begin").id == begun.id
    assert put_chunk(desk.portal, filler, begun.id, 1, pieces[1]).arrived == (1,)
    waiting = refused(finish_upload(desk.portal, filler, begun.id, op_id="end"), "evidence.missing_parts")
    assert waiting.details["missing"] == [0, *range(2, len(pieces))]
    status = upload_status(desk.portal, filler, begun.id)
    for number in (*status.missing, 1):
        put_chunk(desk.portal, filler, begun.id, number, pieces[number])
    found = taken(finish_upload(desk.portal, filler, begun.id, op_id="end"))
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert taken(finish_upload(desk.portal, filler, begun.id, op_id="end")).id == found.id
    assert desk.rows(uploads) == []
    assert dict(desk.portal.blobs.parts(begun.id)) == {}


def test_a_file_that_changed_on_the_way_is_not_taken(desk):
    data, filler = photo(), desk.people["filler"]
    begun = begin(desk, data, sha256="0" * 64, name="a.jpg")
    put_chunk(desk.portal, filler, begun.id, 0, data)
    changed = bytes([data[0] ^ 1]) + data[1:]
    refused(put_chunk(desk.portal, filler, begun.id, 0, changed), "evidence.changed")
    refused(finish_upload(desk.portal, filler, begun.id, op_id="end"), "evidence.torn")
    assert desk.rows(evidence) == []


def test_an_upload_is_its_owners(desk):
    data = photo()
    begun = begin(desk, data, name="a.jpg")
    for who in ("colleague", "stranger", "inspector"):
        refused(put_chunk(desk.portal, desk.people[who], begun.id, 0, data), "missing")
        refused(upload_status(desk.portal, desk.people[who], begun.id), "missing")
        refused(finish_upload(desk.portal, desk.people[who], begun.id, op_id=desk.op()), "missing")


@pytest.mark.parametrize(("number", "size"), [(0, 5), (1, 100), (-1, 100), (0, CHUNK + 1)])
def test_parts_are_of_the_agreed_size(desk, number, size):
    begun = begin(desk, bytes(100), name="a.txt")
    refused(put_chunk(desk.portal, desk.people["filler"], begun.id, number, bytes(size)), "evidence.part")


def test_what_the_name_and_size_say_is_refused_at_once(desk):
    refused(begin(desk, b"", name="a.pdf"), "evidence.empty")
    refused(begin(desk, b"a", name="../a.pdf"), "evidence.name_path")
    refused(begin(desk, b"a", sha256="no hash"), "evidence.hash")
    big = begin_upload(
        desk.portal,
        desk.people["filler"],
        desk.ids["a"],
        desk.ids["canteen"],
        FACT,
        "a.pdf",
        26 << 20,
        op_id=desk.op(),
    )
    assert refused(big, "evidence.too_large").kind == "too_large"


def test_what_nobody_finishes_is_let_go(desk):
    begun = begin(desk, photo(), name="a.jpg")
    assert sweep(desk.portal) == 0
    assert len(desk.rows(uploads)) == 1
    desk.step(days=1, seconds=5)
    sweep(desk.portal)
    assert desk.rows(uploads) == []
    refused(upload_status(desk.portal, desk.people["filler"], begun.id), "missing")


# Who may, and where -----------------------------------------------------------------------------------------------


def test_only_the_own_university_adds_while_it_is_filled_in(desk):
    refused(add(desk, who="stranger"), "missing")
    refused(add(desk, who="inspector"), "missing")
    refused(add(desk, who="secretary"), "forbidden")
    give(desk, "评审中")
    refused(add(desk), "wrong_state")
    give(desk, "补充材料")
    taken(add(desk))
    desk.step(days=90)
    refused(add(desk, pdf(), "b.pdf"), "late")


def test_evidence_is_of_a_subject_and_a_fact_of_the_assessment(desk):
    refused(add(desk, subject="other canteen"), "evidence.subject")
    refused(add(desk, fact="c.nobody_asked"), "evidence.fact")
    taken(add(desk, subject="school", fact="s.plan"))


def test_nobody_reads_another_universitys_evidence_before_it_is_handed_in(desk):
    found = taken(add(desk))
    for who in ("stranger", "inspector", "secretary", "observer"):
        actor = desk.people[who]
        for attempt in (
            list_evidence(desk.portal, actor, desk.ids["a"]),
            open_evidence(desk.portal, actor, found.id),
            open_preview(desk.portal, actor, found.id),
            remove_evidence(desk.portal, actor, found.id, op_id=desk.op()),
            room_used(desk.portal, actor, desk.ids["a"]),
        ):
            assert isinstance(attempt, Refusal), (who, attempt)
            assert attempt.kind in ("missing", "state", "forbidden")
    assert trail(desk, "evidence.read") == []


def test_a_look_of_a_stranger_is_written_down_first_and_once(desk):
    found = taken(add(desk))
    assert opened(open_evidence(desk.portal, desk.people["colleague"], found.id)).read() == photo()
    assert trail(desk, "evidence.read") == []  # of the same university
    give(desk, "已提交")
    reader = see(desk)
    seen = opened(open_evidence(desk.portal, reader, found.id, op_id="look"))
    assert len(trail(desk, "evidence.read")) == 1  # before a byte has been read
    assert seen.read() == photo()
    open_evidence(desk.portal, reader, found.id, op_id="look")
    assert len(trail(desk, "evidence.read")) == 1
    open_preview(desk.portal, reader, found.id)
    open_evidence(desk.portal, reader, found.id)
    lines = trail(desk, "evidence.read")
    assert [(line.actor, line.target) for line in lines] == [(reader.id, found.id)] * 3
    desks.chain_holds(desk, f"a:{desk.ids['a']}")


# Serving ----------------------------------------------------------------------------------------------------------


def test_the_original_is_saved_and_never_shown(desk):
    found = taken(add(desk, name="现场 照片（一）.jpg"))
    headers = opened(open_evidence(desk.portal, desk.people["filler"], found.id)).headers
    assert headers["Content-Disposition"] == (
        "attachment; filename=\"evidence.jpg\"; filename*=UTF-8''"
        "%E7%8E%B0%E5%9C%BA%20%E7%85%A7%E7%89%87%EF%BC%88%E4%B8%80%EF%BC%89.jpg"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    assert headers["Content-Length"] == str(found.size)
    assert SAFE.items() <= headers.items()


@pytest.mark.parametrize(
    ("name", "content", "shows", "media"),
    [
        ("a.jpg", photo(), "picture", "image/jpeg"),
        ("a.png", saved(scene(), "PNG"), "picture", "image/jpeg"),
        ("a.pdf", scan(), "picture", "image/jpeg"),
        ("a.docx", docx(), "text", "text/plain; charset=utf-8"),
        ("a.xlsx", xlsx(), "text", "text/plain; charset=utf-8"),
        ("a.csv", b"a,b\n1,2\n", "text", "text/plain; charset=utf-8"),
    ],
)
def test_previews(desk, name, content, shows, media):
    found = taken(add(desk, content, name))
    assert found.shows == shows
    shown = opened(open_preview(desk.portal, desk.people["filler"], found.id))
    assert shown.headers["Content-Type"] == media
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert SAFE.items() <= shown.headers.items()
    data = shown.read()
    assert b"SECRET" not in data
    if shows == "picture":
        assert Image.open(io.BytesIO(data)).format == "JPEG"


def test_a_pdf_is_shown_in_a_sandbox(desk):
    found = taken(add(desk, pdf(), "a.pdf"))
    assert found.shows == "pdf"
    refused(open_preview(desk.portal, desk.people["filler"], found.id), "evidence.no_preview")
    shown = opened(open_evidence(desk.portal, desk.people["filler"], found.id, inline=True))
    assert shown.headers["Content-Type"] == "application/pdf"
    assert "sandbox;" in shown.headers["Content-Security-Policy"]
    other = taken(add(desk, docx(), "a.docx"))
    refused(open_evidence(desk.portal, desk.people["filler"], other.id, inline=True), "evidence.no_preview")


def test_what_was_damaged_in_the_store_never_arrives_whole(desk):
    found = taken(add(desk, large_picture(), "a.png"))
    path = desk.portal.blobs.path(found.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    got = []
    with pytest.raises(Damaged):
        got.extend(opened(open_evidence(desk.portal, desk.people["filler"], found.id)).pieces)
    assert sum(map(len, got)) < found.size
    path.unlink()
    assert (
        refused(open_evidence(desk.portal, desk.people["filler"], found.id), "evidence.lost").kind == "busy"
    )


# Limits, removing, using again ------------------------------------------------------------------------------------


def test_the_same_file_is_not_added_twice_to_a_fact(desk):
    taken(add(desk))
    refused(add(desk), "evidence.already")
    taken(add(desk, subject="school", fact="s.plan"))  # of another question it may be


def test_a_fact_has_files_enough(desk):
    limited(desk, per_fact=2)
    taken(add(desk, b"1", "1.txt"))
    second = taken(add(desk, b"2", "2.txt"))
    found = refused(add(desk, b"3", "3.txt"), "evidence.too_many")
    assert (
        found.message
        == "这一问已经附了 2 个文件，上限是 2 个。请先移除用不到的文件，或把几张图片合成一个 PDF。"
    )
    remove_evidence(desk.portal, desk.people["filler"], second.id, op_id=desk.op())
    taken(add(desk, b"3", "3.txt"))


def test_the_room_of_a_university_is_limited_and_counts_each_content_once(desk):
    limited(desk, university=len(photo()) + 10)
    first = taken(add(desk))
    assert room_used(desk.portal, desk.people["filler"], desk.ids["a"]) == Room(first.size, first.size + 10)
    refused(add(desk, pdf(), "a.pdf"), "evidence.quota")
    taken(add(desk, subject="school", fact="s.plan"))  # the same content takes no room
    taken(add(desk, b"little", "a.txt"))
    taken(add(desk, pdf(), "a.pdf", who="stranger", assessment="b", subject="other canteen"))


def test_removing_marks_and_keeps(desk):
    found = taken(add(desk))
    gone = taken(
        remove_evidence(desk.portal, desk.people["colleague"], found.id, op_id="gone", reason="传错了")
    )
    assert gone.removed_at is not None
    assert taken(remove_evidence(desk.portal, desk.people["colleague"], found.id, op_id="gone")) == gone
    refused(
        remove_evidence(desk.portal, desk.people["filler"], found.id, op_id=desk.op()), "evidence.removed"
    )
    filler = desk.people["filler"]
    assert list_evidence(desk.portal, filler, desk.ids["a"]) == ()
    assert len(list_evidence(desk.portal, filler, desk.ids["a"], removed=True)) == 1
    assert opened(open_evidence(desk.portal, filler, found.id)).read() == photo()
    assert "传错了" in trail(desk, "evidence.remove")[0].details
    taken(add(desk))  # and may be added again


def test_a_file_of_the_own_university_is_used_again(desk):
    found = taken(add(desk, said=Said("许可证", valid_until="2029-01-01")))
    filler = desk.people["filler"]
    where = (desk.ids["a"], desk.ids["school"], "s.plan")
    again = taken(reuse_evidence(desk.portal, filler, found.id, *where, op_id="again"))
    assert (again.sha256, again.title, again.valid_until) == (found.sha256, "许可证", "2029-01-01")
    assert taken(reuse_evidence(desk.portal, filler, found.id, *where, op_id="again")).id == again.id
    assert len(desk.rows(contents)) == 1
    refused(reuse_evidence(desk.portal, filler, found.id, *where, op_id=desk.op()), "evidence.already")
    theirs = (desk.ids["b"], desk.ids["other canteen"], FACT)
    refused(
        reuse_evidence(desk.portal, desk.people["stranger"], found.id, *theirs, op_id=desk.op()), "missing"
    )
    refused(reuse_evidence(desk.portal, filler, found.id, *theirs, op_id=desk.op()), "missing")


# What stands out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "code", "words"),
    [
        (
            "2026-09-29",
            "expired",
            "有效期到 2026-09-29，在评定基准日 2026-09-30 之前已经过期，请换成有效的文件",
        ),
        ("2026-10-02", "expires", "有效期到 2026-10-02，还有 31 天到期，请及早办理续期"),
        ("2026-10-31", "expires", "有效期到 2026-10-31，还有 60 天到期，请及早办理续期"),
        ("2026-11-01", None, ""),
        (None, None, ""),
    ],
)
def test_documents_warn_before_they_run_out(desk, until, code, words):
    taken(add(desk, said=Said(valid_until=until)))
    (found,) = list_evidence(desk.portal, desk.people["filler"], desk.ids["a"])
    assert [(flag.code, flag.text) for flag in found.flags] == ([(code, words)] if code else [])


def test_a_document_that_ran_out_since(desk):
    taken(add(desk, said=Said(valid_until="2026-10-05")))
    desk.step(days=60)
    (found,) = list_evidence(desk.portal, desk.people["filler"], desk.ids["a"])
    assert [flag.code for flag in found.flags] == ["lapsed"]


def flags(desk, actor, assessment="a"):
    found = list_evidence(desk.portal, actor, desk.ids[assessment])
    assert not isinstance(found, Refusal), found
    return [flag.text for one in found for flag in one.flags if flag.code.startswith(("same", "alike"))]


def copied():
    """Make of a photo what a copier makes of it: smaller, saved again, without its EXIF."""
    with Image.open(io.BytesIO(photo())) as original:
        small = original.rotate(-90, expand=True).resize((360, 480))
        return saved(small, "JPEG", quality=70)


def test_a_copied_picture_is_flagged_to_who_reviews_and_to_nobody_else(desk):
    taken(add(desk))
    taken(add(desk, copied(), "我校.jpg", who="stranger", assessment="b", subject="other canteen"))
    give(desk, "已提交")
    reader = see(desk)
    assert flags(desk, reader) == []  # B has not handed in: its draft is nobody's business
    give(desk, "已提交", "b")
    (told,) = flags(desk, reader)
    assert told.startswith("B 大学交过几乎相同的图片（6 处以内的差别，实为 ")
    assert flags(desk, desk.people["filler"]) == []
    assert flags(desk, desk.people["stranger"], "b") == []


def test_the_other_university_is_named_only_to_who_may_read_it(desk):
    taken(add(desk))
    taken(add(desk, who="stranger", assessment="b", subject="other canteen"))
    give(desk, "已提交")
    give(desk, "已提交", "b")
    assert flags(desk, see(desk)) == ["B 大学交过同一个文件，请核对"]
    only_a = desks.account(desk, "甲校秘书", Member("secretariat", desk.ids["A"]))
    assert flags(desk, only_a) == ["另一所学校交过同一个文件，请核对"]


def test_a_picture_of_an_earlier_round_is_flagged(desk):
    taken(add(desk))
    give(desk, "归档")
    desks.new_round(desk, as_of="2027-09-30", title="第二批")
    taken(add(desk, copied(), "今年.jpg"))
    taken(add(desk, photo(5), "新.jpg"))
    give(desk, "已提交")
    (told,) = flags(desk, see(desk))
    assert told.startswith("本校在“首批”里交过几乎相同的图片")


def test_removed_and_different_pictures_are_not_flagged(desk):
    taken(add(desk))
    other = taken(add(desk, copied(), "b.jpg", who="stranger", assessment="b", subject="other canteen"))
    taken(add(desk, photo(7), "c.jpg", who="stranger", assessment="b", subject="other canteen"))
    remove_evidence(desk.portal, desk.people["stranger"], other.id, op_id=desk.op())
    give(desk, "已提交")
    give(desk, "已提交", "b")
    assert flags(desk, see(desk)) == []


def test_photos_from_another_time_are_flagged(desk):
    taken(add(desk))
    (found,) = list_evidence(desk.portal, desk.people["filler"], desk.ids["a"])
    assert found.flags == ()  # the round names no period
    desk.portal.database.write(
        lambda c: c.execute(update(rounds).values(period_from="2026-01-01", period_to="2026-12-31"))
    )
    (found,) = list_evidence(desk.portal, desk.people["filler"], desk.ids["a"])
    assert [flag.text for flag in found.flags] == [
        "拍摄于 2025-11-26，不在评定期间（2026-01-01 至 2026-12-31）之内"
    ]


def test_two_at_once_add_the_same_content(desk):
    found = []
    threads = [
        threading.Thread(target=lambda who=who, op=op: found.append(add(desk, who=who, op_id=op)))
        for who, op in (("filler", "one"), ("colleague", "two"), ("filler", "one"))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({one.id for one in found if isinstance(one, Piece)}) == 1
    assert all(isinstance(one, Piece) or one.code == "evidence.already" for one in found), found
    with desk.portal.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(evidence)).scalar_one() == 1
