"""The page of promises names tests and scripts that exist, at least one for each promise, and how each is shown to bite."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")
TEST = re.compile(r"(test_\w+\.py)::(test_\w+)")
SCRIPT = re.compile(r"benchmarks/[\w/]+\.py")
FOLDERS = (ROOT / "tests" / "portal", ROOT / "tests")


def rows(page):
    lines = [line for line in page.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def defined(file):
    """Return the functions of a test file, wherever it lies; none when it is not there."""
    found = next((folder / file for folder in FOLDERS if (folder / file).exists()), None)
    tree = ast.parse(found.read_text("utf-8")) if found else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def missing(page):
    """Say what the page names and is not there."""
    tests = [f"{file}::{name}" for file, name in TEST.findall(page) if name not in defined(file)]
    return tests + [name for name in SCRIPT.findall(page) if not (ROOT / name).exists()]


def test_everything_named_exists():
    assert len(rows(PAGE)) >= 25
    assert len(set(TEST.findall(PAGE))) > 70
    assert missing(PAGE) == []


def test_every_promise_has_a_test_a_size_a_bite_and_a_soak_or_a_reason():
    for promise, held, size, bites, soak in rows(PAGE):
        assert TEST.search(held), promise
        assert size, promise
        assert TEST.search(bites) or bites.startswith("no test: "), promise
        assert SCRIPT.search(soak) or soak.startswith("none"), promise


def test_what_is_gone_is_noticed():
    assert missing("test_killing.py::test_gone, test_gone.py::test_it, benchmarks/soak/gone.py") == [
        "test_killing.py::test_gone",
        "test_gone.py::test_it",
        "benchmarks/soak/gone.py",
    ]
