"""Why an indicator has its points: the line that held, the facts it used, and the next step up.

Explanations are built only when somebody looks. Their points re-add to the finding: a sum of its parts up to a
limit, what is left of a full mark, or the best of several yardsticks.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from engine.build.edition import Edition
from engine.cases import World
from engine.evaluate import truth, worth
from engine.exact import show
from engine.intervals import interval
from engine.judge import Finding, Scorecard
from engine.models.scoring import Each, Judge
from engine.problem import Path, Place
from engine.tree import (
    Add,
    All,
    Among,
    AnyOf,
    Chain,
    Compare,
    Condition,
    Const,
    Held,
    Pick,
    Points,
    Rung,
    Step,
    Take,
)
from engine.wording import fact_name, missing_facts, say_held, say_number, say_rule, say_value


@dataclass(frozen=True, slots=True)
class Why:
    """One part of an explanation; `parts` re-add to it by `op`, bounded by `bound`."""

    op: Literal["is", "add", "take", "best", "worst"]
    low: int
    high: int
    text: str
    path: Path
    parts: tuple["Why", ...] = ()
    bound: int | None = None
    next: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a person wants to know of one finding."""

    finding: Finding
    why: Why
    sentence: str
    next: tuple[str, ...]
    missing: tuple[str, ...]
    place: Place
    line: Place


def explain(card: Scorecard, name: str) -> Explanation:
    """Explain the finding of an indicator. Raises KeyError for an id the edition does not have."""
    finding = card.findings[name]
    teller = Teller(card.edition, card.world)
    why = teller.whole(finding)
    document = card.edition.documents[finding.leaf.file]
    reads = finding.leaf.vars if finding.state in ("open", "doubtful") else frozenset[str]()
    missing = missing_facts(reads, card.world.known, card.edition.words)
    return Explanation(
        finding,
        why,
        teller.sentence(finding, why, missing),
        why.next,
        missing,
        document.place(finding.leaf.path),
        document.place(deepest(why).path),
    )


def deepest(why: Why) -> Why:
    """Return the line that decided: the only one, or the explanation as a whole."""
    while len(why.parts) == 1:
        why = why.parts[0]
    return why


