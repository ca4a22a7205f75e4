"""Results as somebody published them: whether the parts add up to the total that is stated."""

from fractions import Fraction

from engine.exact import show
from engine.models.scorecard import PublishedResult


def verify_published(result: PublishedResult) -> list[str]:
    """Return what does not add up, in Chinese; an empty list when everything does."""
    found = sum((Fraction(part.points) for part in result.parts), Fraction(0))
    stated = Fraction(result.total)
    if stated == found:
        return []
    gap = show(abs(found - stated))
    return [f"{result.title}：各部分相加是 {show(found)} 分，公布的合计是 {result.total} 分，差 {gap} 分"]
