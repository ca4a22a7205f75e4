"""How long does a secretary wait for the numbers of a round of 168 universities, on both stores?

Every university has two canteens, seen by itself, by two inspectors, as a panel and in the end, in documents of the real
size: 1,680 of them. Measured in one run: as it is used, and with every case asked for one by one; a page that is asked
for by hand should be there within ten seconds, also on a busy machine. `python benchmarks/cohort.py`
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "portal"))

from rows import row
from sqlalchemy import Connection, insert, select

from engine.build.edition import Edition
from engine.load import Library, load
from engine.models.submission import Review, Submission
from engine.outside import read
from portal.assessments import allowed
from portal.assessments import load as load_case
from portal.moment import new_id, now
from portal.policy import Actor, Member
from portal.portal import Portal
from portal.refusal import Refusal
from portal.scoring import Inputs, Made, Opinion, engine_version, judged
from portal.store.blobs import Folder
from portal.store.database import Database, open_store
from portal.store.migrate import upgrade
from portal.store.tables import assessments, rounds, scorecards, snapshots, subjects, universities
from portal.trail import canonical
from portal.use_cases import cohort as asked
from tools.postgres import PostgreSQL, is_here

ROOT = Path(__file__).parents[1]
UNIVERSITIES, CANTEENS, TIMES, LIMIT = 168, 2, 3, 10.0
AT = "2026-11-26T00:00:00.000000Z"
SECRETARY = Actor("secretary", "秘书", (Member("secretariat"),))


def documents(library: Library) -> tuple[Edition, dict[str, list[Made]]]:
    """Judge a real university by two inspectors; return every layer of each of its canteens."""
    path = ROOT / "samples" / "green-canteen" / "university.yaml"
    found, _, _ = read(path.read_bytes(), path.name, "submission")
    assert isinstance(found, Submission)
    edition = library.edition(found.standard, found.edition)
    assert edition is not None
    opinions = tuple(
        Opinion(f"inspector {number}", _review(found, unit.subject.id, number))
        for number in (1, 2)
        for unit in found.units
    )
    layers: dict[str, list[Made]] = {}
    for made in judged(edition, Inputs(found, opinions)):
        if made.subject is not None:
            layers.setdefault(made.subject, []).append(made)
    return edition, layers


def _review(found: Submission, subject: str, number: int) -> Review:
    said = {"inspector": f"专家{number}", "standard": found.standard, "edition": found.edition}
    return Review.model_validate({**said, "subject": subject})


def fresh() -> str:
    """Return a new id."""
    return new_id(now())


def fill(connection: Connection, edition: Edition, layers: dict[str, list[Made]]) -> str:
    """Put a round down in which every review has ended, and return its id."""
    names = sorted(layers)
    head = row(
        connection,
        rounds,
        id=fresh(),
        standard=edition.standard.id,
        edition=edition.standard.edition,
        edition_hash=edition.hash,
        state="进行中",
        settings="{}",
    )["id"]
    source = row(connection, snapshots)["sha256"]
    for number in range(UNIVERSITIES):
        university = row(connection, universities, id=fresh())["id"]
        where = {"round_id": head, "university_id": university, "state": "评审完成"}
        case = row(connection, assessments, id=fresh(), **where)["id"]
        for place in range(CANTEENS):
            subject = row(connection, subjects, assessment_id=case, place_id=None)["id"]
            connection.execute(
                insert(scorecards),
                [
                    {
                        "id": f"{number:06}{place:04}{layer:016}",
                        "assessment_id": case,
                        "subject_id": subject,
                        "layer": made.layer,
                        "stage": "reviewed",
                        "document": made.document,
                        "sha256": made.sha256,
                        "grade": made.grade,
                        "low": made.low,
                        "high": made.high,
                        "engine": engine_version(),
                        "edition_hash": edition.hash,
                        "inputs": source,
                        "place": 1,
                        "marks": canonical(made.marks),
                        "at": AT,
                    }
                    for layer, made in enumerate(layers[names[(number + place * 5) % len(names)]])
                ],
            )
    return str(head)


def one_by_one(connection: Connection, actor: Actor, round_id: str) -> list[str]:
    """Choose the cases as one does who asks for each of them."""
    ids = connection.scalars(select(assessments.c.id).where(assessments.c.round_id == round_id)).all()
    cases = [case for one in ids if (case := load_case(connection, one)) is not None]
    return sorted(case.id for case in cases if allowed(connection, actor, "cohort.read", case) is None)


def measure(name: str, database: Database, library: Library, head: str) -> bool:
    """Print how long it takes; say whether the promise holds."""
    portal = Portal(database, Folder(Path(tempfile.gettempdir())), lambda: library)

    def timed() -> float:
        start = time.perf_counter()
        found = asked.cohort(portal, SECRETARY, head)
        took = time.perf_counter() - start
        assert not isinstance(found, Refusal), found
        assert (found.universities, found.subjects) == (UNIVERSITIES, UNIVERSITIES * CANTEENS)
        return took

    quick = [timed() for _ in range(TIMES)]
    with mock.patch.object(asked, "_counted", one_by_one):
        before = [timed() for _ in range(TIMES)]
    for what, times in ((name, quick), ("  with cases one by one", before)):
        print(f"{what:32} {statistics.median(times):8.2f} {max(times):8.2f}")
    return max(quick) < LIMIT


def main() -> int:
    """Print the table; return 1 if the promise is broken."""
    library, _ = load(ROOT)
    edition, layers = documents(library)
    kept = True
    print(f"{'':32} {'median s':>8} {'worst s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        database = open_store(str(Path(folder) / "zhunsheng.db"))
        upgrade(database)
        head = database.write(lambda connection: fill(connection, edition, layers))
        kept &= measure("SQLite, as it is used", database, library, head)
        database.close()
    if is_here():
        with PostgreSQL(durable=False) as server:
            database = open_store(server.address(server.create()))
            upgrade(database)
            head = database.write(lambda connection: fill(connection, edition, layers))
            kept &= measure("PostgreSQL, as it is used", database, library, head)
            database.close()
    return not kept


if __name__ == "__main__":
    sys.exit(main())
