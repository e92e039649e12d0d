"""Book an hour: a suggested one by a click, any other by a small form, or a weekly series as a whole."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.people.booking.presenters import as_last_time, practitioner_options, present_slots, room_options
from portal.clients.intake import Client
from portal.clients.scheduling import Appointment, NewAppointment
from portal.clients.service_client import ServiceRefused, Unavailable, optional, there
from portal.kit.components.hour import when_line
from portal.kit.forms import Filled, submit
from portal.kit.wording.codes import MODALITIES, TYPES
from portal.kit.wording.refusals import refusal_sentence
from portal.names import PersonLink
from portal.request_context import RequestContext, request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("booking", __name__)
_WEEKS = {
    "1": "This once",
    "4": "Weekly, 4 times",
    "6": "Weekly, 6 times",
    "8": "Weekly, 8 times",
    "12": "Weekly, 12 times",
}
# The service's field -> the input it came from.
_FIELDS = {
    "local_start": "day",
    "minutes": "minutes",
    "practitioner_id": "practitioner_id",
    "room_id": "room_id",
    "type_code": "type_code",
    "modality": "modality",
    "weeks": "weeks",
}


@screen.get("/people/<uuid:client_id>/book")
@requires(access.BOOKING)
def form(client_id: UUID) -> str:
    """The form, filled as last time, with suggested hours beside it."""
    return _page(request_context().intake.client(client_id), Filled(request.args))


@screen.post("/people/<uuid:client_id>/book")
@requires(access.BOOKING)
def book(client_id: UUID) -> str | Response | tuple[str, int]:
    """Book; a taken hour comes back as a problem of the form, nothing is lost."""
    current = request_context()
    client = current.intake.client(client_id)
    filled = Filled(request.form)
    wanted = _read(current, client, filled)
    if wanted is None:
        return _page(client, filled), 422
    try:
        current.scheduling.book(wanted, key=filled.get("key"))
    except ServiceRefused as refused:
        if refused.status == 404:
            raise
        filled.take_refusal(refused, _FIELDS)
        filled.problems[:] = [type(p)(p.field or "day", refusal_sentence(409, p.message)) for p in filled.problems]
        return _page(client, filled), 409 if refused.status == 409 else 422
    return redirect(url_for("person.show", client_id=client_id, done="booked"), 303)


@screen.get("/appointments/<uuid:appointment_id>/move")
@requires(access.BOOKING)
def move_form(appointment_id: UUID) -> str:
    """Where else it could be, the usual hours first."""
    return _move_page(request_context().scheduling.appointment(appointment_id), Filled())


@screen.post("/appointments/<uuid:appointment_id>/move")
@requires(access.BOOKING)
def move(appointment_id: UUID) -> str | Response | tuple[str, int]:
    """Move it; an hour that is taken comes back as a problem of the form."""
    current = request_context()
    appointment = current.scheduling.appointment(appointment_id)
    filled = Filled(request.form)
    start = _start(filled)
    version = filled.version()
    return submit(
        filled,
        lambda: current.scheduling.move(appointment_id, start, version=version),
        page=lambda: _move_page(appointment, filled),
        done=url_for("person.show", client_id=appointment.client_id, done="moved"),
        fields=_FIELDS,
    )


def _start(filled: Filled) -> str:
    """Wall time from one suggested start, or from the fields for day and time."""
    start = filled.get("local_start")
    if start:
        return start[:16]
    day, at = filled.day("day", "Enter the day"), filled.time("time", "Enter the time, for example 14:00")
    return f"{day}T{at}"


def _move_page(appointment: Appointment, filled: Filled) -> str:
    current = request_context()
    names = current.names_of([appointment.client_id])
    current.shows([appointment.client_id], "appointments")
    client, practitioner = appointment.client_id, appointment.practitioner_id
    starts = optional(lambda: current.scheduling.suggestions(client, practitioner))
    return render_template(
        "areas/people/booking/move.html",
        person=names.person(client, appointment.spoken_code),
        appointment=appointment,
        now_at=when_line(appointment, current.today),
        filled=filled,
        slots=present_slots(there(starts) or (), current.today),
    )


def _read(current: RequestContext, client: Client, filled: Filled) -> NewAppointment | None:
    start = _start(filled)
    practitioner = client.practitioner_id or current.staff.id
    if current.may(access.AT_THE_DESK):
        practitioner = filled.id("practitioner_id", "Choose a therapist") or practitioner
    room = filled.get("room_id")
    type_code = filled.choice("type_code", TYPES, "Choose a kind of hour")
    modality = filled.choice("modality", MODALITIES, "Choose how you meet")
    minutes = filled.number("minutes", 5, 240, "Enter 5 to 240 minutes")
    weeks = int(filled.choice("weeks", _WEEKS, "Choose how often") or 1) if filled.get("weeks") in _WEEKS else 1
    room_id = filled.id("room_id", "Choose a room") if room else None
    if filled.problems:
        return None
    return NewAppointment(
        client_id=client.client_id,
        practitioner_id=practitioner,
        type_code=type_code,
        modality=modality,
        local_start=start,
        minutes=minutes,
        room_id=room_id,
        weeks=weeks,
    )


def _page(client: Client, filled: Filled) -> str:
    current = request_context()
    name = client.identity.display_name if client.identity else client.spoken_code
    current.shows([client.client_id], "name", "appointments")
    neighbours = optional(lambda: current.scheduling.neighbours([client.client_id]))
    around = None if neighbours is None or isinstance(neighbours, Unavailable) else neighbours.get(client.client_id)
    practitioner = client.practitioner_id or (current.staff.id if current.staff.has("therapist") else None)
    starts = optional(lambda: current.scheduling.suggestions(client.client_id, practitioner)) if practitioner else ()
    practitioners = optional(current.scheduling.practitioners) if current.may(access.AT_THE_DESK) else ()
    everyone = there(practitioners) or ()
    rooms = optional(current.scheduling.rooms)
    return render_template(
        "areas/people/booking/form.html",
        person=PersonLink(client.client_id, name, client.spoken_code),
        filled=filled,
        usual=as_last_time(around.next or around.last if around else None),
        slots=present_slots(there(starts) or (), current.today),
        chooses_therapist=current.may(access.AT_THE_DESK),
        practitioner=str(practitioner) if practitioner else "",
        practitioners=practitioner_options(everyone, current.staff_names(p.id for p in everyone)),
        rooms=room_options(there(rooms) or ()),
        types=list(TYPES.items()),
        modalities=list(MODALITIES.items()),
        weeks=list(_WEEKS.items()),
    )
