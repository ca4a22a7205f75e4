"""Rounds, who takes part, and who inspects: made once, in order, pinned, and never with a conflict."""

import json

import desks
import pytest
from sqlalchemy import insert, update

from portal.policy import Actor, Member
from portal.refusal import Refusal
from portal.store.tables import accounts, assessments, assignments, log, recusals, universities
from portal.store.tables import rounds as table
from portal.use_cases import assigning, moves, overview, places, rounds, taking_part


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def create(desk, who="secretary", op_id=None, **more):
    values = {"title": "第二批", "standard": "t", "edition": "1", "as_of": "2026-12-01"} | more
    return rounds.create_round(desk.portal, desk.people[who], op_id=op_id or desk.op(), **values)


def code(found):
    assert isinstance(found, Refusal), found
    return found.code


def test_a_round_is_pinned_to_the_content_of_its_edition(desk):
    found = create(desk, op_id="new", settings={"inspectors_at_least": 3})
    assert create(desk, op_id="new", settings={"inspectors_at_least": 3}) == found
    (row,) = desk.rows(table, table.c.id == found.round)
    assert row.edition_hash == desk.portal.library().edition("t", "1").hash
    assert (row.state, json.loads(row.settings)["inspectors_at_least"]) == ("草稿", 3)
    assert desks.chain_holds(desk, f"r:{found.round}") == ["round.create"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"title": " "}, "title"),
        ({"title": "长" * 201}, "too_long"),
        ({"title": "a\0"}, "control"),
        ({"edition": "9"}, "edition"),
        ({"as_of": "2026-13-01"}, "day"),
        ({"as_of": "20261201"}, "day"),
        ({"period": ("2026-12-01", "2026-01-01")}, "day"),
        ({"period": ("x", "2026-01-01")}, "day"),
        ({"times": {"fill_until": "明天"}}, "time"),
        ({"times": {"lunch": None}}, "time"),
        (
            {
                "times": {
                    "fill_until": "2026-12-02T00:00:00.000000Z",
                    "review_until": "2026-12-01T00:00:00.000000Z",
                }
            },
            "time_order",
        ),
        ({"settings": {"colour": "red"}}, "setting"),
        ({"settings": {"inspectors_at_least": True}}, "setting"),
        ({"settings": {"inspectors_at_least": 0}}, "setting"),
        ({"region": "长" * 41}, "too_long"),
    ],
)
def test_a_round_that_makes_no_sense_is_refused(desk, more, expected):
    assert code(create(desk, **more)) == expected
    assert len(desk.rows(table)) == 1


def test_only_the_secretariat_runs_rounds(desk):
    desk.people["narrow"] = Actor(
        desk.people["secretary"].id, "秘书", (Member("secretariat", None, desk.ids["round"]),)
    )
    for who in ("filler", "approver", "inspector", "observer", "narrow"):
        assert code(create(desk, who)) == "forbidden", who
    call = (desk.portal, desk.people["filler"], desk.ids["round"])
    assert code(rounds.set_times(*call, {}, base=2, op_id="x")) == "forbidden"
    assert (
        code(
            rounds.archive_round(desk.portal, desk.people["inspector"], desk.ids["round"], base=2, op_id="x")
        )
        == "missing"
    )
    assert code(taking_part.invite(*call, [desk.ids["A"]], op_id="x")) == "forbidden"
    assert (
        code(places.register_university(desk.portal, desk.people["filler"], "1", "某校", op_id="x"))
        == "forbidden"
    )
    assert (
        code(
            places.register_place(
                desk.portal, desk.people["filler"], desk.ids["A"], "x", "食堂", "某", op_id="x"
            )
        )
        == "forbidden"
    )
    assert (
        code(
            taking_part.choose_subjects(
                desk.portal, desk.people["filler"], desk.ids["a"], [], base=1, op_id="x"
            )
        )
        == "forbidden"
    )
    # who runs one round only may change that one
    assert (
        rounds.set_times(
            desk.portal,
            desk.people["narrow"],
            desk.ids["round"],
            {"fill_until": desk.later(days=3)},
            base=2,
            op_id="y",
        ).version
        == 3
    )


