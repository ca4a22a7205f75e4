"""What a file is, by its content. Its name is only asked whether it says the same."""

import re
from dataclasses import dataclass
from typing import Final

from portal.evidence.verdict import TITLES, Kind, NotTaken

EXTENSIONS: Final[dict[Kind, tuple[str, ...]]] = {
    "pdf": ("pdf",),
    "jpg": ("jpg", "jpeg", "jpe", "jfif"),
    "png": ("png",),
    "webp": ("webp",),
    "docx": ("docx",),
    "xlsx": ("xlsx",),
    "csv": ("csv",),
    "txt": ("txt",),
}
MEDIA: Final[dict[Kind, str]] = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Stranger:
    """A kind of file that is known and not taken."""

    title: str
    next: str
    starts: tuple[bytes, ...]
    at: int = 0


_SAVE_PICTURE = "请另存为 PNG 或 JPG 再上传"
_UNPACK = "请解压后，把里面的文件逐个上传"
_PROGRAM = "程序不作为证据；要说明画面的，请截图上传"
_FILM = "请截取画面存为 JPG 再上传"
_EXPORT = "请导出为 PDF 再上传"

STRANGERS: Final[tuple[Stranger, ...]] = (
    Stranger(" GIF 图片", _SAVE_PICTURE, (b"GIF87a", b"GIF89a")),
    Stranger(" TIFF 图片", _SAVE_PICTURE, (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    Stranger(" PSD 图片", _SAVE_PICTURE, (b"8BPS",)),
    Stranger(
        " HEIC 图片",
        "请在手机相册里导出为 JPG（或在相机设置里选“兼容性最佳”）再上传",
        (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypavif"),
        4,
    ),
    Stranger("视频", _FILM, (b"ftyp", b"moov", b"mdat"), 4),
    Stranger(
        "视频或录音", _FILM, (b"\x1aE\xdf\xa3", b"ID3", b"OggS", b"FLV\x01", b"fLaC", b"#!AMR", b"0&\xb2u")
    ),
    Stranger("视频或录音", _FILM, (b"AVI LIST", b"WAVEfmt "), 8),
    Stranger(
        "压缩包",
        _UNPACK,
        (
            b"Rar!\x1a\x07",
            b"7z\xbc\xaf\x27\x1c",
            b"\x1f\x8b\x08",
            b"BZh",
            b"\xfd7zXZ\0",
            b"(\xb5/\xfd",
            b"MSCF\0\0",
        ),
    ),
    Stranger("压缩包", _UNPACK, (b"PK\x05\x06", b"PK\x07\x08")),
    Stranger("压缩包", _UNPACK, (b"ustar",), 257),
    Stranger("光盘映像", _UNPACK, (b"CD001",), 0x8001),
    Stranger(
        "程序",
        _PROGRAM,
        (
            b"MZ",
            b"\x7fELF",
            b"\xcf\xfa\xed\xfe",
            b"\xce\xfa\xed\xfe",
            b"\xca\xfe\xba\xbe",
            b"dex\n",
            b"\0asm",
        ),
    ),
    Stranger("快捷方式", "请上传它指向的那个文件", (b"L\0\0\0\x01\x14\x02\0",)),
    Stranger("网址快捷方式", "请把网页打印成 PDF 再上传", (b"[InternetShortcut]",)),
    Stranger(" Flash 动画", _FILM, (b"FWS", b"CWS", b"ZWS")),
    Stranger(" RTF 文档", "请另存为 .docx，或导出为 PDF 再上传", (b"{\\rtf",)),
    Stranger(" PostScript 文件", _EXPORT, (b"%!PS", b"\xc5\xd0\xd3\xc6")),
    Stranger("数据库", "请导出为 .xlsx 或 CSV 再上传", (b"SQLite format 3\0", b"\0\x01\0\0Standard ")),
    Stranger(" CAD 图纸", _EXPORT, (b"AC10",)),
    Stranger("脚本", _PROGRAM, (b"#!", b"@echo", b"@ECHO", b"<?php")),
)
LETTERS: Final = (b"MZ", b"BZh", b"ID3", b"FWS", b"CWS", b"ZWS", b"8BPS", b"AC10", b"MSCF")
"""Beginnings that a plain text may have too: they count only where there are bytes no text has."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLD_OFFICE = Stranger(
    "旧版 Office 文件（.doc、.xls、.ppt）",
    "请在 Word、Excel 或 WPS 里另存为 .docx 或 .xlsx，或导出为 PDF 再上传",
    (OLE,),
)
SVG = Stranger(" SVG 图片，其中可以带脚本", _SAVE_PICTURE, ())
HTML = Stranger("网页文件，其中可以带脚本", "请把网页打印成 PDF 再上传", ())
XML = Stranger(" XML 文件", "请导出为 PDF、.xlsx 或 CSV 再上传", ())
SLIDES = Stranger(" PowerPoint 演示文稿", _EXPORT, ())
TEMPLATE = Stranger(" Office 模板", "请另存为 .docx 或 .xlsx 再上传", ())
BINARY_SHEET = Stranger("二进制的 Excel 表格（.xlsb）", "请另存为 .xlsx 再上传", ())
OPEN_DOCUMENT = Stranger(" OpenDocument 文件", "请另存为 .docx 或 .xlsx，或导出为 PDF 再上传", ())
OFD = Stranger(" OFD 版式文件", _EXPORT, ())
ARCHIVE = Stranger("压缩包", _UNPACK, ())

MARKUP: Final = re.compile(
    r"<\s*(!doctype\s+html|html|head|body|script|iframe|object|embed|svg|meta|base|form)\b|<\?php",
    re.IGNORECASE,
)


def turn_away(stranger: Stranger) -> NotTaken:
    """Return the refusal of a known kind that is not taken."""
    return NotTaken("stranger", title=stranger.title, next=stranger.next)


def kind_of(data: bytes) -> Kind | None:
    """Return what the first bytes say; None for what may be text. Raises NotTaken for kinds that are not taken.

    A file that is packed (PK) is said to be a docx here: which one it is stands inside.
    """
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"PK\x03\x04"):
        return "docx"
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise NotTaken("encrypted")
        raise turn_away(OLD_OFFICE)
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0" and int.from_bytes(data[2:6], "little") == len(data):
        raise NotTaken("stranger", title=" BMP 图片", next=_SAVE_PICTURE)
    binary = b"\0" in data[:4096]
    for stranger in STRANGERS:
        start = data[stranger.at : stranger.at + 20]
        if start.startswith(stranger.starts) and (binary or not start.startswith(LETTERS)):
            raise turn_away(stranger)
    if b"%PDF-" in data[:1024]:
        raise NotTaken("polyglot", what="一段 PDF")
    return None


def extension_of(name: str) -> str:
    """Return the extension in small letters, without the dot; empty when there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.strip().lower() if dot and stem else ""


def check_extension(kind: Kind, extension: str) -> None:
    """Refuse a name that says something else than the content; no extension says nothing."""
    if extension in ("", *EXTENSIONS[kind]):
        return
    known = {one for names in EXTENSIONS.values() for one in names}
    if kind in ("txt", "csv") and extension not in known:
        raise NotTaken("extension", extension=extension[:20])
    raise NotTaken(
        "wrong_extension", extension=extension[:20], title=f" {TITLES[kind]}".replace(" 纯", "纯"), right=kind
    )


def check_one_face(kind: Kind, data: bytes) -> None:
    """Refuse a file that another program would take for something else: two kinds in one."""
    if kind != "pdf" and b"%PDF-" in data[:1024]:
        raise NotTaken("polyglot", what="一段 PDF")
    if kind not in ("docx", "xlsx") and has_archive(data):
        raise NotTaken("polyglot", what="一个压缩包")


def has_archive(data: bytes) -> bool:
    """Whether a program that unpacks would find an archive at the end."""
    start = max(0, len(data) - 65_557)
    at = data.rfind(b"PK\x05\x06", start)
    while at >= 0:
        size = int.from_bytes(data[at + 12 : at + 16], "little")
        if len(data) - at >= 22 and (size == 0 or data[max(0, at - size) : at].startswith(b"PK\x01\x02")):
            return True
        at = data.rfind(b"PK\x05\x06", start, at)
    return False
