"""A small world for tests of filling in: two universities, their people, an inspector, the secretariat, one round."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from json import loads

from sqlalchemy import insert, select

from engine.load import load_texts
from portal.assessments import load
from portal.moment import new_id, text_of
from portal.policy import Actor, Member
from portal.portal import Portal
from portal.refusal import Refusal
from portal.store.blobs import Folder
from portal.store.tables import (
    accounts,
    answer_history,
    answers,
    blobs,
    evidence,
    log,
    memberships,
    scorecards,
    snapshots,
    submissions,
)
from portal.trail import Entry, hash_of
from portal.use_cases import handing_in, moves, places, rounds, taking_part
from portal.use_cases import submissions as filling

START = datetime(2026, 9, 1, tzinfo=UTC)

CANTEEN = """
checklist: {id: canteen, title: 食堂清单, desk: 饮食中心, subject: 食堂}
facts:
- {id: c.staff, ask: 从业人员数, answer: {integer: {at_least: 0, at_most: 50}, unit: 人}}
- {id: c.passed, ask: 考核合格人数, answer: {integer: {at_least: 0, at_most: c.staff}, unit: 人}}
- {id: c.share, ask: 达标比例, answer: percent}
- {id: c.kind, ask: 经营方式, answer: {choice: [自营, 承包, 托管]}}
- {id: c.rules, ask: 成文制度, answer: {choices: [采购, 留样, 清洗]}}
- {id: c.licence, ask: 许可证有效, answer: yes_no, evidence: {kind: 许可证照片, at_least: 1}}
- id: c.lots
  ask: 抽检记录
  answer: {table: {columns: {批次: text, 合格: yes_no, 数量: {integer: {at_most: 99}}}, at_most: 5}}
- {id: c.note, ask: 说明, answer: {text: {at_most: 20}}}
"""
SCHOOL = """
checklist: {id: school, title: 学校清单, desk: 后勤处, subject: 学校}
facts:
- {id: s.plan, ask: 有年度计划, answer: yes_no}
- {id: s.meetings, ask: 会议次数, answer: {integer: {at_most: 12}, unit: 次}}
"""
SECTION = """
section: {id: a, title: 甲区, points: 10}
indicators:
- id: trained
  title: 培训
  points: 4
  score: {steps: [{points: 4, when: {c.rate: {at_least: 90%}}}, {points: 2, when: {c.rate: {at_least: 60%}}}]}
