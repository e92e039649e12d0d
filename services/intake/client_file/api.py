"""A client's file, and the code lists, over HTTP."""

from dataclasses import asdict
from uuid import UUID

from services.intake.client_file import queries, schemas
from services.intake.people.domain.clients import ClientUnknown
from services.intake.routes import STAFF, v1
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {}


@v1.get("/clients/<uuid:client_id>")
@operation("Read a client's file", permits=STAFF, gives=schemas.ClientFileSchema)
def get_client(call: Call, client_id: UUID) -> ApiResponse:
    """Identity, contact, the consents that hold, and with whom they are."""
    file = queries.read_client(call.tx, client_id, **call.context)
    if file is None:
        raise ClientUnknown("there is no such client")
    shown = asdict(file.client) | {
        "display_name": file.identity.display_name,
        "identity": file.identity,
        "consents": file.consents,
        "allocation": file.allocation,
        "ending": file.ending,
    }
    return call.ok(shown, version=file.client.version)


@v1.get("/code-sets")
@operation("Read the code lists", permits=STAFF, gives=schemas.CodeSetsSchema)
def get_code_sets(call: Call) -> ApiResponse:
    """Sources of referral, reasons for ending, purposes of consent, with their words."""
    return call.ok(queries.code_sets())
