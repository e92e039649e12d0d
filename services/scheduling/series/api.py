"""Weekly series over HTTP."""

from uuid import UUID

from services.scheduling.appointments.schemas import AppointmentSchema
from services.scheduling.routes import v1
from services.scheduling.series import commands, queries, schemas
from services.scheduling.series.domain import SeriesBlocked, SeriesUnknown
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {SeriesUnknown: 404, SeriesBlocked: 409}


@v1.post("/series")
@operation(
    "Book a weekly series",
    permits=access.DIARIES,
    takes=schemas.NewSeriesSchema,
    gives=schemas.SeriesSchema,
    creates=True,
)
def post_series(call: Call) -> ApiResponse:
    """All dates or none: 409 lists those that are taken. With skip_conflicts the free ones are booked."""
    booked = commands.book_series(call.tx, call.body, **call.context)
    return call.created(booked, at=f"/v1/series/{booked.id}")


@v1.get("/series/<uuid:series_id>")
@operation("Read a series", permits=access.DIARIES, gives=AppointmentSchema, lists=True)
def get_series(call: Call, series_id: UUID) -> ApiResponse:
    """All its dates, also those that were moved or called off."""
    return call.items(queries.dates(call.tx, series_id, **call.context))


@v1.post("/series/<uuid:series_id>/cancellation")
@operation(
    "Call off what lies ahead of a series",
    permits=access.DIARIES,
    takes=schemas.SeriesCancellationSchema,
    gives=AppointmentSchema,
    lists=True,
)
def post_series_cancellation(call: Call, series_id: UUID) -> ApiResponse:
    """Answers the dates called off. Past and attended dates stay, and those that were moved by themselves."""
    return call.items(commands.cancel_series(call.tx, series_id, **call.body, **call.context))
