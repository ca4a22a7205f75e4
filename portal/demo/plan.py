"""What the demonstration holds: which book is assessed with what, and how many universities stand where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.policy import State

SMALL = 12
"""Universities of the small demonstration that tests fill."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One university in a round: its number, where it stands, what it brings, and the sample it answers by.

    Without a sample it has answered nothing yet.
    """

    number: int
    state: State
    places: tuple[str, ...]
    sample: str | None


@dataclass(frozen=True, slots=True)
class Book:
    """One open round: the book, what is assessed, from which samples the answers come, and how many stand where.

    Every third university brings all of `places`, the others the first. Whoever is invited and not counted in
    `states` is 填报中 and has answered nothing yet. `first` is where the first university stands among them, so that
    its people, whom everybody tries, see something else in each round.
    """

    standard: str
    title: str
    places: tuple[str, ...]
    samples: tuple[str, ...]
    invited: int
    states: Mapping[State, int]
    first: int = 0

    def seats(self) -> Iterator[Seat]:
        """Return every university of the round."""
        states = [state for state, count in self.states.items() for _ in range(count)]
        for place in range(self.invited):
            answers = place < len(states)
            yield Seat(
                (place - self.first) % self.invited,
                states[place] if answers else "填报中",
                self.places if place % 3 == 0 else self.places[:1],
                self.samples[place % len(self.samples)] if answers else None,
            )


_FEW: Mapping[State, int] = {
    "归档": 1,
    "定级": 1,
    "复核": 1,
    "公示": 1,
    "评审完成": 1,
    "补充材料": 1,
    "评审中": 2,
    "已提交": 3,
    "填报中": 6,
}

BOOKS: tuple[Book, ...] = (
    Book(
        "green-canteen",
        "绿色食堂评定（演示）",
        ("第一食堂", "第二食堂"),
        ("excellent", "typical", "vetoed", "all-red"),
        168,
        {**_FEW, "公示": 2, "评审完成": 2, "评审中": 4, "已提交": 6, "填报中": 12},
        first=18,
    ),
    Book(
        "standard-apartment",
        "标准化学生公寓创建（演示）",
        ("梧桐苑 1 号楼", "银杏苑 2 号楼"),
        ("excellent", "typical", "vetoed", "all-red"),
        168,
        {**_FEW, "已提交": 5, "填报中": 10},
        first=6,
    ),
    Book(
        "canteen-procurement",
        "食堂招标采购自查（演示）",
        ("食堂委托经营服务项目",),
        ("excellent", "typical", "vetoed"),
        60,
        _FEW,
        first=5,
    ),
    Book(
        "property-procurement",
        "物业服务招标采购自查（演示）",
        ("主校区物业服务项目",),
        ("excellent", "typical", "vetoed"),
        60,
        _FEW,
        first=8,
    ),
    Book(
        "social-organisation",
        "社会组织评估（演示）",
        ("后勤研究会",),
        ("excellent", "typical", "vetoed"),
        18,
        _FEW,
        first=3,
    ),
)

NEXT = 3
"""Universities invited to the next round of each book, which is still being prepared: there they stand at 草稿."""

SMALL_BOOKS: tuple[Book, ...] = tuple(
    Book(
        one.standard,
        one.title,
        one.places[:1],
        one.samples,
        SMALL,
        dict.fromkeys(_FEW if one.standard == "social-organisation" else ("已提交", "填报中"), 1),
    )
    for one in BOOKS
)
"""The same on a small scale, for tests: one book with a university in every state, the others begun."""
