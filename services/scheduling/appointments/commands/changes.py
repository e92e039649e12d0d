"""What becomes of an appointment: marked, taken back, moved; each under the locks of what it keeps busy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import events
from services.scheduling.appointments.domain import appointment as rules
from services.scheduling.appointments.domain.appointment import (
    Appointment,
    AppointmentUnknown,
    ChangedMeanwhile,
    Marking,
)
from services.scheduling.appointments.domain.booking import MoveRequest
from services.scheduling.appointments.domain.occupancy import SlotTaken
from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.resources.domain.resources import Resource, RoomUnknown
from services.scheduling.resources.store import lock_resources
from shared.database import Tx
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def mark_appointment(
    tx: Tx, appointment_id: UUID, marking: Marking, *, expected_version: int, scope: Scope, now: datetime
) -> Appointment:
    """
    Record that the client came, that the session was held or missed, or that one side called it off.

    Raises:
        AppointmentUnknown, ChangedMeanwhile, ChangeNotAllowed, TooEarly, WaiverNeedsReason, DetailDoesNotFit.
    """
    appointment, _ = lock_appointment(tx, appointment_id, expected_version=expected_version, scope=scope)
    return save_marked(tx, rules.mark(appointment, marking, now=now), scope=scope, now=now)


def save_marked(tx: Tx, marked: Appointment, *, scope: Scope, now: datetime) -> Appointment:
    """Keep a marked appointment, let its time go if it no longer blocks, and tell the others."""
    appointments.save(tx, marked)
    occupancy.set_blocking(tx, marked)
    publish(tx, events.appointment_marked(marked, now=now))
    audit.record(tx, scope, "appointment.mark", about=[marked.client_id], fields=["status"], now=now)
    return marked


def undo_marking(tx: Tx, appointment_id: UUID, *, expected_version: int, scope: Scope, now: datetime) -> Appointment:
    """
    Take the last change of status back, in the open: the others heard of it, so they hear of this.

    Raises:
        AppointmentUnknown, ChangedMeanwhile, NothingToUndo.
        SlotTaken: the appointment was called off, and somebody else has its time by now.
    """
    appointment, numbers = lock_appointment(tx, appointment_id, expected_version=expected_version, scope=scope)
    reopened = rules.undo(appointment, now=now)
    if reopened.blocks and not appointment.blocks:
        _require_free(tx, reopened, list(numbers.values()), scope=scope)
    appointments.save(tx, reopened)
    occupancy.set_blocking(tx, reopened)
    publish(tx, events.appointment_reopened(reopened, previous_status=appointment.status, now=now))
    audit.record(tx, scope, "appointment.undo", about=[reopened.client_id], fields=["status"], now=now)
    return reopened


def move_appointment(
    tx: Tx, appointment_id: UUID, to: MoveRequest, *, expected_version: int, scope: Scope, now: datetime
) -> Appointment:
    """
    Put an appointment at another time, in another room, or both; it stays with the same two people.

    Raises:
        AppointmentUnknown, ChangedMeanwhile, RoomUnknown, ChangeNotAllowed,
        MoveChangesNothing, TimeOutOfReach, SlotTaken.
    """
    appointment, locked = lock_appointment(
        tx,
        appointment_id,
        expected_version=expected_version,
        room_id=None if to.keep_room else to.room_id,
        scope=scope,
    )
    moved = rules.move(appointment, to, now=now)
    if not locked.keys() >= set(moved.needs):
        raise RoomUnknown("room_id", "There is no such room. Choose one of the list, or none.")
    numbers = [locked[resource] for resource in moved.needs]
    _require_free(tx, moved, numbers, scope=scope)
    appointments.save(tx, moved)
    occupancy.move(tx, moved, numbers)
    publish(tx, events.appointment_moved(moved, previous_starts_at=appointment.starts_at, now=now))
    audit.record(tx, scope, "appointment.move", about=[moved.client_id], fields=["starts_at", "room_id"], now=now)
    return moved


def lock_appointment(
    tx: Tx, appointment_id: UUID, *, expected_version: int, room_id: UUID | None = None, scope: Scope
) -> tuple[Appointment, Mapping[Resource, int]]:
    """
    Lock one appointment for a change and read it as it is now, with the numbers of what was locked.

    `expected_version` is what the asker saw; `room_id` a room it is to have afterwards,
    which is locked as well.

    Raises:
        AppointmentUnknown, ChangedMeanwhile.
    """
    seen = appointments.find(tx, scope, appointment_id)
    if seen is None:
        raise AppointmentUnknown("There is no such appointment.")
    room = [] if room_id is None else [Resource("room", room_id)]
    numbers = lock_resources(tx, scope, [*seen.needs, *room])
    [current] = appointments.lock(tx, scope, [appointment_id])
    if current.version != expected_version:
        raise ChangedMeanwhile("Somebody changed this appointment meanwhile. Look at it again, then decide.")
    return current, numbers


def lock_appointments(tx: Tx, seen: Sequence[Appointment], *, scope: Scope) -> list[Appointment]:
    """Lock several appointments for a change and read them as they are now."""
    lock_resources(tx, scope, [resource for appointment in seen for resource in appointment.needs])
    return appointments.lock(tx, scope, [appointment.id for appointment in seen])


def _require_free(tx: Tx, appointment: Appointment, numbers: list[int], *, scope: Scope) -> None:
    interval = (appointment.starts_at, appointment.ends_at)
    in_the_way = occupancy.clashes(tx, scope, numbers, [interval], leaving_out=appointment.id)
    if in_the_way:
        raise SlotTaken(in_the_way[0])
