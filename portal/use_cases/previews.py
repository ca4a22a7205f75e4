"""What a publication would say before it is made: the same document, of the same results, and what would change with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from portal.assessments import Round, Standing
from portal.batches import cases_in, ready_in, whole_round
from portal.cases import Declined
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.publishing import KINDS, document_of, public_result
from portal.refusal import Refusal
from portal.store.tables import publications

READY = {"publicity": ("评审完成",), "grades": ("定级",)}
"""Whose results a publication of a kind makes public."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be public: the document, whose results are new in it, and who is left out, with why."""

    kind: str
    document: str
    fresh: tuple[str, ...]
    left: Mapping[str, str]


@use_case("publication.preview", "round.publish", writes=False)
def preview_publication(
    portal: Portal, actor: Actor, round_id: str, *, kind: str = "publicity"
) -> Preview | Refusal:
    """Return what would become public now: the results of finished reviews, or the decided grades."""
    if kind not in READY:
        return Refusal("invalid", "kind", "没有这一种公布", "请选公示或定级", {"field": "kind"})
    with portal.database.read() as connection:
        try:
            head = whole_round(connection, actor, round_id, lock=False)
            ready, left = ready_in(connection, actor, round_id, READY[kind], lock=False)
            public = _public(connection, round_id, kind)
            return Preview(
                kind,
                _document(connection, portal, head, kind, ready),
                tuple(one.university_title for one in ready if one.university_code not in public),
                left,
            )
        except Declined as declined:
            return declined.refusal


def _public(connection: Connection, round_id: str, kind: str) -> set[str]:
    """Return the codes of the universities in publications of a kind that stand."""
    documents = connection.scalars(
        select(publications.c.document).where(
            publications.c.round_id == round_id,
            publications.c.kind == kind,
            publications.c.withdrawn_at.is_(None),
        )
    )
    return {one["university"]["code"] for text in documents for one in json.loads(text)["results"]}


def _document(connection: Connection, portal: Portal, head: Round, kind: str, ready: list[Standing]) -> str:
    """Return the document as `publicise` and `publish_grades` would write it: with everybody who is public already."""
    public = cases_in(connection, head.id, KINDS[kind], lock=False)
    every = {one.id: one for one in (*public, *ready)}
    results = [
        public_result(connection, one) for one in sorted(every.values(), key=lambda one: one.university_code)
    ]
    return document_of(head, kind, portal.at(), results)
