"""People over HTTP: listed without their names, named by id, found by what somebody says."""

from services.intake.people import queries, schemas
from services.intake.people.domain.clients import ChangedMeanwhile, ClientUnknown, StepNotAllowed
from services.intake.people.domain.refusals import FieldsRefused
from services.intake.routes import cursor_of, place_of, v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    ClientUnknown: 404,
    ChangedMeanwhile: 412,
    StepNotAllowed: 409,
    FieldsRefused: 422,
}


@v1.get("/clients")
@operation(
    "List clients",
    permits=access.PEOPLE,
    gives=schemas.ClientSchema,
    query=schemas.ClientsQuerySchema,
    sorts=("since", "registered_at"),
)
def get_clients(call: Call) -> ApiResponse:
    """Without names; a therapist sees the clients allocated to them now."""
    page = queries.list_clients(
        call.tx,
        **call.query,
        sort=call.page.sort,
        descending=call.page.descending,
        after=place_of(call.page.after),
        limit=call.page.limit,
        **call.context,
    )
    return call.items(page.found, next_after=cursor_of(page.end))


@v1.post("/people/look-up")
@operation(
    "Look up names by id",
    permits=access.PEOPLE,
    takes=schemas.LookUpSchema,
    gives=schemas.NamedClientSchema,
    lists=True,
)
def post_look_up(call: Call) -> ApiResponse:
    """Who is unknown, or not open to the asker, is left out."""
    return call.items(queries.look_up_people(call.tx, call.body["ids"], **call.context))


@v1.post("/people/in-an-emergency")
@operation(
    "Find one client by their code, in an emergency",
    permits=access.OPENING_IN_AN_EMERGENCY,
    takes=schemas.EmergencySchema,
    gives=schemas.ClientSchema,
)
def post_emergency(call: Call) -> ApiResponse:
    """For the purpose of an emergency alone; no name comes with it."""
    client = queries.find_in_an_emergency(call.tx, call.body["spoken_code"], **call.context)
    if client is None:
        raise ClientUnknown("there is no such client")
    return call.ok(client)


@v1.post("/people/search")
@operation(
    "Find people by name, code, phone or e-mail",
    permits=access.PEOPLE,
    takes=schemas.SearchSchema,
    gives=schemas.NamedClientSchema,
    lists=True,
)
def post_search(call: Call) -> ApiResponse:
    """Whole words of a name, accents folded; 50 people at most."""
    return call.items(queries.search_people(call.tx, call.body["text"], **call.context))