def test_deadlines_are_changed_in_order_and_on_what_one_has_seen(desk):
    call = (desk.portal, desk.people["secretary"], desk.ids["round"])
    longer = desk.later(days=50)
    assert code(rounds.set_times(*call, {"fill_until": longer}, base=1, op_id=desk.op())) == "stale"
    assert rounds.set_times(*call, {"fill_until": longer}, base=2, op_id="t").version == 3
    assert rounds.set_times(*call, {"fill_until": longer}, base=2, op_id="t").version == 3
    assert (
        code(rounds.set_times(*call, {"material_until": desk.later(days=1)}, base=3, op_id=desk.op()))
        == "time_order"
    )
    assert code(rounds.set_times(*call, {"tea": None}, base=3, op_id=desk.op())) == "time"
    desk.step(days=40)
    assert desk.save("filler", "c.staff", 3).version == 1


def test_how_many_inspectors_a_review_needs_is_set_until_one_begins(desk):
    call = (desk.portal, desk.people["secretary"], desk.ids["round"])
    before = desk.rows(table)[0]
    assert code(rounds.set_inspectors(*call, 2, base=1, op_id=desk.op())) == "stale"
    assert code(rounds.set_inspectors(*call, 0, base=2, op_id=desk.op())) == "setting"
    assert code(rounds.set_inspectors(*call, 51, base=2, op_id=desk.op())) == "setting"
    stranger = (desk.portal, desk.people["filler"], desk.ids["round"])
    assert code(rounds.set_inspectors(*stranger, 2, base=2, op_id=desk.op())) == "forbidden"
    done = rounds.set_inspectors(*call, 2, base=2, op_id="two")
    assert done.version == 3
    assert rounds.set_inspectors(*call, 2, base=2, op_id="two") == done
    (now,) = desk.rows(table)
    assert json.loads(now.settings) == json.loads(before.settings) | {"inspectors_at_least": 2}
    assert desks.chain_holds(desk, f"r:{now.id}")[-1] == "round.set_inspectors"
    desk.save("filler", "c.staff", 3)
    desk.submit()
    chief = desk.people["secretary"]
    assigning.assign(desk.portal, chief, desk.ids["a"], desk.people["inspector"].id, op_id=desk.op())
    assert code(desk.advance("评审中")) == "too_few_inspectors"
    assert rounds.set_inspectors(*call, 1, base=3, op_id=desk.op()).version == 4
    assert not isinstance(desk.advance("评审中"), Refusal)
    refused = rounds.set_inspectors(*call, 2, base=4, op_id=desk.op())
    assert code(refused) == "begun"
    assert refused.details == {"begun": 1}
    assert json.loads(desk.rows(table)[0].settings)["inspectors_at_least"] == 1


def test_a_round_opens_for_all_who_are_invited_and_once(database, tmp_path):
    desk = desks.make(database, tmp_path / "blobs", opened=False)
    empty = create(desk)
    call = (desk.portal, desk.people["secretary"])
    assert code(rounds.open_round(*call, empty.round, base=1, op_id=desk.op())) == "nobody_invited"
    late = create(desk, times={"fill_until": desk.later(days=-1)})
    assert code(rounds.open_round(*call, late.round, base=1, op_id=desk.op())) == "time"
    assert rounds.open_round(*call, desk.ids["round"], base=1, op_id="o").state == "进行中"
    assert rounds.open_round(*call, desk.ids["round"], base=1, op_id="o").state == "进行中"
    assert code(rounds.open_round(*call, desk.ids["round"], base=2, op_id=desk.op())) == "opened"
    assert (desk.state("a"), desk.state("b")) == ("填报中", "填报中")
    assert desks.chain_holds(desk, f"a:{desk.ids['a']}") == [
        "round.invite",
        "round.choose_subjects",
        "round.open",
    ]


def test_who_is_invited_late_fills_in_at_once_and_nobody_twice(desk):
    call = (desk.portal, desk.people["secretary"])
    made = places.register_university(*call, "90009", "丙大学", op_id="u", region="安徽", kind="民办")
    assert places.register_university(*call, "90009", "丙大学", op_id="u") == made
    assert code(places.register_university(*call, "90009", "丁大学", op_id=desk.op())) == "taken"
    assert code(places.register_university(*call, "9 9", "丁大学", op_id=desk.op())) == "code"
    found = taking_part.invite(*call, desk.ids["round"], [made.id, desk.ids["A"]], op_id="i")
    assert found.assessments[desk.ids["A"]] == desk.ids["a"]
    assert taking_part.invite(*call, desk.ids["round"], [made.id, desk.ids["A"]], op_id="i") == found
    desk.ids["c"] = found.assessments[made.id]
    assert desk.state("c") == "填报中"
    assert len(desk.rows(assessments)) == 3
    assert code(taking_part.invite(*call, desk.ids["round"], ["nobody"], op_id=desk.op())) == "university"
    assert code(taking_part.invite(*call, desk.ids["round"], [], op_id=desk.op())) == "invited"
    assert code(taking_part.invite(*call, "nothing", [made.id], op_id=desk.op())) == "missing"
    assert [row.region for row in desk.rows(universities, universities.c.id == made.id)] == ["安徽"]


