"""The whole of filling in, driven at random on both stores: what must hold whatever people do, in whatever order."""

import itertools

import desks
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal import fill
from portal.once import digest
from portal.refusal import Refusal
from portal.states import MOVES
from portal.store.guards import EVERY, take_down
from portal.store.tables import answer_history, claim_history, claims
from portal.use_cases import assigning, handing_in, moves, offers
from portal.use_cases import submissions as filling
from tests.size import sized

CODES = itertools.count(1)

VALUES = {
    "c.staff": ("canteen", [0, 10, "50", "1,0", 51, "几个", None]),
    "c.passed": ("canteen", [0, 9, 50, "九", None]),
    "c.share": ("canteen", ["80%", "66.67%", "0.8", None]),
    "c.kind": ("canteen", ["自营", "承包", "自办", ""]),
    "c.rules": ("canteen", [["采购", "留样"], [], "留样", ["洗手"]]),
    "s.plan": ("school", ["是", False, "也许"]),
    "s.meetings": ("school", [0, 3, 13]),
    "s.nothing": ("school", [1]),
}
FILLERS = ("filler", "colleague", "approver", "stranger", "secretary", "inspector")
saves = st.sampled_from(sorted(VALUES)).flatmap(
    lambda fact: st.tuples(st.just(fact), st.sampled_from(VALUES[fact][1]))
)
bases = st.sampled_from([0, 0, 0, 0, -1, 1])  # how far the version named is from the one that stands
whoever = st.sampled_from([*FILLERS[:2], *FILLERS])
ENDS = sorted({one.end for one in MOVES})


