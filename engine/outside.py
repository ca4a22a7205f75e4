"""Documents from outside: submissions, reviews and scorecards as YAML or JSON, checked before they are read."""

import json
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from engine.complaints import brief, parse, real_path
from engine.exact import MAX_DIGITS
from engine.problem import Path, Place, Problem
from engine.schema import MODELS, schema
from engine.strict_yaml import MAX_BYTES, MAX_DEPTH, Document, read_yaml

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError as SchemaError


def read(text: bytes, name: str, kind: str) -> tuple[Any, Document, list[Problem]]:
    """Read a document of a kind; the model is None when it could not be read at all.

    A mistake confined to one answer or one verdict costs that entry only: it is told, left out, and the rest counts.
    JSON is validated against the published schema, so that a partner can do the same check at home.
    """
    outside = name.endswith(".json")
    document = read_json(text, name) if outside else read_yaml(text, name)
    if document.data is None and document.problems:
        return None, document, document.problems
    problems = list(document.problems)
    model, found, entries = _checked(document, kind, outside=outside)
    while entries and all(entries):
        problems += found
        for path in entries:
            document.data = _without(document.data, path)
        model, found, entries = _checked(document, kind, outside=outside)
    return model, document, list(dict.fromkeys([*problems, *found]))


def _checked(document: Document, kind: str, *, outside: bool) -> tuple[Any, list[Problem], list[Path]]:
    """Return the model, or the problems and the entries they are confined to (an empty path: the whole)."""
    errors = list(_validator(kind).iter_errors(document.data)) if outside else []
    if errors:
        entries = [_entry(tuple(error.absolute_path)) for error in errors]
        return None, [_problem(error, document) for error in errors], entries
    model, problems = parse(MODELS[kind], document)
    faults = _faults(MODELS[kind], document) if model is None else []
    return model, problems, [_entry(path) for path in faults]


def shaped(document: Document, kind: str) -> list[Problem]:
    """Check a document against the published schema of its kind."""
    return faults(document, _validator(kind))


def faults(document: Document, validator: "Draft202012Validator") -> list[Problem]:
    """Check a document against a schema: each place that does not fit, in our own words."""
    return [_problem(error, document) for error in validator.iter_errors(document.data)]


def _faults(model: type[BaseModel], document: Document) -> list[Path]:
    """Return where the model does not fit."""
    errors = list[Any]()
    try:
        model.model_validate(document.data)
    except ValidationError as error:
        errors += error.errors(include_url=False)
    return [real_path(one["loc"], document.data) for one in errors]


ENTRIES = ("answers", "judged", "not_applicable", "findings")


def _entry(path: Path) -> Path:
    """Return the answer or verdict that a place lies in; empty when it lies in none."""
    inside = path[2:] if path[:1] == ("units",) else path
    confined = len(inside) > 1 and inside[0] in ENTRIES
    return path[: len(path) - len(inside) + 2] if confined else ()


def _without(data: Any, path: Path) -> Any:
    """Return the data without one entry."""
    step, rest = path[0], path[1:]
    if isinstance(data, list):
        return [_without(one, rest) if index == step else one for index, one in enumerate(data)]
    return {
        key: _without(value, rest) if key == step else value
        for key, value in data.items()
        if rest or key != step
    }


class _Refused(ValueError):
    """Something in the JSON text that we do not take at all; the message says what."""


class _Bad(str):
    """A number we do not take; it says why, and stands where the number stood."""

    __slots__ = ()


