"""Pictures: measured before they are decoded, then drawn anew without what the camera wrote beside them."""

import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from PIL import ExifTags, Image

from portal.evidence.likeness import likeness_of
from portal.evidence.limits import (
    COEFFICIENTS,
    PIXELS,
    PREVIEW_SIDE,
    PREVIEW_SIZE,
    SCANS,
    SIDE,
    STRIP,
    WEBP_PIXELS,
)
from portal.evidence.verdict import Found, Kind, NotTaken
from portal.moment import text_of

FORMATS = {"jpg": ("JPEG", "MPO"), "png": ("PNG",), "webp": ("WEBP",)}
BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    Image.DecompressionBombError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
PROGRESSIVE = 0xC2
SCRIPT = re.compile(rb"<\s*(script|html|svg|iframe|!doctype)|<\?php|<%@|javascript:", re.IGNORECASE)
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is turned upright, by what its camera wrote of how it was held."""
LYING = (5, 6, 7, 8)
CHINA = timezone(timedelta(hours=8))


def look_at_picture(kind: Kind, data: bytes) -> Found:
    """Look at a picture: its frame first, then its size, then all of its pixels. Raises NotTaken."""
    beside = {"jpg": _jpg, "png": _png, "webp": _webp}[kind](data)
    if any(SCRIPT.search(piece) for piece in beside):
        raise NotTaken("picture_script")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _drawn(kind, data)
        except BROKEN as error:
            raise NotTaken("damaged") from error


def _drawn(kind: Kind, data: bytes) -> Found:
    Image.MAX_IMAGE_PIXELS = None  # measured here, with words of our own
    with Image.open(io.BytesIO(data), formats=FORMATS[kind]) as picture:
        width, height = picture.size
        if width * height > PIXELS:
            raise NotTaken("pixels", width=str(width), height=str(height))
        if max(width, height) > SIDE:
            raise NotTaken("side", width=str(width), height=str(height))
        if kind == "webp" and width * height > WEBP_PIXELS:
            raise NotTaken("pixels_webp", width=str(width), height=str(height))
        if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
            raise NotTaken("animated")
        taken = taken_at(picture)
        if kind == "jpg":
            picture.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))
        picture.load()
        turned = picture.getexif().get(ExifTags.Base.Orientation, 1)
        # Made small before it is turned: a copy of all its pixels would double the memory.
        flat = flattened(picture)
        if turned in UPRIGHT:
            flat = flat.transpose(UPRIGHT[turned])
        if turned in LYING:
            width, height = height, width
        return Found(
            kind,
            width=width,
            height=height,
            taken_at=taken,
            likeness=likeness_of(flat),
            preview=preview_of(flat),
        )


def flattened(picture: Image.Image) -> Image.Image:
    """Return the pixels alone, made small, on white where they are transparent: nothing else goes along."""
    factor = max(picture.size) // (2 * PREVIEW_SIDE)
    small = _on_white(picture) if factor < 2 else _reduced(picture, factor)
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), reducing_gap=3.0)
    return small


def _reduced(picture: Image.Image, factor: int) -> Image.Image:
    """Make a large picture smaller, a strip at a time: a whole copy in other colours would double the memory."""
    width, height = picture.size
    rows = max(1, STRIP // width // factor) * factor
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        small.paste(_on_white(strip).reduce(factor), (0, top // factor))
    return small


def _on_white(picture: Image.Image) -> Image.Image:
    clean = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        clean.paste(shown, mask=shown.getchannel("A"))
    elif picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        clean.paste(picture.point(lambda value: value / 256).convert("L"))
    else:
        clean.paste(picture.convert("RGB"))
    return clean


def preview_of(picture: Image.Image) -> bytes | None:
    """Return a small JPEG drawn anew; None when even that is too large to keep."""
    out = io.BytesIO()
    flattened(picture).save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue() if out.tell() <= PREVIEW_SIZE else None


def taken_at(picture: Image.Image) -> str | None:
    """Return when the camera says the picture was taken, as kept; in China's time where it names no zone."""
    try:
        exif = picture.getexif()
        inside = exif.get_ifd(ExifTags.IFD.Exif)
        said = inside.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        offset = inside.get(ExifTags.Base.OffsetTimeOriginal)
        moment = datetime.strptime(str(said).strip("\0 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=CHINA)
        if isinstance(offset, str) and re.fullmatch(r"[+-]\d\d:\d\d", offset.strip("\0 ")):
            zone = datetime.strptime(offset.strip("\0 "), "%z").tzinfo
            moment = moment.replace(tzinfo=zone)
        return text_of(moment) if 1990 <= moment.astimezone(UTC).year < 2100 else None
    except BROKEN:
        return None


# What stands beside the pixels ----------------------------------------------------------------------------------


def _jpg(data: bytes) -> list[bytes]:
    """Return the notes in a JPEG; refuse one that is cut off, scanned too often or followed by something foreign."""
    notes: list[bytes] = []
    at, scans = 2, 0
    while True:
        if at + 2 > len(data) or data[at] != 0xFF:
            raise NotTaken("damaged")
        mark = data[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        if mark == 0xD9:
            break
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            raise NotTaken("damaged")
        if mark == PROGRESSIVE:
            _check_weight(data[at + 4 : at + 2 + length])
        if mark == 0xFE or 0xE0 <= mark <= 0xEF:
            notes.append(data[at + 4 : at + 2 + length])
        at += 2 + length
        if mark == 0xDA:
            scans += 1
            if scans > SCANS:
                raise NotTaken("too_long")
            at = _end_of_scan(data, at)
    _check_tail(data[at + 2 :])
    return notes


def _check_weight(frame: bytes) -> None:
    """Refuse a progressive JPEG that would fill the memory: all its passes are kept until the last has come."""
    if len(frame) < 6 or len(frame) < 6 + 3 * frame[5]:
        raise NotTaken("damaged")
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    shares = [(frame[at] >> 4) * (frame[at] & 15) for at in range(7, 6 + 3 * frame[5], 3)]
    finest = max([1, *shares])
    if width * height <= PIXELS and 2 * width * height * sum(shares) > COEFFICIENTS * finest:
        raise NotTaken("progressive", width=str(width), height=str(height))


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next mark after compressed pixels stands."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise NotTaken("damaged")
        mark = data[at + 1]
        if mark not in (0, 0xFF) and not 0xD0 <= mark <= 0xD7:
            return at
        at += 1 if mark == 0xFF else 2


def _check_tail(tail: bytes) -> None:
    """Let pass what phones put after the picture (a second picture, a short film, padding), and nothing else."""
    if not tail.strip(b"\0\r\n\xff "):
        return
    body = tail.lstrip(b"\0")
    phone = (
        body.startswith(b"\xff\xd8\xff")
        or b"ftyp" in (tail[4:8], body[1:5])
        or tail.endswith(b"SEFT")
        or b"MotionPhoto_Data" in tail
    )
    if not phone or SCRIPT.search(tail) or b"%PDF-" in tail:
        raise NotTaken("polyglot", what="图片以外的内容")


def _png(data: bytes) -> list[bytes]:
    """Return the notes in a PNG; refuse one that is cut off, moves, or is followed by anything."""
    notes: list[bytes] = []
    for name, content, end in _chunks_of_png(data):
        if name == b"acTL":
            raise NotTaken("animated")
        if name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf"):
            notes.append(content)
        if name == b"IEND":
            if data[end:].strip(b"\0\r\n "):
                raise NotTaken("polyglot", what="图片以外的内容")
            return notes
    raise NotTaken("damaged")


def _chunks_of_png(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(
            data[end - 4 : end], "big"
        ):
            raise NotTaken("damaged")
        yield name, data[at + 8 : end - 4], end
        at = end


def _webp(data: bytes) -> list[bytes]:
    """Return the notes in a WebP; refuse one that is cut off, moves, or is followed by anything."""
    size = int.from_bytes(data[4:8], "little") + 8
    if size > len(data):
        raise NotTaken("damaged")
    if data[size:].strip(b"\0"):
        raise NotTaken("polyglot", what="图片以外的内容")
    notes: list[bytes] = []
    at = 12
    while at + 8 <= size:
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name in (b"ANIM", b"ANMF"):
            raise NotTaken("animated")
        if name not in (b"VP8 ", b"VP8L", b"ALPH"):
            notes.append(data[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return notes
