"""Self, each inspector, panel, final: separate records, never one field."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

from engine.answers import Stated, world_of
from engine.build.edition import Edition
from engine.exact import half_up, show, show_points
from engine.finding import Finding
from engine.grades import outcomes
from engine.judge import Scorecard, concluded, judge
from engine.models.standard import Panel
from engine.models.submission import Given, Review, Verdict
from engine.problem import Place, Problem
from engine.tree import Var
from engine.wording import fact_name, missing_facts, quoted


class Weight(NamedTuple):
    """What one side brings to the final total: its share and its points, in the smallest unit."""

    share: Fraction
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Layers:
    """One submission as everybody saw it. `final` follows from the others by the standard's own rule."""

    self: Scorecard
    inspectors: tuple[tuple[Review, Scorecard], ...]
    panel: Scorecard | None
    final: Scorecard | None
    weighing: dict[str, Weight] = field(default_factory=dict)


def layered(edition: Edition, stated: Stated, reviews: Iterable[Review]) -> Layers:
    """Judge every layer; without reviews there is no panel and no final result."""
    own = judge(edition, stated)
    seen = tuple((review, inspected(own, review)) for review in reviews)
    if not seen:
        return Layers(own, (), None, None)
    panel = panelled(own, [card for _, card in seen])
    weights = weighing(own, panel, [review for review, _ in seen])
    return Layers(own, seen, panel, final(panel, weights), weights)


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


ASKS = {"material": "评审专家要求补材料", "site": "评审专家要到现场核查"}


def appealed(panel: Scorecard, decisions: Mapping[str, Verdict]) -> Scorecard:
    """Return the panel's scorecard after appeals: only what was decided anew differs, and nothing is averaged."""
    findings, problems = dict(panel.findings), list(panel.problems)
    for name, decision in decisions.items():
        finding = findings.get(name)
        if finding is None:
            what = f"复核的指标 {name} 不存在"
            problems.append(Problem(Place("复核"), what, "请改正编号", "verdict"))
            continue
        judged = _verdict(panel.edition, finding, decision, "复核改定")
        if isinstance(judged, Problem):
            problems.append(replace(judged, place=Place("复核")))
        else:
            findings[name] = judged
    return concluded(panel.edition, panel.stated, panel.world, findings, problems)


def refused(edition: Edition, indicator: str, verdict: Verdict) -> Problem | None:
    """Return why a verdict on an indicator cannot be taken; None when it can."""
    leaf = edition.leaf(indicator)
    if leaf is None:
        return Problem(Place(""), f"认定的指标 {indicator} 不存在", "请改正编号", "verdict")
    found = _verdict(edition, Finding(leaf, 0, leaf.points, "open"), verdict)
    return found if isinstance(found, Problem) else None


def _verdict(
    edition: Edition, finding: Finding, verdict: Verdict, by: str = "评审专家调整"
) -> Finding | Problem:
    reason = (verdict.reason or "").strip().rstrip("。；，")
    if verdict.verdict == "agree":
        return finding
    if verdict.verdict in ASKS:
        state = "open" if finding.state == "settled" and finding.high else finding.state
        claim = f"{ASKS[verdict.verdict]}：{reason}" if reason else ASKS[verdict.verdict]
        return finding._replace(low=0, state=state, mode=finding.mode or verdict.verdict, claim=claim)
    name, most = finding.leaf.id, finding.leaf.points
    if verdict.points is None or not reason:
        return Problem(Place(""), f"指标 {name} 的调整要写分数和理由", "请补全", "verdict")
    points = verdict.points * edition.per_point
    if points.denominator != 1 or points > most:
        limit = show_points(most, edition.per_point)
        what = f"指标 {name} 调整为 {show(verdict.points)} 分，应在 0 到 {limit} 之间，且不比最小单位还细"
        return Problem(Place(""), what, "请改正", "verdict")
    return Finding(finding.leaf, int(points), int(points), "settled", "adjusted", f"{by}：{reason}")


