"""What an export would hold is shown first; then it is fetched. One course is taken along from its own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from portal.clients.feedback.exports import ExportAbout, ExportWanted
from portal.clients.service_client import ServiceRefused
from portal.kit.forms import Filled
from portal.kit.wording.codes import CLINIC_REASONS, COURSE_REASONS
from portal.kit.wording.times import count as counted
from portal.request_context import request_context
from portal.security.access_log import note
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("exports", __name__)
_FILES = {
    "check-ins.csv": "Sessions: the total, or why there is none",
    "items.csv": "Single answers",
    "readings.csv": "Readings",
    "episodes.csv": "Strain and repair",
}
_ZIP, _FHIR, _JSON = "application/zip", "application/fhir+json", "application/json"


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What would be in it: whose, and line by line of the files."""

    clients: str
    files: Sequence[tuple[str, str]]
    is_empty: bool


@screen.get("/clinic/exports")
@requires(access.EXPORTING, fresh=True)
def form() -> str:
    """What for, and from when to when."""
    return _page(Filled())


@screen.post("/clinic/exports")
@requires(access.EXPORTING, fresh=True)
def count() -> str | tuple[str, int]:
    """How much it would be; nothing leaves yet."""
    filled = Filled(request.form)
    wanted = _wanted(filled)
    if filled.problems:
        return _page(filled), 422
    try:
        return _page(filled, request_context().exports.about(wanted))
    except ServiceRefused as refused:
        return _refused(filled, refused)


@screen.post("/clinic/exports/file")
@requires(access.EXPORTING, fresh=True)
def download() -> Response | tuple[str, int]:
    """All files in one archive."""
    filled = Filled(request.form)
    wanted = _wanted(filled)
    if filled.problems:
        return _page(filled), 422
    try:
        content = request_context().exports.archive(wanted)
    except ServiceRefused as refused:
        return _refused(filled, refused)
    _log("export.zip", wanted.reason)
    return _file(content, "export.zip", _ZIP)


@screen.post("/people/<uuid:client_id>/export")
@requires(access.EXPORT_OF_ONE, fresh=True)
def course(client_id: UUID) -> Response | tuple[str, int]:
    """One client's course: as CSV, as FHIR, or the client's own copy."""
    filled = Filled(request.form)
    reason = filled.choice("export_reason", COURSE_REASONS, "Choose what it is for")
    kind = filled.get("kind")
    if filled.problems:
        return render_template("areas/clinic/exports/course.html", **_course(client_id, filled)), 422
    exports = request_context().exports
    if kind == "csv":
        answer = _file(exports.archive(ExportWanted(reason, client_id=client_id)), "course.zip", _ZIP)
    elif kind == "fhir":
        answer = _file(exports.fhir(client_id, reason), "course.fhir.json", _FHIR)
    elif kind == "copy":
        answer = _file(exports.copy(client_id, reason), "copy.json", _JSON)
    else:
        raise NotFound
    request_context().shows([client_id], f"export:{kind}", f"reason:{reason}")
    return answer


def _course(client_id: UUID, filled: Filled) -> dict[str, object]:
    return {
        "client_id": client_id,
        "filled": filled,
        "reasons": list(COURSE_REASONS.items()),
        "may_csv": request_context().staff.has("therapist"),
    }


def _wanted(filled: Filled) -> ExportWanted:
    reason = filled.choice("reason", CLINIC_REASONS, "Choose what it is for")
    first = filled.day("first", "Enter a day, or leave it empty") if filled.get("first") else None
    last = filled.day("last", "Enter a day, or leave it empty") if filled.get("last") else None
    if first and last and last < first:
        filled.refuse("last", "The last day lies before the first")
    return ExportWanted(reason, first, last)


def _refused(filled: Filled, refused: ServiceRefused) -> tuple[str, int]:
    if refused.status != 422:
        raise refused
    filled.refuse("first", "This is too much for one file. Choose a shorter time, and export the rest separately.")
    return _page(filled), 422


def _page(filled: Filled, about: ExportAbout | None = None) -> str:
    return render_template(
        "areas/clinic/exports/clinic.html",
        filled=filled,
        reasons=list(CLINIC_REASONS.items()),
        summary=_summary(about) if about else None,
        hidden={name: filled.get(name) for name in ("reason", "first", "last")},
    )


def _log(what: str, reason: str) -> None:
    """Nobody is named in the file, so the page is about nobody; that it left is noted all the same."""
    current = request_context()
    with current.transaction() as tx:
        note(tx, current.staff, "export.fetched", fields=[what, f"reason:{reason}"], now=current.now)


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _summary(about: ExportAbout) -> ExportSummary:
    """The counts before anything leaves."""
    return ExportSummary(
        clients=counted(about.clients, "client"),
        files=[(_FILES.get(file.name, file.name), counted(file.rows, "line")) for file in about.files],
        is_empty=about.clients == 0,
    )
