"""What a university changed after an inspector spoke: the submission that stood then beside the one that stands now.

Nothing of it is kept: it follows from the texts that were handed in and the time of the finding. What a university
changes while it supplements counts once it is handed in; until then nobody reviews it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from engine.build.edition import Edition, asked
from engine.models.submission import Given, Piece, Submission
from engine.tree import Leaf
from portal.assessments import Standing
from portal.fill import submission_from
from portal.opinions import Finding, Item
from portal.snapshot import kept
from portal.store.tables import submissions

NOTHING = Given()
CLAIM = "合理缺项申报"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that an indicator rests on and that is not what it was: a fact, or (empty) the claim of absence."""

    fact: str
    title: str
    was: Any
    now: Any
    evidence: bool


@dataclass(frozen=True, slots=True)
class Stated:
    """What one subject stated in one submission: its own, and what it has from the university."""

    whole: Mapping[str, Given]
    own: Mapping[str, Given]
    claims: Mapping[str, str]

    def value(self, fact: str) -> tuple[Any, str | None]:
        """Return the answer that counts, the subject's own where it has one, and what was noted."""
        given = self.own.get(fact) or self.whole.get(fact, NOTHING)
        return given.value, given.note

    def evidence(self, fact: str) -> tuple[Piece, ...]:
        """Return the evidence of both."""
        return (*self.whole.get(fact, NOTHING).evidence, *self.own.get(fact, NOTHING).evidence)


def stated_in(submission: Submission, slug: str) -> Stated:
    """Return what a subject stated."""
    for unit in submission.units:
        if unit.subject.id == slug:
            claims = {**submission.not_applicable, **unit.not_applicable}
            return Stated(submission.answers, unit.answers, claims)
    return Stated(submission.answers, {}, submission.not_applicable)


def changes_since(
    connection: Connection,
    case: Standing,
    edition: Edition,
    slugs: Mapping[str, str],
    given: Mapping[Item, Finding],
) -> dict[Item, tuple[Difference, ...]]:
    """Return what is not any more what findings were based on, by subject (its id) and indicator; what stood is left out.

    `slugs` gives the slug of each subject by its id. A finding that is given anew is based on what stands now.
    """
    rows = connection.execute(
        select(submissions.c.sha256, submissions.c.at)
        .where(submissions.c.assessment_id == case.id)
        .order_by(submissions.c.number)
    ).all()
    handed_in = dict[str, Submission]()
    stated = dict[tuple[str, str], Stated]()

    def then(sha256: str, slug: str) -> Stated:
        if sha256 not in handed_in:
            handed_in[sha256] = submission_from(kept(connection, sha256) or "{}")
        if (sha256, slug) not in stated:
            stated[sha256, slug] = stated_in(handed_in[sha256], slug)
        return stated[sha256, slug]

    facts = dict[str, tuple[str, ...]]()
    found = dict[Item, tuple[Difference, ...]]()
    for (subject, indicator), one in given.items():
        leaf = edition.leaf(indicator)
        basis = next((row.sha256 for row in reversed(rows) if row.at <= one.at), None)
        if leaf is None or subject not in slugs or one.verdict == "none" or basis in (None, rows[-1].sha256):
            continue
        was, now = then(basis, slugs[subject]), then(rows[-1].sha256, slugs[subject])
        names = facts.setdefault(indicator, asked(leaf.vars, edition.order_for(leaf.vars)))
        if different := tuple(_differences(edition, leaf, names, was, now)):
            found[subject, indicator] = different
    return found


def _differences(
    edition: Edition, leaf: Leaf, names: Iterable[str], was: Stated, now: Stated
) -> Iterable[Difference]:
    if was.claims.get(leaf.id) != now.claims.get(leaf.id):
        yield Difference("", CLAIM, was.claims.get(leaf.id), now.claims.get(leaf.id), evidence=False)
    for name in names:
        fact, proven = edition.words.fact(name), was.evidence(name) != now.evidence(name)
        if fact is not None and (proven or was.value(name) != now.value(name)):
            yield Difference(name, fact.name, was.value(name)[0], now.value(name)[0], evidence=proven)
