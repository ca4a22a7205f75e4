"""What must be true before the portal starts. Each check returns a refusal with the next step, or nothing."""

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import inspect, select

from engine.load import Library
from portal.mounts import filesystem_of
from portal.refusal import Refusal
from portal.settings import PREFIX, Secret, Settings, is_local, without_password
from portal.store import migrate
from portal.store.database import Database, sqlite_module, wal_reset_fault
from portal.store.tables import log, rounds

SHORTEST_SECRET = 32
"""Letters a secret must have: 32 of hexadecimal are 128 bits."""

FAMILIAR = re.compile(
    r"change|secret|default|example|password|zhunsheng|demo|test|密钥|示例|请改", re.IGNORECASE
)
"""What stands in secrets that were copied from a page or thought up, not drawn."""

NETWORKED = frozenset(
    "nfs nfs4 cifs smb smb2 smb3 smbfs afpfs afs ncpfs webdav davfs 9p ceph glusterfs lustre gpfs beegfs ocfs2 "  # noqa: SIM905
    "gfs2 vboxsf vmhgfs prl_fs drvfs remote".split()
)
"""Kinds of file systems whose locks and shared memory SQLite cannot rely on."""

LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs", "fuse.mergerfs"})
"""The few that FUSE lays over a disk of this machine; all others are taken for a network."""

MARK = "demonstration"
"""The operation in the trail that says a store is filled with invented data and known passwords."""


def refuse(code: str, what: str, next_: str) -> Refusal:
    """Return a refusal to start."""
    return Refusal("state", code, what, next_)


def faulty_sqlite(settings: Settings, version: str = "") -> Refusal | None:
    """Refuse an SQLite with the fault, where SQLite is the store."""
    said = version or sqlite_module().sqlite_version
    if settings.sqlite is None or not wal_reset_fault(said):
        return None
    return refuse(
        "sqlite-faulty",
        f"这台机器上的 SQLite 是 {said}，有一个会损坏数据的缺陷（3.51.3 起已修复）",
        "请安装 pysqlite3 0.6.1 以上（按 requirements.lock 安装即可），或改用 PostgreSQL"
        f"（{PREFIX}DATABASE=postgresql://…）",
    )


def network_folder(settings: Settings, kind_of: Callable[[Path], str] = filesystem_of) -> Refusal | None:
    """Refuse an SQLite file in a folder of another machine."""
    if settings.sqlite is None:
        return None
    folder = settings.sqlite.parent
    kind = kind_of(folder)
    if kind not in NETWORKED and (not kind.startswith("fuse.") or kind in LOCAL_FUSE):
        return None
    return refuse(
        "sqlite-network",
        f"数据文件夹 {folder} 在网络或共享文件系统上（{kind}），SQLite 在那里会损坏数据",
        f"请把 {PREFIX}DATA 改到本机硬盘，或改用 PostgreSQL（{PREFIX}DATABASE=postgresql://…）",
    )


def weak_secret(settings: Settings) -> Refusal | None:
    """Refuse a secret that is missing, short, or known to others."""
    if settings.secret is None:
        return refuse(
            "secret-missing",
            f"还没有密钥：{settings.secret_file} 不存在",
            "请运行 zhunsheng init，它会生成一个",
        )
    return judged_secret(settings.secret)


def judged_secret(secret: Secret) -> Refusal | None:
    """Refuse a secret that is short or known to others; what it is stays unsaid."""
    text = secret.open()
    next_ = "请删去它再运行 zhunsheng init，让程序生成一个"
    if len(text) < SHORTEST_SECRET:
        return refuse("secret-short", f"密钥只有 {len(text)} 个字符，至少要 {SHORTEST_SECRET} 个", next_)
    if len(set(text)) < 10 or FAMILIAR.search(text):
        return refuse("secret-default", "密钥是示例里的或容易猜到的，不是随机生成的", next_)
    return None


def readable_keys(settings: Settings) -> Refusal | None:
    """Refuse a file of a secret that other users of this machine can read."""
    named = [
        os.environ.get(f"{PREFIX}{name}_FILE") for name in ("DATABASE", "EVIDENCE_SECRET", "OIDC_SECRET")
    ]
    files = [settings.secret_file, settings.signing_key, *(Path(one) for one in named if one)]
    return next((said for file in files if (said := readable_key(file))), None)


def readable_key(path: Path) -> Refusal | None:
    """Refuse a key file that is open to others (on Windows the folder's own rights decide)."""
    if sys.platform == "win32" or not path.exists():
        return None
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & (stat.S_IRWXO | stat.S_IWGRP):
        return None
    return refuse(
        "key-readable",
        f"密钥文件 {path} 的权限是 {mode:04o}，这台机器上的其他用户也能读或改",
        f"请运行 chmod 0400 {path}；若已有别人登录过这台机器，请换一个密钥",
    )


