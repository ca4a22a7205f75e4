"""The table of moves: whole, legal, guarded, and known to the table of permissions."""

from dataclasses import replace

import pytest

from portal.moment import text_of
from portal.policy import RULES, STATES
from portal.states import (
    MOVES,
    SAVING,
    Situation,
    forbids,
    forbids_saving,
    move_between,
    move_named,
    unmovable,
)

NOW = "2026-09-15T00:00:00.000000Z"
GOOD = Situation(NOW, answered=1, inspectors=1)


def test_every_state_is_reached_from_the_first_and_leads_to_the_last():
    forward, back = {"草稿"}, {"归档"}
    for _ in STATES:
        forward |= {one.end for one in MOVES if one.start in forward}
        back |= {one.start for one in MOVES if one.end in back}
    assert forward == back == set(STATES)


def test_somebody_may_make_each_move_and_nobody_both_fills_in_and_moves_on():
    for move in MOVES:
        roles = {rule.role for rule in RULES if rule.action == move.action and move.start in rule.states}
        assert roles, move
        assert roles <= ({"approver"} if move.name in ("submit", "withdraw") else {"secretariat"}), move


def test_a_name_and_a_state_say_which_move():
    assert len({(one.name, one.start) for one in MOVES}) == len(MOVES)
    assert len({(one.start, one.end, one.action) for one in MOVES}) == len(MOVES)
    for move in MOVES:
        assert move_named(move.name, move.start) is move
        assert move_between(move.start, move.end, move.action) is move
    assert move_named("submit", "归档") is None
    assert move_between("草稿", "归档") is None


def test_going_back_needs_a_reason():
    for move in MOVES:
        back = STATES.index(move.end) < STATES.index(move.start)
        assert move.reason is (back and move.name != "submit"), move


def test_every_guard_bites_and_says_what_to_do():
    bad = {
        "round_not_running": {"round_state": "归档"},
        "late": {
            "fill_until": "2026-09-14T00:00:00.000000Z",
            "material_until": "2026-09-14T00:00:00.000000Z",
        },
        "nothing_answered": {"answered": 0},
        "too_few_inspectors": {"inspectors": 0},
        "unsigned": {"unsigned": 2},
        "nothing_asked": {"open_requests": 0},
        "unanswered_requests": {"open_requests": 3},
        "no_appeal": {"open_appeals": 0},
        "undecided_appeals": {"open_appeals": 1},
        "still_public": {"publish_until": "2026-09-16T00:00:00.000000Z"},
        "appeals_open": {"appeal_until": "2026-09-16T00:00:00.000000Z"},
    }
    seen = set()
    for move in MOVES:
        wanted = {"open_requests": int(move.name == "ask"), "open_appeals": int(move.name == "appeal")}
        good = replace(GOOD, **wanted)
        assert forbids(move, good, "因为") is None, move
        for guard in move.guards:
            refusal = forbids(move, replace(good, **bad[guard.code]), "因为")
            assert refusal is not None, (move, guard.code)
            assert refusal.kind == "state"
            assert refusal.code == guard.code
            assert "{" not in refusal.message
            seen.add(guard.code)
        if move.reason:
            assert forbids(move, good, "  ").code == "reason"
    assert seen == set(bad)


def test_the_last_moment_still_counts():
    at = "2026-09-15T00:00:00.000000Z"
    assert forbids_saving("填报中", Situation(at, fill_until=at)) is None
    later = "2026-09-15T00:00:00.000001Z"
    refusal = forbids_saving("填报中", Situation(later, fill_until=at))
    assert "2026-09-15 08:00" in refusal.what  # the time in Beijing


@pytest.mark.parametrize("state", STATES)
def test_saving_stands_where_permission_lets_one_save(state):
    allowed = any(rule.action == "answer.save" and state in rule.states for rule in RULES)
    assert (state in SAVING) is allowed
    assert (forbids_saving(state, GOOD) is None) is allowed


def test_what_cannot_be_is_said_with_what_can():
    found = unmovable("withdraw", "评审中")
    assert "不能撤回" in found.what
    assert "结束评审" in found.next
    assert "不能再变动" in unmovable("submit", "归档").next


def test_times_are_read_in_beijing():
    from datetime import UTC, datetime  # noqa: PLC0415

    from portal.moment import is_id, is_moment, new_id, shown  # noqa: PLC0415

    at = datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert shown(text_of(at)) == "2027-01-01 04:00"
    assert is_id(new_id(at))
    assert is_moment(text_of(at))
    assert not any(map(is_moment, ("", "2026-9-1T0:0:0.0Z", "２０２６-12-31T20:00:00.000000Z", "2026-12-31")))
    assert not any(map(is_id, ("", "a" * 26, "A" * 25, "A" * 25 + "\0", "U" * 26)))
