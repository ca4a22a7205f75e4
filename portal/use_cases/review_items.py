"""What an inspector has before them in one case, item by item: what was said, and what changed since it was said."""

from dataclasses import dataclass

from sqlalchemy import Connection

from engine.exact import show
from portal.assessments import Standing
from portal.cases import judged_in, look, pinned
from portal.changes import changes_since
from portal.opinions import PHASES, findings_of
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal

SILENT = "无意见"
MARKS = (*dict.fromkeys(PHASES.values()), SILENT)
"""What an item may be asked for by: one of the three marks, or nothing said yet."""


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One indicator of one subject in the list; `changed_since` names what is not any more what the finding saw."""

    subject: str
    subject_title: str
    indicator: str
    title: str
    points: str
    mark: str
    verdict: str
    given: str | None
    version: int
    at: str | None
    changed_since: tuple[str, ...]


@use_case("review.items", "finding.read", writes=False)
def list_items(
    portal: Portal,
    actor: Actor,
    assessment: str,
    *,
    subject: str | None = None,
    mark: str | None = None,
    changed: bool = False,
) -> tuple[ListedItem, ...] | Refusal:
    """List the indicators of a case with one's own findings: of one subject, of one mark, or only what has changed since."""
    if mark is not None and mark not in MARKS:
        return Refusal("invalid", "mark", f"没有“{mark[:20]}”这种标记", f"请选：{'、'.join(MARKS)}")

    def work(connection: Connection, case: Standing) -> tuple[ListedItem, ...]:
        edition, judged = pinned(portal, case.round), judged_in(connection, case.id)
        wanted = None if subject is None else judged.find(subject).id
        given = findings_of(connection, case.id, actor.id)
        slugs = {row.id: slug for slug, row in judged.rows.items()}
        since = changes_since(connection, case, edition, slugs, given)
        found = list[ListedItem]()
        for row in judged.rows.values():
            for leaf in edition.every_leaf:
                one = given.get((row.id, leaf.id))
                verdict, different = one.verdict if one else "none", since.get((row.id, leaf.id), ())
                found.append(
                    ListedItem(
                        row.id,
                        row.title,
                        leaf.id,
                        leaf.title,
                        show(leaf.source.points),
                        PHASES.get(verdict, SILENT),
                        verdict,
                        one.points if one else None,
                        one.version if one else 0,
                        one.at if one else None,
                        tuple(each.title for each in different),
                    )
                )
        return tuple(
            one
            for one in found
            if wanted in (None, one.subject)
            and mark in (None, one.mark)
            and (one.changed_since or not changed)
        )

    return look(portal, actor, assessment, "finding.read", work)
