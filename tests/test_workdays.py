"""The official calendar: make-up days are worked, holidays are not, and a year without a calendar is not guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.workdays import NoCalendar, deadline, is_workday, month_of, months_before, workdays_between


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    assert is_workday(day("2024-02-04"))  # Sunday, worked for the Spring Festival
    assert not is_workday(day("2024-02-12"))  # Monday of the Spring Festival
    assert not is_workday(day("2024-06-29"))  # an ordinary Saturday


def test_a_year_without_a_calendar_is_not_guessed() -> None:
    with pytest.raises(NoCalendar, match="1999-12-31"):
        is_workday(day("1999-12-31"))


def test_the_first_day_is_not_counted() -> None:
    assert workdays_between(day("2024-01-26"), day("2024-01-26")) == 0
    assert workdays_between(day("2024-01-26"), day("2024-01-29")) == 1
    assert (
        workdays_between(day("2024-02-08"), day("2024-02-19")) == 3
    )  # 9 February, 18 (a Sunday, worked), 19
    assert workdays_between(day("2024-01-29"), day("2024-01-26")) == -1


def test_a_last_day_on_a_holiday_moves_on() -> None:
    assert deadline(day("2024-02-08"), 2, 0, roll=True) == day("2024-02-18")
    assert deadline(day("2024-02-08"), 2, 0, roll=False) == day("2024-02-10")
    assert deadline(day("2024-02-08"), 0, 2, roll=True) == day("2024-02-18")
    assert deadline(day("2024-01-26"), 0, 0, roll=True) == day("2024-01-26")


@given(st.integers(day("2010-01-01"), day("2024-06-30")), st.integers(0, 40))
def test_a_deadline_in_workdays_is_so_many_workdays_away(start: int, count: int) -> None:
    assert workdays_between(start, deadline(start, 0, count, roll=False)) == count


@pytest.mark.parametrize(
    ("start", "months", "before"),
    [
        ("2024-03-31", 1, "2024-02-29"),
        ("2023-03-31", 1, "2023-02-28"),
        ("2024-01-15", 36, "2021-01-15"),
        ("2024-12-31", 12, "2023-12-31"),
        ("2024-06-30", 0, "2024-06-30"),
    ],
)
def test_months_end_where_the_shorter_month_ends(start: str, months: int, before: str) -> None:
    assert months_before(day(start), months) == day(before)


def test_days_of_a_month_share_its_number() -> None:
    assert month_of(day("2024-01-01")) == month_of(day("2024-01-31")) == month_of(day("2024-02-01")) - 1
    assert month_of(-5) == month_of(day("1900-01-01"))
    assert month_of(10**7) == month_of(day("2199-12-31"))