def public_demonstration(settings: Settings) -> Refusal | None:
    """Refuse to show demonstration accounts, whose passwords are known, to other machines."""
    if not settings.demonstration or (is_local(settings.host) and not settings.address):
        return None
    where = f"{PREFIX}ADDRESS={settings.address}" if is_local(settings.host) else settings.host
    return refuse(
        "demonstration-public",
        f"演示模式的密码人人知道，只能在本机打开，而现在设成了 {where}",
        f"请把 {PREFIX}LISTEN 改回 127.0.0.1:{settings.port}，不写 {PREFIX}ADDRESS；"
        f"或去掉 {PREFIX}DEMONSTRATION，用自己的数据",
    )


def unfinished_restore(settings: Settings) -> Refusal | None:
    """Refuse to open a store whose replacement stopped half-way."""
    marker = settings.data / "restore-unfinished"
    if settings.sqlite is None or not marker.exists():
        return None
    return refuse(
        "restore-unfinished",
        f"上一次恢复在换上新库时中断，原来的库完整地放在 {marker.read_text('utf-8').strip()}",
        "请再运行一次同样的 zhunsheng restore",
    )


def missing_store(settings: Settings) -> Refusal | None:
    """Refuse to start without a store: an empty one in the wrong place looks like lost data."""
    if settings.sqlite is None or settings.sqlite.exists():
        return None
    return refuse(
        "store-missing",
        f"{settings.sqlite} 不存在",
        f"第一次使用请运行 zhunsheng init；已有数据的，请核对 {PREFIX}DATA 和当前文件夹",
    )


def empty_store(database: Database, settings: Settings) -> Refusal | None:
    """Refuse a database without our tables."""
    with database.read() as connection:
        if inspect(connection).has_table(log.name):
            return None
    where = settings.sqlite or without_password(settings.database.open())
    return refuse("store-empty", f"数据库 {where} 里还没有准绳的表", "请运行 zhunsheng init")


def missing_editions(database: Database, library: Library) -> Refusal | None:
    """Refuse to judge a round that is under way by anything but the edition it is pinned to."""
    with database.read() as connection:
        rows = connection.execute(
            select(rounds.c.title, rounds.c.standard, rounds.c.edition, rounds.c.edition_hash)
            .where(rounds.c.state == "进行中")
            .order_by(rounds.c.id)
        ).all()
    for row in rows:
        edition = library.edition(row.standard, row.edition)
        name = f"{row.standard}/{row.edition}"
        if edition is None:
            what = f"批次“{row.title}”用的是 {name}，规则库里没有这一版"
        elif edition.hash != row.edition_hash:
            what = (
                f"批次“{row.title}”钉住的 {name} 指纹是 {row.edition_hash[:12]}…，"
                f"规则库里的已被改成 {edition.hash[:12]}…"
            )
        else:
            continue
        return refuse("edition-missing", what, "请取回开批次时的规则文件；已发布的版不能改，要改就开新的一版")
    return None


def demonstration_data(database: Database, settings: Settings) -> Refusal | None:
    """Refuse to use a store with demonstration accounts for anything else, and the other way round."""
    with database.read() as connection:
        marked = connection.execute(select(log.c.seq).where(log.c.op_id == MARK)).first() is not None
    if marked == settings.demonstration:
        return None
    where = settings.sqlite or without_password(settings.database.open())
    if marked:
        return refuse(
            "demonstration-data",
            f"{where} 里是演示数据，演示账号的密码人人知道",
            f"要演示请运行 zhunsheng demo；正式使用请把 {PREFIX}DATA 指到别的文件夹，再运行 zhunsheng init",
        )
    return refuse(
        "demonstration-real",
        f"{where} 里不是演示数据，不能用演示模式打开",
        f"请去掉 {PREFIX}DEMONSTRATION；要看演示，请把 {PREFIX}DATA 指到别的文件夹，再运行 zhunsheng demo",
    )


BEFORE: tuple[Callable[[Settings], Refusal | None], ...] = (
    faulty_sqlite,
    network_folder,
    weak_secret,
    readable_keys,
    public_demonstration,
    unfinished_restore,
    missing_store,
)
"""What is checked before the store is opened."""


def before_opening(settings: Settings) -> list[Refusal]:
    """Return every reason not to open the store."""
    return _found(check(settings) for check in BEFORE)


def after_opening(settings: Settings, database: Database, library: Library) -> list[Refusal]:
    """Return every reason not to serve from a store that is open."""
    first = _found([empty_store(database, settings)]) or _found([pending_migration(database)])
    if first:
        return first  # tables that are not there cannot be asked
    return _found([missing_editions(database, library), demonstration_data(database, settings)])


def pending_migration(database: Database) -> Refusal | None:
    """Refuse a store that is older or newer than this program."""
    try:
        steps = migrate.pending(database)
    except migrate.Newer as newer:
        return refuse(
            "migration-newer",
            f"数据库的结构（{newer}）比这个程序新",
            "请用更新过的那个版本的准绳打开；不要用旧程序写新库",
        )
    if not steps:
        return None
    return refuse(
        "migration-pending",
        f"数据库的结构比这个程序旧，有 {len(steps)} 步迁移没有做",
        "请先备份（zhunsheng backup），再运行 zhunsheng init 完成迁移",
    )


def _found(refusals: Iterable[Refusal | None]) -> list[Refusal]:
    return [one for one in refusals if one is not None]