- {id: plan, title: 计划, points: 2, per: 学校, score: {parts: [{points: 1, when: {s.plan: true}}, {points: 1, when: {s.meetings: {at_least: 2}}}]}}
- {id: cold, title: 凉菜间, points: 2, absent: exclude, score: {parts: [{points: 2, when: {c.rules: {includes: 留样}}}]}}
- {id: shared, title: 达标, points: 1, score: {parts: [{points: 1, when: {c.share: {at_least: 80%}}}]}}
- {id: lots, title: 抽检, points: 1, score: {parts: [{points: 1, when: {all: [{c.lot_count: {at_least: 1}}, {evidenced: c.licence}, {c.kind: 自营}]}}]}}
"""


@dataclass
class Desk:
    """Everything a test of filling in needs; `step` moves the clock, `op` gives a new operation id."""

    portal: Portal
    time: list = field(default_factory=lambda: [START])
    ids: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    prefix: str = "op-"
    counter: itertools.count = field(default_factory=lambda: itertools.count(1))

    def op(self):
        return f"{self.prefix}{next(self.counter)}"

    def step(self, **by):
        self.time[0] += timedelta(**(by or {"seconds": 1}))
        return text_of(self.time[0])

    def later(self, **by):
        return text_of(self.time[0] + timedelta(**by))

    def save(self, who, fact, value, base=0, subject="canteen", assessment="a", **more):
        self.step()
        op = more.pop("op_id", None) or self.op()
        return filling.save_answer(
            self.portal,
            self.people[who],
            self.ids[assessment],
            self.ids[subject],
            fact,
            value,
            base=base,
            op_id=op,
            **more,
        )

    def version(self, assessment="a"):
        with self.portal.database.read() as connection:
            return load(connection, self.ids[assessment]).version

    def state(self, assessment="a"):
        with self.portal.database.read() as connection:
            return load(connection, self.ids[assessment]).state

    def submit(self, who="approver", assessment="a", **more):
        self.step()
        return handing_in.submit(
            self.portal,
            self.people[who],
            self.ids[assessment],
            base=more.pop("base", None) or self.version(assessment),
            op_id=more.pop("op_id", None) or self.op(),
        )

    def advance(self, to, who="secretary", assessment="a", reason=""):
        self.step()
        return moves.advance(
            self.portal,
            self.people[who],
            self.ids[assessment],
            to,
            base=self.version(assessment),
            op_id=self.op(),
            reason=reason,
        )

    def rows(self, table, *where):
        with self.portal.database.read() as connection:
            return connection.execute(select(table).where(*where)).all()


def account(desk, name, *members):
    """Put one account on record."""
    return accounts_of(desk, {"one": (name, members)})["one"]


def accounts_of(desk, wanted):
    """Put accounts on record in one transaction, and return them as actors by the names given."""
    at = text_of(desk.time[0])
    found = {
        key: Actor(new_id(desk.time[0]), name, tuple(members)) for key, (name, members) in wanted.items()
    }
    people = [
        {"id": one.id, "login": f"{one.name}-{one.id}", "name": one.name, "created_at": at}
        for one in found.values()
    ]
    roles = [
        {
            "id": new_id(desk.time[0]),
            "account_id": one.id,
            "role": member.role,
            "university_id": member.university,
            "round_id": member.round,
            "granted_at": at,
        }
        for one in found.values()
        for member in one.members
    ]

    def work(connection):
        connection.execute(insert(accounts), people)
        if roles:
            connection.execute(insert(memberships), roles)

    desk.portal.database.write(work)
    return found


def library(edition="1", standard="t", extra=""):
    head = f"id: {standard}\nedition: '{edition}'\ntitle: 试行标准\nstatus: draft\nper: 食堂\ntotal: 10\nsections: [1-a.yaml]\n"
    head += "grades: [{id: good, title: 达标, at_least: 6}]\nno_grade: 不达标\n"
    head += "roll_up: {per: 食堂, whole: 学校, titles: [{id: best, title: 示范校, each_at_least: good}]}\n"
    head += "derive:\n- {id: c.rate, title: 合格率, ratio: [c.passed, c.staff]}\n- {id: c.lot_count, title: 批数, count: {table: c.lots}}\n"
    files = {
        "checklists/canteen.yaml": CANTEEN,
        "checklists/school.yaml": SCHOOL,
        f"rules/{standard}/{edition}/standard.yaml": head + extra,
        f"rules/{standard}/{edition}/1-a.yaml": SECTION,
    }
    return {name: text.encode() for name, text in files.items()}


def make(database, folder, *, opened=True, code="1035", names="AB"):
    """Build the world: a round by standard t, universities A and B invited with one canteen each, open until October."""
    files = library() | library(edition="2") | library(standard="u")
    built, problems = load_texts(files)
    assert [str(one) for one in problems] == []
    desk = Desk(Portal(database, Folder(folder), lambda: built, lambda: desk.time[0]), prefix=f"op-{code}-")
    chief = desk.people["secretary"] = account(desk, "秘书", Member("secretariat"))
    for name in names:
        made = places.register_university(
            desk.portal, chief, f"{code}{ord(name)}", f"{name} 大学", op_id=desk.op()
        )
        desk.ids[name] = made.id
        place = places.register_place(
            desk.portal, chief, made.id, f"canteen-{name.lower()}", "食堂", f"{name} 一食堂", op_id=desk.op()
        )
        desk.ids[f"place {name}"] = place.id
    people = {
        "filler": ("张三", [Member("filler", desk.ids["A"])]),
        "colleague": ("李四", [Member("filler", desk.ids["A"])]),
        "approver": ("王五", [Member("approver", desk.ids["A"])]),
        "stranger": ("赵六", [Member("filler", desk.ids.get("B"))]),
        "inspector": ("钱七", [Member("inspector")]),
        "observer": ("孙八", [Member("observer")]),
    }
    desk.people |= accounts_of(desk, people)
    desk.ids["round"] = new_round(desk, opened=opened, names=names)
    return desk


def new_round(desk, standard="t", edition="1", as_of="2026-09-30", *, title="首批", opened=True, names="AB"):
    """Create a round with universities and their canteens, and open it; `a`, `canteen`, `school` are A's in it."""
    chief = desk.people["secretary"]
    desk.step()
    made = rounds.create_round(
        desk.portal,
        chief,
        title,
        standard,
        edition,
        as_of,
        op_id=desk.op(),
        times={"fill_until": desk.later(days=30), "material_until": desk.later(days=60)},
    )
    invited = taking_part.invite(
        desk.portal, chief, made.round, [desk.ids[name] for name in names], op_id=desk.op()
    )
    for name in names:
        found = invited.assessments[desk.ids[name]]
        place = desk.ids[f"place {name}"]
        chosen = taking_part.choose_subjects(desk.portal, chief, found, [place], base=1, op_id=desk.op())
        prefix = "" if name == "A" else "other "
        desk.ids |= {
            name.lower(): found,
            f"{prefix}canteen": chosen.subjects[place],
            f"{prefix}school": chosen.subjects[""],
        }
    if opened:
        done = rounds.open_round(desk.portal, chief, made.round, base=1, op_id=desk.op())
        assert not isinstance(done, Refusal), done
    return made.round


