"""Files as people really have them, made by code: each must be taken."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pikepdf
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Parts = dict[str, bytes | str]


def packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def types(main: str, part: str, more: str = "") -> str:
    return (
        f'{HEAD}<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="{main}"/>{more}</Types>'
    )


def relations(*lines: str) -> str:
    return f'{HEAD}<Relationships xmlns="{RELATIONS}">{"".join(lines)}</Relationships>'


def relation(kind: str, target: str, *, external: bool = False, number: int = 1) -> str:
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'


def document(body: str = "<w:p><w:r><w:t>食堂卫生检查记录</w:t></w:r></w:p>") -> str:
    return f'{HEAD}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'


def docx_parts(**more: bytes | str) -> Parts:
    return {
        "[Content_Types].xml": types(WORD, "word/document.xml"),
        "_rels/.rels": relations(relation("officeDocument", "word/document.xml")),
        "word/document.xml": document(),
        **more,
    }


def docx(**more: bytes | str) -> bytes:
    return packed(docx_parts(**more))


def sheet(rows: str = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>52</v></c></row>') -> str:
    return f'{HEAD}<worksheet xmlns="{S}"><sheetData>{rows}</sheetData></worksheet>'


def xlsx_parts(**more: bytes | str) -> Parts:
    return {
        "[Content_Types].xml": types(SHEET, "xl/workbook.xml"),
        "_rels/.rels": relations(relation("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{S}"><sheets><sheet name="台账" sheetId="1"/></sheets></workbook>',
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{S}"><si><t>从业人员</t></si></sst>',
        "xl/worksheets/sheet1.xml": sheet(),
        **more,
    }


def xlsx(**more: bytes | str) -> bytes:
    return packed(xlsx_parts(**more))


def scene(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Draw something that looks different for each seed."""
    picture = Image.new("RGB", (width, height), (90, 120, 150))
    draw = ImageDraw.Draw(picture)
    value = seed * 2654435761 % 2**32
    for _ in range(24):
        value = (value * 1103515245 + 12345) % 2**31
        x, y = value % width, value // 7 % height
        colour = (value % 256, value // 256 % 256, value // 65536 % 256)
        draw.rectangle((x, y, x + width // 5, y + height // 6), fill=colour)
    return picture


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def photo(seed: int = 1, **size: int) -> bytes:
    """Take a photo as a phone does: with place, time, and lying on its side."""
    exif = Image.Exif()
    exif[0x0110] = "SECRET-CAMERA"
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2025:11:26 08:30:00"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 51.0, 0.0)
    return saved(scene(seed=seed, **size), "JPEG", exif=exif, comment=b"SECRET-COMMENT")


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda _: None, **options: Any) -> bytes:
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    change(made)
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


def scan() -> bytes:
    out = io.BytesIO()
    scene(620, 877, 9).save(out, "PDF")
    return out.getvalue()


def with_link(made: pikepdf.Pdf) -> None:
    made.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://www.example.org/")),
            )
        ]
    )
    made.Root.OpenAction = pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit])


def owner_locked() -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner="only the owner", user=""))


CHART = {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": xlsx()}
PLACES = {
    "word/_rels/document.xml.rels": relations(
        relation("hyperlink", "https://www.example.org/a", external=True),
        relation("hyperlink", "mailto:office@example.org", external=True, number=2),
        relation("hyperlink", "附件2.docx", external=True, number=3),
        relation("image", "media/image1.png", number=4),
    ),
    "word/_rels/settings.xml.rels": relations(
        relation("attachedTemplate", "file:///D:\\模板\\公文.dotx", external=True)
    ),
    "word/media/image1.png": saved(scene(), "PNG"),
}
PRINTER: Parts = {"xl/printerSettings/printerSettings1.bin": b"\0\1\2" * 40}
NOTES = "xl/drawings/vmlDrawing1.vml"

GOOD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    # case: (name it comes under, content, what it is)
    "photo of a phone": ("现场照片.jpg", photo, "jpg"),
    "photo with capital extension": ("IMG_2025.JPG", photo, "jpg"),
    "progressive jpeg": ("a.jpeg", lambda: saved(scene(), "JPEG", progressive=True), "jpg"),
    "cmyk jpeg": ("印刷.jpg", lambda: saved(scene().convert("CMYK"), "JPEG"), "jpg"),
    "photo with a short film behind it": (
        "motion.jpg",
        lambda: photo() + b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 20,
        "jpg",
    ),
    "two pictures in one": (
        "dual.jpg",
        lambda: saved(scene(), "MPO", save_all=True, append_images=[scene(320, 240)]),
        "jpg",
    ),
    "png": ("截图.png", lambda: saved(scene(), "PNG"), "png"),
    "png with transparency": ("章.png", lambda: saved(scene().convert("RGBA"), "PNG"), "png"),
    "png of sixteen bits": ("x.png", lambda: saved(Image.new("I;16", (64, 64), 700), "PNG"), "png"),
    "png in few colours": ("p.png", lambda: saved(scene().convert("P"), "PNG"), "png"),
    "webp": ("微信图片.webp", lambda: saved(scene(), "WEBP"), "webp"),
    "largest allowed picture": ("大图.png", lambda: saved(Image.new("1", (8000, 5000)), "PNG"), "png"),
    "pdf": ("制度.pdf", pdf, "pdf"),
    "pdf of a scan": ("许可证.pdf", scan, "pdf"),
    "pdf with links and a first view": ("通知.pdf", lambda: pdf(with_link), "pdf"),
    "pdf in object streams": (
        "压缩.pdf",
        lambda: pdf(with_link, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "pdf",
    ),
    "pdf nobody may print, without a password to open": ("公函.pdf", owner_locked, "pdf"),
    "pdf with line ends behind it": ("尾.pdf", lambda: pdf() + b"\r\n\r\n", "pdf"),
    "word": ("记录.docx", docx, "docx"),
    "word with links, a picture and a template on some drive": ("总结.docx", lambda: docx(**PLACES), "docx"),
    "word with a chart": ("图表.docx", lambda: docx(**CHART), "docx"),
    "excel": ("台账.xlsx", xlsx, "xlsx"),
    "excel that was printed": ("打印.xlsx", lambda: xlsx(**PRINTER), "xlsx"),
    "excel with old notes": (
        "批注.xlsx",
        lambda: xlsx(**{NOTES: '<xml xmlns:v="urn:v"><v:shape><div>注<br></div></v:shape></xml>'}),
        "xlsx",
    ),
    "excel with a long repetition": (
        "长表.xlsx",
        lambda: xlsx(
            **{"xl/worksheets/sheet1.xml": sheet('<row r="1"><c r="A1"><v>1</v></c></row>' * 20000)}
        ),
        "xlsx",
    ),
    "csv in utf-8": ("名单.csv", "姓名,人数\n食堂,52\n".encode, "csv"),
    "csv as excel here writes it": ("名单.csv", lambda: "姓名,人数\r\n食堂,52\r\n".encode("gb18030"), "csv"),
    "csv with harmless formulas": ("合计.csv", lambda: b'a,b\n1,=SUM(A1:A9)\n-3,"+86 551"\n', "csv"),
    "text": ("说明.txt", "食堂于 2025 年改造，见附图。".encode, "txt"),
    "text of notepad": ("说明.txt", lambda: "食堂".encode("utf-16"), "txt"),
    "text that begins like a program": ("MZ.txt", lambda: b"MZ, BZh and ID3 are letters as well.", "txt"),
    "no extension": ("现场", photo, "jpg"),
    "many dots and odd letters": ("报告.最终 版.v2（1）😀.pdf", pdf, "pdf"),
}
