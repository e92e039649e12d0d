"""Practitioners and rooms over HTTP."""

from uuid import UUID

from services.scheduling.resources import commands, queries, schemas
from services.scheduling.resources.domain.resources import LabelTaken, PractitionerUnknown, RoomUnknown
from services.scheduling.resources.domain.zones import TimeOutOfReach, ZoneUnknown
from services.scheduling.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    LabelTaken: 409,
    PractitionerUnknown: 422,
    RoomUnknown: 422,
    TimeOutOfReach: 422,
    ZoneUnknown: 422,
}


@v1.put("/practitioners/<uuid:practitioner_id>")
@operation(
    "Let somebody keep a diary",
    permits=access.HOUSE_KEEPING,
    takes=schemas.PractitionerDiarySchema,
    gives=schemas.PractitionerSchema,
)
def put_practitioner(call: Call, practitioner_id: UUID) -> ApiResponse:
    """The id is the staff id. Repeating it does no harm; another zone holds for hours promised from now on."""
    return call.ok(commands.keep_diary(call.tx, practitioner_id, call.body["zone"], now=call.now))


@v1.get("/practitioners")
@operation("List practitioners", permits=access.HOUSE_LISTS, gives=schemas.PractitionerSchema, lists=True)
def get_practitioners(call: Call) -> ApiResponse:
    """Everybody who keeps a diary, by id; their names are elsewhere."""
    return call.items(queries.practitioners(call.tx, scope=call.scope))


@v1.post("/rooms")
@operation(
    "Add a room", permits=access.HOUSE_KEEPING, takes=schemas.NewRoomSchema, gives=schemas.RoomSchema, creates=True
)
def post_room(call: Call) -> ApiResponse:
    """The label is what stands on the door."""
    return call.created(commands.add_room(call.tx, call.body["label"], now=call.now), at="/v1/rooms")


@v1.get("/rooms")
@operation("List rooms", permits=access.HOUSE_LISTS, gives=schemas.RoomSchema, lists=True)
def get_rooms(call: Call) -> ApiResponse:
    """All therapy rooms, by label."""
    return call.items(queries.rooms(call.tx, scope=call.scope))
