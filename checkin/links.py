"""The way in: the page behind a link, and the button that opens the form. Looking at the page uses nothing up."""

import re

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from checkin.feedback_client import LinkOver, LinkUnknown
from checkin.request_context import NothingOpen, app_state, open_form

links = Blueprint("links", __name__)

CLINICS = "clinic"  # `?device=`: the portal says so where it hands over the device it runs on
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")  # what a link can look like at all


@links.get("/")
def home() -> AnyResponse:
    """For whoever comes without a link; a tablet waits for a code."""
    if app_state().cookies.kiosk(request):
        return redirect(url_for("kiosk.code"), 303)
    return make_response(render_template("home.html"))


@links.get("/f/<token>")
def welcome(token: str) -> str:
    """Neutral, the same for every link: mail scanners and previews see no more than this, and change nothing."""
    return render_template("welcome.html", token=token, handed_over=request.args.get("device") == CLINICS)


@links.post("/f/<token>")
def begin(token: str) -> AnyResponse:
    """
    Exchange the link for a cookie and a clean address.

    A person's own browser shows the handle it has, and goes on with what it began; a device of the clinic never does.
    """
    handed_over = request.form.get("device") == CLINICS
    is_own = not (handed_over or app_state().cookies.is_clinics(request))
    now = app_state().clock()
    try:
        if not TOKEN.fullmatch(token):
            raise LinkUnknown  # noqa: TRY301 - the same answer as for any wrong link
        exchange = app_state().feedback.exchange(token, held=app_state().cookies.handle(request) if is_own else None)
    except LinkUnknown:
        # Looked at before anything is refused: wrong links of a stranger must not shut out whoever holds a right one.
        if app_state().limiter.is_paused(request.remote_addr, now):
            abort(429)
        app_state().limiter.wrong_guess(request.remote_addr, now)
        raise
    except LinkOver as over:
        return _carry_on(over, is_own=is_own)
    response = redirect(url_for("questions.resume"), 303)
    app_state().cookies.keep_handle(request, _own(response), exchange, now, handed_over=handed_over)
    return response


def _carry_on(over: LinkOver, *, is_own: bool) -> AnyResponse:
    """The link was opened before; where it was in this browser, the form goes on. On a device of the clinic it ends."""
    try:
        opened = open_form()
    except NothingOpen:
        raise over from None
    if opened.current.answers and not is_own:
        raise over
    return redirect(url_for("questions.resume"), 303)


@links.post("/text-size")
def text_size() -> AnyResponse:
    """Larger or smaller text, on the page the person came from."""
    back = request.form.get("back", "")
    # Only our own paths: a link from elsewhere must not send anyone anywhere.
    inside = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    response = redirect(request.script_root + (back if inside else "/"), 303)
    app_state().cookies.keep_size(request, _own(response), request.form.get("text_size", ""))
    return response


def _own(response: AnyResponse) -> Response:
    return make_response(response)
