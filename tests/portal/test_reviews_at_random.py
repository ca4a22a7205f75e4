"""Inspectors at random: whatever two of them do, nothing is overwritten, and the panel is what the engine says."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.layers import layered
from engine.models.submission import Review, Submission
from engine.rollup import stated_by
from portal.refusal import Refusal
from portal.store.tables import findings, snapshots
from portal.use_cases.findings import save_finding
from portal.use_cases.panels import compare
from portal.use_cases.publication import finish_review
from portal.use_cases.signing_off import bulk_agree, sign_off, undo_bulk
from tests.portal.in_review import ground, ok
from tests.size import sized

SINGLE = """grades: [{id: good, title: 良好, at_least: 8}, {id: fair, title: 达标, at_least: 6}]
raters: {panel: {combine: mean, at_least: 2}}
"""
INSPECTORS = ("张三", "李四")
LEAVES = ("rate", "licence")
FULL = {"rate": 600, "licence": 400}
inspectors, leaves = st.sampled_from(INSPECTORS), st.sampled_from(LEAVES)


class Reviewing(RuleBasedStateMachine):
    @initialize(passed=st.integers(0, 40), licence=st.booleans())
    def begin(self, passed, licence):
        self.folder = TemporaryDirectory()
        self.world = ground(Path(self.folder.name), standard=SINGLE)
        self.case = self.world.university("u1")
        whole = self.world.subject(self.case, "u1")
        self.world.answer(self.case, whole, {"c.staff": 40, "c.passed": passed, "c.licence": licence})
        self.world.assign(self.case, *INSPECTORS)
        self.world.hand_in("u1")
        self.world.go(self.case, "评审中")
        self.said = {name: {} for name in INSPECTORS}
        self.versions = {}
        self.batches = {name: [] for name in INSPECTORS}
        self.signed = set()

    def teardown(self):
        if hasattr(self, "world"):
            self.world.portal.database.close()
            self.folder.cleanup()

    def keep(self, who, leaf, verdict, points=None):
        self.said[who][leaf] = (verdict, points)
        self.versions[who, leaf] = self.versions.get((who, leaf), 0) + 1

    @rule(
        who=inspectors,
        leaf=leaves,
        cents=st.integers(0, 700),
        verdict=st.sampled_from(["agree", "adjust", "site", "none"]),
        stale=st.integers(0, 3),
    )
    def speak(self, who, leaf, cents, verdict, stale):
        points = f"{cents // 100}.{cents % 100:02}"
        version = self.versions.get((who, leaf), 0)
        base = version if stale else version + 1
        found = save_finding(
            self.world.portal,
            self.world.people[who],
            self.case,
            "u1",
            leaf,
            verdict,
            points=points,
            reason="看过",
            base=base,
            op_id=self.world.op(),
        )
        wrong = not stale or who in self.signed or (verdict == "adjust" and cents > FULL[leaf])
        assert isinstance(found, Refusal) is wrong
        if not wrong:
            self.keep(who, leaf, verdict, points)

    @rule(who=inspectors)
    def agree_to_the_rest(self, who):
        op = self.world.op()
        found = bulk_agree(self.world.portal, self.world.people[who], self.case, op_id=op)
        silent = [leaf for leaf in LEAVES if self.said[who].get(leaf, ("none",))[0] == "none"]
        if who in self.signed:
            assert isinstance(found, Refusal)
            return
        assert ok(found).agreed == len(silent)
        for leaf in silent:
            self.keep(who, leaf, "agree")
        self.batches[who].append((op, {leaf: self.versions[who, leaf] for leaf in silent}))

    @rule(who=inspectors)
    def take_it_back(self, who):
        if not self.batches[who]:
            return
        op, given = self.batches[who].pop()
        found = undo_bulk(self.world.portal, self.world.people[who], self.case, op, op_id=self.world.op())
        standing = [leaf for leaf, version in given.items() if self.versions[who, leaf] == version]
        if who in self.signed or not standing:
            assert isinstance(found, Refusal)
            return
        assert ok(found).agreed == len(standing)
        for leaf in standing:
            self.keep(who, leaf, "none")

    @rule(who=inspectors)
    def sign(self, who):
        found = sign_off(self.world.portal, self.world.people[who], self.case, op_id=self.world.op())
        last_word = all(self.said[who].get(leaf, ("none",))[0] in ("agree", "adjust") for leaf in LEAVES)
        assert isinstance(found, Refusal) is (who in self.signed or not last_word)
        if not isinstance(found, Refusal):
            self.signed.add(who)

    @invariant()
    def every_version_is_there(self):
        if hasattr(self, "world"):
            rows = self.world.rows(findings)
            assert len(rows) == sum(self.versions.values())

    @invariant()
    def the_panel_is_what_the_engine_says(self):
        if not hasattr(self, "world"):
            return
        kept = [json.loads(row.document) for row in self.world.rows(snapshots)]
        (handed_in,) = [one for one in kept if "format" not in one]
        submission = Submission.model_validate(handed_in)
        reviews = [
            Review.model_validate(
                {
                    "inspector": who,
                    "standard": "t",
                    "edition": "1",
                    "subject": "u1",
                    "findings": {
                        leaf: {"verdict": verdict, "points": points, "reason": "看过"}
                        for leaf, (verdict, points) in said.items()
                        if verdict != "none"
                    },
                }
            )
            for who, said in self.said.items()
        ]
        edition = self.world.portal.library().editions["t", "1"]
        expected = layered(edition, stated_by(submission), reviews).panel
        for one in ok(compare(self.world.portal, self.world.people["秘书"], self.case)).rows:
            finding = expected.findings[one.indicator]
            assert [round(float(end) * 100) for end in one.panel] == [finding.low, finding.high]

    @rule()
    def end(self):
        found = finish_review(self.world.portal, self.world.people["秘书"], self.case, op_id=self.world.op())
        if len(self.signed) < len(INSPECTORS):
            assert isinstance(found, Refusal)
            return
        assert self.world.state(self.case) == "评审完成"
        assert all(self.world.cards(self.case, "reviewed"))
        self.world.set_state(self.case, "评审中")


TestReviewing = Reviewing.TestCase
TestReviewing.settings = settings(
    max_examples=sized(12, 120),
    stateful_step_count=18,
    deadline=None,
    phases=(Phase.generate,),  # a store for each example: looking for a smaller one would take minutes
    suppress_health_check=list(HealthCheck),
)
