"""Self, each inspector, panel, final: separate records, never one field."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.answers import Stated
from engine.build.edition import Edition
from engine.exact import half_up, show
from engine.grades import outcomes
from engine.judge import Finding, Scorecard, concluded, judge
from engine.models.standard import Panel
from engine.models.submission import Review, Verdict
from engine.problem import Place, Problem
from engine.tree import Leaf


@dataclass(frozen=True, slots=True)
class Layers:
    """One submission as everybody saw it. `final` follows from the others by the standard's own rule."""

    self: Scorecard
    inspectors: tuple[tuple[Review, Scorecard], ...]
    panel: Scorecard | None
    final: Scorecard | None


def layered(edition: Edition, stated: Stated, reviews: Iterable[Review]) -> Layers:
    """Judge every layer; without reviews there is no panel and no final result."""
    own = judge(edition, stated)
    seen = tuple((review, inspected(own, review)) for review in reviews)
    panel = panelled(own, [card for _, card in seen]) if seen else None
    return Layers(own, seen, panel, final(own, panel, [review for review, _ in seen]) if panel else None)


def inspected(own: Scorecard, review: Review) -> Scorecard:
    """Return the scorecard as one inspector sees it: on-site facts over stated ones, then verdicts."""
    stated = replace(
        own.stated,
        answers={**own.stated.answers, **review.answers},
        judged={**own.stated.judged, **review.judged},
    )
    card = judge(own.edition, stated)
    findings, problems = dict(card.findings), list(card.problems)
    for name, verdict in review.findings.items():
        finding = findings.get(name)
        if finding is None:
            place = Place(f"评审 {review.inspector}")
            problems.append(Problem(place, f"认定的指标 {name} 不存在", "请改正编号", "verdict"))
            continue
        judged = _verdict(own.edition, finding, verdict)
        if isinstance(judged, Problem):
            problems.append(replace(judged, place=Place(f"评审 {review.inspector}")))
        else:
            findings[name] = judged
    return concluded(own.edition, stated, card.world, findings, problems)


def _verdict(edition: Edition, finding: Finding, verdict: Verdict) -> Finding | Problem:
    if verdict.verdict == "agree":
        return finding
    if verdict.verdict in ("material", "site"):
        return finding._replace(low=0, state="open" if finding.state == "settled" else finding.state)
    name, most = finding.leaf.id, finding.leaf.points
    if verdict.points is None or not (verdict.reason or "").strip():
        return Problem(Place(""), f"指标 {name} 的调整要写分数和理由", "请补全", "verdict")
    points = verdict.points * edition.per_point
    if points.denominator != 1 or points > most:
        limit = show(Fraction(most, edition.per_point))
        what = f"指标 {name} 调整为 {show(verdict.points)} 分,应在 0 到 {limit} 之间,且不比最小单位还细"
        return Problem(Place(""), what, "请改正", "verdict")
    return Finding(finding.leaf, int(points), int(points), "settled", "adjusted", verdict.reason or "")


def panelled(own: Scorecard, cards: list[Scorecard]) -> Scorecard:
    """Put the inspectors' findings together; a missing inspector could still say anything."""
    panel = own.edition.standard.raters.panel
    findings = {
        leaf.id: _together(leaf, [card.findings[leaf.id] for card in cards], panel)
        for leaf in own.edition.every_leaf
    }
    problems = [problem for card in cards for problem in card.problems]
    if len(cards) < panel.at_least:
        what = f"评审组至少要 {panel.at_least} 位专家,现在 {len(cards)} 位,结果还不能定"
        problems.append(Problem(Place("评审组"), what, "请补足专家", "panel"))
    return concluded(own.edition, own.stated, cards[0].world, findings, problems)


def _together(leaf: Leaf, findings: list[Finding], panel: Panel) -> Finding:
    absent = [finding.state == "absent" for finding in findings]
    missing = max(0, panel.at_least - len(findings))
    if all(absent) and not missing:
        return findings[0]
    lows = [finding.low for finding in findings] + [0] * missing
    highs = [finding.high for finding in findings] + [leaf.points] * missing
    combine = COMBINE[panel.combine]
    low, high = combine(lows, panel.trim), combine(highs, panel.trim)
    if any(absent) or any(finding.state == "doubtful" for finding in findings):
        return Finding(leaf, low, high, "doubtful", "exclude")
    return Finding(leaf, low, high, "settled" if low == high else "open", "panel")


def _mean(points: list[int], _: int = 0) -> int:
    return half_up(sum(points), len(points))


def _trimmed(points: list[int], trim: int) -> int:
    kept = sorted(points)[trim : len(points) - trim]
    return _mean(kept or points)


def _median(points: list[int], _: int) -> int:
    ordered, middle = sorted(points), len(points) // 2
    return ordered[middle] if len(points) % 2 else half_up(ordered[middle - 1] + ordered[middle], 2)


COMBINE: Mapping[str, Callable[[list[int], int], int]] = {
    "mean": _mean,
    "trimmed_mean": _trimmed,
    "median": _median,
}


def final(own: Scorecard, panel: Scorecard, reviews: list[Review]) -> Scorecard:
    """Weigh self, panel and survey as the standard declares, rounded half up to the smallest unit."""
    edition = own.edition
    weights = edition.standard.raters.final
    if set(weights) == {"panel"}:
        return panel
    surveys = [review.survey for review in reviews if review.survey is not None]
    mean = sum(surveys, Fraction(0)) / len(surveys) * edition.per_point if surveys else None
    ends = {
        "self": (Fraction(own.low), Fraction(own.high)),
        "panel": (Fraction(panel.low), Fraction(panel.high)),
        "survey": (mean, mean) if mean is not None else (Fraction(0), Fraction(edition.total)),
    }
    low, high = (
        sum((weight * ends[who][end] for who, weight in weights.items()), Fraction(0)) for end in (0, 1)
    )
    total = replace(
        panel.sum, low=half_up(low.numerator, low.denominator), high=half_up(high.numerator, high.denominator)
    )
    outcome = outcomes(edition, panel.findings, total, panel.rulings, panel.world)
    return replace(panel, sum=total, outcome=outcome)
