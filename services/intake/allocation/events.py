"""What intake publishes about allocations and endings. The files in shared/contracts are the truth."""

from dataclasses import asdict
from uuid import UUID

from marshmallow import fields, validate

from services.intake.allocation.domain import Allocation, Ending
from services.intake.people.events import ClientData, client_event
from shared.envelope import Event


class ClientAllocatedData(ClientData):
    allocation_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    allocated_at = fields.AwareDateTime(required=True)


class WaitingEndedData(ClientData):
    reason_code = fields.String(required=True, validate=validate.Length(max=16))
    ended_at = fields.AwareDateTime(required=True)


class TherapyEndedData(WaitingEndedData):
    practitioner_id = fields.UUID(required=True)
    allocation_id = fields.UUID(required=True)


def client_allocated(allocation: Allocation, *, version: int) -> Event:
    """A client was placed with a practitioner, in place of any earlier one."""
    return client_event(
        "client.allocated.v1",
        ClientAllocatedData,
        allocation.client_id,
        version,
        allocation.allocated_at,
        allocation_id=allocation.allocation_id,
        practitioner_id=allocation.practitioner_id,
        allocated_at=allocation.allocated_at,
    )


def waiting_ended(client_id: UUID, ending: Ending, *, version: int) -> Event:
    """A client left the waiting list without having been allocated."""
    return client_event("waiting.ended.v1", WaitingEndedData, client_id, version, ending.ended_at, **asdict(ending))


def therapy_ended(allocation: Allocation, ending: Ending, *, version: int) -> Event:
    """A client and their practitioner came to the end of their time together."""
    return client_event(
        "therapy.ended.v1",
        TherapyEndedData,
        allocation.client_id,
        version,
        ending.ended_at,
        practitioner_id=allocation.practitioner_id,
        allocation_id=allocation.allocation_id,
        **asdict(ending),
    )
