"""Scheduling's commands as the demo clinic's front desk uses them."""

from datetime import datetime
from uuid import UUID

from embedded.demo.calendar import MINUTES
from services.scheduling.appointments.commands import booking, changes
from services.scheduling.appointments.domain.appointment import Marking
from services.scheduling.appointments.domain.booking import BookingRequest, Modality
from services.scheduling.appointments.domain.status import Status
from services.scheduling.resources import commands as resources
from shared.database import Tx
from shared.scope import Scope


def _desk(by: UUID) -> Scope:
    return Scope(by, frozenset({"front_desk", "manager"}), "booking", "demo")


def keep_diary(tx: Tx, practitioner_id: UUID, zone: str, *, now: datetime) -> None:
    """A practitioner can be booked from now on."""
    resources.keep_diary(tx, practitioner_id, zone, now=now)


def add_room(tx: Tx, label: str, *, now: datetime) -> UUID:
    """A room for sessions."""
    return resources.add_room(tx, label, now=now).id


def book(
    tx: Tx,
    *,
    client_id: UUID,
    practitioner_id: UUID,
    room_id: UUID | None,
    local_start: datetime,
    first: bool,
    by: UUID,
    now: datetime,
) -> UUID:
    """An hour is booked: in a room, or by video where there is none."""
    request = BookingRequest(
        client_id=client_id,
        practitioner_id=practitioner_id,
        type_code="assessment" if first else "individual",
        modality=Modality.IN_PERSON if room_id else Modality.VIDEO,
        local_start=local_start,
        minutes=MINUTES,
        room_id=room_id,
    )
    return booking.book(tx, request, scope=_desk(by), now=now).id


def mark(tx: Tx, appointment_id: UUID, *, came: bool, by: UUID, now: datetime) -> None:
    """The hour took place, or the client did not come."""
    marking = Marking(Status.COMPLETED if came else Status.NO_SHOW)
    changes.mark_appointment(tx, appointment_id, marking, expected_version=1, scope=_desk(by), now=now)
