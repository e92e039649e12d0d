"""
Days: moments are kept in UTC, and a day is one of the clinic's.

What is read, listed, counted and exported by days goes by these functions, with the one zone
the clinic is set up with (`Tx.zone`): a session at nine on a Tuesday in Auckland is Tuesday's, although
UTC still has Monday.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def local_day(moment: datetime, zone: tzinfo) -> date:
    """
    The day of a moment.

    >>> from zoneinfo import ZoneInfo
    >>> local_day(datetime(2026, 11, 23, 20, tzinfo=UTC), ZoneInfo("Pacific/Auckland")).isoformat()
    '2026-11-24'
    """
    return moment.astimezone(zone).date()


def midnight(day: date, zone: tzinfo) -> datetime:
    """
    The moment a day begins, in UTC; days on which the clocks change are an hour shorter or longer.

    >>> from zoneinfo import ZoneInfo
    >>> midnight(date(2027, 3, 29), ZoneInfo("Europe/London")) - midnight(date(2027, 3, 28), ZoneInfo("Europe/London"))
    datetime.timedelta(seconds=82800)
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def days_between(first: datetime, last: datetime, zone: tzinfo) -> int:
    """From the day of one moment to that of another, 0 on the same day; hours do not count."""
    return (local_day(last, zone) - local_day(first, zone)).days


def monday_of(moment: datetime, zone: tzinfo) -> date:
    """The Monday of the week a moment lies in."""
    day = local_day(moment, zone)
    return day - timedelta(days=day.weekday())
