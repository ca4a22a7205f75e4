"""What every model shares: frozen data, no unknown keys, exact numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from engine.exact import NotANumber, read_number, show


class Model(BaseModel):
    """Frozen data read from a document; a key the model does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _known_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Report unknown keys with the legal ones, beside whatever else is wrong."""
        if not isinstance(data, dict):
            return handler(data)
        legal = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = [key for key in data if key not in legal]
        if not unknown:
            return handler(data)
        errors = [
            InitErrorDetails(
                type=PydanticCustomError(
                    "unknown_key",
                    "unknown key",
                    {"key": str(key), "legal": legal, "written": [*map(str, data)]},
                ),
                loc=(),
                input=data[key],
            )
            for key in unknown
        ]
        try:
            handler({key: value for key, value in data.items() if key not in unknown})
        except ValidationError as error:
            errors += [_again(one) for one in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(cls.__name__, errors)


def _again(error: ErrorDetails) -> InitErrorDetails:
    """Turn a reported error into one that can be raised again."""
    kind = PydanticCustomError(error["type"], "{message}", {**error.get("ctx", {}), "message": error["msg"]})
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])


def _exact(value: Any) -> Fraction:
    try:
        return read_number(value)
    except NotANumber as reason:
        raise PydanticCustomError("number", "{reason}", {"reason": str(reason)}) from None


NUMBER_SCHEMA = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^\s*[+-]?[0-9][0-9,]*(\.[0-9]+)?\s*%?\s*$"},
    ],
}

Exact = Annotated[
    Fraction,
    BeforeValidator(_exact),
    PlainSerializer(show, return_type=str),
    WithJsonSchema(NUMBER_SCHEMA),
]
"""An exact number: 95%, 0.5 or 1,000 as written."""


def plain_text(value: Any) -> Any:
    """Let a number stand where a short text is wanted (edition 2024, grade 3)."""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


Text = Annotated[
    str,
    BeforeValidator(plain_text),
    Field(min_length=1, max_length=4000),
    WithJsonSchema({"type": ["string", "number"], "minLength": 1, "maxLength": 4000}),
]

_SLUG = r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$"
Slug = Annotated[
    str,
    BeforeValidator(plain_text),
    Field(pattern=_SLUG, max_length=64),
    WithJsonSchema({"type": ["string", "integer"], "pattern": _SLUG, "maxLength": 64}),
]
"""The id of a standard, section, group, indicator, veto or grade; it never changes."""


LONGEST_LITERAL = 400


def _literal(value: Any) -> bool | str:
    if isinstance(value, bool):
        return value
    text = plain_text(value)
    if not isinstance(text, str) or not 0 < len(text) <= LONGEST_LITERAL:
        raise PydanticCustomError("literal", "no literal")
    return text


Literal = Annotated[
    bool | str,
    BeforeValidator(_literal),
    WithJsonSchema({"type": ["boolean", "number", "string"]}),
]
"""A truth value, number, percentage, option or day as written, or the id of a fact to compare with."""

FactId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=80)]
"""The id of a fact, derived fact or parameter: desk and name, joined by a dot."""


def _calendar_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("day", "no day") from None
    return text


Day = Annotated[
    str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", max_length=10), AfterValidator(_calendar_day)
]
"""A calendar day as text, 2024-01-26; the engine never asks a clock."""


def _whole(value: Any) -> Any:
    """Keep a truth value from passing for 0 or 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "no whole number")
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number: months, rows, ranks."""


def _two(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise PydanticCustomError("pair", "no pair")
    return value


Pair = BeforeValidator(_two)
"""Said of a tuple of two: a list of any other length is one mistake, not two."""


def is_list(value: Any) -> str:
    """Tell a list from anything else, so that only what was meant is reported."""
    return "<list>" if isinstance(value, list | tuple) else "<one>"
