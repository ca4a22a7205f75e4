"""Why a veto holds, does not hold, does not apply, is in doubt, or is not known yet: one Chinese sentence."""

from fractions import Fraction
from typing import NamedTuple

from engine.evaluate import truth
from engine.exact import show
from engine.finding import Ruling
from engine.judge import Scorecard
from engine.models.veto import ResultTest
from engine.rule_words import section_title
from engine.rulings import tested
from engine.total import share
from engine.tree import Condition, Overrule
from engine.wording import fact_name, missing_facts, quoted, say_held


class Told(NamedTuple):
    """The sentence and the facts it waits for."""

    sentence: str
    missing: tuple[str, ...] = ()


def explain_veto(card: Scorecard, one: Ruling) -> Told:
    """Explain one ruling."""
    veto, test = one.veto, one.veto.source.when_result
    if test is not None and (veto.when is None or truth(veto.when, card.world.known) is not False):
        missing = missing_facts(veto.vars, card.world.known, card.edition.words)
        said = [_said(card, veto.when, known=True)] if veto.when is not None and not missing else []
        return Told("；".join([_by_result(card, test), *said]), missing)
    assert veto.when is not None
    if one.word == "absent" and veto.applies is not None:
        return Told(_said(card, veto.applies, known=False))
    if one.word == "doubtful" and veto.doubt is not None:
        return Told(f"{_said(card, veto.doubt, known=True)}；要由人判断，结论先不定")
    if one.holds is None:
        missing = missing_facts(veto.vars, card.world.known, card.edition.words)
        names = "、".join(dict.fromkeys(quoted(fact_name(name, card.edition.words)) for name in missing))
        said = [f"还不知道{names}"] if names else []
        said += [f"“{title}”这个地区和日期没有规定的数值" for title in _figures(card, veto)]
        return Told("；".join(said) or "填报的事实算不出结果", missing)
    return Told(_said(card, veto.when, known=one.holds))


def _figures(card: Scorecard, veto: Overrule) -> list[str]:
    """Return the figures of the law that a veto waits for although everything they go by is known."""
    words, known = card.edition.words, card.world.known
    made = (words.computed[var] for var in sorted(veto.vars) if var in words.computed and var not in known)
    return [one.title for one in made if one.operator == "parameter" and one.inputs <= known.keys()]


def _said(card: Scorecard, condition: Condition, *, known: bool) -> str:
    """Tell why a condition holds or not; where it is open and yet cannot matter, say so."""
    if truth(condition, card.world.known) is not known:
        return "没有填的不管怎么答都一样"
    return say_held(condition, card.world.known, card.edition.words)


def _by_result(card: Scorecard, test: ResultTest) -> str:
    if test.keys_missed_at_least is not None:
        keys = [one for one in card.findings.values() if one.leaf.source.key and one.state != "absent"]
        lines = ((one, card.edition.met_at(one.leaf) * one.leaf.points) for one in keys)
        missed = [quoted(one.leaf.title) for one, line in lines if one.high < line]
        names = f"（{'、'.join(missed)}）" if missed else ""
        return f"关键项不符 {len(missed)} 项{names}，达到 {test.keys_missed_at_least} 项即成立"
    assert test.less_than is not None
    what = f"“{test.per}”指标" if test.per else f"分区“{section_title(card.edition, str(test.section))}”"
    found = share(tested(card.edition, card.findings, card.sum, test))
    if found is None:
        return f"{what}全部缺项"
    low, high = (show(Fraction(end) * 100, 2) for end in found[:2])
    rate = f"{low}%" if low == high else f"{low}%–{high}%"
    return f"{what}得分率 {rate}，低于 {show(test.less_than * 100)}% 即成立"
