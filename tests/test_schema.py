"""The JSON Schemas that editors and partners use are those of the models, and say the same as the models."""

import re
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from engine.schema import FOLDER, MODELS, schema, schema_text, write_schemas
from engine.strict_yaml import read_yaml

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", MODELS)
def test_committed_schemas_are_those_of_the_models(name: str) -> None:
    committed = (FOLDER / f"{name}.schema.json").read_text("utf-8")
    assert committed == schema_text(name), "engine/schemas/ 过时了：运行 zhunsheng schema"


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.schema.json" for name in MODELS}


@pytest.mark.parametrize("name", MODELS)
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert len(write_schemas(folder)) == len(MODELS)
    assert write_schemas(folder) == []
    (folder / "review.schema.json").write_text("{}", "utf-8")
    assert write_schemas(folder) == [folder / "review.schema.json"]
    assert (folder / "review.schema.json").read_text("utf-8") == schema_text("review")


@pytest.mark.parametrize(
    ("kind", "text", "fits"),
    [
        ("review", "{inspector: 甲, standard: t, edition: a, subject: x}", True),
        ("review", "{inspector: 甲, standard: t, edition: a, subject: x, survey: 93.5}", True),
        ("review", "{inspector: 甲, standard: t, edition: a}", False),
        ("review", "{inspector: 甲, standard: t, edition: a, subject: x, findings: {one: {verdict: maybe}}}", False),
        ("published", "{format: zhunsheng.published/1, title: 甲, source: 乙, parts: [{title: 丙, points: '1.5'}], total: '1.5'}", True),
        ("published", "{format: zhunsheng.published/1, title: 甲, source: 乙, parts: [], total: '0'}", False),
        ("published", "{format: zhunsheng.published/1, title: 甲, source: 乙, parts: [{title: 丙, points: 一}], total: '1'}", False),
    ],
)  # fmt: skip
def test_schema_and_model_agree(kind: str, text: str, fits: bool) -> None:
    data = read_yaml(text, "x.yaml").data
    assert Draft202012Validator(schema(kind)).is_valid(data) is fits
    try:
        MODELS[kind].model_validate(data)
    except ValueError:
        assert not fits
    else:
        assert fits


@pytest.mark.parametrize("path", sorted((ROOT / "samples").rglob("*.yaml")), ids=lambda path: path.stem)
def test_editors_find_nothing_wrong_with_the_samples(path: Path) -> None:
    """Answers may be written plainly, evidence as a title: the schema must know that too."""
    kind = "published" if path.parent.name == "published" else "submission"
    errors = Draft202012Validator(schema(kind)).iter_errors(read_yaml(path.read_bytes(), path.name).data)
    assert [error.message for error in errors] == []


def test_every_file_of_ours_fits_its_published_schema() -> None:
    """An editor that follows the first line of a file must not mark what the engine takes."""
    wrong = []
    for path in sorted(
        path
        for folder in ("rules", "checklists", "samples", "tests/shapes")
        for path in (ROOT / folder).rglob("*.yaml")
    ):
        text = path.read_text("utf-8")
        named = re.search(r"schemas/(\w+)\.schema\.json", text[:300])
        if named:
            found = validator(named.group(1)).iter_errors(read_yaml(text, path.name).data)
            wrong += [f"{path.relative_to(ROOT)} {error.json_path} {error.message[:80]}" for error in found]
    assert wrong == []


@cache
def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind))
