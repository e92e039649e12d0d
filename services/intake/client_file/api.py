"""A client's file, and the code lists, over HTTP."""

from dataclasses import asdict
from uuid import UUID

from services.intake.client_file import queries, schemas
from services.intake.people.domain.clients import ClientUnknown
from services.intake.people.store.clients import find_client
from services.intake.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation
from shared.web.trail import add_trail

ERRORS: dict[type[Exception], int] = {}

add_trail(
    v1,
    of_one=access.TRAIL,
    of_staff=access.TRAIL_OF_STAFF,
    is_open=lambda tx, scope, client_id: find_client(tx, scope, client_id) is not None,
)


@v1.get("/clients/<uuid:client_id>")
@operation("Read a client's file", permits=access.PEOPLE, gives=schemas.ClientFileSchema)
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
@operation("Read the code lists", permits=access.CODE_LISTS, gives=schemas.CodeSetsSchema)
def get_code_sets(call: Call) -> ApiResponse:
    """Sources of referral, reasons for ending, purposes of consent, with their words."""
    return call.ok(queries.code_sets())
