"""168 universities that do not exist. Each says so in its name, so that none can be taken for a real one."""

from dataclasses import dataclass

COUNT = 168
INVENTED = "（虚构）"

_FIRST = "墨澄砚翎霁岫汀蘅苓澹漪璞"
_SECOND = "原渡麓野泽湾屿岚畈陂浦洲陌塬"

_KINDS = (
    ("大学", "本科"),
    ("职业技术学院", "高职高专"),
    ("学院", "本科"),
    ("师范学院", "本科"),
    ("职业学院", "高职高专"),
    ("工程学院", "本科"),
    ("医学高等专科学校", "高职高专"),
    ("科技职业学院", "高职高专"),
)


@dataclass(frozen=True, slots=True)
class Invented:
    """A university that does not exist."""

    code: str
    title: str
    kind: str

    @property
    def short(self) -> str:
        """The name without the remark, for the names of what belongs to it."""
        return self.title.removesuffix(INVENTED)


def universities(count: int = COUNT) -> tuple[Invented, ...]:
    """Return the first so many invented universities, always the same."""
    stems = [first + second for second in _SECOND for first in _FIRST]
    found = []
    for number, stem in enumerate(stems[:count], start=1):
        suffix, kind = _KINDS[number % len(_KINDS)]
        found.append(Invented(f"demo-{number:03}", f"{stem}{suffix}{INVENTED}", kind))
    return tuple(found)
