"""Taking appointments in hand: lock what they keep busy, then their rows, then look again."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.resources.domain.refusals import AppointmentUnknown, ChangedMeanwhile
from shared.database import Tx
from shared.scope import Scope


def take_in_hand(
    tx: Tx, appointment_id: UUID, *, expected_version: int, room_id: UUID | None = None, scope: Scope
) -> Appointment:
    """
    Lock one appointment for a change and read it as it is now.

    `expected_version` is what the asker saw; `room_id` a room it is to have afterwards,
    which is locked as well.

    Raises:
        AppointmentUnknown, ChangedMeanwhile.
    """
    seen = appointments.find(tx, scope, appointment_id)
    if seen is None:
        raise AppointmentUnknown("There is no such appointment.")
    more = [("room", room_id)] if room_id is not None else []
    occupancy.lock(tx, occupancy.resource_numbers(tx, scope, [*kept_busy(seen), *more]).values())
    [current] = appointments.lock(tx, scope, [appointment_id])
    if current.version != expected_version:
        raise ChangedMeanwhile("Somebody changed this appointment meanwhile. Look at it again, then decide.")
    return current


def take_all_in_hand(tx: Tx, seen: Sequence[Appointment], *, scope: Scope) -> list[Appointment]:
    """Lock several appointments for a change and read them as they are now."""
    everything = [resource for appointment in seen for resource in kept_busy(appointment)]
    occupancy.lock(tx, occupancy.resource_numbers(tx, scope, everything).values())
    return appointments.lock(tx, scope, [appointment.id for appointment in seen])


def kept_busy(appointment: Appointment) -> Iterable[tuple[str, UUID]]:
    """Whom and what an appointment keeps busy, by kind and id."""
    yield "client", appointment.client_id
    yield "practitioner", appointment.practitioner_id
    if appointment.room_id is not None:
        yield "room", appointment.room_id
