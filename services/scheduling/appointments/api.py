"""How others ask for hours: scheduling's API under /v1. Who may is the table of roles at each route."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint

from services.scheduling.appointments import queries, schemas
from services.scheduling.appointments.commands import booking, changes
from services.scheduling.resources import commands as diaries
from services.scheduling.resources.domain import refusals
from services.scheduling.series import commands as series
from shared.web.operation import Answer, Call, operation

v1 = Blueprint("v1", __name__, url_prefix="/v1")

STATUS: dict[type[Exception], int] = {
    refusals.AppointmentUnknown: 404,
    refusals.SeriesUnknown: 404,
    refusals.NotYourDiary: 403,
    refusals.ChangedMeanwhile: 412,
    refusals.SlotTaken: 409,
    refusals.SeriesBlocked: 409,
    refusals.ClientNotAllocated: 409,
    refusals.ChangeNotAllowed: 409,
    refusals.TooEarly: 409,
    refusals.NothingToUndo: 409,
    refusals.LabelTaken: 409,
    refusals.ClientUnknown: 422,
    refusals.PractitionerUnknown: 422,
    refusals.RoomUnknown: 422,
    refusals.ZoneUnknown: 422,
    refusals.TimeOutOfReach: 422,
    refusals.MoveChangesNothing: 422,
    refusals.WaiverNeedsReason: 422,
    refusals.DetailDoesNotFit: 422,
}

_MANAGERS = ("manager", "operator")
# Therapists see and change their own diary only; the store's scope and `keeps_diary` see to that.
_DIARIES = ("front_desk", "manager", "clinical_lead", "therapist")
_STAFF = (*_DIARIES, "supervisor", "operator")


@v1.put("/practitioners/<uuid:practitioner_id>")
@operation(
    "Let somebody keep a diary",
    permits=_MANAGERS,
    takes=schemas.PractitionerDiarySchema,
    gives=schemas.PractitionerSchema,
)
def put_practitioner(call: Call, practitioner_id: UUID) -> Answer:
    """The id is the staff id. Repeating it does no harm; another zone holds for hours promised from now on."""
    return call.ok(diaries.keep_diary(call.tx, practitioner_id, call.body["zone"], now=call.now))


@v1.get("/practitioners")
@operation("List practitioners", permits=_STAFF, gives=schemas.PractitionerSchema, lists=True)
def get_practitioners(call: Call) -> Answer:
    """Everybody who keeps a diary, by id; their names are elsewhere."""
    return call.items(queries.practitioners(call.tx, scope=call.scope))


@v1.post("/rooms")
@operation("Add a room", permits=_MANAGERS, takes=schemas.NewRoomSchema, gives=schemas.RoomSchema, creates=True)
def post_room(call: Call) -> Answer:
    """The label is what stands on the door."""
    room = diaries.add_room(call.tx, call.body["label"], now=call.now)
    return call.created(room, at="/v1/rooms")


@v1.get("/rooms")
@operation("List rooms", permits=_STAFF, gives=schemas.RoomSchema, lists=True)
def get_rooms(call: Call) -> Answer:
    """All therapy rooms, by label."""
    return call.items(queries.rooms(call.tx, scope=call.scope))


@v1.post("/appointments")
@operation(
    "Book an hour",
    permits=_DIARIES,
    takes=schemas.NewAppointmentSchema,
    gives=schemas.AppointmentSchema,
    creates=True,
)
def post_appointment(call: Call) -> Answer:
    """409 names what is taken, with the times the caller may see."""
    booked = booking.book(call.tx, call.body, scope=call.scope, now=call.now)
    return call.created(booked, at=f"/v1/appointments/{booked.id}", version=booked.version)


@v1.get("/appointments")
@operation(
    "List appointments",
    permits=_DIARIES,
    gives=schemas.AppointmentSchema,
    query=schemas.WindowSchema,
    paged=True,
)
def get_appointments(call: Call) -> Answer:
    """Those that begin in [from, to), in order of time, cancelled ones too."""
    found = queries.appointments_between(
        call.tx,
        begins_from=call.query["from_"],
        begins_before=call.query["to"],
        practitioner_id=call.query["practitioner_id"],
        client_id=call.query["client_id"],
        after=_place(call.page.after),
        limit=call.page.limit + 1,
        scope=call.scope,
        now=call.now,
    )
    page = found[: call.page.limit]
    more = (page[-1].starts_at.isoformat(), str(page[-1].id)) if len(found) > len(page) else None
    return call.items(page, next_after=more)


@v1.get("/appointments/<uuid:appointment_id>")
@operation("Read an appointment", permits=_DIARIES, gives=schemas.AppointmentSchema)
def get_appointment(call: Call, appointment_id: UUID) -> Answer:
    """One hour, with what became of it."""
    found = queries.appointment(call.tx, appointment_id, scope=call.scope, now=call.now)
    return call.ok(found, version=found.version)


@v1.post("/appointments/<uuid:appointment_id>/status")
@operation(
    "Say what became of an hour",
    permits=_DIARIES,
    takes=schemas.MarkingSchema,
    gives=schemas.AppointmentSchema,
    needs_version=True,
)
def post_status(call: Call, appointment_id: UUID) -> Answer:
    """A client's cancellation within 24 hours becomes late_cancelled, unless it is waived with a reason."""
    assert call.expected_version is not None
    marked = changes.mark_appointment(
        call.tx, appointment_id, call.body, expected_version=call.expected_version, scope=call.scope, now=call.now
    )
    return call.ok(marked, version=marked.version)


