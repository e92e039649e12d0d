"""Two people come together, begin, and come to an end."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.intake.allocation import events, store
from services.intake.allocation.domain import (
    Allocation,
    AlreadyAllocated,
    Ending,
    begins_therapy,
    check_ending_reason,
)
from services.intake.people.commands import lock_client
from services.intake.people.domain.clients import Client, ClientState, check_version, step
from services.intake.people.domain.moments import following
from services.intake.people.domain.refusals import refuse
from services.intake.people.store import clients
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def add_practitioner(tx: Tx, practitioner_id: UUID, *, added_at: datetime) -> None:
    """From now on clients can be allocated to this practitioner; hearing it twice changes nothing."""
    store.add_practitioner(tx, practitioner_id, added_at=added_at)


def allocate(tx: Tx, client_id: UUID, practitioner_id: UUID, *, scope: Scope, now: datetime) -> Allocation:
    """
    Place a client with a practitioner; an earlier allocation ends with it.

    Raises:
        ClientUnknown, StepNotAllowed, AlreadyAllocated.
        FieldsRefused: nobody has told us of this practitioner.
    """
    client = lock_client(tx, scope, client_id)
    state = step(client.state, ClientState.ALLOCATED)
    if not store.practitioner_is_known(tx, scope, practitioner_id):
        raise refuse("practitioner_id", "is not a practitioner of this clinic")
    if client.practitioner_id == practitioner_id:
        raise AlreadyAllocated("the client is allocated to this practitioner already")
    former = store.find_allocation(tx, scope, client_id)
    allocated_at = following(now, former.allocated_at if former else None)
    allocation = Allocation(uuid7(), client_id, practitioner_id, allocated_at)
    version = clients.next_version(tx, client_id)
    store.end_allocation(tx, client_id, ended_at=allocated_at)
    store.add_allocation(tx, allocation)
    clients.set_state(tx, client_id, state, since=now)
    publish(tx, events.client_allocated(allocation, version=version))
    audit.record(tx, scope, "client.allocate", about=[client_id], fields=["allocation"], now=now)
    return allocation


def begin_therapy(
    tx: Tx, *, client_id: UUID, practitioner_id: UUID, held_at: datetime, scope: Scope, now: datetime
) -> None:
    """
    Note the beginning of therapy at the first session held with the practitioner of the allocation.

    Any other session changes nothing: an assessment before the allocation, a later session,
    one of a client that this clinic's intake does not know. `held_at` is when it was
    recorded as held.
    """
    client = clients.lock_client(tx, scope, client_id)
    if client is None or client.state is not ClientState.ALLOCATED:
        return
    allocation = store.find_allocation(tx, scope, client_id)
    if not begins_therapy(allocation, practitioner_id=practitioner_id, held_at=held_at):
        return
    clients.set_state(tx, client_id, step(client.state, ClientState.IN_THERAPY), since=held_at)
    audit.record(tx, scope, "client.begin_therapy", about=[client_id], fields=["state"], now=now)


def end_care(
    tx: Tx,
    client_id: UUID,
    reason_code: str,
    *,
    expected_version: int | None = None,
    scope: Scope,
    now: datetime,
) -> Client:
    """
    End therapy, or the waiting for it. A therapist who ends it no longer sees the client afterwards.

    Raises:
        ClientUnknown, ChangedMeanwhile, StepNotAllowed.
        FieldsRefused: the reason is unknown, or does not fit where the client stands.
    """
    client = lock_client(tx, scope, client_id)
    check_version(client.version, expected_version)
    ending = Ending(check_ending_reason(client.state, reason_code), now)
    allocation = store.find_allocation(tx, scope, client_id)
    version = clients.next_version(tx, client_id)
    store.end_allocation(tx, client_id, ended_at=now)
    clients.set_state(tx, client_id, ClientState.ENDED, since=now)
    store.add_ending(tx, client_id, ending)
    if allocation is None:
        publish(tx, events.waiting_ended(client_id, ending, version=version))
    else:
        publish(tx, events.therapy_ended(allocation, ending, version=version))
    audit.record(tx, scope, "client.end", about=[client_id], fields=["state", "reason_code"], now=now)
    return replace(client, version=version, state=ClientState.ENDED, since=now, practitioner_id=None)
