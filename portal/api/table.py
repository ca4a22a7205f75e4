"""What can be asked over HTTP: one line a use case. What stands in neither table here fails a test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Call:
    """A method and an address, the use case behind it, and what the address settles by itself.

    Names in braces are parameters of the use case; its others come from the query (GET) or the JSON body.
    """

    method: Method
    path: str
    use_case: str
    fixed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


_A = "/assessments/{assessment}"
_S = _A + "/subjects/{subject}"
_R = "/rounds/{round_id}"

CALLS: tuple[Call, ...] = (
    Call("GET", "/home", "home.read"),
    # Standards
    Call("GET", "/standards", "standard.list"),
    Call("GET", "/standards/{standard}/{edition}", "standard.read"),
    Call("GET", "/standards/{standard}/{edition}/items/{item}", "standard.item"),
    Call("GET", "/standards/{standard}/{edition}/changes", "standard.compare"),
    Call("GET", "/rules/problems", "standard.problems"),
    # Rounds
    Call("GET", "/rounds", "round.list"),
    Call("POST", "/rounds", "round.create"),
    Call("GET", _R, "round.read"),
    Call("GET", _R + "/schema", "round.schema"),
    Call("GET", "/rounds-overview", "round.overview"),
    Call("GET", _R + "/progress", "round.progress"),
    Call("GET", _R + "/reminders", "round.reminders"),
    Call("GET", _R + "/places", "round.places"),
    Call("GET", _R + "/assignments", "assignment.list"),
    Call("GET", _R + "/assignments/check", "assignment.check"),
    Call("GET", _R + "/appeals", "appeal.list_round"),
    Call("GET", _R + "/publication-preview", "publication.preview"),
    Call("PUT", _R + "/times", "round.set_times"),
    Call("PUT", _R + "/inspectors", "round.set_inspectors"),
    Call("POST", _R + "/open", "round.open"),
    Call("POST", _R + "/close", "round.close"),
    Call("POST", _R + "/archive", "round.archive"),
    Call("POST", _R + "/archive-all", "round.archive_all"),
    Call("POST", _R + "/invitations", "round.invite"),
    Call("POST", _R + "/publicity", "publication.publicise"),
    Call("POST", _R + "/grading", "round.grade"),
    Call("POST", _R + "/grades", "publication.grades"),
    Call("GET", _R + "/cohort", "cohort.read"),
    Call("GET", "/cohorts", "cohort.rounds"),
    Call("GET", "/publications", "publication.list"),
    Call("GET", "/publications/index", "publication.index"),
    Call("GET", "/publications/{publication}", "publication.read"),
    Call("GET", "/publications/{publication}/proof", "publication.proof"),
    Call("GET", "/checkpoint", "trail.checkpoint"),
    Call("POST", "/publications/{publication}/withdrawal", "publication.withdraw"),
    Call("GET", "/universities", "university.list"),
    Call("POST", "/universities", "university.register"),
    Call("POST", "/universities/{university}/places", "place.register"),
    # Filling in
    Call("GET", "/assessments", "assessment.list"),
    Call("GET", _A, "assessment.read"),
    Call("PUT", _A + "/subjects", "round.choose_subjects"),
    Call("POST", _A + "/submission", "submission.push"),
    Call("POST", _A + "/submit", "assessment.submit"),
    Call("POST", _A + "/withdrawal", "assessment.withdraw"),
    Call("POST", _A + "/reopening", "assessment.reopen"),
    Call("POST", _A + "/advance", "assessment.advance"),
    Call("POST", _A + "/carry-over", "answer.carry_over"),
    Call("GET", _A + "/score", "score.read"),
    Call("GET", _S + "/answers", "answer.read_section"),
    Call("POST", _A + "/answers", "answer.save_many", MappingProxyType({"origin": "api"})),
    Call("GET", _S + "/pulse", "fill.pulse"),
    Call("PATCH", _S + "/answers", "fill.save"),
    Call("GET", _S + "/score", "fill.score"),
    Call("PUT", _S + "/answers/{fact}", "answer.save", MappingProxyType({"origin": "api"})),
    Call("DELETE", _S + "/answers/{fact}", "answer.clear"),
    Call("GET", _S + "/answers/{fact}/history", "answer.history"),
    Call("GET", _S + "/offers", "answer.offers"),
    Call("POST", _S + "/offers/{fact}", "answer.accept_offer"),
    Call("PUT", _S + "/claims/{indicator}", "claim.save"),
    Call("GET", _S + "/claims/{indicator}/history", "claim.history"),
    # Evidence; content goes up and comes down by routes of its own
    Call("GET", _A + "/evidence", "evidence.list"),
    Call("GET", _A + "/evidence-room", "evidence.room"),
    Call("POST", "/evidence/{piece}/removal", "evidence.remove"),
    Call("POST", "/evidence/{piece}/reuse", "evidence.reuse"),
    Call("POST", _S + "/uploads/{fact}", "evidence.begin"),
    Call("GET", "/uploads/{upload}", "evidence.status"),
    Call("POST", "/uploads/{upload}/finish", "evidence.finish"),
    # Review
    Call("GET", "/reviews", "review.queue"),
    Call("GET", "/reviews/on-site", "review.on_site"),
    Call("GET", _A + "/review", "review.progress"),
    Call("GET", _A + "/review/items", "review.items"),
    Call("GET", _A + "/review/desk", "review.desk"),
    Call("GET", _A + "/review/outliers", "review.outliers"),
    Call("GET", _A + "/panel", "review.compare"),
    Call("GET", _S + "/indicators/{indicator}", "review.open_case"),
    Call("PUT", _S + "/findings/{indicator}", "finding.save"),
    Call("PUT", _S + "/notes/{indicator}", "review.save_note"),
    Call("PUT", _S + "/seen/{fact}", "review.save_seen"),
    Call("GET", _A + "/surveys", "survey.list"),
    Call("PUT", _S + "/survey", "survey.save"),
    Call("GET", _A + "/photos", "photo.list"),
    Call("POST", "/photos/{photo}/showing", "photo.show"),
    Call("POST", _A + "/agreements", "review.bulk_agree"),
    Call("DELETE", _A + "/agreements/{batch}", "review.undo_bulk"),
    Call("POST", _A + "/signature", "review.sign"),
    Call("POST", _A + "/hand-back", "review.hand_back"),
    Call("POST", _A + "/review/finish", "review.finish"),
    Call("POST", _A + "/assignments", "assignment.assign"),
    Call("POST", _A + "/assignments/{account}/end", "assignment.end"),
    Call("GET", _A + "/requests", "request.list"),
    Call("POST", _S + "/requests/{indicator}", "request.ask"),
    Call("POST", _A + "/requests/{request}/answer", "request.answer"),
    Call("POST", _A + "/requests/{request}/withdrawal", "request.withdraw"),
    Call("GET", _A + "/appeals", "appeal.list"),
    Call("GET", _A + "/appeals/form", "appeal.form"),
    Call("POST", _S + "/appeals/{indicator}", "appeal.file"),
    Call("POST", _A + "/appeals/{appeal}/reviewer", "appeal.assign"),
    Call("POST", _A + "/appeals/{appeal}/decision", "appeal.decide"),
    Call("POST", _A + "/grade", "assessment.grade"),
    Call("GET", _A + "/result", "result.read"),
    Call("GET", _A + "/scorecards", "scorecard.list"),
    Call("GET", "/scorecards/{scorecard}/judgement", "scorecard.rejudge"),
    Call("GET", "/scorecards/{scorecard}/proof", "scorecard.proof"),
    Call("GET", _A + "/trail", "trail.read"),
    Call("GET", _A + "/trail/search", "trail.search"),
    Call("GET", "/trails", "trail.list"),
    # People
    Call("GET", "/accounts", "account.list"),
    Call("POST", "/accounts", "account.create"),
    Call("POST", "/accounts/{account}/disabling", "account.disable"),
    Call("POST", "/accounts/{account}/enabling", "account.enable"),
    Call("POST", "/accounts/{account}/identity", "account.link"),
    Call("POST", "/accounts/{account}/roles", "role.grant"),
    Call("POST", "/memberships/{membership}/end", "role.revoke"),
    Call("POST", "/accounts/{account}/recusals", "recusal.declare"),
    Call("GET", "/recusals", "recusal.list"),
    Call("POST", "/recusals/{recusal}/lifting", "recusal.lift"),
)

STREAMED = frozenset(
    {
        *("evidence.add", "evidence.chunk", "evidence.open", "evidence.preview"),
        *("photo.add", "photo.open", "report.read", "scorecard.read"),
    }
)
"""Use cases whose content goes as it is, byte by byte; their routes are written out."""

NOT_HERE: Mapping[str, str] = MappingProxyType(
    {
        "account.first": "made by the start of the program, on the machine itself",
        "account.reset": "gives out a password; a person does that, signed in",
        "password.change": "needs the session of a person",
        "report.check": "is the page /verify, which needs no token; programs check a signature offline",
        "score.what_if": "for people who try things out; a program judges its own answers with the engine",
        "session.sign_in": "programs bring a token, they do not sign in",
        "session.sign_out": "belongs to a session",
        "session.alive": "is how the gate watches over open connections",
        "session.who": "belongs to a session",
        "sso.begin": "belongs to the browser",
        "sso.finish": "belongs to the browser",
        "token.issue": "a stolen token must not be able to make another",
        "token.list": "belongs to the pages",
        "token.revoke": "belongs to the pages",
        "token.who": "is how every route knows its caller",
    }
)
"""Use cases that have no address, and why."""
