"""Checklists: the facts a desk is asked for, and what follows from them."""

import re
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any
from typing import Literal as OneOf

from pydantic import BeforeValidator, Field, PlainSerializer, StrictBool, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.exact import NotANumber, read_number, show
from engine.models.base import NUMBER_SCHEMA, FactId, Model, Slug, Text, Whole, plain_text
from engine.models.conditions import Derivation, Derived

FACT_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


def _bound(value: Any) -> Fraction | str:
    if isinstance(value, str) and FACT_ID.fullmatch(value):
        return value
    try:
        return read_number(value)
    except NotANumber as reason:
        raise PydanticCustomError("bound", "{reason}", {"reason": str(reason)}) from None


Bound = Annotated[
    Fraction | str,
    BeforeValidator(_bound),
    PlainSerializer(lambda bound: bound if isinstance(bound, str) else show(bound), return_type=str),
    WithJsonSchema(
        {"anyOf": [*NUMBER_SCHEMA["anyOf"], {"type": "string", "pattern": f"^{FACT_ID.pattern}$"}]}
    ),
]
"""A number, or the id of the fact that sets it."""


class Bounds(Model):
    """Range of a numeric answer; a bound is a number or the id of another fact."""

    at_least: Bound | None = None
    at_most: Bound | None = None
    decimals: Annotated[Whole, Field(ge=0, le=6)] | None = Field(None, description="最多几位小数")


class Option(Model):
    """One option of a choice."""

    id: Text
    title: Text | None = None


def _option(value: Any) -> Any:
    return {"id": value} if isinstance(value, str | int) and not isinstance(value, bool) else value


Options = tuple[Annotated[Option, BeforeValidator(_option, json_schema_input_type=Option | str | int)], ...]


class DayRange(Model):
    """Range of a date answer."""

    at_least: str | None = Field(None, description="不早于")
    at_most: str | None = Field(None, description="不晚于")


class TextLimit(Model):
    """Length of a text answer, in characters."""

    at_most: Whole = Field(2000, ge=1, le=20000)


class Scalar(Model):
    """The type of one answer: exactly one key besides the unit."""

    yes_no: dict[str, Any] | None = Field(None, max_length=0, description="是 / 否")
    integer: Bounds | None = Field(None, description="整数")
    number: Bounds | None = Field(None, description="小数（默认两位）")
    percent: Bounds | None = Field(None, description="百分数（默认两位小数）")
    money: Bounds | None = Field(None, description="金额（元，两位小数）")
    date: DayRange | None = Field(None, description="日期")
    datetime: DayRange | None = Field(None, description="日期和时刻，到分钟")
    choice: Options | None = Field(None, min_length=2, description="单选")
    choices: Options | None = Field(None, min_length=1, description="多选")
    text: TextLimit | None = Field(None, description="文字")
    unit: Text | None = None

    @cached_property
    def kind(self) -> str:
        """The name of the one type that is written; empty when none or several are."""
        named = [name for name in KINDS if getattr(self, name) is not None]
        return named[0] if len(named) == 1 else ""


TypeName = OneOf["yes_no", "integer", "number", "percent", "money", "date", "datetime", "text"]
"""A type that may stand alone: `answer: money`."""


def _scalar(value: Any) -> Any:
    """Let a type stand alone or without details: `answer: money`, `answer: {money: , unit: 元}`."""
    if isinstance(value, dict):
        return {key: {} if item is None and key != "unit" else item for key, item in value.items()}
    return {value: {}} if isinstance(value, str) else value


Column = Annotated[str, BeforeValidator(plain_text), Field(pattern=r"^[^\s.#@=:]+$", max_length=40)]
"""The name of a table column."""


class Table(Model):
    """A table answer: typed columns by name, one row an event, month, lot or sampled room."""

    columns: dict[
        Column, Annotated[Scalar, BeforeValidator(_scalar, json_schema_input_type=Scalar | TypeName)]
    ] = Field(min_length=1)
    at_least: Whole = Field(0, ge=0)
    at_most: Whole = Field(500, ge=1, le=5000, description="最多几行")
    derive: dict[Column, Derivation] = Field(default={}, description="逐行算出来的列：只用本表的列和数字")


class Answer(Scalar):
    """The type of a fact's answer."""

    table: Table | None = Field(None, description="表格")

    @cached_property
    def kind(self) -> str:
        """The name of the one type that is written; empty when none or several are."""
        named = [name for name in (*KINDS, "table") if getattr(self, name) is not None]
        return named[0] if len(named) == 1 else ""


KINDS = tuple(name for name in Scalar.model_fields if name != "unit")


class Evidence(Model):
    """The proof that is wanted."""

    kind: Text
    at_least: Whole = Field(1, ge=0, le=100)
    valid_months: Whole | None = Field(None, ge=1, description="有效多少个月")
    from_: Text | None = Field(None, alias="from", description="指定由谁出具或从哪里取")


def _evidence(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


class Fact(Model):
    """A question with a type; filled once, used by every standard that asks for it."""

    id: FactId
    ask: Text = Field(description="问什么（一句话）")
    title: Text | None = Field(None, description="报告里用的短名；不写则用问句")
    answer: Annotated[Answer, BeforeValidator(_scalar, json_schema_input_type=Answer | TypeName)]
    period: Text | None = Field(None, description="统计期")
    per: Text | None = Field(None, description="哪种对象的事实")
    evidence: (
        Annotated[Evidence, BeforeValidator(_evidence, json_schema_input_type=Evidence | str)] | None
    ) = None
    inspect: Text | None = Field(None, description="评审专家怎样核查")
    sample: Text | None = Field(None, description="抽样方法和样本量")
    help: Text | None = None
    verify: StrictBool = False

    @property
    def name(self) -> str:
        """The short name used in sentences."""
        return self.title or self.ask


class Desk(Model):
    """Which desk fills the checklist in."""

    id: Slug
    title: Text
    desk: Text
    subject: Text | None = Field(None, description="这些事实描述哪种对象")
    note: Text | None = None


class Checklist(Model):
    """One file of facts, grouped by the desk that fills them."""

    checklist: Desk
    facts: tuple[Fact, ...] = ()
    derive: tuple[Derived, ...] = ()
