"""Conditions and derivations: what a rule may ask of the facts."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Discriminator, Field, RootModel, StrictBool, Tag, model_validator
from pydantic_core import PydanticCustomError

from engine.models.base import Day, FactId, Literal, Model, Pair, Slug, Text, Whole, is_list

Options = Annotated[
    Annotated[tuple[Text, ...], Field(min_length=1), Tag("<list>")] | Annotated[Text, Tag("<one>")],
    Discriminator(is_list),
]
"""One option or several."""


class Test(Model):
    """What is asked of one fact; several keys must all hold."""

    at_least: Literal | None = Field(None, description="不小于（含本数）")
    at_most: Literal | None = Field(None, description="不大于（含本数）")
    more_than: Literal | None = Field(None, description="大于（不含本数）")
    less_than: Literal | None = Field(None, description="小于（不含本数）")
    equals: Literal | None = Field(None, description="等于")
    one_of: tuple[Text, ...] | None = Field(None, min_length=1, description="单选答案是其中之一")
    none_of: tuple[Text, ...] | None = Field(None, min_length=1, description="单选答案不在其中")
    includes: Options | None = Field(None, description="多选答案包含（列出几项就要几项都含）")
    before: Literal | None = Field(None, description="早于（不含当日）")
    after: Literal | None = Field(None, description="晚于（不含当日）")
    within_months: Whole | None = Field(None, ge=1, le=1200, description="在评定日之前若干个月以内（含当日）")
    older_than_months: Whole | None = Field(
        None, ge=1, le=1200, description="距评定日已满若干个月（含满月当日）"
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("empty_test", "没有写要求什么")
        return self


class All(Model):
    """Every one must hold."""

    all: tuple["Condition", ...] = Field(min_length=1)


class AnyOf(Model):
    """At least one must hold."""

    any: tuple["Condition", ...] = Field(min_length=1)


class Not(Model):
    """It must not hold."""

    not_: "Condition" = Field(alias="not")


class Evidenced(Model):
    """The fact was answered and has at least as many pieces of evidence as its checklist wants."""

    evidenced: FactId


def _is_test(value: Any) -> str:
    return "<test>" if isinstance(value, dict | Test) else "<value>"


Asked = Annotated[
    Annotated[Test, Tag("<test>")] | Annotated[Literal, Tag("<value>")],
    Discriminator(_is_test),
]


class Facts(RootModel[dict[Text, Asked]]):
    """Facts by id (in a table: columns by name) with what is asked of each; all must hold."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={"propertyNames": {"not": {"enum": ["all", "any", "not", "evidenced"]}}},
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.root:
            raise PydanticCustomError("empty_condition", "条件是空的")
        return self


def _kind(value: Any) -> str:
    if isinstance(value, All | AnyOf | Not | Evidenced | Facts):
        return {All: "<all>", AnyOf: "<any>", Not: "<not>", Evidenced: "<evidenced>", Facts: "<facts>"}[
            type(value)
        ]
    if isinstance(value, dict):
        for key in ("all", "any", "not", "evidenced"):
            if key in value:
                return f"<{key}>"
    return "<facts>"


