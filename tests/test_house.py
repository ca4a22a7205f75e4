"""House rules. Each rule is a function from a file's text to sentences that say what is wrong and where it belongs."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 400
LAYERS = ("engine", "portal", "app_pages", "app")  # each may import itself and what stands to its left
NOT_PRODUCT = {"tests", "tools", "benchmarks"}
NOT_OURS = {".git", ".venv", "__pycache__", "node_modules"}
NOT_OURS_ON_TOP = {"build", "dist", "htmlcov"}
TEXT = {
    "",
    ".cfg",
    ".css",
    ".html",
    ".js",
    ".json",
    ".lock",
    ".md",
    ".py",
    ".sh",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
}
# Written in halves, so that this file does not break its own rule.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("pypi", "tuna", "tsinghua"),
    )
)

DATABASES = {
    "aiosqlite",
    "alembic",
    "asyncpg",
    "duckdb",
    "psycopg",
    "pysqlite3",
    "sqlalchemy",
    "sqlite3",
    "sqlmodel",
}
NETWORKS = {
    "aiohttp",
    "asyncio",
    "ftplib",
    "http",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "ssl",
    "urllib.request",
    "urllib3",
}
PAGES = {"fastapi", "starlette", "streamlit", "uvicorn"}
BELONGS = (
    (DATABASES, "what is remembered belongs in portal/"),
    (NETWORKS, "whatever goes over the network belongs in portal/"),
    (PAGES, "what is shown belongs in app_pages/ or app.py"),
    ({"time"}, "the engine has no clock: let the caller in portal/ or the command line pass the date"),
)
CLOCK = {"now", "today", "utcnow"}
STOPWATCH = ("engine.command.stopwatch", "time.perf_counter")
"""The one place where the command line looks at a clock: to say how long its steps took."""
ESCAPED_CHINESE = re.compile(r"(?<!\\)\\u(?:30|[4-9][0-9a-f]|ff)[0-9a-f]{2}", re.IGNORECASE)


# ------------------------------------------------------------------------------------------------------------ the rules


def imports(source: str, module: str) -> list[tuple[int, str]]:
    """List (line, absolute dotted name) for every import in a module, also those inside functions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            start = ".".join([*package, *filter(None, [node.module])])
            found += [(node.lineno, f"{start}.{alias.name}") for alias in node.names]
    return found


def is_or_is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def impurities(source: str, module: str) -> list[str]:
    """Find what a pure engine must not import or call."""
    found = [
        f"line {line}: engine/ imports {name}; {where}"
        for line, name in imports(source, module)
        for banned, where in BELONGS
        if any(is_or_is_in(name, package) for package in banned) and (module, name) != STOPWATCH
    ]
    return found + [
        f"line {node.lineno}: engine/ calls .{node.func.attr}(); {BELONGS[-1][1]}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK
    ]


