"""Reading the whole library: it never stops, it never fails, and what it says does not depend on the order of files."""

from __future__ import annotations

import copy
import json
from typing import Any

from gallery import BASE, problems_of
from hypothesis import given
from hypothesis import strategies as st

from engine.load import Library, load_texts
from engine.problem import Problem
from engine.strict_yaml import read_yaml

DATA: dict[str, Any] = {
    name: json.loads(json.dumps(read_yaml(text, name).data, default=str)) for name, text in BASE.items()
}
ODD = [
    None,
    True,
    0,
    -1,
    3,
    10**29,
    "",
    "是",
    "95%",
    "-0.001",
    "canteen.staff",
    "canteen.checks",
    "canteen.opened",
    "canteen.trained_rate",
    "canteen.nothing",
    "2024-01-26",
    "2024-02-30",
    "2024-01-26 15:00",
    "day",
    "自营",
    "A",
    [],
    {},
    [[]],
    {"": None},
    {"at_least": "canteen.staff"},
    {"any": []},
    {"not": {"canteen.licence": True}},
    {"ratio": ["canteen.staff", 0]},
    {"mean": {"table": "canteen.checks", "column": "score"}},
    {"each": "canteen.rules", "points": 1},
    {"judge": 1, "guide": "据实"},
    {"linear": "canteen.trained_rate", "from": [0, 0], "to": ["100%", 1]},
    [{"points": 1}, {"points": 2, "when": {"canteen.kind": "自营"}}],
]


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the way to every node below."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [way for key, value in items for way in ((*path, key), *places(value, (*path, key)))]


WAYS = [(name, *path) for name, data in DATA.items() for path in places(data)]


def node(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, bytes]:
    """Take the correct library and delete, replace, copy or rename a few nodes."""
    data = copy.deepcopy(DATA)
    for _ in range(draw(st.integers(1, 4))):
        way = draw(st.sampled_from(WAYS))
        change = draw(st.sampled_from(["delete", "replace", "copy", "rename"]))
        try:
            around, key = node(data, way[:-1]), way[-1]
            if change == "delete":
                del around[key]
            elif change == "replace":
                around[key] = draw(st.sampled_from(ODD))
            elif change == "copy":
                around[key] = copy.deepcopy(node(data, draw(st.sampled_from(WAYS))))
            else:
                around[draw(st.sampled_from(["id", "when", "points", "sum", "months", "x"]))] = around.pop(
                    key
                )
        except (LookupError, TypeError, AttributeError):
            continue
    return {name: json.dumps(one, ensure_ascii=False).encode() for name, one in data.items()}


@given(spoilt())
def test_whatever_is_spoilt_is_told_and_never_fails(files):
    library, problems = load_texts(files)
    assert isinstance(library, Library)
    assert all(isinstance(problem, Problem) for problem in problems)
    for problem in problems_of(files):
        assert problem.code
        assert problem.place.file in files
        assert str(problem)


@given(
    st.dictionaries(
        st.sampled_from(sorted(BASE)),
        st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    )
)
def test_whatever_bytes_are_read_never_fails(files):
    load_texts({**BASE, **files})
