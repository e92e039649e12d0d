"""Two people come together, begin, and come to an end."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.intake.allocation import events
from services.intake.allocation import store as allocation_store
from services.intake.allocation.domain import Allocation, begins_therapy
from services.intake.people.domain.clients import (
    AlreadyAllocated,
    Client,
    ClientState,
    Ending,
    check_ending_reason,
    step,
)
from services.intake.people.domain.moments import following
from services.intake.people.domain.refusals import refuse
from services.intake.people.domain.unknown import ClientUnknown, check_version
from services.intake.people.store import clients as client_store
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class SessionHeld:
    """What intake needs to know of an hour that took place."""

    client_id: UUID
    practitioner_id: UUID
    held_at: datetime  # when it was recorded as held


def add_practitioner(tx: Tx, practitioner_id: UUID, *, added_at: datetime) -> None:
    """From now on clients can be allocated to this practitioner; hearing it twice changes nothing."""
    allocation_store.add_practitioner(tx, practitioner_id, added_at=added_at)


def allocate(tx: Tx, client_id: UUID, practitioner_id: UUID, *, scope: Scope, now: datetime) -> Allocation:
    """
    Place a client with a practitioner; an earlier allocation ends with it.

    Raises:
        ClientUnknown, StepNotAllowed, AlreadyAllocated.
        FieldsRefused: nobody has told us of this practitioner.
    """
    client = _locked(tx, scope, client_id)
    state = step(client.state, ClientState.ALLOCATED)
    if not allocation_store.practitioner_is_known(tx, scope, practitioner_id):
        raise refuse("practitioner_id", "is not a practitioner of this clinic")
    if client.practitioner_id == practitioner_id:
        raise AlreadyAllocated("the client is allocated to this practitioner already")
    former = allocation_store.find_allocation(tx, scope, client_id)
    allocated_at = following(now, former.allocated_at if former else None)
    allocation = Allocation(uuid7(), client_id, practitioner_id, allocated_at)
    version = client_store.next_version(tx, client_id)
    allocation_store.end_allocation(tx, client_id, ended_at=allocated_at)
    allocation_store.add_allocation(tx, allocation)
    client_store.set_state(tx, client_id, state, since=now)
    publish(tx, events.client_allocated(allocation, version=version))
    audit.record(tx, scope, "client.allocate", about=[client_id], fields=["allocation"], now=now)
    return allocation


def begin_therapy(tx: Tx, held: SessionHeld, *, scope: Scope, now: datetime) -> None:
    """
    Note the beginning of therapy at the first hour held with the practitioner of the allocation.

    Any other hour changes nothing: an assessment before the allocation, a later session,
    one of a client that this clinic's intake does not know.
    """
    client = client_store.lock_client(tx, scope, held.client_id)
    if client is None or client.state is not ClientState.ALLOCATED:
        return
    allocation = allocation_store.find_allocation(tx, scope, held.client_id)
    if not begins_therapy(allocation, practitioner_id=held.practitioner_id, held_at=held.held_at):
        return
    client_store.set_state(tx, held.client_id, step(client.state, ClientState.IN_THERAPY), since=held.held_at)
    audit.record(tx, scope, "client.begin_therapy", about=[held.client_id], fields=["state"], now=now)


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
    client = _locked(tx, scope, client_id)
    check_version(client.version, expected_version)
    ending = Ending(check_ending_reason(client.state, reason_code), now)
    allocation = allocation_store.find_allocation(tx, scope, client_id)
    version = client_store.next_version(tx, client_id)
    allocation_store.end_allocation(tx, client_id, ended_at=now)
    client_store.set_state(tx, client_id, ClientState.ENDED, since=now)
    client_store.add_ending(tx, client_id, ending)
    if allocation is None:
        publish(tx, events.waiting_ended(client_id, ending, version=version))
    else:
        publish(tx, events.therapy_ended(allocation, ending, version=version))
    audit.record(tx, scope, "client.end", about=[client_id], fields=["state", "reason_code"], now=now)
    return replace(client, version=version, state=ClientState.ENDED, since=now, practitioner_id=None)


def _locked(tx: Tx, scope: Scope, client_id: UUID) -> Client:
    client = client_store.lock_client(tx, scope, client_id)
    if client is None:
        raise ClientUnknown("there is no such client")
    return client
