"""Backups: made while writers write, proven whole by restoring, refused when damaged before anything is touched."""

import json
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, insert, select, text
from whole import as_json, fill, rules

from portal import backup, restore
from portal.backup import back_up, older
from portal.lock import FolderLock
from portal.postgres_tools import found as program
from portal.refusal import Refusal
from portal.restore import look_through, restore_postgresql, restore_sqlite, swap
from portal.store.blobs import Folder
from portal.store.database import open_store
from portal.store.guards import take_down
from portal.store.tables import log, scorecards, universities
from portal.trail import Entry, append

AT = "2026-11-26T00:00:00.000000Z"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def clock():
    return NOON


@pytest.fixture
def store(tmp_path):
    return Folder(tmp_path / "evidence")


@pytest.fixture
def filled(store_address, store):
    """Give a full store of each kind, and its address."""
    database = open_store(store_address)
    fill(database, store)
    yield database, store_address
    database.close()


def made(filled, store, place, when=clock):
    found = back_up(*filled, store, rules(), place, when)
    assert not isinstance(found, Refusal), found
    return found


def put_back(address, store, folder):
    if address.startswith("postgresql"):
        return restore_postgresql(address, store, folder)
    return restore_sqlite(Path(address), store, folder)


def change(database, region):
    database.write(lambda connection: connection.execute(universities.update().values(region=region)))


def regions(address):
    database = open_store(address)
    with database.read() as connection:
        found = set(connection.execute(select(universities.c.region)).scalars())
    database.close()
    return found


def test_what_is_restored_is_what_was_there(filled, store, tmp_path):
    database, address = filled
    change(database, "备份时")
    found = made(filled, store, tmp_path / "backups")
    change(database, "备份之后")
    database.close()
    result = put_back(address, Folder(tmp_path / "other-evidence"), found.folder)
    assert not isinstance(result, Refusal), result
    assert result.scores.same == 3
    assert regions(address) == {"备份时"}
    assert sorted(Folder(tmp_path / "other-evidence").root.rglob("?" * 64))
    assert result.replaced


def test_the_replaced_store_is_kept(filled, store, tmp_path):
    database, address = filled
    change(database, "备份时")
    found = made(filled, store, tmp_path / "backups")
    change(database, "备份之后")
    database.close()
    replaced = put_back(address, store, found.folder).replaced
    if address.startswith("postgresql"):
        assert regions(address.replace(restore.postgres_tools.database_name(address), replaced, 1)) == {
            "备份之后"
        }
    else:
        assert regions(str(Path(replaced) / "zhunsheng.db")) == {"备份之后"}


def test_backups_share_their_evidence(filled, store, tmp_path):
    first = made(filled, store, tmp_path / "backups")
    store.put([b"more"])
    later = made(filled, store, tmp_path / "backups", lambda: NOON.replace(hour=13))
    assert first.copied == first.manifest.evidence == 3
    assert later.copied == 0
    assert older(tmp_path / "backups", 1) == [first.folder]
    assert older(tmp_path / "backups", 2) == []


def test_a_backup_is_for_its_owner_only_and_names_no_password(filled, store, tmp_path):
    found = made(filled, store, tmp_path / "backups")
    assert not [
        path for path in (tmp_path / "backups").rglob("*") if path.stat().st_mode & 0o077 and path.is_file()
    ]
    assert "postgresql://" not in json.dumps(as_json(found.folder))


