"""What is said of a file: what was found in it, or why it is not taken, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from portal.refusal import Refusal

Kind = Literal["pdf", "jpg", "png", "webp", "docx", "xlsx", "csv", "txt"]
"""What is taken, and nothing else."""

TITLES: dict[Kind, str] = {
    "pdf": "PDF 文件",
    "jpg": "JPG 图片",
    "png": "PNG 图片",
    "webp": "WebP 图片",
    "docx": "Word 文档",
    "xlsx": "Excel 表格",
    "csv": "CSV 表格",
    "txt": "纯文本",
}
PICTURES: frozenset[Kind] = frozenset({"jpg", "png", "webp"})


@dataclass(frozen=True, slots=True)
class Found:
    """What a file is. `likeness` is a perceptual hash; `preview` a picture (JPEG) or a text that is safe to show."""

    kind: Kind
    pages: int | None = None
    width: int | None = None
    height: int | None = None
    taken_at: str | None = None
    likeness: str | None = None
    preview: bytes | None = None


class NotTaken(Exception):
    """A file that is refused: raised anywhere while looking at it, turned into a `Refusal` at the border."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code, self.details = code, details


TAKEN = "可以上传 PDF、JPG、PNG、WebP、Word（.docx）、Excel（.xlsx）、CSV 和纯文本（.txt）"