def test_only_open_places_of_the_university_and_of_the_right_kind_are_assessed(desk):
    call = (desk.portal, desk.people["secretary"])
    building = places.register_place(*call, desk.ids["A"], "house-1", "公寓楼", "一号楼", op_id=desk.op()).id

    def choose(*ids, op_id=None, base=None):
        return taking_part.choose_subjects(
            *call, desk.ids["a"], ids, base=base or desk.version(), op_id=op_id or desk.op()
        )

    assert code(choose(building)) == "place"
    assert code(choose(desk.ids["place B"])) == "place"
    assert code(choose("nothing")) == "place"
    assert code(choose(base=1)) == "stale"
    assert code(choose(*map(str, range(201)))) == "places"
    second = places.register_place(*call, desk.ids["A"], "canteen-2", "食堂", "二食堂", op_id="p")
    assert places.register_place(*call, desk.ids["A"], "canteen-2", "食堂", "二食堂", op_id="p") == second
    found = choose(desk.ids["place A"], second.id, op_id="c")
    assert choose(desk.ids["place A"], second.id, op_id="c") == found
    assert set(found.subjects) == {"", desk.ids["place A"], second.id}
    assert (
        code(places.register_place(*call, desk.ids["A"], "canteen-2", "食堂", "三", op_id=desk.op()))
        == "taken"
    )
    assert code(places.register_place(*call, desk.ids["A"], "1035-A", "食堂", "", op_id=desk.op())) == "title"
    assert code(places.register_place(*call, desk.ids["A"], "a--b", "食堂", "三", op_id=desk.op())) == "code"
    assert code(places.register_place(*call, desk.ids["A"], "ab", " ", "三", op_id=desk.op())) == "title"
    assert code(places.register_place(*call, "nowhere", "ab", "食堂", "三", op_id=desk.op())) == "missing"
    desk.save("filler", "c.staff", 3)
    desk.submit()
    assert code(choose(desk.ids["place A"])) == "not_filling"


def test_closing_ends_the_filling_in(desk):
    desk.save("filler", "c.staff", 3)
    desk.step()
    call = (desk.portal, desk.people["secretary"], desk.ids["round"])
    assert rounds.close_round(*call, base=2, op_id="c").version == 3
    assert code(rounds.close_round(*call, base=3, op_id=desk.op())) == "closed"
    assert code(desk.save("filler", "c.staff", 4, base=1)) == "late"


def test_a_round_is_put_away_only_when_everybody_is_done_and_then_stays(desk):
    desk.save("filler", "c.staff", 3)
    desk.submit()
    call = (desk.portal, desk.people["secretary"], desk.ids["round"])
    found = rounds.archive_round(*call, base=2, op_id=desk.op())
    assert (found.code, found.details["left"]) == ("unfinished", {"已提交": 1, "填报中": 1})
    desk.step(days=40)
    assert rounds.archive_round(*call, base=2, op_id=desk.op()).details["left"] == {"已提交": 1}
    desk.portal.database.write(
        lambda c: c.execute(update(assessments).where(assessments.c.id == desk.ids["a"]).values(state="归档"))
    )
    assert rounds.archive_round(*call, base=2, op_id=desk.op()).state == "归档"
    assert code(rounds.set_times(*call, {"fill_until": None}, base=3, op_id=desk.op())) == "archived"
    assert code(rounds.set_inspectors(*call, 2, base=3, op_id=desk.op())) == "archived"
    assert code(rounds.archive_round(*call, base=3, op_id=desk.op())) == "archived"
    assert code(taking_part.invite(*call, [desk.ids["A"]], op_id=desk.op())) == "archived"
    assert code(rounds.close_round(*call, base=3, op_id=desk.op())) == "not_running"
    assert (
        code(desk.save("stranger", "c.staff", 1, assessment="b", subject="other canteen"))
        == "round_not_running"
    )


def assign(desk, who="inspector", by="secretary", op_id=None):
    desk.step()
    return assigning.assign(
        desk.portal, desk.people[by], desk.ids["a"], desk.people[who].id, op_id=op_id or desk.op()
    )


