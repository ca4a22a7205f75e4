"""A rule in words, without anybody's answers: what a drafter, a canteen manager and an inspector read alike."""

from dataclasses import dataclass
from fractions import Fraction

from engine.build.edition import Edition
from engine.exact import show, show_points
from engine.models.scoring import Each, Judge, Linear
from engine.tree import Add, Chain, Const, Demand, Held, Leaf, Overrule, Points, Rung, Step, Take
from engine.wording import say_each, say_item, say_rule

ABSENT = {
    "exclude": "不计入，分值按比例折到其他指标",
    "full": "给满分",
    "zero": "给 0 分",
    "refuse": "给 0 分，本项不许缺项",
}

SPREAD = {"group": "分组", "section": "分区", "total": "总分"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a rule and the lines under it."""

    text: str
    parts: tuple["Rule", ...] = ()


def rule_of(edition: Edition, leaf: Leaf) -> Rule:
    """Return the rule of an indicator in words."""
    own = leaf.file.endswith("/standard.yaml")
    return _Teller(edition, Fraction(1) if own else edition.standard.scale).node(leaf.node)


def conditions_of(leaf: Leaf) -> list[str]:
    """Return when an indicator applies, what becomes of it else, and how far a breach reaches."""
    source, said = leaf.source, list[str]()
    if leaf.applies is not None:
        said.append(f"适用：{say_rule(leaf.applies)}；不适用的{ABSENT[source.absent or 'refuse']}。")
    elif source.absent is not None and source.absent != "refuse":
        said.append(f"可以申报缺项（附理由）；缺项{ABSENT[source.absent]}。")
    if source.voids is not None:
        said.append(f"不合规的，连同整个{'分区' if source.voids == 'section' else '分组'}一起 0 分。")
    return said


def veto_lines(edition: Edition, veto: Overrule) -> list[str]:
    """Return what a veto looks at, line by line."""
    source, said = veto.source, list[str]()
    if veto.applies is not None:
        said.append(f"适用：{say_rule(veto.applies)}。")
    also = "，且（见下行）" if source.when_result is not None else ""
    if veto.when is not None:
        said.append(f"成立：{say_rule(veto.when)}{also}。")
    if veto.doubt is not None:
        said.append(f"{source.doubt or '存疑'}（由人判断）：没有违反，但{say_rule(veto.doubt)}。")
    if source.when_result is not None:
        test = source.when_result
        if test.keys_missed_at_least is not None:
            said.append(f"成立：关键项至少 {test.keys_missed_at_least} 项不符。")
        else:
            assert test.less_than is not None
            about = (
                f"分区“{section_title(edition, test.section)}”"
                if test.section
                else f"评定对象为“{test.per}”的指标"
            )
            said.append(f"成立：{about}得分率低于 {show(test.less_than * 100)}%。")
    return said


def demand_line(edition: Edition, demand: Demand) -> str:
    """Return what a grade requires besides the total."""
    item = demand.source
    if demand.when is not None:
        return f"{item.title}：{say_rule(demand.when)}"
    if item.keys_missed_at_most is not None:
        return f"关键项不符至多 {item.keys_missed_at_most} 项"
    assert item.at_least is not None
    if item.section is not None:
        what = f"分区“{section_title(edition, item.section)}”"
    else:
        leaf = edition.leaf(str(item.indicator))
        what = f"指标“{leaf.title if leaf else item.indicator}”"
    return f"{what}得分率不低于 {show(item.at_least * 100)}%"


def general_lines(edition: Edition) -> list[str]:
    """Return what holds for all indicators: how absence is spread and bounded, when a key item is met."""
    absence, said = edition.standard.absence, list[str]()
    if any(leaf.source.absent == "exclude" for leaf in edition.every_leaf):
        said.append(f"缺项的分值在{SPREAD[absence.spread]}内按得分率折回")
    if absence.limit is not None:
        said.append(f"合理缺项的分值超过总分的 {show(absence.limit * 100)}%，不评等级")
    if any(leaf.source.key for leaf in edition.leaves):
        said.append(f"关键项（★）得分率到 {show(edition.standard.key_items.met_at * 100)}% 算符合")
    return said


def section_title(edition: Edition, section: str) -> str:
    """Return the title of a section."""
    return next(one.title for one in edition.sections if one.id == section)


class _Teller:
    def __init__(self, edition: Edition, scale: Fraction) -> None:
        self.edition, self.words, self.scale = edition, edition.words, scale

    def score(self, points: int) -> str:
        return show_points(points, self.edition.per_point)

    def node(self, node: Points, verb: str = "得") -> Rule:
        """Tell one node and what is below it."""
        match node:
            case Const():
                return Rule(f"{verb} {self.score(node.points)} 分")
            case Chain():
                return self._chain(node, verb)
            case Step():
                return Rule(self._step(node, verb))
            case Held():
                return self._held(node, verb)
            case Add():
                cap = f"，最多 {self.score(node.cap)} 分" if node.cap is not None else ""
                return Rule(f"各项相加{cap}", self._parts(node.parts, verb))
            case Take():
                return Rule(
                    f"满分 {self.score(node.full)} 分，逐项扣，扣完为止", self._parts(node.parts, "扣")
                )
            case _:
                which = "最高" if node.best else "最低"
                return Rule(f"几种算法取{which}的", self._parts(node.parts, verb))

    def _parts(self, parts: tuple[Points, ...], verb: str) -> tuple[Rule, ...]:
        return tuple(self.node(part, verb) for part in parts)

    def _chain(self, node: Chain, verb: str) -> Rule:
        gate = node.rungs[0]
        if gate.path and gate.path[-1] == "zero_when" and gate.when is not None:
            after = self.node(node.rungs[1].then, verb)
            return Rule(after.text, (Rule(f"有下列情形的整项 0 分：{say_rule(gate.when)}"), *after.parts))
        last = node.rungs[-1].then
        if isinstance(last, Step) and (
            isinstance(last.source, Linear) or getattr(last.source, "base", None) is not None
        ):
            return Rule(self._step(last, verb))
        lines = [self._rung(rung, verb) for rung in node.rungs]
        if len(lines) == 1:
            return Rule(f"{lines[0].text}；否则不{verb}分", lines[0].parts)
        rest = () if node.rungs[-1].when is None else (Rule(f"其余：{verb} 0 分"),)
        return Rule("按第一条成立的计", (*lines, *rest))

    def _rung(self, rung: Rung, verb: str) -> Rule:
        then = self.node(rung.then, verb)
        return Rule(f"{say_rule(rung.when) if rung.when else '其余'}：{then.text}", then.parts)

    def _step(self, node: Step, verb: str) -> str:
        source, title = node.source, node.about.title
        if isinstance(source, Judge):
            return f"由评审专家评定，最多 {self.score(node.base + node.gain * node.most)} 分，写明理由：{source.guide}"
        if isinstance(source, Linear):
            corners = source.through or tuple(one for one in (source.from_, source.to) if one)
            ends = "，".join(f"{at} 时 {show(points * self.scale)} 分" for at, points in corners)
            step = f"，按 {show(source.step * self.scale)} 分一档" if source.step else ""
            return f"按{title}的比例计：{ends}，其间均匀增减{step}"
        assert isinstance(source, Each)
        most = f"，最多 {show(source.up_to * self.scale)} 分" if source.up_to else ""
        return f"{title}：{say_each(node, source, self.score, self.words, {}, verb)}{most}"

    def _held(self, node: Held, verb: str) -> Rule:
        items = tuple(Rule(say_item(one)) for one in node.conditions)
        ladder = "，".join(f"{count} 项{verb} {self.score(points)} 分" for count, points in node.ladder)
        return Rule(f"下列各项成立 {ladder}（不足的按够得上的档）", items)
