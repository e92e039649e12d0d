"""Weeks of supervision: from Monday to Monday in the clinic's zone, named as ISO 8601 names them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from services.feedback.care.domain.days import midnight, monday_of

_FIRST_YEAR, _LAST_YEAR = 2000, 2999


class WeekMalformed(ValueError):
    """A text that names no week, as 2026-W48 does."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week by its Monday, in a zone."""

    monday: date
    zone: tzinfo = field(compare=False)

    @property
    def starts_at(self) -> datetime:
        return midnight(self.monday, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment of the week after it."""
        return self.after.starts_at

    @property
    def before(self) -> "Week":
        return Week(self.monday - timedelta(days=7), self.zone)

    @property
    def after(self) -> "Week":
        return Week(self.monday + timedelta(days=7), self.zone)

    def __str__(self) -> str:
        year, number, _ = self.monday.isocalendar()
        return f"{year}-W{number:02}"


def week_of(moment: datetime, zone: tzinfo) -> Week:
    """
    The week a moment lies in.

    >>> from datetime import UTC
    >>> str(week_of(datetime(2027, 1, 3, 23, 59, tzinfo=UTC), UTC))
    '2026-W53'
    """
    return Week(monday_of(moment, zone), zone)


def read_week(text: str, zone: tzinfo) -> Week:
    """
    A week by its name.

    Raises:
        WeekMalformed: another shape, a week that year does not have, or a year outside 2000 to 2999.

    >>> from datetime import UTC
    >>> read_week("2026-W48", UTC).monday
    datetime.date(2026, 11, 23)
    """
    year, mark, number = text.partition("-W")
    shaped = mark and len(year) == 4 and len(number) == 2 and (year + number).isdecimal() and text.isascii()
    if not shaped or not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        raise WeekMalformed("A week is written as in 2026-W48.")
    try:
        return Week(date.fromisocalendar(int(year), int(number), 1), zone)
    except ValueError as error:
        raise WeekMalformed(f"The year {year} has no such week.") from error


class WeekNotBegun(Exception):
    """A pack is made of what has happened; this week has not begun."""
