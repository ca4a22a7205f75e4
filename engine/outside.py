"""Documents from outside: submissions, reviews and scorecards as YAML or JSON, checked before they are read."""

import json
from decimal import Decimal
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from engine.complaints import brief, parse
from engine.exact import MAX_DIGITS
from engine.problem import Place, Problem
from engine.schema import MODELS, schema
from engine.strict_yaml import MAX_BYTES, MAX_DEPTH, Document, read_yaml


def read(text: bytes, name: str, kind: str) -> tuple[Any, Document, list[Problem]]:
    """Read a document of a kind; the model is None when it could not be read.

    JSON is validated against the published schema first, so that a partner can do the same check at home.
    """
    if not name.endswith(".json"):
        document = read_yaml(text, name)
        model, problems = parse(MODELS[kind], document)
        return model, document, [*document.problems, *problems]
    document = read_json(text, name)
    if document.problems:
        return None, document, document.problems
    problems = validate(document, kind)
    if problems:
        return None, document, problems
    model, problems = parse(MODELS[kind], document)
    return model, document, problems


class _Refused(ValueError):
    """Something in the JSON text that we do not take; the message says what."""


def read_json(text: bytes, name: str) -> Document:
    """Read JSON strictly: UTF-8, no duplicate keys, no NaN, exact decimals, bounded size, depth and digits."""
    document = Document(name)
    try:
        if len(text) > MAX_BYTES:
            raise _Refused(f"文件有 {len(text):,} 字节，上限是 {MAX_BYTES:,}")
        document.data = json.loads(
            text.decode("utf-8-sig"),
            parse_float=_number,
            parse_int=_number,
            parse_constant=_constant,
            object_pairs_hook=_unique,
        )
        _shallow(document.data)
    except _Refused as refused:
        document.data = None
        document.problems.append(Problem(Place(name), str(refused), "请改正后再交", "json"))
    except UnicodeDecodeError:
        document.problems.append(Problem(Place(name), "不是 UTF-8 编码", "请另存为 UTF-8", "encoding"))
    except json.JSONDecodeError as error:
        place = Place(name, error.lineno, error.colno)
        document.problems.append(Problem(place, "这里不合 JSON 写法", "请检查引号、逗号和括号", "json"))
    except RecursionError:
        document.problems.append(Problem(Place(name), f"嵌套超过 {MAX_DEPTH} 层", "请拆开写", "depth"))
    return document


def _number(text: str) -> int | Decimal:
    if sum(map(str.isdigit, text)) > MAX_DIGITS:
        raise _Refused(f"数字超过 {MAX_DIGITS} 位：{text[:12]}…")
    return Decimal(text) if {".", "e", "E"} & set(text) else int(text)


def _constant(text: str) -> object:
    raise _Refused(f"{text} 不是有限的数字")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(f"键 {brief(key)} 重复了")
        found[key] = value
    return found


def _shallow(data: Any, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise _Refused(f"嵌套超过 {MAX_DEPTH} 层")
    for child in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        _shallow(child, depth + 1)


@cache
def _validator(kind: str) -> Draft202012Validator:
    """Return the validator of a kind, built once: building costs far more than judging."""
    return Draft202012Validator(schema(kind))


def validate(document: Document, kind: str) -> list[Problem]:
    """Check a document against the schema of its kind."""
    return [_problem(error, document) for error in _validator(kind).iter_errors(document.data)]


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


def _problem(error: ValidationError, document: Document) -> Problem:
    deep = best_match([error]) or error
    where = ".".join(map(str, deep.absolute_path)) or "整份文件"
    what = _SAYS.get(str(deep.validator), "不合要求")
    detail = f":{_detail(deep)}" if _detail(deep) else ""
    return Problem(
        document.place(tuple(deep.absolute_path)),
        f"{where} {what}{detail}",
        "请对照 JSON Schema 改正",
        "schema",
    )


def _detail(error: ValidationError) -> str:
    match error.validator:
        case "required":
            return "、".join(str(key) for key in error.validator_value if key not in error.instance)  # type: ignore[union-attr]
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            return "、".join(str(key) for key in error.instance if key not in known)
        case "enum":
            return f"{brief(error.instance)}，只能是 {'、'.join(map(str, error.validator_value))}"  # type: ignore[arg-type]
    return brief(error.instance)
