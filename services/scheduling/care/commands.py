"""What intake tells about clients, noted: that they exist, and with whom they work."""

from datetime import datetime
from uuid import UUID

from services.scheduling.care.store import clients
from services.scheduling.resources.domain.resources import Resource
from services.scheduling.resources.store import lock_resources
from shared.database import Tx
from shared.scope import Scope


def register_client(tx: Tx, *, client_id: UUID, spoken_code: str, now: datetime) -> None:
    """Take note of a client whom intake registered."""
    clients.save_client(tx, client_id, spoken_code=spoken_code, now=now)


def allocate(
    tx: Tx, *, allocation_id: UUID, client_id: UUID, practitioner_id: UUID, allocated_at: datetime, now: datetime
) -> None:
    """Take note that client and practitioner work together; their appointments can be booked from now on."""
    clients.save_client(tx, client_id, now=now)
    clients.save_allocation(
        tx, allocation_id, client_id=client_id, practitioner_id=practitioner_id, allocated_at=allocated_at
    )


def end_allocation(
    tx: Tx,
    *,
    allocation_id: UUID,
    client_id: UUID,
    practitioner_id: UUID,
    ended_at: datetime,
    scope: Scope,
    now: datetime,
) -> None:
    """Take note that client and practitioner no longer work together."""
    clients.save_client(tx, client_id, now=now)
    # Whoever books for this client decides under the same lock, so either they are first or they hear of the end.
    lock_resources(tx, scope, [Resource("client", client_id)])
    clients.save_allocation(tx, allocation_id, client_id=client_id, practitioner_id=practitioner_id, ended_at=ended_at)