def machine(database, folder):
    """Return the machine for a store; every run has universities and a round of its own."""

    class Filling(RuleBasedStateMachine):
        @initialize()
        def begin(self):
            self.desk = desks.make(database, folder, code=f"w{next(CODES)}-", names="A")
            self.desk.ids |= {f"last {name}": self.desk.ids[name] for name in ("a", "canteen", "school")}
            self.desk.save("filler", "c.kind", "托管", assessment="last a", subject="last canteen")
            self.desk.save("filler", "s.meetings", 7, assessment="last a", subject="last school")
            desks.new_round(self.desk, "t", "2", as_of="2027-09-30", title="次年", names="A")
            self.stands, self.claimed, self.calls = {}, {}, []
            self.acknowledged, self.kept, self.state, self.version = [], desks.kept(self.desk), "填报中", 3

        def people(self, who):
            return self.desk.people[who]

        def took(self, found, key, value):
            """Note what a save answered: kept, or refused and nothing changed."""
            if isinstance(found, Refusal):
                assert found.what
                assert found.next
                return
            before = self.stands.get(key, (None, 0))
            assert found.version == before[1] + 1
            self.stands[key] = (value, found.version)
            self.acknowledged.append((key, found.version, value))

        @rule(save=saves, who=whoever, off=bases)
        def save(self, save, who, off):
            fact, value = save
            subject = VALUES[fact][0]
            base = self.stands.get((subject, fact), (None, 0))[1] + off
            call = {"who": who, "fact": fact, "value": value, "base": base, "subject": subject}
            call["op_id"] = self.desk.op()
            found = self.desk.save(**call)
            if off and not isinstance(found, Refusal):
                pytest.fail("saved over a version that was not seen")
            if isinstance(found, Refusal) and off and found.code == "stale" and found.details["theirs"]:
                stands = self.stands[subject, fact]
                assert found.details["theirs"]["value"] == stands[0]
                assert found.details["yours"]["value"] == (None if value == "" else value)
            self.took(found, (subject, fact), None if value == "" else value)
            self.calls.append((call, found))

        @precondition(lambda self: self.calls)
        @rule(pick=st.integers(0, 10**6))
        def save_again(self, pick):
            """Ask for something once more, as after an answer that never arrived."""
            call, found = self.calls[pick % len(self.calls)]
            again = self.desk.save(**call)
            if isinstance(found, Refusal):
                self.took(
                    again, (call["subject"], call["fact"]), None if call["value"] == "" else call["value"]
                )
                self.calls[pick % len(self.calls)] = (call, again)
            else:
                assert (again.version, again.at) == (found.version, found.at)

        @rule(many=st.lists(saves, min_size=1, max_size=5, unique_by=lambda one: one[0]), who=whoever)
        def paste(self, many, who):
            self.desk.step()
            entries = [
                filling.Entry(
                    self.desk.ids[VALUES[fact][0]],
                    fact,
                    value,
                    self.stands.get((VALUES[fact][0], fact), (None, 0))[1],
                )
                for fact, value in many
            ]
            call = (self.desk.portal, self.people(who), self.desk.ids["a"], entries)
            op = self.desk.op()
            found = filling.save_many(*call, op_id=op)
            if isinstance(found, Refusal):
                return
            assert len(found.saved) + len(found.refused) == len(many)
            for fact, value in many:
                saved = next((one for one in found.saved if one.name == fact), None)
                if saved is not None:
                    self.took(saved, (VALUES[fact][0], fact), None if value == "" else value)
            again = filling.save_many(*call, op_id=op)
            assert [(one.name, one.version) for one in again.saved] == [
                (one.name, one.version) for one in found.saved
            ] or not found.saved

        @rule(
            reason=st.sampled_from(["不卖凉菜", "没有", None]),
            indicator=st.sampled_from(["cold", "trained"]),
            who=whoever,
            off=bases,
        )
        def claim(self, reason, indicator, who, off):
            self.desk.step()
            base = self.claimed.get(indicator, (None, 0))[1] + off
            found = filling.save_claim(
                self.desk.portal,
                self.people(who),
                self.desk.ids["a"],
                self.desk.ids["canteen"],
                indicator,
                reason,
                base=base,
                op_id=self.desk.op(),
            )
            if not isinstance(found, Refusal):
                assert off == 0
                self.claimed[indicator] = (reason, found.version)

        @rule(who=st.sampled_from(FILLERS))
        def carry(self, who):
            self.desk.step()
            call = (self.desk.portal, self.people(who), self.desk.ids["a"])
            found = offers.carry_over(*call, op_id=self.desk.op())
            if isinstance(found, Refusal):
                return
            expected = {("canteen", "c.kind"): "托管", ("school", "s.meetings"): 7}
            empty = {key: one for key, one in expected.items() if self.stands.get(key, (None, 0))[0] is None}
            assert found.count == len(empty)
            for key, value in empty.items():
                version = self.stands.get(key, (None, 0))[1] + 1
                self.stands[key] = (value, version)
                self.acknowledged.append((key, version, value))

        @rule(who=st.sampled_from(FILLERS), off=bases)
        def accept(self, who, off):
            self.desk.step()
            base = self.stands.get(("canteen", "c.kind"), (None, 0))[1] + off
            ids = self.desk.ids
            found = offers.accept_offer(
                self.desk.portal,
                self.people(who),
                ids["a"],
                ids["canteen"],
                "c.kind",
                ids["last a"],
                base=base,
                op_id=self.desk.op(),
            )
            self.took(found, ("canteen", "c.kind"), "托管")

        @rule(hours=st.sampled_from([1, 24, 24 * 25, 24 * 40]))
        def wait(self, hours):
            self.desk.step(hours=hours)

        @rule(who=st.sampled_from(("approver", "approver", "approver", *FILLERS)), twice=st.booleans())
        def submit(self, who, twice):
            base, op = self.desk.version(), self.desk.op()
            found = self.desk.submit(who, base=base, op_id=op)
            if twice and not isinstance(found, Refusal):
                assert self.desk.submit(who, base=base, op_id=op) == found

        @rule(who=st.sampled_from(("approver", "approver", *FILLERS)), reason=st.sampled_from(["漏填", ""]))
        def withdraw(self, who, reason):
            self.desk.step()
            moves.withdraw(
                self.desk.portal,
                self.people(who),
                self.desk.ids["a"],
                reason,
                base=self.desk.version(),
                op_id=self.desk.op(),
            )

        @rule(who=st.sampled_from(("secretary", "secretary", *FILLERS)), days=st.sampled_from([None, 5]))
        def reopen(self, who, days):
            self.desk.step()
            moves.reopen(
                self.desk.portal,
                self.people(who),
                self.desk.ids["a"],
                "请补",
                base=self.desk.version(),
                op_id=self.desk.op(),
                until=days and self.desk.later(days=days),
            )

        @rule(to=st.sampled_from(ENDS), who=st.sampled_from(("secretary", "secretary", *FILLERS)))
        def advance(self, to, who):
            self.desk.advance(to, who, reason="继续")

        @rule()
        def assign(self):
            self.desk.step()
            assigning.assign(
                self.desk.portal,
                self.people("secretary"),
                self.desk.ids["a"],
                self.people("inspector").id,
                op_id=self.desk.op(),
            )

        @invariant()
        def what_was_acknowledged_stands_or_is_history(self):
            if not hasattr(self, "desk"):
                return
            names = {self.desk.ids[name]: name for name in ("canteen", "school")}
            stands = desks.standing(self.desk)
            assert stands == desks.replayed(self.desk)
            found = {
                (names[subject], fact): (fill.value_of(one[0]), one[-1])
                for (subject, fact), one in stands.items()
            }
            assert found == self.stands
            rows = self.desk.rows(answer_history, answer_history.c.assessment_id == self.desk.ids["a"])
            history = {(names[row.subject_id], row.fact, row.version): row.value for row in rows}
            assert len(history) == len(rows) == len(self.acknowledged)
            for key, version, value in self.acknowledged:
                assert fill.value_of(history[(*key, version)]) == value

        @invariant()
        def claims_are_what_was_claimed(self):
            if not hasattr(self, "desk"):
                return
            here = self.desk.ids["a"]
            rows = self.desk.rows(claims, claims.c.assessment_id == here)
            assert {row.indicator: (row.reason, row.version) for row in rows} == self.claimed
            history = self.desk.rows(claim_history, claim_history.c.assessment_id == here)
            assert len(history) == sum(version for _, version in self.claimed.values())

        @invariant()
        def states_move_only_along_the_table(self):
            if not hasattr(self, "desk"):
                return
            state, version = self.desk.state(), self.desk.version()
            assert version >= self.version
            if state != self.state:
                assert any((one.start, one.end) == (self.state, state) for one in MOVES), (self.state, state)
                assert version > self.version
            self.state, self.version = state, version

        @invariant()
        def what_was_handed_in_never_changes_and_judges_again_to_the_same(self):
            if not hasattr(self, "desk"):
                return
            now = desks.kept(self.desk)
            assert self.kept["submissions"] <= now["submissions"]
            assert self.kept["texts"].items() <= now["texts"].items()
            assert self.kept["cards"].items() <= now["cards"].items()
            new = now["cards"].keys() - self.kept["cards"].keys()
            for sha, text in now["texts"].items():
                assert digest(text) == sha
            if new:
                sha = now["cards"][next(iter(new))][2]
                assert judged_again(self.desk, now["texts"][sha]) == sorted(
                    now["cards"][one][0] for one in new
                )
            self.kept = now

        def teardown(self):
            if hasattr(self, "desk"):
                desks.chain_holds(self.desk, f"a:{self.desk.ids['a']}")

    return Filling


