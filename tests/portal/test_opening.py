"""Start-up as a whole: each thing that is wrong stops it with one sentence, nothing is touched; without the check it opens."""

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from portal import opening, startup
from portal.command import main
from portal.lock import FolderLock
from portal.opening import Opened, open_portal
from portal.settings import read_settings
from portal.signing import make_keys
from portal.store.database import open_store
from portal.store.tables import rounds
from portal.trail import Entry, append

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-11-26T00:00:00.000000Z"
GOOD = "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9"
ROUND = {
    "id": "R1",
    "title": "2026 年评定",
    "standard": "green-canteen",
    "edition": "2023",
    "edition_hash": "a" * 64,
    "as_of": "2026-06-30",
    "state": "进行中",
    "created_at": AT,
}


@pytest.fixture
def place(sqlite_address, monkeypatch):
    """Give a sound installation: its settings in the environment."""
    data = Path(sqlite_address).parent
    (data / "secret.key").write_text(GOOD, "utf-8")
    (data / "secret.key").chmod(0o400)
    for name in [name for name in os.environ if name.startswith("ZHUNSHENG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ZHUNSHENG_DATA", str(data))
    monkeypatch.setenv("ZHUNSHENG_RULES", str(ROOT))
    return data


def settings():
    found, problems = read_settings()
    assert not problems, problems
    return found


def store(place, work):
    database = open_store(str(place / "zhunsheng.db"))
    database.write(work)
    database.close()


def old_sqlite(place, monkeypatch):
    monkeypatch.setattr(startup, "sqlite_module", lambda: type("Old", (), {"sqlite_version": "3.40.1"}))


def network(place, monkeypatch):
    monkeypatch.setattr(startup.network_folder, "__defaults__", (lambda _: "nfs4",))


def no_secret(place, monkeypatch):
    (place / "secret.key").unlink()


def short_secret(place, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_SECRET", "0a1b2c3d")


def default_secret(place, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_SECRET", "change-me-change-me-change-me-change-me")


def readable_key(place, monkeypatch):
    (place / "secret.key").chmod(0o644)


def public(place, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_DEMONSTRATION", "1")
    monkeypatch.setenv("ZHUNSHENG_LISTEN", "0.0.0.0:8501")
    store(
        place, lambda c: append(c, Entry(startup.MARK, "system", AT, "demo", "system.operate", "store", {}))
    )


def older(place, monkeypatch):
    store(place, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '0001'")))


def newer(place, monkeypatch):
    store(place, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))


def no_edition(place, monkeypatch):
    store(place, lambda c: c.execute(insert(rounds).values(ROUND)))


def demonstration_data(place, monkeypatch):
    store(
        place, lambda c: append(c, Entry(startup.MARK, "system", AT, "demo", "system.operate", "store", {}))
    )


def real_data(place, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_DEMONSTRATION", "1")


def unfinished(place, monkeypatch):
    (place / "restore-unfinished").write_text(str(place / "replaced-x"), "utf-8")


FAULTS = {
    old_sqlite: ("sqlite-faulty", "faulty_sqlite"),
    network: ("sqlite-network", "network_folder"),
    no_secret: ("secret-missing", "weak_secret"),
    short_secret: ("secret-short", "weak_secret"),
    default_secret: ("secret-default", "weak_secret"),
    readable_key: ("key-readable", "readable_keys"),
    public: ("demonstration-public", "public_demonstration"),
    unfinished: ("restore-unfinished", "unfinished_restore"),
    older: ("migration-pending", "pending_migration"),
    newer: ("migration-newer", "pending_migration"),
    no_edition: ("edition-missing", "missing_editions"),
    demonstration_data: ("demonstration-data", "demonstration_data"),
    real_data: ("demonstration-real", "demonstration_data"),
}


def test_a_sound_installation_opens(place):
    with open_portal(settings()) as found:
        assert found.portal.library().editions


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_each_fault_stops_the_start_with_one_sentence(place, monkeypatch, capsys, fault):
    fault(place, monkeypatch)
    before = (place / "zhunsheng.db").read_bytes()
    with pytest.raises(SystemExit) as ended:
        main(["serve"])
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert re.fullmatch(r".*[一-鿿].*。.*。\n", said), said
    assert not re.search(r"Traceback|Error|Exception|[a-z]+ [a-z]+ [a-z]+", said), said
    assert GOOD not in said
    assert (place / "zhunsheng.db").read_bytes() == before


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_it_is_the_check_that_stops_it(place, monkeypatch, fault):
    """The same fault, with its check taken away: the portal opens, so the protection is what bites."""
    code, check = FAULTS[fault]
    fault(place, monkeypatch)
    found = open_portal(settings())
    assert isinstance(found, list)
    assert [one.code for one in found] == [code]
    monkeypatch.setattr(startup, check, lambda *_: None)
    monkeypatch.setattr(startup, "BEFORE", tuple(one for one in startup.BEFORE if one.__name__ != check))
    found = open_portal(settings())
    assert isinstance(found, Opened)
    found.__exit__(None, None, None)


def test_two_servers_of_one_folder_are_one_too_many(place):
    with open_portal(settings(), alone=True):
        found = open_portal(settings(), alone=True)
        assert [one.code for one in found] == ["folder-in-use"]
        with open_portal(settings()):
            pass  # a command may look in meanwhile
    with FolderLock(place):
        assert isinstance(open_portal(settings(), alone=True), list)
    with open_portal(settings(), alone=True):
        pass


def test_rules_that_are_wrong_or_missing_stop_it(place, tmp_path, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_RULES", str(tmp_path))
    assert [one.code for one in open_portal(settings())] == ["rules-missing"]
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    shutil.copytree(ROOT / "checklists", tmp_path / "checklists")
    (tmp_path / "checklists" / "canteen.yaml").write_text("checklist: [", "utf-8")
    (found,) = open_portal(settings())
    assert found.code == "rules-wrong"
    assert "checklists/canteen.yaml" in found.what


def test_a_signing_key_that_lies_open_stops_it(place):
    make_keys(place)
    (place / "signing.key").chmod(0o440)
    (found,) = open_portal(settings())
    assert found.code == "signing-key"
    (place / "signing.key").chmod(0o400)
    with open_portal(settings()) as opened:
        assert opened.portal.seal is not None


def test_a_store_that_is_away_is_told(place, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_DATABASE", "postgresql://u:hidden@/d?host=/nowhere&connect_timeout=1")
    (found,) = open_portal(settings())
    assert found.code == "store-away"
    assert "hidden" not in found.message


def test_a_file_that_is_no_database_is_told_apart(place, tmp_path, monkeypatch):
    (tmp_path / "other.db").write_bytes(b"not a database at all" * 1000)
    monkeypatch.setenv("ZHUNSHENG_DATABASE", str(tmp_path / "other.db"))
    (found,) = open_portal(settings())
    assert found.code == "store-damaged"
    assert "zhunsheng restore" in found.next


def test_an_address_of_evidence_that_makes_no_sense_is_told(place, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_EVIDENCE", "s3://key:secret@bucket")
    assert [one.code for one in open_portal(settings())] == ["evidence-address"]


def test_keys_of_a_bucket_go_where_its_client_looks(place, monkeypatch):
    monkeypatch.setattr(opening.os, "environ", dict(os.environ))
    found = replace(settings(), evidence_key="name")
    opening.blobs_of(found)
    assert opening.os.environ["AWS_ACCESS_KEY_ID"] == "name"
