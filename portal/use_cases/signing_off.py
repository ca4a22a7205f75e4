"""The end of an inspector's work: agreeing to the rest in one go (and taking that back), signing, handing back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, update

from engine.build.edition import Edition
from engine.judge import Scorecard, judge
from engine.layers import inspected
from engine.models.submission import Submission
from engine.rollup import stated_by, unit_stated
from portal.assessments import Standing
from portal.cases import Change, Declined, Judged, change, cleaned, judged_in, look, pinned
from portal.once import digest
from portal.opinions import CLOSED, Item, findings_of, opinions_of, panel_of
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import Refusal
from portal.scoring import Opinion
from portal.store.tables import assignments, findings
from portal.trail import canonical
from portal.use_cases.findings import writable
from portal.use_cases.reviews import handed_in

MOST_SHOWN = 20
"""Indicators that one message names."""


@dataclass(frozen=True, slots=True)
class View:
    """Everything as one inspector sees it now: what was said, the text of that, and the scorecards by subject."""

    edition: Edition
    judged: Judged
    opinions: tuple[Opinion, ...]
    cards: Mapping[str, Scorecard]

    @property
    def sha256(self) -> str:
        """The hash of what was said."""
        return digest_of(self.opinions)

    def settled(self, item: Item) -> bool:
        """Whether an indicator of a subject has its points, or is absent."""
        return self.cards[item[0]].findings[item[1]].state in ("settled", "absent")


def digest_of(opinions: Iterable[Opinion]) -> str:
    """Return the hash of what an inspector says."""
    return digest(canonical([one.review.model_dump(mode="json", by_alias=True) for one in opinions]))


def view_of(connection: Connection, portal: Portal, case: Standing, account: str) -> View:
    """Judge everything as an inspector sees it now."""
    edition, judged = pinned(portal, case.round), judged_in(connection, case.id)
    opinions = opinions_of(connection, case.id, edition, judged, [account])
    submission = handed_in(connection, case)
    cards = {
        judged.ids[one.review.subject]: inspected(
            own_card(edition, submission, one.review.subject), one.review
        )
        for one in opinions
    }
    return View(edition, judged, opinions, cards)


def own_card(edition: Edition, submission: Submission, slug: str) -> Scorecard:
    """Judge what a subject states itself."""
    for index, unit in enumerate(submission.units):
        if unit.subject.id == slug:
            return judge(edition, unit_stated(submission, index))
    return judge(edition, stated_by(submission))


@dataclass(frozen=True, slots=True)
class Bulk:
    """What was agreed to in one go; `batch` takes it back. `left` still need points of the inspector's own."""

    batch: str
    agreed: int
    left: tuple[str, ...] = ()


@use_case("review.bulk_agree", "finding.save", writes=True)
def bulk_agree(
    portal: Portal,
    actor: Actor,
    assessment: str,
    *,
    subjects: tuple[str, ...] = (),
    indicators: tuple[str, ...] = (),
    op_id: str,
) -> Bulk | Refusal:
    """Agree to every indicator not yet spoken of (of some subjects, of some indicators) whose points are settled."""
    view = look(portal, actor, assessment, "finding.save", lambda c, case: view_of(c, portal, case, actor.id))
    if isinstance(view, Refusal):
        return view
    ready = view

    def work(one: Change) -> Mapping[str, Any]:
        edition, judged = writable(one)
        wanted = {judged.find(name).id for name in subjects} or set(judged.ids.values())
        chosen = [leaf for leaf in edition.every_leaf if not indicators or leaf.id in indicators]
        given = findings_of(one.connection, one.case.id, actor.id)
        rows, left = list[dict[str, Any]](), list[str]()
        for subject in sorted(wanted & ready.cards.keys()):
            for leaf in chosen:
                before = given.get((subject, leaf.id))
                if before is not None and before.verdict != "none":
                    continue
                if not ready.settled((subject, leaf.id)):
                    left.append(leaf.title)
                    continue
                version = before.version + 1 if before else 1
                rows.append(_row(one, subject, leaf.id, version, "agree", None, None))
        if rows:
            one.connection.execute(insert(findings), rows)
        return {"agreed": len(rows), "left": left[:MOST_SHOWN], "batch": op_id}

    found = change(portal, actor, op_id, assessment, "review.bulk_agree", "finding.save", work)
    return (
        found if isinstance(found, Refusal) else Bulk(found["batch"], found["agreed"], tuple(found["left"]))
    )


def _row(
    one: Change,
    subject: str,
    indicator: str,
    version: int,
    verdict: str,
    points: str | None,
    reason: str | None,
) -> dict[str, Any]:
    return {
        "assessment_id": one.case.id,
        "subject_id": subject,
        "indicator": indicator,
        "account_id": one.actor.id,
        "version": version,
        "verdict": verdict,
        "points": points,
        "reason": reason,
        "batch": one.op_id,
        "at": one.at,
    }


