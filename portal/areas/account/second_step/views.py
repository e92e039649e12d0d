"""The second step of one's own account: set up before one is in, changed afterwards with proof afresh."""

from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from portal.clinic_time import local_day
from portal.kit.forms import Filled
from portal.kit.sign_in import browser_hash, cookies, own_path, passkeys_work_here, site
from portal.kit.wording.times import plain_day
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.account_events import remember
from portal.security.passkeys import (
    PasskeyRefused,
    passkeys_of,
    register,
    registration_options,
    remove_passkey,
    take_challenge,
)
from portal.security.permissions import ANY_STAFF, requires
from portal.security.second_step import (
    WrongCode,
    begin_app,
    confirm_app,
    methods_of,
    new_recovery_codes,
    pending_app,
    remove_app,
)
from portal.security.sign_ins import Stage, know_device, prove
from shared.database import Tx

screen = Blueprint("second_step", __name__)
_SETTING_UP = (Stage.ENROL, Stage.IN)
DONE = {"added": "Added.", "removed": "Removed."}
_LAST = "One second step has to remain: add another one first"


@screen.get("/account/second-step")
@requires(ANY_STAFF, at=_SETTING_UP, fresh=True)
def show() -> str:
    """What there is, and what can be added."""
    return _page(Filled())


@screen.post("/account/second-step/app")
@requires(ANY_STAFF, at=_SETTING_UP, fresh=True)
def begin_with_app() -> AnyResponse:
    """A new secret for an app; nothing counts until its first code."""
    current = request_context()
    with current.transaction() as tx:
        begin_app(tx, current.arriving.staff.id)
    return redirect(url_for("second_step.app", next=own_path(request.form.get("next", ""))), 303)


@screen.get("/account/second-step/app")
@requires(ANY_STAFF, at=_SETTING_UP, fresh=True)
def app() -> str | AnyResponse:
    """The picture to scan, the same as text, and a field for the first code."""
    return _app_page(Filled())


@screen.post("/account/second-step/app/first-code")
@requires(ANY_STAFF, at=_SETTING_UP, fresh=True)
def confirm_with_code() -> str | AnyResponse | tuple[str | AnyResponse, int]:
    """The app shows the right codes: from now on they count."""
    current, filled = request_context(), Filled(request.form)
    code = filled.text("code", "Enter the code that the app shows", most=40)
    if filled.problems:
        return _app_page(filled), 422
    try:
        with current.transaction() as tx:
            confirm_app(tx, current.arriving.staff.id, code, current.now)
            return _added(tx, current, "second_step.app_added")
    except WrongCode:
        filled.refuse("code", "This is not the code that the app should show now. Is the phone's clock right?")
        return _app_page(filled), 422


@screen.post("/account/second-step/passkey/options")
@requires(ANY_STAFF, at=_SETTING_UP, fresh=True)
def passkey_options() -> Response:
    """What a script asks the browser to make a key for."""
    current = request_context()
    with current.transaction() as tx:
        options = registration_options(
            tx, current.arriving.staff, site(), browser_hash(), current.dependencies.clinic_name, current.now
        )
    return Response(options, content_type="application/json")


@screen.post("/account/second-step/passkey")
@requires(ANY_STAFF, at=_SETTING_UP, fresh=True)
def add_passkey() -> str | AnyResponse | tuple[str, int]:
    """Keep the public half of a new key."""
    current, filled = request_context(), Filled(request.form)
    label = "".join(filter(str.isprintable, filled.get("label")))[:60] or current.origin.device
    try:
        with current.transaction() as tx:
            challenge = take_challenge(tx, browser_hash(), current.now)
        with current.transaction() as tx:
            register(tx, current.arriving.staff, site(), challenge, filled.get("credential"), label, current.now)
            return _added(tx, current, "second_step.passkey_added")
    except PasskeyRefused:
        filled.refuse("label", "This key could not be added. Try again")
        return _page(filled), 422


@screen.post("/account/second-step/recovery-codes")
@requires(ANY_STAFF, fresh=True)
def recovery_codes() -> str | AnyResponse | tuple[str, int]:
    """Ten new ones; the old ones end."""
    current = request_context()
    with current.transaction() as tx:
        if not methods_of(tx, current.staff.id).any:
            raise NotFound
        codes = new_recovery_codes(tx, current.staff.id)
        _remember(tx, current, "second_step.recovery_codes_made")
    return _codes_page(codes)


