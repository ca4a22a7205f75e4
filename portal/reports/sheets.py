"""The report as an Excel workbook: the engine's numbers as numbers, everything else as text, no formula anywhere."""

import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from engine.losses import Step
from portal.moment import moment_of
from portal.reports.report import Card, Item, Lost, Part, Report, Veto

MOST = 32_767
"""Letters that a cell holds; what is longer is cut and says so."""

CUT = "……（过长，全文见 JSON 成绩单）"
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet might take for a formula once somebody edits the cell."""

LINE = 15
"""Height of a line of text; a program that opens the file does not work it out for itself."""

MOST_LINES = 27
"""As high as a row can be."""

IN_LINE = "依据"
"""The last column, in one line however long: wrapped, it would make every row three times as high."""

Value = str | Decimal | int
Column = tuple[str, int]
"""A heading and a width in letters."""

POINTS: tuple[Column, ...] = (("满分", 7), ("已定得分", 9), ("最多得分", 9), ("状态", 9))
TOLD: tuple[Column, ...] = (("理由", 46), ("下一步", 36), ("怎么改", 36), ("性质", 11), ("依据", 46))
LOST: tuple[Column, ...] = (
    ("分区", 14),
    ("指标", 26),
    ("失去的分", 9),
    ("未定的分", 9),
    *POINTS,
    *TOLD,
)
ITEMS: tuple[Column, ...] = (
    ("分区", 14),
    ("分组", 16),
    ("指标号", 16),
    ("指标", 26),
    ("关键项", 5),
    *POINTS,
    *TOLD,
)
VETOES: tuple[Column, ...] = (
    ("一票否决", 40),
    ("结论", 12),
    ("后果", 18),
    ("理由", 60),
    ("怎么改", 50),
    ("依据", 60),
)
STEPS: tuple[Column, ...] = (
    ("这一步", 30),
    ("失去的分", 12),
    ("未定的分", 14),
    ("之前（已定）", 14),
    ("之后（已定）", 14),
)


def workbook(report: Report) -> bytes:
    """Return the report as the bytes of an .xlsx file; the same report gives the same bytes."""
    return _Book(report).bytes()


class _Book:
    """Writes one workbook."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.several = len(report.cards) > 1
        self.out = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.out, {"in_memory": True})
        made = moment_of(report.about.at).replace(tzinfo=None, microsecond=0)
        self.book.set_properties(
            {"title": report.title, "author": "准绳", "comments": report.notices[-1], "created": made}
        )
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "text_wrap": True}
        quoted = base | {"quote_prefix": True}
        self.text = self.book.add_format(base)
        self.risky = self.book.add_format(quoted)
        self.number = self.book.add_format(base | {"num_format": "General", "align": "right"})
        self.bold = self.book.add_format(quoted | {"bold": True})
        self.line = self.book.add_format(quoted | {"text_wrap": False})
        self.note = self.book.add_format(quoted | {"font_color": "#8C3A10", "text_wrap": False})
        self.title = self.book.add_format(quoted | {"bold": True, "font_size": 15, "text_wrap": False})
        head = {
            "bold": True,
            "align": "left",
            "bg_color": "#1F5F57",
            "font_color": "#FFFFFF",
            "valign": "vcenter",
        }
        self.head = self.book.add_format(quoted | head)

    def bytes(self) -> bytes:
        """Write every sheet and return the file."""
        self._overview()
        cards = self.report.cards
        self._table("失分", LOST, 10, ((card, _lost(one)) for card in cards for one in card.lost))
        self._table("逐项得分", ITEMS, 10, ((card, _item(one)) for card in cards for one in card.items))
        self._table("失分去向", STEPS, 5, ((card, _step(one)) for card in cards for one in card.steps))
        self._table("否决", VETOES, 4, ((card, _veto(one)) for card in cards for one in card.vetoes))
        self.book.close()
        return self.out.getvalue()

    # Cells --------------------------------------------------------------------------------------------------------------

    def _put(self, sheet: Worksheet, row: int, column: int, value: Value, form: Format | None = None) -> None:
        """Write one cell: a number as a number, a text as a text whatever it begins with."""
        if not isinstance(value, str):
            sheet.write_number(row, column, value, form or self.number)
            return
        text = value if len(value) <= MOST else value[: MOST - len(CUT)] + CUT
        sheet.write_string(row, column, text, form or (self.risky if text.startswith(RISKY) else self.text))

    def _row(self, sheet: Worksheet, row: int, values: Sequence[Value], form: Format | None = None) -> None:
        for column, value in enumerate(values):
            self._put(sheet, row, column, value, form)

    def _table(
        self, name: str, columns: Sequence[Column], printed: int, rows: Iterable[tuple[Card, Iterable[Value]]]
    ) -> None:
        """Write a sheet of rows below a frozen head; with several subjects, each row begins with whose it is.

        Only the first columns are printed: all of them would be too small to read.
        """
        sheet = self.book.add_worksheet(name)
        whose: tuple[Column, ...] = (("对象", 20),) if self.several else ()
        every = (*whose, *columns)
        for column, (title, width) in enumerate(every):
            sheet.set_column(column, column, width)
            self._put(sheet, 0, column, title, self.head)
        last = 0
        sheet.set_row(0, 2 * LINE)
        for last, (card, told) in enumerate(rows, 1):
            values = (*((card.subject,) if whose else ()), *told)
            height = 1
            for column, (value, (title, width)) in enumerate(zip(values, every, strict=False)):
                in_line = title == IN_LINE
                self._put(sheet, last, column, value, self.line if in_line else None)
                height = max(height, 1 if in_line else _lines(value, width))
            sheet.set_row(last, LINE * height)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(last, 1), len(every) - 1)
        self._print(sheet, last, len(whose) + printed - 1, wide=True)
        sheet.repeat_rows(0)

    def _print(self, sheet: Worksheet, last_row: int, last_column: int, *, wide: bool = False) -> None:
        """Set what is printed and how: A4, as wide as one page, with the title, the page and where it comes from."""
        sheet.set_paper(9)
        if wide:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.print_area(0, 0, last_row, last_column)
        short = self.report.about.sha256[:12]
        said = self.report.title.replace("&", "&&")
        sheet.set_header(f"&L{said[:80]}&R&A")
        sheet.set_footer(f"&L程序计算，不是正式文件　指纹 {short}&R第 &P 页，共 &N 页")

    # Sheets -------------------------------------------------------------------------------------------------------------

    def _overview(self) -> None:
        sheet = self.book.add_worksheet("总览")
        for column, width in enumerate((30, 24, 14, 14, 14)):
            sheet.set_column(column, column, width)
        report, row = self.report, 0
        self._put(sheet, row, 0, report.title, self.title)
        sheet.set_row(0, 2 * LINE)
        for row, notice in enumerate(report.notices, 1):
            self._put(sheet, row, 0, notice, self.note)
        for title, value in report.head:
            row += 1
            self._put(sheet, row, 0, title, self.bold)
            self._put(sheet, row, 1, value, self.line)
        if report.whole is not None:
            row = self._whole(sheet, row + 2)
        for card in report.cards:
            row = self._card(sheet, row + 2, card)
        sheet.freeze_panes(1, 0)
        self._print(sheet, row, 4)

    def _whole(self, sheet: Worksheet, row: int) -> int:
        whole = self.report.whole
        assert whole is not None
        self._row(sheet, row, ("汇总", "数值"), self.head)
        for title, value in (*whole.figures, *whole.shares, *whole.titles):
            row += 1
            self._row(sheet, row, (title, value))
        for one in whole.vetoed:
            row += 1
            self._row(sheet, row, ("被一票否决的对象", one))
        row += 2
        self._row(sheet, row, ("对象", "等级", "总分"), self.head)
        for unit in whole.units:
            row += 1
            self._row(sheet, row, (unit.title, unit.grade, unit.total))
        return row

    def _card(self, sheet: Worksheet, row: int, card: Card) -> int:
        self._row(sheet, row, (card.subject, "等级", "已定得分", "最多得分", "满分"), self.head)
        row += 1
        self._row(sheet, row, ("总分", card.grade, *_ends(card.total)))
        for part in card.parts:
            row += 1
            self._row(sheet, row, (part.title, "", *_ends(part)))
        for part in card.weighing:
            row += 1
            self._row(
                sheet,
                row,
                (f"加权：{part.title}", f"权重 {part.full}", Decimal(part.low), Decimal(part.high)),
            )
        for title, value in self._facts(card):
            row += 1
            self._put(sheet, row, 0, title)
            self._put(sheet, row, 1, value, self.line)
        return row

    def _facts(self, card: Card) -> list[tuple[str, str]]:
        """Return what else the overview says of a subject, line by line."""
        found = [("等级线", "；".join(card.lines)), ("已答问题", f"{card.answered[0]} / {card.answered[1]}")]
        if len(card.possible) > 1:
            found.append(("还可能是", "、".join(card.possible)))
        found += [("一票否决", f"{one.title}：{one.state}") for one in card.vetoes if one.stands]
        found += [(f"{grade}的前置", f"{title}：{met}") for grade, title, met in card.requirements]
        found += [
            (f"扣分事件：{title}", f"扣 {points} 分") for title, points in card.incidents if points != "0"
        ]
        found += [(f"定为{grade}最少再答", "；".join(facts)) for grade, facts in card.ways]
        return found + [("需要留意", one) for one in card.problems]


