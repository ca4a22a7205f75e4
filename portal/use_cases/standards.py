"""The standards themselves: which editions there are, and one of them in words, for whoever is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.build.edition import Edition
from engine.compare import Changed, compare
from engine.item import find_item, item_page
from engine.load import Library
from engine.questionnaire import STATUS, questionnaire
from portal.policy import Actor, Object, may
from portal.portal import Portal, use_case
from portal.refusal import FORBIDDEN, Refusal

NO_EDITION = Refusal("missing", "edition", "没有这套标准的这一版", "请从标准列表里选")


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
    return NO_EDITION if found is None else told(library, found)


@use_case("standard.item", None, writes=False)
def read_item(
    portal: Portal,
    actor: Actor,  # noqa: ARG001  anybody signed in
    standard: str,
    edition: str,
    item: str,
) -> Mapping[str, Any] | Refusal:
    """Return the decision tables and the examples of one indicator or veto."""
    found = portal.library().edition(standard, edition)
    if found is None:
        return NO_EDITION
    one = find_item(found, item)
    if one is None:
        return Refusal("missing", "item", "这一版里没有这个指标", "请从目录里选，或换一版")
    return item_page(found, one)


@use_case("standard.compare", None, writes=False)
def compare_editions(
    portal: Portal,
    actor: Actor,  # noqa: ARG001  anybody signed in
    standard: str,
    edition: str,
    since: str,
) -> tuple[Changed, ...] | Refusal:
    """Return what an edition changed since an earlier one of the same standard."""
    library = portal.library()
    before, after = library.edition(standard, since), library.edition(standard, edition)
    if before is None or after is None:
        return NO_EDITION
    return compare(library, before, after)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One mistake in a file of the rules: where, what, and the next step."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Problems:
    """Why the files of the rules are not what is served: since when this is known, and every mistake in them.

    `message` says what stands in the way although the files are right; `since` is None while nothing is wrong.
    """

    since: str | None
    wrong: tuple[Wrong, ...]
    message: str | None


@use_case("standard.problems", "rules.read", writes=False)
def read_problems(portal: Portal, actor: Actor) -> Problems | Refusal:
    """Return what is wrong with the files of the rules, while the last good ones go on serving."""
    if not may(actor, "rules.read", Object()):
        return FORBIDDEN
    trouble = portal.trouble()
    if trouble is None:
        return Problems(None, (), None)
    wrong = tuple(Wrong(str(one.place), one.message) for one in trouble.problems)
    return Problems(trouble.since, wrong, trouble.refusal.message if trouble.refusal else None)


@dataclass(frozen=True, slots=True)
class _Beside:
    library: Library = field(compare=False)


def told(library: Library, edition: Edition) -> Mapping[str, Any]:
    """Return an edition in words; it is written once for each edition that is loaded."""
    return _told(edition, _Beside(library))


@lru_cache(maxsize=32)
def _told(edition: Edition, beside: _Beside) -> Mapping[str, Any]:
    return questionnaire(beside.library, edition)
