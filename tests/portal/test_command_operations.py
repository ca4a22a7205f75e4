"""The commands that put the portal to work: from an empty folder to a restored copy, and every slip told in Chinese."""

import json
import os
import re
import socket
import stat
from pathlib import Path

import pytest
from rows import row
from sqlalchemy import func, select, text

from portal.command import main, operations
from portal.command.shared import opened_or_stop, settings_or_stop
from portal.demo import filling
from portal.demo.plan import SMALL_BOOKS
from portal.once import carry_out, digest, note, state_changed
from portal.people.actors import OPERATOR
from portal.signing import PUBLIC_NAME, SECRET_NAME, load_public
from portal.store.database import open_store
from portal.store.tables import accounts, log, publications, universities
from tests.command.conftest import ENGLISH, Typed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Give an empty folder, named in the environment."""
    for name in [name for name in os.environ if name.startswith("ZHUNSHENG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ZHUNSHENG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ZHUNSHENG_RULES", str(ROOT))
    return tmp_path


@pytest.fixture
def typed(place, capsys):
    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        printed = capsys.readouterr()
        said = printed.err + ("" if printed.out[:1] in ("{", "[") else printed.out)
        assert not ENGLISH.search(said.replace(str(place), "")), said
        return Typed(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def ready(typed):
    """Prepare an installation, and return the first password."""
    found = typed("init")
    assert found.code == 0, found.err
    return re.search(r"初始密码 (\S+)，", found.out).group(1)


def count(place, table, data="data"):
    database = open_store(str(place / data / "zhunsheng.db"))
    with database.read() as connection:
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()
    database.close()
    return found


def test_init_makes_what_is_not_there_for_its_owner_only(place, typed, ready):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (place / "data").iterdir()}
    assert modes["secret.key"] == modes["signing.key"] == 0o400
    assert stat.S_IMODE((place / "data").stat().st_mode) == 0o700
    assert len((place / "data" / "secret.key").read_text("ascii")) == 64
    assert count(place, accounts) == 1
    secret = (place / "data" / "secret.key").read_bytes()
    again = typed("init")
    assert (again.code, count(place, accounts)) == (0, 1)
    assert "初始密码" not in again.out
    assert (place / "data" / "secret.key").read_bytes() == secret


def test_two_installations_share_no_secret(place, typed, ready, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_DATA", str(place / "other"))
    assert typed("init").code == 0
    for name in ("secret.key", "signing.key"):
        assert (place / "data" / name).read_bytes() != (place / "other" / name).read_bytes()


def test_the_key_of_init_seals_what_is_published_and_the_public_half_checks_it(place, typed, ready):
    data = place / "data"
    with opened_or_stop(settings_or_stop()) as opened:
        portal = opened.portal
        assert portal.seal.signer.public == load_public(data / PUBLIC_NAME)
        document, seal = '{"results":[]}', {"sha256": digest('{"results":[]}'), "kind": "publicity"}

        def publish(connection):
            found = row(
                connection, publications, id="P1", document=document, sha256=seal["sha256"], withdrawn_at=None
            )
            line = (f"r:{found['round_id']}", portal.at(), OPERATOR, "publication.document", found["id"])
            note(connection, "out", *line, seal)
            state_changed(connection)
            return found["id"]

        number = carry_out(portal, publish)
    found = typed("audit", "publication", number, place / "out")
    assert found.code == 0, found.err
    (file,) = (place / "out").glob("*.json.minisig")
    checked = typed("audit", "verify", file.with_suffix(""), "--key", data / PUBLIC_NAME)
    assert checked.code == 0, checked.out
    assert "签名无误" in checked.out
    assert "它在审计日志里" in checked.out
    assert typed("audit", "publication", "none", place / "out").code == 1


@pytest.mark.parametrize("mode", [0o404, 0o440, 0o644])
def test_a_signing_key_that_lies_open_stops_every_start(place, typed, ready, mode):
    (place / "data" / SECRET_NAME).chmod(mode)
    found = typed("health")
    assert found.code == 1
    assert SECRET_NAME in found.err
    assert "chmod" in found.err


@pytest.mark.parametrize("command", ["serve", "health", "user list", "backup x", "export x"])
def test_nothing_works_before_init_and_nothing_is_made_up(place, typed, command):
    found = typed(*command.split())
    assert found.code == 1
    assert "zhunsheng init" in found.err
    assert not (place / "data" / "zhunsheng.db").exists()


def test_a_slip_in_the_settings_is_told_by_every_command(typed, monkeypatch):
    monkeypatch.setenv("ZHUNSHENG_DATABSE", "x")
    for command in ("init", "serve", "health", "demo"):
        found = typed(command)
        assert found.code == 2
        assert "ZHUNSHENG_DATABASE" in found.err


def test_health_says_how_everything_is(typed, ready):
    assert typed("health").code == 0
    found = typed("health", "--json")
    assert json.loads(found.out) == {
        "ready": True,
        "checks": dict.fromkeys(("store", "evidence", "tables", "trail"), ""),
    }
    away = typed("health", "--url", "http://127.0.0.1:1")
    assert (away.code, "没有答复" in away.err) == (1, True)
    assert typed("health", "--url", "file:///etc/passwd").code == 2


def test_accounts_are_looked_after_at_the_machine(place, typed, ready):
    assert "初始密码" in typed("user", "add", "zhang", "张三", "秘书处").out
    assert "zhang  张三  秘书处" in typed("user", "list").out
    assert typed("user", "disable", "zhang", "调离").code == 0
    assert "已停用" in typed("user", "list").out
    assert typed("user", "enable", "zhang").code == 0
    assert "初始密码" in typed("user", "reset", "zhang").out
    rows = json.loads(typed("user", "list", "--json").out)
    assert {row["login"] for row in rows} == {"admin", "zhang"}
    for words in (
        ("add", "li", "李四", "厨师"),
        ("add", "li", "李四", "填报员"),
        ("add", "li", "李四", "填报员", "--university", "none"),
        ("disable", "nobody", "x"),
        ("disable", "zhang", " "),
        ("disable", "admin", "x"),
        ("add", "zhang", "张三", "秘书处"),
    ):
        assert typed("user", *words).code in (1, 2), words
    assert count(place, accounts) == 2


def test_a_backup_is_made_checked_and_restored(place, typed, ready):
    assert typed("user", "add", "zhang", "张三", "秘书处").code == 0
    found = typed("backup", place / "backups")
    assert found.code == 0, found.err
    (folder,) = (path for path in (place / "backups").iterdir() if path.name != "evidence")
    assert "完好" in typed("restore", folder, "--check").out
    assert typed("user", "add", "li", "李四", "秘书处").code == 0
    assert count(place, accounts) == 3
    found = typed("restore", folder)
    assert found.code == 0, found.err
    assert count(place, accounts) == 2
    assert typed("health").code == 0
    assert folder.name in typed("restore", place / "backups").err
    assert "没有" in typed("restore", place / "nowhere").err
    store = next(folder.glob("store.db"))
    store.write_bytes(store.read_bytes()[:-1])
    assert "没有动过" in typed("restore", folder).err
    assert "没有动过" in typed("restore", folder, "--check").err
    assert count(place, accounts) == 2


def test_only_so_many_backups_are_kept(place, typed, ready):
    for _ in range(3):
        assert typed("backup", place / "backups", "--keep", "2").code == 0
    assert len([path for path in (place / "backups").iterdir() if path.name != "evidence"]) == 2


def test_everything_is_exported_and_imported(place, typed, ready, monkeypatch):
    assert typed("export", place / "all.tar").code == 0
    assert "没有覆盖" in typed("export", place / "all.tar").err
    assert "已经有数据" in typed("import", place / "all.tar").err
    monkeypatch.setenv("ZHUNSHENG_DATA", str(place / "other"))
    bad = place / "bad.tar"
    bad.write_bytes((place / "all.tar").read_bytes()[:-1])
    assert "什么都没有写入" in typed("import", bad).err
    assert not (place / "other").exists()
    found = typed("import", place / "all.tar")
    assert found.code == 0, found.err
    assert typed("export", place / "again.tar").code == 0
    assert (place / "again.tar").read_bytes() == (place / "all.tar").read_bytes()
    assert count(place, log, "other") == count(place, log)


def test_an_import_does_not_even_migrate_a_store_that_holds_something(place, typed, ready):
    assert typed("export", place / "all.tar").code == 0
    database = open_store(str(place / "data" / "zhunsheng.db"))
    older = text("UPDATE alembic_version SET version_num = '0001'")
    database.write(lambda connection: connection.execute(older))
    database.close()
    before = (place / "data" / "zhunsheng.db").read_bytes()
    assert "什么都没有写入" in typed("import", place / "all.tar").err
    assert (place / "data" / "zhunsheng.db").read_bytes() == before


def test_a_port_that_is_taken_is_told_in_a_sentence(typed, ready, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("ZHUNSHENG_LISTEN", f"127.0.0.1:{port}")
        found = typed("serve")
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith(f"{port} 端口已被另一个程序占用。")
    monkeypatch.setenv("ZHUNSHENG_LISTEN", "192.0.2.1:8501")
    assert "没有 192.0.2.1 这个地址" in typed("serve").err


def test_a_demonstration_keeps_to_its_own_folder(place, typed, ready, monkeypatch):
    real = filling.fill
    monkeypatch.setattr(
        filling, "fill", lambda portal, samples, now, told: real(portal, samples, now, SMALL_BOOKS[2:3], told)
    )
    found = typed("demo", "--only-fill")
    assert found.code == 0, found.err
    assert "演示模式" in found.out
    assert count(place, universities) == 0
    assert count(place, universities, "data/demonstration") == 12
    assert typed("demo", "--only-fill").out.count("第一次演示") == 0
    monkeypatch.setenv("ZHUNSHENG_LISTEN", "0.0.0.0:8501")
    assert "只能在本机打开" in typed("demo", "--only-fill").err
    monkeypatch.delenv("ZHUNSHENG_LISTEN")
    monkeypatch.setenv("ZHUNSHENG_DATA", str(place / "data" / "demonstration"))
    assert "演示数据" in typed("serve").err
    assert operations.demonstration(
        {"ZHUNSHENG_DATABASE": "postgresql://real", "ZHUNSHENG_LOG": "debug"}
    ) == {
        "ZHUNSHENG_LOG": "debug",
        "ZHUNSHENG_DATA": "data/demonstration",
        "ZHUNSHENG_DEMONSTRATION": "1",
    }
