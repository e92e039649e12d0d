"""What is asked for when an hour is booked, and how far back or ahead an hour may lie."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.scheduling.resources.domain.refusals import TimeOutOfReach

AFTERWARDS = timedelta(days=14)  # an hour that took place unplanned can still be entered
AHEAD = timedelta(days=548)  # eighteen months; further promises are slips of the pen
MINUTES_MIN, MINUTES_MAX = 5, 480


class Modality(StrEnum):
    """How client and practitioner meet."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Wish:
    """
    An hour as somebody asks for it.

    `local_start` is wall time in `zone`; without a zone, in the practitioner's. `minutes`
    are real minutes.
    """

    client_id: UUID
    practitioner_id: UUID
    type_code: str
    modality: Modality
    local_start: datetime
    minutes: int
    zone: str | None = None
    room_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SeriesWish:
    """A weekly series as somebody asks for it: the first date, how many, and whether taken dates are left out."""

    first: Wish
    weeks: int
    skip_conflicts: bool = False


def check_reach(starts_at: datetime, now: datetime) -> None:
    """Raise TimeOutOfReach when an hour lies more than 14 days back or 18 months ahead."""
    if starts_at < now - AFTERWARDS:
        raise TimeOutOfReach("local_start", f"An hour can be entered up to {AFTERWARDS.days} days afterwards.")
    if starts_at > now + AHEAD:
        raise TimeOutOfReach("local_start", "An hour can be booked up to 18 months ahead.")
