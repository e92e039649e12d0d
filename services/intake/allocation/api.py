"""Allocations and endings over HTTP."""

from uuid import UUID

from services.intake.allocation import commands, schemas
from services.intake.allocation.domain import AlreadyAllocated
from services.intake.people.schemas import ClientSchema
from services.intake.referrals.schemas import ReasonSchema
from services.intake.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {AlreadyAllocated: 409}


@v1.post("/clients/<uuid:client_id>/allocations")
@operation(
    "Allocate a client to a practitioner",
    permits=access.ALLOCATION,
    takes=schemas.NewAllocationSchema,
    gives=schemas.AllocationSchema,
    creates=True,
)
def post_allocation(call: Call, client_id: UUID) -> ApiResponse:
    """For a client who is with somebody already, this is a change of therapist."""
    allocation = commands.allocate(call.tx, client_id, call.body["practitioner_id"], **call.context)
    return call.created(allocation, at=f"/v1/clients/{client_id}")


@v1.post("/clients/<uuid:client_id>/ending")
@operation(
    "End therapy, or the waiting for it",
    permits=access.ENDING,
    takes=ReasonSchema,
    gives=ClientSchema,
    needs_version=True,
)
def post_ending(call: Call, client_id: UUID) -> ApiResponse:
    """A therapist who ends it no longer sees the client afterwards."""
    return call.versioned(commands.end_care(call.tx, client_id, call.body["reason_code"], **call.edit))
