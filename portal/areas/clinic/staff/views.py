"""Accounts: made, given roles, closed. Nobody changes their own roles, and one manager always remains."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.clinic.staff.presenters import ROLE_NOTES, present_staff
from portal.clients.service_client import ServiceRefused, ServiceUnavailable
from portal.kit.forms import Filled
from portal.kit.wording.times import day_and_hour
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.account_events import remember
from portal.security.accounts import (
    FIRST_PASSWORD_LIVES,
    Staff,
    UsernameTaken,
    active_managers,
    add_staff,
    all_staff,
    change_roles,
    get_staff,
    give_first_password,
    set_active,
    username_is_taken,
)
from portal.security.grants import TAKES_TWO, ask, withdraw
from portal.security.passwords import first_password, hash_password
from portal.security.permissions import PAGES, requires
from portal.security.second_step import methods_of, remove_all
from shared.contracts.access import ROLES
from shared.database import Tx
from shared.ids import uuid7

screen = Blueprint("staff", __name__)
DONE = {
    "waits": "Asked for. It counts once another manager or a clinical lead has confirmed it.",
    "reset": "Their second step is reset. They set up a new one when they sign in.",
    "changed": "Changed. It counts from their next click.",
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
@requires(PAGES["staff"], fresh=True)
def add() -> str | Response | tuple[str, int]:
    """Make an account; therapists get a diary in the calendar."""
    current, filled = request_context(), Filled(request.form)
    name = filled.text("display_name", "Enter their name", most=100)
    username = filled.text("username", "Enter a user name", most=64)
    roles = _roles(filled)
    with current.transaction() as tx:
        if username and username_is_taken(tx, username):
            filled.refuse("username", _TAKEN)
    if filled.problems:
        return _form(filled), 422
    staff_id = uuid7()
    # Also where it waits for a second person: a diary nobody uses harms nobody, and confirming must not fail for it.
    if "therapist" in roles and not _make_bookable(current, staff_id, filled):
        return _form(filled), 503
    password = first_password()
    password_hash = hash_password(password)
    try:
        with current.transaction() as tx:
            add_staff(
                tx,
                staff_id=staff_id,
                username=username,
                display_name=name,
                roles=set(roles) - TAKES_TWO,
                password_hash=password_hash,
                first_password=True,
                now=current.now,
            )
            remember(tx, "account.made", staff_id, origin=current.origin, actor=current.staff.id, now=current.now)
            note(tx, current.staff, "staff.added", about=[staff_id], fields=roles, now=current.now)
            waits = _ask_for(tx, current, staff_id, set(roles) & TAKES_TWO)
    except UsernameTaken:
        filled.refuse("username", _TAKEN)
        return _form(filled), 422
    return _hand_over(staff_id, password, waits=waits)


@screen.get("/staff/<uuid:staff_id>")
@requires(PAGES["staff"])
def show(staff_id: UUID) -> str:
    return _page(staff_id, Filled())


@screen.post("/staff/<uuid:staff_id>/roles")
@requires(PAGES["staff"], fresh=True)
def give_roles(staff_id: UUID) -> str | Response | tuple[str, int]:
    """Set the roles; they count from the next request."""
    current, filled, waits = request_context(), Filled(request.form), False
    roles = _roles(filled)
    if staff_id == current.staff.id:
        filled.refuse("roles", "Another manager has to change your own roles")
    if not filled.problems and "therapist" in roles:
        _make_bookable(current, staff_id, filled)
    if not filled.problems:
        with current.transaction() as tx:
            managers, was = active_managers(tx), get_staff(tx, staff_id)
            new = (set(roles) - set(was.roles)) & TAKES_TWO
            if was.has("manager") and was.is_active and "manager" not in roles and managers == 1:
                filled.refuse("roles", _LAST_MANAGER)
            elif not change_roles(tx, staff_id, set(roles) - new, version=filled.version(), now=current.now):
                filled.refuse("roles", _CHANGED)
            else:
                remember(tx, "roles.changed", staff_id, origin=current.origin, actor=current.staff.id, now=current.now)
                note(tx, current.staff, "staff.roles_changed", about=[staff_id], fields=roles, now=current.now)
                withdraw(tx, staff_id, by=current.staff.id, now=current.now)
                waits = _ask_for(tx, current, staff_id, new)
    return _done_or_page(staff_id, filled, "waits" if waits else "changed")


@screen.post("/staff/<uuid:staff_id>/active")
@requires(PAGES["staff"], fresh=True)
def open_or_close(staff_id: UUID) -> str | Response | tuple[str, int]:
    """Close an account, which signs it out everywhere at once; or open it again."""
    current, filled, waits = request_context(), Filled(request.form), False
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
                kind = "account.opened" if opens else "account.closed"
                remember(tx, kind, staff_id, origin=current.origin, actor=current.staff.id, now=current.now)
                note(tx, current.staff, action, about=[staff_id], now=current.now)
                withdraw(tx, staff_id, by=current.staff.id, now=current.now)
                if again := set(was.roles) & TAKES_TWO if opens else set():
                    # A colleague's account that has left is as good as a new one with her rights.
                    kept = set(was.roles) - TAKES_TWO
                    change_roles(tx, staff_id, kept, version=was.version + 1, now=current.now)
                    waits = _ask_for(tx, current, staff_id, again)
    return _done_or_page(staff_id, filled, "waits" if waits else "changed")


@screen.post("/staff/<uuid:staff_id>/password")
@requires(PAGES["staff"], fresh=True)
def give_password(staff_id: UUID) -> str:
    """
    A new first password, shown once; ends every sign-in of this account.

    Whoever knows it could sign in and set up a second step where there is none. So without one, rights over clients
    wait for a second person, as those of a new account do.
    """
    current, password, waits = request_context(), first_password(), False
    password_hash = hash_password(password)
    with current.transaction() as tx:
        give_first_password(tx, staff_id, password_hash, now=current.now)
        remember(tx, "password.given", staff_id, origin=current.origin, actor=current.staff.id, now=current.now)
        note(tx, current.staff, "staff.password_set", about=[staff_id], now=current.now)
        was = get_staff(tx, staff_id)
        again = set(was.roles) & TAKES_TWO
        if again and staff_id != current.staff.id and not methods_of(tx, staff_id).any:
            change_roles(tx, staff_id, set(was.roles) - again, version=was.version, now=current.now)
            waits = _ask_for(tx, current, staff_id, again)
    return _hand_over(staff_id, password, waits=waits)


@screen.post("/staff/<uuid:staff_id>/second-step")
@requires(PAGES["staff"], fresh=True)
def reset_second_step(staff_id: UUID) -> str | Response | tuple[str, int]:
    """For a lost phone: nothing of it is left, and a new one is set up at the next sign-in. Of most, by two people."""
    current, filled, waits = request_context(), Filled(request.form), False
    if staff_id == current.staff.id:
        filled.refuse("", "Another manager has to reset your own second step")
    else:
        with current.transaction() as tx:
            was = get_staff(tx, staff_id)
            if was.has(*TAKES_TWO):
                waits = (
                    ask(tx, "second_step_reset", staff_id, (), asked_by=current.staff.id, now=current.now).state
                    == "pending"
                )
            else:
                remove_all(tx, staff_id)
            action = "staff.second_step_reset_asked" if waits else "staff.second_step_reset"
            note(tx, current.staff, action, about=[staff_id], now=current.now)
            kind = "second_step.reset_asked" if waits else "second_step.reset"
            remember(tx, kind, staff_id, origin=current.origin, actor=current.staff.id, now=current.now)
    return _done_or_page(staff_id, filled, "waits" if waits else "reset")


def _ask_for(tx: Tx, current: RequestContext, staff_id: UUID, roles: set[str]) -> bool:
    """Ask a second person for the roles that take two; tells whether one has to answer."""
    if not roles:
        return False
    grant = ask(tx, "roles", staff_id, roles, asked_by=current.staff.id, now=current.now)
    note(tx, current.staff, f"staff.roles_{grant.state}", about=[staff_id], fields=grant.roles, now=current.now)
    return grant.state == "pending"


def _hand_over(staff_id: UUID, password: str, *, waits: bool = False) -> str:
    """Whoever is told this password can use it once; what is chosen then, nobody is told."""
    current = request_context()
    with current.transaction() as tx:
        staff = get_staff(tx, staff_id)
    return render_template(
        "areas/clinic/staff/first_password.html",
        name=staff.display_name,
        username=staff.username,
        password=password,
        waits=waits,
        until=day_and_hour((current.now + FIRST_PASSWORD_LIVES).astimezone(current.zone)),
    )


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
