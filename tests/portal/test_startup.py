"""Start-up refuses, each time with one Chinese sentence and the next step; and it does not refuse what is sound."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from engine.load import Library, load
from portal import startup
from portal.mounts import darwin_mounts, existing, kind_below, linux_mounts
from portal.settings import Secret, read_settings
from portal.store import migrate
from portal.store.database import open_store
from portal.store.tables import rounds
from portal.trail import Entry, append
from tests.portal.trails import unguarded

AT = "2026-11-26T00:00:00.000000Z"
GOOD = "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9"


@pytest.fixture
def settings(tmp_path):
    found, problems = read_settings({"ZHUNSHENG_DATA": str(tmp_path / "data"), "ZHUNSHENG_SECRET": GOOD})
    assert not problems
    found.data.mkdir()
    return found


@pytest.fixture
def database(settings):
    found = open_store(str(settings.sqlite))
    migrate.upgrade(found)
    yield found
    found.close()


def is_a_sentence(refusal):
    assert re.fullmatch(r"[^a-z].*[一-鿿].*。.+。", refusal.message), refusal.message
    assert "Error" not in refusal.message
    return refusal


def test_a_sound_installation_starts(settings, database):
    assert startup.before_opening(settings) == []
    assert startup.after_opening(settings, database, Library()) == []


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.45.0", True),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.0", True),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.53.4", False),
        ("4.0.0", False),
    ],
)
def test_a_faulty_sqlite_is_refused(settings, version, faulty):
    refusal = startup.faulty_sqlite(settings, version)
    assert bool(refusal) is faulty
    if refusal:
        assert version in is_a_sentence(refusal).what


def test_the_sqlite_we_run_on_is_sound(settings):
    assert startup.faulty_sqlite(settings) is None


def test_a_faulty_sqlite_does_not_matter_under_postgresql(settings):
    other = replace(settings, database=Secret("postgresql://u@h/d"))
    assert startup.faulty_sqlite(other, "3.40.1") is None
    assert startup.network_folder(other, lambda _: "nfs4") is None


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        *(
            (kind, True)
            for kind in [
                "nfs",
                "nfs4",
                "cifs",
                "smb3",
                "smbfs",
                "9p",
                "fuse.sshfs",
                "fuse.s3fs",
                "vboxsf",
                "remote",
            ]
        ),
        *(
            (kind, False)
            for kind in [
                "ext4",
                "xfs",
                "btrfs",
                "zfs",
                "overlay",
                "tmpfs",
                "fuseblk",
                "apfs",
                "fuse.fuse-overlayfs",
            ]
        ),
        ("", False),
    ],
)
def test_a_network_folder_is_refused(settings, kind, refused):
    found = startup.network_folder(settings, lambda _: kind)
    assert bool(found) is refused
    if found:
        assert kind in is_a_sentence(found).what


def test_the_kind_of_a_folder_is_read_from_the_system(tmp_path):
    table = linux_mounts(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "23 22 0:5 / /srv/my\\040data rw shared:1 - nfs4 server:/x rw\n"
        "24 23 8:2 / /srv/my\\040data/local rw - xfs /dev/sdb1 rw\n"
        "25 22 8:3 / /srv/twice rw - ext4 /dev/sdc rw\n"
        "26 22 0:6 / /srv/twice rw - cifs //s/x rw\n"
    )
    kinds = ("/", "/srv/my data", "/srv/my data/local/deep", "/srv/my database", "/srv/twice/a")
    assert [kind_below(Path(path), table) for path in kinds] == ["ext4", "nfs4", "xfs", "ext4", "cifs"]
    mac = darwin_mounts("/dev/disk3s1 on / (apfs, local)\n//u@nas/x on /Volumes/My Share (smbfs, nodev)\n")
    assert kind_below(Path("/Volumes/My Share/d"), mac) == "smbfs"
    (tmp_path / "link").symlink_to(tmp_path)
    assert existing(tmp_path / "link" / "not" / "there") == tmp_path.resolve()


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (None, "secret-missing"),
        ("", "secret-short"),
        ("9f2c4d1ab07e6358", "secret-short"),
        ("9f2c4d1ab07e63588a1d2c3b4e5f607", "secret-short"),
        ("a" * 64, "secret-default"),
        ("0123456789012345678901234567890123", None),
        ("change-me-change-me-change-me-1234567", "secret-default"),
        ("please-use-your-own-Secret-0123456789", "secret-default"),
        ("请改成自己的密钥请改成自己的密钥请改成自己的密钥请改成自己的密钥", "secret-default"),
        (GOOD, None),
    ],
)
def test_a_weak_secret_is_refused_and_never_said(settings, secret, code):
    refusal = startup.weak_secret(replace(settings, secret=None if secret is None else Secret(secret)))
    assert (refusal.code if refusal else None) == code
    if refusal:
        is_a_sentence(refusal)
        assert not secret or secret not in refusal.message


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o640])
@pytest.mark.parametrize(("open_to", "bad"), [(0, False), (0o004, True), (0o002, True), (0o020, True)])
def test_a_key_that_others_can_read_is_refused(settings, mode, open_to, bad):
    settings.secret_file.write_text(GOOD, "utf-8")
    settings.secret_file.chmod(mode | open_to)
    refusal = startup.readable_keys(settings)
    assert bool(refusal) is bad
    if refusal:
        assert "chmod 0400" in is_a_sentence(refusal).next


def test_the_signing_key_is_looked_at_too(settings):
    settings.signing_key.write_text("key", "utf-8")
    settings.signing_key.chmod(0o644)
    assert startup.readable_keys(settings).code == "key-readable"


def test_a_secret_file_named_in_the_environment_is_looked_at_too(settings, tmp_path, monkeypatch):
    file = tmp_path / "oidc"
    file.write_text("x", "utf-8")
    file.chmod(0o644)
    monkeypatch.setenv("ZHUNSHENG_OIDC_SECRET_FILE", str(file))
    assert startup.readable_keys(settings).code == "key-readable"


@pytest.mark.parametrize(
    ("host", "address", "refused"),
    [
        ("127.0.0.1", "", False),
        ("::1", "", False),
        ("0.0.0.0", "", True),  # noqa: S104  this is what must be refused
        ("192.168.1.5", "", True),
        ("127.0.0.1", "https://zp.example.org", True),
    ],
)
def test_a_demonstration_is_for_this_machine_only(settings, host, address, refused):
    shown = replace(settings, host=host, address=address, demonstration=True)
    refusal = startup.public_demonstration(shown)
    assert bool(refusal) is refused
    assert startup.public_demonstration(replace(shown, demonstration=False)) is None
    if refusal:
        is_a_sentence(refusal)


def test_a_store_that_is_not_there_is_not_made_up(settings):
    (refusal,) = startup.before_opening(settings)
    assert "zhunsheng init" in is_a_sentence(refusal).next
    assert not settings.sqlite.exists()


def test_a_restore_that_stopped_half_way_is_told(settings, database):
    (settings.data / "restore-unfinished").write_text("/somewhere/else", "utf-8")
    (refusal,) = startup.before_opening(settings)
    assert "/somewhere/else" in is_a_sentence(refusal).what


def test_a_store_without_tables_is_refused(settings):
    database = open_store(str(settings.sqlite))
    (refusal,) = startup.after_opening(settings, database, Library())
    assert is_a_sentence(refusal).code == "store-empty"
    database.close()


@pytest.mark.parametrize(
    ("revision", "code"), [("an-old-one", "migration-newer"), (None, "migration-pending")]
)
def test_a_pending_migration_is_refused(settings, database, revision, code):
    database.write(lambda c: c.execute(text("DELETE FROM alembic_version")))
    if revision:
        database.write(lambda c: c.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision}))
    (refusal,) = startup.after_opening(settings, database, Library())
    assert is_a_sentence(refusal).code == code


@pytest.mark.parametrize(("state", "refused"), [("草稿", False), ("进行中", True), ("归档", False)])
def test_an_open_round_must_have_its_edition(settings, database, state, refused):
    row = {
        "id": "R1",
        "title": "2026 年绿色食堂",
        "standard": "green-canteen",
        "edition": "2024-draft",
        "edition_hash": "a" * 64,
        "as_of": "2026-06-30",
        "state": state,
        "created_at": AT,
    }
    database.write(lambda connection: connection.execute(insert(rounds).values(row)))
    found = startup.after_opening(settings, database, Library())
    assert bool(found) is refused
    if found:
        assert "2026 年绿色食堂" in is_a_sentence(found[0]).what


def test_an_edition_that_was_changed_is_refused(settings, database):
    library, _ = load(Path(__file__).parents[2])
    edition = library.edition("green-canteen", "2024-draft")
    row = {
        "id": "R1",
        "title": "2026 年绿色食堂",
        "standard": "green-canteen",
        "edition": "2024-draft",
        "edition_hash": edition.hash,
        "as_of": "2026-06-30",
        "state": "进行中",
        "created_at": AT,
    }
    database.write(lambda connection: connection.execute(insert(rounds).values(row)))
    assert startup.missing_editions(database, library) is None
    unguarded(database, "rounds")
    database.write(lambda connection: connection.execute(rounds.update().values(edition_hash="b" * 64)))
    assert "bbbbbbbbbbbb…" in is_a_sentence(startup.missing_editions(database, library)).what


def test_demonstration_data_and_real_data_are_kept_apart(settings, database):
    shown = replace(settings, demonstration=True)
    assert is_a_sentence(startup.demonstration_data(database, shown)).code == "demonstration-real"
    line = Entry(startup.MARK, "system", AT, "system", "demo.fill", "system", {})
    database.write(lambda connection: append(connection, line))
    assert startup.demonstration_data(database, shown) is None
    assert is_a_sentence(startup.demonstration_data(database, settings)).code == "demonstration-data"
