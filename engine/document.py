"""A scorecard as a document: canonical JSON that reads and re-adds without this program.

Points are exact decimal strings. The same answers and the same edition give the same bytes, for ever.
"""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from engine.evaluate import worth
from engine.exact import show, show_points
from engine.explain import Explanation, Why, explain, explain_loss
from engine.explain_veto import explain_veto
from engine.finding import Finding
from engine.grades import DENIED, outcome_title
from engine.judge import Scorecard
from engine.layers import Weight
from engine.models.basis import Basis
from engine.models.submission import Subject
from engine.rollup import Range, RolledUp
from engine.rulings import said_of
from engine.settle import settling
from engine.total import Tally
from engine.wording import fact_name, say_value

FORMAT = "zhunsheng.scorecard/1"


def canonical(document: Any) -> str:
    """Return the one JSON text of a document."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def scorecard_document(
    card: Scorecard, subject: Subject, layer: str = "self", weighing: Mapping[str, Weight] | None = None
) -> dict[str, Any]:
    """Return a scorecard with every explanation as plain data; `weighing` is what a final total was made of."""
    return Writer(card, weighing).document(subject, layer)


class Writer:
    """Writes one scorecard."""

    def __init__(self, card: Scorecard, weighing: Mapping[str, Weight] | None = None) -> None:
        self.card = card
        self.weighing = weighing or {}
        self.edition = card.edition

    def score(self, points: int) -> str:
        """Print points."""
        return show_points(points, self.edition.per_point)

    def ends(self, low: int, high: int) -> dict[str, str]:
        """Print an interval."""
        return {"low": self.score(low), "high": self.score(high)}

    def document(self, subject: Subject, layer: str) -> dict[str, Any]:
        """Return the whole document."""
        card, standard = self.card, self.edition.standard
        return {
            "format": FORMAT,
            "layer": layer,
            "standard": self._standard(),
            "subject": subject.model_dump(),
            "as_of": card.stated.as_of,
            "region": card.stated.region or standard.region,
            "total": self.ends(card.low, card.high),
            "base": self.ends(*card.sum.base),
            "grade": {
                "settled": card.outcome.settled,
                "possible": [
                    {"id": o, "title": outcome_title(self.edition, o)} for o in card.outcome.possible
                ],
            },
            "sections": [self._tally(tally) for tally in card.sum.sections],
            "bonus": self._bonus(),
            "incidents": [self._incident(index) for index in range(len(card.sum.lost))],
            "vetoes": [self._veto(index) for index in range(len(card.rulings))],
            "requirements": [{"grade": g, "title": t, "met": met} for g, t, met in card.outcome.demands],
            "absent": self.ends(*card.sum.absent),
            "weighing": {
                who: {"weight": show(one.share), **self.ends(one.low, one.high)}
                for who, one in self.weighing.items()
            },
            "coverage": self._coverage(),
            "derived": self._derived(),
            "settling": self._settling(),
            "problems": [{"where": str(p.place), "message": p.message} for p in card.problems],
        }

    def _standard(self) -> dict[str, Any]:
        standard, edition = self.edition.standard, self.edition
        return {
            "id": standard.id,
            "edition": standard.edition,
            "title": standard.title,
            "status": standard.status,
            "disclaimer": standard.disclaimer,
            "hash": edition.hash,
            "total": show(standard.total),
            "unit": show(standard.unit),
            "spread": standard.absence.spread,
            "absence_limit": show(standard.absence.limit) if standard.absence.limit is not None else None,
            "total_cap": self.score(edition.cap) if edition.cap is not None else None,
            "rounding": {key: show(step) for key, step in standard.rounding if step},
            "no_grade": standard.no_grade,
            "denied_title": outcome_title(edition, DENIED),
            "grades": [
                {
                    "id": rank.id,
                    "title": rank.title,
                    "line": self.score(rank.line),
                    "above": rank.above,
                    "on_fail": rank.source.on_fail,
                }
                for rank in edition.ranks
            ],
        }

    def _tally(self, tally: Tally) -> dict[str, Any]:
        branch = tally.branch
        leaves = [
            child
            for child in branch.children
            if child.id in self.card.findings and not hasattr(child, "children")
        ]
        return {
            "id": branch.id,
            "title": branch.title,
            "points": self.score(branch.points),
            **self.ends(tally.low, tally.high),
            "counts": tally.counts,
            "applicable": self.ends(*tally.applicable),
            "void": tally.void,
            "groups": [self._tally(child) for child in tally.children],
            "indicators": [self.indicator(explain(self.card, leaf.id)) for leaf in leaves],
        }

    def indicator(self, told: Explanation) -> dict[str, Any]:
        """Return one finding with its explanation."""
        finding = told.finding
        return {
            "id": finding.leaf.id,
            "title": finding.leaf.title,
            "points": self.score(finding.leaf.points),
            **self.ends(finding.low, finding.high),
            "state": finding.state,
            "mode": finding.mode,
            "sentence": told.sentence,
            "next": list(told.next),
            "missing": list(told.missing),
            "why": self._why(told.why),
            "key": finding.leaf.source.key,
            "fix": finding.leaf.source.fix,
            "provenance": provenance(finding),
            "basis": [basis_line(one) for one in finding.leaf.source.basis],
        }

    def _why(self, why: Why) -> dict[str, Any]:
        told: dict[str, Any] = {"op": why.op, **self.ends(why.low, why.high), "text": why.text}
        if why.parts:
            told["parts"] = [self._why(part) for part in why.parts]
        if why.bound is not None:
            told["bound"] = self.score(why.bound)
        return told

    def _bonus(self) -> dict[str, Any] | None:
        if not self.edition.extras:
            return None
        return {
            "up_to": self.score(self.edition.extra_cap),
            **self.ends(*self.card.sum.extra),
            "groups": [
                {
                    "id": one.extra.id,
                    "title": one.extra.title,
                    "combine": "highest" if one.extra.highest else "add",
                    "up_to": self.score(one.extra.cap) if one.extra.cap is not None else None,
                    **self.ends(one.low, one.high),
                    "indicators": [self.indicator(explain(self.card, leaf.id)) for leaf in one.extra.leaves],
                }
                for one in self.card.sum.extras
            ],
        }

    def _incident(self, index: int) -> dict[str, Any]:
        lost = self.card.sum.lost[index]
        why = self._why(explain_loss(self.card, index))
        return {"id": lost.id, "title": lost.title, **self.ends(lost.low, lost.high), "why": why}

    def _veto(self, index: int) -> dict[str, Any]:
        ruling = self.card.rulings[index]
        effect = ruling.veto.source.effect
        told = explain_veto(self.card, ruling)
        return {
            "id": ruling.veto.id,
            "title": ruling.veto.title,
            "effect": effect if isinstance(effect, str) else effect.model_dump(),
            "holds": ruling.holds,
            "state": said_of(ruling),
            "doubt": ruling.veto.source.doubt,
            "sentence": told.sentence,
            "missing": list(told.missing),
            "fix": ruling.veto.source.fix,
            "basis": [basis_line(one) for one in ruling.veto.source.basis],
        }

    def _coverage(self) -> dict[str, Any]:
        card = self.card
        done = sum(
            f.leaf.points
            for f in map(card.findings.__getitem__, (x.id for x in self.edition.leaves))
            if f.state in ("settled", "absent")
        )
        return {
            "asked": card.asked,
            "answered": len(card.answered),
            "settled_points": self.score(done),
            "missing": [{"id": name, "title": fact_name(name, self.edition.words)} for name in card.missing],
        }

    def _derived(self) -> list[dict[str, str]]:
        """Return the derived facts that could be computed, with what they were computed from."""
        words, known = self.edition.words, self.card.world.known
        return [
            {"id": name, "title": quantity.title, "text": say_value(quantity, known, words)}
            for name in self.edition.derived
            if (quantity := words.quantities[name]) is not None and worth(quantity, known) is not None
        ]

    def _settling(self) -> dict[str, Any]:
        found = settling(self.card)
        words = self.edition.words
        return {
            "vetoes": list(found.vetoes),
            "ways": [
                {"grade": w.outcome, "title": outcome_title(self.edition, w.outcome), "facts": list(w.facts)}
                for w in found.ways
            ],
            "matters": [
                {
                    "fact": m.fact,
                    "title": fact_name(m.fact, words),
                    "indicators": list(m.indicators),
                    "points": self.score(m.points),
                }
                for m in found.matters
            ],
        }


def provenance(finding: Finding) -> str:
    """Return where an indicator comes from: sourced and proposed only when every basis is."""
    kinds = {one.provenance for one in finding.leaf.source.basis}
    return kinds.pop() if len(kinds) == 1 else "adapted" if kinds else "proposed"


def basis_line(basis: Basis) -> dict[str, Any]:
    """Return a basis as data."""
    return basis.model_dump(exclude_none=True, exclude_defaults=True) | {"provenance": basis.provenance}


def roll_up_document(rolled: RolledUp) -> dict[str, Any]:
    """Return the four numbers and the titles of a whole as data."""

    def ends(found: Range | None) -> dict[str, str] | None:
        return {"low": show(found[0]), "high": show(found[1])} if found else None

    return {
        "mean": ends(rolled.mean),
        "worst": ends(rolled.worst),
        "weighted_mean": ends(rolled.weighted_mean),
        "shares": {grade: ends(share) for grade, share in rolled.shares},
        "weighted_shares": {grade: ends(share) for grade, share in rolled.weighted_shares},
        "titles": [
            {"id": title.id, "title": title.title, "earned": earned} for title, earned in rolled.titles
        ],
        "vetoed": list(rolled.vetoed),
        "units": [
            {
                "id": unit.subject.id,
                "title": unit.subject.title,
                "total": ends(
                    (Fraction(card.low, card.edition.per_point), Fraction(card.high, card.edition.per_point))
                ),
                "grade": card.outcome.settled,
                "possible": [outcome_title(card.edition, one) for one in card.outcome.possible],
            }
            for unit, card in rolled.units
        ],
    }
