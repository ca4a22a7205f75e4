"""Rows in one piece: the same values as row by row, on both stores."""

import json

import pytest
from sqlalchemy import Column, MetaData, String, Table, insert, select

from portal.store.gather import gathered

TEXTS = ["", "是", '"quoted"', "a\\b", "两行\n一列\t", "null", "😀", '{"a": [1]}', None]


@pytest.fixture
def table(database):
    found = Table(
        "gathered_here", MetaData(), Column("key", String, primary_key=True), Column("text", String)
    )

    def work(connection):
        found.create(connection)
        rows = [{"key": f"{place:02}", "text": text} for place, text in enumerate(TEXTS)]
        connection.execute(insert(found), rows)

    database.write(work)
    return found


def test_all_rows_come_as_they_are(database, table):
    with database.read() as connection:
        text = connection.execute(select(gathered(table.c.key, table.c.text))).scalar_one()
        rows = connection.execute(select(table).order_by(table.c.key)).all()
    assert sorted(json.loads(text)) == [list(row) for row in rows]
    assert [text for _, text in rows] == TEXTS


def test_no_rows_are_an_empty_list(database, table):
    with database.read() as connection:
        query = select(gathered(table.c.key, table.c.text)).where(table.c.key == "nothing")
        assert json.loads(connection.execute(query).scalar_one()) == []
