"""A whole submission at once, from a university's own system, and the schema it can check itself with beforehand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from engine.build.edition import Edition
from engine.edition_schema import edition_schema
from engine.outside import faults
from engine.strict_yaml import Document
from portal.assessments import gate, load_round
from portal.cases import edition_of
from portal.entry import Saved
from portal.fill import Part, parts_of
from portal.once import derived_op
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.use_cases.rounds import takes_part
from portal.use_cases.submissions import MOST_AT_ONCE, Entry, save_claim, save_many

MOST_FAULTS = 50
"""Faults that are told at once."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What of a submission was kept, and what was not and why."""

    answers: tuple[Saved, ...]
    claims: tuple[Saved, ...]
    refused: tuple[Refusal, ...]


@lru_cache(maxsize=16)
def _schema(edition: Edition) -> dict[str, Any]:
    return edition_schema(edition)


@use_case("round.schema", "round.read", writes=False)
def round_schema(portal: Portal, actor: Actor, round_id: str) -> Mapping[str, Any] | Refusal:
    """Return the JSON Schema of what a round asks, fact by fact."""
    with portal.database.read() as connection:
        found = load_round(connection, round_id)
        if found is None or not takes_part(connection, actor, found):
            return MISSING
    edition = edition_of(portal, found)
    return edition if isinstance(edition, Refusal) else _schema(edition)


@use_case("submission.push", "answer.save", writes=True)
def push(
    portal: Portal,
    actor: Actor,
    assessment: str,
    submission: Mapping[str, Any],
    *,
    op_id: str,
    versions: Mapping[str, Mapping[str, int]] | None = None,
) -> Pushed | Refusal:
    """Save the answers and claims of a whole submission, each as if it were saved alone.

    The document must fit the schema of the edition, or nothing of it is taken. `versions` give, by subject and fact
    (or indicator), the version each entry is based on; where none is given, only what nobody has answered yet is saved.
    """
    with portal.database.read() as connection:
        standing = gate(connection, actor, "answer.save", assessment)
        if isinstance(standing, Refusal):
            return standing
        parts = {one.slug: one for one in parts_of(connection, assessment)}
    edition = edition_of(portal, standing.round)
    if isinstance(edition, Refusal):
        return edition
    if refusal := _refused(edition, submission, parts):
        return refusal
    based = versions or {}
    entries = list(_entries(submission, parts, based))
    answers, claims, refused = list[Saved](), list[Saved](), list[Refusal]()
    for number, begin in enumerate(range(0, len(entries), MOST_AT_ONCE)):
        some = entries[begin : begin + MOST_AT_ONCE]
        part_op = derived_op(op_id, f"answers-{number}")
        done = save_many(portal, actor, assessment, some, op_id=part_op, origin="api")
        if isinstance(done, Refusal):
            return done
        answers += done.saved
        refused += done.refused
    for part, indicator, reason in _claims(submission, parts):
        base = based.get(part.slug, {}).get(indicator, 0)
        claim_op = derived_op(op_id, f"claim-{part.slug}-{indicator}")
        kept = save_claim(portal, actor, assessment, part.id, indicator, reason, base=base, op_id=claim_op)
        claims += [kept] if isinstance(kept, Saved) else []
        refused += [kept] if isinstance(kept, Refusal) else []
    return Pushed(tuple(answers), tuple(claims), tuple(refused))


def _refused(edition: Edition, submission: Mapping[str, Any], parts: Mapping[str, Part]) -> Refusal | None:
    """Return why a document is not taken at all: it does not fit the schema, or speaks of somebody else."""
    document = Document("submission")
    document.data = submission
    found = faults(document, Draft202012Validator(_schema(edition)))
    if found:
        told = [one.message for one in found[:MOST_FAULTS]]
        what = f"填报不合这一版标准的 JSON Schema，共 {len(found)} 处"
        return Refusal("invalid", "schema", what, "请按 errors 逐处改正，再整份发送", {"errors": told})
    unknown = [slug for slug, _ in _stated(submission) if slug not in parts]
    if unknown:
        what = f"这次评定里没有对象 {'、'.join(unknown[:5])}"
        return Refusal("invalid", "subject", what, f"这次评定的对象是：{'、'.join(sorted(parts))}")
    if submission.get("judged") or any(one.get("judged") for one in submission.get("units", ())):
        return Refusal("invalid", "judged", "填报里写了人工评定的得分", "这些由评审专家给分，请删去 judged")
    return None


def _stated(submission: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Return what is stated of each subject, by its id."""
    for one in (submission, *submission.get("units", ())):
        yield str(one["subject"]["id"]), one


def _entries(
    submission: Mapping[str, Any], parts: Mapping[str, Part], based: Mapping[str, Mapping[str, int]]
) -> Iterable[Entry]:
    for slug, stated in _stated(submission):
        for fact, given in stated.get("answers", {}).items():
            value, note = (
                (given.get("value"), given.get("note")) if isinstance(given, dict) else (given, None)
            )
            yield Entry(parts[slug].id, fact, value, based.get(slug, {}).get(fact, 0), note)


def _claims(submission: Mapping[str, Any], parts: Mapping[str, Part]) -> Iterable[tuple[Part, str, str]]:
    for slug, stated in _stated(submission):
        for indicator, reason in stated.get("not_applicable", {}).items():
            yield parts[slug], indicator, str(reason)