def prove(desk, fact="c.licence", subject="canteen", assessment="a", name="许可证.jpg"):
    """Put a piece of evidence beside a fact, as the evidence part does."""
    sha, at = f"{next(desk.counter):064x}", desk.step()

    def work(connection):
        connection.execute(insert(blobs).values(sha256=sha, size=3, type="image/jpeg", stored_at=at))
        connection.execute(
            insert(evidence).values(
                id=new_id(desk.time[0]),
                assessment_id=desk.ids[assessment],
                subject_id=desk.ids[subject],
                fact=fact,
                sha256=sha,
                name=name,
                by=desk.people["filler"].id,
                at=at,
            )
        )

    desk.portal.database.write(work)


def replayed(desk, assessment="a"):
    """Return the answers that follow from the history alone, with where from and version."""
    found = {}
    rows = desk.rows(answer_history, answer_history.c.assessment_id == desk.ids[assessment])
    for row in sorted(rows, key=lambda row: row.version):
        key = (row.subject_id, row.fact)
        assert row.version == (found[key][-1] if key in found else 0) + 1, "a version is missing or doubled"
        found[key] = (row.value, row.note, row.origin, row.origin_ref, row.by, row.at, row.version)
    return found


def standing(desk, assessment="a"):
    """Return the answers that stand, in the same shape."""
    return {
        (row.subject_id, row.fact): (
            row.value,
            row.note,
            row.origin,
            row.origin_ref,
            row.by,
            row.at,
            row.version,
        )
        for row in desk.rows(answers, answers.c.assessment_id == desk.ids[assessment])
    }


def chain_holds(desk, chain):
    """Check one chain of the trail: places without a gap, each line bound to the one before; return its actions."""
    previous, actions = "0" * 64, []
    rows = sorted(desk.rows(log, log.c.chain == chain), key=lambda row: row.place)
    for place, row in enumerate(rows, 1):
        said = Entry(row.op_id, row.chain, row.at, row.actor, row.action, row.target, loads(row.details))
        assert (row.place, row.previous) == (place, previous)
        assert row.hash == hash_of(said, place, previous)
        previous = row.hash
        actions.append(row.action)
    return actions


def kept(desk, assessment="a"):
    """Return everything that was handed in: texts by hash and scorecards, which nobody changes."""
    numbers = desk.rows(submissions, submissions.c.assessment_id == desk.ids[assessment])
    texts = {
        row.sha256: row.document
        for row in desk.rows(snapshots, snapshots.c.sha256.in_([row.sha256 for row in numbers]))
    }
    cards = desk.rows(scorecards, scorecards.c.assessment_id == desk.ids[assessment])
    return {
        "submissions": {(row.number, row.sha256, row.at) for row in numbers},
        "texts": {row.sha256: texts[row.sha256] for row in numbers},
        "cards": {row.id: (row.document, row.sha256, row.inputs, row.subject_id, row.at) for row in cards},
    }
