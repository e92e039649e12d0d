"""Accounts: made, given roles, closed. Nobody changes their own roles, and one manager always remains."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.clinic.staff.presenters import ROLE_NOTES, present_staff
from portal.clients.service_client import ServiceRefused, ServiceUnavailable
from portal.kit.forms import Filled
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.accounts import (
    Staff,
    UsernameTaken,
    active_managers,
    add_staff,
    all_staff,
    change_roles,
    get_staff,
    set_active,
    set_password,
    username_is_taken,
)
from portal.security.passwords import password_problem
from portal.security.permissions import PAGES, requires
from shared.contracts.access import ROLES
from shared.ids import uuid7

screen = Blueprint("staff", __name__)
DONE = {
    "added": "The account is made.",
    "changed": "Changed. It counts from their next click.",
    "password": "The new password is set.",
}
_TAKEN = "Another account has this user name"
_LAST_MANAGER = "Somebody has to remain who can manage accounts"
_CHANGED = "Somebody changed this account a moment ago; you now see how it stands"


@screen.get("/staff")
@requires(PAGES["staff"])
def index() -> str:
    current = request_context()
    with current.transaction() as tx:
        staff = all_staff(tx)
    return render_template(
        "areas/clinic/staff/index.html",
        staff=present_staff(staff, current.staff.id),
        done=DONE.get(request.args.get("done", ""), ""),
    )


@screen.get("/staff/new")
@requires(PAGES["staff"])
def new() -> str:
    return _form(Filled())


@screen.post("/staff/new")
@requires(PAGES["staff"])
def add() -> str | Response | tuple[str, int]:
    """Make an account; therapists get a diary in the calendar."""
    current, filled = request_context(), Filled(request.form)
    name = filled.text("display_name", "Enter their name", most=100)
    username = filled.text("username", "Enter a user name", most=64)
    password = request.form.get("password", "")
    if weak := password_problem(password, username):
        filled.refuse("password", weak)
    roles = _roles(filled)
    with current.transaction() as tx:
        if username and username_is_taken(tx, username):
            filled.refuse("username", _TAKEN)
    if filled.problems:
        return _form(filled), 422
    staff_id = uuid7()
    if "therapist" in roles and not _make_bookable(current, staff_id, filled):
        return _form(filled), 503
    try:
        with current.transaction() as tx:
            add_staff(
                tx,
                staff_id=staff_id,
                username=username,
                display_name=name,
                roles=roles,
                password=password,
                now=current.now,
            )
            note(tx, current.staff, "staff.added", about=[staff_id], fields=roles, now=current.now)
    except UsernameTaken:
        filled.refuse("username", _TAKEN)
        return _form(filled), 422
    return redirect(url_for("staff.index", done="added"), 303)


@screen.get("/staff/<uuid:staff_id>")
@requires(PAGES["staff"])
def show(staff_id: UUID) -> str:
    return _page(staff_id, Filled())


@screen.post("/staff/<uuid:staff_id>/roles")
@requires(PAGES["staff"])
def give_roles(staff_id: UUID) -> str | Response | tuple[str, int]:
    """Set the roles; they count from the next request."""
    current, filled = request_context(), Filled(request.form)
    roles = _roles(filled)
    if staff_id == current.staff.id:
        filled.refuse("roles", "Another manager has to change your own roles")
    if not filled.problems and "therapist" in roles:
        _make_bookable(current, staff_id, filled)
    if not filled.problems:
        with current.transaction() as tx:
            managers, was = active_managers(tx), get_staff(tx, staff_id)
            if was.has("manager") and was.is_active and "manager" not in roles and managers == 1:
                filled.refuse("roles", _LAST_MANAGER)
            elif not change_roles(tx, staff_id, roles, version=filled.version(), now=current.now):
                filled.refuse("roles", _CHANGED)
            else:
                note(tx, current.staff, "staff.roles_changed", about=[staff_id], fields=roles, now=current.now)
    return _done_or_page(staff_id, filled, "changed")


@screen.post("/staff/<uuid:staff_id>/active")
@requires(PAGES["staff"])
def open_or_close(staff_id: UUID) -> str | Response | tuple[str, int]:
    """Close an account, which signs it out everywhere at once; or open it again."""
    current, filled = request_context(), Filled(request.form)
    opens = filled.get("to") == "open"
    if staff_id == current.staff.id:
        filled.refuse("", "Another manager has to close your own account")
    else:
        with current.transaction() as tx:
            managers, was = active_managers(tx), get_staff(tx, staff_id)
            if not opens and was.has("manager") and was.is_active and managers == 1:
                filled.refuse("", _LAST_MANAGER)
            elif not set_active(tx, staff_id, is_active=opens, version=filled.version(), now=current.now):
                filled.refuse("", _CHANGED)
            else:
                action = "staff.opened" if opens else "staff.closed"
                note(tx, current.staff, action, about=[staff_id], now=current.now)
    return _done_or_page(staff_id, filled, "changed")


@screen.post("/staff/<uuid:staff_id>/password")
@requires(PAGES["staff"])
def give_password(staff_id: UUID) -> str | Response | tuple[str, int]:
    """A new first password; ends every sign-in of this account."""
    current, filled = request_context(), Filled(request.form)
    password = request.form.get("password", "")
    with current.transaction() as tx:
        staff = get_staff(tx, staff_id)
    if weak := password_problem(password, staff.username):
        filled.refuse("password", weak)
    else:
        with current.transaction() as tx:
            set_password(tx, staff_id, password, now=current.now)
            note(tx, current.staff, "staff.password_set", about=[staff_id], now=current.now)
    return _done_or_page(staff_id, filled, "password")


def _done_or_page(staff_id: UUID, filled: Filled, done: str) -> Response | tuple[str, int]:
    if filled.problems:
        return _page(staff_id, filled), 422
    return redirect(url_for("staff.index", done=done), 303)


def _make_bookable(current: RequestContext, staff_id: UUID, filled: Filled) -> bool:
    """The calendar hears of a therapist first: an account without a diary would surprise the desk."""
    try:
        current.scheduling.put_practitioner(staff_id, current.dependencies.zone)
    except (ServiceUnavailable, ServiceRefused):
        filled.refuse("roles", "The calendar does not answer, so nobody can become a therapist right now. Try again")
        return False
    return True


def _roles(filled: Filled) -> list[str]:
    chosen = [role for role in ROLES if filled.get(f"role_{role}") == "yes"]
    if not chosen:
        filled.refuse("roles", "Choose at least one role")
    return chosen


def _form(filled: Filled) -> str:
    return render_template("areas/clinic/staff/new.html", filled=filled, boxes=_boxes())


def _boxes() -> list[tuple[str, str, str]]:
    return [(f"role_{role}", words, ROLE_NOTES[role]) for role, words in ROLES.items()]


def _page(staff_id: UUID, filled: Filled) -> str:
    current = request_context()
    with current.transaction() as tx:
        staff: Staff = get_staff(tx, staff_id)
    given = Filled({f"role_{role}": "yes" for role in staff.roles}, filled.problems)
    return render_template(
        "areas/clinic/staff/show.html",
        one=present_staff([staff], current.staff.id)[0],
        version=staff.version,
        filled=given,
        boxes=_boxes(),
    )
