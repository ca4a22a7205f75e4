"""Why an indicator has its points: the line that held and the facts it used.

Explanations are built only when somebody looks. Their points re-add to the finding: a sum of its parts up to a
limit, what is left of a full mark, or the best of several yardsticks. Every sentence ends with its points.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from engine.advice import Adviser
from engine.build.edition import Edition
from engine.cases import World
from engine.evaluate import number, truth, worth
from engine.exact import show, show_points
from engine.finding import Finding
from engine.intervals import interval
from engine.judge import Scorecard
from engine.models.scoring import Each, Judge
from engine.problem import Path, Place
from engine.tree import Add, Chain, Compare, Const, Held, Leaf, Pick, Points, Rung, Step, Take
from engine.walk import below
from engine.wording import (
    fact_name,
    missing_facts,
    quoted,
    say_each,
    say_held,
    say_item,
    say_value,
)

Op = Literal["is", "add", "take", "best", "worst"]


@dataclass(frozen=True, slots=True)
class Why:
    """One part of an explanation; `parts` re-add to it by `op`, bounded by `bound`.

    `unknown` are the facts it waits for, where nothing at all can be said before they are answered.
    """

    op: Op
    low: int
    high: int
    text: str
    path: Path
    parts: tuple["Why", ...] = ()
    bound: int | None = None
    unknown: tuple[str, ...] = ()


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
    leaf = finding.leaf
    teller = Teller(
        card.edition, card.world, {f"judge:{key}": one.reason for key, one in card.stated.judged.items()}
    )
    document = card.edition.documents[leaf.file]
    reads = leaf.vars if finding.state in ("open", "doubtful") else frozenset[str]()
    missing = missing_facts(reads, card.world.known, card.edition.words)
    why = teller.whole(finding)
    return Explanation(
        finding,
        why,
        teller.sentence(why, missing, leaf),
        Adviser(card.edition, card.world).steps(finding),
        missing,
        document.place(leaf.path),
        document.place(deepest(why).path),
    )


def explain_loss(card: Scorecard, index: int) -> Why:
    """Explain what incidents of one kind take away after the sum."""
    return Teller(card.edition, card.world, {}).node(card.edition.losses[index].node, "扣")


def deepest(why: Why) -> Why:
    """Return the line that decided: the only one, or the explanation as a whole."""
    while len(why.parts) == 1:
        why = why.parts[0]
    return why


_ABSENT = {
    "exclude": "不计入，分值折回，按",
    "full": "按规定给满分",
    "zero": "按规定得",
    "refuse": "本项不许缺项，得",
}


class Teller:
    """Tells why, for one edition and one set of answers."""

    def __init__(self, edition: Edition, world: World, reasons: dict[str, str]) -> None:
        self.edition = edition
        self.world = world
        self.reasons = reasons
        self.known = world.known
        self.words = edition.words

    def score(self, points: int) -> str:
        """Print points."""
        return show_points(points, self.edition.per_point)

    def ending(self, low: int, high: int, verb: str = "得") -> str:
        """Print the points that end a sentence."""
        if low == high:
            return f"{verb} {self.score(low)} 分"
        return f"可能{'扣' if verb == '扣' else ''} {self.score(low)}–{self.score(high)} 分"

    def names(self, facts: Iterable[str]) -> str:
        """Print the names of facts."""
        return "、".join(dict.fromkeys(quoted(fact_name(name, self.words)) for name in facts))

    def waiting(self, facts: tuple[str, ...]) -> str:
        """Print what is not known yet."""
        human = [name for name in facts if name.startswith("judge:")]
        asked = [name for name in facts if not name.startswith("judge:")]
        said = [f"还不知道{self.names(asked)}"] if asked else []
        return "，".join(said + (["等待人工评定"] if human else []))

    def whole(self, finding: Finding) -> Why:
        """Explain a finding: absence first, then a person's verdict, then the rule."""
        leaf, low, high = finding.leaf, finding.low, finding.high
        if finding.mode in _ABSENT and finding.state in ("absent", "settled"):
            reason = finding.claim or (say_held(leaf.applies, self.known, self.words) if leaf.applies else "")
            text = f"{'申报缺项：' if finding.claim else ''}{reason}，{_ABSENT[finding.mode]} {self.score(low)} 分"
            return Why("is", low, high, text, (*leaf.path, "applies_when"))
        if finding.claim:
            return Why("is", low, high, f"{finding.claim}，{self.ending(low, high)}", leaf.path)
        why = self.node(leaf.node)
        if finding.state == "doubtful" or (low, high) != (why.low, why.high):
            return Why("is", low, high, f"{self._doubt(leaf)}，{self.ending(low, high)}", why.path)
        return why

    def _doubt(self, leaf: Leaf) -> str:
        open_ = leaf.applies is not None and truth(leaf.applies, self.known) is None
        said = f"（{say_held(leaf.applies, self.known, self.words)}）" if open_ and leaf.applies else ""
        return f"是否适用还不确定{said}"

    def sentence(self, why: Why, missing: tuple[str, ...], leaf: Leaf) -> str:
        """Put an explanation into one sentence; what is known so far comes before what is missing."""
        if why.unknown and missing:
            sofar = "、".join(self.computed(leaf))
            return f"{sofar}；" * bool(sofar) + f"{self.waiting(missing)}，{self.ending(why.low, why.high)}"
        return self.flat(why)

    def computed(self, leaf: Leaf) -> list[str]:
        """Return the ratios and other derived facts behind an open indicator that can be computed already."""
        asked = {one.about.id for one in below(leaf.node) if isinstance(one, Compare | Step)}
        names = [name for name in self.edition.derived if name in self.words.behind(asked)]
        found = [(name, self.words.quantities[name]) for name in names]
        return [
            say_value(one, self.known, self.words)
            for _, one in found
            if one and worth(one, self.known) is not None
        ]

    def flat(self, why: Why, verb: str = "得") -> str:
        """Put an explanation and its parts into one line; what is missing is named once."""
        if not why.parts:
            return why.text
        if why.unknown:
            return f"{self.waiting(why.unknown)}，{self.ending(why.low, why.high, verb)}"
        verb = "扣" if why.op == "take" else verb
        told = [
            self.flat(part, verb) for part in why.parts if not part.unknown and (part.high or verb != "扣")
        ]
        open_ = tuple(dict.fromkeys(name for part in why.parts for name in part.unknown))
        inner = "；".join([*told, *([self.waiting(open_)] if open_ else [])])
        return f"{why.text}（{inner}）" if inner else why.text

    def node(self, node: Points, verb: str = "得") -> Why:
        """Explain one node."""
        low, high = interval(node, self.world)
        match node:
            case Const():
                return Why("is", low, high, self.ending(low, high, verb), ())
            case Chain():
                return self._chain(node, low, high, verb)
            case Step():
                return self._step(node, low, high, verb)
            case Held():
                return self._held(node, low, high, verb)
            case Add():
                return self._many("add", node, (low, high, node.cap), verb)
            case Take():
                return self._many("take", node, (low, high, node.full), verb)
            case _:
                return self._many("best" if node.best else "worst", node, (low, high, None), verb)

    def _many(self, op: Op, node: Add | Take | Pick, ends: tuple[int, int, int | None], verb: str) -> Why:
        low, high, bound = ends
        parts = tuple(self.node(part, "扣" if op == "take" else verb) for part in node.parts)
        unknown = tuple(dict.fromkeys(name for part in parts for name in part.unknown))
        why = Why(
            op, low, high, "", node.path, parts, bound, unknown if all(part.unknown for part in parts) else ()
        )
        why = replace(why, text=self._summary(why, verb))
        if _added(why) == (low, high):
            return why
        end = self.ending(low, high, verb)
        text = f"{self.waiting(unknown)}，合起来{end}" if why.unknown else f"{self.flat(why)}，合起来{end}"
        return Why("is", low, high, text, node.path)

    def _summary(self, why: Why, verb: str) -> str:
        end = self.ending(why.low, why.high, verb)
        bound = self.score(why.bound or 0)
        if why.op == "take":
            nothing = not any(part.high for part in why.parts)
            return f"没有扣分，{end}" if nothing else f"满分 {bound} 分，扣后{end}"
        if why.op == "add":
            capped = why.bound is not None and sum(part.high for part in why.parts) > why.bound
            return f"最多 {bound} 分，{end}" if capped else f"合计{end}"
        return f"取{'高' if why.op == 'best' else '低'}{end}"

    def _chain(self, node: Chain, low: int, high: int, verb: str) -> Why:
        for rung in node.rungs:
            held = True if rung.when is None else truth(rung.when, self.known)
            if held is None:
                return self._open(node, low, high, verb)
            if held:
                return self._landed(node, rung, verb)
        said = [say_held(rung.when, self.known, self.words) for rung in node.rungs if rung.when]
        return Why("is", low, high, f"{said[-1]}，{self.ending(low, high, verb)}", node.path)

    def _open(self, node: Chain, low: int, high: int, verb: str) -> Why:
        """Explain a chain whose line depends on what is not known yet."""
        open_ = [one.when for one in node.rungs if one.when and truth(one.when, self.known) is None]
        reads = frozenset[str]().union(*(one.vars for one in open_))
        names = missing_facts(reads, self.known, self.words)
        said = self.waiting(names) if names else say_held(open_[0], self.known, self.words)
        end = self.ending(low, high, verb)
        if low == high:
            return Why("is", low, high, f"{said}，怎样填都{end}", node.path)
        return Why("is", low, high, f"{said}，{end}", node.path, unknown=names)

    def _landed(self, node: Chain, rung: Rung, verb: str) -> Why:
        """Explain the line that counts, with the reason why it is this one."""
        inner = self.node(rung.then, verb)
        if isinstance(rung.then, Step) and not isinstance(rung.then.source, Judge):
            return inner
        first = node.rungs[0]
        gated = first.path[-1:] == ("zero_when",)
        before = [one.when for one in node.rungs if one.when is not None]
        bare = inner.text == self.ending(inner.low, inner.high, verb)
        if rung.when is None and gated and not bare:
            return inner
        about = rung.when or (before[-1] if before else None)
        reason = f"{say_held(about, self.known, self.words)}，" if about else ""
        if gated:
            reason += "没有发现不合规，" if rung.when is None else "整项"
        path = rung.path if bare else inner.path
        return replace(inner, text=f"{reason}{inner.text}", path=path)

    def _step(self, node: Step, low: int, high: int, verb: str) -> Why:
        end = self.ending(low, high, verb)
        names = missing_facts(node.vars, self.known, self.words)
        if names:
            return Why("is", low, high, f"{self.waiting(names)}，{end}", node.path, unknown=names)
        if isinstance(node.source, Judge):
            reason = self.reasons.get(node.about.id, "").strip().rstrip("。；，")
            return Why("is", low, high, f"人工评定{f'（{reason}）' if reason else ''}，{end}", node.path)
        if worth(node.about, self.known) is None:
            return Why("is", low, high, f"{node.about.title}没有数值，算不出来，{end}", node.path)
        how = self._rate(node, node.source, verb) if isinstance(node.source, Each) else "按比例计"
        return Why(
            "is", low, high, f"{say_value(node.about, self.known, self.words)}，{how}，{end}", node.path
        )

    def _rate(self, node: Step, source: Each, verb: str) -> str:
        """Say what each event is worth, from where it is counted and up to where."""
        each = say_each(node, source, self.score, self.words, self.known, verb)
        top, bottom = number(node.top, self.known), number(node.bottom, self.known)
        if top <= bottom * node.most:
            return each
        if source.up_to:
            return f"{each}，最多 {show(source.up_to)} 分"
        return f"{each}，{'扣完为止' if verb == '扣' else '再多不再计'}"

    def _held(self, node: Held, low: int, high: int, verb: str) -> Why:
        held = [truth(one, self.known) for one in node.conditions]
        lacking = [
            say_item(one) for one, result in zip(node.conditions, held, strict=True) if result is False
        ]
        open_ = [one for one, result in zip(node.conditions, held, strict=True) if result is None]
        reads = frozenset[str]().union(*(one.vars for one in open_))
        names = missing_facts(reads, self.known, self.words)
        said = f"{len(held)} 项中成立 {held.count(True)} 项"
        said += f"，缺{'、'.join(lacking)}" if lacking else ""
        said += f"，{self.waiting(names)}" if names else ""
        nothing = len(open_) == len(held)
        return Why(
            "is",
            low,
            high,
            f"{said}，{self.ending(low, high, verb)}",
            node.path,
            unknown=names if nothing else (),
        )


def _added(why: Why) -> tuple[int, int]:
    """Put the parts of an explanation together."""
    lows, highs = [part.low for part in why.parts], [part.high for part in why.parts]
    match why.op:
        case "add":
            bound = sum(highs) if why.bound is None else why.bound
            return min(sum(lows), bound), min(sum(highs), bound)
        case "take":
            bound = why.bound or 0
            return max(0, bound - sum(highs)), max(0, bound - sum(lows))
    choose = max if why.op == "best" else min
    return choose(lows), choose(highs)
