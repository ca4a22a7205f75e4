"""Many short rows in one piece: each row fetched by itself lets go of the interpreter, and must wait to get it back."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class gathered(FunctionElement[str]):  # noqa: N801  used like a function of SQL
    """All rows of a query as one JSON text: a list of lists of these columns, in no order."""

    type = Text()
    inherit_cache = True


@compiles(gathered)
def _sqlite(element: gathered, compiler: Any, **more: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **more)}))"


@compiles(gathered, "postgresql")
def _postgresql(element: gathered, compiler: Any, **more: Any) -> str:
    return f"coalesce(json_agg(json_build_array({compiler.process(element.clauses, **more)}))::text, '[]')"
