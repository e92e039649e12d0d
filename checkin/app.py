"""Puts the client's form together: `create_checkin(dependencies)` gives the Flask application."""

from dataclasses import dataclass

import httpx
from flask import Flask, Response, abort, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from checkin.access import check_routes
from checkin.assets import add_assets
from checkin.cookies import SIZES, Cookies
from checkin.error_pages import register_error_pages
from checkin.feedback_client import FeedbackClient
from checkin.kiosk import add_kiosk
from checkin.limiter import GuessLimiter
from checkin.links import links
from checkin.questions import questions
from checkin.request_context import CheckinState, app_state
from checkin.submission import submission
from shared.clock import Clock, utc_now
from shared.security.tokens import TokenSigner
from shared.web.headers import secure_pages

_MOST_BYTES = 32 * 1024  # of a posted page; the longest text fits several times


@dataclass(frozen=True, slots=True)
class CheckinDependencies:
    """
    What the form app depends on.

    Attributes:
        signer: Signs as issuer `checkin`.
        clinic_name: Shown at the top of every page.
        base_url: Of the feedback service.
        transport: Its WSGI application in the same process, instead of a socket.
        secure_cookies: True behind TLS; False only for plain HTTP on loopback.
        url_prefix: Where the app is mounted, such as `/check-in`; empty where whoever runs it mounts it already.
        inner_port: The listener on which /livez and /readyz answer, where there is one; nowhere else they exist.
    """

    signer: TokenSigner
    clinic_name: str
    base_url: str = "http://feedback"
    transport: httpx.BaseTransport | None = None
    clock: Clock = utc_now
    secure_cookies: bool = True
    url_prefix: str = ""
    inner_port: int | None = None


def create_checkin(dependencies: CheckinDependencies) -> Flask:
    """
    The client's form as a WSGI application; between two requests it holds nothing about anybody.

    Raises:
        PageWithoutAccess: a page does not say what it asks of a browser.
    """
    app = Flask("checkin", static_url_path="/static")
    app.config.update(MAX_CONTENT_LENGTH=_MOST_BYTES, MAX_FORM_MEMORY_SIZE=_MOST_BYTES, MAX_FORM_PARTS=50)
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.extensions["checkin"] = CheckinState(
        feedback=FeedbackClient(dependencies.base_url, dependencies.signer, dependencies.clock, dependencies.transport),
        cookies=Cookies(secure=dependencies.secure_cookies),
        limiter=GuessLimiter(),
        clock=dependencies.clock,
    )
    add_assets(app)
    _add_template_globals(app, dependencies.clinic_name)
    app.before_request(_refuse_other_sites)
    secure_pages(app)
    app.after_request(_hide_from_search)
    for blueprint in (links, questions, submission):
        app.register_blueprint(blueprint)
    add_kiosk(app)
    if dependencies.inner_port is not None:
        _add_health(app, dependencies.inner_port)
    register_error_pages(app)
    check_routes(app)
    _mount(app, dependencies)
    return app


def _add_template_globals(app: Flask, clinic_name: str) -> None:
    app.jinja_env.globals.update(clinic_name=clinic_name, sizes=SIZES)

    @app.context_processor
    def seen_by_all() -> dict[str, object]:
        return {
            "help_lines": app_state().help,
            "text_size": app_state().cookies.size(request),
            "here": request.full_path.rstrip("?"),
        }


def _refuse_other_sites() -> None:
    """Answers come from our own pages. Cookies are `Lax` besides; browsers send no Origin under `no-referrer`."""
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}
    if request.method == "POST" and foreign:
        abort(403)


def _hide_from_search(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _mount(app: Flask, dependencies: CheckinDependencies) -> None:
    if dependencies.url_prefix:
        app.wsgi_app = DispatcherMiddleware(NotFound(), {dependencies.url_prefix: app.wsgi_app})  # type: ignore[method-assign]


def _add_health(app: Flask, inner_port: int) -> None:
    def answer() -> Response:
        # The port is the listener's own; a Host header cannot forge it.
        if request.environ.get("SERVER_PORT") != str(inner_port):
            abort(404)
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    # Ready as soon as it is alive: when feedback is away, the pages say so themselves.
    for name in ("livez", "readyz"):
        app.add_url_rule(f"/{name}", name, answer)
