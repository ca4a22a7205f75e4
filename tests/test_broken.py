"""The gallery of mistakes: `tests/broken/<the mistake>.yaml`, one mistake each, and every word that is said of it.

A case begins with the expected messages, one a line after `# `, place included; 提醒 marks a notice. Below them it
says how it differs from the correct library in `tests/broken/_base/`: which text of which file to replace with which
(`null`: the file is gone; a text: the file as a whole; `encode`: its text in another encoding; `again`: so many times
this text).
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from gallery import BASE, HERE, mistaken, problems_of

from engine import complaints

CASES = sorted(HERE.glob("*.yaml"))
ENGINE = Path(__file__).parent.parent / "engine"


def told(changes: dict[str, Any]) -> list[str]:
    """Say what is said of a case."""
    found = problems_of(mistaken(changes))
    return [f"提醒 {problem}" if problem.severity == "notice" else str(problem) for problem in found]


def expected(text: str) -> list[str]:
    return [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]


def test_the_library_that_every_case_starts_from_is_correct():
    assert problems_of(BASE) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_mistake_is_told_word_for_word(case):
    text = case.read_text("utf-8")
    assert expected(text), "a case begins with the messages that are expected"
    assert told(yaml.safe_load(text)) == expected(text)


def test_the_gallery_is_large_and_each_mistake_is_another():
    assert len(CASES) >= 90
    changes = [text.split("\n", text.count("# "))[-1] for text in (case.read_text("utf-8") for case in CASES)]
    assert len(set(changes)) == len(changes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_message_reads_like_ours(case):
    """A place, what is wrong, what next; Chinese punctuation, and not a word of a library's English."""
    for line in expected(case.read_text("utf-8")):
        place, _, message = line.removeprefix("提醒 ").partition(" ")
        assert re.match(r"[\w./-]+\.ya?ml(:\d+(:\d+)?)?$", place), line
        assert message.endswith(("。", "？", "！")), line
        assert message.count("。") >= 2, f"says no next step: {line}"
        assert not re.search(
            r"[\u4e00-\u9fff][,:;](?! )|[\u4e00-\u9fff][()]|[,:;()][\u4e00-\u9fff]", message
        ), line
        assert not re.search(r"None|True|False|Error|Traceback|Input|validat|<[a-z]+>", message), line


# ----------------------------------------------------------------------------------------- nothing is said unseen

MODULES = [
    *(
        ENGINE / f"{name}.py"
        for name in ("strict_yaml", "complaints", "load", "check", "check_veto", "bands")
    ),
    *sorted((ENGINE / "build").glob("*.py")),
]
SAYING = {"Problem", "say", "_say", "complain", "Flaw"}
CODE = re.compile(r"[a-z]+([-_][a-z]+)*")


def codes_in(module: Path) -> set[str]:
    """Collect the codes that a module gives its problems: the last word of a call, or of a row of a table."""
    found = set[str]()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            words = node.args if name in SAYING else []
        else:
            words = node.elts if isinstance(node, ast.Tuple) and module.stem == "strict_yaml" else []
            words = [] if len(words) < 3 or isinstance(getattr(words[0], "value", None), str) else words[-1:]
        codes = [
            one.value for one in words if isinstance(one, ast.Constant) and CODE.fullmatch(str(one.value))
        ]
        found |= set(codes[:1])
    return {code.replace("_", "-") for code in found}


def test_every_code_of_the_reader_the_builder_and_the_checker_is_in_the_gallery():
    said = {code for module in MODULES for code in codes_in(module)}
    said |= {kind.replace("_", "-") for kind in complaints._SAYS}
    assert {"duplicate-key", "unknown-fact", "kind", "dead-line", "example", "sum", "missing"} <= said
    seen = {
        problem.code
        for case in CASES
        for problem in problems_of(mistaken(yaml.safe_load(case.read_text("utf-8"))))
    }
    assert not said - seen, f"no case in tests/broken/ for {sorted(said - seen)}"
    assert not seen - said, f"codes that the collector overlooks: {sorted(seen - said)}"
