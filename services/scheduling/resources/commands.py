"""Who keeps a diary, and which rooms there are."""

from datetime import datetime
from uuid import UUID

from services.scheduling.resources import events, store
from services.scheduling.resources.domain.resources import Practitioner, Room
from services.scheduling.resources.domain.zones import find_zone
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish


def keep_diary(tx: Tx, practitioner_id: UUID, zone: str, *, now: datetime) -> Practitioner:
    """
    Let somebody keep a diary, or set the zone of the appointments they promise from now on.

    Appointments keep the zone in which they were agreed. The others are told once.

    Raises:
        ZoneUnknown.
    """
    find_zone(zone)
    practitioner = Practitioner(practitioner_id, zone)
    if store.save_practitioner(tx, practitioner, now=now):
        publish(tx, events.practitioner_added(practitioner_id, now=now))
    return practitioner


def add_room(tx: Tx, label: str, *, now: datetime) -> Room:
    """Add a therapy room; raises LabelTaken."""
    room = Room(uuid7(), label)
    store.add_room(tx, room, now=now)
    return room
