"""What goes wrong, in plain words: one table, one page, a number to ring about, never the error's own text."""

import structlog
from flask import Flask, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from portal.clients.responses import ResponseUnreadable
from portal.clients.service_client import ServiceRefused, ServiceUnavailable
from portal.kit.wording.refusals import unavailable_sentence
from portal.request_context import NotSignedIn, request_context
from portal.security.accounts import StaffUnknown
from portal.security.passwords import TooManySignIns
from shared.database import DatabaseUnavailable

_log = structlog.get_logger("portal")

PAGES: dict[int, tuple[str, tuple[str, ...]]] = {
    400: ("This cannot be read", ("Something in the request was not as expected. Go back and try again.",)),
    403: (
        "This is not open to you",
        (
            "Your roles do not open this page, or the page you sent it from was too old.",
            "Go back, reload, and try once more. If you need this page for your work, ask your practice manager.",
        ),
    ),
    404: ("Nothing here for you", ("There is no such page, or it belongs to somebody else's work.",)),
    405: ("This cannot be opened directly", ("Use the button on the page it belongs to.",)),
    409: (
        "Somebody was quicker",
        ("What you saw has changed in the meantime. Go back, reload to see how it stands now, and try again.",),
    ),
    413: ("This is too much text", ("Shorten what you typed and send it again.",)),
    429: ("Slow down a little", ("Too many requests in a short time. Wait a moment and try again.",)),
    500: (
        "Something went wrong on our side",
        ("It has been noted. What you typed may not have been kept: please look before you enter it again.",),
    ),
    503: ("One moment, please", ("Too much is going on at once. Try again in a few seconds.",)),
}
_SAME_PAGE = {410: 404, 412: 409, 415: 400, 422: 400, 428: 409, 401: 403}


def register_errors(app: Flask) -> None:

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> tuple[str, int]:
        return _page(error.code or 500)

    @app.errorhandler(NotSignedIn)
    def not_signed_in(_: NotSignedIn) -> Response:
        return redirect(url_for("sign_in.form"), 303)

    @app.errorhandler(StaffUnknown)
    def unknown(_: StaffUnknown) -> tuple[str, int]:
        return _page(404)

    @app.errorhandler(ServiceRefused)
    def refused(error: ServiceRefused) -> tuple[str, int]:
        return _page(error.status)

    @app.errorhandler(ServiceUnavailable)
    def away(error: ServiceUnavailable) -> tuple[str, int]:
        # After a time-out the change may have been made: only what is read again tells.
        unsure = "Look whether your change is there, then try again in a moment."
        lines = (unavailable_sentence(error.service), "Try again in a moment." if request.method == "GET" else unsure)
        return _render("One part of the house is away", lines, 503)

    @app.errorhandler(TooManySignIns)
    @app.errorhandler(DatabaseUnavailable)
    def too_busy(_: Exception) -> tuple[str, int]:
        return _page(503)

    @app.errorhandler(ResponseUnreadable)
    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        # The type and the places alone (shared.logs.told): an error's text may quote a person's data.
        route = request.url_rule.rule if request.url_rule else "none"
        _log.error("page failed", route=route, trace_id=_trace_id(), exc_info=error)
        return _page(500)


def _page(status: int) -> tuple[str, int]:
    shown = _SAME_PAGE.get(status, status)
    heading, lines = PAGES.get(shown, PAGES[500])
    return _render(heading, lines, status)


def _render(heading: str, lines: tuple[str, ...], status: int) -> tuple[str, int]:
    trace_id = _trace_id() if status >= 500 else ""
    return render_template("kit/layouts/error.html", heading=heading, lines=lines, trace_id=trace_id), status


def _trace_id() -> str:
    try:
        return request_context().trace.trace_id
    except AttributeError:  # it failed before the visit began
        return ""


NOT_KEPT = "This was not kept"


NOT_KEPT_LINES = (
    "This file is not open to you: the therapy has ended, a new therapist has taken over, or it is another\u2019s.",
    "Nothing of what you sent was kept. If it matters, tell the clinical lead, who can still open the file.",
)


def not_kept() -> tuple[str, int]:
    """
    The page for a note on a file that does not open.

    It says the same of a client who never was here: whether somebody is in therapy is itself private.
    """
    return render_template("kit/layouts/error.html", heading=NOT_KEPT, lines=NOT_KEPT_LINES, trace_id=""), 404