@use_case("review.undo_bulk", "finding.save", writes=True)
def undo_bulk(portal: Portal, actor: Actor, assessment: str, batch: str, *, op_id: str) -> Bulk | Refusal:
    """Take back what was agreed to in one go, where nothing was said since; as new versions, nothing is deleted."""

    def work(one: Change) -> Mapping[str, Any]:
        writable(one)
        given = findings_of(one.connection, one.case.id, actor.id)
        rows = [
            _row(one, subject, indicator, here.version + 1, "none", None, None)
            for (subject, indicator), here in given.items()
            if here.batch == batch and here.verdict == "agree"
        ]
        if not rows:
            raise Declined(
                Refusal(
                    "missing",
                    "batch",
                    "这一批认可已经撤回，或之后逐项改过了",
                    "请刷新页面，逐项核对",
                )
            )
        one.connection.execute(insert(findings), rows)
        return {"agreed": len(rows), "batch": batch}

    found = change(portal, actor, op_id, assessment, "review.undo_bulk", "finding.save", work)
    return found if isinstance(found, Refusal) else Bulk(found["batch"], found["agreed"])


@dataclass(frozen=True, slots=True)
class Signed:
    """A review that was signed: when, and the hash of what was said."""

    at: str
    review: str


@use_case("review.sign", "finding.sign", writes=True)
def sign_off(portal: Portal, actor: Actor, assessment: str, *, op_id: str) -> Signed | Refusal:
    """Sign: every indicator concluded, every point settled; from then on nothing of it can be changed."""
    view = look(portal, actor, assessment, "finding.sign", lambda c, case: _ready(c, portal, case, actor.id))
    if isinstance(view, Refusal) and view.code != "signed":
        return view
    expected = view.sha256 if isinstance(view, View) else ""

    def work(one: Change) -> Mapping[str, Any]:
        edition, judged = writable(one)
        now = digest_of(opinions_of(one.connection, one.case.id, edition, judged, [actor.id]))
        if now != expected:
            raise Declined(
                Refusal("conflict", "changed", "签署时意见又有改动（可能是您的另一个窗口）", "请核对后再签署")
            )
        one.connection.execute(
            update(assignments)
            .where(assignments.c.assessment_id == one.case.id, assignments.c.account_id == actor.id)
            .values(signed_at=one.at)
        )
        return {"review": now, "signed_at": one.at}

    found = change(portal, actor, op_id, assessment, "finding.sign", "finding.sign", work)
    return found if isinstance(found, Refusal) else Signed(found["signed_at"], found["review"])


def _ready(connection: Connection, portal: Portal, case: Standing, account: str) -> View:
    """Return the view of an inspector who may sign, or decline with what is still to be done."""
    view = view_of(connection, portal, case, account)
    given = findings_of(connection, case.id, account)
    silent, waiting, unsettled = list[str](), list[str](), list[str]()
    for row in view.judged.rows.values():
        for leaf in view.edition.every_leaf:
            here = given.get((row.id, leaf.id))
            name = f"{row.title}“{leaf.title}”"
            if here is None or here.verdict == "none":
                silent.append(name)
            elif here.verdict not in CLOSED:
                waiting.append(name)
            elif not view.settled((row.id, leaf.id)):
                unsettled.append(name)
    for code, found, what, next_ in (
        ("waiting", waiting, "在等补材料或现场核查", "请核查后给出定论"),
        ("silent", silent, "还没有意见", "请逐项定论，或用“其余全部认可”"),
        ("unsettled", unsettled, "认可的自评还没有定分", "请改为调整，写明分数和理由"),
    ):
        if found:
            named = "、".join(found[:3]) + ("等" if len(found) > 3 else "")
            raise Declined(
                Refusal(
                    "state",
                    code,
                    f"还有 {len(found)} 项{what}：{named}",
                    next_,
                    {"items": found[:MOST_SHOWN], "count": len(found)},
                )
            )
    return view


@use_case("review.hand_back", "assignment.manage", writes=True)
def hand_back(
    portal: Portal, actor: Actor, assessment: str, account: str, reason: str, *, op_id: str
) -> bool | Refusal:
    """Hand a signed review back to its inspector, with a reason; what was signed stays in the trail."""

    def work(one: Change) -> Mapping[str, Any]:
        why = cleaned(reason, "退回的理由", needed=True)
        rows = [row for row in panel_of(one.connection, one.case.id) if row.account_id == account]
        if one.case.state not in ("评审中", "补充材料") or not rows or rows[0].signed_at is None:
            raise Declined(
                Refusal("state", "not-signed", "现在没有可以退回的签署", "只能在评审中退回已签署的意见")
            )
        one.connection.execute(
            update(assignments).where(assignments.c.id == rows[0].id).values(signed_at=None)
        )
        return {"account": account, "reason": why, "signed_at": rows[0].signed_at}

    found = change(portal, actor, op_id, assessment, "review.hand_back", "assignment.manage", work)
    return found if isinstance(found, Refusal) else True
