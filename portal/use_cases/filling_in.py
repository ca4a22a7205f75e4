"""What the page for filling in asks for: save what was typed, and say in the same answer where the subject stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.build.edition import Edition
from portal.assessments import Standing, allowed, gate
from portal.cases import edition_of
from portal.entry import Saved, Way
from portal.fill import WHOLE, filled, kind_of_fact, stated_now
from portal.live import Filled, Score
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.use_cases.pulse import Pulse, news_of
from portal.use_cases.submissions import Entry, save_many


@dataclass(frozen=True, slots=True)
class Filling:
    """What of a batch was kept with its new version, what was not and why, and the score that follows.

    `refused` say subject and fact in their details, and of a conflict both values (`yours`, `theirs`). `score` is
    empty only when it could not be had although the answers are kept; ask for it again. `news` is what others did.
    """

    saved: tuple[Saved, ...]
    refused: tuple[Refusal, ...]
    score: Score | None
    news: Pulse | None = None


@use_case("fill.save", "answer.save", writes=True)
def save(
    portal: Portal,
    actor: Actor,
    assessment: str,
    subject: str,
    entries: Sequence[Entry],
    *,
    op_id: str,
    since: str = "",
    seen: str = "",
    origin: Way = "typed",
) -> Filling | Refusal:
    """Save answers, each by itself, and return the score of a subject as it is after them.

    `since` is the `mark` of the score that the caller shows: indicators that did not change since then are left out.
    `seen` is the moment of the news that the caller has last heard, to hear with the answer what came since.
    """
    kept = save_many(portal, actor, assessment, entries, op_id=op_id, origin=origin)
    if isinstance(kept, Refusal):
        return kept
    news = None
    with portal.database.read() as connection:
        standing = gate(connection, actor, "score.read", assessment)
        if not isinstance(standing, Refusal) and seen:
            news = allowed(connection, actor, "answer.read", standing) or news_of(
                connection, actor, standing, subject, seen, portal.clock()
            )
    found = standing if isinstance(standing, Refusal) else _score(portal, standing, subject, since)
    if isinstance(found, Refusal) and not (kept.saved or kept.refused):
        return found
    return Filling(
        kept.saved,
        kept.refused,
        None if isinstance(found, Refusal) else found,
        None if isinstance(news, Refusal) else news,
    )


@use_case("fill.score", "score.read", writes=False)
def score_of(
    portal: Portal, actor: Actor, assessment: str, subject: str, *, since: str = ""
) -> Score | Refusal:
    """Return where a subject stands now: points, grades, what stands in the way, and indicators that changed."""
    with portal.database.read() as connection:
        standing = gate(connection, actor, "score.read", assessment)
    return standing if isinstance(standing, Refusal) else _score(portal, standing, subject, since)


def _score(portal: Portal, standing: Standing, subject: str, since: str) -> Score | Refusal:
    edition = edition_of(portal, standing.round)
    if isinstance(edition, Refusal):
        return edition
    return (
        portal.live.score(standing.id, edition, lambda: _filled(portal, standing, edition), subject, since)
        or MISSING
    )


def _filled(portal: Portal, standing: Standing, edition: Edition) -> Filled:
    with portal.database.read() as connection:
        parts = filled(connection, standing.id)
    whole = next(one for one in parts if one.place is None)
    own, others = stated_now(standing, parts)
    places = (one for one in parts if one.place is not None)
    return Filled(
        (whole.id, own),
        {one.id: (one.subject, stated) for one, stated in zip(places, others, strict=True)},
        lambda fact: kind_of_fact(edition, fact) == WHOLE,
    )
