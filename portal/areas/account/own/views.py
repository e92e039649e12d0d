"""One's own account: what anybody who works here sees and changes about it by themselves."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.areas.account.own.presenters import present_events, present_methods, present_sign_ins
from portal.kit.components.grant import grant_notices
from portal.kit.forms import Filled
from portal.kit.sign_in import cookies, own_path, signed_in
from portal.kit.wording.refusals import wait_sentence
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.account_events import events_of, remember
from portal.security.accounts import choose_password, staff_names
from portal.security.attempts import WaitBeforeTrying
from portal.security.passwords import hash_password, password_problem
from portal.security.permissions import ANY_STAFF, requires
from portal.security.second_step import methods_of
from portal.security.sign_ins import (
    SignIn,
    Stage,
    WrongPassword,
    check_own_password,
    end_one,
    end_others,
    open_sign_ins,
    renew,
)

screen = Blueprint("own_account", __name__)
DONE = {
    "password": "Your new password counts from now on. Everywhere else you are signed out.",
    "ended": "That browser is signed out.",
    "others": "You are signed out everywhere else.",
}
_CHOOSING = (Stage.NEW_PASSWORD, Stage.IN)


@screen.get("/account")
@requires(ANY_STAFF)
def show() -> str:
    """Everything about it."""
    current, mine = request_context(), request_context().arriving
    with current.transaction() as tx:
        sign_ins = open_sign_ins(tx, mine.staff.id, current.now)
        events = events_of(tx, mine.staff.id)
        methods = methods_of(tx, mine.staff.id)
        names = staff_names(tx, [event.actor for event in events if event.actor])
    return render_template(
        "areas/account/own/show.html",
        sign_ins=present_sign_ins(sign_ins, mine.id, current.zone),
        events=present_events(events, names, current.zone),
        second_step=present_methods(methods, is_demo=mine.staff.is_demo),
        has_second_step=methods.any,
        grants=grant_notices(current, on_account=True),
        done=DONE.get(request.args.get("done", ""), ""),
    )


@screen.get("/account/password")
@requires(ANY_STAFF, at=_CHOOSING)
def password() -> str:
    """Choose a new one: by oneself, or because the one that let one in was somebody else's."""
    return _password_page(Filled())


@screen.post("/account/password")
@requires(ANY_STAFF, at=_CHOOSING)
def change_password() -> str | Response | tuple[str, int]:
    """Keep the new password, which ends every other sign-in; who was let in by a first one is in from here."""
    current, filled, mine = request_context(), Filled(request.form), request_context().arriving
    new, is_first = request.form.get("new_password", ""), mine.stage is Stage.NEW_PASSWORD
    about = [mine.staff.username, mine.staff.display_name, current.dependencies.clinic_name]
    if weak := password_problem(new, about):
        filled.refuse("new_password", weak)
    if not is_first and (waits := _check_old(current, mine, filled)):
        return _password_page(filled), waits
    if filled.problems:
        return _password_page(filled), 422
    password_hash = hash_password(new)
    with current.transaction() as tx:
        choose_password(tx, mine.staff.id, password_hash, now=current.now)
        end_others(tx, mine.staff.id, mine.id)
        remember(tx, "password.chosen", mine.staff.id, origin=current.origin, now=current.now)
        note(tx, mine.staff, "account.password_chosen", now=current.now)
        sign_in_id = renew(tx, mine)
    to = own_path(filled.get("next")) if is_first else url_for("own_account.show", done="password")
    return signed_in(sign_in_id, None, to)


@screen.post("/account/sign-ins/<uuid:sign_in_id>/end")
@requires(ANY_STAFF)
def end_sign_in(sign_in_id: UUID) -> Response:
    """Sign a browser out that is elsewhere."""
    current = request_context()
    with current.transaction() as tx:
        if not end_one(tx, current.staff.id, sign_in_id):
            raise NotFound
        note(tx, current.staff, "sign_in.ended", now=current.now)
    return redirect(url_for("own_account.show", done="ended"), 303)


@screen.post("/account/sign-ins/end-others")
@requires(ANY_STAFF)
def end_other_sign_ins() -> Response:
    """Sign all other browsers out."""
    current = request_context()
    with current.transaction() as tx:
        end_others(tx, current.staff.id, current.arriving.id)
        remember(tx, "sign_in.others_ended", current.staff.id, origin=current.origin, now=current.now)
        note(tx, current.staff, "sign_in.others_ended", now=current.now)
    return redirect(url_for("own_account.show", done="others"), 303)


def _check_old(current: RequestContext, mine: SignIn, filled: Filled) -> int:
    """The status to answer with where the old password is not right; 0 where it is, or was not looked at."""
    old = request.form.get("old_password", "")
    if not old:
        filled.refuse("old_password", "Enter the password you have now")
        return 422
    if filled.problems:
        return 422
    try:
        check_own_password(
            current.dependencies.database,
            mine.staff.id,
            mine.staff.username,
            old,
            cookies().device(request),
            current.origin,
            current.now,
        )
    except WrongPassword:
        filled.refuse("old_password", "This is not the password you have now")
        return 422
    except WaitBeforeTrying as wait:
        filled.refuse("old_password", wait_sentence(wait.seconds))
        return 429
    return 0


def _password_page(filled: Filled) -> str:
    is_first = request_context().arriving.stage is Stage.NEW_PASSWORD
    return render_template(
        "areas/account/own/password.html",
        layout="kit/layouts/standalone.html" if is_first else "kit/layouts/page.html",
        is_first=is_first,
        next=own_path(request.values.get("next", "")),
        filled=filled,
    )
