"""Deputies over HTTP."""

from uuid import UUID

from services.intake.deputies import commands, schemas, store
from services.intake.deputies.domain import DeputisingOver, DeputisingUnknown
from services.intake.routes import v1
from shared.contracts import access
from shared.fields import NothingSchema
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {DeputisingUnknown: 404, DeputisingOver: 409}


@v1.get("/deputies")
@operation("List who stands in for whom", permits=access.DEPUTIES, gives=schemas.DeputySchema, lists=True)
def get_deputies(call: Call) -> ApiResponse:
    """Now and later; a therapist sees what they are part of. It says nothing of clients, so it is not audited."""
    return call.items(store.deputisings(call.tx, call.scope, not_over_at=call.now))


@v1.post("/deputies")
@operation(
    "Name a deputy",
    permits=access.DEPUTISING,
    takes=schemas.NewDeputySchema,
    gives=schemas.DeputySchema,
    creates=True,
)
def post_deputy(call: Call) -> ApiResponse:
    """Days of the clinic, both included; the deputy sees that therapist's clients on these days, and no longer."""
    wanted = call.body
    made = commands.name_deputy(
        call.tx,
        wanted["practitioner_id"],
        wanted["deputy_id"],
        wanted["first_day"],
        wanted["last_day"],
        scope=call.scope,
        now=call.now,
    )
    return call.created(made, at=f"/v1/deputies/{made.deputising_id}")


@v1.post("/deputies/<uuid:deputising_id>/ending")
@operation(
    "End a deputy's days",
    permits=access.DEPUTISING,
    takes=NothingSchema,
    gives=schemas.DeputySchema,
    creates=True,
)
def post_deputy_ending(call: Call, deputising_id: UUID) -> ApiResponse:
    """At once; each of the two may, and a clinical lead."""
    ended = commands.end_deputy(call.tx, deputising_id, scope=call.scope, now=call.now)
    return call.created(ended, at=f"/v1/deputies/{deputising_id}")
