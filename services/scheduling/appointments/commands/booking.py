"""Booking one hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import events
from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import Wish, check_reach
from services.scheduling.appointments.domain.status import Status
from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.care.domain import check_pair
from services.scheduling.care.store.visibility import keeps_diary
from services.scheduling.resources import store as people
from services.scheduling.resources.domain.refusals import NotYourDiary, RoomUnknown, SlotTaken
from services.scheduling.resources.domain.zones import end_of, to_instant
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class Cleared:
    """A wish that may be granted if nothing stands in the way: its zone, and the resources it needs, locked."""

    zone: str
    numbers: Sequence[int]


def book(tx: Tx, wish: Wish, *, scope: Scope, now: datetime) -> Appointment:
    """
    Book one hour and tell the others.

    Raises:
        NotYourDiary, ClientUnknown, PractitionerUnknown, RoomUnknown, ClientNotAllocated,
        ZoneUnknown, TimeOutOfReach, SlotTaken.
    """
    cleared = clear_wish(tx, wish, scope=scope)
    starts_at = to_instant(wish.local_start, cleared.zone)
    check_reach(starts_at, now)
    booked = appointment_of(wish, zone=cleared.zone, starts_at=starts_at, local_start=wish.local_start, now=now)
    in_the_way = occupancy.clashes(tx, scope, cleared.numbers, [(booked.starts_at, booked.ends_at)])
    if in_the_way:
        raise SlotTaken(in_the_way[0])
    appointments.add(tx, [booked])
    occupancy.occupy(tx, [booked], cleared.numbers)
    publish(tx, events.appointment_booked(booked, now=now))
    audit.record(tx, scope, "appointment.book", about=[booked.client_id], now=now)
    found = appointments.find(tx, scope, booked.id)
    assert found is not None
    return found


def clear_wish(tx: Tx, wish: Wish, *, scope: Scope) -> Cleared:
    """
    Check who is to meet and lock whom and what that takes.

    The pair is checked under the lock: an ending therapy waits for it, or is seen by it.
    """
    if not keeps_diary(scope, wish.practitioner_id):
        raise NotYourDiary("A therapist books in their own diary only. Ask the front desk.")
    numbers = needed_resources(
        tx, scope, client_id=wish.client_id, practitioner_id=wish.practitioner_id, room_id=wish.room_id
    )
    occupancy.lock(tx, numbers.values())
    practitioner = check_pair(people.pair(tx, scope, client_id=wish.client_id, practitioner_id=wish.practitioner_id))
    if wish.room_id is not None and ("room", wish.room_id) not in numbers:
        raise RoomUnknown("room_id", "There is no such room. Choose one of the list, or none.")
    return Cleared(wish.zone or practitioner.zone, list(numbers.values()))


def needed_resources(
    tx: Tx, scope: Scope, *, client_id: UUID, practitioner_id: UUID, room_id: UUID | None
) -> dict[tuple[str, UUID], int]:
    """The numbers of whom and what an hour keeps busy; unknown ones are missing."""
    wanted = [("client", client_id), ("practitioner", practitioner_id)]
    if room_id is not None:
        wanted.append(("room", room_id))
    return occupancy.resource_numbers(tx, scope, wanted)


def appointment_of(
    wish: Wish,
    *,
    zone: str,
    starts_at: datetime,
    local_start: datetime,
    now: datetime,
    series_id: UUID | None = None,
) -> Appointment:
    """A new appointment that grants a wish, or one date of a series of it."""
    return Appointment(
        id=uuid7(),
        version=1,
        status=Status.BOOKED,
        client_id=wish.client_id,
        practitioner_id=wish.practitioner_id,
        room_id=wish.room_id,
        type_code=wish.type_code,
        modality=wish.modality,
        starts_at=starts_at,
        ends_at=end_of(starts_at, wish.minutes),
        local_start=local_start,
        zone=zone,
        booked_at=now,
        status_changed_at=now,
        series_id=series_id,
        recurrence_id=local_start if series_id else None,
    )
