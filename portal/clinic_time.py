"""A moment on the clinic's own clocks and calendar."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """A moment on the wall of the clinic, or of an appointment: everything below takes it from there."""
    return at.astimezone(zone)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """
    The day of a moment in the clinic; the one way from a moment to a day.

    >>> local_day(datetime(2026, 11, 23, 20, tzinfo=UTC), ZoneInfo("Pacific/Auckland"))
    datetime.date(2026, 11, 24)
    """
    return local(at, zone).date()


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day of the clinic begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def wall(local_start: str) -> datetime:
    """Wall time as a service writes it; it has no zone and needs none to be shown."""
    return datetime.fromisoformat(local_start[:16])


def wall_day(local_start: str) -> date:
    """The day of such a wall time."""
    return wall(local_start).date()
