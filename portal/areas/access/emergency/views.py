"""Opening one client in an emergency: who, why, and that it is really you; and closing it before its hour is over."""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clients.intake import ClientRow
from portal.clients.service_client import ServiceRefused
from portal.kit.forms import Filled
from portal.kit.sign_in import cookies
from portal.request_context import request_context
from portal.security import emergency
from portal.security.access_log import note
from portal.security.attempts import WaitBeforeTrying
from portal.security.emergency import CATEGORIES, LEAST_REASON, MOST_REASON
from portal.security.passwords import TooManySignIns
from portal.security.permissions import requires
from portal.security.sign_ins import WrongPassword, check_own_password
from shared.contracts import access
from shared.contracts.access import EMERGENCY

screen = Blueprint("emergency", __name__)


@screen.get("/emergency")
@requires(access.OPENING_IN_AN_EMERGENCY, fresh=True)
def form() -> str:
    """What it is, and what follows from it."""
    return _form(Filled())


@screen.post("/emergency")
@requires(access.OPENING_IN_AN_EMERGENCY, fresh=True)
def open_client() -> str | Response | tuple[str, int]:
    """Open one client for an hour."""
    filled = Filled(request.form)
    code = filled.text("spoken_code", "Enter the client's code, for example K-1042", most=16)
    category = filled.choice("category", CATEGORIES, "Choose what has happened")
    reason = filled.text("reason", "Say what has happened", most=MOST_REASON)
    if reason and len(reason) < LEAST_REASON:
        filled.refuse("reason", f"Say it in at least {LEAST_REASON} characters, so that others can follow it later")
    if not filled.problems:
        _confirm(filled)
    client = None if filled.problems else _client(filled, code)
    if client is None:
        return _form(filled), 422
    current = request_context()
    with current.dependencies.database.transaction(trace=current.trace) as tx:
        emergency.open_client(
            tx,
            current.staff,
            client.client_id,
            spoken_code=client.spoken_code,
            therapist_id=client.practitioner_id,
            category=category,
            reason=reason,
            now=current.now,
        )
        about, fields = [client.client_id], [category]
        note(tx, current.staff, "emergency.opened", about=about, fields=fields, purpose=EMERGENCY, now=current.now)
    return redirect(url_for("person.show", client_id=client.client_id), 303)


@screen.post("/people/<uuid:client_id>/emergency/closing")
@requires(access.OPENING_IN_AN_EMERGENCY)
def close(client_id: UUID) -> Response:
    """Close it now."""
    current = request_context()
    with current.dependencies.database.transaction(trace=current.trace) as tx:
        if not emergency.close_now(tx, current.staff.id, client_id, current.now):
            abort(404)
        note(tx, current.staff, "emergency.closed", about=[client_id], purpose=EMERGENCY, now=current.now)
    return redirect(url_for("people.index"), 303)


@screen.post("/emergency/<uuid:access_id>/seen")
@requires(access.EMERGENCIES_SEEN)
def seen(access_id: UUID) -> Response:
    """The client's therapist has seen that it was opened."""
    current = request_context()
    with current.dependencies.database.transaction(trace=current.trace) as tx:
        emergency.note_seen(tx, access_id, current.staff.id, current.now)
    return redirect(url_for("today.show"), 303)


def _confirm(filled: Filled) -> None:
    current = request_context()
    try:
        check_own_password(
            current.dependencies.database,
            current.staff.id,
            current.staff.username,
            request.form.get("password", ""),
            cookies().device(request),
            current.origin,
            current.now,
        )
    except WrongPassword:
        filled.refuse("password", "Enter your own password")
    except WaitBeforeTrying as wait:
        filled.refuse("password", f"Too many wrong passwords. Try again in {wait.seconds} seconds")
    except TooManySignIns:
        filled.refuse("password", "Too many people sign in at this moment. Try again in a few seconds")


def _client(filled: Filled, code: str) -> ClientRow | None:
    try:
        return request_context().intake_in_an_emergency.in_an_emergency(code)
    except ServiceRefused as refused:
        if refused.status not in (404, 422):
            raise
        filled.refuse("spoken_code", "There is no client with this code")
        return None


def _form(filled: Filled) -> str:
    return render_template(
        "areas/access/emergency/form.html",
        filled=filled,
        categories=list(CATEGORIES.items()),
        least=LEAST_REASON,
    )
