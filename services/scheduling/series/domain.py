"""Weekly series: the same hour by the clock on the wall, week after week."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.scheduling.resources.domain.zones import Clock, clock_at, end_of, to_instant

MAX_WEEKS = 60


@dataclass(frozen=True, slots=True)
class Occurrence:
    """
    One date of a series.

    `local_start` names it for ever, also after it was moved; `clock` tells whether the
    clocks change over it.
    """

    local_start: datetime
    starts_at: datetime
    ends_at: datetime
    clock: Clock


def weekly(local_start: datetime, zone: str, *, weeks: int, minutes: int) -> list[Occurrence]:
    """
    The dates of a weekly series; 15:00 stays 15:00, its instant moves with the clocks.

    Args:
        local_start: The first date, naive local time in `zone`.
        zone: IANA name.
        weeks: 1 to 60.
        minutes: Length of each date in real minutes.

    Raises:
        ZoneUnknown, TimeOutOfReach.
        ValueError: `weeks` is out of range.
    """
    if not 1 <= weeks <= MAX_WEEKS:
        raise ValueError(f"a series has 1 to {MAX_WEEKS} dates, not {weeks}")
    dates = []
    for week in range(weeks):
        local = local_start + timedelta(weeks=week)
        start = to_instant(local, zone)
        dates.append(Occurrence(local, start, end_of(start, minutes), clock_at(local, zone)))
    return dates


def rule_text(weeks: int) -> str:
    """The series as a recurrence rule (RFC 5545, 3.3.10)."""
    return f"FREQ=WEEKLY;COUNT={weeks}"
