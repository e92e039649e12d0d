"""Exports: figures as files, for a reason that is written down."""

from uuid import UUID

from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.exports.domain.csv.columns import File
from services.feedback.exports.domain.csv.requests import (
    ExportOver,
    ExportPeriodNotPossible,
    ExportTooLarge,
    ReasonNotYours,
)
from services.feedback.exports.queries import copies
from services.feedback.exports.queries.exports import About, Export
from services.feedback.exports.schemas import AboutSchema, CopySchema, ExportQuery, OneClientQuery
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    ClientUnknown: 404,
    ReasonNotYours: 403,
    ExportPeriodNotPossible: 422,
    ExportTooLarge: 422,
    ExportOver: 422,
}
_CSV = "text/csv; charset=utf-8; header=present"


@v1.get("/exports/about")
@operation("Describe an export", permits=access.EXPORTS, query=ExportQuery, gives=AboutSchema)
def get_export_about(call: Call) -> ApiResponse:
    """How much it holds, and what every column means; its code joins the files that are fetched within a day."""
    return call.ok(_export(call).about())


@v1.get("/exports/check-ins.csv")
@operation("Export check-ins", permits=access.EXPORTS, query=ExportQuery, answers=_CSV)
def get_exported_check_ins(call: Call) -> ApiResponse:
    """Every held session: totals where they may be seen, and the reason where there are none."""
    return _csv(call, File.CHECK_INS)


@v1.get("/exports/items.csv")
@operation("Export answers", permits=access.EXPORTS, query=ExportQuery, answers=_CSV)
def get_exported_items(call: Call) -> ApiResponse:
    """Every question of every form that was given back and may be seen; nothing that was typed in words."""
    return _csv(call, File.ITEMS)


@v1.get("/exports/readings.csv")
@operation("Export readings", permits=access.EXPORTS, query=ExportQuery, answers=_CSV)
def get_exported_readings(call: Call) -> ApiResponse:
    """How each session reads, with the rules and numbers it was read by."""
    return _csv(call, File.READINGS)


@v1.get("/exports/episodes.csv")
@operation("Export episodes", permits=access.EXPORTS, query=ExportQuery, answers=_CSV)
def get_exported_episodes(call: Call) -> ApiResponse:
    """Every rupture that opened within the period, and what became of it."""
    return _csv(call, File.EPISODES)


@v1.get("/exports/export.zip")
@operation("Export everything at once", permits=access.EXPORTS, query=ExportQuery, answers="application/zip")
def get_export_archive(call: Call) -> ApiResponse:
    """The four files and their about.json."""
    return call.file("export.zip", _export(call).archive(_as_json))


@v1.get("/clients/<uuid:client_id>/fhir")
@operation(
    "Export a course as FHIR", permits=access.EXPORT_OF_ONE, query=OneClientQuery, answers="application/fhir+json"
)
def get_client_as_fhir(call: Call, client_id: UUID) -> ApiResponse:
    """A Bundle (R4) of Questionnaire, QuestionnaireResponse and Observation; people by id alone."""
    return call.ok(copies.fhir_of(call.tx, client_id, call.query["reason"], **call.context))


@v1.get("/clients/<uuid:client_id>/copy")
@operation("Copy what a client wrote", permits=access.EXPORT_OF_ONE, query=OneClientQuery, gives=CopySchema)
def get_clients_copy(call: Call, client_id: UUID) -> ApiResponse:
    """For the client to take along, wishes included; without what they do not share, which staff may not see."""
    return call.ok(copies.copy_of(call.tx, client_id, call.query["reason"], **call.context))


def _csv(call: Call, file: File) -> ApiResponse:
    return call.file(f"{file}.csv", _export(call).csv(file))


def _export(call: Call) -> Export:
    return Export(call.tx, call.query["request"], **call.context)


def _as_json(about: About) -> dict[str, object]:
    dumped: dict[str, object] = AboutSchema().dump(about)
    return dumped
