"""What all parts of a standard share while they are built: words, problems, ids taken, the smallest unit."""

from collections.abc import Collection, Iterator
from fractions import Fraction
from math import ceil

from engine.build.conditions import condition
from engine.build.points import Shaper
from engine.build.scope import Scope
from engine.build.vocabulary import Vocabulary
from engine.exact import show
from engine.models.basis import Basis
from engine.models.standard import Standard
from engine.problem import Path, Place, Problem, nearest
from engine.strict_yaml import Document


def unregistered(
    name: str | None, sources: Collection[str] | None, place: Place, what: str
) -> Iterator[Problem]:
    """Report a source that is not registered; nothing where the register itself cannot be read."""
    if name and sources is not None and name not in sources:
        near = nearest(name, sources)
        advice = f"最接近的是 {near}" if near else "请先在 rules/sources.yaml 里登记"
        yield Problem(place, f"{what} {name} 没有登记", advice, "unknown-source")


class Draft:
    """A standard on its way to an edition."""

    def __init__(
        self, words: Vocabulary, standard: Standard, document: Document, sources: Collection[str] | None
    ) -> None:
        self.words = words.branch()
        self.standard = standard
        self.document = document
        self.sources = sources
        self.problems = list[Problem]()
        self.seen: dict[str, str] = {}
        self.per_point = 1 / standard.unit

    def say(self, path: Path, what: str, next_: str, code: str, document: Document | None = None) -> None:
        """Note a problem, unless that place is known to be wrong."""
        here = document or self.document
        place = here.place(path)
        if not here.faulty(place):
            self.problems.append(Problem(place, what, next_, code))

    def scope(self, who: str, document: Document | None = None) -> Scope:
        """Return where a rule of that name is read."""
        return Scope(self.words, document or self.document, who, self.problems, condition)

    def shaper(self, name: str, who: str, document: Document, per_point: Fraction) -> Shaper:
        """Return what builds the points of an indicator or incident."""
        return Shaper(self.scope(who, document), name, per_point)

    def whole(self, points: Fraction, path: Path, document: Document | None = None) -> int:
        """Return points in the smallest unit; a finer number is a problem, and counts as the next unit."""
        number = points * self.per_point
        if number.denominator != 1:
            what = f"分值 {show(points)} 比标准的最小单位 {show(self.standard.unit)} 还细"
            self.say(path, what, "请改分值，或在 standard.yaml 里改 unit", "unit", document)
        return ceil(number)

    def once(self, name: str, what: str, path: Path, document: Document | None = None) -> None:
        """Note an id; a second use is a problem."""
        here = (document or self.document).place((*path, "id"))
        if name in self.seen:
            said = f"{what}编号 {name} 已经在 {self.seen[name]} 用过"
            self.say((*path, "id"), said, "每个编号只能用一次，请换一个", "duplicate-id", document)
        self.seen.setdefault(name, f"{here.file}:{here.line}")

    def cite(self, basis: tuple[Basis, ...], path: Path, who: str, document: Document | None = None) -> None:
        """Check that every source that is cited is registered."""
        for index, one in enumerate(basis):
            self.source(one.source, (*path, "basis", index, "source"), f"{who} 的依据", document)

    def source(self, name: str | None, path: Path, what: str, document: Document | None = None) -> None:
        """Check that a source is registered."""
        place = (document or self.document).place(path)
        self.problems += unregistered(name, self.sources, place, what)

    def period(
        self, start: str | None, end: str | None, path: Path, who: str, document: Document | None = None
    ) -> None:
        """Check that a period does not end before it begins."""
        if start and end and start > end:
            what = f"{who} 从 {start} 到 {end}，没有一天适用"
            self.say((*path, "from"), what, "请改 from 或 to", "period", document)