REASONS: Mapping[str, tuple[str, str]] = {
    # The file as a whole
    "empty": ("文件是空的", "请确认文件已经保存好，再上传"),
    "too_large": ("文件有 {size}，上限是 20 MB", "请压缩图片，或拆成几个文件分别上传"),
    "damaged": ("文件不完整或已损坏，打不开", "请在原来的程序里打开看看，重新保存后再上传"),
    "unknown": ("认不出这是什么文件", TAKEN),
    "stranger": ("这是{title}，不能作为证据上传", "{next}"),
    "wrong_extension": (
        "文件名以 .{extension} 结尾，内容却是{title}",
        "请确认选对了文件；内容没有错的，把扩展名改成 .{right} 再上传",
    ),
    "extension": ("文件名以 .{extension} 结尾，这一类文件不收", TAKEN),
    "name_path": ("文件名里带有文件夹路径或不能用的字符", "请改成一个普通的名字，不带 / 和 \\，再上传"),
    "polyglot": ("文件里另外夹带了{what}", "请在原来的程序里打开，另存一份干净的再上传"),
    "encrypted": ("文件设了打开密码，无法核对内容", "请去掉密码，重新保存后再上传"),
    "too_heavy": ("文件展开后太大，在规定的内存里打不开", "请拆成几个文件，或导出为 PDF 再上传"),
    "too_long": ("文件太复杂，在规定的时间里检查不完", "请拆成几个文件，或导出为 PDF 再上传"),
    # Pictures
    "pixels": ("图片有 {width}×{height} 像素，上限是 4000 万像素", "请在看图软件里缩小后再上传"),
    "pixels_webp": (
        "图片有 {width}×{height} 像素，WebP 图片的上限是 1200 万像素",
        "请在看图软件里缩小，或另存为 JPG 再上传",
    ),
    "progressive": (
        "图片有 {width}×{height} 像素，又存成了渐进式 JPG，展开要占的内存超过上限",
        "请在看图软件里另存为普通的 JPG（不勾选“渐进”），或缩小后再上传",
    ),
    "side": ("图片有 {width}×{height} 像素，一边最长 30000 像素", "请截成几张后再上传"),
    "animated": ("这是动图", "请另存为静止的 PNG 或 JPG 再上传"),
    "picture_script": ("图片的附注里夹带了程序代码", "请在看图软件里打开，另存为一张新图片再上传"),
    # PDF
    "pdf_script": ("PDF 里有脚本", "请用“打印成 PDF”另存一份，再上传"),
    "pdf_action": (
        "PDF 里有会启动程序、打开别的文件或外发数据的动作",
        "请用“打印成 PDF”另存一份，再上传",
    ),
    "pdf_attachment": ("PDF 里夹带了附件", "请把附件取出来单独上传，并用“打印成 PDF”另存一份"),
    "pdf_media": ("PDF 里有音视频或三维内容", "请用“打印成 PDF”另存一份，再上传"),
    "pdf_form": ("PDF 里有动态表单（XFA）", "请用“打印成 PDF”另存一份，再上传"),
    "pdf_bomb": ("PDF 里有反复压缩的内容或过大的图片，展开后会占满内存", "请用“打印成 PDF”另存一份，再上传"),
    "pdf_large": ("PDF 里的内容太多（超过 30 万项）", "请拆成几个 PDF 分别上传"),
    "pdf_blank": ("PDF 里一页也没有", "请重新导出后再上传"),
    # Office and what it is packed in
    "zip_entries": ("文件里打包了 {count} 个部件，上限是 2000 个", "请拆成几个文件，或导出为 PDF 再上传"),
    "zip_bomb": ("文件展开后会变得极大，像是压缩炸弹", "请在 Word、Excel 或 WPS 里打开，另存一份再上传"),
    "zip_path": ("文件里有部件的名字指向别处（{part}）", "请在 Word、Excel 或 WPS 里打开，另存一份再上传"),
    "zip_link": ("文件里有指向别处的链接部件（{part}）", "请在 Word、Excel 或 WPS 里打开，另存一份再上传"),
    "zip_twice": (
        "文件里有重名或互相重叠的部件（{part}）",
        "请在 Word、Excel 或 WPS 里打开，另存一份再上传",
    ),
    "office_macro": ("文件里有宏", "请另存为不带宏的 .docx 或 .xlsx（或导出为 PDF）再上传"),
    "office_active": ("文件里有会运行的控件（ActiveX）", "请删去控件，或导出为 PDF 再上传"),
    "office_object": ("文件里嵌入了别的对象（{part}）", "请把它取出来单独上传，原处改为图片，或导出为 PDF"),
    "office_part": ("文件里有不属于文档的部件（{part}）", "请在 Word、Excel 或 WPS 里打开，另存一份再上传"),
    "office_template": ("文件会从网上下载模板", "请在“文档模板”里改回默认模板，保存后再上传"),
    "office_external": (
        "文件会从网上或别的电脑读取内容",
        "请把链接的内容改为直接插入，断开链接，保存后再上传",
    ),
    "office_dde": ("文件里有会启动别的程序的域或公式（DDE）", "请删去它，保存后再上传"),
    "office_link": ("文件里有危险的超链接（{target}）", "请删去这个链接，保存后再上传"),
    "xml_entity": (
        "文件里的 XML 带有实体声明，可以用来读取别的文件",
        "请在 Word、Excel 或 WPS 里打开，另存一份再上传",
    ),
    "xml_deep": ("文件里的内容套得太深", "请在 Word、Excel 或 WPS 里打开，另存一份再上传"),
    # Text
    "text_markup": ("文本里有网页或脚本代码", "请只保留文字内容，另存为 .txt 再上传"),
    "text_control": ("文本里有不可见的控制字符", "请用记事本另存为 UTF-8 文本再上传"),
    "csv_command": ("第 {line} 行有会启动别的程序的公式", "请删去它，保存后再上传"),
    "csv_broken": ("第 {line} 行读不成表格", "请检查引号是否成对，或另存为 .xlsx 再上传"),
}
"""Why a file is not taken and what to do next, by code."""


def megabytes(size: int) -> str:
    """Return a size in words, rounded up, so that a file over the limit never seems to be within it."""
    tenths = -((-size * 10) >> 20)
    return f"{tenths // 10}.{tenths % 10} MB"


def reason(code: str, details: Mapping[str, str]) -> tuple[str, str]:
    """Return the reason and the next step in words."""
    what, after = REASONS[code]
    return what.format(**details), after.format(**details)


def refusal_of(name: str, refused: NotTaken) -> Refusal:
    """Say of a file by name why it was not taken."""
    what, after = reason(refused.code, refused.details)
    kind: Literal["too_large", "invalid"] = "too_large" if refused.code == "too_large" else "invalid"
    return Refusal(kind, f"evidence.{refused.code}", f"“{name}”没有收下：{what}", after)
