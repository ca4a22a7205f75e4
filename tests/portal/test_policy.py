"""The table of permissions, whole: every role, action, relation, state and separation, one check against the lists' SQL."""

import importlib
import itertools
import pkgutil
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from people_world import round_values
from sqlalchemy import ColumnElement, insert, select, true

import portal.use_cases
from portal import policy, policy_page, policy_sql
from portal.assessments import about, load
from portal.policy import (
    ACTIONS,
    BY_ACTION,
    GIVES,
    NOT_A_DRAFT,
    PUBLIC,
    ROLES,
    RULES,
    STATES,
    TITLES,
    WITHOUT_RULE,
    Actor,
    Member,
    Object,
    may,
    may_give,
    may_read_line,
)
from portal.policy_sql import object_of, object_of_round, reviewed_in, visible, visible_rounds
from portal.portal import USE_CASES
from portal.store.tables import (
    accounts,
    answer_history,
    assessments,
    assignments,
    blobs,
    claim_history,
    evidence,
    findings,
    metadata,
    rounds,
    subjects,
    universities,
)

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-11-26T00:00:00.000000Z"
HOME, BARRED, AWAY = "U-HOME", "U-BARRED", "U-AWAY"
PLACES = (HOME, BARRED, AWAY)
CONTENT = (
    *("answer.read", "evidence.read", "score.read", "score.read_review", "finding.read"),
    *("photo.read", "photo.read_shown"),
)
SCORING = ("finding.save", "finding.sign", "photo.add", "appeal.decide", "request.ask")
VARIANTS = tuple(itertools.product((False, True), repeat=3))  # assigned, filled, reviewed


def as_id(text: str) -> str:
    return text.rjust(26, "0")


def round_id(state: str, variant: int) -> str:
    return as_id(f"R{STATES.index(state)}{variant}")


ROUNDS = [(state, variant) for state in STATES for variant in range(len(VARIANTS))]
SCOPED = [round_id(state, index % len(VARIANTS)) for index, state in enumerate(STATES)]


def people() -> list[Actor]:
    """Everybody: each role in each scope that a role may have and some that it may not, and several roles at once."""
    scopes = {
        "everywhere": [(None, None)],
        "home": [(HOME, None)],
        "rounds": [(None, one) for one in SCOPED],
        "home in rounds": [(HOME, one) for one in SCOPED],
    }
    found = {
        f"{role} {name}": tuple(Member(role, *scope) for scope in each)
        for role in ROLES
        for name, each in scopes.items()
    }
    home = [Member(role, HOME) for role in ("filler", "approver")]
    found |= {
        "nobody": (),
        "inspector who fills in at home": (Member("inspector"), home[0]),
        "inspector who answers for home": (Member("inspector"), home[1]),
        "secretary who inspects": (Member("secretariat"), Member("inspector")),
        "secretary who fills in at home": (Member("secretariat"), home[0]),
        "everything at once": tuple(
            Member(role, HOME if role in ("filler", "approver") else None) for role in ROLES
        ),
    }
    return [
        Actor(f"P{number:02}-{'x' * barred}", name, members, frozenset({BARRED}) if barred else frozenset())
        for number, (name, members) in enumerate(found.items())
        for barred in (False, True)
    ]


PEOPLE = people()


def facts(person: int, variant: int) -> tuple[bool, bool, bool]:
    """Which of assigned, filled in and reviewed hold: something else for each person, so that no one's is another's."""
    return VARIANTS[(person + variant) % len(VARIANTS)]


def the_object(state: str, variant: int, university: str) -> Object:
    sets = [
        frozenset(who.id for number, who in enumerate(PEOPLE) if facts(number, variant)[fact])
        for fact in range(3)
    ]
    return Object(round_id(state, variant), university, state, *sets)


OBJECTS = {
    as_id(f"A{STATES.index(state)}{variant}{PLACES.index(place)}"): the_object(state, variant, place)
    for state, variant in ROUNDS
    for place in PLACES
}


