"""Who keeps a diary, which rooms there are, and what intake tells about clients."""

from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import events
from services.scheduling.appointments.store import occupancy
from services.scheduling.care.domain import Practitioner
from services.scheduling.resources import store as people
from services.scheduling.resources.domain.zones import find_zone
from services.scheduling.series.commands import end_planned_series
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope


def keep_diary(tx: Tx, practitioner_id: UUID, zone: str, *, now: datetime) -> Practitioner:
    """
    Let somebody keep a diary, or set the zone of the hours they promise from now on.

    Appointments keep the zone in which they were agreed. The others are told once.

    Raises:
        ZoneUnknown.
    """
    find_zone(zone)
    if people.keep_practitioner(tx, practitioner_id, zone, now=now):
        publish(tx, events.practitioner_added(practitioner_id, now=now))
    return Practitioner(practitioner_id, zone)


def add_room(tx: Tx, label: str, *, now: datetime) -> people.Room:
    """Add a therapy room; raises LabelTaken."""
    room = people.Room(uuid7(), label)
    people.add_room(tx, room, now=now)
    return room


def know_client(tx: Tx, client_id: UUID, spoken_code: str, *, now: datetime) -> None:
    """Take note of a client whom intake registered."""
    people.keep_client(tx, client_id, spoken_code=spoken_code, now=now)


def allocate(
    tx: Tx, allocation_id: UUID, *, client_id: UUID, practitioner_id: UUID, allocated_at: datetime, now: datetime
) -> None:
    """Take note that client and practitioner work together; their hours can be booked from now on."""
    people.keep_client(tx, client_id, spoken_code=None, now=now)
    people.keep_allocation(
        tx, allocation_id, client_id=client_id, practitioner_id=practitioner_id, allocated_at=allocated_at
    )


def end_therapy(
    tx: Tx,
    allocation_id: UUID,
    *,
    client_id: UUID,
    practitioner_id: UUID,
    ended_at: datetime,
    scope: Scope,
    now: datetime,
) -> None:
    """
    Take note that client and practitioner no longer work together.

    Their weekly hours ahead are called off, so that others can have them. A single
    appointment stays until a person decides: it may be the farewell.
    """
    people.keep_client(tx, client_id, spoken_code=None, now=now)
    # Whoever books for this client decides under the same lock, so either they are first or they hear of the end.
    occupancy.lock(tx, occupancy.resource_numbers(tx, scope, [("client", client_id)]).values())
    people.keep_allocation(tx, allocation_id, client_id=client_id, practitioner_id=practitioner_id, ended_at=ended_at)
    end_planned_series(tx, client_id=client_id, practitioner_id=practitioner_id, scope=scope, now=now)
