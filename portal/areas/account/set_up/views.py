"""The first account."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.kit.forms import Filled
from portal.kit.sign_in import signed_in
from portal.request_context import request_context
from portal.security.access_log import note
from portal.security.accounts import SetupCodeRefused, UsernameTaken, add_staff, somebody_can_come_in, use_setup_code
from portal.security.passwords import hash_password, password_problem
from portal.security.permissions import EVERYONE, requires
from portal.security.sign_ins import begin
from shared.ids import uuid7

screen = Blueprint("set_up", __name__)


@screen.get("/set-up")
@requires(EVERYONE)
def form() -> str | Response:
    """The form, until somebody has an account."""
    with request_context().transaction() as tx:
        if somebody_can_come_in(tx):
            return redirect(url_for("sign_in.form"), 303)
    return _page(Filled())


@screen.post("/set-up")
@requires(EVERYONE)
def create() -> str | Response | tuple[str, int]:
    """Spend the code, make the manager's account, and sign in."""
    filled = Filled(request.form)
    code = filled.text("code", "Enter the set-up code")
    name = filled.text("display_name", "Enter your name", most=100)
    username = filled.text("username", "Choose a user name", most=64)
    password = request.form.get("password", "")
    if weak := password_problem(password, [username, name, request_context().dependencies.clinic_name]):
        filled.refuse("password", weak)
    if filled.problems:
        return _page(filled), 422
    now, password_hash = request_context().now, hash_password(password)
    try:
        with request_context().transaction() as tx:
            use_setup_code(tx, code, now)
            staff = add_staff(
                tx,
                staff_id=uuid7(),
                username=username,
                display_name=name,
                roles=["manager"],
                password_hash=password_hash,
                now=now,
            )
            note(tx, staff, "staff.first_manager", now=now)
            sign_in_id = begin(tx, staff.id, now, request_context().origin)
    except SetupCodeRefused:
        filled.refuse("code", "This code is not right, was used before, or is older than half an hour")
        return _page(filled), 422
    except UsernameTaken:
        filled.refuse("username", "Another account has this user name")
        return _page(filled), 422
    return signed_in(sign_in_id, None, url_for("home.start"))


def _page(filled: Filled) -> str:
    return render_template("areas/account/set_up/page.html", filled=filled)