def settle(connection):
    """Write the world down: the objects with who is assigned, filled in and reviewed."""
    put = {table: [] for table in metadata.sorted_tables}
    put[universities] = [{"id": one, "code": one, "title": one, "created_at": AT} for one in PLACES]
    put[accounts] = [
        {"id": who.id, "login": who.id.lower(), "name": who.name, "created_at": AT} for who in PEOPLE
    ]
    put[rounds] = [round_values(AT) | {"id": round_id(*one)} for one in ROUNDS]
    put[blobs] = [{"sha256": "0", "size": 1, "type": "pdf", "stored_at": AT}]
    for key, this in OBJECTS.items():
        put[assessments].append(
            {
                "id": key,
                "round_id": this.round,
                "university_id": this.university,
                "state": this.state,
                "created_at": AT,
            }
        )
        subject = {"assessment_id": key, "subject_id": as_id(f"S{key[-4:]}")}
        put[subjects].append(
            {
                "id": as_id(f"S{key[-4:]}"),
                "assessment_id": key,
                "slug": "whole",
                "title": "全校",
                "kind": "university",
            }
        )
        for number, who in enumerate(PEOPLE):
            assigned = who.id in this.inspectors
            if assigned or number % 3 == 0:  # some were assigned once and are not any more
                put[assignments].append(
                    {
                        "id": f"{key[-4:]}{who.id}",
                        "assessment_id": key,
                        "account_id": who.id,
                        "assigned_at": AT,
                        "ended_at": None if assigned else AT,
                    }
                )
            if who.id in this.filled_by:  # in one of three ways
                mark = {**subject, "by": who.id, "at": AT}
                if number % 3 == 0:
                    put[answer_history].append(
                        {**mark, "op_id": f"{key}{who.id}", "fact": "f", "origin": "typed", "version": number}
                    )
                elif number % 3 == 1:
                    put[claim_history].append(
                        {**mark, "op_id": f"{key}{who.id}", "indicator": f"i{number}", "version": 1}
                    )
                else:
                    put[evidence].append(
                        {**mark, "id": f"{key[-4:]}{who.id}", "fact": "f", "sha256": "0", "name": "证明.pdf"}
                    )
            if who.id in this.reviewed_by:
                put[findings].append(
                    {
                        **subject,
                        "indicator": "i",
                        "account_id": who.id,
                        "version": 1,
                        "verdict": "agree",
                        "at": AT,
                    }
                )
    for table, rows in put.items():
        if rows:
            connection.execute(insert(table), rows)


def disagreements(connection, actions=ACTIONS) -> tuple[int, list[tuple[str, str, str]]]:
    """Compare the single check with the filter of lists, for everybody, everything and every action."""
    asked, wrong = 0, []
    for who in PEOPLE:
        for action in actions:
            listed = set(connection.scalars(select(assessments.c.id).where(visible(who, action))))
            alone = {key for key, this in OBJECTS.items() if may(who, action, this)}
            asked += len(OBJECTS)
            wrong += [(who.name, action, key) for key in sorted(listed ^ alone)]
    return asked, wrong


def test_the_single_check_is_the_filter_of_every_list(database):
    """ASVS 8.2.1, 8.2.2, 8.3.1: the whole matrix, on both stores."""
    database.write(settle)
    with database.read() as connection:
        asked, wrong = disagreements(connection)
        for key in list(OBJECTS)[::17]:  # and what the store says of an object is what the check was given
            assert object_of(connection, key) == OBJECTS[key]
            for who in PEOPLE:
                seen = object_of(connection, key, who)
                used = about(connection, who, load(connection, key))  # what the use cases ask with
                for action in ACTIONS:
                    alone = may(who, action, OBJECTS[key])
                    assert may(who, action, seen) == may(who, action, used) == alone, (who.name, action, key)
        assert object_of(connection, "nothing") is None
    assert asked >= 130_000
    assert not wrong, f"{len(wrong)} of {asked}, first {wrong[:3]}"


def test_the_matrix_notices_a_filter_that_forgets_something(database, monkeypatch):
    """The same comparison fails when any one protection is taken out of the SQL."""
    near, barred = policy_sql._near, policy_sql._barred
    anybody: ColumnElement[bool] = true()
    ever = select(assignments.c.assessment_id)

    def ever_assigned(relation, one, actor):
        if relation != "assigned" or one.round is not None:
            return near(relation, one, actor)
        return assessments.c.id.in_(ever.where(assignments.c.account_id == actor.id))

    stateless = {action: tuple(_in_any_state(rule) for rule in rules) for action, rules in BY_ACTION.items()}
    broken = {
        "state": ("BY_ACTION", stateless),
        "own": ("_near", lambda which, *rest: anybody if which == "own" else near(which, *rest)),
        "assigned": ("_near", lambda which, *rest: anybody if which == "assigned" else near(which, *rest)),
        "ended": ("_near", ever_assigned),
        "conflict": ("_barred", lambda bar, actor: ~anybody if bar == "conflict" else barred(bar, actor)),
        "filled": ("_barred", lambda bar, actor: ~anybody if bar == "filled" else barred(bar, actor)),
        "reviewed": ("_barred", lambda bar, actor: ~anybody if bar == "reviewed" else barred(bar, actor)),
        **{
            f"filled in {table.name}": (
                "FILLED_IN",
                tuple(one for one in policy_sql.FILLED_IN if one is not table),
            )
            for table in policy_sql.FILLED_IN
        },
    }
    database.write(settle)
    with database.read() as connection:
        for what, (name, instead) in broken.items():
            with monkeypatch.context() as patch:
                patch.setattr(policy_sql, name, instead)
                _, wrong = disagreements(connection, ("answer.save", "appeal.decide"))
            assert wrong, what
        assert not disagreements(connection, ("answer.save", "appeal.decide"))[1]


