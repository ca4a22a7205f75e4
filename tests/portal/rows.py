"""Rows for any table, made up from what the table itself says: whoever adds a column need not come here."""

import itertools
import re

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Integer, insert

from portal.store.tables import metadata

_numbers = itertools.count(1)


def row(connection, table, *, only=None, **given):
    """Insert a row with every column filled (or those of `only`), parents included, and return it as a mapping."""
    values = {
        column.name: given[column.name] if column.name in given else value(connection, table, column)
        for column in table.columns
        if column.name in given
        or (column.autoincrement is not True and (only is None or column.name in only))
    }
    made = connection.execute(insert(table).values(**values))
    keys = (column.name for column in table.primary_key)
    return dict(zip(keys, made.inserted_primary_key, strict=True)) | values


def value(connection, table, column):
    """Return a value that a column takes."""
    for key in column.foreign_keys:
        return row(connection, key.column.table)[key.column.name]
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer | BigInteger):
        return next(_numbers)
    for check in table.constraints:
        if isinstance(check, CheckConstraint) and (
            found := re.match(rf"{column.name} IN \('(\w+)'", str(check.sqltext))
        ):
            return found.group(1)
    return f"{next(_numbers):04}{column.name}汉"[: column.type.length or 100]


def everything(connection):
    """Return all rows of all tables, in an order that both stores agree on."""
    return {
        table.name: sorted((tuple(found) for found in connection.execute(table.select())), key=repr)
        for table in metadata.sorted_tables
    }
