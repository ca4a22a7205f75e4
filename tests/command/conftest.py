"""What the command-line tests share: typing a command, and a tiny repository to type it in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.command import main
from tests.tiny import files, item

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "samples" / "social-organisation"
STANDARD = """
grades: [{id: good, title: 良好, at_least: 8}, {id: fair, title: 达标, at_least: 5}]
disclaimer: 虚构的标准，只为测试
vetoes: [{id: v, title: 事故, when: {c.gas: true}, effect: {cap: fair}, fix: 停用燃气}]
bonus: {up_to: 2, groups: [{id: b, title: 特色, indicators: [{id: extra, title: 特色项, points: 2, score: [{points: 2, when: {c.kind: 自营}}], basis: [{provenance: proposed}]}]}]}
incidents: [{id: notice, title: 通报, each: c.faults, points: 1, up_to: 3}]
"""
SUBMISSION = """# yaml-language-server: $schema=submission.schema.json
standard: t
edition: '1'
as_of: 2024-06-30
origin: invented
subject: {id: s, title: "某[食堂](bold)", kind: 食堂}
answers:
  c.staff: 50
  c.passed: 47
  c.gas: false
  c.kind: 自营
  c.faults: 1
"""
ENGLISH = re.compile(r"Traceback|Error|error|Usage|Show this|Missing|Invalid|No such|\bline \d+, in\b")


@dataclass
class Typed:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


Type = Callable[..., Typed]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Type:
    """Give a function that types a command; whatever it says, it says in Chinese."""

    def run(*words: object) -> Typed:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        printed = capsys.readouterr()
        assert not ENGLISH.search(printed.err + ("" if printed.out[:1] in ("{", "[") else printed.out)), (
            printed
        )
        assert isinstance(ended.value.code, int)
        return Typed(ended.value.code, printed.out, printed.err)

    return run


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a tiny library and one submission, and stand in it."""
    score = "[{points: 10, when: {c.rate: {at_least: 95%}}}, {points: 4, when: {c.rate: {at_least: 90%}}}]"
    basis = "[{provenance: sourced, source: law, article: 第 3 条, verify: true}, {provenance: proposed, note: 我们的建议}]"
    examples = (
        "[{given: {c.staff: 10, c.passed: 10}, gives: 10}, {given: {c.staff: 10, c.passed: 0}, gives: 0}]"
    )
    texts = files(item(score, basis=basis, fix="组织补考", examples=examples), STANDARD)
    texts["rules/sources.yaml"] = "sources: [{id: law, title: 某法, grade: A}]".encode()
    texts["mine.yaml"] = SUBMISSION.encode()
    for name, text in texts.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path
