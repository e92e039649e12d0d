"""Supervision: who supervises whom, the weekly pack of one therapist's work, what was agreed on."""

from services.feedback.routes import v1
from services.feedback.supervision import commands as supervising
from services.feedback.supervision import queries as supervision
from services.feedback.supervision import schemas
from services.feedback.supervision.domain.packs import OwnSupervision, PackUnknown
from services.feedback.supervision.domain.weeks import Week, WeekMalformed, WeekNotBegun, read_week
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation
from shared.web.problems import Refused

ERRORS: dict[type[Exception], int] = {
    PackUnknown: 404,
    OwnSupervision: 422,
    WeekNotBegun: 422,
}


@v1.get("/supervisions")
@operation(
    "List who supervises whom",
    permits=access.SUPERVISIONS,
    query=schemas.SupervisionsQuery,
    gives=schemas.SupervisionSchema,
    lists=True,
)
def get_supervisions(call: Call) -> ApiResponse:
    """All for who arranges supervision; for others, those they are part of."""
    wanted = call.query
    return call.items(
        supervision.list_supervisions(
            call.tx, practitioner_id=wanted["practitioner_id"], ended=wanted["ended"], scope=call.scope
        )
    )


@v1.put("/supervisions")
@operation(
    "Set who supervises a therapist",
    permits=access.SUPERVISORS,
    takes=schemas.SupervisorsSchema,
    gives=schemas.SupervisionSchema,
    lists=True,
)
def put_supervisions(call: Call) -> ApiResponse:
    """These and no others from now on; nobody supervises themselves."""
    wanted = call.body
    return call.items(
        supervising.set_supervisors(call.tx, wanted["practitioner_id"], wanted["supervisor_ids"], **call.context)
    )


@v1.get("/supervision/packs")
@operation("Read a supervision pack", permits=access.PACKS, query=schemas.PackQuery, gives=schemas.PackSchema)
def get_pack(call: Call) -> ApiResponse:
    """One's own, or a supervisee's for the purpose "supervision"; only clients who agreed to supervision are in it."""
    query = call.query
    week = _week(call, query["week"]) if query["week"] else None
    return call.ok(supervision.pack_of(call.tx, query["practitioner_id"], week, **call.context))


@v1.post("/supervision/points")
@operation(
    "Note a supervision point",
    permits=access.SUPERVISING,
    takes=schemas.PointEntrySchema,
    gives=schemas.PointNotedSchema,
    creates=True,
)
def post_point(call: Call) -> ApiResponse:
    """About a client in a supervisee's pack; the supervisor who noted it and the therapist can read it."""
    entry = call.body
    point = supervising.note_point(
        call.tx,
        entry["practitioner_id"],
        entry["client_id"],
        _week(call, entry["week"]),
        entry["code"],
        (entry["text"] or "").strip() or None,
        **call.context,
    )
    return call.created(point, at="/v1/supervision/packs")


def _week(call: Call, text: str) -> Week:
    try:
        return read_week(text, call.tx.zone)
    except WeekMalformed as error:
        raise Refused(422, "Not possible", str(error), errors=[("week", str(error))]) from None
