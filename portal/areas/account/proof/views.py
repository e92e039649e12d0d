"""The second step of a sign-in, the way back after a pause, and proof afresh; by code, password or passkey."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.kit.forms import Filled
from portal.kit.sign_in import browser_hash, cookies, own_path, passkeys_work_here, signed_in, site
from portal.kit.wording.refusals import wait_sentence
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.account_events import remember
from portal.security.accounts import get_staff
from portal.security.attempts import WaitBeforeTrying
from portal.security.passkeys import PasskeyRefused, authenticate, authentication_options, take_challenge
from portal.security.permissions import ANY_STAFF, EVERYONE, requires
from portal.security.second_step import WrongCode, check_code, methods_of
from portal.security.sign_ins import (
    Stage,
    WrongPassword,
    begin,
    check_own_password,
    forget_form,
    held_form,
    know_device,
    known_device,
    prove,
)

screen = Blueprint("proof", __name__)
_JUST_BACK = timedelta(minutes=1)  # a form that waited is sent by itself no later


@screen.get("/sign-in/second-step")
@requires(ANY_STAFF, at=(Stage.SECOND_STEP,))
def second_step() -> str:
    """After the password: a code, or a passkey."""
    return _code_page(Filled(), "second_step")


@screen.post("/sign-in/second-step")
@requires(ANY_STAFF, at=(Stage.SECOND_STEP,))
def pass_second_step() -> AnyResponse | tuple[str, int]:
    """The code is right: on, with a new id, and this browser is known from now on."""
    filled = Filled(request.form)
    return _prove(filled, _by_code, lambda: _code_page(filled, "second_step"))


@screen.get("/confirm")
@requires(ANY_STAFF)
def confirm() -> str:
    """Before what takes data along or changes rights: are you still you?"""
    if request_context().arriving.has_second_step:
        return _code_page(Filled(), "confirm")
    return _password_page(Filled(), "confirm")


@screen.post("/confirm")
@requires(ANY_STAFF)
def prove_afresh() -> AnyResponse | tuple[str, int]:
    """By the second step; by the password where there is none."""
    filled = Filled(request.form)
    if request_context().arriving.has_second_step:
        return _prove(filled, _by_code, lambda: _code_page(filled, "confirm"))
    return _prove(filled, _by_password, lambda: _password_page(filled, "confirm"))


@screen.get("/unlock")
@requires(ANY_STAFF, at=(Stage.LOCKED,))
def locked() -> str:
    """After a pause."""
    return _password_page(Filled(), "unlock")


@screen.post("/unlock")
@requires(ANY_STAFF, at=(Stage.LOCKED, Stage.IN))
def unlock() -> AnyResponse | tuple[str, int]:
    """Back to where one was; asked by a page that hid itself, the answer is no page but whether it may show itself."""
    filled = Filled(request.form)
    answer = _prove(filled, _by_password, lambda: _password_page(filled, "unlock"))
    if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        return answer
    if isinstance(answer, tuple):
        return Response(filled.problems[0].message, answer[1], content_type="text/plain; charset=utf-8")
    answer.status_code, answer.data = 204, b""
    del answer.headers["Location"]
    return answer


@screen.get("/go-on")
@requires(ANY_STAFF)
def go_on() -> str | AnyResponse:
    """What was sent too early is sent now, by the button or by itself; nothing of it was lost."""
    current = request_context()
    with current.transaction() as tx:
        held = held_form(tx, current.arriving, current.now)
    if held is None:
        return redirect(url_for("home.start"), 303)
    proved_at = current.arriving.proved_at
    just_back = proved_at is not None and abs(current.now - proved_at) < _JUST_BACK
    return render_template("areas/account/proof/go_on.html", held=held, sends_itself=just_back)


@screen.post("/go-on")
@requires(ANY_STAFF)
def leave_it() -> AnyResponse:
    """What waits is not to be sent any more."""
    current = request_context()
    with current.transaction() as tx:
        forget_form(tx, current.arriving)
    return redirect(url_for("home.start"), 303)


@screen.post("/passkey/options")
@requires(EVERYONE)
def passkey_options() -> AnyResponse:
    """What a script asks the browser's keys to sign."""
    current = request_context()
    staff_id = current.sign_in.staff.id if current.sign_in else None
    with current.transaction() as tx:
        options = authentication_options(tx, staff_id, site(), browser_hash(), current.now)
    return Response(options, content_type="application/json")


