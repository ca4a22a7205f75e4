"""Trying other answers: they are judged on top of what stands, told, and kept nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.answers import Stated
from engine.build.edition import Edition
from engine.judge import judge
from engine.models.submission import Given
from engine.trial import trial_document
from portal.assessments import gate
from portal.cases import edition_of
from portal.entry import read
from portal.fill import WHOLE, Part, filled, given_of, kind_of_fact, stated_now
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal

MOST_TRIED = 50
"""Answers that can be tried at once."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What would differ, as the engine's document, and which of the answers could not be tried, and why."""

    document: Mapping[str, Any]
    refused: tuple[Refusal, ...]


@use_case("score.what_if", "score.read", writes=False)
def what_if(
    portal: Portal, actor: Actor, assessment: str, subject: str, changes: Mapping[str, Any]
) -> Trial | Refusal:
    """Judge other answers to some facts on top of what stands, and return what would differ; nothing is kept.

    None stands for no answer. A fact of the university is tried for this subject alone.
    """
    if len(changes) > MOST_TRIED:
        what = f"一次最多试 {MOST_TRIED} 项，这里有 {len(changes)} 项"
        return Refusal("too_large", "too_many", what, "请去掉几项再试")
    with portal.database.read() as connection:
        standing = gate(connection, actor, "score.read", assessment)
        if isinstance(standing, Refusal):
            return standing
        parts = filled(connection, assessment)
    edition = edition_of(portal, standing.round)
    if isinstance(edition, Refusal):
        return edition
    whole = next(one for one in parts if one.place is None)
    places = [one for one in parts if one.place is not None]
    own, others = stated_now(standing, parts)
    found = zip(places, others, strict=True) if places else [(whole, own)]
    chosen = next(((part, stated) for part, stated in found if part.id == subject), None)
    if chosen is None:
        return MISSING
    part, stated = chosen
    tried, refused = _tried(edition, part, whole, stated, changes)
    return Trial(trial_document(judge(edition, stated), judge(edition, tried)), refused)


def _tried(
    edition: Edition, part: Part, whole: Part, stated: Stated, changes: Mapping[str, Any]
) -> tuple[Stated, tuple[Refusal, ...]]:
    """Put answers on top of what is stated; what cannot be read is left out and told."""
    answers = dict[str, Given](stated.answers)
    refused = list[Refusal]()
    for fact, value in changes.items():
        of = whole if fact in edition.facts and kind_of_fact(edition, fact) == WHOLE else part
        new = read(edition, of, fact, value, None, 0, "typed")
        if isinstance(new, Refusal):
            refused.append(new)
        else:
            before = answers.get(fact)
            answers[fact] = given_of(new.value, None, before.evidence if before else ())
    return replace(stated, answers=answers), tuple(refused)
