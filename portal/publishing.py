"""What may be public of a round: one canonical document, made of an allow-list and nothing else."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.document import canonical
from portal.assessments import Round, Standing
from portal.scoring import FINAL, current
from portal.store.tables import scorecards

FORMAT = "zhunsheng.publication/1"
KINDS = {"publicity": ("公示",), "grades": ("定级", "归档")}
"""What is published, and of assessments in which states."""


def document_of(head: Round, kind: str, at: str, results: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a publication."""
    return canonical(
        {
            "format": FORMAT,
            "kind": kind,
            "at": at,
            "round": {
                "title": head.title,
                "standard": head.standard,
                "edition": head.edition,
                "hash": head.edition_hash,
                "as_of": head.as_of,
            },
            "until": head.publish_until,
            "appeal_until": head.appeal_until,
            "results": list(results),
        }
    )


def public_result(connection: Connection, case: Standing) -> dict[str, Any]:
    """Return what may be public of one university, out of its final scorecards, and nothing else."""
    table = scorecards.c
    rows = current(connection, [case.id], table.subject_id, table.layer, table.document, table.sha256)
    wanted = ("reviewed", "decided") if case.state in KINDS["grades"] else ("reviewed",)
    newest = {row.subject_id: row for row in rows if row.layer == FINAL and row.stage in wanted}
    whole = newest.pop(None, None)
    return {
        "university": {"code": case.university_code, "title": case.university_title},
        "subjects": sorted(
            (_subject(json.loads(row.document), row.sha256) for row in newest.values()),
            key=lambda one: (one["title"], one["scorecard"]),
        ),
        "whole": _whole(json.loads(whole.document), whole.sha256) if whole is not None else None,
    }


def _subject(document: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    grade = document["grade"]
    return {
        "title": document["subject"]["title"],
        "kind": document["subject"]["kind"],
        "total": document["total"],
        "of": document["standard"]["total"],
        "grade": grade["possible"][0] if grade["settled"] else None,
        "sections": [
            {"title": one["title"], "points": one["points"], "low": one["low"], "high": one["high"]}
            for one in document["sections"]
        ],
        "scorecard": sha256,
    }


def _whole(document: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    return {
        "mean": document["mean"],
        "weighted_mean": document["weighted_mean"],
        "titles": [{"title": one["title"], "earned": one["earned"]} for one in document["titles"]],
        "scorecard": sha256,
    }