def test_an_inspector_is_assigned_and_taken_off_and_put_back(desk):
    first = assign(desk, op_id="a")
    assert assign(desk, op_id="a") == first
    assert assign(desk).active
    call = (desk.portal, desk.people["secretary"], desk.ids["a"], desk.people["inspector"].id)
    assert code(assigning.end_assignment(*call, " ", op_id=desk.op())) == "title"
    assert assigning.end_assignment(*call, "另有任务", op_id="e").active is False
    assert assigning.end_assignment(*call, "另有任务", op_id="e").active is False
    assert code(assigning.end_assignment(*call, "再来", op_id=desk.op())) == "missing"
    assert assign(desk).active
    (row,) = desk.rows(assignments)
    assert row.ended_at is None
    assert code(assign(desk, by="filler")) == "forbidden"
    assert (
        code(assigning.end_assignment(desk.portal, desk.people["filler"], *call[2:], "x", op_id="y"))
        == "forbidden"
    )


def test_nobody_inspects_their_own_university_nor_what_they_recused_from_or_filled_in(desk):
    employed = desks.account(desk, "双职", Member("inspector"), Member("approver", desk.ids["A"]))
    recused = desks.account(desk, "回避", Member("inspector"))
    former = desks.account(desk, "旧填报", Member("inspector"))
    elsewhere = desks.account(desk, "别的批次", Member("inspector", None, None))
    desk.portal.database.write(
        lambda c: c.execute(
            insert(recusals).values(
                id="R" * 26,
                account_id=recused.id,
                university_id=desk.ids["A"],
                reason="亲属",
                declared_at=desk.step(),
            )
        )
    )
    desk.people["former"] = Actor(former.id, "旧填报", (Member("filler", desk.ids["A"]),))
    desk.save("former", "c.staff", 3)
    gone = desks.account(desk, "停用", Member("inspector"))
    desk.portal.database.write(
        lambda c: c.execute(update(accounts).where(accounts.c.id == gone.id).values(disabled_at=desk.step()))
    )
    wanted = {
        "employed": (employed, "conflict"),
        "recused": (recused, "conflict"),
        "former": (former, "conflict"),
        "gone": (gone, "account"),
        "filler": (desk.people["filler"], "no_inspector"),
    }
    for name, (who, expected) in wanted.items():
        desk.people[name] = who
        assert code(assign(desk, name)) == expected, name
    desk.people["nobody"] = Actor("nobody", "", ())
    assert code(assign(desk, "nobody")) == "account"
    desk.people["elsewhere"] = elsewhere
    assert assign(desk, "elsewhere").active
    assert len(desk.rows(assignments)) == 1
    at = desk.step()
    desk.portal.database.write(lambda c: c.execute(update(recusals).values(ended_at=at)))
    assert assign(desk, "recused").active  # lifted


def test_an_assigned_inspector_with_a_conflict_sees_nothing(desk):
    assign(desk)
    desk.save("filler", "c.staff", 3)
    desk.submit()
    inspector = desk.people["inspector"]
    assert [one.id for one in overview.list_assessments(desk.portal, inspector)] == [desk.ids["a"]]
    late = Actor(inspector.id, inspector.name, inspector.members, frozenset({desk.ids["A"]}))
    assert overview.list_assessments(desk.portal, late) == ()
    assert overview.list_rounds(desk.portal, late) == ()
    assert code(rounds.read_round(desk.portal, late, desk.ids["round"])) == "missing"


def test_lists_show_what_one_may_see_and_nothing_else(desk):
    def seen(who, **more):
        return {
            one.university_title for one in overview.list_assessments(desk.portal, desk.people[who], **more)
        }

    desk.save("filler", "c.staff", 3)
    assert seen("filler") == seen("approver") == {"A 大学"}
    assert seen("stranger") == {"B 大学"}
    assert seen("secretary") == {"A 大学", "B 大学"}
    assert seen("secretary", round_id="nothing") == set()
    assert seen("secretary", round_id=desk.ids["round"]) == {"A 大学", "B 大学"}
    assert seen("inspector") == seen("observer") == set()
    assert [one.answered for one in overview.list_assessments(desk.portal, desk.people["filler"])] == [1]
    for who, count in (("secretary", 1), ("filler", 1), ("inspector", 0), ("observer", 1)):
        assert len(overview.list_rounds(desk.portal, desk.people[who])) == count, who
    assert rounds.read_round(desk.portal, desk.people["filler"], desk.ids["round"]).title == "首批"
    assert code(rounds.read_round(desk.portal, desk.people["filler"], "nothing")) == "missing"
    assert moves.RUNS == ("assessment.advance", "round.publish")
    assert desk.rows(log, log.c.chain == "system")
