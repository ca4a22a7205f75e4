"""A standard: one folder an edition, `standard.yaml` and one file a section."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, Tag
from pydantic_core import PydanticCustomError

from engine.exact import NotANumber, read_number
from engine.models.base import Day, Exact, FactId, Model, Pair, Slug, Text, Whole
from engine.models.basis import Basis
from engine.models.conditions import Condition, Derived, Operand, Parameter
from engine.models.scoring import Part
from engine.models.veto import Veto

Absent = Literal["exclude", "full", "zero", "refuse"]


def _gives(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "<range>"
    return "<absent>" if value == "absent" else "<points>"


def _points(value: Any) -> Fraction:
    try:
        return read_number(value)
    except NotANumber:
        raise PydanticCustomError("gives", "neither points nor absent") from None


Gives = Annotated[
    Annotated[Exact, BeforeValidator(_points), Tag("<points>")]
    | Annotated[Literal["absent"], Tag("<absent>")]
    | Annotated[tuple[Exact, Exact], Pair, Tag("<range>")],
    Discriminator(_gives),
]


class Example(Model):
    """Facts given and what they must give; every example is a test."""

    title: Text | None = None
    given: dict[Text, Any] = Field(description="事实：答案；judge 项写 judge: 分")
    gives: Gives = Field(description="得几分 / absent / [最低, 最高]")
    as_of: Day | None = None
    region: Text | None = None


class Indicator(Model):
    """One leaf of a standard: full points, how they are earned, where it comes from."""

    id: Slug
    title: Text
    points: Exact = Field(gt=0)
    score: Part
    zero_when: Condition | None = Field(None, description="一处不合规，整项 0 分")
    voids: Literal["parent", "section"] | None = Field(None, description="zero_when 成立时连同上级一起 0 分")
    applies_when: Condition | None = Field(None, description="不成立即缺项")
    absent: Absent | None = Field(None, description="缺项怎样处理；不写为 refuse")
    per: Text | None = Field(None, description="评定对象的种类；不写同标准")
    key: StrictBool = Field(default=False, description="关键项 ★")
    key_met_at: Exact | None = Field(
        None, gt=0, le=1, description="这个关键项得分率到多少算符合；不写按标准的 key_items"
    )
    accept: tuple[Literal["non_monotone", "dead_line", "gap", "overlap"], ...] = Field(
        (), description="有意为之，检查时不再提示"
    )
    basis: tuple[Basis, ...] = ()
    fix: Text | None = Field(None, description="失分怎么办")
    note: Text | None = None
    examples: tuple[Example, ...] = ()


class Group(Model):
    """A heading inside a section with its own subtotal: further groups or indicators."""

    id: Slug
    title: Text
    points: Exact = Field(gt=0)
    groups: tuple["Group", ...] = ()
    indicators: tuple[Indicator, ...] = ()


class SectionHead(Model):
    """Name and full points of a section."""

    id: Slug
    title: Text
    points: Exact = Field(gt=0)


class Shared(Model):
    """A part file: groups, indicators and vetoes that the sections of several standards include."""

    groups: tuple[Group, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    vetoes: tuple[Veto, ...] = ()


IncludedFile = Annotated[str, Field(pattern=r"^(\.\./){2}shared/([a-z0-9-]+/)*[a-z0-9-]+\.yaml$")]
"""A part file below rules/shared/, as seen from the folder of an edition."""


class Section(Shared):
    """One section file."""

    section: SectionHead
    include: tuple[IncludedFile, ...] = Field((), description="几个标准共用的部分，排在本文件的内容前面")


class Requirement(Model):
    """What a grade asks besides the total; exactly one of section, indicator, key items, condition."""

    title: Text
    section: Slug | None = Field(None, description="分区得分率")
    indicator: Slug | None = Field(None, description="某指标得分率")
    at_least: Exact | None = Field(None, ge=0, le=1, description="得分率下限，如 60%")
    keys_missed_at_most: Whole | None = Field(None, ge=0, description="关键项最多几项不符")
    when: Condition | None = None


class Grade(Model):
    """A grade and its line: at_least includes the number, more_than does not."""

    id: Slug
    title: Text
    at_least: Exact | None = Field(None, ge=0)
    more_than: Exact | None = Field(None, ge=0)
    requires: tuple[Requirement, ...] = ()
    on_fail: Literal["next", "none"] = Field("next", description="前置不满足：降到下一等级 / 不评等级")
    note: Text | None = None
    basis: tuple[Basis, ...] = ()


class BonusGroup(Model):
    """Bonus items of one kind."""

    id: Slug
    title: Text
    combine: Literal["add", "highest"] = "add"
    up_to: Exact | None = Field(None, gt=0)
    indicators: tuple[Indicator, ...] = Field(min_length=1)


class Bonus(Model):
    """Points on top."""

    up_to: Exact = Field(gt=0)
    groups: tuple[BonusGroup, ...] = Field(min_length=1)
    note: Text | None = None


class Incident(Model):
    """Deducted after the sum, for each event."""

    id: Slug
    title: Text
    each: Operand
    points: Exact = Field(gt=0)
    up_to: Exact | None = Field(None, gt=0)
    basis: tuple[Basis, ...] = ()
    fix: Text | None = None


class Absence(Model):
    """合理缺项: how much may be absent and where the points go."""

    limit: Exact | None = Field(None, ge=0, le=1, description="缺项分值占总分的上限；超过不评等级")
    spread: Literal["group", "section", "total"] = Field(
        "total", description="exclude 的分值在哪一层内按比例折回"
    )


class Rounding(Model):
    """The places where a number is rounded (half up), and to what; nowhere else."""

    section: Exact | None = Field(None, gt=0)
    total: Exact | None = Field(None, gt=0)


class KeyItems(Model):
    """When a key item counts as met."""

    met_at: Exact = Field(Fraction(1), gt=0, le=1, description="得分率到多少算符合")


class Panel(Model):
    """How several inspectors become one result."""

    combine: Literal["mean", "trimmed_mean", "median"] = "mean"
    at_least: Whole = Field(1, ge=1, le=99, description="最少几位专家")
    trim: Whole = Field(1, ge=1, le=10, description="trimmed_mean 两端各去掉几个")


class Raters(Model):
    """Who counts for how much in the final result; the weights add up to 100%."""

    panel: Panel = Panel()
    final: dict[Literal["self", "panel", "survey"], Exact] = Field(
        default={"panel": Fraction(1)}, min_length=1
    )


class ShareOf(Model):
    """So many of the subjects, or so much of their weight, must reach a grade."""

    share: Exact = Field(gt=0, le=1)
    grade: Slug
    by_weight: StrictBool = Field(default=False, description="按 weight 计，不按个数计")


class Title(Model):
    """A title for the whole, earned by what its subjects reached."""

    id: Slug
    title: Text
    each_at_least: Slug | None = Field(None, description="每个对象至少达到的等级")
    shares: tuple[ShareOf, ...] = Field((), description="达到某个等级的对象比例，每条都要达到")
    mean_at_least: Exact | None = None
    worst_at_least: Exact | None = None
    when: Condition | None = None


class RollUp(Model):
    """What is judged one by one and how it becomes one result."""

    per: Text = Field(description="逐个评定的对象种类，如 食堂")
    whole: Text = Field(description="整体的种类，如 学校；整体的事实由各对象继承")
    weight: FactId | None = Field(None, description="加权平均的权重事实")
    titles: tuple[Title, ...] = ()


class Change(Model):
    """What members must know of a change."""

    date: Day
    version: Text
    affects: tuple[Text, ...] = Field((), description="影响条款")
    text: Text


def _file(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


class SectionFile(Model):
    """A section's file beside standard.yaml, or in another edition's folder."""

    file: Annotated[str, Field(pattern=r"^(\.\./[a-z0-9-]+/(\.\./)?)?([a-z0-9-]+/)*[a-z0-9-]+\.yaml$")]


class Standard(Model):
    """One edition of a standard: everything besides its sections."""

    id: Slug
    edition: Slug
    title: Text
    status: Literal["draft", "trial", "official", "withdrawn"]
    issuer: Text | None = None
    disclaimer: Text | None = Field(None, description="印在每份报告上的说明，如 参考表，非官方文本")
    per: Text = Field(description="评定对象的种类")
    region: Text | None = None
    total: Exact = Field(gt=0)
    unit: Exact = Field(default=Fraction(1, 100), gt=0, description="得分的最小单位，默认 0.01")
    scale: Exact = Field(default=Fraction(1), gt=0, description="同表换分制：分区文件里的分值乘以它")
    rounding: Rounding = Rounding()
    sections: tuple[
        Annotated[SectionFile, BeforeValidator(_file, json_schema_input_type=SectionFile | str)], ...
    ] = Field(min_length=1)
    grades: tuple[Grade, ...] = Field((), description="从高到低")
    no_grade: Text = "无等级"
    denied_title: Text | None = Field(None, description="deny 的否决项成立时怎么称呼；不写为 不予评定")
    key_items: KeyItems = KeyItems()
    vetoes: tuple[Veto, ...] = ()
    bonus: Bonus | None = None
    total_cap: Exact | None = Field(None, gt=0)
    incidents: tuple[Incident, ...] = ()
    absence: Absence = Absence()
    parameters: tuple[Parameter, ...] = ()
    derive: tuple[Derived, ...] = Field((), description="只有本标准用的派生事实")
    raters: Raters = Raters()
    roll_up: RollUp | None = None
    basis: tuple[Basis, ...] = ()
    note: Text | None = None
    changes: tuple[Change, ...] = ()


class Parameters(Model):
    """rules/parameters.yaml: figures that several standards share."""

    parameters: tuple[Parameter, ...]
