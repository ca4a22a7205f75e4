"""How one indicator earns its points: the shapes that occur in real standards."""

from typing import Annotated, Any
from typing import Literal as OneOf

from pydantic import Discriminator, Field, Tag

from engine.models.base import Exact, Literal, Model, Pair, Text, Whole
from engine.models.conditions import Condition, Operand

NotNegative = Annotated[Exact, Field(ge=0)]
Corner = Annotated[tuple[Literal, NotNegative], Pair]
"""A number and the points it is worth."""


class Line(Model):
    """Points for a condition; without a condition, for whatever is left."""

    points: Exact = Field(ge=0)
    when: Condition | None = Field(None, description="不写表示其余情形（只能是最后一行）")


class Base(Model):
    """Where counting starts and what that is worth."""

    at: Exact
    points: Exact = Field(ge=0)


class Each(Model):
    """So many points for each event (or each step of a number), up to a limit."""

    each: Operand = Field(description="数什么：事实或派生事实")
    points: Exact = Field(gt=0, description="每一个几分")
    up_to: Exact | None = Field(None, gt=0, description="最多几分")
    over: Literal | None = Field(None, description="超过多少才开始数")
    under: Literal | None = Field(None, description="比多少少几个")
    per: Exact | None = Field(None, gt=0, description="每多少算一个（默认 1）")
    part: OneOf["ignored", "counts"] = Field("ignored", description="不足一个：不算 / 算一个")
    base: Base | None = Field(None, description="起点：到几个得几分，之后每个再加")


class Deduct(Model):
    """Start full, take away for each fault, never below zero."""

    deduct_from: Exact = Field(gt=0)
    items: tuple["Part", ...] = Field(min_length=1, description="每处扣几分")


class Held(Model):
    """One item of a list that is counted."""

    when: Condition
    title: Text | None = None


class Items(Model):
    """A checklist: each item its own points, or points by how many items hold."""

    items: tuple["Part", ...] = Field(min_length=1)
    by_count: dict[Whole, NotNegative] | None = Field(None, min_length=1, description="成立几项 → 几分")


class Linear(Model):
    """Points that grow (or fall) evenly with a number, flat outside the two ends."""

    linear: Operand
    from_: Corner | None = Field(None, alias="from", description="[数值, 分]")
    to: Corner | None = Field(None, description="[数值, 分]")
    through: tuple[Corner, ...] | None = Field(None, min_length=2, description="折线经过的各点 [数值, 分]")
    step: Exact | None = Field(None, gt=0, description="得分的最小一档（默认标准的最小单位）")
    round: OneOf["half_up", "down"] = "half_up"


class Judge(Model):
    """A person decides between 0 and the points given; a reason is required."""

    judge: Exact = Field(gt=0)
    guide: Text = Field(description="评分指引")
    step: Exact | None = Field(None, gt=0)


class Steps(Model):
    """The first line that holds counts; none holds: 0."""

    steps: tuple[Line, ...] = Field(min_length=1)


class Parts(Model):
    """A sum of parts, up to a limit."""

    parts: tuple["Part", ...] = Field(min_length=1)
    up_to: Exact | None = Field(None, gt=0)


class BestOf(Model):
    """Several yardsticks, the best result counts."""

    best_of: tuple["Part", ...] = Field(min_length=2)


class WorstOf(Model):
    """Several yardsticks, the worst result counts."""

    worst_of: tuple["Part", ...] = Field(min_length=2)


SHAPES: dict[str, type[Model]] = {
    "each": Each,
    "deduct_from": Deduct,
    "items": Items,
    "linear": Linear,
    "judge": Judge,
    "steps": Steps,
    "parts": Parts,
    "best_of": BestOf,
    "worst_of": WorstOf,
    "points": Line,
    "when": Held,
}
"""The key that tells each shape; `points` and `when` last, because other shapes have them too."""


def _shape(value: Any) -> str | None:
    if isinstance(value, list | tuple):
        return "<list>"
    if isinstance(value, dict):
        return next((f"<{key}>" for key in SHAPES if key in value), None)
    return next((f"<{key}>" for key, shape in SHAPES.items() if type(value) is shape), None)


Part = Annotated[
    Annotated[Each, Tag("<each>")]
    | Annotated[Deduct, Tag("<deduct_from>")]
    | Annotated[Items, Tag("<items>")]
    | Annotated[Linear, Tag("<linear>")]
    | Annotated[Judge, Tag("<judge>")]
    | Annotated[Steps, Tag("<steps>")]
    | Annotated[Parts, Tag("<parts>")]
    | Annotated[BestOf, Tag("<best_of>")]
    | Annotated[WorstOf, Tag("<worst_of>")]
    | Annotated[Line, Tag("<points>")]
    | Annotated[Held, Tag("<when>")]
    | Annotated[tuple[Line, ...], Field(min_length=1), Tag("<list>")],
    Discriminator(
        _shape,
        custom_error_type="unknown_shape",
        custom_error_message="认不出这是哪种计分形状",
    ),
]
"""One shape, or a plain list of lines (steps)."""

for _model in (Deduct, Items, Parts, BestOf, WorstOf):
    _model.model_rebuild()
