"""Consents over HTTP."""

from uuid import UUID

from services.intake.consents import commands, schemas
from services.intake.consents.domain import CareIsOver
from services.intake.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {CareIsOver: 409}


@v1.post("/clients/<uuid:client_id>/consents")
@operation(
    "Record a consent, or its withdrawal",
    permits=access.CONSENTS,
    takes=schemas.ConsentAnswerSchema,
    gives=schemas.ConsentSchema,
    creates=True,
)
def post_consent(call: Call, client_id: UUID) -> ApiResponse:
    """A withdrawal is taken at any time."""
    consent = commands.record_consent(call.tx, client_id, call.body, **call.context)
    return call.created(consent, at=f"/v1/clients/{client_id}")
