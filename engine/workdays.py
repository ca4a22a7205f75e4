"""Days of the official Chinese calendar, with make-up days."""

from datetime import date, timedelta

import chinese_calendar

from engine.domain import FIRST_DAY, LAST_DAY


class NoCalendar(LookupError):
    """The official calendar of that year is not published in the library we use."""


def is_workday(day: int) -> bool:
    """Whether people work on that day (an ordinal), make-up days included.

    Raises `NoCalendar` outside the years the calendar covers: guessing would be worse.
    """
    try:
        return bool(chinese_calendar.is_workday(date.fromordinal(day)))
    except NotImplementedError:
        raise NoCalendar(date.fromordinal(day).isoformat()) from None


def workdays_between(start: int, end: int, *, start_counts: bool = False) -> int:
    """Count workdays from the day after `start` (or from `start` itself) to `end`; negative when the end comes first."""
    if end < start:
        return -workdays_between(end, start, start_counts=start_counts)
    return sum(is_workday(day) for day in range(start + (not start_counts), end + 1))


def deadline(start: int, days: int, workdays: int, *, roll: bool) -> int:
    """Return the last day of a period after `start`; it moves past holidays when it rolls."""
    day = start + days
    while workdays > 0:
        day += 1
        workdays -= is_workday(day)
    while roll and not is_workday(day):
        day += 1
    return day


def months_before(day: int, months: int) -> int:
    """Return the same day of the month so many months earlier, or the last day of that month."""
    at = date.fromordinal(day)
    index = at.year * 12 + at.month - 1 - months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return min(first + timedelta(days=at.day - 1), following - timedelta(days=1)).toordinal()


def month_of(day: int) -> int:
    """Return a number that is the same for all days of a month."""
    at = date.fromordinal(min(max(day, FIRST_DAY), LAST_DAY))
    return at.year * 12 + at.month
