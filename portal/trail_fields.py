"""What a line of the trail may say, field by field: the trail lives for ever and is handed out, so nothing slips in.

The details of a line are ids, states, counts, fingerprints, dates and reasons. A password, a token, an answer's text or
a file's content has no field to stand in, and a value that looks like a secret is refused wherever it stands. Whoever
needs a new field adds it here, for the action that needs it.
"""

import re
from collections.abc import Mapping
from typing import Any

COMMON = frozenset(
    {
        *(
            "id",
            "assessment",
            "round",
            "university",
            "subject",
            "place",
            "account",
            "indicator",
            "fact",
            "layer",
        ),
        *("version", "based_on", "from", "to", "reason", "state", "count", "sha256", "size", "result", "at"),
    }
)
"""Fields that every action may have."""

_ANSWER = frozenset({"origin", "origin_ref", "value_sha256", "note_sha256", "facts", "source", "saved"})
_EVIDENCE = frozenset(
    {"evidence", "type", "name", "title_sha256", "dated", "valid_until", "reader", "purpose"}
)
_ROUND = frozenset(
    {
        *("title", "standard", "edition", "edition_hash", "as_of", "period_from", "period_to", "changed"),
        *("fill_until", "review_until", "material_until", "publish_from", "publish_until", "appeal_until"),
        *("region", "universities", "subjects", "settings_sha256"),
    }
)
_ACCOUNT = frozenset(
    {
        "login",
        "name",
        "role",
        "membership",
        "scope",
        "issuer",
        "address",
        "session",
        "token_id",
        "must_change",
    }
    | {"method", "ended", "expires_at", "changed", "roles", "cause"}
)
_SCORE = frozenset({"scorecard", "scorecards", "documents", "stage", "grade", "engine", "submission_hash"})
_REVIEW = frozenset(
    {"verdict", "points", "reason_sha256", "note_sha256", "value_sha256", "inspector", "outcome"}
)
_REQUEST = frozenset({"request", "text_sha256", "answer_sha256", "evidence"})

FIELDS: dict[str, frozenset[str]] = {
    "answer.save": _ANSWER,
    "answer.carry": _ANSWER,
    "answer.offer": _ANSWER,
    "answer.import": _ANSWER,
    "claim.save": frozenset({"reason_sha256", "value_sha256"}),
    "evidence.read": _EVIDENCE,
    "evidence.add": _EVIDENCE,
    "evidence.remove": _EVIDENCE,
    "assessment.submit": _SCORE | {"answers", "answers_sha256", "evidence"},
    "assessment.withdraw": _SCORE,
    "assessment.reopen": _SCORE,
    "assessment.advance": _SCORE,
    "finding.save": _REVIEW,
    "finding.sign": _REVIEW | {"findings", "findings_sha256"},
    "seen.save": _REVIEW,
    "request.ask": _REVIEW | _REQUEST,
    "request.answer": _REVIEW | _REQUEST,
    "appeal.file": _REVIEW | _REQUEST | {"appeal"},
    "appeal.decide": _REVIEW | _SCORE | {"appeal"},
    "score.make": _SCORE,
    "round.create": _ROUND,
    "round.manage": _ROUND,
    "round.publish": _ROUND | _SCORE | {"publication"},
    "assignment.manage": frozenset({"inspector", "assignment", "ended", "recusal"}),
    "account.manage": _ACCOUNT,
    "account.create": _ACCOUNT,
    "account.disable": _ACCOUNT,
    "account.password": _ACCOUNT,
    "session.start": _ACCOUNT,
    "session.end": _ACCOUNT,
    "session.refuse": _ACCOUNT,
    "token.make": _ACCOUNT,
    "token.revoke": _ACCOUNT,
    "system.operate": frozenset(
        {"command", "backup", "archive", "schema", "engine", "files", "lines", "origin"}
    ),
}
"""Further fields by action. An action that is not here has the common fields only."""

LONGEST_TEXT, LONGEST_ITEM, LONGEST = 2000, 200, 600_000
"""Letters of one value, of one item in a list, and of all details together: a reason fits, a file does not."""

_NAMES = re.compile(r"passw|secret|cookie|bearer|private|credential|content|token(?!_id$)", re.IGNORECASE)
_SECRETS = re.compile(
    r"\$argon2|-----BEGIN|\bBearer\s|\beyJ[\w-]{8,}\.[\w-]+\.|minisign encrypted secret key"
)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


class Undisclosed(ValueError):
    """A programmer put something into the trail that has no place there. The value itself is not told."""


def check(action: str, details: Mapping[str, Any]) -> None:
    """Raise Undisclosed unless the details of a line may be written and handed out."""
    allowed = COMMON | FIELDS.get(action, frozenset())
    for name, value in details.items():
        if name not in allowed:
            raise Undisclosed(f"{action}: the trail has no field {name!r}; see portal/trail_fields.py")
        _check_value(f"{action}.{name}", value, LONGEST_TEXT, 3)
    if sum(map(_length, details.values())) > LONGEST:
        raise Undisclosed(f"{action}: more than {LONGEST} letters of details; write fingerprints")


def _check_value(where: str, value: Any, longest: int, depth: int) -> None:
    match value:
        case None | bool() | int():
            return
        case str():
            if len(value) > longest or _UNWRITABLE.search(value) or _SECRETS.search(value):
                raise Undisclosed(f"{where}: too long, not writable, or it looks like a secret")
        case Mapping() if depth:
            for name, one in value.items():
                if not isinstance(name, str) or _NAMES.search(name):
                    raise Undisclosed(f"{where}: a name in it has no place in the trail")
                _check_value(where, name, LONGEST_ITEM, 0)
                _check_value(where, one, longest, depth - 1)
        case list() | tuple() if depth:
            for one in value:
                _check_value(where, one, LONGEST_ITEM, depth - 1)
        case _:
            raise Undisclosed(f"{where}: {type(value).__name__} has no place in the trail")


def _length(value: Any) -> int:
    match value:
        case Mapping():
            return sum(len(name) + _length(one) for name, one in value.items())
        case list() | tuple():
            return sum(map(_length, value))
    return len(str(value))
