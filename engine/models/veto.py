"""Vetoes: what overrules the sum, from eligibility to the red lines of a guide."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from engine.models.base import Day, Exact, FactId, Model, Slug, Text, Whole
from engine.models.basis import Basis
from engine.models.conditions import Condition


class Cap(Model):
    """At best this grade."""

    cap: Slug


class Drop(Model):
    """So many grades down."""

    drop: Whole = Field(ge=1, le=9)


def _effect(value: Any) -> str:
    if isinstance(value, dict | Drop | Cap):
        return (
            "<drop>" if isinstance(value, Drop) or (isinstance(value, dict) and "drop" in value) else "<cap>"
        )
    return "<word>"


def _word(value: Any) -> Any:
    if value not in ("stop", "deny"):
        raise PydanticCustomError("effect", "unknown effect")
    return value


Effect = Annotated[
    Annotated[Literal["stop", "deny"], BeforeValidator(_word), Tag("<word>")]
    | Annotated[Cap, Tag("<cap>")]
    | Annotated[Drop, Tag("<drop>")],
    Discriminator(_effect),
]


class ResultTest(Model):
    """A test of what was earned: key items missed, or the share earned in a section or of one kind of subject."""

    keys_missed_at_least: Whole | None = Field(None, ge=1, description="关键项至少几项不符")
    section: Slug | None = Field(None, description="某分区的得分率")
    per: Text | None = Field(None, description="某种评定对象的全部指标的得分率，如 学校")
    less_than: Exact | None = Field(None, gt=0, le=1, description="得分率低于，如 80%")


VetoState = Literal["成立", "不成立", "存疑", "不适用", "还不知道"]


class VetoExample(Model):
    """Facts given and what a veto says to them; every example is a test."""

    title: Text | None = None
    given: dict[Text, Any] = Field(description="事实：答案")
    gives: VetoState
    as_of: Day | None = None
    region: Text | None = None


class Veto(Model):
    """A condition that overrules the sum: eligibility, red line, cap, downgrade."""

    id: Slug
    title: Text
    when: Condition | None = Field(None, description="什么情形算违反")
    when_result: ResultTest | None = Field(None, description="按得分判断的，写这个代替 when")
    applies_when: Condition | None = Field(None, description="不成立即不适用")
    doubt_when: Condition | None = Field(None, description="没有违反但存疑，要由人判断；结论先不定")
    doubt: Text | None = Field(None, description="存疑时怎么称呼，如 边界、疑似")
    effect: Effect = Field("deny", description="stop 停止评定 / deny 不予评定 / {cap: 等级} / {drop: 级数}")
    scope: Literal["subject", "all"] = Field("subject", description="只影响本对象，或影响全校全部对象")
    per: Text | None = Field(None, description="在哪种对象上判断；不写同标准")
    look_back_months: Whole | None = Field(
        None, ge=1, le=1200, description="追溯期（月），配合 event_day 使用"
    )
    event_day: FactId | None = Field(None, description="事件日期事实；在追溯期内才算")
    from_: Day | None = Field(None, alias="from", description="自该日起适用（含，按评定日）")
    to: Day | None = Field(None, description="适用至该日（含）")
    basis: tuple[Basis, ...] = ()
    fix: Text | None = None
    note: Text | None = None
    examples: tuple[VetoExample, ...] = ()
