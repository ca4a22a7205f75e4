"""Tables as HTML that becomes a list of cards on a phone, and as a file for Excel. Cells come as they are to be read."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from app_pages.components.words import html

COMMANDS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""What a spreadsheet takes as the beginning of a formula."""

NOTHING = "—"
"""A cell that says nothing."""

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?%?")
"""What begins like a formula and is only a number."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], label: str, *, wide: int = 0) -> str:
    """Return a table of cells that are HTML already; the cell at `wide` names the row and stands first on a phone."""
    titles = "".join(f'<th scope="col">{html(one)}</th>' for one in head)
    body = "".join(f"<tr>{_cells(head, row, wide)}</tr>" for row in rows)
    return (
        f'<table class="zs-table" aria-label="{html(label)}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _cells(head: Sequence[str], row: Sequence[str], wide: int) -> str:
    return "".join(
        f'<th scope="row">{cell}</th>' if place == wide else _cell(head[place], cell)
        for place, cell in enumerate(row)
    )


def _cell(title: str, cell: str) -> str:
    """Return one cell; one that says nothing is left out on a phone."""
    blank = ' class="zs-blank"' if cell == NOTHING else ""
    return f'<td data-label="{html(title)}"{blank}><span>{cell}</span></td>'


def csv_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table as a file that Excel opens in Chinese; what looks like a formula is kept from being one."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(head)
    writer.writerows([_plain(one) for one in row] for row in rows)
    return made.getvalue().encode("utf-8-sig")


def _plain(cell: object) -> str:
    text = "" if cell is None else str(cell)
    formula = len(text) > 1 and text.startswith(COMMANDS) and not NUMBER.fullmatch(text)
    return f"'{text}" if formula else text
