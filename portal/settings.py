"""Settings: read once from the environment and from files, then never changed.

Every setting is `ZHUNSHENG_<NAME>`; `ZHUNSHENG_<NAME>_FILE` names a file that holds the value instead, for secrets. A
file of `NAME=value` lines may be given as `ZHUNSHENG_SETTINGS`; what stands in the environment wins. A setting that
is misspelt is refused: believed set and not set is worse than not set.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.problem import listed, nearest
from portal.refusal import Refusal

PREFIX = "ZHUNSHENG_"

NAMES: Mapping[str, str] = {
    "DATA": "数据文件夹",
    "DATABASE": "数据库地址",
    "EVIDENCE": "证据存放的地址",
    "EVIDENCE_KEY": "对象存储的访问名",
    "EVIDENCE_SECRET": "对象存储的访问密钥",
    "SECRET": "签名用的密钥",
    "SIGNING_KEY": "检查点的签名私钥文件",
    "RULES": "规则库所在的文件夹",
    "LISTEN": "监听地址",
    "ADDRESS": "对外网址",
    "PROXIES": "前面的反向代理的地址",
    "DEMONSTRATION": "演示模式",
    "OIDC_ISSUER": "单点登录的签发者",
    "OIDC_CLIENT": "单点登录的客户端编号",
    "OIDC_SECRET": "单点登录的客户端密钥",
    "LOG": "运行日志级别",
}
"""Every setting and what it is called."""

SECRETS = frozenset({"SECRET", "EVIDENCE_SECRET", "OIDC_SECRET", "DATABASE"})
"""What may come from a file of its own, and is never shown. A database address may hold a password."""

NOT_OURS = frozenset({"BROWSER", "ALL_TESTS", "SETTINGS"})
"""Names with our prefix that are no settings of the portal."""

LISTEN = "127.0.0.1:8501"
YES, NO = {"1", "yes", "true", "on", "是"}, {"", "0", "no", "false", "off", "否"}
LEVELS = ("debug", "info", "warning", "error")

_PASSWORD_IN_ADDRESS = re.compile(r"(://[^:/@\s]*:)[^@/\s]*@")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that no repr, str or log shows; `open` gives it."""

    value: str = field(repr=False)

    def open(self) -> str:
        """Return the value, where it is used and nowhere else."""
        return self.value

    def __str__(self) -> str:
        return "（已隐去）"


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """The server that says who somebody is."""

    issuer: str
    client: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything is and who is let in; see `docs/operations.md` for each."""

    data: Path
    database: Secret
    evidence: str
    evidence_key: str
    evidence_secret: Secret | None
    secret: Secret | None
    """None: not made yet; start-up refuses."""
    secret_file: Path
    signing_key: Path
    rules: Path
    host: str
    port: int
    address: str
    proxies: tuple[str, ...]
    demonstration: bool
    sign_on: SingleSignOn | None
    log: str

    @property
    def sqlite(self) -> Path | None:
        """The file of the store, when it is SQLite."""
        address = self.database.open()
        return None if is_postgresql(address) else Path(address.removeprefix("sqlite:///"))

    @property
    def evidence_folder(self) -> Path | None:
        """The folder of the evidence, when it is one."""
        return None if "://" in self.evidence else Path(self.evidence)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret text, so that logs can leave it out."""
        found = [self.secret, self.evidence_secret, self.sign_on.secret if self.sign_on else None]
        password = _PASSWORD_IN_ADDRESS.search(self.database.open())
        inside = password.group().removeprefix(password.group(1))[:-1] if password else ""
        return tuple(text for text in [*(one.open() for one in found if one), inside] if text)


def is_postgresql(address: str) -> bool:
    """Whether an address names a PostgreSQL database."""
    return address.startswith(("postgresql://", "postgres://"))


def without_password(address: str) -> str:
    """Return an address as it may be shown."""
    return _PASSWORD_IN_ADDRESS.sub(r"\1***@", address)


