"""The standards themselves: which editions there are, and one of them in words, for whoever is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.build.edition import Edition
from engine.load import Library
from engine.questionnaire import STATUS, questionnaire
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Standard:
    """An edition of a standard in a list."""

    standard: str
    edition: str
    title: str
    status: str
    per: str
    hash: str
    indicators: int
    facts: int


@use_case("standard.list", None, writes=False)
def list_standards(portal: Portal, actor: Actor) -> tuple[Standard, ...]:  # noqa: ARG001  anybody signed in
    """Return the editions that can be used here, by standard, the newest edition first."""
    found = sorted(portal.library().editions.values(), key=lambda one: one.key[1], reverse=True)
    return tuple(
        Standard(
            *one.key,
            one.standard.title,
            STATUS[one.standard.status],
            one.standard.per,
            one.hash,
            len(one.every_leaf),
            len(one.facts),
        )
        for one in sorted(found, key=lambda one: one.key[0])
    )


@use_case("standard.read", None, writes=False)
def read_standard(
    portal: Portal,
    actor: Actor,  # noqa: ARG001  anybody signed in
    standard: str,
    edition: str,
) -> Mapping[str, Any] | Refusal:
    """Return an edition in words: sections, items with their rules and sources, questions."""
    library = portal.library()
    found = library.edition(standard, edition)
    if found is None:
        return Refusal("missing", "edition", "没有这套标准的这一版", "请从标准列表里选")
    return told(library, found)


@dataclass(frozen=True, slots=True)
class _Beside:
    library: Library = field(compare=False)


def told(library: Library, edition: Edition) -> Mapping[str, Any]:
    """Return an edition in words; it is written once for each edition that is loaded."""
    return _told(edition, _Beside(library))


@lru_cache(maxsize=32)
def _told(edition: Edition, beside: _Beside) -> Mapping[str, Any]:
    return questionnaire(beside.library, edition)
