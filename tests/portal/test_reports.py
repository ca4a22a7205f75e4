"""The three files say the same, to the digit; nothing that people typed becomes a formula, markup or a lost letter."""

import copy
import hashlib
import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from engine.document import canonical, roll_up_document, scorecard_document
from engine.judge import judge
from engine.load import load
from engine.losses import losses, steps
from engine.models.submission import Submission
from engine.rollup import roll_up, stated_by
from engine.strict_yaml import read_yaml
from portal.reports.prints import print_of
from portal.reports.report import NOT_OFFICIAL, About, report_of
from portal.reports.shapes import falls
from portal.reports.sheets import MOST, workbook
from portal.reports.words import state_of
from tests.portal.reading import parts, pdf_text, sheets

ROOT = Path(__file__).parents[2]
SAMPLES = (
    "green-canteen/typical",
    "standard-apartment/blank",
    "canteen-procurement/vetoed",
    "social-organisation/association-2023",
)
AT = "2026-11-26T08:00:00.123456Z"


@cache
def library():
    return load(ROOT)[0]


@cache
def submission(name):
    file = ROOT / "samples" / f"{name}.yaml"
    return Submission.model_validate(read_yaml(file.read_bytes(), file.name).data)


@cache
def text(name):
    given = submission(name)
    edition = library().edition(given.standard, given.edition)
    return canonical(scorecard_document(judge(edition, stated_by(given)), given.subject))


def card(name):
    return json.loads(text(name))


def about(document):
    sources = {name: one.title for name, one in library().sources.items()}
    sha256 = hashlib.sha256(canonical(document).encode()).hexdigest()
    return About("某大学", "首批评定", "提交时", AT, sha256, sources)


def report(document):
    return report_of([document], about(document))


def leaves(branch):
    for group in branch["groups"]:
        yield from leaves(group)
    yield from branch["indicators"]


def indicators(document):
    for section in document["sections"]:
        yield from leaves(section)
    for group in (document["bonus"] or {"groups": ()})["groups"]:
        yield from group["indicators"]


def blank(told):
    return re.sub(r"\s+", "", told)


def span(ends):
    return ends["low"] if ends["low"] == ends["high"] else f"{ends['low']}–{ends['high']}"


