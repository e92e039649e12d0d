"""Periods that figures are given for: calendar quarters and years in the clinic's zone, and no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from services.feedback.care.domain.days import local_day, midnight, monday_of

_FIRST_YEAR, _LAST_YEAR = 2000, 2999


class PeriodNotPossible(ValueError):
    """Figures are given for whole calendar quarters and years: other spans could be subtracted from each other."""


@dataclass(frozen=True, slots=True)
class Period:
    """A whole calendar year, or one of its quarters (0 to 3)."""

    year: int
    quarter: int | None = None

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, 1 + 3 * (self.quarter or 0), 1)

    @property
    def last_day(self) -> date:
        return self._next - timedelta(days=1)

    @property
    def quarters(self) -> Sequence[int]:
        return range(4) if self.quarter is None else (self.quarter,)

    @property
    def _next(self) -> date:
        if self.quarter is None or self.quarter == 3:
            return date(self.year + 1, 1, 1)
        return date(self.year, 4 + 3 * self.quarter, 1)


def period(first: date, last: date) -> Period:
    """
    The period between two days, both of them in it.

    Raises:
        PeriodNotPossible.

    >>> period(date(2026, 7, 1), date(2026, 9, 30))
    Period(year=2026, quarter=2)
    """
    if not _FIRST_YEAR <= first.year <= _LAST_YEAR:
        raise PeriodNotPossible(f"Give a year from {_FIRST_YEAR} to {_LAST_YEAR}.")
    choices = [Period(first.year), *(Period(first.year, quarter) for quarter in range(4))]
    for one in choices:
        if (one.first_day, one.last_day) == (first, last):
            return one
    raise PeriodNotPossible("Give a whole calendar quarter or a whole calendar year.")


def quarter_of(moment: datetime, zone: tzinfo) -> int:
    """The quarter of the year, 0 to 3."""
    return (local_day(moment, zone).month - 1) // 3


def counted_until(now: datetime, zone: tzinfo) -> datetime:
    """
    The end of the last whole week: nothing later is counted, so that two days' figures cannot be subtracted.

    >>> from datetime import UTC
    >>> counted_until(datetime(2026, 11, 25, 12, tzinfo=UTC), UTC).isoformat()
    '2026-11-23T00:00:00+00:00'
    """
    return midnight(monday_of(now, zone), zone)