def _in_any_state(rule):
    return policy.Rule(rule.action, rule.role, rule.relation, frozenset(STATES), rule.unless)


def test_lists_of_rounds_hold_what_one_may_read(database):
    database.write(settle)
    with database.read() as connection:
        for who in PEOPLE:
            listed = set(connection.scalars(select(rounds.c.id).where(visible_rounds(who))))
            part = {this.round for this in OBJECTS.values() if may(who, "round.read", this)}
            whole = {one for one in (round_id(*two) for two in ROUNDS) if may(who, "round.read", Object(one))}
            assert part <= listed
            assert whole <= listed
            if not {"secretariat", "observer"} & {one.role for one in who.members}:
                assert listed == part
        reviewed = reviewed_in(connection, round_id("公示", 0))
        assert reviewed == OBJECTS[as_id("A600")].reviewed_by
        one = next(who for who in PEOPLE if who.id in reviewed)
        assert reviewed_in(connection, round_id("公示", 0), one) == {one.id}


def test_what_is_done_to_a_whole_round_is_done_by_whom_every_part_of_it_allows(database, monkeypatch):
    """ASVS 2.3.5: the check of a round agrees with those of its assessments, also on who filled in and who reviewed."""
    database.write(settle)

    def wrong(connection):
        return [
            (who.name, state, variant)
            for state, variant in ROUNDS
            for who in PEOPLE
            if may(who, "round.publish", object_of_round(connection, round_id(state, variant), state, who))
            != all(
                may(who, "round.publish", this)
                for this in OBJECTS.values()
                if this.round == round_id(state, variant)
            )
        ]

    with database.read() as connection:
        assert wrong(connection) == []
        everybody = object_of_round(connection, round_id("公示", 0), "公示")
        assert everybody.filled_by == OBJECTS[as_id("A600")].filled_by
        for name in ("filled_in", "reviewed_in"):  # each of the two is missed when it is not looked up
            with monkeypatch.context() as patch:
                patch.setattr(policy_sql, name, lambda *_: frozenset())
                assert wrong(connection), name


# ------------------------------------------------------------------------------------------------------ properties
# Over all people and objects that can be made up, not only those of the matrix.

names = st.sampled_from(["U1", "U2", "U3"])
members = st.builds(
    Member, st.sampled_from(ROLES), st.none() | names, st.none() | st.sampled_from(["R1", "R2"])
)
actors = st.builds(
    Actor,
    st.sampled_from(["me", "you"]),
    st.just("某人"),
    st.lists(members, max_size=4).map(tuple),
    st.frozensets(names, max_size=2),
)
some = st.frozensets(st.sampled_from(["me", "you", "they"]))
objects = st.builds(Object, st.sampled_from(["R1", "R2"]), names, st.sampled_from(STATES), some, some, some)


@given(actors, objects)
def test_nobody_reads_another_universitys_draft(who, this):
    """ASVS 8.2.2. In 填报中 only the university itself sees what it fills in, whatever roles somebody has."""
    draft = Object(this.round, this.university, "填报中", this.inspectors, this.filled_by, this.reviewed_by)
    if this.university not in who.employed:
        assert not any(may(who, action, draft) for action in (*CONTENT, "trail.read"))


@given(actors, objects)
def test_with_a_conflict_one_sees_nothing_but_what_is_ones_own_or_public(who, this):
    """ASVS 8.2.2. Neither as an inspector nor as the secretariat."""
    judging = Actor(
        who.id, who.name, tuple(one for one in who.members if one.role in ("inspector", "secretariat"))
    )
    barred = Actor(judging.id, judging.name, judging.members, who.recused | {this.university})
    for action in (*CONTENT, *SCORING, "trail.read", "assignment.manage", "assessment.reopen"):
        assert not may(barred, action, this)
    inspecting = tuple(one for one in judging.members if one.role == "inspector")
    nothing = Actor(who.id, who.name, inspecting, frozenset({this.university}))
    assert not any(may(nothing, action, this) for action in ACTIONS)


