"""Everything people can do to one university in one round, as calls by name: for tests that let them do it at random."""

import itertools

import desks
from sqlalchemy import or_, select

from portal.policy import Member
from portal.refusal import Refusal
from portal.store.tables import (
    appeals,
    assessments,
    findings,
    log,
    metadata,
    publications,
    requests,
    rounds,
    scorecards,
    snapshots,
    submissions,
)
from portal.use_cases import appeals as contesting
from portal.use_cases import assigning, handing_in, materials, moves, publication, signing_off
from portal.use_cases import findings as reviewing
from portal.use_cases import submissions as filling

CODES = itertools.count(1)
LEAVES = {"trained": 4, "plan": 2, "cold": 2, "shared": 1, "lots": 1}
ANSWERS = [
    ("canteen", "c.staff", 10),
    ("canteen", "c.passed", 9),
    ("canteen", "c.passed", 7),
    ("canteen", "c.share", "80%"),
    ("canteen", "c.share", "66.67%"),
    ("canteen", "c.kind", "自营"),
    ("canteen", "c.kind", None),
    ("canteen", "c.licence", True),
    ("canteen", "c.rules", ["采购", "留样"]),
    ("canteen", "c.lots", []),
    ("canteen", "c.staff", "几个"),
    ("school", "s.plan", True),
    ("school", "s.meetings", 3),
    ("school", "s.meetings", 13),
]
SURE = [0, 1, 3, 5, 7, 8, 9, 11, 12]
"""The answers that settle every indicator."""


