"""What is asked for when an appointment is booked, and how far back or ahead it may lie."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.scheduling.resources.domain.zones import TimeOutOfReach

AFTERWARDS = timedelta(days=14)  # a session that took place unplanned can still be entered
AHEAD = timedelta(days=548)  # eighteen months; further promises are slips of the pen
MINUTES_MIN, MINUTES_MAX = 5, 480


class Modality(StrEnum):
    """How client and practitioner meet."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """
    An appointment as somebody asks for it.

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
class MoveRequest:
    """
    Where an appointment is to be instead.

    `local_start` is wall time in the appointment's own zone; `minutes` None keeps the length;
    `room_id` None gives the room up, and is not looked at with `keep_room`.
    """

    local_start: datetime
    minutes: int | None = None
    room_id: UUID | None = None
    keep_room: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Appointments that begin in [from, before), of everybody or of one practitioner or client."""

    begins_from: datetime | None = None
    begins_before: datetime | None = None
    practitioner_id: UUID | None = None
    client_id: UUID | None = None


def check_reach(starts_at: datetime, now: datetime) -> None:
    """Raise TimeOutOfReach when an appointment lies more than 14 days back or 18 months ahead."""
    if starts_at < now - AFTERWARDS:
        raise TimeOutOfReach("local_start", f"An hour can be entered up to {AFTERWARDS.days} days afterwards.")
    if starts_at > now + AHEAD:
        raise TimeOutOfReach("local_start", "An hour can be booked up to 18 months ahead.")
