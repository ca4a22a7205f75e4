"""A whole round at random on both stores, from the first answer to the archive: what holds whatever people do.

Everybody does what it is their turn to do, and now and then anybody does anything. Refused means that nothing changed;
done means done once, however often it is asked for; what is kept stays; every score follows from what was said.
"""

import json
from itertools import pairwise

import desks
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from wayfarer import BEGINNINGS, CALLS, LEAVES, STRAIGHT, TURNS, Way, turn

from engine.cohort import read_marks
from engine.exact import read_number
from portal import once
from portal.assessments import load
from portal.once import digest
from portal.refusal import Refusal
from portal.scoring import rejudge
from portal.states import MOVES
from portal.store.database import open_store
from portal.store.guards import EVERY, GUARDED
from portal.store.tables import metadata
from portal.use_cases import publication
from tests.size import sized

PEOPLE = ("filler", "colleague", "approver", "stranger", "first", "second", "third", "observer", "secretary")
picks = st.integers(0, 10**6)


def machine(database, folder):
    """Return the machine for a store; every run has a university and a round of its own."""

    class Round(RuleBasedStateMachine):
        @initialize(steps=st.sampled_from(BEGINNINGS), pick=picks)
        def begin(self, steps, pick):
            self.way = Way(database, folder)
            self.version, self.cards, self.kept = 0, {}, self.way.everything()
            for who, what, number in STRAIGHT[:steps]:
                self.do(who, what, pick if what in ("contest", "decide") else number)

        def do(self, who, what, pick):
            """Ask for something: a refusal changes nothing, and what is asked again is not done again."""
            way, person = self.way, self.way.desk.people[who]
            use, args, more = CALLS[what](way, who, pick)
            op = way.desk.op()
            way.desk.step()
            found = use(way.desk.portal, person, *args, op_id=op, **more)
            now = way.everything()
            if isinstance(found, Refusal):
                assert found.what
                assert found.next
                assert now == self.kept, f"{what} was refused and changed something: {found}"
            elif pick % 2:
                way.desk.step()
                assert use(way.desk.portal, person, *args, op_id=op, **more) == found
                assert way.everything() == now, f"{what} was done twice"
            for table, columns in GUARDED.items():
                if columns == EVERY:
                    assert set(self.kept.get(table, ())) <= set(now.get(table, ())), f"{table} lost something"
            self.kept = now
            self.every_new_score_comes_out_again_and_follows_from_what_was_said()
            return found

        @rule(pick=picks)
        def take_a_turn(self, pick):
            here = TURNS[self.way.state].split(",")
            self.do(*turn(here[pick % len(here)]), pick // 31)

        @rule(pick=picks)
        def take_another_turn(self, pick):
            self.take_a_turn(pick)

        @rule(who=st.sampled_from(PEOPLE), what=st.sampled_from(sorted(CALLS)), pick=picks)
        def do_anything(self, who, what, pick):
            self.do(who, what, pick)

        @rule(days=st.integers(1, 20))
        def wait(self, days):
            self.way.desk.step(days=days)

        @rule()
        def set_the_clock_back(self):
            self.way.desk.step(days=-1)

        @invariant()
        def states_move_only_along_the_table(self):
            with self.way.desk.portal.database.read() as connection:
                now = load(connection, self.way.case)
            moved = [one["details"] for one in self.lines() if '"move":' in one["details"]]
            path = [json.loads(one) for one in moved]
            for one in path:
                assert any((move.start, move.end) == (one["from"], one["to"]) for move in MOVES), one
            assert [one["to"] for one in path][-1:] == [now.state]
            assert all(one["to"] == two["from"] for one, two in pairwise(path))
            assert now.version >= self.version
            self.version = now.version

        def lines(self):
            names = metadata.tables["log"].c.keys()
            rows = [dict(zip(names, row, strict=True)) for row in self.kept["log"]]
            mine = [row for row in rows if row["chain"] == f"a:{self.way.case}"]
            return sorted(mine, key=lambda row: row["place"])

        @invariant()
        def answers_are_what_their_history_says(self):
            assert desks.standing(self.way.desk) == desks.replayed(self.way.desk)

        def every_new_score_comes_out_again_and_follows_from_what_was_said(self):
            names = metadata.tables["scorecards"].c.keys()
            rows = {row[0]: dict(zip(names, row, strict=True)) for row in self.kept["scorecards"]}
            new = rows.keys() - self.cards.keys()
            with self.way.desk.portal.database.read() as connection:
                assert all(rejudge(self.way.desk.portal, connection, one).same for one in new)
            for stage in ("reviewed", "decided"):
                made = [rows[one] for one in new if rows[one]["stage"] == stage]
                if stage == "reviewed" and made:
                    self.before = {row.id for row in self.decided()}
                    self.panel = reviewed(self.way, made)
                elif made:
                    since = [row for row in self.decided() if row.id not in self.before]
                    graded(made, self.panel, {row.indicator: row.points for row in since})
            self.cards = rows

        def decided(self):
            rows = self.way.rows(metadata.tables["appeals"])
            return [row for row in rows if row.outcome == "changed"]

        @invariant()
        def what_is_public_names_only_what_was_kept(self):
            shas = {row["sha256"] for row in self.cards.values()}
            names = metadata.tables["publications"].c.keys()
            for row in self.kept["publications"]:
                one = dict(zip(names, row, strict=True))
                assert one["sha256"] == digest(one["document"])
                (result,) = json.loads(one["document"])["results"]
                assert {subject["scorecard"] for subject in result["subjects"]} <= shas

        def teardown(self):
            if hasattr(self, "way"):
                desks.chain_holds(self.way.desk, f"a:{self.way.case}")

    return Round


def marks_of(rows):
    return {row["layer"]: read_marks(json.loads(row["marks"])) for row in rows if row["subject_id"]}


def reviewed(way, made):
    """Check the layers by hand: an inspector's follow from the last words, the panel's are their mean; return these."""
    marks, last = marks_of(made), {}
    for row in sorted(way.rows(metadata.tables["findings"]), key=lambda row: row.version):
        last[f"inspector:{row.account_id}", row.indicator] = row
    inspectors = [layer for layer in marks if layer.startswith("inspector:")]
    for leaf in LEAVES:
        for layer in inspectors:
            word = last[layer, leaf]
            assert word.verdict in ("agree", "adjust")
            if word.verdict == "agree":
                assert marks[layer][leaf] == marks["self"][leaf]
            else:
                assert marks[layer][leaf].low == read_number(word.points)
        if all(marks[layer][leaf].settled for layer in inspectors):
            mean = sum(marks[layer][leaf].low for layer in inspectors) / len(inspectors)
            assert marks["panel"][leaf].low == marks["panel"][leaf].high == mean
    assert marks["final"] == marks["panel"]
    return marks["panel"]


def graded(made, panel, decided):
    """Check the grade by hand: what was decided since the review ended counts, in all else the panel."""
    final = marks_of(made)["final"]
    for leaf in LEAVES:
        if leaf in decided:
            assert final[leaf].low == final[leaf].high == read_number(decided[leaf])
        else:
            assert final[leaf] == panel[leaf]


RUNS = settings(
    max_examples=sized(20, 200),
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    phases=[Phase.generate, Phase.shrink],
)
HUNT = settings(RUNS, max_examples=200, phases=[Phase.generate])
"""To find a fault that is there; making it small is of no use here."""


def test_whatever_people_do_in_a_round_it_holds(database, tmp_path):
    run_state_machine_as_test(machine(database, tmp_path / "blobs"), settings=RUNS)


@pytest.fixture
def sqlite(sqlite_address):
    """Give one store: that the machine would notice a fault in the use cases needs no second."""
    found = open_store(sqlite_address)
    yield found
    found.close()


def test_the_machine_finds_a_portal_that_does_things_twice(sqlite, tmp_path, monkeypatch):
    """The protection bites: forget the operation ids, and what is asked again is done again or refused."""
    monkeypatch.setattr("portal.cases.repeated", lambda *_: None)
    monkeypatch.setattr("portal.cases.note", renamed(once.note))
    with pytest.raises(AssertionError, match=r"was done twice|assert .* == "):
        run_state_machine_as_test(machine(sqlite, tmp_path / "blobs"), settings=HUNT)


def renamed(note):
    """Return how a line is written under an operation id of its own each time."""

    def write(connection, op_id, *rest):
        note(connection, once.derived_op(op_id, str(id(rest)) + str(rest[1])), *rest)

    return write


def test_the_machine_finds_an_appeal_that_is_left_out(sqlite, tmp_path, monkeypatch):
    """The straight way is enough, with an appeal that takes all points of its first indicator away."""
    monkeypatch.setattr("portal.closing.decisions_of", lambda *_: ())
    with pytest.raises(AssertionError):
        machine(sqlite, tmp_path / "blobs")().begin(steps=len(STRAIGHT), pick=0)


def test_the_machine_finds_a_refusal_that_leaves_something_behind(sqlite, tmp_path, monkeypatch):
    """Ending a review too early keeps its scores until the move is declined: then everything must be undone."""

    def careless(portal, run):
        def swallowing(connection):
            try:
                return run(connection)
            except publication.Declined as declined:
                return declined.refusal

        return portal.database.write(swallowing)

    monkeypatch.setattr(publication, "movable", lambda *_: None)  # without the look beforehand
    monkeypatch.setattr(publication, "undoing", careless)
    with pytest.raises(AssertionError, match="was refused and changed something"):
        run_state_machine_as_test(machine(sqlite, tmp_path / "blobs"), settings=HUNT)
