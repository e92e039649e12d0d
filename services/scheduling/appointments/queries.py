"""What can be asked about appointments. Whoever reads about clients leaves a line in the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.scheduling.appointments.domain.appointment import Appointment, AppointmentUnknown
from services.scheduling.appointments.domain.booking import AHEAD, Window
from services.scheduling.appointments.domain.occupancy import find_overlaps
from services.scheduling.appointments.store import appointments, occupancy
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

FIELDS = ("status", "starts_at", "practitioner_id", "spoken_code")
CHECKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A client's next and last appointment, as far as the asker may see them."""

    client_id: UUID
    next: Appointment | None
    last: Appointment | None


def appointment(tx: Tx, appointment_id: UUID, *, scope: Scope, now: datetime) -> Appointment:
    """One appointment; raises AppointmentUnknown also when it is somebody else's to see."""
    found = appointments.find(tx, scope, appointment_id)
    if found is None:
        raise AppointmentUnknown("There is no such appointment.")
    audit.record(tx, scope, "appointment.read", about=[found.client_id], fields=FIELDS, now=now)
    return found


def appointments_in(
    tx: Tx, window: Window, *, after: tuple[datetime, UUID] | None = None, limit: int, scope: Scope, now: datetime
) -> list[Appointment]:
    """Appointments that begin in a window, all statuses, in order of time; `after` continues a page."""
    found = appointments.in_window(tx, scope, window, after=after, limit=limit)
    record_reading(tx, found, scope=scope, now=now)
    return found


def neighbours(tx: Tx, client_ids: Sequence[UUID], *, scope: Scope, now: datetime) -> list[Neighbours]:
    """Next and last appointment of each of these clients, in the order asked; nothing where there is nothing to see."""
    coming = appointments.next_of(tx, scope, client_ids, now=now)
    gone = appointments.last_of(tx, scope, client_ids, now=now)
    record_reading(tx, [*coming.values(), *gone.values()], scope=scope, now=now)
    return [Neighbours(client_id, coming.get(client_id), gone.get(client_id)) for client_id in client_ids]


def overlap_violations(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """
    How many pairs of appointments overlap on one resource: 0, or the house is on fire.

    Looks 30 days back and all the way ahead, by a sweep that shares nothing with the
    constraint that forbids overlaps.
    """
    taken = occupancy.taken_between(tx, scope, now - CHECKED_BACK, now + 2 * AHEAD)
    return len(find_overlaps(taken))


def record_reading(tx: Tx, found: Sequence[Appointment], *, scope: Scope, now: datetime) -> None:
    """Note in the audit trail about whom somebody has read."""
    about = sorted({appointment.client_id for appointment in found})
    if about:
        audit.record(tx, scope, "appointment.read", about=about, fields=FIELDS, now=now)
