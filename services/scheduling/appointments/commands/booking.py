"""Booking one appointment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import events
from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import BookingRequest, check_reach
from services.scheduling.appointments.domain.occupancy import SlotTaken
from services.scheduling.appointments.domain.status import Status
from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.care.domain import NotYourDiary, check_pair
from services.scheduling.care.store.clients import find_pair
from services.scheduling.care.store.visibility import keeps_diary
from services.scheduling.resources.domain.resources import Resource, RoomUnknown
from services.scheduling.resources.domain.zones import end_of, to_instant
from services.scheduling.resources.store import lock_resources
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class Bookable:
    """A request that is granted if the time is free: its zone, the client's code, and what it needs, locked."""

    request: BookingRequest
    zone: str
    spoken_code: str | None
    numbers: Sequence[int]


def book(tx: Tx, request: BookingRequest, *, scope: Scope, now: datetime) -> Appointment:
    """
    Book one appointment and tell the others.

    Raises:
        NotYourDiary, ClientUnknown, PractitionerUnknown, RoomUnknown, ClientNotAllocated,
        ZoneUnknown, TimeOutOfReach, SlotTaken.
    """
    bookable = check_request(tx, request, scope=scope)
    starts_at = to_instant(request.local_start, bookable.zone)
    check_reach(starts_at, now)
    booked = appointment_of(bookable, local_start=request.local_start, starts_at=starts_at, now=now)
    if not appointments.add(tx, [booked], bookable.numbers):
        raise SlotTaken(occupancy.clashes(tx, scope, bookable.numbers, [(booked.starts_at, booked.ends_at)])[0])
    publish(tx, events.appointment_booked(booked, now=now))
    audit.record(tx, scope, "appointment.book", about=[booked.client_id], now=now)
    return booked


def check_request(tx: Tx, request: BookingRequest, *, scope: Scope) -> Bookable:
    """
    Check who is to meet and lock whom and what that takes.

    The pair is read under the lock: an ending therapy waits for it, or is seen by it.
    """
    if not keeps_diary(scope, request.practitioner_id):
        raise NotYourDiary("A therapist books in their own diary only. Ask the front desk.")
    needed = [Resource("client", request.client_id), Resource("practitioner", request.practitioner_id)]
    room = [] if request.room_id is None else [Resource("room", request.room_id)]
    numbers = lock_resources(tx, scope, [*needed, *room])
    pair = find_pair(tx, scope, client_id=request.client_id, practitioner_id=request.practitioner_id)
    practitioner = check_pair(pair)
    if not numbers.keys() >= set(room):
        raise RoomUnknown("room_id", "There is no such room. Choose one of the list, or none.")
    return Bookable(request, request.zone or practitioner.zone, pair.spoken_code, list(numbers.values()))


def appointment_of(
    bookable: Bookable, *, local_start: datetime, starts_at: datetime, now: datetime, series_id: UUID | None = None
) -> Appointment:
    """A new appointment that grants a request, or one date of a series of it."""
    request = bookable.request
    return Appointment(
        id=uuid7(),
        version=1,
        status=Status.BOOKED,
        client_id=request.client_id,
        practitioner_id=request.practitioner_id,
        room_id=request.room_id,
        type_code=request.type_code,
        modality=request.modality,
        starts_at=starts_at,
        ends_at=end_of(starts_at, request.minutes),
        local_start=local_start,
        zone=bookable.zone,
        booked_at=now,
        status_changed_at=now,
        series_id=series_id,
        recurrence_id=local_start if series_id else None,
        spoken_code=bookable.spoken_code,
    )
