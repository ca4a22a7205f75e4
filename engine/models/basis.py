"""Where requirements come from: sources, and which part of an item each of them covers."""

from typing import Literal

from pydantic import Field, StrictBool

from engine.models.base import Day, Model, Slug, Text

Provenance = Literal["sourced", "adapted", "proposed"]
"""What a text says / what we adapted from one / what we propose."""


class Basis(Model):
    """Where a requirement comes from."""

    source: Slug | None = Field(None, description="rules/sources.yaml 里的编号")
    article: Text | None = Field(None, description="条款号")
    provenance: Provenance
    covers: tuple[Literal["item", "points", "rule", "evidence"], ...] = Field(
        (), description="出处管到哪里：项目、分值、规则、证据"
    )
    note: Text | None = None
    verify: StrictBool = Field(default=False, description="凭记忆或二手材料，发布前须核对原文")


class Source(Model):
    """A law, standard, notice or public case."""

    id: Slug
    title: Text
    number: Text | None = Field(None, description="文号或标准号")
    issuer: Text | None = None
    date: Text | None = None
    from_: Day | None = Field(None, alias="from", description="施行日")
    to: Day | None = Field(None, description="失效日")
    grade: Literal["A", "B", "C", "D"] = Field(
        description="A 法规原文 / B 政府或学校公开页 / C 转载或节录 / D 二手转述"
    )
    note: Text | None = None
    verify: StrictBool = False


class Sources(Model):
    """rules/sources.yaml."""

    sources: tuple[Source, ...]
