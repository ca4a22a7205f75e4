"""Settings: read once, nothing misspelt is passed over, and no secret shows itself."""

import pytest

from portal.settings import Settings, is_local, read_settings, without_password

SECRET = "9f2c4d1ab07e63588a1d2c3b4e5f60718293a4b5c6d7e8f9"  # noqa: S105  made up


def read(**given) -> Settings:
    settings, problems = read_settings({f"ZHUNSHENG_{name}": value for name, value in given.items()})
    assert not problems, [one.message for one in problems]
    return settings


def refused(**given) -> list[str]:
    settings, problems = read_settings({f"ZHUNSHENG_{name}": value for name, value in given.items()})
    assert settings is None
    return [one.message for one in problems]


def test_nothing_set_means_a_folder_here_and_this_machine_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = read()
    assert found.sqlite == tmp_path / "data" / "zhunsheng.db"
    assert found.evidence_folder == tmp_path / "data" / "evidence"
    assert (found.host, found.port) == ("127.0.0.1", 8501)
    assert not found.demonstration
    assert found.secret is None


def test_settings_cannot_be_changed(tmp_path):
    with pytest.raises(AttributeError):
        read(DATA=str(tmp_path)).port = 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DATABSE": "x"}, "没有 ZHUNSHENG_DATABSE 这项设置。是不是 ZHUNSHENG_DATABASE？请改正或去掉。"),
        (
            {"LISTEN": "8501"},
            "ZHUNSHENG_LISTEN（监听地址）写的是 8501。请写成 主机:端口，如 127.0.0.1:8501。",
        ),
        (
            {"LISTEN": "host:１２"},
            "ZHUNSHENG_LISTEN（监听地址）写的是 host:１２。请写成 主机:端口，如 127.0.0.1:8501。",
        ),
        (
            {"LISTEN": "host:99999"},
            "ZHUNSHENG_LISTEN（监听地址）写的是 host:99999。请写成 主机:端口，如 127.0.0.1:8501。",
        ),
        (
            {"DEMONSTRATION": "maybe"},
            "ZHUNSHENG_DEMONSTRATION（演示模式）写的是 maybe。要演示写 1，否则不写。",
        ),
        (
            {"LOG": "loud"},
            "ZHUNSHENG_LOG（运行日志级别）写的是 loud。请写 debug、info、warning、error 之一。",
        ),
        ({"ADDRESS": "zp.example.org"}, "ZHUNSHENG_ADDRESS（对外网址）写的是 zp.example.org。"),
        (
            {"EVIDENCE": "gs://hidden@bucket"},
            "ZHUNSHENG_EVIDENCE（证据存放的地址）写的是 gs://，不认识或不完整。",
        ),
        ({"EVIDENCE": "s3:///"}, "ZHUNSHENG_EVIDENCE（证据存放的地址）写的是 s3://，不认识或不完整。"),
        ({"DATABASE": "mysql://u:hidden@h/d"}, "ZHUNSHENG_DATABASE（数据库地址）写的是 mysql://，不认识。"),
        ({"OIDC_CLIENT": "a"}, "还缺 ZHUNSHENG_OIDC_ISSUER、ZHUNSHENG_OIDC_SECRET"),
        (
            {"OIDC_ISSUER": "http://sso.example.org", "OIDC_CLIENT": "a", "OIDC_SECRET": "b"},
            "不是 https 网址。登录信息不能明文传送",
        ),
        ({"SECRET_FILE": "/nowhere/at/all"}, "签名用的密钥 /nowhere/at/all 不存在。请核对路径"),
        ({"SECRET": SECRET, "SECRET_FILE": "x"}, "同时写了。请只留一个。"),
        ({"SETTINGS": "/nowhere/at/all"}, "设置文件 /nowhere/at/all 不存在。"),
    ],
)
def test_a_slip_is_told_with_the_next_step(given, said):
    (message,) = refused(**given)
    assert said in message
    assert "hidden" not in message


def test_every_slip_is_told_at_once():
    assert len(refused(LOG="loud", LISTEN="x", TYPO="1")) == 3


def test_a_file_of_settings_is_read_and_the_environment_wins(tmp_path):
    file = tmp_path / "zhunsheng.env"
    file.write_text(
        f'# 说明\n\nZHUNSHENG_DATA="{tmp_path}/data"\nZHUNSHENG_LISTEN=127.0.0.1:1\nZHUNSHENG_LOG=debug\n',
        "utf-8",
    )
    found = read(SETTINGS=str(file), LISTEN="127.0.0.1:2")
    assert (found.data, found.port, found.log) == (tmp_path / "data", 2, "debug")


def test_a_line_that_is_no_setting_is_told_with_its_number(tmp_path):
    file = tmp_path / "zhunsheng.env"
    file.write_text("ZHUNSHENG_LOG=debug\nexport X\n", "utf-8")
    (message,) = refused(SETTINGS=str(file))
    assert "第 2 行不是“ZHUNSHENG_名称=值”" in message


def test_secrets_come_from_files_and_show_themselves_nowhere(tmp_path):
    for name, text in (("key", SECRET), ("db", "postgresql://u:pass%20word@h/d"), ("s3", "s3-secret")):
        (tmp_path / name).write_text(text + "\n", "utf-8")
    found = read(
        SECRET_FILE=str(tmp_path / "key"),
        DATABASE_FILE=str(tmp_path / "db"),
        EVIDENCE_SECRET_FILE=str(tmp_path / "s3"),
        OIDC_ISSUER="https://sso.example.org",
        OIDC_CLIENT="zhunsheng",
        OIDC_SECRET="oidc-secret",  # noqa: S106  made up
    )
    assert found.secret.open() == SECRET
    assert found.database.open() == "postgresql://u:pass%20word@h/d"
    assert set(found.secrets) == {SECRET, "pass%20word", "s3-secret", "oidc-secret"}
    shown = f"{found!r} {found} {found.secret} {found.sign_on}"
    assert not [secret for secret in found.secrets if secret in shown]


def test_an_address_is_shown_without_its_password():
    assert without_password("postgresql://u:hidden@h:5432/d") == "postgresql://u:***@h:5432/d"
    assert without_password("/var/lib/zhunsheng.db") == "/var/lib/zhunsheng.db"


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("127.8.9.1", True),
        ("0.0.0.0", False),  # noqa: S104  this is what must be told apart
        ("::", False),
        ("10.0.0.5", False),
        ("zp.example.org", False),
        ("", False),
    ],
)
def test_this_machine_only_is_told_apart(host, local):
    assert is_local(host) is local
