"""Weekly series: the same time by the clock on the wall, week after week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import BookingRequest
from services.scheduling.appointments.domain.occupancy import Clash
from services.scheduling.resources.domain.refusals import Refusal
from services.scheduling.resources.domain.zones import end_of, to_instant

MAX_WEEKS = 60


class SeriesUnknown(Refusal):
    """There is no such series, or it is not the asker's to see."""


@dataclass(frozen=True, slots=True)
class BlockedDate:
    """A date of a series that cannot be had, in local time, and why."""

    local_start: datetime
    clashes: tuple[Clash, ...]


class SeriesBlocked(Refusal):
    """Some dates of a series cannot be had, so none was booked."""

    def __init__(self, blocked: Sequence[BlockedDate], *, weeks: int) -> None:
        self.blocked = tuple(blocked)
        skip = "" if len(blocked) >= weeks else ", or book the others with skip_conflicts"
        super().__init__(
            f"{len(blocked)} of {weeks} dates are taken, nothing was booked. Choose another time{skip}.",
            [
                (f"dates.{date.local_start:%Y-%m-%dT%H:%M}", clash.sentence())
                for date in blocked
                for clash in date.clashes
            ],
        )


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """A weekly series as somebody asks for it: the first date, how many, and whether taken dates are left out."""

    first: BookingRequest
    weeks: int
    skip_conflicts: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A weekly series: its rule (RFC 5545), its dates, and the local dates that were left out."""

    id: UUID
    rule: str
    appointments: list[Appointment]
    skipped: list[datetime]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series; `local_start` names it for ever, also after it was moved."""

    local_start: datetime
    starts_at: datetime
    ends_at: datetime


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
        dates.append(Occurrence(local, start, end_of(start, minutes)))
    return dates


def rule_text(weeks: int) -> str:
    """The series as a recurrence rule (RFC 5545, 3.3.10)."""
    return f"FREQ=WEEKLY;COUNT={weeks}"
