"""Sign in, stay, sign out."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.kit.forms import Filled
from portal.kit.sign_in import cookies, leave_now, own_path, signed_in, signed_out
from portal.kit.wording.refusals import wait_sentence
from portal.request_context import request_context
from portal.security.access_log import note
from portal.security.accounts import credentials_of, get_staff, somebody_can_come_in
from portal.security.attempts import WaitBeforeTrying
from portal.security.passwords import TooManySignIns
from portal.security.permissions import ANY_STAFF, EVERYONE, requires
from portal.security.sign_ins import FirstPasswordOver, Stage, WrongPassword, end, sign_in

screen = Blueprint("sign_in", __name__)
_MOST_TYPED = 256  # characters; hashing a novel would only keep the machine busy
_TOO_LATE = "This first password was used before, or is older than three days. Ask your practice manager for a new one"


@screen.get("/sign-in")
@requires(EVERYONE)
def form() -> str | Response:
    """The form, to which every page leads a device that was handed over; who is signed in goes on to the first page."""
    if request_context().known_staff:
        return redirect(url_for("home.start"), 303)
    response = make_response(_page(Filled()))
    cookies().forget_handed_over_form(response, request_context().dependencies.checkin_base_url)
    return response


@screen.post("/sign-in")
@requires(EVERYONE)
def enter() -> str | Response | tuple[str, int]:
    """Check the password and begin a sign-in with a new id."""
    filled = Filled(request.form)
    username = filled.text("username", "Enter your user name", most=_MOST_TYPED)
    password = request.form.get("password", "")
    if not password or len(password) > _MOST_TYPED:
        filled.refuse("password", "Enter your password")
    if filled.problems:
        return _page(filled), 422
    now, database = request_context().now, request_context().dependencies.database
    try:
        sign_in_id, device = sign_in(
            database,
            username,
            password,
            cookies().device(request),
            now,
            request_context().origin,
            filled.get("recovery_code"),
        )
    except WrongPassword:
        with request_context().transaction() as tx:
            found = credentials_of(tx, username)
            note(tx, None, "sign_in.failed", about=[found.staff_id] if found else (), now=now)
        filled.refuse("username", "User name or password is not right. Check both and try again.")
        return _page(filled), 422
    except WaitBeforeTrying as wait:
        filled.refuse("username", wait_sentence(wait.seconds))
        return _page(filled, waits=True), 429
    except FirstPasswordOver:
        filled.refuse("password", _TOO_LATE)
        return _page(filled), 422
    except TooManySignIns:
        filled.refuse("", "Many people are signing in at once. Try again in a few seconds.")
        return _page(filled), 503
    with request_context().transaction() as tx:
        begun = credentials_of(tx, username)
        note(tx, get_staff(tx, begun.staff_id) if begun else None, "sign_in.begun", now=now)
        if old := cookies().sign_in_id(request):
            end(tx, old)
    return signed_in(sign_in_id, device, own_path(request.form.get("next", "")))


@screen.post("/sign-in/stay")
@requires(ANY_STAFF)
def stay() -> Response:
    """Answering the warning is a sign of life; without a script it leads back to the start."""
    if request.headers.get("Sec-Fetch-Mode") == "navigate":
        return redirect(url_for("home.start"), 303)
    return make_response("", 204)


@screen.post("/sign-out")
@requires(ANY_STAFF, at=tuple(Stage))
def leave() -> Response:
    """End the sign-in and wipe what the browser kept."""
    leave_now(request_context())
    return signed_out(redirect(url_for("sign_in.form", note="left"), 303))


def _page(filled: Filled, *, waits: bool = False) -> str:
    with request_context().transaction() as tx:
        is_new_house = not somebody_can_come_in(tx)
    notes = {
        "left": "You are signed out.",
        "passkey": "This passkey did not open your account here. Try again, or sign in with your password.",
    }
    note_text = notes.get(request.args.get("note", ""), "")
    wanted = own_path(request.values.get("next", ""))
    if not note_text and request.method == "GET" and wanted != "/":
        note_text = "Please sign in to go on."
    return render_template(
        "areas/account/sign_in/page.html",
        filled=filled,
        note=note_text,
        next=wanted,
        waits=waits,
        is_new_house=is_new_house,
    )
