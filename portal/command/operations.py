"""zhunsheng init, serve, demo, health: putting the portal to work on a machine."""

import gc
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import rmtree
from typing import Annotated
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import typer

from engine.command.common import Json, print_json, stop
from portal.command.shared import address, opened_or_stop, refuse, said, settings_or_stop
from portal.files import private_folder, write
from portal.health import TITLES, doctor_of
from portal.moment import now
from portal.opening import Opened, away, open_portal
from portal.refusal import Refusal
from portal.settings import LISTEN, PREFIX, Settings
from portal.signing import PUBLIC_NAME, SECRET_NAME, BadKey, make_keys
from portal.startup import before_opening
from portal.store import migrate
from portal.store.database import Unavailable, open_store

PATIENCE = 5
"""Seconds to wait for a server that is asked how it is."""


# init -----------------------------------------------------------------------------------------------------------------


def init(
    *,
    login: Annotated[str, typer.Option("--login", help="第一位管理员的账号名")] = "admin",
    name: Annotated[str, typer.Option("--name", help="第一位管理员的姓名")] = "管理员",
) -> None:
    """准备好一切：数据文件夹、密钥、数据库；更新程序后再运行一次，完成迁移。"""
    from portal.use_cases.accounts import NewAccount, first_administrator  # noqa: PLC0415  slow to import

    prepare(os.environ)
    settings = settings_or_stop()
    with opened_or_stop(settings) as opened:
        made = first_administrator(opened.portal, login, name)
    if isinstance(made, NewAccount):
        said(f"第一位管理员：账号 {made.login}，初始密码 {made.password}，第一次登录时要改。")
        said("初始密码只显示这一次，请现在记下。")
    elif made.code != "not_first":
        refuse([made])
    said(f"准备好了。下一步：zhunsheng serve，然后打开 {address(settings)}。")


def prepare(environment: Mapping[str, str], told: Callable[[str], None] = said) -> None:
    """Make what is not there yet: folders, the secret, the keys that sign, the tables; bring old tables up to date."""
    settings = settings_or_stop(environment)
    try:
        private_folder(settings.data)
        if settings.secret is None:
            private_folder(settings.secret_file.parent)
            write(settings.secret_file, [secrets.token_hex(32).encode()], 0o400)
            told(f"已生成密钥 {settings.secret_file}。")
        if not settings.signing_key.exists() and settings.signing_key.name == SECRET_NAME:
            public = make_keys(settings.signing_key.parent)
            told(f"已生成签名钥匙 {settings.signing_key}，请另备一份。")
            told(f"公钥 {settings.signing_key.with_name(PUBLIC_NAME)}，编号 {public.name}，请公布给各学校。")
    except BadKey as wrong:
        raise stop(str(wrong), 1) from None
    except OSError as error:
        raise stop(f"写不了 {error.filename or settings.data}。请检查文件夹的权限和磁盘。", 1) from None
    settings = settings_or_stop(environment)
    refusals = [one for one in before_opening(settings) if one.code != "store-missing"]
    if refusals:
        refuse(refusals)
    _migrated(settings, told)


def _migrated(settings: Settings, told: Callable[[str], None]) -> None:
    try:
        database = open_store(settings.database.open())
        try:
            steps = migrate.pending(database)
            migrate.upgrade(database)
        finally:
            database.close()
    except migrate.Newer:
        raise stop("数据库比这个程序新，什么都没有改动。请用更新过的那个版本。", 1) from None
    except Unavailable as error:
        refuse([away(settings, error)])
    told(f"数据库已准备好，做了 {len(steps)} 步迁移。" if steps else "数据库已是最新，没有改动。")


# serve and demo -------------------------------------------------------------------------------------------------------


def serve() -> None:
    """启动服务，直到按 Ctrl+C 或收到停止的信号。"""
    with opened_or_stop(settings_or_stop(), alone=True) as opened:
        _serve(opened)


def _serve(opened: Opened) -> None:
    from portal.serving import serve as run  # noqa: PLC0415  slow to import

    gc.enable()  # the command line switches it off for commands that end soon
    if opened.settings.demonstration:
        os.environ[f"{PREFIX}DEMONSTRATION"] = "1"  # the pages read it
    refusal = run(opened, lambda: said(f"准绳：{address(opened.settings)} （按 Ctrl+C 结束）"))
    if refusal is not None:
        refuse([refusal])


OF_THE_REAL_ONE = ("DATABASE", "EVIDENCE", "SECRET", "SIGNING_KEY", "ADDRESS", "PROXIES", "OIDC", "SETTINGS")
"""Settings that the demonstration does not take over."""

RENEWED = frozenset(
    {"edition-missing", "migration-pending", "migration-newer", "store-empty", "restore-unfinished"}
)
"""What is wrong with demonstration data that are simply made anew."""


