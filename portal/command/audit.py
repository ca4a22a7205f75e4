"""zhunsheng audit: check the trail and signed reports offline, hand the trail out, sign where it stands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from engine.command.chinese import OPTIONS, Command, Group
from engine.command.common import Json, console, print_json, stop
from engine.command.files import bytes_or_stop, folder_or_stop
from portal.checkpoint import make, seal_of
from portal.command.shared import opened_or_stop, settings_or_stop
from portal.moment import now, text_of
from portal.refusal import Refusal
from portal.signing import (
    PUBLIC_NAME,
    SECRET_NAME,
    BadKey,
    PublicKey,
    load_public,
    make_keys,
    verify_document,
)
from portal.store.database import Database, Unavailable, open_store, sync_folder
from portal.trail_export import exported
from portal.trail_proof import verify_bundle
from portal.trail_verify import LONGEST, Report
from portal.trail_verify import verify as check

audit = typer.Typer(
    cls=Group, help="审计日志：离线核对、导出、生成检查点；核对带签名的报告。", no_args_is_help=True
)

SIGNATURE, PROOF = ".minisig", ".proof.json"
"""What lies beside a signed report, by what follows its whole name."""

Keys = Annotated[list[Path], typer.Option("--key", help=f"公钥文件（{PUBLIC_NAME}）；换过钥匙的可写几次")]
Store = Annotated[
    str | None, typer.Option("--store", help="库的文件或 postgresql:// 地址，不写则用 data/zhunsheng.db")
]


@audit.command(cls=Command, options_metavar=OPTIONS)
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="导出的审计日志，或带 .minisig 的报告；不写则核对库里的审计日志")
    ] = None,
    *,
    key: Keys,
    held: Annotated[
        list[Path] | None, typer.Option("--held", help="以前保存在别处的检查点，可写几次")
    ] = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """只用一把公钥核对：审计日志是否完整、有没有被改动、删去、调换、重写；报告是否原样。"""
    keys = [_key_or_stop(path) for path in key]
    notes = [_text(path) for path in held or []]
    if file is not None and _beside(file):
        _verify_report(file, keys, as_json=as_json)
    elif file is not None:
        with _opened(file) as lines:
            _tell(check(lines, keys, notes), as_json=as_json)
    else:
        with _store_or_stop(store) as database, database.read() as connection:
            lines = (line.encode("utf-8", "surrogatepass") for line in exported(connection))
            _tell(check(lines, keys, notes), as_json=as_json)


@audit.command(cls=Command, options_metavar=OPTIONS)
def export(
    file: Annotated[Path, typer.Argument(help="写到哪个文件；已有的文件不会被覆盖")], *, store: Store = None
) -> None:
    """导出整份审计日志，连同全部检查点；只凭公钥就能离线核对。"""
    if file.exists():
        raise stop(f"{file} 已经存在，没有覆盖。请换一个文件名。")
    coming = file.with_name(f".{file.name}.coming")
    count = 0
    with _store_or_stop(store) as database, database.read() as connection:
        try:
            with coming.open("wb") as out:
                for count, line in enumerate(exported(connection)):  # noqa: B007  told in the end
                    out.write(line.encode("utf-8", "surrogatepass"))
                out.flush()
                os.fsync(out.fileno())
            coming.replace(file)
            sync_folder(file.absolute().parent)
        except OSError:
            coming.unlink(missing_ok=True)
            raise stop(f"写不了文件 {file}。请检查文件夹是否存在、有没有权限、磁盘满没满。") from None
    console().print(
        f"已导出 {file}：审计日志和检查点共 {count} 条。核对：zhunsheng audit verify {file} --key 公钥文件"
    )


@audit.command(cls=Command, options_metavar=OPTIONS)
def checkpoint(
    *,
    secret: Annotated[Path, typer.Option("--secret", help="签名私钥文件")] = Path("data") / SECRET_NAME,
    origin: Annotated[str | None, typer.Option("--origin", help="审计日志的名字，不写则由私钥得出")] = None,
    store: Store = None,
) -> None:
    """为到现在为止的全部审计日志签一个检查点，并打印出来；请另存在别处。"""
    try:
        seal = seal_of(secret, origin)
    except BadKey as wrong:
        raise stop(str(wrong)) from None
    except ValueError:
        raise stop(f"审计日志的名字不能写成 {origin}。请只用英文字母、数字、点和斜线，不用空格。") from None
    with _store_or_stop(store) as database:
        made = database.write(lambda connection: make(connection, seal, text_of(now())))
    if isinstance(made, Refusal):
        raise stop(made.message, 1)
    if made is None:
        raise stop("审计日志还是空的，没有可签的。有了第一条记录以后再试。", 1)
    typer.echo(made.note, nl=False)


@audit.command(cls=Command, options_metavar=OPTIONS)
def publication(
    number: Annotated[str, typer.Argument(help="公布的编号，公布的列表里有")],
    folder: Annotated[Path, typer.Argument(help="放在哪个文件夹")],
) -> None:
    """取出一份公布，旁边放上签名和证明；三个文件一起发出去，谁都可以核对。"""
    from portal.use_cases.trails import prove_publication  # noqa: PLC0415  slow to import

    folder_or_stop(folder)
    with opened_or_stop(settings_or_stop()) as opened:
        found = prove_publication(opened.portal, number)
    if isinstance(found, Refusal):
        raise stop(found.message, 1)
    files = {"": found.document, SIGNATURE: found.signature, PROOF: found.proof}
    try:
        for ending, text in files.items():
            if text is not None:
                (folder / f"{found.name}{ending}").write_bytes(text.encode())
    except OSError:
        raise stop(f"写不了文件夹 {folder}。请换一个地方，或检查有没有权限。") from None
    file = folder / found.name
    console().print(f"已写出 {file}。核对：zhunsheng audit verify {file} --key 公钥文件", soft_wrap=True)


@audit.command(cls=Command, options_metavar=OPTIONS)
def keys(folder: Annotated[Path, typer.Argument(help="放在哪个文件夹，最好不在服务器上")]) -> None:
    """生成一对签名钥匙；已有的绝不替换。"""
    folder_or_stop(folder)
    try:
        public = make_keys(folder)
    except BadKey as wrong:
        raise stop(str(wrong)) from None
    except OSError:
        raise stop(f"写不了文件夹 {folder}。请换一个地方，或检查有没有权限。") from None
    out = console()
    out.print(f"私钥 {folder / SECRET_NAME}：只有您能读，请另备一份，不要外传。", soft_wrap=True)
    out.print(f"公钥 {folder / PUBLIC_NAME}：编号 {public.name}，请公布给各学校。", soft_wrap=True)


def _key_or_stop(path: Path) -> PublicKey:
    try:
        return load_public(path)
    except BadKey as wrong:
        raise stop(str(wrong)) from None


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        print_json(_report_data(report))
    else:
        for line in report.sentences:
            console().print(Text(line), soft_wrap=True)
    raise typer.Exit(1 if report.wrong else 0)


def _report_data(report: Report) -> dict[str, Any]:
    wrong = report.wrong
    return {
        "ok": wrong is None,
        "origin": report.origin,
        "lines": report.lines,
        "chains": report.chains,
        "checkpoints": report.checkpoints,
        "unsealed": report.unsealed,
        "held": report.held,
        "wrong": None
        if wrong is None
        else {
            "code": wrong.code,
            "line": wrong.line,
            "chain": wrong.chain,
            "place": wrong.place,
            "message": str(wrong),
        },
    }


def _beside(file: Path) -> bool:
    return any(file.with_name(file.name + one).exists() for one in (SIGNATURE, PROOF))


def _verify_report(file: Path, keys: list[PublicKey], *, as_json: bool) -> None:
    """Check a report against what lies beside it: its signature, and its proof that it is in the trail."""
    document, found = bytes_or_stop(file), list[str]()
    wrong: Refusal | None = None
    signature, proof = (file.with_name(file.name + one) for one in (SIGNATURE, PROOF))
    if signature.exists():
        signed = verify_document(document, _text(signature), keys)
        if isinstance(signed, Refusal):
            wrong = signed
        else:
            found.append(f"签名无误，钥匙 {signed.key.name}；附注：{signed.comment}。")
    if proof.exists() and wrong is None:
        proven = verify_bundle(document, _text(proof), keys)
        if isinstance(proven, Refusal):
            wrong = proven
        else:
            sealed = proven.checkpoint
            found.append(
                f"它在审计日志里：{proven.line['at']} 记入，是第 {proven.index + 1} 行；"
                f"检查点签于 {sealed.at}，覆盖前 {sealed.size} 行。"
            )
    if as_json:
        print_json(
            {
                "ok": wrong is None,
                "found": found,
                "wrong": wrong and {"code": wrong.code, "message": wrong.message},
            }
        )
    else:
        said = [f"{file}：{wrong.message}"] if wrong else [f"{file}：核对通过。", *found]
        for line in said:
            console().print(Text(line), soft_wrap=True)
    raise typer.Exit(1 if wrong else 0)


def _text(path: Path) -> str:
    return bytes_or_stop(path).decode("utf-8", "surrogateescape")


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[bytes]]:
    """Give the lines of a file, none of them longer than can be an honest one."""
    try:
        with file.open("rb") as found:
            yield iter(lambda: found.readline(LONGEST + 1), b"")
    except OSError:
        raise stop(f"打不开文件 {file}。请检查文件名和权限。") from None


@contextmanager
def _store_or_stop(address: str | None) -> Iterator[Database]:
    """Open the store that is meant; one that is not there is not made."""
    data = Path(os.environ.get("ZHUNSHENG_DATA") or "data")
    name = address or os.environ.get("ZHUNSHENG_DATABASE") or str(data / "zhunsheng.db")
    if "://" not in name.removeprefix("sqlite:///") and not Path(name.removeprefix("sqlite:///")).is_file():
        raise stop(f"没有找到库 {name}。请用 --store 指明库的文件或地址。")
    try:
        database = open_store(name)
        try:
            yield database
        finally:
            database.close()
    except Unavailable:
        raise stop("现在连不上库，或库里没有准绳的表。请检查 --store 和库是否在运行，再试一次。") from None
    except SQLAlchemyError:
        raise stop("库里没有准绳的表，或它们不完整。请检查 --store，新装的先运行 zhunsheng init。") from None
