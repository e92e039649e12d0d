"""The day, and what is ticked in it."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.areas.day.today.pages import day_page
from portal.clients.service_client import ServiceRefused
from portal.kit.forms import Filled, Problem
from portal.kit.wording.codes import CANCEL_REASONS_CLIENT, CANCEL_REASONS_CLINIC
from portal.kit.wording.refusals import refusal_sentence
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires
from shared.contracts import access

screen = Blueprint("today", __name__)
_TICKS = frozenset({"arrived", "completed", "no_show"})
_CANCELS = {"client_cancelled": CANCEL_REASONS_CLIENT, "clinic_cancelled": CANCEL_REASONS_CLINIC}


@screen.get("/today")
@requires(PAGES["today"])
def show() -> str:
    """The day of the house, or one's own."""
    return day_page(request_context(), Filled())


@screen.post("/today/appointments/<uuid:appointment_id>/status")
@requires(access.BOOKING)
def change_status(appointment_id: UUID) -> Response | tuple[str, int]:
    """Tick an hour: arrived, took place, did not come, cancelled. One click undoes it, so nobody is asked twice."""
    filled = Filled(request.form)
    to, reason = filled.get("to"), None
    if to == "cancel":
        to, _, reason = filled.get("why").partition(" ")
        if reason not in _CANCELS.get(to, {}):
            filled.refuse("", "Choose a reason from the list")
    elif to not in _TICKS:
        filled.refuse("", "Choose what happened")
    version = filled.version()
    if filled.problems:
        return day_page(request_context(), filled), 422
    try:
        request_context().scheduling.change_status(appointment_id, to, version=version, reason_code=reason)
    except ServiceRefused as refused:
        return _refused(refused)
    return _back(appointment_id)


@screen.post("/today/appointments/<uuid:appointment_id>/undo")
@requires(access.BOOKING)
def undo(appointment_id: UUID) -> Response | tuple[str, int]:
    filled = Filled(request.form)
    version = filled.version()
    if filled.problems:
        return day_page(request_context(), filled), 422
    try:
        request_context().scheduling.undo(appointment_id, version=version)
    except ServiceRefused as refused:
        return _refused(refused)
    return _back(appointment_id)


def _back(changed: UUID) -> Response:
    asked = Filled(request.form)
    day, therapist, view = (asked.get(name) or None for name in ("day", "therapist", "view"))
    return redirect(url_for("today.show", changed=changed, day=day, therapist=therapist, view=view), 303)


def _refused(refused: ServiceRefused) -> tuple[str, int]:
    if refused.status == 404:
        raise refused
    filled = Filled(problems=[Problem("", refusal_sentence(refused.status, refused.detail))])
    return day_page(request_context(), filled), refused.status
