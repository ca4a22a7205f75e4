"""Reviews of the demonstration: inspectors look, agree, adjust, ask; appeals are filed; grades are decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from engine.build.edition import Edition, asked
from engine.exact import show_points
from engine.tree import Leaf
from portal.assessments import load
from portal.demo.people import INSPECTORS
from portal.demo.scene import Scene, done
from portal.policy import Actor, State
from portal.use_cases.appeals import assign_reviewer, file_appeal
from portal.use_cases.assigning import assign
from portal.use_cases.findings import save_finding
from portal.use_cases.materials import ask_material
from portal.use_cases.moves import advance
from portal.use_cases.publication import archive_all, decide_grade, finish_review, publicise
from portal.use_cases.reviews import handed_in
from portal.use_cases.signing_off import bulk_agree, own_card, sign_off

AFTER_REVIEW: tuple[State, ...] = ("公示", "复核", "定级", "归档")

SETTLED = "存疑的红线评审组已经议过，记录在案（演示）"
"""Why a review ends although a grade is not settled."""

TO_VISIT = 4
"""Indicators of each place that are marked for the visit."""


@dataclass(slots=True)
class Review:
    """The reviews of one round."""

    scene: Scene
    edition: Edition
    round: str
    waiting: dict[State, list[tuple[str, int]]] = field(default_factory=dict)

    @property
    def secretary(self) -> Actor:
        """Who runs the round."""
        return self.scene.people["secretariat"]

    def take(self, assessment: str, number: int, state: State, judged: Mapping[str, Any]) -> None:
        """Begin the review of a submission, and go as far as can be gone before anything is published."""
        inspectors = self._panel(assessment, number)
        self._advance(assessment, "评审中")
        if state == "补充材料":
            self._ask(assessment, inspectors[0])
            self._advance(assessment, "补充材料")
        elif state == "评审中":
            self._look(assessment, inspectors[0], judged, whole=False)
            self._mark(assessment, inspectors[0])
        else:
            for one in inspectors:
                self._look(assessment, one, judged, whole=True)
                done(sign_off(self.scene.portal, one, assessment, op_id=self.scene.op()))
            self.waiting.setdefault(state, []).append((assessment, number))

    def finish(self) -> None:
        """End the reviews in two waves: what is published, and what is only finished."""
        portal, op = self.scene.portal, self.scene.op
        first = [assessment for state in AFTER_REVIEW for assessment, _ in self.waiting.get(state, [])]
        for assessment in first:
            done(finish_review(portal, self.secretary, assessment, reason=SETTLED, op_id=op()))
        if first:
            done(publicise(portal, self.secretary, self.round, op_id=op()))
        for assessment, number in self.waiting.get("复核", []):
            self._appeal(assessment, number)
        for assessment, _ in self.waiting.get("归档", []):
            done(decide_grade(portal, self.secretary, assessment, op_id=op()))
        done(archive_all(portal, self.secretary, self.round, op_id=op()))
        for assessment, _ in self.waiting.get("定级", []):
            done(decide_grade(portal, self.secretary, assessment, op_id=op()))
        for assessment, _ in self.waiting.get("评审完成", []):
            done(finish_review(portal, self.secretary, assessment, reason=SETTLED, op_id=op()))

    def _panel(self, assessment: str, number: int) -> list[Actor]:
        size = max(2, self.edition.standard.raters.panel.at_least)
        places = [(number + step) % INSPECTORS + 1 for step in range(size)]
        found = [self.scene.people[f"inspector-{place:02}"] for place in places]
        for one in found:
            done(assign(self.scene.portal, self.secretary, assessment, one.id, op_id=self.scene.op()))
        return found

    def _advance(self, assessment: str, to: str) -> None:
        done(
            advance(
                self.scene.portal,
                self.secretary,
                assessment,
                to,
                base=self.scene.version(assessment),
                op_id=self.scene.op(),
            )
        )

    def _look(self, assessment: str, inspector: Actor, judged: Mapping[str, Any], *, whole: bool) -> None:
        """Give points where the book leaves them to people, take some off elsewhere, and agree to the rest."""
        portal, scene = self.scene.portal, self.scene
        for slug, unsettled in self._unsettled(assessment):
            for leaf, full in unsettled:
                points = str(judged[leaf]["points"]) if leaf in judged else full
                done(
                    save_finding(
                        portal,
                        inspector,
                        assessment,
                        slug,
                        leaf,
                        "adjust",
                        points=points,
                        reason="按评定办法，查看材料后给分（演示）",
                        op_id=scene.op(),
                    )
                )
        if whole:
            done(bulk_agree(portal, inspector, assessment, op_id=scene.op()))

    def _mark(self, assessment: str, inspector: Actor) -> None:
        """Mark a few indicators for the visit: what one goes to see, and has said nothing about yet."""
        for slug, unsettled in self._unsettled(assessment):
            said = {leaf for leaf, _ in unsettled}
            seen = [one for one in self.edition.every_leaf if one.id not in said and self._is_seen(one)]
            for leaf in seen[:TO_VISIT]:
                done(
                    save_finding(
                        self.scene.portal,
                        inspector,
                        assessment,
                        slug,
                        leaf.id,
                        "site",
                        reason="到现场看一看（演示）",
                        op_id=self.scene.op(),
                    )
                )

    def _is_seen(self, leaf: Leaf) -> bool:
        """Whether one looks at something on the spot, by the words of the checklist."""
        facts = map(self.edition.words.fact, asked(leaf.vars, self.edition.order_for(leaf.vars)))
        return any(one is not None and "现场" in (one.inspect or "") for one in facts)

    def _unsettled(self, assessment: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the indicators whose points do not follow from the answers, with half their points, by subject."""
        with self.scene.portal.database.read() as connection:
            standing = load(connection, assessment)
            assert standing is not None
            submission = handed_in(connection, standing)
        per_point = self.edition.per_point
        slugs = [unit.subject.id for unit in submission.units] or [submission.subject.id]
        found = []
        for slug in slugs:
            card = own_card(self.edition, submission, slug)
            rows = [
                (leaf, show_points(_half(one.leaf.points, self.edition), per_point))
                for leaf, one in card.findings.items()
                if one.state not in ("settled", "absent")
            ]
            found.append((slug, rows))
        return found

    def _ask(self, assessment: str, inspector: Actor) -> None:
        slug = self._unsettled(assessment)[0][0]
        leaf = self.edition.every_leaf[0].id
        done(
            ask_material(
                self.scene.portal,
                inspector,
                assessment,
                slug,
                leaf,
                "请补一份盖章的文件扫描件（演示）",
                op_id=self.scene.op(),
            )
        )

    def _appeal(self, assessment: str, number: int) -> None:
        portal, scene = self.scene.portal, self.scene
        slug = self._unsettled(assessment)[0][0]
        leaf = self.edition.every_leaf[0].id
        approver = scene.actor("approver", number)
        text = "我们认为这一项的材料齐全，请再看一次（演示）"
        appeal = done(file_appeal(portal, approver, assessment, slug, leaf, text, op_id=scene.op()))
        self._advance(assessment, "复核")
        second = scene.people[f"inspector-{(number + 6) % INSPECTORS + 1:02}"]
        done(assign_reviewer(portal, self.secretary, assessment, appeal, second.id, op_id=scene.op()))


def _half(points: int, edition: Edition) -> int:
    """Return half of some points, on a step that an inspector may give."""
    step = int(Fraction(edition.per_point) / 2) or 1
    return points // 2 // step * step or points
