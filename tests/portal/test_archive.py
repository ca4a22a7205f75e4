"""Export of everything: the same bytes from either store, and nothing written from a file that is not whole."""

import hashlib
import random
import tarfile

import pytest
from sqlalchemy import func, select
from whole import fill

from portal import archive
from portal.archive import Examined, bring_in, examine, export
from portal.container import BLOCK, Damaged, heading, parts
from portal.refusal import Refusal
from portal.rows import kept_tables, row_of
from portal.store import migrate
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.tables import log, metadata, sessions, universities
from portal.trail import Entry, append

AT = "2026-11-26T00:00:00.000000Z"


@pytest.fixture
def store(tmp_path):
    return Folder(tmp_path / "evidence")


@pytest.fixture
def exported(sqlite_address, store, tmp_path):
    """Give an export of a full SQLite store."""
    database = open_store(sqlite_address)
    fill(database, store)
    manifest = export(database, store, tmp_path / "all.tar")
    assert not isinstance(manifest, Refusal)
    database.close()
    return tmp_path / "all.tar"


def empty(address):
    database = open_store(address)
    migrate.upgrade(database)
    return database


def is_empty(database, folder):
    with database.read() as connection:
        rows = sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        )
    return rows == 0 and not [path for path in folder.rglob("*") if path.is_file()]


def test_sqlite_to_postgresql_and_back_gives_the_same_bytes(exported, postgresql, tmp_path):
    server = postgresql.create()
    addresses = [postgresql.address(server), str(tmp_path / "other" / "zhunsheng.db")]
    source = exported
    for number, address in enumerate(addresses):
        database, blobs = empty(address), Folder(tmp_path / f"evidence-{number}")
        assert bring_in(examine(source), database, blobs) is None
        target = tmp_path / f"{number}.tar"
        assert not isinstance(export(database, blobs, target), Refusal)
        assert target.read_bytes() == exported.read_bytes()
        database.write(
            lambda connection: append(
                connection, Entry("later", "system", AT, "某人", "round.manage", "R1", {})
            )
        )
        with database.read() as connection:
            assert connection.execute(select(func.max(log.c.seq))).scalar_one() == 7
        database.close()
        source = target
    postgresql.drop(server)


