"""Reading the whole library: it never stops, it never fails, and what it says does not depend on the order of files."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from gallery import BASE, BASICS, CHECKLIST, FOOD, STANDARD, edition_of, mistaken, problems_of, with_edits
from hypothesis import given
from hypothesis import strategies as st

from engine.load import Library, load, load_texts
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


# ------------------------------------------------------------------------------------------------ what is said of files


def test_order_of_files_changes_nothing():
    there, back = load_texts(BASE), load_texts(dict(reversed(BASE.items())))
    assert there[1] == back[1] == []
    assert there[0].editions["canteen", "2024"].hash == back[0].editions["canteen", "2024"].hash


def test_folder_is_read_as_its_files(tmp_path):
    for name, text in {
        **BASE,
        "rules/canteen/2024/notes.md": b"x",
        "rules/canteen/2024/9.YML": b"a: 1",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    library, problems = load(tmp_path)
    assert library.edition("canteen", "2024")
    assert library.edition("canteen", "2025") is None
    assert [str(problem) for problem in problems] == [
        "rules/canteen/2024/9.YML 文件名不以 .yaml 结尾，不会被读取。请改成以 .yaml 结尾。"
    ]


def test_library_without_files_is_empty():
    library, problems = load_texts({})
    assert (library.editions, library.checklists, library.sources, problems) == ({}, {}, {}, [])


@pytest.mark.parametrize(
    ("file", "old", "new", "same"),
    [
        (BASICS, "title: 许可证\n", "title: 许可证   # 注释\n", True),
        (STANDARD, "id: canteen\nedition: 2024\n", "edition: 2024\nid: canteen\n", True),
        (CHECKLIST, "derive:\n", "- {id: canteen.seats, ask: 多少座位, answer: money}\nderive:\n", True),
        (
            CHECKLIST,
            "derive:\n",
            "derive:\n- {id: canteen.each, title: 人均, ratio: [canteen.spent, 2]}\n",
            True,
        ),
        (BASICS, "at_least: 95%", "at_least: 96%", False),
        (CHECKLIST, "{at_least: 1, at_most: 200}", "{at_least: 1, at_most: 300}", False),
        (CHECKLIST, "ratio: [canteen.trained, canteen.staff]", "ratio: [canteen.trained, 100]", False),
        ("rules/parameters.yaml", "value: 2000000", "value: 2000001", False),
    ],
    ids=[
        "comment",
        "order of keys",
        "unused fact",
        "unused derived fact",
        "line",
        "range",
        "derivation",
        "figure",
    ],
)
def test_fingerprint_changes_with_what_decides_points_and_nothing_else(file, old, new, same):
    before, after = edition_of(), edition_of((file, old, new))
    assert (before.hash == after.hash) is same


def test_fingerprint_of_a_standard_does_not_depend_on_other_standards():
    other = {
        "rules/other/1/standard.yaml": "id: other\nedition: 1\ntitle: 另一个\nstatus: draft\nper: 食堂\ntotal: 1\n"
        "sections: [1-only.yaml]\n",
        "rules/other/1/1-only.yaml": "section: {id: only, title: 仅此, points: 1}\nindicators:\n"
        "- {id: one, title: 一, points: 1, score: [{points: 1, when: {canteen.recent_checks: 1}}]}\n",
    }
    for name in ("rules/a-first/1/", "rules/z-last/1/"):
        files = {path.replace("rules/other/1/", name): text for path, text in other.items()}
        library, problems = load_texts(mistaken(files))
        assert problems == []
        assert library.editions["canteen", "2024"].hash == edition_of().hash


def test_sections_of_another_edition_are_read_from_there():
    tenth = BASE[STANDARD].decode()
    for old, new in (
        ("edition: 2024", "edition: 2024-tenth"),
        ("total: 20", "total: 2\nscale: 0.1"),
        ("[1-basics.yaml, 2-food.yaml]", "[../2024/1-basics.yaml, {file: ../2024/2-food.yaml}]"),
        ("at_least: 18", "at_least: 1.8"),
        ("more_than: 12", "more_than: 1.2"),
    ):
        tenth = tenth.replace(old, new)
    files = mistaken({"rules/canteen/2024-tenth/standard.yaml": tenth})
    assert problems_of(files) == []
    assert load_texts(files)[0].editions["canteen", "2024-tenth"].total == 200


def test_mistakes_in_sections_are_told_even_where_the_standard_cannot_be_read():
    said = problems_of(
        with_edits((STANDARD, "status: draft", "status: no-such"), (BASICS, "fix: 去换证", "fix: []"))
    )
    assert [problem.place.file for problem in said] == [BASICS, STANDARD]


def test_section_that_is_not_there_in_an_empty_folder():
    (said,) = problems_of(mistaken({BASICS: None, FOOD: None, STANDARD: ONLY}))
    assert said.message == "分区文件 1-only.yaml 不存在。请把文件放进这个文件夹。"


ONLY = "id: only\nedition: 1\ntitle: 仅此\nstatus: draft\nper: 食堂\ntotal: 1\nsections: [1-only.yaml]\n"