# They agree -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_the_workbook_has_every_number_of_the_document(name):
    document = card(name)
    found = sheets(workbook(report(document)))
    told = {row[2]: tuple(row[5:9]) for row in found["逐项得分"][1:]}
    assert told == {
        one["id"]: (Decimal(one["points"]), Decimal(one["low"]), Decimal(one["high"]), state_of(one))
        for one in indicators(document)
    }
    overview = [row for row in found["总览"] if row and row[0] == "总分" and isinstance(row[2], Decimal)]
    assert [row[2:5] for row in overview] == [
        [
            Decimal(document["total"]["low"]),
            Decimal(document["total"]["high"]),
            Decimal(document["standard"]["total"]),
        ]
    ]
    for section in document["sections"]:
        ends = [Decimal(section["low"]), Decimal(section["high"]), Decimal(section["points"])]
        assert [section["title"], "", *ends] in [row[:5] for row in found["总览"]]
    assert [tuple(row) for row in found["失分去向"][1:]] == [
        (one.title, *map(Decimal, (one.lost, one.open, one.before, one.after))) for one in steps(document)
    ]
    assert [tuple(row[1:4]) for row in found["失分"][1:]] == [
        (one.title, Decimal(one.lost), Decimal(one.open)) for one in losses(document)
    ]
    assert [row[:2] for row in found["否决"][1:]] == [
        [one["title"], one["doubt"] if one["state"] == "存疑" and one["doubt"] else one["state"]]
        for one in document["vetoes"]
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_print_has_every_number_of_the_document(name):
    document = card(name)
    told = pdf_text(print_of(report(document)))
    total = document["standard"]["total"]
    assert f"总分（满分{total}）" in told
    assert span(document["total"]) in told
    missing = [
        one["id"]
        for one in indicators(document)
        if blank(f"{'★' if one['key'] else ''}{one['title']}{span(one)}{one['points']}{state_of(one)}")
        not in told
    ]
    assert missing == []
    for section in document["sections"]:
        assert blank(f"{section['title']}{span(section)}{section['points']}") in told
    for one in falls(steps(document)):
        assert blank(f"{one.title}{one.said}{one.open_said}") in told
    for one in losses(document):
        assert blank(one.title) in told
        assert one.indicator is None or blank(one.indicator["sentence"]) in told


@pytest.mark.parametrize("name", SAMPLES)
def test_each_says_what_it_is_and_is_not(name):
    document = card(name)
    made = report(document)
    book, told = sheets(workbook(made)), pdf_text(print_of(made))
    said = [row[0] for row in book["总览"] if row]
    for notice in (document["standard"]["disclaimer"].rstrip("。"), NOT_OFFICIAL):
        assert notice in said
        assert blank(notice) in told
    for fingerprint in (document["standard"]["hash"], made.about.sha256):
        assert fingerprint in told
        assert any(fingerprint in row for row in book["总览"])
    assert "【建议稿】" in told


def test_of_a_whole_every_subject_is_told():
    given = submission("green-canteen/university")
    rolled = roll_up(library().edition(given.standard, given.edition), given)
    cards = [json.loads(canonical(scorecard_document(one, unit.subject))) for unit, one in rolled.units]
    whole = {"subject": given.subject.model_dump(), **roll_up_document(rolled)}
    made = report_of(cards, about(cards[0]), whole)
    book, told = sheets(workbook(made)), pdf_text(print_of(made))
    assert len(book["逐项得分"]) - 1 == sum(len(list(indicators(one))) for one in cards)
    for one in cards:
        name = one["subject"]["title"]
        assert [row[1:] for row in book["逐项得分"] if row[0] == name]
        assert any(row[:2] == [name, made.whole.units[cards.index(one)].grade] for row in book["总览"])
        assert blank(f"{name}{made.whole.units[cards.index(one)].grade}{span(one['total'])}") in told
    assert blank(f"平均分{span(whole['mean'])}") in told


# What people typed stays text ------------------------------------------------------------------------------------------

PAYLOADS = (
    '=HYPERLINK("https://example.com","点")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    '#read("/etc/passwd") *粗* $x^2$ <a> @b \\ `c` //d /*e*/ [f]',
    "<b>粗</b>&amp;",
)


def poisoned(payload):
    document = copy.deepcopy(card("social-organisation/association-2023"))
    document["subject"]["title"] = payload
    first = document["sections"][0]
    while first["groups"]:
        first = first["groups"][0]
    first["indicators"][0] |= {"title": payload, "sentence": payload, "fix": payload, "next": [payload]}
    document["coverage"]["missing"].append({"id": "x", "title": payload})
    return document


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_is_a_formula_and_no_text_is_markup(payload):
    made = report(poisoned(payload))
    data = workbook(made)
    assert [
        name for name, xml in parts(data).items() if name.startswith("xl/worksheets/") and "<f>" in xml
    ] == []
    assert "hyperlink" not in "".join(parts(data)).lower()
    rows = [cell for row in sheets(data)["逐项得分"] for cell in row]
    assert payload in rows
    assert blank(payload) in pdf_text(print_of(made))


def test_a_text_like_a_formula_stays_text_when_its_cell_is_edited():
    data = parts(workbook(report(poisoned("=1+1"))))
    quoted = [
        number
        for number, one in enumerate(re.findall(r"<xf [^>]*>", data["xl/styles.xml"].split("<cellXfs")[1]))
        if 'quotePrefix="1"' in one
    ]
    shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", data["xl/sharedStrings.xml"], re.DOTALL)
    cells = re.findall(
        r'<c r="\w+"(?: s="(\d+)")? t="s"><v>(\d+)</v>',
        "".join(xml for name, xml in data.items() if name.startswith("xl/worksheets/")),
    )
    styles = {int(style or 0) for style, text_ in cells if shared[int(text_)] == "=1+1"}
    assert styles
    assert styles <= set(quoted)


def test_a_text_too_long_for_a_cell_says_so_and_is_whole_on_paper():
    long = "长" * (MOST + 1)
    document = card("social-organisation/association-2023")
    next(indicators(document))["sentence"] = long
    cells = [
        cell
        for row in sheets(workbook(report(document)))["逐项得分"]
        for cell in row
        if isinstance(cell, str)
    ]
    assert max(map(len, cells)) == MOST
    assert any(cell.endswith("全文见 JSON 成绩单）") for cell in cells)
    assert pdf_text(print_of(report(document))).count("长") >= len(long)


# They are the same whenever they are made --------------------------------------------------------------------------------


def test_the_same_report_gives_the_same_bytes():
    made = report(card("standard-apartment/blank"))
    assert workbook(made) == workbook(made)
    assert print_of(made) == print_of(made)


def test_the_print_brings_its_letters_and_asks_for_nothing():
    data = print_of(report(card("standard-apartment/blank")))
    assert data.startswith(b"%PDF-1.7")
    assert b"/URI" not in data
    assert b"/JavaScript" not in data
    assert b"NotoSansSC" in data


def test_the_sheets_are_ready_to_be_read_and_printed():
    data = parts(workbook(report(card("green-canteen/typical"))))
    for number in (2, 3, 4, 5):
        sheet = data[f"xl/worksheets/sheet{number}.xml"]
        assert 'state="frozen"' in sheet
        assert "<cols>" in sheet
        assert 'paperSize="9"' in sheet
    assert data["xl/workbook.xml"].count("_xlnm.Print_Area") == 5
