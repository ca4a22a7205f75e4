"""What stands above the indicators: bonus items, incidents, grades, titles of a whole."""

from fractions import Fraction

from engine.build.conditions import condition
from engine.build.draft import Draft
from engine.build.quantities import resolve
from engine.build.scope import NUMERIC
from engine.build.sections import leaf_of
from engine.build.vetoes import known_grade
from engine.models.scoring import Each
from engine.models.standard import Grade, Group, Indicator, Requirement, Shared, Title
from engine.problem import Path, listed, nearest
from engine.tree import Add, Condition, Demand, Extra, Loss, Rank, Step


def extras_of(draft: Draft) -> tuple[Extra, ...]:
    """Build the bonus groups."""
    bonus = draft.standard.bonus
    result = list[Extra]()
    for index, group in enumerate(bonus.groups if bonus else ()):
        path = ("bonus", "groups", index)
        draft.once(group.id, "附加分组", path)
        leaves = [
            leaf_of(draft, one, (*path, "indicators", i), draft.document)
            for i, one in enumerate(group.indicators)
        ]
        cap = draft.whole(group.up_to, (*path, "up_to")) if group.up_to else None
        kept = tuple(leaf for leaf in leaves if leaf)
        result.append(Extra(group.id, group.title, group.combine == "highest", cap, kept))
    return tuple(result)


def losses_of(draft: Draft) -> tuple[Loss, ...]:
    """Build the incident deductions."""
    result = list[Loss]()
    for index, item in enumerate(draft.standard.incidents):
        path, who = ("incidents", index), f"扣分事件 {item.id}"
        draft.once(item.id, "扣分事件", path)
        draft.cite(item.basis, path, who)
        shaper = draft.shaper(item.id, who, draft.document, draft.per_point)
        need = draft.whole(draft.standard.total, ("total",))
        node = shaper.build(Each(each=item.each, points=item.points, up_to=item.up_to), path, need)
        node = node.parts[0] if isinstance(node, Add) else node
        if isinstance(node, Step):
            if item.up_to and shaper.whole(item.up_to, (*path, "up_to")) % node.gain:
                what = f"{who} 的上限不是每次扣分的整数倍"
                draft.say((*path, "up_to"), what, "请改 up_to 或 points", "incident")
            result.append(Loss(item.id, item.title, node, item))
    return tuple(result)


def ranks_of(draft: Draft, known: dict[str, set[str]]) -> tuple[Rank, ...]:
    """Build the grades; `known` are the ids of all sections and indicators, empty when some could not be read."""
    result = list[Rank]()
    for index, grade in enumerate(draft.standard.grades):
        path = ("grades", index)
        draft.once(grade.id, "等级", path)
        draft.cite(grade.basis, path, f"等级 {grade.id}")
        if (grade.at_least is None) == (grade.more_than is None):
            what = f"等级 {grade.id} 要写 at_least（含本数）或 more_than（不含）之一"
            draft.say(path, what, "请补上一个，或删去一个", "grade-line")
            continue
        above = grade.at_least is None
        line = draft.whole(grade.more_than or grade.at_least or Fraction(0), path)
        demands = _demands(draft, grade, path, known)
        result.append(Rank(grade.id, grade.title, line, above, demands, grade))
    return tuple(result)


def indicators_of(item: Shared | Group) -> list[Indicator]:
    """Return the indicators of a section, part or group as they are written."""
    return [*item.indicators, *(one for group in item.groups for one in indicators_of(group))]


_DEMANDS = ("section", "indicator", "keys_missed_at_most", "when")


def _demands(draft: Draft, grade: Grade, path: Path, known: dict[str, set[str]]) -> tuple[Demand, ...]:
    result = list[Demand]()
    for index, item in enumerate(grade.requires):
        at, who = (*path, "requires", index), f"等级 {grade.id} 的前置“{item.title}”"
        if not _demand_fits(draft, item, at, who, known):
            continue
        when = condition(draft.scope(who), item.when, (*at, "when")) if item.when else None
        result.append(Demand(item, when))
    return tuple(result)


def _demand_fits(draft: Draft, item: Requirement, path: Path, who: str, known: dict[str, set[str]]) -> bool:
    written = [key for key in _DEMANDS if getattr(item, key) is not None]
    if len(written) != 1:
        what = f"{who} 要写且只写一种要求，现在写了 {len(written)} 种"
        draft.say(path, what, f"可用的有 {listed(_DEMANDS)}", "requirement")
        return False
    key = written[0]
    if (item.at_least is not None) != (key in known):
        advice = "请补上，如 at_least: 60%" if item.at_least is None else "请删去 at_least"
        what = f"{who}：得分率 at_least 要和 section 或 indicator 一起写"
        draft.say(path, what, advice, "requirement")
        return False
    name = getattr(item, key)
    if key in known and known["section"] and name not in known[key]:
        near = nearest(name, known[key])
        word = "分区" if key == "section" else "指标"
        advice = f"最接近的是 {near}" if near else f"{word}有：{listed(sorted(known[key]))}"
        draft.say((*path, key), f"{who} 提到的{word} {name} 不存在", advice, "requirement")
        return False
    return True


def titles_of(draft: Draft) -> dict[str, Condition]:
    """Build the conditions of the titles a whole can earn, and check what they name."""
    plan, result = draft.standard.roll_up, dict[str, Condition]()
    for index, title in enumerate(plan.titles if plan else ()):
        path: Path = ("roll_up", "titles", index)
        who = f"称号 {title.id}"
        draft.once(title.id, "称号", path)
        _title(draft, title, path, who)
        when = condition(draft.scope(who), title.when, (*path, "when")) if title.when else None
        if when:
            result[title.id] = when
    if plan and plan.weight:
        path = ("roll_up", "weight")
        weight = resolve(draft.scope("汇总权重"), plan.weight, path)
        if weight and weight.kind not in NUMERIC:
            what = f"汇总权重 {plan.weight} 不是数字"
            draft.say(path, what, "请换一个数字事实或算出来的数字", "kind")
    return result


def _title(draft: Draft, title: Title, path: Path, who: str) -> None:
    if title.each_at_least is not None:
        known_grade(draft, title.each_at_least, (*path, "each_at_least"), who)
    for index, one in enumerate(title.shares):
        known_grade(draft, one.grade, (*path, "shares", index, "grade"), who)
        if one.by_weight and draft.standard.roll_up and not draft.standard.roll_up.weight:
            what = f"{who} 按权重计比例，汇总却没有写 weight"
            draft.say((*path, "shares", index), what, "请在 roll_up 写 weight，或删去 by_weight", "title")
    wanted = ("each_at_least", "shares", "mean_at_least", "worst_at_least", "when")
    if not any(getattr(title, key) for key in wanted if key != "when") and title.when is None:
        draft.say(path, f"{who} 没有写任何条件", f"请写 {listed(wanted)} 之一", "title")
