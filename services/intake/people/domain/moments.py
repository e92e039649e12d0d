"""Moments: what follows something else is later than it, also when the clock was put back; and on which day one is."""

from datetime import date, datetime, timedelta, tzinfo

_NEXT = timedelta(microseconds=1)


def following(now: datetime, earlier: datetime | None) -> datetime:
    """
    The moment of something that takes the place of something else.

    Others tell the newest answer and the newest allocation by their times. A clock that was
    put back must not let the one before stand: then the moment is the next one after it.

    >>> noon = datetime(2026, 11, 23, 12)
    >>> following(noon, None) == following(noon, noon - timedelta(hours=1)) == noon
    True
    >>> following(noon, noon + timedelta(hours=1)).isoformat()
    '2026-11-23T13:00:00.000001'
    """
    return now if earlier is None else max(now, earlier + _NEXT)


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The day of a moment in the clinic's zone."""
    return moment.astimezone(zone).date()
