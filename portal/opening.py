"""Opening everything a process works with, as the settings say: the store, the evidence, the rules, the key that signs."""

import os
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.load import Library, load
from portal.checkpoint import Seal, seal_of
from portal.library import Shelf
from portal.lock import FolderLock, Held, in_use
from portal.moment import now, text_of
from portal.portal import Portal
from portal.refusal import Refusal
from portal.settings import Settings, without_password
from portal.signing import BadKey
from portal.startup import after_opening, before_opening, missing_editions
from portal.store.blobs import Blobs, open_blobs
from portal.store.database import Unavailable, open_store

KEYS = {"AWS_ACCESS_KEY_ID": "evidence_key", "AWS_SECRET_ACCESS_KEY": "evidence_secret"}
"""Where an S3 client looks for its keys."""


def away(settings: Settings, error: Unavailable) -> Refusal:
    """Say that the store cannot be opened, and what to look at."""
    if settings.sqlite is None:
        where = without_password(settings.database.open())
        next_ = "请检查它是否在运行、地址和密码对不对（ZHUNSHENG_DATABASE），再试一次"
        return Refusal("busy", "store-away", f"连不上数据库 {where}", next_)
    if error.reason == "damaged":
        next_ = "请不要删除任何文件，先另存一份，再从备份恢复（zhunsheng restore）"
        return Refusal("busy", "store-damaged", f"{settings.sqlite} 已损坏，或不是数据库文件", next_)
    next_ = "请检查这个文件和它的文件夹属于谁、有没有权限，磁盘满没满"
    return Refusal("busy", "store-away", f"打不开或写不了数据库 {settings.sqlite}", next_)


@dataclass(slots=True)
class Opened(AbstractContextManager["Opened"]):
    """A portal with everything it holds open; closed at the end of a `with` statement."""

    portal: Portal
    settings: Settings
    held: ExitStack
    shelf: Shelf | None = None
    """The rules, where they are read again while the portal serves."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.held.close()


def library_of(root: Path) -> Library | Refusal:
    """Read the rules; a mistake in them stops everything that judges."""
    if not (root / "rules").is_dir() or not (root / "checklists").is_dir():
        what = f"{root} 里没有 rules/ 和 checklists/"
        return Refusal("state", "rules-missing", what, "请进入规则库的文件夹，或用 ZHUNSHENG_RULES 指明")
    library, problems = load(root)
    errors = [one for one in problems if one.severity == "error"]
    if errors:
        what = f"规则库有 {len(errors)} 处错误，第一处：{errors[0].place} {errors[0].message.rstrip('。')}"
        return Refusal("state", "rules-wrong", what, "请运行 zhunsheng check 看全部，改好再启动")
    return library


def seal(path: Path) -> Seal | Refusal | None:
    """Read the key that signs checkpoints, where there is one."""
    if not path.exists():
        return None
    try:
        return seal_of(path)
    except BadKey as wrong:
        what, _, next_ = str(wrong).rstrip("。").partition("。")
        return Refusal("state", "signing-key", what, next_ or "请检查这个文件")


def blobs_of(settings: Settings) -> Blobs:
    """Open the evidence; the keys of a bucket go where its client looks for them."""
    for name, of in KEYS.items():
        value = getattr(settings, of)
        if value:
            os.environ[name] = value if isinstance(value, str) else value.open()
    return open_blobs(settings.evidence)


def open_portal(settings: Settings, *, alone: bool = False, checked: bool = True) -> Opened | list[Refusal]:
    """Open a portal, or say every reason not to.

    `alone`: no other process may use the same folder. `checked` false: for whoever brings tables up to date.
    """
    refusals = before_opening(settings)
    if refusals:
        return refusals
    library, found = library_of(settings.rules), seal(settings.signing_key)
    wrong = [one for one in (library, found) if isinstance(one, Refusal)]
    if wrong or isinstance(library, Refusal) or isinstance(found, Refusal):
        return wrong
    held = ExitStack()
    try:
        if alone and settings.sqlite is not None:
            held.enter_context(FolderLock(settings.sqlite.parent).take())
        database = open_store(settings.database.open())
        held.callback(database.close)
        shelf = Shelf(
            settings.rules,
            library,
            lambda: text_of(now()),
            lambda newer: missing_editions(database, newer),
        )
        portal = Portal(database, blobs_of(settings), shelf.library, seal=found, trouble=shelf.trouble)
        refusals = after_opening(settings, database, library) if checked else []
    except Held:
        held.close()
        return [in_use(settings.data)]
    except Unavailable as error:
        held.close()
        return [away(settings, error)]
    except ValueError:
        held.close()
        next_ = "请写一个文件夹，或 s3://桶/前缀?endpoint=https://…，访问密钥另写"
        return [Refusal("invalid", "evidence-address", "ZHUNSHENG_EVIDENCE 写得不对", next_)]
    if refusals:
        held.close()
        return refusals
    return Opened(portal, settings, held, shelf)