Condition = Annotated[
    Annotated[All, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[Not, Tag("<not>")]
    | Annotated[Evidenced, Tag("<evidenced>")]
    | Annotated[Facts, Tag("<facts>")],
    Discriminator(_kind),
]
"""A three-valued question to the facts: yes, no, or not known yet."""


class OfTable(Model):
    """Rows of a table fact: which table, which column, which rows."""

    table: FactId
    column: Text | None = Field(None, description="取哪一列")
    weight: Text | None = Field(None, description="按哪一列加权")
    where: Condition | None = Field(None, description="哪些行算数（share 的分子）")
    of: Condition | None = Field(None, description="share 的分母只数哪些行；不写则全部行")
    rank: Whole = Field(1, ge=1, le=100, description="least、greatest 取第几小（大）")
    distinct: StrictBool = Field(default=False, description="count 只数 column 里不同的值")
    day: Text | None = Field(None, description="按哪一列日期看近期（count、share 可直接用 column）")
    months: Whole | None = Field(None, ge=1, le=1200, description="只看评定日之前若干个月")


class Weighted(Model):
    """One term of a weighted mean: a value and its weight, each a number or a fact."""

    value: "Operand"
    weight: "Operand"


class Choice(Model):
    """One line of a piecewise value: the first line whose condition holds counts."""

    when: Condition | None = Field(None, description="不写表示其余情形")
    value: "Operand"


class Deadline(Model):
    """The last day of a period: the start day is not counted, a last day on a holiday moves on."""

    from_: "Operand" = Field(alias="from")
    days: Whole | None = Field(None, ge=0, le=4000)
    workdays: Whole | None = Field(None, ge=0, le=1000)
    roll: StrictBool = Field(default=True, description="末日逢节假日是否顺延到节后第一个工作日")


class Derivation(Model):
    """A number, share or day computed from facts by exactly one operator."""

    ratio: Annotated[tuple["Operand", "Operand"], Pair] | None = Field(None, description="前者除以后者")
    sum: "Operands | None" = Field(None, description="相加")
    difference: Annotated[tuple["Operand", "Operand"], Pair] | None = Field(None, description="前者减后者")
    times: Annotated[tuple["Operand", "Operand"], Pair] | None = Field(None, description="相乘")
    mean: "Operands | None" = Field(None, description="算术平均")
    weighted_mean: "WeightedTerms | None" = Field(None, description="加权平均")
    least: "Operands | None" = Field(None, description="取最小")
    greatest: "Operands | None" = Field(None, description="取最大")
    count: "Counted | None" = Field(None, description="成立的条件有几个，或符合的行有几行")
    share: OfTable | None = Field(None, description="符合的行占全部行的比例")
    days: Annotated[tuple["Operand", "Operand"], Pair] | None = Field(
        None, description="从前者到后者的日历日数，起始日不计"
    )
    workdays: Annotated[tuple["Operand", "Operand"], Pair] | None = Field(
        None, description="从前者到后者的工作日数，起始日不计"
    )
    workdays_with_start: Annotated[tuple["Operand", "Operand"], Pair] | None = Field(
        None, description="从前者到后者的工作日数，起始日计入"
    )
    date_of: "Operand | None" = Field(None, description="某个时刻是哪一天")
    deadline: Deadline | None = Field(None, description="期限的末日")
    months_covered: OfTable | None = Field(None, description="表中日期覆盖了几个不同的月份")
    latest: OfTable | None = Field(None, description="表中最近的日期")
    choose: tuple[Choice, ...] | None = Field(None, min_length=1, description="分段取值，第一条成立的算")

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        named = [name for name in OPERATORS if getattr(self, name) is not None]
        if len(named) != 1:
            raise PydanticCustomError(
                "one_operator",
                "要写且只写一种算法，现在写了{count}种",
                {"count": str(len(named))},
            )
        return self

    @property
    def operator(self) -> str:
        """The name of the one operator that is written."""
        return next(name for name in OPERATORS if getattr(self, name) is not None)


OPERATORS = tuple(Derivation.model_fields)
"""The keys that each stand for one operator."""


def _operand(value: Any) -> str:
    return "<derivation>" if isinstance(value, dict | Derivation) else "<value>"


Operand = Annotated[
    Annotated[Derivation, Tag("<derivation>")] | Annotated[Literal, Tag("<value>")],
    Discriminator(_operand),
]
"""A number, the id of a fact, or a nested derivation."""


Operands = Annotated[
    Annotated[tuple[Operand, ...], Field(min_length=1), Tag("<list>")] | Annotated[OfTable, Tag("<one>")],
    Discriminator(is_list),
]
WeightedTerms = Annotated[
    Annotated[tuple[Weighted, ...], Field(min_length=1), Tag("<list>")] | Annotated[OfTable, Tag("<one>")],
    Discriminator(is_list),
]
Counted = Annotated[
    Annotated[tuple[Condition, ...], Field(min_length=1), Tag("<list>")] | Annotated[OfTable, Tag("<one>")],
    Discriminator(is_list),
]
"""What an operator works on: a list of its own, or the rows of a table."""


class Derived(Derivation):
    """A derived fact: computed, never asked."""

    id: FactId
    title: Text
    unit: Text | None = None
    note: Text | None = None


class DatedValue(Model):
    """What a parameter is worth in a period and a region."""

    value: Literal
    from_: Day | None = Field(None, alias="from", description="自该日起（含）")
    to: Day | None = Field(None, description="至该日止（含）")
    region: Text | None = None
    source: Slug | None = None
    verify: StrictBool = False


class Parameter(Model):
    """A figure of the law that changes with the day and the place."""

    id: FactId
    title: Text
    unit: Text | None = None
    by: FactId | None = Field(None, description="按哪个日期事实取值；不写按评定日")
    values: tuple[DatedValue, ...] = Field(min_length=1)


for _model in (Weighted, Choice, Deadline, Derivation, Derived, All, AnyOf, Not, OfTable):
    _model.model_rebuild()
