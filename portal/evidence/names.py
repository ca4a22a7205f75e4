"""Names of files: never a path on our side, only something to show and to save under."""

import re
import unicodedata
from urllib.parse import quote

from portal.evidence.limits import NAME_BYTES
from portal.evidence.verdict import NotTaken

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]"
)
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
NAMELESS = "未命名"


def check_name(name: str) -> None:
    """Refuse a name that says where a file should lie."""
    if re.search(r"[/\\\0]", name) or re.match(r"[a-zA-Z]:", name) or name.strip(" .") == "":
        raise NotTaken("name_path")


def shown_name(name: str) -> str:
    """Return a name as it is shown and saved under: one line, nothing invisible, no path, not too long."""
    plain = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode("utf-8"))
    plain = INVISIBLE.sub("", plain)
    plain = "".join(
        letter for letter in plain if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    plain = re.sub(r'[/\\:*?"<>|]', "_", plain)
    plain = re.sub(r"\s+", " ", plain).strip(" .")
    plain = _cut(plain) or NAMELESS
    return f"_{plain}" if RESERVED.fullmatch(plain) else plain


def _cut(name: str) -> str:
    """Shorten a name in the middle, so that its extension stays."""
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 10:
        stem, dot, extension = name, "", ""
    room = NAME_BYTES - len((dot + extension).encode()) - 3
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + "…" + dot + extension


def disposition(name: str, extension: str, *, inline: bool = False, plain: str = "evidence") -> str:
    """Return a Content-Disposition (RFC 6266): the name in UTF-8, and a plain one for what cannot read that."""
    shown = shown_name(name)
    if not shown.lower().endswith(f".{extension}"):
        shown = f"{shown}.{extension}"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}.{extension}\"; filename*=UTF-8''{quote(shown, safe='')}"
