"""Published results are kept as they were published; one that does not add up is reported, not hidden."""

from pathlib import Path

import pytest

from engine.models.scorecard import PublishedResult
from engine.outside import read
from engine.published import verify_published

PUBLISHED = Path(__file__).parent.parent / "samples" / "published"


def published(name: str) -> PublishedResult:
    path = PUBLISHED / f"{name}.yaml"
    result, _, problems = read(path.read_bytes(), path.name, "published")
    assert problems == []
    assert isinstance(result, PublishedResult)
    return result


def test_parts_that_add_up() -> None:
    result = published("adds-up")
    assert [part.points for part in result.parts] == ["65.9", "263.0", "277.3", "80.9"]
    assert result.total == "687.1"
    assert verify_published(result) == []


def test_parts_that_do_not_add_up_are_reported() -> None:
    result = published("does-not-add-up")
    assert [part.points for part in result.parts] == ["74.8", "263.5", "273.3", "80.0"]
    assert result.total == "691.0"
    assert verify_published(result) == [
        "公布结果二（相加不符）：各部分相加是 691.6 分，公布的合计是 691.0 分，差 0.6 分"
    ]


@pytest.mark.parametrize(
    ("parts", "total", "agrees"),
    [(["0.1", "0.2"], "0.3", True), (["0.1", "0.2", "0.7"], "1", True), (["-5", "10"], "5.0", True), (["1"], "0.99", False)],
)  # fmt: skip
def test_decimals_are_added_exactly(parts: list[str], total: str, agrees: bool) -> None:
    data = {
        "format": "zhunsheng.published/1",
        "title": "甲",
        "source": "乙",
        "parts": [{"title": "丙", "points": points} for points in parts],
        "total": total,
    }
    assert (verify_published(PublishedResult.model_validate(data)) == []) is agrees
