"""An operation is done once; and every change of a state, by whatever use case, ends with a checkpoint."""

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from structlog.testing import capture_logs

import portal
from portal import assessments as standing
from portal.checkpoint import latest
from portal.once import BAD_OP, REUSED, carry_out, done_to, note, repeated, state_changed
from portal.policy import Actor
from portal.portal import Portal
from portal.refusal import Refusal
from portal.states import MOVES
from portal.store.tables import assessments, checkpoints, leaves, log, publications, rounds, tiles
from portal.trail import append
from portal.use_cases.appeals import assign_reviewer, decide_appeal, file_appeal
from portal.use_cases.materials import answer_material, ask_material
from portal.use_cases.moves import reopen, withdraw
from portal.use_cases.publication import (
    archive_all,
    decide_grade,
    finish_review,
    publicise,
    publish_grades,
    withdraw_publication,
)
from portal.use_cases.rounds import archive_round, close_round, create_round, open_round
from portal.use_cases.taking_part import invite
from tests.portal.in_review import GOOD, ground, ok, reviewed
from tests.portal.trails import SEAL, checkpoint, entry, moment, unguarded

ROUND_STATES = {("草稿", "进行中"), ("进行中", "归档")}


@pytest.fixture
def world(tmp_path, empty_address):
    """Give a round on each kind of store, with a seal."""
    found = ground(tmp_path / "world", address=empty_address)
    found.portal = replace(found.portal, seal=SEAL)
    found.assign(found.university("u1", GOOD, {**GOOD, "c.passed": 20}), "张三", "李四")
    yield found
    found.portal.database.close()


def states_of(connection):
    """Return everything whose change is a change of state."""
    return {
        **{row.id: row.state for row in connection.execute(select(assessments))},
        **{row.id: row.state for row in connection.execute(select(rounds))},
        **{row.id: row.withdrawn_at or "" for row in connection.execute(select(publications))},
    }


@contextmanager
def watched(database):
    """Look after each transaction, before its end, whether it changed a state, and then whether all is under a checkpoint."""
    seen, write = set(), database.write

    def looking(work, *more):
        def looked(connection):
            before = states_of(connection)
            found = work(connection)
            after = states_of(connection)
            changed = {(before.get(one), now) for one, now in after.items() if before.get(one) != now}
            changed.discard((None, "草稿"))
            if changed and not isinstance(found, Refusal):
                assert is_covered(connection), changed
            seen.update(changed)
            return found

        return write(looked, *more)

    database.write = looking
    yield seen
    database.write = write


def is_covered(connection):
    lines = connection.execute(select(func.count()).select_from(log)).scalar_one()
    last = latest(connection)
    return last is not None and last.size == lines


def every_move(world):
    """Make every move of the table of states, and every other change of state, through the use cases."""
    case, people, portal = world.cases["u1"], world.people, world.portal
    secretary, approver = people["秘书"], people["u1负责人"]

    def do(use, *args, who=secretary, **more):
        return ok(use(portal, who, *args, op_id=world.op(), **more))

    def back(who=secretary, use=reopen):
        do(use, case, "漏填", who=who, base=world.version(case))
        world.hand_in("u1")

    world.hand_in("u1")
    back(approver, withdraw)
    back()
    world.go(case, "评审中")
    back()
    world.go(case, "评审中")
    asked = do(ask_material, case, "c1", "rate", "培训名册", who=people["张三"])
    world.go(case, "补充材料")
    back()
    world.go(case, "评审中")
    world.go(case, "补充材料")
    world.go(case, "评审中", "先评别的")
    world.go(case, "补充材料")
    do(answer_material, case, asked.request, "已附", who=people["u1填报员"])
    world.hand_in("u1")
    reviewed(world, bases={"张三": 1}, rate="2.5")
    world.go(case, "评审中", "再议一次")
    do(finish_review, case)
    out = do(publicise, world.round)
    do(withdraw_publication, out.id, "有误")
    out = do(publicise, world.round)
    appeal = do(file_appeal, case, "c1", "rate", "漏交", who=approver)
    world.go(case, "复核")
    do(withdraw_publication, out.id, "有误")
    do(publicise, world.round)
    do(assign_reviewer, case, appeal, people["王五"].id)
    world.go(case, "复核")
    do(decide_appeal, case, appeal, "changed", "有名册", points="5", who=people["王五"])
    do(decide_grade, case)
    out = do(publish_grades, world.round)
    do(withdraw_publication, out.id, "有误")
    do(decide_grade, case)
    do(publish_grades, world.round)
    do(archive_all, world.round)
    do(close_round, world.round, base=1)
    do(archive_round, world.round, base=2)
    begin(world, do)