def judged_again(desk, text):
    submission = fill.submission_from(text)
    edition = desk.portal.library().edition(submission.standard, submission.edition)
    with desk.portal.database.read() as connection:
        parts = fill.parts_of(connection, desk.ids["a"])
    return sorted(one.text for one in fill.judged(edition, submission, parts))


RUNS = settings(
    max_examples=sized(40, 400),
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
HUNT = settings(RUNS, max_examples=200, phases=[Phase.generate])
"""To find a fault that is there; making it small is of no use here."""


def test_whatever_people_do_nothing_acknowledged_is_lost(database, tmp_path):
    run_state_machine_as_test(machine(database, tmp_path / "blobs"), settings=RUNS)


def test_the_machine_finds_a_store_that_forgets_its_history(database, tmp_path, monkeypatch):
    """The protection bites: leave the history of one fact out (its guard taken down), and the machine finds it."""
    database.write(lambda connection: take_down(connection, {"answer_history": EVERY}))
    real = filling.write

    def forgetful(connection, assessment, chosen, by, at):
        every = list(chosen)
        real(connection, assessment, every, by, at)
        for new, row_op in every:
            if new.fact == "s.plan" and new.base > 0:
                connection.execute(answer_history.delete().where(answer_history.c.op_id == row_op))

    monkeypatch.setattr(filling, "write", forgetful)
    with pytest.raises((AssertionError, KeyError)):
        run_state_machine_as_test(machine(database, tmp_path / "blobs"), settings=HUNT)


def test_the_machine_finds_a_snapshot_that_misses_an_answer(database, tmp_path, monkeypatch):
    """The protection bites: judge something else than what is kept, and the machine finds it."""
    real = handing_in.judged

    def careless(edition, submission, parts):
        return real(
            edition,
            submission.model_copy(
                update={
                    "answers": {},
                    "units": tuple(one.model_copy(update={"answers": {}}) for one in submission.units),
                }
            ),
            parts,
        )

    monkeypatch.setattr(handing_in, "judged", careless)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(database, tmp_path / "blobs"), settings=HUNT)
