"""What becomes of an hour: marked, taken back, moved."""

from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import events
from services.scheduling.appointments.commands.booking import needed_resources
from services.scheduling.appointments.commands.locking import take_in_hand
from services.scheduling.appointments.domain import appointment as rules
from services.scheduling.appointments.domain.appointment import Appointment, Marking
from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.resources.domain.refusals import RoomUnknown, SlotTaken
from shared.database import Tx
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def mark_appointment(
    tx: Tx, appointment_id: UUID, marking: Marking, *, expected_version: int, scope: Scope, now: datetime
) -> Appointment:
    """
    Record that the client came, that the hour was held or missed, or that one side called it off.

    Raises:
        AppointmentUnknown, ChangedMeanwhile, ChangeNotAllowed, TooEarly, WaiverNeedsReason, DetailDoesNotFit.
    """
    appointment = take_in_hand(tx, appointment_id, expected_version=expected_version, scope=scope)
    return keep_marked(tx, rules.mark(appointment, marking, now=now), scope=scope, now=now)


def keep_marked(tx: Tx, marked: Appointment, *, scope: Scope, now: datetime) -> Appointment:
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
        SlotTaken: the hour was called off, and somebody else has it by now.
    """
    appointment = take_in_hand(tx, appointment_id, expected_version=expected_version, scope=scope)
    reopened = rules.undo(appointment, now=now)
    if reopened.blocks and not appointment.blocks:
        numbers = needed_resources(
            tx,
            scope,
            client_id=reopened.client_id,
            practitioner_id=reopened.practitioner_id,
            room_id=reopened.room_id,
        )
        _require_free(tx, reopened, list(numbers.values()), scope=scope)
    appointments.save(tx, reopened)
    occupancy.set_blocking(tx, reopened)
    publish(tx, events.appointment_reopened(reopened, previous_status=appointment.status, now=now))
    audit.record(tx, scope, "appointment.undo", about=[reopened.client_id], fields=["status"], now=now)
    return reopened


def move_appointment(
    tx: Tx,
    appointment_id: UUID,
    *,
    local_start: datetime,
    minutes: int | None,
    room_id: UUID | None,
    keep_room: bool,
    expected_version: int,
    scope: Scope,
    now: datetime,
) -> Appointment:
    """
    Put an appointment at another time, in another room, or both; it stays with the same two people.

    `local_start` is wall time in the appointment's own zone; `minutes` None keeps the
    length; `room_id` None gives the room up, and is not looked at with `keep_room`.

    Raises:
        AppointmentUnknown, ChangedMeanwhile, RoomUnknown, ChangeNotAllowed,
        MoveChangesNothing, TimeOutOfReach, SlotTaken.
    """
    appointment = take_in_hand(
        tx, appointment_id, expected_version=expected_version, room_id=None if keep_room else room_id, scope=scope
    )
    moved = rules.move(
        appointment,
        local_start=local_start,
        minutes=minutes or appointment.minutes,
        room_id=appointment.room_id if keep_room else room_id,
        now=now,
    )
    numbers = needed_resources(
        tx, scope, client_id=moved.client_id, practitioner_id=moved.practitioner_id, room_id=moved.room_id
    )
    if moved.room_id is not None and ("room", moved.room_id) not in numbers:
        raise RoomUnknown("room_id", "There is no such room. Choose one of the list, or none.")
    _require_free(tx, moved, list(numbers.values()), scope=scope)
    occupancy.release(tx, moved.id)
    appointments.save(tx, moved)
    occupancy.occupy(tx, [moved], list(numbers.values()))
    publish(tx, events.appointment_moved(moved, previous_starts_at=appointment.starts_at, now=now))
    audit.record(tx, scope, "appointment.move", about=[moved.client_id], fields=["starts_at", "room_id"], now=now)
    return moved


def _require_free(tx: Tx, appointment: Appointment, numbers: list[int], *, scope: Scope) -> None:
    interval = (appointment.starts_at, appointment.ends_at)
    in_the_way = occupancy.clashes(tx, scope, numbers, [interval], leaving_out=appointment.id)
    if in_the_way:
        raise SlotTaken(in_the_way[0])
