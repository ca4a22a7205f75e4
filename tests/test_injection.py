"""Whatever somebody writes into a rule or an answer is text in everything that is handed out, and nothing else."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from app_pages.components.tables import csv_of
from engine import catalogue as pages
from engine.catalogue import catalogue
from engine.command.catalogue import page
from engine.document import canonical, scorecard_document
from engine.explain import explain
from engine.load import load_texts
from engine.models.submission import Subject
from tests.command.conftest import Type, repository, typed  # noqa: F401  fixtures
from tests.payloads import PAYLOADS, Seen
from tests.tiny import FACTS, card, files

ROOT = Path(__file__).parent.parent


def library(payload):
    """Write the payload wherever a drafter writes text."""
    said = json.dumps(payload, ensure_ascii=False)
    section = f"""section: {{id: a, title: {said}, points: 10}}
indicators:
- {{id: one, title: {said}, points: 10, score: {{judge: 10, guide: {said}}}, fix: {said}, basis: [{{source: law, article: {said}, provenance: sourced, note: {said}}}], absent: exclude}}
"""
    standard = f"""title: {said}
disclaimer: {said}
no_grade: {said}
grades: [{{id: good, title: {said}, at_least: 6, note: {said}}}]
vetoes: [{{id: v, title: {said}, when: {{c.gas: true}}, effect: {{cap: good}}, note: {said}, fix: {said}}}]
changes: [{{date: 2024-01-01, version: {said}, text: {said}}}]
"""
    facts = FACTS.replace(
        "- {id: c.gas, ask: 使用燃气, answer: yes_no}",
        f"- {{id: c.gas, ask: {said}, answer: yes_no, help: {said}, inspect: {said}, sample: {said}, evidence: {{kind: {said}, from: {said}}}}}",
    )
    sources = f"sources: [{{id: law, title: {said}, number: {said}, issuer: {said}, grade: A, note: {said}}}]".encode()
    built, problems = load_texts(files(section, standard, facts) | {"rules/sources.yaml": sources})
    assert [str(one) for one in problems if one.severity == "error"] == []
    return built


def shown(text):
    return " ".join(text.split())


def wrong_in_pages(payload):
    """Say what could act in the catalogue, as Markdown shown by a viewer that lets HTML through, and as our page."""
    built = library(payload)
    of = built.editions["t", "1"]
    text = catalogue(built, of)
    lenient = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    found = []
    for html in (lenient, page(of, text)):
        seen = Seen(html)
        found += seen.acting
        if shown(seen.text).count(shown(payload)) < 12:
            found.append("is not there as it was written")
    return found, [
        Seen(lenient).tags.count(tag) for tag in ("h1", "h2", "h3", "h4", "table", "tr", "td", "li")
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_catalogue_shows_it_as_text(payload):
    found, shape = wrong_in_pages(payload)
    assert found == []
    assert shape == wrong_in_pages("平常的文字")[1]


def test_unescaped_it_would_act(monkeypatch):
    monkeypatch.setattr(pages, "plain", str)
    assert sum(bool(wrong_in_pages(one)[0]) for one in PAYLOADS) >= 6


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_scorecard_and_an_explanation_are_data(payload):
    of = library(payload).editions["t", "1"]
    judged = card(of, {"c.gas": True}, judged={"one": 5})
    document = scorecard_document(judged, Subject(id="s", title=payload, kind="食堂"))
    text = canonical(document)
    assert text.count("\n") == 1
    assert json.loads(text) == json.loads(canonical(json.loads(text)))
    assert json.loads(text)["subject"]["title"] == payload
    assert explain(judged, "one").sentence


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_command_line_prints_it_as_it_stands(typed: Type, repository: Path, payload) -> None:  # noqa: F811
    sources = repository / "rules" / "sources.yaml"
    sources.write_text(
        f"sources: [{{id: law, title: {json.dumps(payload, ensure_ascii=False)}, grade: A}}]", "utf-8"
    )
    done = typed("explain", "one")
    assert done.code == 0
    assert f"依据 [原文所载] {payload}" in done.out.replace("\n", "")


def test_what_moves_a_terminal_never_gets_in():
    for sign in ("\x1b[2J", "\x07", "\x9b31m"):
        _, problems = load_texts(files("indicators: []", f"title: 甲{sign}"))
        assert "control" in {one.code for one in problems}


WRITERS = {
    "app_pages/components/tables.py",
    "portal/reports/sheets.py",  # tests/portal/test_reports.py reads its cells back
}


def test_tables_for_spreadsheets_are_written_in_two_places_only():
    """Who writes one elsewhere forces text in every cell, and adds it here: = + - @ and their full-width signs."""
    writes = re.compile(r"csv\.(?:writer|DictWriter)|to_csv|to_excel|write_csv|openpyxl|xlsxwriter")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("engine", "portal", "app_pages")
        for path in (ROOT / folder).rglob("*.py")
        if writes.search(path.read_text("utf-8"))
    }
    assert found == WRITERS


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_table_is_a_formula(payload):
    text = csv_of(["甲", "乙"], [[payload, 1], ["-3.5", payload]]).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == ["甲", "乙"]
    assert [rows[0][1], rows[1][0]] == ["1", "-3.5"]
    for cell in (rows[0][0], rows[1][1]):
        assert not cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))
        assert cell.removeprefix("'") == payload