def _lines(value: Value, width: int) -> int:
    """Return how many lines a value takes; a Chinese letter is as wide as two others."""
    if not isinstance(value, str):
        return 1
    wide = (sum(2 if letter > "\u2e7f" else 1 for letter in line) for line in value.split("\n"))
    return min(MOST_LINES, sum(1 + max(0, one - 1) // (width - 1) for one in wide))


def _ends(part: Part) -> tuple[Decimal, Decimal, Decimal]:
    return Decimal(part.low), Decimal(part.high), Decimal(part.full)


def _lost(one: Lost) -> Iterator[Value]:
    yield from (one.section, one.title, Decimal(one.lost), Decimal(one.open))
    if one.item is not None:
        yield from (Decimal(one.item.full), Decimal(one.item.low), Decimal(one.item.high), one.item.state)
        taken = f"因“{one.void}”有不合规，整组不得分。" if one.void else ""
        yield from _told(one.item, taken + one.item.reason)


def _item(one: Item) -> Iterator[Value]:
    yield from (one.section, one.group, one.id, one.title, "★" if one.key else "")
    yield from (Decimal(one.full), Decimal(one.low), Decimal(one.high), one.state)
    yield from _told(one, one.reason)


def _told(one: Item, reason: str) -> Iterator[Value]:
    yield from (reason, "\n".join(one.next), one.fix, one.provenance, "　".join(one.basis))


def _step(one: Step) -> Iterator[Value]:
    yield one.title
    yield from map(Decimal, (one.lost, one.open, one.before, one.after))


def _veto(one: Veto) -> Iterator[Value]:
    yield from (one.title, one.state, one.effect, one.reason, one.fix, "　".join(one.basis))
