"""Outcome: how a client's answers on outcome measures have moved since the treatment began."""

from uuid import UUID

from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.outcome import queries as outcome
from services.feedback.outcome.schemas import OutcomeSchema
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {ClientUnknown: 404}


@v1.get("/clients/<uuid:client_id>/outcome")
@operation("Read a client's outcome", permits=access.COURSE, gives=OutcomeSchema)
def get_outcome(call: Call, client_id: UUID) -> ApiResponse:
    """By the instruments' published constants, across therapists; 404 for a colleague's client."""
    return call.ok(outcome.outcome_of(call.tx, client_id, **call.context))
