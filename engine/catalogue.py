"""A book as one readable page: every indicator with its points, rule, questions, proof, inspection and sources."""

from collections.abc import Iterable, Iterator

from engine.build.edition import Edition
from engine.exact import show, show_points
from engine.load import Library
from engine.models.basis import Basis, Source
from engine.models.conditions import Parameter
from engine.models.veto import Veto
from engine.questionnaire import (
    COVERS,
    PROVENANCE,
    STATUS,
    about,
    effect_of,
    facts_behind,
    home_of,
    proof_of,
)
from engine.rule_words import Rule, conditions_of, demand_line, general_lines, rule_of, veto_lines
from engine.tree import Branch, Leaf, Overrule, Rank
from engine.wording import say_rule


def catalogue(library: Library, edition: Edition) -> str:
    """Return an edition as Markdown."""
    return "\n".join(_Page(library, edition).lines()) + "\n"


def plain(text: object) -> str:
    """Make any text safe inside Markdown: one line, nothing taken for markup."""
    said = " ".join(str(text).split())
    for sign in "\\`*_[]<>|#&~":
        said = said.replace(sign, f"\\{sign}")
    return said


class _Page:
    def __init__(self, library: Library, edition: Edition) -> None:
        self.library, self.edition, self.standard = library, edition, edition.standard
        self.cited: dict[str, Source] = {}
        self.asked = set[str]()

    def score(self, points: int) -> str:
        return show_points(points, self.edition.per_point)

    def lines(self) -> Iterator[str]:
        """Yield the page line by line."""
        yield from self._head()
        for section in self.edition.sections:
            yield from self._branch(section)
        yield from self._bonus()
        yield from self._whole()
        yield from self._figures()
        yield from self._changes()
        yield from self._sources()

    def _head(self) -> Iterator[str]:
        standard = self.standard
        yield f"# {plain(standard.title)}"
        yield ""
        yield f"版本 {standard.edition}，{STATUS[standard.status]}。逐个{plain(standard.per)}评定，总分 {show(standard.total)}。"
        yield f"内容指纹 `{self.edition.hash}`。"
        yield ""
        if standard.disclaimer:
            yield f"> {plain(standard.disclaimer)}"
            yield ""
        yield from _told("依据", self._basis(standard.basis))
        yield "## 分区"
        yield ""
        yield "| 分区 | 满分 | 指标 | 红线 |"
        yield "|---|--:|--:|--:|"
        for section in self.edition.sections:
            red = sum(1 for veto in self.edition.vetoes if home_of(self.edition, veto) is section)
            yield f"| {plain(section.title)} | {self.score(section.points)} | {len(section.leaves)} | {red or ''} |"
        yield ""
        yield from self._grades()
        yield from self._overrules()

    def _grades(self) -> Iterator[str]:
        yield "## 等级"
        yield ""
        for rank in self.edition.ranks:
            sign = "超过" if rank.above else "不低于"
            yield f"- **{plain(rank.title)}**：{sign} {self.score(rank.line)} 分"
            yield from (f"  - {line}" for line in self._demands(rank))
        yield f"- **{plain(self.standard.no_grade)}**：其余"
        yield ""
        yield from (f"- {line}" for line in general_lines(self.edition))
        yield ""

    def _demands(self, rank: Rank) -> Iterator[str]:
        for demand in rank.demands:
            yield plain(demand_line(self.edition, demand))
        if rank.source.note:
            yield plain(rank.source.note)
        yield from self._basis(rank.source.basis)

    def _whole(self) -> Iterator[str]:
        """Yield how the results of several subjects become one."""
        plan = self.standard.roll_up
        if plan is None:
            return
        yield f"## 汇总到{plain(plan.whole)}"
        yield ""
        weight = self.edition.words.quantities.get(plan.weight) if plan.weight else None
        by = f"，加权平均按{plain(weight.title)}" if weight else ""
        yield f"逐个{plain(plan.per)}评定，给出各{plain(plan.per)}结果、最低分、平均分和达到各等级的比例{by}。否决不会被平均掉。"
        yield ""
        titles = {rank.id: rank.title for rank in self.edition.ranks}
        for title in plan.titles:
            yield f"- **{plain(title.title)}**"
            if title.each_at_least:
                yield f"  - 每个都在{plain(titles[title.each_at_least])}以上，没有不予评定或停止评定的"
            for one in title.shares:
                what = f"按{plain(weight.title)}计" if one.by_weight and weight else "按个数计"
                yield f"  - {plain(titles[one.grade])}以上的占 {show(one.share * 100)}% 以上，{what}"
            for name, line in (("平均分", title.mean_at_least), ("最低分", title.worst_at_least)):
                if line is not None:
                    yield f"  - {name}不低于 {show(line)}"
            if title.id in self.edition.title_conditions:
                yield f"  - {plain(say_rule(self.edition.title_conditions[title.id]))}"
        yield ""

    def _overrules(self) -> Iterator[str]:
        own = [veto for veto in self.edition.vetoes if home_of(self.edition, veto) is None]
        if own:
            yield "## 一票否决和参评条件"
            yield ""
            for veto in own:
                yield from self._veto(veto, "###")
        if self.standard.incidents:
            yield "## 扣分事件（合计之后扣）"
            yield ""
            for item in self.standard.incidents:
                most = f"，最多扣 {show(item.up_to)} 分" if item.up_to else ""
                yield f"- {plain(item.title)}：每次扣 {show(item.points)} 分{most}"
                yield from (f"  - {line}" for line in self._basis(item.basis))
            yield ""

    def _branch(self, branch: Branch) -> Iterator[str]:
        level = "#" * min(2 + branch.depth, 5)
        yield f"{level} {plain(branch.title)}（{self.score(branch.points)} 分）"
        yield ""
        for child in branch.children:
            if isinstance(child, Leaf):
                yield from self._leaf(child, level + "#")
            else:
                yield from self._branch(child)
        if branch.depth == 0:
            red = [veto for veto in self.edition.vetoes if home_of(self.edition, veto) is branch]
            if red:
                yield f"### {plain(branch.title)}：红线（不计分）"
                yield ""
            for veto in red:
                yield from self._veto(veto, "####")

    def _leaf(self, leaf: Leaf, level: str) -> Iterator[str]:
        source = leaf.source
        star = "★ " if source.key else ""
        yield f"{level} {star}{plain(leaf.title)}（{self.score(leaf.points)} 分）"
        yield ""
        kind = f"，评定对象：{plain(source.per)}" if source.per else ""
        line = f"（得分率到 {show(source.key_met_at * 100)}% 算符合）" if source.key_met_at else ""
        yield f"`{leaf.id}`{kind}{'，关键项' if source.key else ''}{line}"
        yield ""
        rule = rule_of(self.edition, leaf)
        yield f"- **计分**：{plain(rule.text)}"
        yield from _nested(rule.parts, 1)
        yield from (_labelled(line) for line in conditions_of(leaf))
        yield from self._asked(leaf.vars)
        if source.fix:
            yield f"- **失分怎么办**：{plain(source.fix)}"
        if source.note:
            yield f"- **说明**：{plain(source.note)}"
        yield from _told("依据", self._basis(source.basis), "- ")
        yield ""

    def _veto(self, veto: Overrule, level: str) -> Iterator[str]:
        source = veto.source
        yield f"{level} {plain(veto.title)}"
        yield ""
        reach = "，影响全部对象" if source.scope == "all" else ""
        yield f"`{veto.id}`，后果：{plain(effect_of(self.edition, veto))}{reach}{_period(source)}"
        yield ""
        yield from (_labelled(line) for line in veto_lines(self.edition, veto))
        yield from self._asked(veto.vars)
        if source.fix:
            yield f"- **怎么改**：{plain(source.fix)}"
        if source.note:
            yield f"- **说明**：{plain(source.note)}"
        yield from _told("依据", self._basis(source.basis), "- ")
        yield ""

    def _asked(self, reads: frozenset[str]) -> Iterator[str]:
        """Yield the questions behind a rule, with proof and inspection."""
        facts = facts_behind(self.edition, reads)
        if facts:
            yield "- **要填的**："
        for fact in facts:
            if fact.id in self.asked:
                yield f"  - {plain(fact.name)}（见前）`{fact.id}`"
                continue
            self.asked.add(fact.id)
            yield f"  - {plain(fact.ask)}（{plain('；'.join(about(fact)))}）`{fact.id}`"
            if fact.evidence:
                yield f"    - 证据：{plain(proof_of(fact))}"
            if fact.inspect or fact.sample:
                said = "；".join(one for one in (fact.inspect, fact.sample and f"抽样：{fact.sample}") if one)
                yield f"    - 核查：{plain(said)}"

    def _basis(self, basis: Iterable[Basis]) -> Iterator[str]:
        for one in basis:
            source = self.library.sources.get(one.source or "")
            if source is not None:
                self.cited[source.id] = source
            what = "、".join(COVERS[part] for part in one.covers)
            named = " ".join(word for word in (source.title if source else "", one.article) if word)
            said = f"{named}（{one.note}）" if named and one.note else named or one.note or ""
            told = f"{what}：{said}" if what and said else what or said
            verify = "〔须核对原文〕" if one.verify or (source is not None and source.verify) else ""
            yield plain(f"【{PROVENANCE[one.provenance]}】{told}") + verify

    def _bonus(self) -> Iterator[str]:
        if self.edition.extras:
            yield f"## 附加分（最多 {self.score(self.edition.extra_cap)} 分）"
            yield ""
        for extra in self.edition.extras:
            how = "取最高的一项" if extra.highest else "各项相加"
            most = f"，最多 {self.score(extra.cap)} 分" if extra.cap is not None else ""
            yield f"### {plain(extra.title)}（{how}{most}）"
            yield ""
            for leaf in extra.leaves:
                yield from self._leaf(leaf, "####")

    def _figures(self) -> Iterator[str]:
        """Yield the figures that change with the day and the place, as far as this book reads them."""
        words = self.edition.words
        items = [words.defined[name].item for name in sorted(words.used()) if name in words.defined]
        figures = [item for item in items if isinstance(item, Parameter)]
        if not figures:
            return
        yield "## 随日期、地区变化的数字"
        yield ""
        yield "| 名称 | 数值 | 地区 | 期间 | 按哪个日期 | 出处 |"
        yield "|---|---|---|---|---|---|"
        for item in figures:
            by = words.quantities.get(item.by) if item.by else None
            for one in item.values:
                source = self.library.sources.get(one.source or "")
                if source is not None:
                    self.cited[source.id] = source
                mark = "〔须核对〕" if one.verify or (source is not None and source.verify) else ""
                cells = (
                    item.title,
                    f"{one.value} {item.unit}" if item.unit else str(one.value),
                    one.region or "不分地区",
                    f"{one.from_ or ''}–{one.to or ''}" if one.from_ or one.to else "一直",
                    by.title if by else "评定日",
                    (source.title if source else "我们的建议") + mark,
                )
                yield f"| {' | '.join(plain(cell) for cell in cells)} |"
        yield ""

    def _changes(self) -> Iterator[str]:
        if self.standard.changes:
            yield "## 变更"
            yield ""
            yield from (
                f"- {one.date}（{plain(one.version)}）：{plain(one.text)}" for one in self.standard.changes
            )
            yield ""

    def _sources(self) -> Iterator[str]:
        yield "## 出处"
        yield ""
        yield "| 名称 | 文号 | 发布 | 施行 | 等级 | 说明 |"
        yield "|---|---|---|---|---|---|"
        for source in self.cited.values():
            force = "–".join([source.from_ or "", source.to or ""]) if source.from_ or source.to else ""
            mark = "〔须核对〕" if source.verify else ""
            cells = (
                source.title + mark,
                source.number or "",
                " ".join(one for one in (source.issuer, source.date) if one),
                force,
                source.grade,
                source.note or "",
            )
            yield f"| {' | '.join(plain(cell) for cell in cells)} |"
        yield ""
        yield "出处等级：A 法规原文，B 政府或学校公开页，C 转载或节录，D 二手转述。"


def _labelled(line: str) -> str:
    """Print a line whose first word tells what it is about, 适用：…, with that word in bold."""
    label, sign, rest = line.partition("：")
    return f"- **{plain(label)}**：{plain(rest)}" if sign else f"- {plain(line)}"


def _nested(rules: Iterable[Rule], depth: int) -> Iterator[str]:
    for rule in rules:
        yield f"{'  ' * depth}- {plain(rule.text)}"
        yield from _nested(rule.parts, depth + 1)


def _told(title: str, lines: Iterable[str], mark: str = "") -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"{mark}**{title}**："
        yield from ([] if mark else [""])
        yield from (f"{'  ' if mark else ''}- {line}" for line in found)
        yield from ([] if mark else [""])


def _period(veto: Veto) -> str:
    said = f"，追溯 {veto.look_back_months} 个月" if veto.look_back_months else ""
    if veto.from_ or veto.to:
        said += f"，适用 {veto.from_ or ''}–{veto.to or ''}"
    return said
