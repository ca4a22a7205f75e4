"""What the portal hands out keeps hostile text as text: the trail, a publication, the whole store as an archive."""

import json
import tarfile

import pytest
from sqlalchemy import select
from wayfarer import CALLS, STRAIGHT, Way

from portal.archive import examine, export
from portal.refusal import Refusal
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.tables import publications, universities
from portal.trail_export import exported
from portal.use_cases import places
from tests.payloads import PAYLOADS

EVERYTHING = "\n".join(PAYLOADS)


@pytest.fixture
def way(sqlite_address, tmp_path):
    """Go the straight way to the grade with hostile text wherever people write."""
    database = open_store(sqlite_address)
    found = Way(database, tmp_path / "blobs")
    desk = found.desk
    for number, payload in enumerate(PAYLOADS):
        made = places.register_university(
            desk.portal, desk.people["secretary"], f"x{number}", payload, op_id=desk.op()
        )
        assert not isinstance(made, Refusal), made
    for version, payload in enumerate([*PAYLOADS, EVERYTHING]):
        desk.save("filler", "c.kind", "自营", base=version, note=payload)
    for who, what, pick in STRAIGHT:
        use, args, more = CALLS[what](found, who, pick)
        if what in ("contest", "decide"):
            args = (*args[:3], EVERYTHING)
        answered = use(desk.portal, desk.people[who], *args, op_id=desk.op(), **more)
        assert not isinstance(answered, Refusal), (what, answered)
    yield found
    database.close()


def test_the_trail_is_one_line_of_json_each_and_holds_no_text_of_answers(way):
    with way.desk.portal.database.read() as connection:
        lines = list(exported(connection))
    assert len(lines) > 40
    for line in lines:
        assert line.endswith("}\n")
        assert line.count("\n") == 1
        json.loads(line)
    whole = "".join(lines)
    notes = [line for line in lines if '"answer.save"' in line]
    assert len(notes) > len(PAYLOADS)
    assert not any(
        json.dumps(payload, ensure_ascii=False)[1:-1] in line for line in notes for payload in PAYLOADS
    )
    assert "\x1b" not in whole


def test_a_publication_is_data(way):
    (row,) = way.desk.rows(publications)
    document = json.loads(row.document)
    assert row.document.count("\n") == 1
    assert document["results"][0]["university"]["title"] == "A 大学"
    assert all(json.dumps(payload, ensure_ascii=False)[1:-1] not in row.document for payload in PAYLOADS)


def test_an_archive_gives_every_text_back_as_it_was(way, tmp_path):
    made = export(way.desk.portal.database, Folder(tmp_path / "blobs"), tmp_path / "all.tar")
    assert not isinstance(made, Refusal), made
    assert not isinstance(examine(tmp_path / "all.tar"), Refusal)
    with tarfile.open(tmp_path / "all.tar") as archive:
        names = archive.getnames()
        rows, notes = (
            [
                json.loads(line)
                for line in archive.extractfile(f"tables/{table}.jsonl").read().split(b"\n")
                if line
            ]
            for table in ("universities", "answer_history")
        )
    assert all(name.endswith((".jsonl", ".json", ".sha256", ".txt")) for name in names)
    assert {row["title"] for row in rows} >= set(PAYLOADS)
    assert {row["note"] for row in notes} >= {*PAYLOADS, EVERYTHING}
    with way.desk.portal.database.read() as connection:
        assert set(connection.scalars(select(universities.c.title))) >= set(PAYLOADS)