def test_a_backup_that_was_not_finished_is_not_there(filled, store, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "copy_evidence", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        back_up(*filled, store, rules(), tmp_path / "backups", clock)
    assert [path.name for path in (tmp_path / "backups").iterdir()] == ["evidence"]


def test_evidence_that_is_lost_already_is_named_and_does_not_stop_the_backup(filled, store, tmp_path):
    lost, torn = [path for path in store.root.rglob("*") if path.is_file()][:2]
    lost.unlink()
    torn.chmod(0o600)
    torn.write_bytes(b"torn")
    found = made(filled, store, tmp_path / "backups")
    assert set(found.manifest.missing) == {lost.name, torn.name}
    filled[0].close()
    assert not isinstance(put_back(filled[1], store, found.folder), Refusal)


# Damage ---------------------------------------------------------------------------------------------------------------


def touch_flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def touch_cut(path):
    data = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(data[:-1])


def touch_gone(path):
    path.unlink()


@pytest.mark.parametrize("touch", [touch_flip, touch_cut, touch_gone])
def test_a_damaged_backup_is_refused_before_any_write(filled, store, tmp_path, touch):
    database, address = filled
    found = made(filled, store, tmp_path / "backups")
    change(database, "现在的")
    database.close()
    other = tmp_path / "other-evidence"
    files = [path for path in (tmp_path / "backups").rglob("*") if path.is_file()]
    assert len(files) == 8
    for path in files:
        content, mode = path.read_bytes(), path.stat().st_mode
        touch(path)
        refusal = put_back(address, Folder(other), found.folder)
        assert isinstance(refusal, Refusal), path
        assert refusal.code == "backup-damaged"
        assert "现在的数据没有动过" in refusal.message
        assert not [one for one in other.rglob("*") if one.is_file()], path
        path.write_bytes(content)
        path.chmod(mode)
    assert regions(address) == {"现在的"}
    assert not isinstance(put_back(address, Folder(other), found.folder), Refusal)


def test_a_backup_of_something_else_is_refused(filled, store, tmp_path):
    assert restore_sqlite(tmp_path / "data" / "zhunsheng.db", store, tmp_path).code == "backup-damaged"
    found = made(filled, store, tmp_path / "backups")
    if filled[1].startswith("postgresql"):
        refusal = restore_sqlite(tmp_path / "data" / "zhunsheng.db", store, found.folder)
    else:
        refusal = restore_postgresql("postgresql://u@/d", store, found.folder)
    assert refusal.code == "backup-kind"


def test_a_backup_of_another_version_is_told_apart_from_damage(filled, store, tmp_path, monkeypatch):
    found = made(filled, store, tmp_path / "backups")
    monkeypatch.setattr(restore.migrate, "head", lambda: "9999")
    assert put_back(filled[1], store, found.folder).code == "backup-version"


def test_a_score_that_comes_out_differently_is_refused(filled, store, tmp_path):
    """Verification bites: a scorecard that does not follow from its inputs stops the restore."""
    database, address = filled
    wrong = {"document": text("replace(document, '某协会', '别的协会')")}
    database.write(
        lambda connection: (
            take_down(connection),
            connection.execute(scorecards.update().values(wrong)),
        )
    )
    found = made(filled, store, tmp_path / "backups")
    change(database, "现在的")
    database.close()
    refusal = put_back(address, store, found.folder)
    assert "重新计算" in refusal.message
    assert regions(address) == {"现在的"}


def test_a_trail_that_does_not_hold_is_refused(filled, store, tmp_path):
    database, address = filled
    database.write(
        lambda connection: (
            take_down(connection),
            connection.execute(log.update().where(log.c.seq == 2).values(actor="别人")),
        )
    )
    found = made(filled, store, tmp_path / "backups")
    database.close()
    assert "审计日志第 2 条" in put_back(address, store, found.folder).message


def test_a_store_in_use_is_not_replaced(filled, store, tmp_path):
    database, address = filled
    found = made(filled, store, tmp_path / "backups")
    if address.startswith("postgresql"):
        with database.read():
            refusal = put_back(address, store, found.folder)
    else:
        with FolderLock(Path(address).parent):
            refusal = put_back(address, store, found.folder)
    assert refusal.code == "folder-in-use"
    assert database.read().__enter__()


# While writing --------------------------------------------------------------------------------------------------------


def test_nothing_acknowledged_before_the_start_is_lost_while_50_go_on_writing(filled, store, tmp_path):
    database, address = filled
    acknowledged, end, many = list[str](), threading.Event(), threading.Event()

    def writes(name):
        number = 0
        while not end.is_set():
            op = f"{name}-{number}"
            database.write(
                lambda connection, op=op: append(
                    connection, Entry(op, name, AT, "某人", "round.manage", "R1", {})
                )
            )
            acknowledged.append(op)
            number += 1
            if len(acknowledged) > 100:
                many.set()

    threads = [threading.Thread(target=writes, args=(f"w{number}",)) for number in range(50)]
    for thread in threads:
        thread.start()
    many.wait()
    before = list(acknowledged)
    found = made(filled, store, tmp_path / "backups")
    end.set()
    for thread in threads:
        thread.join()
    assert len(acknowledged) > len(before)
    database.close()
    assert not isinstance(put_back(address, store, found.folder), Refusal)
    again = open_store(address)
    with again.read() as connection:
        there = set(connection.execute(select(log.c.op_id)).scalars())
    again.close()
    assert set(before) <= there


def test_a_plain_copy_of_the_file_would_lose_what_stands_in_its_log(
    sqlite_address, store, tmp_path, monkeypatch
):
    """It bites: without SQLite's own way of copying, what was just acknowledged is not in the backup."""
    database = open_store(sqlite_address)
    line = Entry("acknowledged", "system", AT, "某人", "round.manage", "R1", {})
    database.write(lambda connection: append(connection, line))

    def copied(number):
        found = made((database, sqlite_address), store, tmp_path / f"backups-{number}")
        return found.manifest.lines

    assert copied(1) == 1

    class Plain:
        def __init__(self, path, **_):
            self.path = path

        def backup(self, other):
            shutil.copyfile(self.path, other.path)

        def execute(self, _said):
            pass

        close = __exit__ = lambda *_: None

    monkeypatch.setattr(backup, "sqlite_module", lambda: SimpleNamespace(connect=Plain))
    assert copied(2) == 0
    database.close()


# Kills ----------------------------------------------------------------------------------------------------------------


def kills(store, evidence, folder):
    words = [str(store), str(evidence), str(folder)]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("restoring.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("log_beside", [False, True])
def test_a_kill_at_any_moment_leaves_the_old_store_or_the_new_one(
    sqlite_address, store, tmp_path, log_beside
):
    database = open_store(sqlite_address)
    fill(database, store)
    change(database, "备份时")
    found = made((database, sqlite_address), store, tmp_path / "backups")
    change(database, "现在的")
    beside = {side: Path(sqlite_address + side).read_bytes() for side in ("", "-wal")}
    database.close()
    if log_beside:  # as a killed server leaves it: what is new stands in the log only
        for side, content in beside.items():
            Path(sqlite_address + side).write_bytes(content)
    outcomes = kills(sqlite_address, tmp_path / "other-evidence", found.folder)
    assert len(outcomes) > 15
    assert {code for code, *_ in outcomes} == {-signal.SIGKILL}
    assert {sound for _, sound, *_ in outcomes} == {"ok"}
    assert not [unfinished for _, _, _, unfinished, *_ in outcomes if unfinished]
    assert {tuple(regions) for _, _, regions, *_ in outcomes} == {("现在的",), ("备份时",)}
    assert {(code, said) for *_, code, said, _ in outcomes} == {(0, "")}
    assert [left for *_, left in outcomes if left] == []


def test_a_store_whose_log_is_left_beside_it_would_swallow_the_new_one(sqlite_address, tmp_path):
    """Why the log is written in before the swap: left behind, it is taken for the log of the new file."""
    database = open_store(sqlite_address)
    database.write(lambda c: c.execute(insert(universities).values(_university("old"))))
    keep = [Path(sqlite_address + side).read_bytes() for side in ("", "-wal")]
    database.close()
    fresh = tmp_path / "fresh" / "zhunsheng.db"
    fresh.parent.mkdir()
    fresh.write_bytes(Path(sqlite_address).read_bytes())
    other = open_store(str(fresh))
    other.write(lambda c: c.execute(universities.delete()))
    other.write(lambda c: c.execute(insert(universities).values(_university("new"))))
    backup.close_whole(other)
    for path, content in zip((sqlite_address, sqlite_address + "-wal"), keep, strict=True):
        Path(path).write_bytes(content)
    kept = swap(Path(sqlite_address), fresh)
    assert titles(sqlite_address) == {"new"}
    assert titles(str(kept / "zhunsheng.db")) == {"old"}


def test_a_damaged_store_is_replaced_too_and_kept_as_it_was(sqlite_address, store, tmp_path):
    database = open_store(sqlite_address)
    fill(database, store)
    change(database, "备份时")
    found = made((database, sqlite_address), store, tmp_path / "backups")
    database.close()
    path = Path(sqlite_address)
    path.write_bytes(b"not a database at all" * 1000)
    Path(sqlite_address + "-wal").write_bytes(b"nor is this")
    result = restore_sqlite(path, store, found.folder)
    assert not isinstance(result, Refusal), result
    assert regions(sqlite_address) == {"备份时"}
    assert (Path(result.replaced) / "zhunsheng.db").read_bytes().startswith(b"not a database")
    assert (Path(result.replaced) / "zhunsheng.db-wal").read_bytes() == b"nor is this"


def test_a_kill_while_a_damaged_store_is_put_aside_is_told_at_the_next_start(
    sqlite_address, tmp_path, monkeypatch
):
    path = Path(sqlite_address)
    path.write_bytes(b"not a database at all" * 1000)
    Path(sqlite_address + "-wal").write_bytes(b"nor is this")
    monkeypatch.setattr(Path, "replace", killed_at(path))
    with pytest.raises(KeyboardInterrupt):
        swap(path, tmp_path / "fresh.db")
    kept = Path((path.parent / restore.UNFINISHED).read_text("utf-8"))
    assert (kept / "zhunsheng.db-wal").read_bytes() == b"nor is this"
    restore.tidy(path)  # as the next restore does first
    (kept,) = path.parent.glob(f"{restore.REPLACED}*")
    assert (kept / "zhunsheng.db-wal").read_bytes() == b"nor is this"


def killed_at(target):
    real = Path.replace

    def replace(self, to):
        if Path(to) == target:
            raise KeyboardInterrupt
        return real(self, to)

    return replace


def _university(title):
    return {"id": title, "code": title, "title": title, "created_at": AT}


def titles(address):
    database = open_store(address)
    with database.read() as connection:
        found = set(connection.execute(select(universities.c.title)).scalars())
    database.close()
    return found


def test_a_program_that_is_not_there_is_told(postgresql_address, store, tmp_path, monkeypatch):
    database = open_store(postgresql_address)
    monkeypatch.setattr(backup.postgres_tools, "found", lambda *_: None)
    refusal = back_up(database, postgresql_address, store, rules(), tmp_path / "backups", clock)
    assert "postgresql-client-" in refusal.next
    assert list((tmp_path / "backups").iterdir()) == []
    database.close()


def test_the_programs_of_postgresql_are_found():
    assert program("pg_dump", 15)
    assert program("pg_restore", 15)
    assert program("pg_dump", 99) is None


def test_a_backup_looks_sound_only_as_a_whole(filled, store, tmp_path):
    found = made(filled, store, tmp_path / "backups")
    assert not isinstance(look_through(found.folder), Refusal)
    assert isinstance(look_through(tmp_path), Refusal)
    with filled[0].read() as connection:
        assert connection.execute(select(func.count()).select_from(log)).scalar_one() == found.manifest.lines