def read_json(text: bytes, name: str, most: int = MAX_BYTES) -> Document:
    """Read JSON strictly: UTF-8, no duplicate keys, no NaN, exact decimals, bounded size, depth and digits.

    A number that is none and the second of two equal keys cost only themselves.
    """
    document = Document(name)
    try:
        if len(text) > most:
            raise _Refused(f"文件有 {len(text):,} 字节，上限是 {most:,}")
        data = json.loads(
            text.decode("utf-8-sig"),
            parse_float=_number,
            parse_int=_number,
            parse_constant=lambda word: _Bad(f"{word} 不是有限的数字"),
            object_pairs_hook=partial(_unique, document),
        )
        document.data = _clean(data, (), document)
    except _Refused as refused:
        document.problems.append(Problem(Place(name), str(refused), "请改正后再交", "json"))
    except UnicodeDecodeError:
        document.problems.append(Problem(Place(name), "不是 UTF-8 编码", "请另存为 UTF-8", "encoding"))
    except json.JSONDecodeError as error:
        place = Place(name, error.lineno, error.colno)
        document.problems.append(Problem(place, "这里不合 JSON 写法", "请检查引号、逗号和括号", "json"))
    except RecursionError:
        document.problems.append(Problem(Place(name), f"嵌套超过 {MAX_DEPTH} 层", "请拆开写", "depth"))
    return document


def _number(text: str) -> int | Decimal | _Bad:
    if sum(map(str.isdigit, text)) > MAX_DIGITS:
        return _Bad(f"数字超过 {MAX_DIGITS} 位（{text[:12]}…）")
    return Decimal(text) if {".", "e", "E"} & set(text) else int(text)


def _unique(document: Document, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            what = f"键 {brief(key)} 重复了，只算第一次写的"
            document.problems.append(Problem(Place(document.file), what, "请删去一处", "duplicate-key"))
        found.setdefault(key, value)
    return found


def _clean(data: Any, path: Path, document: Document) -> Any:
    """Return the data with numbers we do not take left blank, each told with its place."""
    if len(path) > MAX_DEPTH:
        raise _Refused(f"嵌套超过 {MAX_DEPTH} 层")
    if isinstance(data, dict):
        return {_whole(key): _clean(value, (*path, key), document) for key, value in data.items()}
    if isinstance(data, list):
        return [_clean(value, (*path, index), document) for index, value in enumerate(data)]
    if isinstance(data, _Bad):
        what = f"{'.'.join(map(str, path)) or '整份文件'}：{data}，按没有填处理"
        document.problems.append(Problem(Place(document.file), what, "请改正这个数字", "digits"))
        return None
    return _whole(data) if isinstance(data, str) else data


def _whole(text: str) -> str:
    """Return a text without half characters, which nobody can print or store."""
    if any("\ud800" <= one <= "\udfff" for one in text):
        raise _Refused("文字里有残缺的字符（只有半个的编码）")
    return text


@cache
def _validator(kind: str) -> "Draft202012Validator":
    """Return the validator of a kind, built once: building costs far more than judging."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  only JSON needs it, and it is slow to import

    return Draft202012Validator(schema(kind))


_SAYS = {
    "required": "缺少必填的键",
    "additionalProperties": "有不认识的键",
    "type": "类型不对",
    "enum": "不在允许的取值里",
    "const": "不是规定的值",
    "pattern": "写法不对",
    "minLength": "是空的",
    "maxLength": "太长",
    "minItems": "太少",
    "maxItems": "太多",
    "propertyNames": "键的写法不对",
}


def _problem(error: "SchemaError", document: Document) -> Problem:
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    deep = best_match([error]) or error
    where = ".".join(map(str, deep.absolute_path)) or "整份文件"
    what = _SAYS.get(str(deep.validator), "不合要求")
    detail = _detail(deep)
    said = f"{where} {what}" + (f"：{detail}" if detail else "")
    return Problem(document.place(tuple(deep.absolute_path)), said, "请对照 JSON Schema 改正", "schema")


def _detail(error: "SchemaError") -> str:
    wanted, instance = cast("Any", error.validator_value), cast("Any", error.instance)
    match error.validator:
        case "required":
            return "、".join(str(key) for key in wanted if key not in instance)
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            return "、".join(str(key) for key in instance if key not in known)
        case "enum":
            return f"{brief(error.instance)}，只能是 {'、'.join(map(str, wanted))}"
    return brief(error.instance)
