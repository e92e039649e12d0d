"""Somebody stands in for a therapist on some days: on holiday, in illness."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from services.intake.people.domain.moments import local_day
from services.intake.people.domain.refusals import FieldError, FieldsRefused, refuse

LONGEST_DAYS = 183  # ours: whoever is away for longer hands their clients over


@dataclass(frozen=True, slots=True)
class Deputising:
    """
    A colleague does a therapist's work besides their own.

    `begins_at` and `ends_at` are moments: `ends_at` is the midnight after the last day, or when
    it was ended before.
    """

    deputising_id: UUID
    version: int
    practitioner_id: UUID
    deputy_id: UUID
    begins_at: datetime
    ends_at: datetime
    named_at: datetime


class DeputisingUnknown(Exception):
    """There is no such arrangement, or not for the one who asks."""


class DeputisingOver(Exception):
    """It has ended already."""


def days_as_moments(
    practitioner_id: UUID, deputy_id: UUID, first: date, last: date, *, now: datetime, zone: tzinfo
) -> tuple[datetime, datetime]:
    """
    When standing in begins and ends, by the clinic's days, both of them included.

    Raises:
        FieldsRefused: naming every field that cannot be right.

    >>> from datetime import UTC
    >>> from uuid import UUID
    >>> noon, ana, ben = datetime(2026, 11, 23, 12, tzinfo=UTC), UUID(int=1), UUID(int=2)
    >>> begins, ends = days_as_moments(ana, ben, date(2026, 11, 24), date(2026, 11, 24), now=noon, zone=UTC)
    >>> ends - begins
    datetime.timedelta(days=1)
    """
    errors = []
    if deputy_id == practitioner_id:
        errors.append(FieldError("deputy_id", "is the therapist themselves"))
    if last < first:
        errors.append(FieldError("last_day", "lies before the first day"))
    elif last < local_day(now, zone):
        errors.append(FieldError("last_day", "lies in the past"))
    elif (last - first).days >= LONGEST_DAYS:
        errors.append(
            FieldError("last_day", f"is more than {LONGEST_DAYS} days after the first: hand the clients over")
        )
    if errors:
        raise FieldsRefused(errors)
    # Named today it counts from now on: nobody was standing in this morning.
    return max(now, _midnight(first, zone)), _midnight(last + timedelta(days=1), zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def check_may_name(practitioner_id: UUID, *, actor: UUID | None, leads: bool) -> None:
    """A therapist for themselves, a clinical lead for all; raises FieldsRefused."""
    if not leads and actor != practitioner_id:
        raise refuse("practitioner_id", "is not you; for colleagues the clinical lead names a deputy")


def end(deputising: Deputising, now: datetime) -> datetime:
    """The moment at which it ends when somebody ends it now; raises DeputisingOver."""
    if deputising.ends_at <= now:
        raise DeputisingOver("This has ended already.")
    return max(now, deputising.begins_at)
