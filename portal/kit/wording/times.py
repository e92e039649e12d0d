"""Days and hours as staff read them: the day first, 24 hours, relative beside absolute."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.clinic_time import local_day

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def long_day(day: date) -> str:
    """
    A day with everything.

    >>> long_day(date(2026, 11, 23))
    'Monday 23 November 2026'
    """
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """
    A day in a list.

    >>> short_day(date(2026, 11, 23))
    'Mon 23 Nov'
    """
    return f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"


def plain_day(day: date) -> str:
    """
    A day without its weekday, where the year matters.

    >>> plain_day(date(1987, 3, 2))
    '2 March 1987'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def relative_day(day: date, today: date) -> str:
    """
    How far away a day is.

    >>> relative_day(date(2026, 11, 24), date(2026, 11, 23)), relative_day(date(2026, 11, 9), date(2026, 11, 23))
    ('tomorrow', '2 weeks ago')
    """
    days = (day - today).days
    if days in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[days + 1]
    span = count(abs(days), "day") if abs(days) < 14 else count(abs(days) // 7, "week")
    return f"in {span}" if days > 0 else f"{span} ago"


def hour(at: datetime) -> str:
    """
    A time of day, on the wall the datetime belongs to.

    >>> hour(datetime(2026, 11, 23, 9, 5))
    '09:05'
    """
    return f"{at:%H:%M}"


def hours(start: datetime, end: datetime) -> str:
    """From and to, with the dash typographers use."""
    return f"{hour(start)}\N{EN DASH}{hour(end)}"


def day_and_hour(at: datetime) -> str:
    """
    When something is, in one breath.

    >>> day_and_hour(datetime(2026, 12, 1, 15, 0))
    'Tue 1 Dec, 15:00'
    """
    return f"{short_day(at)}, {hour(at)}"


def count(number: int, noun: str, plural: str = "") -> str:
    """
    A number with its noun.

    >>> count(1, "hour"), count(3, "hour"), count(2, "person", "people")
    ('1 hour', '3 hours', '2 people')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def ago(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """
    How long ago, roughly: hours within a day, from then on the days of the clinic's calendar.

    >>> london = ZoneInfo("Europe/London")
    >>> at = datetime(2026, 11, 23, 9, tzinfo=london)
    >>> ago(at, at + timedelta(minutes=12), london), ago(at, at + timedelta(hours=40), london)
    ('12 minutes ago', '2 days ago')
    """
    past = now - at
    if past < timedelta(minutes=1):
        return "just now"
    if past < timedelta(hours=1):
        return f"{count(int(past.total_seconds() // 60), 'minute')} ago"
    if past < timedelta(days=1):
        return f"{count(int(past.total_seconds() // 3600), 'hour')} ago"
    days = (local_day(now, zone) - local_day(at, zone)).days
    return f"{count(days, 'day')} ago" if days < 14 else f"{count(days // 7, 'week')} ago"
