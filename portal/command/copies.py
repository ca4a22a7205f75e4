"""zhunsheng backup, restore, export, import: copies of everything, each proven before it is trusted."""

import os
from pathlib import Path
from shutil import rmtree
from typing import Annotated

import typer

from engine.command.common import stop
from engine.load import texts
from portal.archive import bring_in, examine, not_empty
from portal.archive import export as export_all
from portal.backup import back_up, backups_in, older
from portal.command.operations import prepare
from portal.command.shared import opened_or_stop, refuse, said, settings_or_stop
from portal.moment import new_id, now, shown, text_of
from portal.opening import blobs_of
from portal.people.actors import OPERATOR
from portal.postgres_tools import Failed
from portal.refusal import Refusal
from portal.restore import Restored, look_through, restore_postgresql, restore_sqlite
from portal.settings import Settings
from portal.store.database import Database, Unavailable, open_store
from portal.trail import Entry, append

LOST = "有 {count} 份证据已经不在存放处或已损坏，没能带上：{first}……。请从更早的备份里找回。"


def backup(
    place: Annotated[Path, typer.Argument(help="放备份的文件夹；各次备份共用其中的证据")],
    *,
    keep: Annotated[int, typer.Option("--keep", min=0, help="只留最新几次，更早的删去；0 为都留")] = 0,
) -> None:
    """备份，服务照常运行：数据库取同一时刻，证据按内容只复制新的，附规则和清单。"""
    settings = settings_or_stop()
    with opened_or_stop(settings) as opened:
        portal = opened.portal
        try:
            made = back_up(
                portal.database,
                settings.database.open(),
                portal.blobs,
                texts(settings.rules),
                place.absolute(),
            )
        except Failed:
            raise stop("pg_dump 没有做完。请检查数据库的权限和备份处的空间，再试一次。", 1) from None
        except (OSError, Unavailable):
            raise stop(f"备份没有做完，{place} 里没有留下半份。请检查空间和权限，再试一次。", 1) from None
        if isinstance(made, Refusal):
            refuse([made])
        note(portal.database, {"command": "backup", "backup": made.folder.name, "sha256": made.manifest.last})
    rows = sum(one.rows for one in made.manifest.tables.values())
    said(
        f"备份已完成：{made.folder}，{rows} 行、证据 {made.manifest.evidence} 份（新复制 {made.copied} 份）。"
    )
    for folder in older(place.absolute(), keep):
        rmtree(folder)
        said(f"已删去更早的备份 {folder.name}。")
    if made.manifest.missing:
        missing = made.manifest.missing
        raise stop(LOST.format(count=len(missing), first=missing[0][:12]), 1)


def restore(
    folder: Annotated[Path, typer.Argument(help="一次备份的文件夹，如 backups/20261126T080000000000Z")],
    *,
    check: Annotated[bool, typer.Option("--check", help="只核对备份是否完好，不恢复")] = False,
) -> None:
    """恢复：先逐字节核对备份，恢复到新的地方，重算全部成绩无误，再换上；原来的库留着。"""
    folder = folder.absolute()
    inside = backups_in(folder)
    if inside:
        raise stop(f"{folder} 里有 {len(inside)} 次备份。请写其中一次的文件夹，最新的是 {inside[-1]}。")
    if check:
        found = look_through(folder)
        if isinstance(found, Refusal):
            refuse([found])
        said(f"备份 {folder} 完好：{len(found.evidence)} 份证据，审计日志 {found.manifest.lines} 条。")
        return
    settings = settings_or_stop()
    try:
        result = _restored(settings, folder)
    except (OSError, Unavailable):
        raise stop("恢复没有做完，现在的数据没有动过。请检查空间、权限和数据库，再试一次。", 1) from None
    if isinstance(result, Refusal):
        refuse([result])
    database = open_store(settings.database.open())
    note(database, {"command": "restore", "backup": folder.name})
    database.close()
    said(
        f"已恢复到 {shown(result.manifest.at)}（北京时间）的状态；重算了 {result.scores.same} 份成绩，逐字节相同。"
    )
    if result.scores.without_rules:
        said(f"另有 {len(result.scores.without_rules)} 份成绩用的是更早的规则，备份里没有，没有重算。")
    if result.replaced:
        said(f"原来的库留在 {result.replaced}，确认无误后可以删去。")
    said("下一步：zhunsheng health，然后启动服务。")


def _restored(settings: Settings, folder: Path) -> Restored | Refusal:
    if settings.sqlite is not None:
        settings.sqlite.parent.mkdir(parents=True, exist_ok=True)
        return restore_sqlite(settings.sqlite, blobs_of(settings), folder)
    return restore_postgresql(settings.database.open(), blobs_of(settings), folder)


def export(
    file: Annotated[Path, typer.Argument(help="写到哪个文件，如 zhunsheng.tar；已有的文件不会被覆盖")],
) -> None:
    """导出全部内容为一个文件，与用哪种数据库无关；可导入到任一种库，再导出逐字节相同。"""
    if file.exists():
        raise stop(f"{file} 已经存在，没有覆盖。请换一个文件名。")
    with opened_or_stop(settings_or_stop()) as opened:
        try:
            made = export_all(opened.portal.database, opened.portal.blobs, file.absolute())
        except OSError:
            raise stop(f"写不了 {file}。请检查空间和权限。", 1) from None
        if isinstance(made, Refusal):
            refuse([made])
    rows = sum(one.rows for one in made.tables.values())
    said(f"已导出 {file}：{rows} 行、证据 {made.evidence} 份。里面有密码的摘要和全部填报，请妥善保管。")
    if made.missing:
        raise stop(LOST.format(count=len(made.missing), first=made.missing[0][:12]), 1)


def import_(
    file: Annotated[Path, typer.Argument(help="zhunsheng export 写的文件")],
) -> None:
    """导入到一个新的空库：先核对每一个字节，再写；不完整的文件什么都不会写入。"""
    found = examine(file.absolute())
    if isinstance(found, Refusal):
        refuse([found])
    _is_empty(settings_or_stop())
    prepare(os.environ)
    settings = settings_or_stop()
    try:
        database = open_store(settings.database.open())
        try:
            refusal = bring_in(found, database, blobs_of(settings))
        finally:
            database.close()
    except (OSError, Unavailable):
        raise stop("导入没有做完，库里没有写入。请检查空间、权限和数据库，再试一次。", 1) from None
    if refusal is not None:
        refuse([refusal])
    rows = sum(one.rows for one in found.manifest.tables.values())
    said(f"已导入 {rows} 行、证据 {found.manifest.evidence} 份。下一步：zhunsheng health，然后启动服务。")


def _is_empty(settings: Settings) -> None:
    """End where the store holds something: an import must not even bring its tables up to date."""
    if settings.sqlite is not None and not settings.sqlite.exists():
        return
    try:
        database = open_store(settings.database.open())
        try:
            refusal = not_empty(database)
        finally:
            database.close()
    except Unavailable:
        return  # `prepare` says what is wrong
    if refusal is not None:
        refuse([refusal])


import_.__name__ = "import"  # a word that Python keeps for itself
globals()["import"] = import_


def note(database: Database, details: dict[str, str]) -> None:
    """Write a line of the trail about the operation of the portal."""
    moment = now()
    line = Entry(new_id(moment), "system", text_of(moment), OPERATOR.id, "system.operate", "store", details)
    database.write(lambda connection: append(connection, line))