class Way:
    """One university in one round. Each call takes who asks and a number to choose by, and returns (use case, arguments)."""

    def __init__(self, database, folder):
        self.desk = desks.make(database, folder, code=f"v{next(CODES)}-", names="A")
        more = {name: (name, [Member("inspector")]) for name in ("second", "third")}
        self.desk.people |= desks.accounts_of(self.desk, more)
        self.desk.people["first"] = self.desk.people["inspector"]
        self.case = self.desk.ids["a"]

    # What is there ------------------------------------------------------------------------------------------------

    def rows(self, table, *where):
        return self.desk.rows(table, table.c.assessment_id == self.case, *where)

    @property
    def state(self):
        return self.desk.state()

    def chosen(self, rows, pick):
        return rows[pick % len(rows)].id if rows else "nothing"

    def version(self, table, *where):
        return max((row.version for row in self.rows(table, *where)), default=0)

    def everything(self):
        """Return all that is kept about this university in this round, as rows by table."""
        with self.desk.portal.database.read() as connection:

            def taken(table, *where):
                return sorted(
                    (tuple(row) for row in connection.execute(select(table).where(*where))), key=repr
                )

            found = {
                table.name: taken(table, table.c.assessment_id == self.case)
                for table in metadata.sorted_tables
                if "assessment_id" in table.c
            }
            found["assessments"] = taken(assessments, assessments.c.id == self.case)
            found["rounds"] = taken(rounds, rounds.c.id == self.desk.ids["round"])
            found["publications"] = taken(publications, publications.c.round_id == self.desk.ids["round"])
            chains = (f"a:{self.case}", f"r:{self.desk.ids['round']}")
            found["log"] = taken(log, log.c.chain.in_(chains))
            used = [
                select(one).where(table.c.assessment_id == self.case)
                for table, one in ((submissions, submissions.c.sha256), (scorecards, scorecards.c.inputs))
            ]
            found["snapshots"] = taken(snapshots, or_(*(snapshots.c.sha256.in_(one) for one in used)))
        return found

    # What people can do -------------------------------------------------------------------------------------------

    def save(self, who, pick):
        subject, fact, value = ANSWERS[pick % len(ANSWERS)]
        here = desks.standing(self.desk).get((self.desk.ids[subject], fact))
        base = (here[-1] if here else 0) + (pick // 100 % 7 == 6)
        args = (self.case, self.desk.ids[subject], fact, value)
        return filling.save_answer, args, {"base": base}

    def claim(self, who, pick):
        leaf = ("cold", "trained")[pick % 2]
        rows = {row.indicator: row.version for row in self.rows(metadata.tables["claims"])}
        reason = ("不卖凉菜", None)[pick // 2 % 2]
        return (
            filling.save_claim,
            (self.case, self.desk.ids["canteen"], leaf, reason),
            {"base": rows.get(leaf, 0)},
        )

    def submit(self, who, pick):
        return handing_in.submit, (self.case,), {"base": self.desk.version()}

    def withdraw(self, who, pick):
        return moves.withdraw, (self.case, ("漏填", "")[pick % 3 == 2]), {"base": self.desk.version()}

    def reopen(self, who, pick):
        more = {"base": self.desk.version(), "until": self.desk.later(days=60)}
        return moves.reopen, (self.case, "请补"), more

    def to(self, state, who, pick):
        return moves.advance, (self.case, state), {"base": self.desk.version(), "reason": "继续"}

    def assign(self, who, pick):
        account = self.desk.people[("first", "second", "third", "filler")[pick % 4]].id
        return assigning.assign, (self.case, account), {}

    def speak(self, who, pick):
        leaf = list(LEAVES)[pick % len(LEAVES)]
        verdict = ("agree", "adjust", "adjust", "site", "none")[pick // 5 % 5]
        me = self.desk.people[who].id
        mine = (findings.c.indicator == leaf, findings.c.account_id == me)
        base = self.version(findings, *mine) + (pick // 25 % 7 == 6)
        points = ("0", "0.5", "1", str(LEAVES[leaf]))[pick // 200 % 4]
        more = {"base": base, "points": points, "reason": "看过原件"}
        return reviewing.save_finding, (self.case, "canteen-a", leaf, verdict), more

    def agree(self, who, pick):
        return signing_off.bulk_agree, (self.case,), {}

    def sign(self, who, pick):
        return signing_off.sign_off, (self.case,), {}

    def hand_back(self, who, pick):
        return signing_off.hand_back, (self.case, self.desk.people["first"].id, "请改一项"), {}

    def ask(self, who, pick):
        leaf = list(LEAVES)[pick % len(LEAVES)]
        me = self.desk.people[who].id
        base = self.version(findings, findings.c.indicator == leaf, findings.c.account_id == me)
        return materials.ask_material, (self.case, "canteen-a", leaf, "请补名册"), {"base": base}

    def answer(self, who, pick):
        here = self.chosen(self.rows(requests, requests.c.answered_at.is_(None)), pick)
        return materials.answer_material, (self.case, here, "已附"), {}

    def finish(self, who, pick):
        return publication.finish_review, (self.case,), {"reason": ("定不了", "")[pick % 2]}

    def publicise(self, who, pick):
        return publication.publicise, (self.desk.ids["round"],), {}

    def contest(self, who, pick):
        leaf = list(LEAVES)[pick % len(LEAVES)]
        return contesting.file_appeal, (self.case, "canteen-a", leaf, "漏看了名册"), {}

    def give(self, who, pick):
        here = self.chosen(self.rows(appeals, appeals.c.outcome.is_(None)), pick)
        account = self.desk.people[("third", "third", "third", "first")[pick % 4]].id
        return contesting.assign_reviewer, (self.case, here, account), {}

    def decide(self, who, pick):
        here = self.rows(appeals, appeals.c.outcome.is_(None))
        leaf = here[pick % len(here)].indicator if here else "trained"
        outcome = ("changed", "changed", "upheld")[pick // 7 % 3]
        points = str(pick // 21 % (LEAVES[leaf] + 1))
        args = (self.case, self.chosen(here, pick), outcome, "有名册")
        return contesting.decide_appeal, args, {"points": points if outcome == "changed" else None}

    def grade(self, who, pick):
        return publication.decide_grade, (self.case,), {}

    def grades(self, who, pick):
        return publication.publish_grades, (self.desk.ids["round"],), {}

    def unpublish(self, who, pick):
        here = self.desk.rows(publications, publications.c.round_id == self.desk.ids["round"])
        return publication.withdraw_publication, (self.chosen(here, pick), "名称有误"), {}

    def archive(self, who, pick):
        return publication.archive_all, (self.desk.ids["round"],), {}


def going(state):
    """Return the call that moves on to a state."""
    return lambda way, who, pick: way.to(state, who, pick)


CALLS = {name: getattr(Way, name) for name in (
    "save", "claim", "submit", "withdraw", "reopen", "assign", "speak", "agree", "sign", "hand_back", "ask", "answer",
    "finish", "publicise", "contest", "give", "decide", "grade", "grades", "unpublish", "archive",
)} | {f"to {state}": going(state) for state in ("评审中", "补充材料", "复核", "归档")}  # fmt: skip

TURNS = {
    "填报中": "filler save, colleague save, filler save, filler claim, approver submit, approver submit",
    "已提交": "approver withdraw, secretary reopen, secretary assign, secretary assign, secretary to 评审中",
    "评审中": "first speak, second speak, first agree, second agree, first sign, second sign, first ask,"
    " secretary to 补充材料, secretary hand_back, secretary assign, secretary reopen, secretary finish, secretary finish",
    "补充材料": "filler answer, filler save, approver submit, approver submit, secretary to 评审中",
    "评审完成": "secretary publicise, secretary publicise, secretary to 评审中",
    "公示": "approver contest, approver contest, secretary give, secretary to 复核, secretary grade, secretary unpublish",
    "复核": "third decide, third decide, secretary give, secretary grade, secretary unpublish",
    "定级": "secretary grades, secretary grades, secretary archive, secretary unpublish",
    "归档": "secretary grades, secretary archive",
}
"""Whose turn it is in each state, and for what; what is there twice comes twice as often."""

STRAIGHT = [
    *(("filler", "save", answer) for answer in SURE),
    *(("secretary", "assign", 0), ("secretary", "assign", 1), ("approver", "submit", 0)),
    *(("secretary", "to 评审中", 0), ("first", "agree", 0), ("second", "agree", 0)),
    *(("first", "sign", 0), ("second", "sign", 0), ("secretary", "finish", 0)),
    *(("secretary", "publicise", 0), ("approver", "contest", 0)),
    *(
        ("secretary", "give", 0),
        ("secretary", "to 复核", 0),
        ("third", "decide", 0),
        ("secretary", "grade", 0),
    ),
]
"""The straight way from an empty form to the grade: who, what, and the number to choose by."""

BEGINNINGS = [
    0,
    *(at for at, (_, what, _) in enumerate(STRAIGHT, 1) if what in ("to 评审中", "finish", "publicise")),
]
BEGINNINGS += [len(STRAIGHT) - 2, len(STRAIGHT)]
"""How far along it one may begin."""


def turn(said):
    """Return (who, what) of a turn as it is written above."""
    who, _, what = said.strip().partition(" ")
    return who, what


def done(found):
    """Whether a use case did what was asked."""
    return not isinstance(found, Refusal)