@screen.post("/passkey")
@requires(EVERYONE)
def passkey() -> AnyResponse:
    """A key has signed: it is both steps at once, so it signs in, or proves afresh whose sign-in this is."""
    current = request_context()
    to = own_path(request.form.get("next", ""))
    try:
        with current.transaction() as tx:
            challenge = take_challenge(tx, browser_hash(), current.now)
        with current.transaction() as tx:
            owner = authenticate(tx, site(), challenge, request.form.get("credential", ""), current.now)
            if current.sign_in and current.sign_in.staff.id != owner:
                raise PasskeyRefused("another person's key")  # noqa: TRY301 - the same answer as for any other
            if current.sign_in:
                sign_in_id = prove(tx, current.sign_in, current.now, second_step=True)
            else:
                sign_in_id = begin(tx, owner, current.now, current.origin, second_step=True)
            note(tx, get_staff(tx, owner), "sign_in.passkey", now=current.now)
    except PasskeyRefused:
        return redirect(url_for("sign_in.form", next=to, note="passkey"), 303)
    return signed_in(sign_in_id, None, to)


def _prove(
    filled: Filled, check: Callable[[RequestContext, Filled], bool], page: Callable[[], str]
) -> AnyResponse | tuple[str, int]:
    current = request_context()
    try:
        is_second_step = check(current, filled)
    except WaitBeforeTrying as wait:
        filled.refuse("code" if "code" in request.form else "password", wait_sentence(wait.seconds))
        return page(), 429
    except (WrongCode, WrongPassword):
        with current.transaction() as tx:
            note(tx, current.arriving.staff, "sign_in.proof_failed", now=current.now)
    if filled.problems:
        return page(), 422
    mine, device = current.arriving, cookies().device(request)
    with current.transaction() as tx:
        sign_in_id = prove(tx, mine, current.now, second_step=is_second_step)
        if mine.stage is Stage.SECOND_STEP and device:
            know_device(tx, mine.staff.id, device, current.now)
        note(tx, mine.staff, "sign_in.proved", now=current.now)
    return signed_in(sign_in_id, None, own_path(filled.get("next")))


def _by_code(current: RequestContext, filled: Filled) -> bool:
    code = filled.text("code", "Enter a code", most=40)
    if filled.problems:
        return False
    mine, database = current.arriving, current.dependencies.database
    with current.transaction() as tx:
        device = known_device(tx, mine.staff.id, cookies().device(request))
    try:
        which = check_code(database, mine.staff, code, device, current.origin, current.now)
    except WrongCode:
        filled.refuse("code", "This code is not right, or was used before. Each one counts once")
        with current.transaction() as tx:
            remember(tx, "second_step.failed", mine.staff.id, origin=current.origin, now=current.now)
        raise
    if which == "recovery":
        with current.transaction() as tx:
            remember(tx, "second_step.recovery_code_used", mine.staff.id, origin=current.origin, now=current.now)
    return True


def _by_password(current: RequestContext, filled: Filled) -> bool:
    password = request.form.get("password", "")
    if not password or len(password) > 256:
        filled.refuse("password", "Enter your password")
        return False
    mine = current.arriving
    try:
        check_own_password(
            current.dependencies.database,
            mine.staff.id,
            mine.staff.username,
            password,
            cookies().device(request),
            current.origin,
            current.now,
        )
    except WrongPassword:
        filled.refuse("password", "This is not your password")
        raise
    return False


def _code_page(filled: Filled, action: str) -> str:
    current = request_context()
    with current.transaction() as tx:
        methods = methods_of(tx, current.arriving.staff.id)
    return render_template(
        "areas/account/proof/code.html",
        methods=methods,
        **_common(filled, action),
    )


def _password_page(filled: Filled, action: str) -> str:
    mine = request_context().arriving
    return render_template(
        "areas/account/proof/password.html",
        has_passkey=mine.has_second_step and passkeys_work_here(),
        name=mine.staff.display_name,
        **_common(filled, action),
    )


def _common(filled: Filled, action: str) -> dict[str, object]:
    return {
        "action": action,
        "next": own_path(request.values.get("next", "")),
        "filled": filled,
    }