class Teller:
    """Tells why, for one edition and one set of answers."""

    def __init__(self, edition: Edition, world: World) -> None:
        self.edition = edition
        self.world = world
        self.known = world.known
        self.words = edition.words

    def score(self, number: int) -> str:
        """Print points."""
        return show(Fraction(number, self.edition.per_point))

    def span(self, low: int, high: int) -> str:
        """Print an interval of points."""
        return f"{self.score(low)} 分" if low == high else f"{self.score(low)}–{self.score(high)} 分"

    def whole(self, finding: Finding) -> Why:
        """Explain a finding, absence first."""
        leaf = finding.leaf
        if finding.mode and finding.state in ("absent", "settled"):
            return Why("is", finding.low, finding.high, self._absent(finding), (*leaf.path, "applies_when"))
        why = self.node(leaf.node)
        if finding.state == "doubtful" or (finding.low, finding.high) != (why.low, why.high):
            note = (
                f"是否适用还不确定:{say_held(leaf.applies, self.known, self.words)}" if leaf.applies else ""
            )
            return Why("is", finding.low, finding.high, note or why.text, why.path, (), None, why.next)
        return why

    def _absent(self, finding: Finding) -> str:
        leaf = finding.leaf
        reason = finding.claim or (say_held(leaf.applies, self.known, self.words) if leaf.applies else "")
        result = {
            "exclude": "不计入,分值折回",
            "full": f"按规定给满分 {self.score(leaf.points)} 分",
            "zero": "按规定得 0 分",
            "refuse": "本项不许缺项,得 0 分",
        }[finding.mode]
        return f"{'申报缺项:' if finding.claim else ''}{reason},{result}"

    def sentence(self, finding: Finding, why: Why, missing: tuple[str, ...]) -> str:
        """Put an explanation into one sentence."""
        text = flat(why)
        if finding.low == finding.high and finding.state != "doubtful":
            return text
        names = "、".join(f"“{fact_name(name, self.words)}”" for name in missing)
        tail = f";还缺{names}" if names else ""
        return f"{text};现在可能 {self.span(finding.low, finding.high)}{tail}"

    def node(self, node: Points) -> Why:
        """Explain one node."""
        low, high = interval(node, self.world)
        match node:
            case Const():
                return Why("is", low, high, f"得 {self.score(node.points)} 分", ())
            case Chain():
                return self._chain(node, low, high)
            case Step():
                return self._step(node, low, high)
            case Held():
                return self._held(node, low, high)
            case Add():
                return self._many("add", node, low, high, node.cap)
            case Take():
                return self._many("take", node, low, high, node.full)
            case Pick():
                return self._many("best" if node.best else "worst", node, low, high, None)

    def _many(
        self,
        op: Literal["add", "take", "best", "worst"],
        node: Add | Take | Pick,
        low: int,
        high: int,
        bound: int | None,
    ) -> Why:
        parts = tuple(self.node(part) for part in node.parts)
        loose = Why(op, low, high, "", node.path, parts, bound)
        text = self._summary(loose)
        next_ = (
            tuple(step for part in parts for step in part.next) if op != "take" else self._less(node, parts)
        )
        full = bound is not None and low == high == bound
        return Why(op, low, high, text, node.path, parts, bound, () if full else next_)

    def _less(self, node: Add | Take | Pick, parts: tuple[Why, ...]) -> tuple[str, ...]:
        """What to repair so that less is taken away."""
        steps = list[str]()
        for one, why in zip(node.parts, parts, strict=True):
            if why.low == why.high > 0 and isinstance(one, Step):
                word = "每再多" if isinstance(one.source, Each) and one.source.under is not None else "每减少"
                steps.append(f"“{one.about.title}”{word} {self._unit(one)},少扣 {self.score(one.gain)} 分")
            elif why.low == why.high > 0:
                steps.append(f"改正:{why.text}")
        return tuple(steps)

    def _summary(self, why: Why) -> str:
        sums = f"{self.span(why.low, why.high)}"
        if why.op == "take":
            return f"满分 {self.score(why.bound or 0)} 分,扣后得 {sums}"
        if why.op == "add":
            return f"合计 {sums}" + (f"(最多 {self.score(why.bound)} 分)" if why.bound is not None else "")
        return f"取{'高' if why.op == 'best' else '低'}得 {sums}"

    def _chain(self, node: Chain, low: int, high: int) -> Why:
        rung, failed = self._held_rung(node)
        if rung is None and low == high == 0 and not failed:
            said = [say_held(one.when, self.known, self.words) for one in node.rungs if one.when]
            text = f"{said[-1] if said else '没有一行成立'},得 0 分"
            return Why("is", 0, 0, text, node.path, (), None, self._up(node, 0))
        if rung is None:
            said = dict.fromkeys(say_held(one, self.known, self.words) for one in failed)
            return Why("is", low, high, "、".join(said), node.path, (), None, ())
        inner = self.node(rung.then)
        reason = self._reason(node, rung)
        if isinstance(rung.then, Const):
            up = self._up(node, inner.low)
            return Why("is", low, high, f"{reason}{inner.text}", rung.path, (), None, up)
        if reason:
            inner = Why(
                inner.op, low, high, f"{reason}{inner.text}", inner.path, inner.parts, inner.bound, inner.next
            )
        return inner

    def _held_rung(self, node: Chain) -> tuple[Rung | None, list[Condition]]:
        """Return the rung that counts, or the conditions that are still open."""
        for rung in node.rungs:
            held = True if rung.when is None else truth(rung.when, self.known)
            if held:
                return rung, []
            if held is None:
                return None, [
                    one.when for one in node.rungs if one.when and truth(one.when, self.known) is None
                ]
        return None, []

    def _reason(self, node: Chain, rung: Rung) -> str:
        if rung.when is not None:
            return say_held(rung.when, self.known, self.words) + ","
        gate = node.path and node.rungs[0].path[-1:] == ("zero_when",)
        before = [one.when for one in node.rungs if one.when is not None]
        return "" if gate or not before else say_held(before[-1], self.known, self.words) + ","

    def _up(self, node: Chain, now: int) -> tuple[str, ...]:
        """The next line that gives more, and what it takes."""
        better = [
            r for r in node.rungs if isinstance(r.then, Const) and r.then.points > now and r.when is not None
        ]
        if not better:
            return ()
        rung = min(better, key=lambda one: one.then.points if isinstance(one.then, Const) else 0)
        assert rung.when is not None
        assert isinstance(rung.then, Const)
        return (f"{self._needs(rung.when)},得 {self.score(rung.then.points)} 分",)

    def _needs(self, condition: Condition) -> str:
        """Print what must still change for a condition to hold."""
        match condition:
            case All():
                unmet = [part for part in condition.parts if truth(part, self.known) is not True]
                return "、且".join(self._needs(part) for part in unmet)
            case AnyOf():
                return "、或".join(self._needs(part) for part in condition.parts)
            case Among():
                return f"做到{say_rule(condition)}"
        return f"做到{say_rule(condition, self.known)}{self._gap(condition)}"

    def _gap(self, condition: Compare) -> str:
        """How much of which fact is missing, where one fact can close the gap."""
        about = condition.about
        form = about.top
        if (
            len(form.terms) != 1
            or about.kind in ("truth", "date", "datetime")
            or condition.sign not in (">=", ">")
        ):
            return ""
        var = form.terms[0][0]
        factor = dict(condition.form.terms).get(var, 0)
        quantity = self.words.quantities.get(var)
        if not factor or quantity is None or quantity.kind == "truth" or truth(condition, self.known) is None:
            return ""
        value = sum(k * self.known[v] for v, k in condition.form.terms) + condition.form.const  # type: ignore[operator]
        steps = Fraction(-value) / abs(factor)
        whole = int(steps) + 1 if condition.sign == ">" else -int(-steps // 1)
        amount = Fraction(whole, quantity.bottom.const)
        if amount <= 0:
            return ""
        word = "再增加" if factor > 0 else "再减少"
        return f"({quantity.title}{word} {say_number(amount, quantity)})"

    def _step(self, node: Step, low: int, high: int) -> Why:
        said = say_value(node.about, self.known, self.words)
        if isinstance(node.source, Judge):
            text = (
                f"人工评定得 {self.span(low, high)}"
                if low == high
                else f"待人工评定(0–{self.score(node.gain * node.most)} 分)"
            )
            return Why("is", low, high, text, node.path)
        if worth(node.about, self.known) is None:
            names = "、".join(
                f"“{fact_name(n, self.words)}”" for n in missing_facts(node.vars, self.known, self.words)
            )
            said = f"还不知道{names}" if names else f"{said}的分母为 0,算不出来"
            return Why("is", low, high, said, node.path)
        next_: tuple[str, ...] = ()
        top = node.base + node.gain * node.most
        if isinstance(node.source, Each):
            said += f",{self._counting(node.source)} {self._unit(node)} {self.score(node.gain)} 分"
            if low == high < top and node.source.under is None:
                next_ = (f"“{node.about.title}”每再多 {self._unit(node)},加 {self.score(node.gain)} 分",)
        elif low == high < top:
            next_ = (f"“{node.about.title}”最好时得 {self.score(top)} 分",)
        return Why("is", low, high, f"{said},计 {self.span(low, high)}", node.path, (), None, next_)

    def _counting(self, source: Each) -> str:
        """Say from where events are counted."""
        if source.under is not None:
            return f"比 {source.under} 每少"
        return f"超过 {source.over} 的每" if source.over is not None else "每"

    def _unit(self, node: Step) -> str:
        assert isinstance(node.source, Each)
        size = node.source.per or Fraction(1)
        return (
            say_number(size, node.about)
            if node.about.kind in ("percent", "number", "money")
            else f"{show(size)} 个"
        )

    def _held(self, node: Held, low: int, high: int) -> Why:
        held = [truth(one, self.known) for one in node.conditions]
        sure, open_ = held.count(True), held.count(None)
        count = f"成立 {sure} 项" + (f"(另有 {open_} 项还不知道)" if open_ else "")
        unmet = [say_rule(one) for one, result in zip(node.conditions, held, strict=True) if result is False]
        next_ = (f"还差:{'、'.join(unmet)}",) if unmet and low == high < node.ladder[0][1] else ()
        return Why(
            "is", low, high, f"{len(held)} 项中{count},得 {self.span(low, high)}", node.path, (), None, next_
        )


def flat(why: Why) -> str:
    """Put an explanation and its parts into one line."""
    if not why.parts:
        return why.text
    signs = {"take": "扣"}
    inner = ";".join(
        signs.get(why.op, "") + flat(part) for part in why.parts if part.high or why.op != "take"
    )
    return f"{why.text}({inner})" if inner else why.text