def floats(source: str) -> list[str]:
    """Find float() calls and float annotations; asking isinstance(x, float) in order to refuse it is fine."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            found.append(node.lineno)
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            text = ast.unparse(annotation) if isinstance(annotation, ast.AST) else ""
            if re.search(r"\bfloat\b", text):
                found.append(annotation.lineno)
    return [
        f"line {line}: float in engine/; points and ratios are exact, use the integers and fractions of engine/exact.py"
        for line in found
    ]


def wrong_arrows(source: str, module: str) -> list[str]:
    """Find imports against app.py -> app_pages -> portal -> engine, and product code that imports tests or tools."""
    layer = module.split(".", maxsplit=1)[0]
    allowed = LAYERS[: LAYERS.index(layer) + 1]
    found = []
    for line, name in imports(source, module):
        top = name.split(".", maxsplit=1)[0]
        if top in LAYERS and top not in allowed:
            found.append(
                f"line {line}: {layer} imports {name}, against the arrows app -> app_pages -> portal -> engine; "
                f"what both need belongs in {layer}/ or further down, and the caller in {top} passes it in"
            )
        elif top in NOT_PRODUCT:
            found.append(f"line {line}: {layer} imports {name}; what the product needs belongs in {layer}/")
    return found


def escaped_chinese(text: str) -> list[str]:
    return [
        f"line {number}: Chinese written as {match.group()}; nobody can review that, write the characters "
        "(yaml: allow_unicode=True, json: ensure_ascii=False)"
        for number, line in enumerate(text.splitlines(), start=1)
        if (match := ESCAPED_CHINESE.search(line))
    ]


def lacks_schema(text: str) -> list[str]:
    if any(line.startswith("# yaml-language-server: $schema=") for line in text.splitlines()[:2]):
        return []
    return ["line 1: write `# yaml-language-server: $schema=…` into line 1 or 2, so that editors can help"]


def named_registries(text: str) -> list[str]:
    return [
        f"line {number}: names the package registry {host}; where packages come from is set on each machine"
        for number, line in enumerate(text.splitlines(), start=1)
        for host in REGISTRIES
        if host in line.lower()
    ]


def too_long(text: str) -> list[str]:
    lines = len(text.splitlines())
    if lines <= LONGEST_MODULE:
        return []
    return [
        f"line {LONGEST_MODULE + 1}: {lines} lines, at most {LONGEST_MODULE}; split it where it does two things"
    ]


# -------------------------------------------------------------------------------------------------------- the real tree


def files(*folders: str, suffixes: set[str]) -> list[Path]:
    starts = [ROOT / folder for folder in folders] or [ROOT]
    found = [path for start in starts for path in ([start] if start.is_file() else start.rglob("*"))]
    return sorted(path for path in found if path.is_file() and path.suffix in suffixes and is_ours(path))


def is_ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    made = any(part in NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in parts)
    return not made and parts[0] not in NOT_OURS_ON_TOP


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def assert_none(sentences: list[tuple[Path, str]]) -> None:
    assert not sentences, "\n" + "\n".join(
        f"{path.relative_to(ROOT)}: {sentence}" for path, sentence in sentences
    )


def test_engine_modules_are_short():
    modules = files("engine", suffixes={".py"})
    assert modules
    assert_none([(path, found) for path in modules for found in too_long(path.read_text("utf-8"))])


def test_engine_is_pure():
    modules = files("engine", suffixes={".py"})
    assert modules
    assert_none(
        [(path, found) for path in modules for found in impurities(path.read_text("utf-8"), module_of(path))]
    )


def test_engine_uses_no_floats():
    assert_none(
        [
            (path, found)
            for path in files("engine", suffixes={".py"})
            for found in floats(path.read_text("utf-8"))
        ]
    )


def test_arrows_point_one_way():
    modules = files("engine", "portal", "app_pages", "app.py", suffixes={".py"})
    assert_none(
        [
            (path, found)
            for path in modules
            for found in wrong_arrows(path.read_text("utf-8"), module_of(path))
        ]
    )


def test_chinese_is_written_as_chinese():
    documents = files(suffixes={".yaml", ".yml", ".md", ".json"})
    assert documents
    assert_none([(path, found) for path in documents for found in escaped_chinese(path.read_text("utf-8"))])


def test_yaml_names_its_schema():
    books = files("rules", "checklists", "samples", suffixes={".yaml", ".yml"})
    assert_none([(path, found) for path in books for found in lacks_schema(path.read_text("utf-8"))])


def test_no_file_names_a_registry():
    texts = files(suffixes=TEXT)
    assert ROOT / "requirements.lock" in texts
    assert_none(
        [
            (path, found)
            for path in texts
            for found in named_registries(path.read_text("utf-8", errors="replace"))
        ]
    )


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", []), ("requirements-dev.lock", ["dev"])])
def test_lock_holds_every_declared_dependency(lock, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["dependencies"] + [
        line for extra in extras for line in project["optional-dependencies"][extra]
    ]
    names = {re.split(r"[^\w.-]", line)[0].lower() for line in declared}
    locked = set(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
    assert not names - locked, f"{lock} lacks {names - locked}: run make lock"


def test_every_direct_dependency_is_explained():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[^\w.-]", line)[0] for line in declared}
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    unexplained = sorted(name for name in names if f"| {name} |" not in page)
    assert not unexplained, f"docs/dependencies.md says nothing about {', '.join(unexplained)}"


# --------------------------------------------------------------------------------------- the rules can fail, and do not
# Each rule meets a text that breaks it and one that comes close without breaking it.


@pytest.mark.parametrize(
    "source",
    [
        "import streamlit as st",
        "import sqlite3",
        "from sqlalchemy.orm import Session",
        "import urllib.request",
        "from urllib import request",
        "def late():\n    import socket",
        "import time",
        "from datetime import date\nday = date.today()",
        "import datetime as clock\nmoment = clock.datetime.now(tz=None)",
    ],
)
def test_impure_engine_is_caught(source):
    (found,) = impurities(source, "engine.example")
    assert "belongs in" in found or "pass the date" in found


@pytest.mark.parametrize(
    "source",
    [
        "from urllib.parse import quote",
        "from datetime import date, time, timedelta",
        "import chinese_calendar",
        "from engine.requests_of_law import today",
    ],
)
def test_pure_engine_is_left_alone(source):
    assert impurities(source, "engine.example") == []


@pytest.mark.parametrize(
    ("module", "source", "caught"),
    [
        ("engine.example", "from portal.store import save", True),
        ("engine.example", "from tests.helpers import sample", True),
        ("engine.models.example", "from ...portal import store", True),
        ("portal.store", "import app_pages.home", True),
        ("app_pages.home", "import app", True),
        ("engine.models.example", "from ..exact import add", False),
        ("portal.store", "from engine.scorecard import Scorecard", False),
        ("app_pages.home", "from engine.scorecard import Scorecard", False),
        ("app", "import app_pages.home, portal.store, engine.library", False),
    ],
)
def test_arrows_are_judged(module, source, caught):
    assert bool(wrong_arrows(source, module)) is caught


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("points = float('1')", True),
        ("points: float = 1", True),
        ("def add(a: list[float]): ...", True),
        ("def add() -> float | None: ...", True),
        ("def refuse(value: object) -> bool:\n    return isinstance(value, float)", False),
        ("floats: int = 1", False),
    ],
)
def test_floats_are_judged(source, caught):
    assert bool(floats(source)) is caught


def test_text_rules_are_judged():
    slash = "\\"
    assert escaped_chinese(f'"{slash}u6807{slash}u51c6"')
    assert not escaped_chinese(f'"标准" {slash}u00e9 "{slash}{slash}u4e00"')
    assert lacks_schema("title: 标准\n\n# yaml-language-server: $schema=late.json")
    assert not lacks_schema("# 虚构样例\n# yaml-language-server: $schema=../engine/schemas/submission.json\n")
    assert named_registries(f"index = https://{REGISTRIES[0]}/simple")
    assert not named_registries("index = https://example.org/simple")
    assert too_long("x = 1\n" * (LONGEST_MODULE + 1))
    assert not too_long("x = 1\n" * LONGEST_MODULE)