def test_it_bites_a_row_that_was_changed_on_the_way_is_seen(exported, empty_address, tmp_path):
    database, blobs = empty(empty_address), Folder(tmp_path / "other-evidence")
    bring_in(examine(exported), database, blobs)
    database.write(lambda connection: connection.execute(universities.update().values(region="别处")))
    export(database, blobs, tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() != exported.read_bytes()
    database.close()


def test_every_kept_table_is_in_it_and_nobody_stays_signed_in(exported, empty_address, tmp_path):
    names = {part.name for part in parts(exported.open("rb"))}
    assert {f"tables/{table.name}.jsonl" for table in kept_tables()} <= names
    assert set(metadata.tables) - {table.name for table in kept_tables()} >= {"sessions", "attempts"}
    database = empty(empty_address)
    bring_in(examine(exported), database, Folder(tmp_path / "other-evidence"))
    with database.read() as connection:
        for table in kept_tables():
            assert connection.execute(select(func.count()).select_from(table)).scalar_one(), table.name
        assert not connection.execute(select(func.count()).select_from(sessions)).scalar_one()
    database.close()


def test_any_tar_program_unpacks_it_and_the_file_is_for_its_owner_only(exported, tmp_path):
    with tarfile.open(exported) as file:
        file.extractall(tmp_path / "out", filter="data")
    for path in (tmp_path / "out" / "evidence").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert exported.stat().st_mode & 0o777 == 0o600


def test_evidence_that_is_lost_is_named_and_does_not_stop_the_export(
    exported, sqlite_address, store, tmp_path
):
    database = open_store(sqlite_address)
    lost = next(path for path in store.root.rglob("*") if path.is_file())
    lost.unlink()
    manifest = export(database, store, tmp_path / "less.tar")
    assert manifest.missing == (lost.name,)
    assert isinstance(examine(tmp_path / "less.tar"), Examined)
    database.close()


def test_a_store_that_is_not_empty_is_not_written_to(exported, database, tmp_path):
    database.write(
        lambda connection: append(connection, Entry("first", "system", AT, "某人", "round.manage", "R1", {}))
    )
    refusal = bring_in(examine(exported), database, Folder(tmp_path / "other-evidence"))
    assert refusal.code == "archive-not-empty"
    assert not list((tmp_path / "other-evidence").rglob("*.*"))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def classes(path):
    """Return places of every class: each heading field, each kind of content, padding, the end."""
    data = path.read_bytes()
    found = {}
    for part in parts(path.open("rb")):
        kind = part.name.split("/")[0]
        for name, offset in {
            "name": 0,
            "mode": 100,
            "owner": 108,
            "size": 124,
            "time": 136,
            "sum": 148,
        }.items():
            found[f"{kind} heading {name}"] = part.start - BLOCK + offset
        found[f"{kind} heading rest"] = part.start - BLOCK + 500
        if part.size:
            found[f"{kind} first"] = part.start
            found[f"{kind} middle"] = part.start + part.size // 2
            found[f"{kind} last"] = part.start + part.size - 1
        if part.size % BLOCK:
            found[f"{kind} padding"] = part.start + part.size
    found["end"] = len(data) - 1
    found["end start"] = len(data) - 2 * BLOCK
    return found


def test_one_changed_bit_of_any_class_is_refused_before_anything_is_written(
    exported, empty_address, tmp_path
):
    database, folder = empty(empty_address), tmp_path / "other-evidence"
    data, bad = exported.read_bytes(), tmp_path / "bad.tar"
    places = classes(exported)
    assert len(places) > 50
    for name, at in places.items():
        bad.write_bytes(flipped(data, at))
        found = examine(bad)
        assert isinstance(found, Refusal), name
        assert found.message.endswith("什么都没有写入。"), name
    assert is_empty(database, folder)
    database.close()


def test_one_changed_bit_anywhere_is_refused(exported, tmp_path):
    data, bad = exported.read_bytes(), tmp_path / "bad.tar"
    chance = random.Random(4)  # noqa: S311  which bits is no secret
    for at in chance.sample(range(len(data)), 60):
        bad.write_bytes(flipped(data, at))
        assert isinstance(examine(bad), Refusal), at


def test_a_file_cut_off_or_grown_anywhere_is_refused(exported, tmp_path):
    data, bad = exported.read_bytes(), tmp_path / "bad.tar"
    chance = random.Random(5)  # noqa: S311  where it is cut is no secret
    cuts = [0, 1, BLOCK, len(data) - BLOCK, len(data) - 1, *chance.sample(range(len(data)), 20)]
    for content in [
        *(data[:cut] for cut in cuts),
        data + b"\0",
        data + b"x",
        data + bytes(BLOCK),
        data * 2,
        b"no tar",
    ]:
        bad.write_bytes(content)
        assert isinstance(examine(bad), Refusal)


def rebuilt(path, target, change):
    """Write an export anew with sound headings after a change of its parts."""
    with path.open("rb") as file:
        content = [(part.name, b"".join(part.read(file))) for part in parts(file)]
    with target.open("wb") as file:
        for name, body in change(content):
            file.write(heading(name, len(body)) + body + bytes(-len(body) % BLOCK))
        file.write(bytes(2 * BLOCK))
    return target


def forged(path, target, table, change):
    """Change a table and make every hash fit again, as somebody would who wants to deceive."""

    def work(content):
        parts_ = dict(content)
        name = f"tables/{table}.jsonl"
        before = hashlib.sha256(parts_[name]).hexdigest()
        parts_[name] = change(parts_[name])
        after = hashlib.sha256(parts_[name]).hexdigest()
        said = parts_["manifest.json"].replace(before.encode(), after.encode())
        seal = f"{hashlib.sha256(said).hexdigest()}  manifest.json\n".encode()
        parts_ |= {"manifest.json": said, "manifest.sha256": seal}
        return parts_.items()

    return rebuilt(path, target, work)


CHANGES = {
    "swapped": lambda content: [content[1], content[0], *content[2:]],
    "left out": lambda content: content[:-1],
    "twice": lambda content: [*content, content[-1]],
    "another": lambda content: [*content, ("evidence/../../etc/passwd", b"x")],
    "no manifest": lambda content: content[1:],
}


@pytest.mark.parametrize("change", CHANGES)
def test_parts_that_are_not_those_of_the_manifest_are_refused(exported, tmp_path, change):
    assert isinstance(examine(rebuilt(exported, tmp_path / "bad.tar", CHANGES[change])), Refusal)


def test_rebuilding_alone_changes_nothing(exported, tmp_path):
    same = rebuilt(exported, tmp_path / "same.tar", lambda content: content)
    assert same.read_bytes() == exported.read_bytes()


FORGERIES = {
    "actor": ("log", lambda body: body.replace("某人".encode(), "别人".encode(), 1)),
    "line left out": ("log", lambda body: b"".join(body.splitlines(keepends=True)[1:])),
    "order": ("log", lambda body: b"".join(reversed(body.splitlines(keepends=True)))),
    "not canonical": ("universities", lambda body: body.replace(b'":', b'": ', 1)),
    "another column": ("universities", lambda body: body.replace(b"{", b'{"added":1,', 1)),
    "wrong kind": (
        "rounds",
        lambda body: body.replace(b'"version":', b'"version":"x', 1).replace(b"}", b'"}', 1),
    ),
    "too long": ("universities", lambda body: body.replace(b'"code":"', b'"code":"' + b"x" * 50, 1)),
    "no json": ("universities", lambda body: b"x" + body),
    "deep": ("universities", lambda body: b"[" * 100_000 + b"\n" + body),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_whose_hashes_fit_is_refused_all_the_same(exported, tmp_path, forgery):
    found = examine(forged(exported, tmp_path / "bad.tar", *FORGERIES[forgery]))
    assert isinstance(found, Refusal), forgery


def test_rows_that_contradict_each_other_leave_nothing_behind(exported, empty_address, tmp_path):
    """A row that refers to nothing has sound hashes; the store itself refuses it, and the transaction is undone."""
    place = b'"university_id":"'
    bad = forged(
        exported,
        tmp_path / "bad.tar",
        "places",
        lambda body: body.replace(place, place + b"X", 1).replace(b"X", b"X", 1),
    )
    database = empty(empty_address)
    found = examine(bad)
    if isinstance(found, Examined):
        found = bring_in(found, database, Folder(tmp_path / "other-evidence"))
    assert found.code == "archive-damaged"
    with database.read() as connection:
        assert not connection.execute(select(func.count()).select_from(log)).scalar_one()
    database.close()


def test_an_export_of_another_version_is_told_apart_from_damage(exported, tmp_path, monkeypatch):
    monkeypatch.setattr(archive.migrate, "head", lambda: "9999")
    assert examine(exported).code == "archive-version"


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert examine(tmp_path / "none.tar").code == "archive-missing"


def test_a_line_is_read_in_one_way_only():
    line = b'{"code":"a","created_at":"t","id":"i","kind":"","region":"","title":"x"}\n'
    assert row_of(line, universities)["code"] == "a"
    for bad in (
        line[:-1],
        line.replace(b'"a"', b'"\\u0061"'),
        line.replace(b'"x"', b"null"),
        b"[]\n",
        b"1\n",
    ):
        with pytest.raises(ValueError):
            row_of(bad, universities)


def test_headings_have_one_form(tmp_path):
    path = tmp_path / "one"
    path.write_bytes(heading("a", 3) + b"abc" + bytes(509) + bytes(1024))
    assert [part.name for part in parts(path.open("rb"))] == ["a"]
    path.write_bytes(heading("a", 3).replace(b"0000600", b"0000644") + b"abc" + bytes(509) + bytes(1024))
    with pytest.raises(Damaged):
        parts(path.open("rb"))
