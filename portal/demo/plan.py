"""What the demonstration holds: which book is assessed with what, and how many universities stand where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.policy import State

SMALL = 12
"""Universities of the small demonstration that tests fill."""


@dataclass(frozen=True, slots=True)
class Book:
    """One round: the book, what is assessed, from which samples the answers come, and who stands where.

    Whoever is invited and not counted in `states` is 填报中 and has answered nothing yet.
    """

    standard: str
    title: str
    places: tuple[str, ...]
    samples: tuple[str, ...]
    invited: int
    states: Mapping[State, int]

    def standing(self) -> Iterator[tuple[int, State, bool]]:
        """Return the number of each university with where it stands and whether it has answered anything."""
        numbers = iter(range(self.invited))
        for state, count in self.states.items():
            for _ in range(count):
                yield next(numbers), state, True
        for number in numbers:
            yield number, "填报中", False


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
        {
            "归档": 1,
            "定级": 2,
            "复核": 1,
            "公示": 2,
            "评审完成": 2,
            "补充材料": 2,
            "评审中": 6,
            "已提交": 14,
            "填报中": 30,
        },
    ),
    Book(
        "standard-apartment",
        "标准化学生公寓创建（演示）",
        ("梧桐苑 1 号楼",),
        ("excellent", "typical", "vetoed", "all-red"),
        168,
        {**_FEW, "已提交": 8, "填报中": 20},
    ),
    Book(
        "canteen-procurement",
        "食堂招标采购自查（演示）",
        ("食堂委托经营服务项目",),
        ("excellent", "typical", "vetoed"),
        60,
        _FEW,
    ),
    Book(
        "property-procurement",
        "物业服务招标采购自查（演示）",
        ("主校区物业服务项目",),
        ("excellent", "typical", "vetoed"),
        60,
        _FEW,
    ),
    Book(
        "social-organisation",
        "社会组织评估（演示）",
        ("后勤研究会",),
        ("excellent", "typical", "vetoed"),
        18,
        _FEW,
    ),
)

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
