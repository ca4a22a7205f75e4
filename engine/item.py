"""One indicator or veto as a page of its own: besides its rule in words, every case with its points, and the examples."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from engine.build.edition import Edition
from engine.check import blank_world
from engine.exact import show, show_points
from engine.models.checklist import Fact
from engine.models.standard import Example, Gives
from engine.models.veto import VetoExample
from engine.table import Table, tables, veto_tables
from engine.tree import Leaf, Overrule
from engine.wording import fact_name

ROWS = 5
"""Rows of a table in an example that are told."""


def find_item(edition: Edition, name: str) -> Leaf | Overrule | None:
    """Return the indicator or veto of that id."""
    return edition.leaf(name) or next((one for one in edition.vetoes if one.id == name), None)


def item_page(edition: Edition, item: Leaf | Overrule) -> dict[str, Any]:
    """Return the decision tables and the examples of an indicator or a veto as plain data."""
    return {
        "tables": [table_data(edition, one) for one in tables_of(edition, item)],
        "examples": list(_examples(edition, item)),
    }


def tables_of(edition: Edition, item: Leaf | Overrule) -> list[Table]:
    """Return the decision tables of an indicator or a veto."""
    return tables(edition, item, blank_world(edition)) if isinstance(item, Leaf) else veto_tables(item)


def table_data(edition: Edition, one: Table) -> dict[str, Any]:
    """Return a decision table as plain data, its points as they are printed."""

    def points(number: int) -> str:
        return show_points(number, edition.per_point)

    return {
        "title": one.title,
        "columns": list(one.columns),
        "notes": list(one.notes),
        "low": points(one.low),
        "high": points(one.high),
        "rows": [
            {"cells": dict(row.cells), "low": points(row.low), "high": points(row.high)} for row in one.rows
        ],
    }


def _examples(edition: Edition, item: Leaf | Overrule) -> Iterable[dict[str, Any]]:
    written: Iterable[Example | VetoExample] = item.source.examples
    for one in written:
        given = [
            {"title": "评审专家评定" if name == "judge" else fact_name(name, edition.words), "value": said}
            for name, value in one.given.items()
            for said in [_said(edition.words.fact(name), value)]
        ]
        gives = one.gives if isinstance(one, VetoExample) else _gives(edition, item, one.gives)
        when = "，".join(filter(None, (one.as_of, one.region)))
        yield {"title": one.title, "given": given, "gives": gives, "when": when}


def _gives(edition: Edition, item: Leaf | Overrule, gives: Gives) -> str:
    """Print what an indicator gives, in the points of the edition; a section's file may be written in another scale."""
    if isinstance(gives, str):
        return "缺项"
    own = item.file.endswith("/standard.yaml")
    scale = Fraction(1) if own else edition.standard.scale
    ends = gives if isinstance(gives, tuple) else (gives, gives)
    return f"{'–'.join(dict.fromkeys(show(one * scale) for one in ends))} 分"


def _said(fact: Fact | None, value: Any) -> str:
    """Print an answer as somebody reads it."""
    if isinstance(value, Mapping) and value.keys() & {"value", "evidence"}:
        count = len(value.get("evidence") or ())
        return _said(fact, value.get("value")) + (f"（附 {count} 件证据）" if count else "")
    if value is None:
        return "没有填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        if value and all(isinstance(one, Mapping) for one in value):
            return _rows(value)
        return "、".join(_said(fact, one) for one in value) or "一项也没有"
    return _option(fact, str(value))


def _rows(rows: list[Mapping[str, Any]]) -> str:
    """Print the rows of a table, the first few of many."""
    told = ["，".join(f"{name} {_said(None, value)}" for name, value in one.items()) for one in rows[:ROWS]]
    more = f"；……共 {len(rows)} 行" if len(rows) > ROWS else ""
    return "；".join(told) + more


def _option(fact: Fact | None, text: str) -> str:
    options = (fact.answer.choice or fact.answer.choices or ()) if fact else ()
    titles = {one.id: one.title or one.id for one in options}
    unit = fact.answer.unit if fact else None
    return titles.get(text) or (f"{text} {unit}" if unit else text)
