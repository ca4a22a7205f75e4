"""How much of everything: what a file may be, and what a university may store."""

from dataclasses import dataclass

MIB = 1 << 20

FILE_SIZE = 20 * MIB
"""A file."""
PIXELS = 40_000_000
"""A picture: a phone takes 12 to 50 million in its best mode, and shows no more on a page."""
WEBP_PIXELS = 12_000_000
"""A picture as WebP, which cannot be drawn smaller while it is read: sixteen bytes of memory a pixel."""
COEFFICIENTS = 180 * MIB
"""What a progressive JPEG keeps of all its passes until the last one: two bytes a pixel and colour."""
SCAN_PIXELS = 20_000_000
"""A picture inside a PDF that is shown as its first page: A3 at 300 dots an inch."""
STRIP = 2_000_000
"""Pixels of a large picture that are made ready at a time."""
SIDE = 30_000
"""The longer side of a picture."""
SCANS = 100
"""Passes of a progressive JPEG: each one is decoded over the whole picture."""
PDF_PIXELS = 200_000_000
"""A picture inside a PDF: a large plan scanned finely."""
PDF_OBJECTS = 300_000
ZIP_ENTRIES = 2_000
ZIP_ENTRY = 100 * MIB
ZIP_TOTAL = 300 * MIB
ZIP_RATIO = 200
"""Unpacked over packed, for whatever unpacks to more than a megabyte."""
XML_DEPTH = 256
NESTED = 2
"""An Office file may hold an Office file (a chart holds its table), and that one more."""

TEXT_SHOWN = 20_000
"""Characters of a text, table or document that are shown before downloading it."""
PREVIEW_SIDE = 1_600
PREVIEW_SIZE = 4 * MIB

WORKER_MEMORY = 1 << 30
WORKER_CPU = 10
"""Seconds of computing for one file."""
WORKER_TIME = 40
"""Seconds on the clock for one file, on a busy machine or where nothing else can be limited."""

STRAY = 3_600
"""Seconds after which a temporary file belongs to nobody any more."""
RESUMABLE = 24 * 3_600
"""Seconds an upload may rest before its parts are let go."""
ORPHAN = 7 * 24 * 3_600
"""Seconds after which content that no row names is set aside: longer than any restore goes on before its rows come."""
ORPHAN_KEPT = 30 * 24 * 3_600
"""Seconds after which it is thrown away."""

NAME_BYTES = 180
"""A name as it is shown, so that with a prefix and a folder it fits every system."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be set for an installation."""

    university: int = 5 << 30
    """Bytes of evidence of one university, each content counted once."""
    per_fact: int = 20
    """Files that stand for one fact of one subject."""
    visit: int = 1 << 30
    """Bytes of photos that one inspector takes of one university in a round."""
    warn_days: int = 60
    """Days before a document runs out that a warning is shown."""