def demonstration(environment: Mapping[str, str], folder: str = "demonstration") -> dict[str, str]:
    """Return the environment of the demonstration: a folder of its own, and nothing of the real one."""
    taken = {
        name: value
        for name, value in environment.items()
        if not name.removeprefix(PREFIX).startswith(OF_THE_REAL_ONE)
    }
    data = Path(environment.get(f"{PREFIX}DATA") or "data") / folder
    return {**taken, f"{PREFIX}DATA": str(data), f"{PREFIX}DEMONSTRATION": "1"}


def demo(
    *,
    only_fill: Annotated[bool, typer.Option("--only-fill", help="只准备演示数据，不启动")] = False,
) -> None:
    """演示：168 所虚构的学校，五个批次，各种状态；只在本机打开，密码人人知道。"""
    from portal.demo.people import PASSWORD  # noqa: PLC0415  slow to import

    environment = demonstration(os.environ)
    settings = settings_or_stop(environment)
    fresh = settings.sqlite is None or not settings.sqlite.exists()
    if fresh:
        said("第一次演示，要先准备 168 所虚构学校的数据，约半分钟；以后直接沿用。")
        _fill(environment, settings)
    found = open_portal(settings_or_stop(environment), alone=True)
    if isinstance(found, list) and {one.code for one in found} & RENEWED:
        said("规则或程序更新过，演示数据要重新准备，约半分钟。")
        fresh = True
        _fill(environment, settings)
        found = open_portal(settings_or_stop(environment), alone=True)
    if isinstance(found, list):
        refuse(found)
    with found as opened:
        kept = "已存在" if fresh else "沿用上次存在"
        said(f"演示数据{kept} {settings.data}；要从头来过，删去这个文件夹再运行一次。")
        said("演示模式：数据全部虚构，只在本机打开，请勿填写真实内容。")
        said(
            "账号：filler-001 填报员、approver-001 单位负责人、inspector-01 评审专家、secretariat 秘书处、"
            f"observer 观察员、admin 管理员；密码都是 {PASSWORD}"
        )
        if not only_fill:
            _serve(opened)


def _fill(environment: Mapping[str, str], settings: Settings) -> None:
    """Fill the demonstration beside its place, and put it there once it is whole."""
    from portal.demo.filling import fill  # noqa: PLC0415  slow to import

    samples = settings.rules / "samples"
    if not samples.is_dir():
        raise stop(f"{settings.rules} 里没有 samples/ 文件夹，演示的答案取自那里。请在项目文件夹里运行。", 1)
    coming = demonstration(
        {**environment, f"{PREFIX}DATA": str(settings.data.parent)}, ".demonstration-coming"
    )
    place = Path(coming[f"{PREFIX}DATA"]).absolute()
    rmtree(place, ignore_errors=True)
    prepare(coming, lambda _: None)
    with _unmarked(settings_or_stop(coming)) as opened:
        gc.enable()
        fill(opened.portal, samples, now(), told=lambda text: said(f"  {text}"))
    rmtree(settings.data, ignore_errors=True)
    place.rename(settings.data)


def _unmarked(settings: Settings) -> Opened:
    """Open a store that is about to be filled: it does not say yet that it is a demonstration."""
    found = open_portal(settings, alone=True, checked=False)
    if isinstance(found, list):
        refuse(found)
    return found


# health ---------------------------------------------------------------------------------------------------------------


def health(
    *,
    url: Annotated[
        str | None, typer.Option("--url", help=f"问正在运行的服务，如 http://{LISTEN}；不写则直接检查")
    ] = None,
    as_json: Json = False,
) -> None:
    """检查数据库、证据、库表结构和审计日志的结尾；都正常时退出码为 0。"""
    checks = _asked(url) if url else _examined()
    if as_json:
        print_json({"ready": not any(checks.values()), "checks": checks})
    else:
        for name, wrong in checks.items():
            said(f"{TITLES.get(name, name)}：{wrong or '正常'}")
    raise typer.Exit(1 if any(checks.values()) else 0)


def _examined() -> dict[str, str]:
    with opened_or_stop(settings_or_stop()) as opened:
        return dict(doctor_of(opened.portal.database, opened.portal.blobs, PATIENCE).examine().checks)


def _asked(url: str) -> dict[str, str]:
    if urlsplit(url).scheme not in ("http", "https"):
        raise stop(f"{url} 不是网址。请写成 http://{LISTEN}。")
    try:
        with urlopen(f"{url.rstrip('/')}/readyz", timeout=PATIENCE) as answer:  # noqa: S310  the scheme is checked
            data = json.load(answer)
    except HTTPError as error:
        data = json.load(error) if error.code == 503 else None
    except (URLError, OSError, ValueError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("checks"), dict):
        refuse([Refusal("busy", "no-answer", f"{url} 没有答复", "请检查服务是否在运行、网址对不对")])
    return {name: "" if found == "ok" else str(found) for name, found in data["checks"].items()}