@screen.post("/account/second-step/app/remove")
@requires(ANY_STAFF, fresh=True)
def take_app_away() -> str | AnyResponse | tuple[str, int]:
    """Its codes count no more."""
    current = request_context()
    with current.transaction() as tx:
        methods = methods_of(tx, current.staff.id)
        if not methods.app:
            raise NotFound
        is_last = methods.passkeys == 0
        if not is_last or not current.dependencies.second_step_required:
            remove_app(tx, current.staff.id)
            _remember(tx, current, "second_step.app_removed")
            return _removed()
    return _refused_as_last()


@screen.post("/account/second-step/passkeys/<uuid:passkey_id>/remove")
@requires(ANY_STAFF, fresh=True)
def take_passkey_away(passkey_id: UUID) -> str | AnyResponse | tuple[str, int]:
    """It opens nothing any more."""
    current = request_context()
    with current.transaction() as tx:
        methods = methods_of(tx, current.staff.id)
        is_last = methods.passkeys == 1 and not methods.app
        if not is_last or not current.dependencies.second_step_required:
            if not remove_passkey(tx, current.staff.id, passkey_id):
                raise NotFound
            _remember(tx, current, "second_step.passkey_removed")
            return _removed()
    return _refused_as_last()


def _added(tx: Tx, current: RequestContext, kind: str) -> AnyResponse:
    """Whoever sets a second step up has passed it; with the first one come the recovery codes."""
    mine = current.arriving
    codes = new_recovery_codes(tx, mine.staff.id) if not methods_of(tx, mine.staff.id).recovery_codes else None
    _remember(tx, current, kind)
    sign_in_id = prove(tx, mine, current.now, second_step=True)
    if device := cookies().device(request):
        know_device(tx, mine.staff.id, device, current.now)
    response = make_response(_codes_page(codes)) if codes else redirect(url_for("second_step.show", done="added"), 303)
    cookies().keep_sign_in(response, sign_in_id, None)
    return response


def _removed() -> AnyResponse:
    return redirect(url_for("second_step.show", done="removed"), 303)


def _refused_as_last() -> tuple[str, int]:
    filled = Filled()
    filled.refuse("", _LAST)
    return _page(filled), 422


def _remember(tx: Tx, current: RequestContext, kind: str) -> None:
    staff = current.arriving.staff
    remember(tx, kind, staff.id, origin=current.origin, now=current.now)
    note(tx, staff, f"account.{kind}", now=current.now)


def _page(filled: Filled) -> str:
    current, mine = request_context(), request_context().arriving
    with current.transaction() as tx:
        methods, passkeys = methods_of(tx, mine.staff.id), passkeys_of(tx, mine.staff.id)
    return render_template(
        "areas/account/second_step/show.html",
        methods=methods,
        passkeys=[(key.id, key.label, plain_day(local_day(key.created_at, current.zone))) for key in passkeys],
        passkeys_possible=passkeys_work_here(),
        done=DONE.get(request.args.get("done", ""), ""),
        **_common(filled),
    )


def _app_page(filled: Filled) -> str | AnyResponse:
    current = request_context()
    with current.transaction() as tx:
        enrolment = pending_app(tx, current.arriving.staff, current.dependencies.clinic_name)
    if enrolment is None:
        return redirect(url_for("second_step.show"), 303)
    return render_template("areas/account/second_step/app.html", enrolment=enrolment, **_common(filled))


def _codes_page(codes: list[str]) -> str:
    return render_template("areas/account/second_step/codes.html", codes=codes, **_common(Filled()))


def _common(filled: Filled) -> dict[str, object]:
    is_new = request_context().arriving.stage is Stage.ENROL
    to = own_path(request.values.get("next", ""))
    return {
        "layout": "kit/layouts/standalone.html" if is_new else "kit/layouts/page.html",
        "is_new": is_new,
        "next": to,
        "on": to if is_new else url_for("own_account.show"),
        "filled": filled,
    }
