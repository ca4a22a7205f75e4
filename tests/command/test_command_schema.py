"""zhunsheng schema: one schema on paper, or all of them renewed."""

import json
from pathlib import Path

import pytest

from engine.schema import MODELS, schema, write_schemas
from tests.command.conftest import Type


@pytest.mark.parametrize("kind", MODELS)
def test_a_schema_is_printed(typed: Type, kind: str) -> None:
    done = typed("schema", kind)
    assert (done.code, json.loads(done.out)) == (0, schema(kind))


def test_a_kind_that_is_none(typed: Type) -> None:
    assert typed("schema", "submision").err == "没有种类 submision。最接近的是 submission。\n"
    done = typed("schema", "别的")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("没有种类 别的。有：standard、section、part、checklist")


def test_all_are_renewed(typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.command.schemas.write_schemas", lambda: write_schemas(tmp_path))
    assert typed("schema").out == f"更新了 {len(MODELS)} 个文件。\n"
    assert typed("schema").out == "都是最新的。\n"


@pytest.mark.usefixtures("repository")
def test_the_schema_of_one_standard_names_its_facts(typed: Type) -> None:
    done = typed("schema", "submission", "--standard", "t")
    made = json.loads(done.out)
    assert done.code == 0
    assert made["properties"]["standard"] == {"const": "t"}
    assert "c.staff" in made["$defs"]["Answers"]["properties"]
    assert typed("schema", "--standard", "t").out == done.out


def test_only_submissions_are_those_of_a_standard(typed: Type) -> None:
    done = typed("schema", "review", "--standard", "t")
    assert (done.code, done.err) == (2, "--standard 只用于填报（submission）。请去掉其中一个。\n")