def begin(world, do):
    """Create a round, invite a university and open it."""
    made = do(create_round, "第二批", "t", "1", "2026-12-31")
    home = world.rows(assessments)[0].university_id
    do(invite, made.round, [home])
    do(open_round, made.round, base=world.rows(rounds, rounds.c.id == made.round)[0].version)


def test_every_change_of_state_ends_with_a_checkpoint(world):
    with watched(world.portal.database) as seen:
        every_move(world)
    wanted = {(one.start, one.end) for one in MOVES} | ROUND_STATES
    assert wanted - seen == set()
    told = {json.loads(row.details).get("move") for row in world.rows(log)}
    assert {one.name for one in MOVES} <= told


def test_closing_a_round_ends_with_a_checkpoint_although_its_state_stays(world):
    ok(close_round(world.portal, world.people["秘书"], world.round, base=1, op_id="close"))
    with world.portal.database.read() as connection:
        assert is_covered(connection)


@pytest.mark.parametrize("missing", ["mark", "state_changed"])
def test_a_change_without_its_checkpoint_is_noticed(world, monkeypatch, missing):
    """The protection bites: leave the checkpoint out, and the walk above fails at its first step."""
    if missing == "mark":
        monkeypatch.setattr(Portal, "mark", lambda *_: None)
    else:
        monkeypatch.setattr(standing, "state_changed", lambda _: None)
    with watched(world.portal.database), pytest.raises(AssertionError):
        every_move(world)


def test_no_use_case_goes_past_the_one_place_where_checkpoints_are_made():
    """Those that write by themselves change no state: who is signed in, and parts of uploads."""
    folder = Path(portal.__file__).parent
    past = {
        one.stem for one in folder.rglob("use_cases/*.py") if ".database.write(" in one.read_text("utf-8")
    }
    assert past == {"sign_in", "uploads"}


def test_a_change_that_was_undone_leaves_no_checkpoint_to_the_next(world):
    def undone(connection):
        append(connection, entry(1))
        state_changed(connection)
        raise LookupError

    with pytest.raises(LookupError):
        carry_out(world.portal, undone)
    carry_out(world.portal, lambda connection: append(connection, entry(2)))
    assert world.rows(checkpoints) == []


# A trail that was tampered with ---------------------------------------------------------------------------------------

TAMPERED = {
    "a line": (8, lambda c: c.execute(log.update().where(log.c.seq == 2).values(hash="0" * 64))),
    "leaves": (8, lambda c: c.execute(delete(leaves).where(leaves.c.position == 3))),
    "leaves under a tile": (300, lambda c: c.execute(delete(leaves).where(leaves.c.position >= 200))),
    "a tile that was not to be": (
        250,
        lambda c: c.execute(tiles.insert().values(level=8, position=0, hash="0" * 64)),
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_broken_trail_raises_the_alarm_and_the_change_stands(world, how):
    """A university that hands in must not suffer for what somebody did to the log, in whatever way it was done."""
    (lines, forge), database = TAMPERED[how], world.portal.database
    database.write(lambda c: [append(c, entry(number)) for number in range(9000, 9000 + lines)])
    checkpoint(database, lines)
    unguarded(database, "log", "leaves", "tiles")
    database.write(forge)
    if lines > 200:
        database.write(lambda c: [append(c, entry(number)) for number in range(9900, 9910)])
    with capture_logs() as said:
        world.hand_in("u1")
    assert world.state(world.cases["u1"]) == "已提交"
    assert len(world.rows(checkpoints)) == 1
    assert [(one["log_level"], one["code"], one["next"]) for one in said] == [
        ("critical", "trail_broken", "请停止改动并运行 zhunsheng audit verify")
    ]


# Once -----------------------------------------------------------------------------------------------------------------


def test_the_same_operation_is_told_only_to_whom_it_belongs(database):
    me, other = Actor("me", "甲", ()), Actor("other", "乙", ())

    def asked(op_id, actor=me, action="round.open", target="R"):
        with database.read() as connection:
            return (
                repeated(connection, op_id, actor, action, target),
                done_to(connection, op_id, actor, action),
            )

    assert asked("op") == (None, None)
    database.write(lambda c: note(c, "op", "r:R", moment(1), me, "round.open", "R", {"count": 3}))
    assert asked("op") == ({"count": 3}, "R")
    assert asked("op", target="S") == (REUSED, "R")
    assert asked("op", actor=other) == asked("op", action="round.close") == (REUSED, REUSED)
    for bad in ("", "x" * 65, "有空格 ", "a/b", "a\n"):
        assert asked(bad) == (BAD_OP, BAD_OP)
