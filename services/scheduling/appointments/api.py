"""Appointments over HTTP."""

from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import queries, schemas
from services.scheduling.appointments.commands import booking, changes
from services.scheduling.appointments.domain import appointment as refusals
from services.scheduling.appointments.domain.booking import Window
from services.scheduling.appointments.domain.occupancy import SlotTaken
from services.scheduling.care.domain import ClientNotAllocated, ClientUnknown, NotYourDiary
from services.scheduling.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    refusals.AppointmentUnknown: 404,
    NotYourDiary: 403,
    refusals.ChangedMeanwhile: 412,
    SlotTaken: 409,
    ClientNotAllocated: 409,
    refusals.ChangeNotAllowed: 409,
    refusals.TooEarly: 409,
    refusals.NothingToUndo: 409,
    ClientUnknown: 422,
    refusals.MoveChangesNothing: 422,
    refusals.WaiverNeedsReason: 422,
    refusals.DetailDoesNotFit: 422,
}


@v1.post("/appointments")
@operation(
    "Book an hour",
    permits=access.DIARIES,
    takes=schemas.NewAppointmentSchema,
    gives=schemas.AppointmentSchema,
    creates=True,
)
def post_appointment(call: Call) -> ApiResponse:
    """409 names what is taken, with the times the caller may see."""
    booked = booking.book(call.tx, call.body, **call.context)
    return call.created(booked, at=f"/v1/appointments/{booked.id}", version=booked.version)


@v1.get("/appointments")
@operation(
    "List appointments", permits=access.DIARIES, gives=schemas.AppointmentSchema, query=schemas.WindowSchema, paged=True
)
def get_appointments(call: Call) -> ApiResponse:
    """Those that begin in [from, to), in order of time, cancelled ones too."""
    found = queries.appointments_in(
        call.tx, Window(**call.query), after=_place(call.page.after), limit=call.page.one_more, **call.context
    )
    return call.page_of(found, lambda one: (one.starts_at.isoformat(), str(one.id)))


@v1.get("/appointments/<uuid:appointment_id>")
@operation("Read an appointment", permits=access.DIARIES, gives=schemas.AppointmentSchema)
def get_appointment(call: Call, appointment_id: UUID) -> ApiResponse:
    """One hour, with what became of it."""
    return call.versioned(queries.appointment(call.tx, appointment_id, **call.context))


@v1.post("/appointments/<uuid:appointment_id>/status")
@operation(
    "Say what became of an hour",
    permits=access.DIARIES,
    takes=schemas.MarkingSchema,
    gives=schemas.AppointmentSchema,
    needs_version=True,
)
def post_status(call: Call, appointment_id: UUID) -> ApiResponse:
    """A client's cancellation within 24 hours becomes late_cancelled, unless it is waived with a reason."""
    return call.versioned(changes.mark_appointment(call.tx, appointment_id, call.body, **call.edit))


@v1.post("/appointments/<uuid:appointment_id>/undo")
@operation(
    "Take the last change of status back", permits=access.DIARIES, gives=schemas.AppointmentSchema, needs_version=True
)
def post_undo(call: Call, appointment_id: UUID) -> ApiResponse:
    """Within three minutes of the change; a cancelled hour must still be free."""
    return call.versioned(changes.undo_marking(call.tx, appointment_id, **call.edit))


@v1.post("/appointments/<uuid:appointment_id>/move")
@operation(
    "Move an appointment",
    permits=access.DIARIES,
    takes=schemas.MoveSchema,
    gives=schemas.AppointmentSchema,
    needs_version=True,
)
def post_move(call: Call, appointment_id: UUID) -> ApiResponse:
    """In the zone in which it was agreed. Without room_id the room stays; null gives it up."""
    return call.versioned(changes.move_appointment(call.tx, appointment_id, call.body, **call.edit))


@v1.post("/appointments/next")
@operation(
    "Next and last hours of clients",
    permits=access.DIARIES,
    takes=schemas.ClientIdsSchema,
    gives=schemas.NeighboursSchema,
    lists=True,
)
def post_next(call: Call) -> ApiResponse:
    """Of up to 200 clients in one request; null where there is none to see."""
    return call.items(queries.neighbours(call.tx, call.body["client_ids"], **call.context))


def _place(after: tuple[str, ...] | None) -> tuple[datetime, UUID] | None:
    return None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))
