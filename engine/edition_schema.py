"""The JSON Schema of what one edition asks, so that a university's own system can check what it is about to send.

What it accepts, the engine reads, but for what a schema cannot say: bounds that other facts set, bounds between whole
numbers, the decimals of a JSON number, the range of one written as text, days no calendar has. These the engine tells.
"""

import copy
from typing import Any

from engine.build.edition import Edition, fact_of
from engine.build.vocabulary import bounds_of, scale_of
from engine.domain import FAR, Domain
from engine.models.checklist import Fact, Options, Scalar, Table
from engine.reading import cell_range
from engine.schema import schema

Schema = dict[str, Any]

_DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_MINUTE = r"[ T]([01][0-9]|2[0-3]):[0-5][0-9]$"


def edition_schema(edition: Edition) -> Schema:
    """Return the schema of a submission to this edition."""
    made = copy.deepcopy(schema("submission"))
    made["title"] = f"{edition.standard.title}（{edition.standard.edition}）"
    made["properties"]["standard"] = {"const": edition.standard.id}
    made["properties"]["edition"] = {"const": edition.standard.edition}
    bounds = {fact_of(var) for link in edition.links for var, _ in link.terms}
    names = sorted(bounds.union(edition.facts))
    facts = [fact for name in names if (fact := edition.words.fact(name))]
    around = made["$defs"]["Given"]["properties"]
    made["$defs"]["Answers"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {fact.id: _given(edition, fact, around) for fact in facts},
    }
    judged = [var.removeprefix("judge:") for var in edition.words.domains if var.startswith("judge:")]
    leaves = [leaf.id for leaf in edition.every_leaf]
    for holder in (made, made["$defs"]["Unit"]):
        properties = holder["properties"]
        properties["answers"] = {"$ref": "#/$defs/Answers"}
        properties["judged"] = _only(properties["judged"], sorted(judged))
        properties["not_applicable"] = _only(properties["not_applicable"], leaves)
    return made


def _only(base: Schema, names: list[str]) -> Schema:
    return {**base, "propertyNames": {"enum": names}} if names else {"type": "object", "maxProperties": 0}


def _given(edition: Edition, fact: Fact, around: Schema) -> Schema:
    """Return the schema of an answer: plain, or with its evidence and a note."""
    value = _value(fact, edition.words.domains.get(fact.id))
    whole = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**around, "value": value},
    }
    title = {"title": fact.name, "description": fact.ask}
    return {**title, "anyOf": [value, whole]}


def _value(fact: Fact, domain: Domain | None) -> Schema:
    table = fact.answer.table
    return {"anyOf": [_table(table) if table else _scalar(fact.answer, domain), {"enum": [None, ""]}]}


def _scalar(answer: Scalar, domain: Domain | None) -> Schema:
    if answer.kind == "yes_no":
        return {"enum": [True, False, "是", "否"]}
    if answer.kind in ("date", "datetime"):
        return {"type": "string", "pattern": _DAY + ("$" if answer.kind == "date" else _MINUTE)}
    if answer.choice:
        return {"enum": _names(answer.choice)}
    if answer.choices:
        return {"type": "array", "items": {"enum": _names(answer.choices)}}
    if answer.text:
        return {"type": ["string", "integer"], "maxLength": answer.text.at_most}
    return _percent(answer) if answer.kind == "percent" else _number(answer, domain)


def _names(options: Options) -> list[str]:
    return list(dict.fromkeys(name for one in options for name in (one.id, one.title) if name))


def _percent(answer: Scalar) -> Schema:
    places = 2 if (bounds := bounds_of(answer)) is None or bounds.decimals is None else bounds.decimals
    return {"type": "string", "pattern": rf"^-?[0-9]{{1,9}}{_decimals(places)}%$", "examples": ["95%"]}


def _number(answer: Scalar, domain: Domain | None) -> Schema:
    places = len(str(scale_of(answer))) - 1
    scale = scale_of(answer)
    low, high = (int(domain.low), int(domain.high)) if domain else (0, scale * FAR)
    text = {"type": "string", "pattern": rf"^-?[0-9]{{1,10}}{_decimals(places)}$"}
    plain = {
        "type": "number" if places else "integer",
        "minimum": low // scale,
        "maximum": -(-high // scale),
    }
    return {"anyOf": [plain, text]}


def _decimals(places: int) -> str:
    return rf"(\.[0-9]{{1,{places}}})?" if places else ""


def _table(table: Table) -> Schema:
    columns = {
        name: {"anyOf": [_scalar(answer, cell_range(answer)), {"enum": [None, ""]}]}
        for name, answer in table.columns.items()
    }
    row = {"type": "object", "additionalProperties": False, "properties": columns}
    return {"type": "array", "minItems": table.at_least, "maxItems": table.at_most, "items": row}