@given(actors, objects)
def test_who_filled_in_or_belongs_there_does_not_score(who, this):
    """ASVS 2.3.5: two pairs of eyes."""
    if who.id in this.filled_by or this.university in who.employed:
        assert not any(may(who, action, this) for action in SCORING)
    if who.id in this.filled_by | this.reviewed_by:
        assert not may(who, "round.publish", this)
    if who.id in this.reviewed_by:
        assert not may(who, "appeal.decide", this)


@given(actors, objects, st.sampled_from(ACTIONS))
def test_a_scope_never_widens_a_role(who, this, action):
    inside = tuple(
        one
        for one in who.members
        if one.university in (None, this.university) and one.round in (None, this.round)
    )
    if may(who, action, this):
        assert may(Actor(who.id, who.name, inside, who.recused), action, this)


@given(actors, objects, st.sampled_from(ROLES))
def test_nobody_gives_a_role_beyond_ones_own_reach(who, this, role):
    """ASVS 8.2.1: a secretary makes no administrator, a university makes no inspector, nobody reaches past a scope."""
    if not may_give(who, role, this):
        return
    givers = [one for one in who.members if role in GIVES[one.role]]
    assert any(
        one.role == "administrator" or {one.university, one.round} <= {None, this.university, this.round}
        for one in givers
    )
    if not {"administrator", "secretariat"} & {one.role for one in who.members}:
        assert role == "filler"
        assert this.university in who.employed


@given(actors, objects)
def test_the_administrator_sees_no_content(who, this):
    alone = Actor(who.id, who.name, (Member("administrator"),))
    assert not any(may(alone, action, this) for action in (*CONTENT, *SCORING, "answer.save", "cohort.read"))


@given(objects)
def test_the_trail_does_not_tell_what_a_review_says_before_it_is_public(this):
    home = Actor("a", "某人", (Member("approver", this.university),))
    told = may_read_line(home, "finding.save", this)
    assert told == (this.state in PUBLIC)
    assert may_read_line(home, "answer.save", this) == (this.state != "草稿")
    assert not may_read_line(Actor("f", "某人", (Member("filler", this.university),)), "answer.save", this)


def test_nobody_without_a_role_may_do_anything():
    """ASVS 8.1.1: what no rule allows is forbidden."""
    stranger = Actor("x", "某人", ())
    assert not any(may(stranger, action, this) for action in ACTIONS for this in OBJECTS.values())
    assert not any(may(stranger, action, Object()) for action in ACTIONS)


# ------------------------------------------------------------------------------------------- the table as a document


def test_every_action_has_a_rule_and_a_title_and_every_rule_a_state():
    assert all(BY_ACTION[action] for action in ACTIONS)
    assert set(policy_page.ACTION_TITLES) == set(ACTIONS)
    assert set(TITLES) == set(GIVES) == set(ROLES)
    assert all(rule.states for rule in RULES)
    assert len(set(RULES)) == len(RULES)
    assert "填报中" not in NOT_A_DRAFT


def test_the_printed_table_is_the_table():
    path = ROOT / "docs" / "permissions.md"
    assert path.read_text("utf-8") == policy_page.page(), (
        "docs/permissions.md is not what the table says: python -m portal.policy_page > docs/permissions.md"
    )


def test_stages_are_said_as_people_say_them():
    assert policy_page.stages(STATES) == "各阶段"
    assert policy_page.stages(["补充材料", "填报中"]) == "填报中、补充材料"
    assert policy_page.stages(["草稿", *STATES[2:]]) == "草稿、已提交至归档"


def use_cases():
    """Load every module of use cases, so that the list is whole."""
    for module in pkgutil.walk_packages(portal.use_cases.__path__, "portal.use_cases."):
        importlib.import_module(module.name)
    return USE_CASES


def test_every_use_case_names_an_action_or_stands_in_the_short_list():
    """ASVS 8.3.1: an unlisted use case fails here."""
    unruled = {name for name, one in use_cases().items() if one.action is None}
    assert unruled == set(WITHOUT_RULE) & set(USE_CASES)
    assert not {
        name for name, one in USE_CASES.items() if one.action is not None and one.action not in ACTIONS
    }
    assert not {name for name in WITHOUT_RULE if name in USE_CASES and USE_CASES[name].action is not None}