def is_local(host: str) -> bool:
    """Whether a listen address can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(environment: Mapping[str, str] | None = None) -> tuple[Settings | None, list[Refusal]]:
    """Read the settings; None with every mistake when there are any."""
    given = os.environ if environment is None else environment
    values, problems = _values(given)
    reader = _Reader(values, problems)
    settings = reader.settings()
    return (None if problems else settings), problems


def _values(given: Mapping[str, str]) -> tuple[dict[str, str], list[Refusal]]:
    """Join the file of settings, the environment and the files of single values."""
    found, problems = dict[str, str](), list[Refusal]()
    path = given.get(f"{PREFIX}SETTINGS")
    if path:
        text = _text_of(Path(path), "设置文件", problems)
        found.update(_lines(text or "", path, problems))
    found.update({name: value for name, value in given.items() if name.startswith(PREFIX)})
    values = dict[str, str]()
    for name, value in found.items():
        key = name.removeprefix(PREFIX)
        if key in NOT_OURS:
            continue
        if key in NAMES:
            values[key] = value.strip()
        elif key.removesuffix("_FILE") not in SECRETS or not key.endswith("_FILE"):
            problems.append(_unknown(name))
    for key in SECRETS:
        file = found.get(f"{PREFIX}{key}_FILE", "").strip()
        if file and values.get(key):
            what = f"{PREFIX}{key} 和 {PREFIX}{key}_FILE 同时写了"
            problems.append(Refusal("invalid", "settings-twice", what, "请只留一个"))
        elif file and key == "SECRET":
            values["SECRET_FILE"] = file
        elif file:
            values[key] = (_text_of(Path(file), NAMES[key], problems) or "").strip()
    return values, problems


def _unknown(name: str) -> Refusal:
    near = nearest(name, [f"{PREFIX}{one}" for one in NAMES])
    next_ = f"是不是 {near}？请改正或去掉" if near else "请去掉它，全部设置见 docs/operations.md"
    return Refusal("invalid", "settings-unknown", f"没有 {name} 这项设置", next_)


def _lines(text: str, path: str, problems: list[Refusal]) -> dict[str, str]:
    """Read `NAME=value` lines, the form that systemd and compose read too."""
    found = dict[str, str]()
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        name, equals, value = said.partition("=")
        if not equals or not name.strip().startswith(PREFIX):
            what = f"{path} 第 {number} 行不是“{PREFIX}名称=值”"
            problems.append(Refusal("invalid", "settings-line", what, "请改正这一行，说明写在 # 后面"))
            continue
        value = value.strip()
        quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
        found[name.strip()] = value[1:-1] if quoted else value
    return found


def _text_of(path: Path, title: str, problems: list[Refusal]) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        what, next_ = f"{title} {path} 不是 UTF-8 文本", "请另存为 UTF-8"
    except FileNotFoundError:
        what, next_ = f"{title} {path} 不存在", "请核对路径，或先建好这个文件"
    except OSError:
        what, next_ = f"{title} {path} 读不了", "请让运行准绳的用户能读它（所有者为该用户，权限 0400）"
    problems.append(Refusal("invalid", "settings-file", what, next_))
    return None


class _Reader:
    """Turns texts into settings, and collects what is wrong."""

    def __init__(self, values: Mapping[str, str], problems: list[Refusal]) -> None:
        self.values, self.problems = values, problems

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name) or default

    def wrong(self, name: str, what: str, next_: str) -> None:
        self.problems.append(
            Refusal("invalid", "settings-value", f"{PREFIX}{name}（{NAMES[name]}）{what}", next_)
        )

    def settings(self) -> Settings:
        data = Path(self.text("DATA", "data")).absolute()
        host, port = self.listen()
        file = Path(self.text("SECRET_FILE", str(data / "secret.key")))
        secret = self.text("EVIDENCE_SECRET")
        return Settings(
            data=data,
            database=Secret(self.database(data)),
            evidence=self.evidence(data),
            evidence_key=self.text("EVIDENCE_KEY"),
            evidence_secret=Secret(secret) if secret else None,
            secret=self.secret(file),
            secret_file=file,
            signing_key=Path(self.text("SIGNING_KEY", str(data / "signing.key"))),
            rules=Path(self.text("RULES", ".")).absolute(),
            host=host,
            port=port,
            address=self.address(),
            proxies=tuple(one.strip() for one in self.text("PROXIES").split(",") if one.strip()),
            demonstration=self.demonstration(),
            sign_on=self.sign_on(),
            log=self.level(),
        )

    def database(self, data: Path) -> str:
        address = self.text("DATABASE")
        if not address:
            return f"sqlite:///{(data / 'zhunsheng.db').as_posix()}"
        if is_postgresql(address):
            return address.replace("postgres://", "postgresql://", 1)
        if "://" in address and not address.startswith("sqlite:///"):
            kind = address.partition("://")[0]
            self.wrong(
                "DATABASE",
                f"写的是 {kind}://，不认识",
                "请写 postgresql://用户:密码@主机/库名，或一个文件的路径",
            )
        return f"sqlite:///{Path(address.removeprefix('sqlite:///')).absolute().as_posix()}"

    def evidence(self, data: Path) -> str:
        address = self.text("EVIDENCE", str(data / "evidence"))
        kind, colon, rest = address.partition("://")
        if colon and (kind != "s3" or not rest.strip("/")):
            self.wrong(
                "EVIDENCE",
                f"写的是 {kind}://，不认识或不完整",
                "请写一个文件夹，或 s3://桶/前缀?endpoint=https://…",
            )
        return address

    def secret(self, file: Path) -> Secret | None:
        given = self.text("SECRET")
        if given:
            return Secret(given)
        if not file.exists() and "SECRET_FILE" not in self.values:
            return None
        text = _text_of(file, NAMES["SECRET"], self.problems)
        return Secret(text.strip()) if text is not None else None

    def listen(self) -> tuple[str, int]:
        host, colon, port = self.text("LISTEN", LISTEN).rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
            self.wrong("LISTEN", f"写的是 {self.text('LISTEN')}", f"请写成 主机:端口，如 {LISTEN}")
            return "127.0.0.1", 8501
        return host, int(port)

    def address(self) -> str:
        found = self.text("ADDRESS").rstrip("/")
        if found and not re.fullmatch(r"https?://[^/\s]+(/[^\s?#]*)?", found):
            self.wrong(
                "ADDRESS", f"写的是 {found}", "请写用户在浏览器里打开的网址，如 https://zp.example.org"
            )
        return found

    def demonstration(self) -> bool:
        said = self.text("DEMONSTRATION").lower()
        if said not in YES | NO:
            self.wrong("DEMONSTRATION", f"写的是 {said}", "要演示写 1，否则不写")
        return said in YES

    def sign_on(self) -> SingleSignOn | None:
        names = ("OIDC_ISSUER", "OIDC_CLIENT", "OIDC_SECRET")
        issuer, client, secret = (self.text(name) for name in names)
        if not any((issuer, client, secret)):
            return None
        lacking = [PREFIX + name for name in names if not self.text(name)]
        if lacking:
            self.wrong("OIDC_ISSUER", f"只写了一部分，还缺 {listed(lacking)}", "三项要么都写，要么都不写")
        elif not issuer.startswith("https://") and not is_local(
            issuer.partition("://")[2].partition("/")[0].rpartition(":")[0]
        ):
            self.wrong("OIDC_ISSUER", f"{issuer} 不是 https 网址", "登录信息不能明文传送，请用 https://")
        return SingleSignOn(issuer, client, Secret(secret))

    def level(self) -> str:
        said = self.text("LOG", "info").lower()
        if said not in LEVELS:
            self.wrong("LOG", f"写的是 {said}", f"请写 {listed(LEVELS)} 之一")
        return said
