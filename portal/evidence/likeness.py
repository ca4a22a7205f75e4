"""Whether two pictures look alike: 128 bits that stay nearly the same when a picture is scaled or saved again."""

from collections.abc import Iterator

from PIL import Image

BITS = 128
NEAR = 6
"""Bits in which two pictures may differ and still be called nearly identical."""
BANDS = NEAR + 1
"""Two hashes that differ in at most NEAR bits are equal in at least one of NEAR + 1 bands: these are indexed."""
CONTRAST = 16
"""Differences of brightness below which a picture shows nothing one could compare: a white page, a closed lens."""


def likeness_of(picture: Image.Image) -> str | None:
    """Return the likeness of a picture: is each of 8×8 fields brighter than its neighbour to the right, and below."""
    grey = picture.convert("L")
    low, high = _extremes(grey.resize((16, 16), Image.Resampling.BOX))
    if high - low < CONTRAST:
        return None
    across = _steps(grey.resize((9, 8), Image.Resampling.BOX), 9, 8, 1, 0)
    down = _steps(grey.resize((8, 9), Image.Resampling.BOX), 8, 9, 0, 1)
    return f"{across:016x}{down:016x}"


def _extremes(grey: Image.Image) -> tuple[int, int]:
    values = grey.tobytes()
    return min(values), max(values)


def _steps(grey: Image.Image, width: int, height: int, right: int, below: int) -> int:
    values = grey.tobytes()
    bits = 0
    for y in range(height - below):
        for x in range(width - right):
            here, there = values[y * width + x], values[(y + below) * width + x + right]
            bits = bits << 1 | (here > there)
    return bits


def distance(one: str, other: str) -> int:
    """Return in how many bits two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def bands_of(likeness: str) -> Iterator[tuple[int, int]]:
    """Return the bands of a hash as (number of the band, its bits)."""
    bits = int(likeness, 16)
    edges = [BITS * band // BANDS for band in range(BANDS + 1)]
    for band in range(BANDS):
        width = edges[band + 1] - edges[band]
        yield band, bits >> edges[band] & ((1 << width) - 1)
