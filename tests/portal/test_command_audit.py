"""zhunsheng audit: from a fresh key to a report checked offline, and every slip told in Chinese."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete

from engine.command import COMMANDS as JUDGING
from portal.command import COMMANDS, main
from portal.signing import PUBLIC_NAME, SECRET_NAME, load_secret, sign_document
from portal.store.tables import leaves
from portal.trail import Entry, append
from portal.trail_proof import bundle
from tests.command.conftest import ENGLISH, REPOSITORY, Typed
from tests.portal.trails import moment, unguarded

REPORT = b'{"grade":"4A"}'


@pytest.fixture
def typed(capsys):
    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        printed = capsys.readouterr()
        said = printed.err + ("" if printed.out[:1] in ("{", "[") else printed.out)
        assert not ENGLISH.search(said), said
        return Typed(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def place(store_address, database, tmp_path, typed):
    """Give a folder with keys, and a store with ten lines, the last of them that of a report."""
    for number in range(1, 10):
        line = Entry(f"op-{number}", f"a:{number % 2}", moment(number), "某人", "answer.save", "fact", {})
        database.write(lambda c, line=line: append(c, line))
    digest = hashlib.sha256(REPORT).hexdigest()
    scored = Entry("score", "a:1", moment(10), "系统", "assessment.submit", "final", {"sha256": digest})
    database.write(lambda c: append(c, scored))
    assert typed("audit", "keys", tmp_path / "keys").code == 0
    return tmp_path


@pytest.fixture
def store(store_address):
    return ("--store", store_address)


@pytest.fixture
def sealed(place, store, typed):
    made = typed("audit", "checkpoint", "--secret", place / "keys" / SECRET_NAME, *store)
    assert made.code == 0, made.err
    (place / "held.txt").write_text(made.out, "utf-8", newline="")
    return place


def public(place):
    return ("--key", place / "keys" / PUBLIC_NAME)


def test_keys_checkpoint_export_and_verify_belong_together(sealed, store, typed):
    file = sealed / "trail.jsonl"
    exported = typed("audit", "export", file, *store)
    assert (exported.code, "日志和检查点共 11 条" in exported.out) == (0, True)
    for words in ((file,), (file, "--held", sealed / "held.txt"), store):
        found = typed("audit", "verify", *words, *public(sealed))
        assert found.code == 0, found.out
        assert "审计日志核对：通过。\n共 10 行、2 条链、1 个检查点" in found.out
    assert [one.name for one in sealed.iterdir() if one.name.startswith(".")] == []


def test_a_forged_file_ends_with_1_and_its_first_wrong_place(sealed, store, typed):
    file = sealed / "trail.jsonl"
    typed("audit", "export", file, *store)
    lines = file.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace("某人".encode(), "他人".encode())
    file.write_bytes(b"".join(lines))
    found = typed("audit", "verify", file, *public(sealed))
    assert found.code == 1
    assert found.out == (
        "审计日志核对：不通过。\n"
        "第 5 行（链 a:0 第 2 条）：内容与它的指纹不符，写入之后被改动过。"
        "请保存这份文件，并与更早的导出或备份对照。\n"
        "在这之前核对无误的有 3 行、2 条链、0 个检查点。\n"
    )
    told = json.loads(typed("audit", "verify", file, *public(sealed), "--json").out)
    assert (told["ok"], told["wrong"]["code"], told["wrong"]["line"]) == (False, "altered", 5)


def test_a_report_is_checked_with_what_lies_beside_it(sealed, database, typed):
    report = sealed / "report.json"
    report.write_bytes(REPORT)
    key = load_secret(sealed / "keys" / SECRET_NAME)
    (sealed / "report.json.minisig").write_text(sign_document(REPORT, key, "final"), newline="")
    with database.read() as connection:
        (sealed / "report.json.proof.json").write_text(bundle(connection, "score"), "utf-8", newline="")
    found = typed("audit", "verify", report, *public(sealed))
    assert found.code == 0, found.out
    assert "签名无误" in found.out
    assert "它在审计日志里：2026-11-01T00:00:10.000000Z 记入，是第 10 行" in found.out
    report.write_bytes(REPORT + b" ")
    broken = typed("audit", "verify", report, *public(sealed))
    assert (broken.code, "签名之后有改动" in broken.out) == (1, True)
    (sealed / "report.json.minisig").unlink()
    alone = typed("audit", "verify", report, *public(sealed), "--json")
    assert json.loads(alone.out)["wrong"]["code"] == "proof_other"


def test_slips_are_told_with_what_to_do(sealed, store, typed):
    for words, code, said in (
        (("verify", "nowhere.jsonl", *public(sealed)), 2, "打不开文件 nowhere.jsonl"),
        (("verify", "--key", "nowhere.pub", *store), 2, "打不开 nowhere.pub"),
        (("verify", "--key", sealed / "held.txt", *store), 2, "不是"),
        (("verify", *store), 2, "少写了参数 key"),
        (("verify", "--store", "nowhere.db", *public(sealed)), 2, "没有找到库 nowhere.db"),
        (("verify", sealed / "held.txt", *public(sealed)), 1, "不是规定的格式"),
        (("verify", "--held", sealed / "keys" / PUBLIC_NAME, *public(sealed), *store), 1, "检查点不完整"),
        (("export", sealed / "held.txt", *store), 2, "没有覆盖"),
        (("export", sealed / "no" / "where.jsonl", *store), 2, "写不了文件"),
        (("checkpoint", "--secret", "nowhere", *store), 2, "打不开 nowhere"),
        (
            ("checkpoint", "--secret", sealed / "keys" / SECRET_NAME, "--origin", "a b", *store),
            2,
            "日志的名字",
        ),
        (("keys", sealed / "held.txt"), 2, "建不了文件夹"),
        (("forge",), 2, "没有这个子命令"),
        ((), 2, "请在后面写上命令"),
    ):
        found = typed("audit", *words)
        assert found.code == code, (words, found)
        assert said in found.out + found.err, (words, found)


def test_an_empty_store_and_a_file_that_is_none_are_told(store_address, database, tmp_path, typed):
    typed("audit", "keys", tmp_path)
    found = typed("audit", "checkpoint", "--secret", tmp_path / SECRET_NAME, "--store", store_address)
    assert (found.code, "日志还是空的" in found.err) == (1, True)
    (tmp_path / "other.db").write_bytes(b"no database" * 100)
    found = typed("audit", "verify", "--store", tmp_path / "other.db", *("--key", tmp_path / PUBLIC_NAME))
    assert (found.code, "准绳的表" in found.err) == (2, True)


def test_a_store_that_is_broken_gets_no_checkpoint(sealed, database, store_address, typed):
    unguarded(database, "leaves")
    database.write(lambda c: c.execute(delete(leaves).where(leaves.c.position == 2)))
    found = typed("audit", "checkpoint", "--secret", sealed / "keys" / SECRET_NAME, "--store", store_address)
    assert (found.code, "审计日志与已签名的检查点不符" in found.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [["audit"], *(["audit", one] for one in ("verify", "export", "checkpoint", "publication", "keys"))],
)
def test_help_is_chinese(typed, words):
    page = typed(*words, "--help")
    assert page.code == 0
    assert f"用法：zhunsheng {' '.join(words)}" in page.out
    for english in ("Options", "Arguments", "Commands", "OPTIONS", "required", "default:"):
        assert english not in page.out


def test_the_command_line_offers_what_the_engine_offers_and_more(typed):
    page = typed("--help").out
    assert [name for name in COMMANDS if f" {name} " not in page] == []
    assert set(JUDGING) < set(COMMANDS)
    assert typed("chekc").err.startswith("没有命令 chekc。最接近的是 check。")


def test_it_is_a_program_of_its_own_and_judging_does_not_load_the_store():
    command = [sys.executable, "-m", "portal.command", "audit", "verify"]
    slip = subprocess.run(
        command, capture_output=True, text=True, cwd=REPOSITORY, check=False, encoding="utf-8"
    )
    assert (slip.returncode, slip.stdout) == (2, "")
    assert "少写了参数 key" in slip.stderr
    program = (
        "import sys\nfrom portal.command import COMMANDS\nfrom engine.command import build\n"
        "build(['check'], COMMANDS)\nprint(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    assert {"sqlalchemy", "cryptography"}.isdisjoint(done.stdout.split())


def test_the_script_that_is_installed_is_this_one():
    project = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    assert re.search(r'^zhunsheng = "portal.command:main"$', project, re.MULTILINE)
    assert callable(main)


def test_the_folder_of_data_says_where_the_store_is(sealed, database, store_address, typed, monkeypatch):
    if database.kind == "postgresql":
        monkeypatch.setenv("ZHUNSHENG_DATABASE", store_address)
    else:
        monkeypatch.setenv("ZHUNSHENG_DATA", str(Path(store_address).parent))
    assert typed("audit", "verify", *public(sealed)).code == 0
