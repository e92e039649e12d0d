"""When it does not go on: kind pages that say what happened and what to do, never whose fault it is."""

import structlog
from flask import Flask, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from checkin.feedback_client import EXPIRED, SUBMITTED, USED, FeedbackUnavailable, LinkOver, LinkUnknown
from checkin.request_context import NothingOpen, app_state

_log = structlog.get_logger("checkin")
RETRY_SECONDS = 30
PAGES = {SUBMITTED: "received.html", EXPIRED: "expired.html", USED: "used.html"}


def register_error_pages(app: Flask) -> None:
    """Every failure has its page."""
    app.register_error_handler(FeedbackUnavailable, _unavailable)
    app.register_error_handler(LinkUnknown, _unknown)
    app.register_error_handler(LinkOver, _over)
    app.register_error_handler(NothingOpen, _over)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def _unavailable(error: Exception) -> AnyResponse:
    _log.warning("feedback_unavailable", kind=type(error).__name__)
    # What was just answered is carried along, so that one more press sends it.
    carried = [(name, value) for name, value in request.form.items(multi=True) if name != "text_size"]
    again, method = request.script_root + request.path, "post" if request.method == "POST" else "get"
    response = make_response(render_template("unavailable.html", carried=carried, again=again, method=method), 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _unknown(_error: LinkUnknown) -> AnyResponse:
    return make_response(render_template("unknown.html"), 404)


def _over(error: LinkOver | NothingOpen) -> AnyResponse:
    if app_state().cookies.kiosk(request):
        # The next person has nothing to do with whatever was open here before.
        return redirect(url_for("kiosk.forget"), 303)
    response = make_response(render_template(PAGES.get(error.state, "nothing.html")), 410)
    app_state().cookies.close(request, response)
    return response


def _http(error: HTTPException) -> AnyResponse:
    if error.code == 429:
        return make_response(render_template("too_many.html"), 429, {"Retry-After": "600"})
    if error.code == 404:
        return make_response(render_template("unknown.html"), 404)
    return make_response(render_template("broken.html"), error.code or 500)


def _broken(error: Exception) -> AnyResponse:
    # The kind and the route alone: a message might quote an answer.
    route = request.url_rule.rule if request.url_rule else "none"
    _log.error("page_failed", kind=type(error).__name__, route=route)
    return make_response(render_template("broken.html"), 500)