@v1.post("/appointments/<uuid:appointment_id>/undo")
@operation("Take the last change of status back", permits=_DIARIES, gives=schemas.AppointmentSchema, needs_version=True)
def post_undo(call: Call, appointment_id: UUID) -> Answer:
    """Within three minutes of the change; a cancelled hour must still be free."""
    assert call.expected_version is not None
    reopened = changes.undo_marking(
        call.tx, appointment_id, expected_version=call.expected_version, scope=call.scope, now=call.now
    )
    return call.ok(reopened, version=reopened.version)


@v1.post("/appointments/<uuid:appointment_id>/move")
@operation(
    "Move an appointment",
    permits=_DIARIES,
    takes=schemas.MoveSchema,
    gives=schemas.AppointmentSchema,
    needs_version=True,
)
def post_move(call: Call, appointment_id: UUID) -> Answer:
    """In the zone in which it was agreed. Without room_id the room stays; null gives it up."""
    assert call.expected_version is not None
    moved = changes.move_appointment(
        call.tx,
        appointment_id,
        local_start=call.body["local_start"],
        minutes=call.body.get("minutes"),
        room_id=call.body.get("room_id"),
        keep_room="room_id" not in call.body,
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(moved, version=moved.version)


@v1.post("/appointments/next")
@operation(
    "Next and last hours of clients",
    permits=_DIARIES,
    takes=schemas.ClientIdsSchema,
    gives=schemas.NeighboursSchema,
    lists=True,
)
def post_next(call: Call) -> Answer:
    """Of up to 200 clients in one request; null where there is none to see."""
    return call.items(queries.neighbours(call.tx, call.body["client_ids"], scope=call.scope, now=call.now))


@v1.post("/series")
@operation(
    "Book a weekly series",
    permits=_DIARIES,
    takes=schemas.NewSeriesSchema,
    gives=schemas.SeriesSchema,
    creates=True,
)
def post_series(call: Call) -> Answer:
    """All dates or none: 409 lists those that are taken. With skip_conflicts the free ones are booked."""
    booked = series.book_series(call.tx, call.body, scope=call.scope, now=call.now)
    return call.created(booked, at=f"/v1/series/{booked.id}")


@v1.get("/series/<uuid:series_id>")
@operation("Read a series", permits=_DIARIES, gives=schemas.AppointmentSchema, lists=True)
def get_series(call: Call, series_id: UUID) -> Answer:
    """All its dates, also those that were moved or called off."""
    return call.items(queries.series(call.tx, series_id, scope=call.scope, now=call.now))


@v1.post("/series/<uuid:series_id>/cancellation")
@operation(
    "Call off what lies ahead of a series",
    permits=_DIARIES,
    takes=schemas.SeriesCancellationSchema,
    gives=schemas.AppointmentSchema,
    lists=True,
)
def post_series_cancellation(call: Call, series_id: UUID) -> Answer:
    """Answers the dates called off. Past and attended dates stay, and those that were moved by themselves."""
    gone = series.cancel_series(
        call.tx,
        series_id,
        by=call.body["by"],
        reason_code=call.body["reason_code"],
        scope=call.scope,
        now=call.now,
    )
    return call.items(gone)


@v1.get("/suggestions")
@operation(
    "Suggest free hours",
    permits=_DIARIES,
    gives=schemas.SuggestionSchema,
    query=schemas.WantedHourSchema,
    lists=True,
)
def get_suggestions(call: Call) -> Answer:
    """Up to five within four weeks in which both are free, last time's weekday and hour first."""
    found = queries.suggestions(
        call.tx,
        client_id=call.query["client_id"],
        practitioner_id=call.query["practitioner_id"],
        minutes=call.query["minutes"],
        scope=call.scope,
        now=call.now,
    )
    return call.items(found)


def _place(after: tuple[str, ...] | None) -> tuple[datetime, UUID] | None:
    return None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))
