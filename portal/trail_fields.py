"""What a line of the trail may say, field by field: the trail lives for ever and is handed out, so nothing slips in.

The details of a line are ids, states, counts, fingerprints, dates and reasons. A password, a token, an answer's text or
a file's content has no field to stand in, and what looks like a secret is hidden wherever it stands. Whoever needs a
new field adds it here, for the action that needs it.
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
        *("version", "from", "to", "move", "reason", "state", "count", "sha256", "size", "at"),
    }
)
"""Fields that every action may have."""

_ANSWER = frozenset({"saved", "origin", "source", "skipped"})
_MOVE = frozenset({"number", "edition", "scorecards", "reopened", "fill_until"})
_ROUND = frozenset({"standard", "edition", "changed", "assessments", "subjects"})
_PUBLISHED = _MOVE | {"kind", "universities", "left"}
_ACCOUNT = frozenset({"login", "roles", "sso", "issuer"})
_ROLE = frozenset({"role"})
_FINDING = frozenset({"verdict", "points", "photos"})
_BULK = frozenset({"agreed", "left", "batch"})
_REQUEST = frozenset({"request"})
_APPEAL = frozenset({"appeal", "outcome", "points", "decided_at"})
_SIGNED = frozenset({"review", "signed_at"})

FIELDS: dict[str, frozenset[str]] = {
    "account.create": _ACCOUNT,
    "account.disable": frozenset(),
    "account.enable": frozenset(),
    "account.first": _ACCOUNT,
    "account.link": _ACCOUNT,
    "account.manage": _ACCOUNT,
    "account.reset": frozenset(),
    "answer.accept_offer": _ANSWER,
    "answer.carry": _ANSWER,
    "answer.save": _ANSWER,
    "appeal.assign": _APPEAL,
    "appeal.decide": _APPEAL | _MOVE,
    "appeal.file": _APPEAL | _MOVE,
    "assessment.advance": _MOVE,
    "assessment.reopen": _MOVE,
    "assessment.submit": _MOVE,
    "assessment.withdraw": _MOVE,
    "assignment.assign": frozenset(),
    "assignment.end": frozenset(),
    "assignment.manage": frozenset(),
    "claim.save": frozenset(),
    "evidence.add": frozenset({"evidence", "name", "reused"}),
    "evidence.read": frozenset({"what"}),
    "evidence.remove": frozenset({"evidence"}),
    "finding.save": _FINDING,
    "finding.sign": _SIGNED,
    "password.change": frozenset({"sessions_ended"}),
    "photo.add": frozenset({"photo", "name"}),
    "photo.read": frozenset({"what"}),
    "photo.show": frozenset({"photo", "shown"}),
    "place.register": frozenset({"slug", "title"}),
    "publication.document": frozenset({"kind"}),
    "publication.withdraw": _PUBLISHED,
    "recusal.declare": frozenset({"recusal"}),
    "recusal.lift": frozenset({"recusal"}),
    "request.answer": _REQUEST | _MOVE,
    "request.ask": _REQUEST | _MOVE,
    "request.withdraw": _REQUEST | _MOVE,
    "review.bulk_agree": _BULK,
    "review.hand_back": _SIGNED,
    "review.save_note": _FINDING,
    "review.save_seen": _FINDING,
    "review.undo_bulk": _BULK,
    "role.grant": _ROLE,
    "role.revoke": _ROLE,
    "round.archive": _ROUND,
    "round.choose_subjects": _ROUND,
    "round.close": _ROUND,
    "round.create": _ROUND,
    "round.invite": _ROUND,
    "round.manage": _ROUND | _MOVE,
    "round.open": _ROUND,
    "round.publish": _PUBLISHED,
    "round.set_inspectors": _ROUND,
    "round.set_times": _ROUND,
    "scorecard.keep": frozenset({"scorecards"}),
    "session.sign_in": frozenset({"how", "address"}),
    "session.sign_out": frozenset(),
    "survey.save": frozenset({"points", "asked", "answered"}),
    "system.operate": frozenset(
        {"command", "backup", "archive", "schema", "engine", "files", "lines", "origin"}
    ),
    "token.issue": frozenset({"title", "until"}),
    "token.revoke": frozenset(),
    "university.register": frozenset({"code", "title"}),
}
"""Further fields by action. An action that is not here has the common fields only."""

LONGEST_TEXT, LONGEST = 2000, 600_000
"""Letters of one value, and of all details together: a reason fits, a file does not."""

HIDDEN = "（已隐去）"
"""What stands in the place of something that looks like a secret."""

_NAMES = re.compile(
    r"(^|_)(passwords?|passwd|secrets?|cookies?|bearer|credentials?|tokens?|content|private|value)(_|$)"
)
_SECRETS = re.compile(
    r"\$argon2[^\s]*|-----BEGIN[\s\S]*|\bBearer\s+\S+|\beyJ[\w-]{8,}\.[\w.-]+|\bRW[RQT][\w+/]{60,}=*"
)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


class Undisclosed(ValueError):
    """A programmer put something into the trail that has no place there. The value itself is not told."""


def allowed(action: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details of a line as they may be written and handed out. Raises Undisclosed for what may never be."""
    fields = COMMON | FIELDS.get(action, frozenset())
    for name in details:
        if name not in fields:
            raise Undisclosed(f"{action}: the trail has no field {name!r}; see portal/trail_fields.py")
    found = {name: _told(f"{action}.{name}", value, 3) for name, value in details.items()}
    if _length(found) > LONGEST:
        raise Undisclosed(f"{action}: more than {LONGEST} letters of details; write fingerprints")
    return found


def _told(where: str, value: Any, depth: int) -> Any:
    match value:
        case None | bool() | int():
            return value
        case str():
            if len(value) > LONGEST_TEXT or _UNWRITABLE.search(value):
                raise Undisclosed(f"{where}: a text that is too long or cannot be written")
            return _SECRETS.sub(HIDDEN, value)
        case Mapping() if depth:
            for name in value:
                if not isinstance(name, str) or _NAMES.search(name):
                    raise Undisclosed(f"{where}: a name in it has no place in the trail")
            return {_told(where, name, 0): _told(where, one, depth - 1) for name, one in value.items()}
        case list() | tuple() if depth:
            return [_told(where, one, depth - 1) for one in value]
    raise Undisclosed(f"{where}: {type(value).__name__} has no place in the trail")


def _length(value: Any) -> int:
    match value:
        case Mapping():
            return sum(len(name) + _length(one) for name, one in value.items())
        case list():
            return sum(map(_length, value))
    return len(str(value))