def panelled(own: Scorecard, cards: list[Scorecard]) -> Scorecard:
    """Put the inspectors' findings together; a missing inspector could still say anything.

    Vetoes, incidents and conditions of grades are judged by the facts on which all inspectors agree; a fact they
    state differently is open until they settle it.
    """
    edition, panel = own.edition, own.edition.standard.raters.panel
    findings = {
        leaf.id: _together(edition, [card.findings[leaf.id] for card in cards], panel)
        for leaf in edition.every_leaf
    }
    problems = [problem for card in cards for problem in card.problems]
    if len(cards) < panel.at_least:
        what = f"评审组至少要 {panel.at_least} 位专家，现在 {len(cards)} 位，结果还不能定"
        problems.append(Problem(Place("评审组"), what, "请补足专家", "panel"))
    stated = replace(own.stated, answers=_agreed(cards))
    world, _ = world_of(edition, stated)
    above = [veto.vars for veto in edition.vetoes] + [loss.node.vars for loss in edition.losses]
    above += [demand.when.vars for rank in edition.ranks for demand in rank.demands if demand.when]
    for name in missing_facts(frozenset[Var]().union(*above), world.known, edition.words):
        if any(name in card.stated.answers for card in cards):
            what = f"各位专家对{quoted(fact_name(name, edition.words))}认定不一，有关的否决、扣分和前置先不定"
            problems.append(Problem(Place("评审组"), what, "请评审组议定", "disputed"))
    return concluded(edition, stated, world, findings, problems)


def _agreed(cards: list[Scorecard]) -> dict[str, Given]:
    """Return the answers that all inspectors take for true."""
    first, *others = (card.stated.answers for card in cards)
    return {name: given for name, given in first.items() if all(one.get(name) == given for one in others)}


def _together(edition: Edition, findings: list[Finding], panel: Panel) -> Finding:
    leaf = findings[0].leaf
    absent = [finding.state == "absent" for finding in findings]
    missing = max(0, panel.at_least - len(findings))
    if all(absent) and not missing:
        return findings[0]
    lows = [finding.low for finding in findings] + [0] * missing
    highs = [finding.high for finding in findings] + [leaf.points] * missing
    combine = COMBINE[panel.combine]
    low, high = combine(lows, panel.trim), combine(highs, panel.trim)
    claim = _said(edition, findings, panel, missing)
    if any(absent) or any(finding.state == "doubtful" for finding in findings):
        return Finding(leaf, low, high, "doubtful", "exclude", claim)
    return Finding(leaf, low, high, "settled" if low == high else "open", "panel", claim)


_COMBINED = {"mean": "取平均", "trimmed_mean": "去掉两端取平均", "median": "取中位数"}


def _said(edition: Edition, findings: list[Finding], panel: Panel, missing: int) -> str:
    """Say what each inspector gave."""
    given = list[str]()
    for finding in findings:
        ends = dict.fromkeys(show_points(end, edition.per_point) for end in (finding.low, finding.high))
        doubt = {"absent": "不适用", "doubtful": "适用未定"}.get(finding.state)
        given.append(doubt or "–".join(ends))
    said = f"评审组 {len(findings)} 位专家{_COMBINED[panel.combine]}（{'、'.join(given)}）"
    return said + (f"，还差 {missing} 位" if missing else "")


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


def weighing(own: Scorecard, panel: Scorecard, reviews: list[Review]) -> dict[str, Weight]:
    """Return what self, panel and survey bring, as the standard declares; empty when the panel alone decides.

    Survey points are points on the same total; those of several reviews are averaged.
    """
    edition = own.edition
    weights = edition.standard.raters.final
    if set(weights) == {"panel"}:
        return {}
    surveys = [review.survey for review in reviews if review.survey is not None]
    mean = sum(surveys, Fraction(0)) / max(len(surveys), 1) * edition.per_point
    survey = half_up(mean.numerator, mean.denominator)
    ends = {
        "self": (own.low, own.high),
        "panel": (panel.low, panel.high),
        "survey": (survey, survey) if surveys else (0, edition.total),
    }
    return {who: Weight(share, *ends[who]) for who, share in weights.items()}


def final(panel: Scorecard, weights: dict[str, Weight]) -> Scorecard:
    """Weigh what each side brings, rounded half up to the smallest unit."""
    if not weights:
        return panel
    low = sum((one.share * one.low for one in weights.values()), Fraction(0))
    high = sum((one.share * one.high for one in weights.values()), Fraction(0))
    total = replace(
        panel.sum, low=half_up(low.numerator, low.denominator), high=half_up(high.numerator, high.denominator)
    )
    outcome = outcomes(panel.edition, panel.findings, total, panel.rulings, panel.world)
    return replace(panel, sum=total, outcome=outcome)
