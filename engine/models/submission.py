"""What a subject hands in, and what an inspector says of it."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from engine.models.base import Day, Exact, Model, Slug, Text


class Piece(Model):
    """One piece of evidence."""

    title: Text
    file: Text | None = None
    date: Day | None = None
    from_: Text | None = Field(None, alias="from", description="由谁出具或从哪里取")
    note: Text | None = None


def _piece(value: Any) -> Any:
    return {"title": value} if isinstance(value, str) else value


class Given(Model):
    """An answer with its evidence; `value` missing means not answered yet."""

    value: Any = None
    evidence: tuple[Annotated[Piece, BeforeValidator(_piece, json_schema_input_type=Piece | str)], ...] = ()
    note: Text | None = None


def _given(value: Any) -> Any:
    """Let a plain value stand for an answer without evidence; no type of answer is a mapping."""
    return value if isinstance(value, Given | dict) else {"value": value}


Plain = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean", "array", "null"]})]
Answers = dict[Text, Annotated[Given, BeforeValidator(_given, json_schema_input_type=Given | Plain)]]


class Judged(Model):
    """Points a person gave, with the reason."""

    points: Exact = Field(ge=0)
    reason: Text


class Subject(Model):
    """Who or what is judged."""

    id: Slug
    title: Text
    kind: Text


class Unit(Model):
    """One of several subjects of a submission: a canteen, a building."""

    subject: Subject
    answers: Answers = {}
    judged: dict[Slug, Judged] = {}
    not_applicable: dict[Slug, Text] = {}


class Submission(Model):
    """The facts a subject states on a day, for one edition of one standard."""

    standard: Slug
    edition: Slug
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, description="钉住的版本内容指纹"
    )
    as_of: Day = Field(description="评定日")
    region: Text | None = None
    origin: Literal["real", "invented"] = Field(description="真实公开材料 / 虚构")
    origin_note: Text | None = None
    subject: Subject
    answers: Answers = {}
    judged: dict[Slug, Judged] = {}
    not_applicable: dict[Slug, Text] = Field(default={}, description="申报缺项的指标：理由")
    units: tuple[Unit, ...] = Field((), description="逐个评定的对象，继承上面的答案")


class Verdict(Model):
    """What an inspector says of one indicator."""

    verdict: Literal["agree", "adjust", "material", "site"] = Field(
        description="认可 / 调整 / 补材料 / 现场核查"
    )
    points: Exact | None = Field(None, ge=0)
    reason: Text | None = None


class Review(Model):
    """One inspector's record beside a submission; it never overwrites an answer."""

    inspector: Text
    standard: Slug
    edition: Slug
    subject: Slug
    findings: dict[Slug, Verdict] = {}
    answers: Answers = Field(default={}, description="现场核实的事实")
    judged: dict[Slug, Judged] = {}
    survey: Exact | None = Field(None, ge=0, description="测评分（标准声明 survey 权重时）")
