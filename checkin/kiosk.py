"""The clinic's own devices: tablets that take codes from the desk; they, and one handed over, forget each person."""

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from checkin.feedback_client import KioskUnknown, LinkOver, LinkUnknown, Paused
from checkin.links import TOKEN
from checkin.request_context import app_state

kiosk = Blueprint("kiosk", __name__)

DIGITS = 6
THANKS_SECONDS = 12  # to read the thank-you
IDLE_SECONDS, WIPE_SECONDS = 60, 30  # until the tablet asks, and then until it forgets
WITHOUT_SCRIPTS_SECONDS = 300  # a browser without scripts cannot see that somebody still reads

_WRONG = "This code does not open a form. Please check the six numbers, or ask at the desk for a new code."
_ENDED = "The time for this code is over, or it was used before. Please ask at the desk for a new code."
_PAUSED = (
    "Several codes did not fit, so this tablet pauses for a few minutes. "
    "Please ask at the desk: they can help in another way."
)
_INCOMPLETE = "Please enter the six numbers that you were given at the desk."


def add_kiosk(app: Flask) -> None:
    """The pages of the tablet; on any device of the clinic, a form that nobody touches is forgotten after minutes."""
    app.register_blueprint(kiosk)

    @app.context_processor
    def seen_at_kiosk() -> dict[str, object]:
        return {
            "at_kiosk": app_state().cookies.kiosk(request) is not None,
            "is_handed_over": app_state().cookies.is_handed_over(request),
            "idle_seconds": IDLE_SECONDS,
            "wipe_seconds": WIPE_SECONDS,
            "unseen_seconds": WITHOUT_SCRIPTS_SECONDS,
        }

    @app.after_request
    def still_there(response: Response) -> Response:
        if request.endpoint != "static":
            app_state().cookies.renew(request, response)
        return response


@kiosk.get("/kiosk")
def code() -> AnyResponse:
    """Where the next person enters their code; a form that is still open in this browser is forgotten."""
    if app_state().cookies.kiosk(request) is None:
        return make_response(render_template("kiosk_unknown.html"), 403)
    response = _shown("")
    app_state().cookies.close(request, response)
    return response


@kiosk.post("/kiosk")
def open_by_code() -> AnyResponse:
    key = app_state().cookies.kiosk(request)
    if key is None:
        return make_response(render_template("kiosk_unknown.html"), 403)
    digits = "".join(request.form.get("code", "").split())
    if not (len(digits) == DIGITS and digits.isascii() and digits.isdigit()):
        return _shown(_INCOMPLETE, 422)
    try:
        exchange = app_state().feedback.exchange_code(key, digits)
    except (LinkUnknown, LinkOver) as not_open:
        return _shown(_ENDED if isinstance(not_open, LinkOver) else _WRONG, 422)
    except Paused:
        return _shown(_PAUSED, 429)
    except KioskUnknown:
        response = make_response(render_template("kiosk_unknown.html"), 403)
        app_state().cookies.drop_kiosk(request, response)
        return response
    response = make_response(redirect(url_for("questions.resume"), 303))
    app_state().cookies.keep_handle(request, response, exchange, app_state().clock())
    return response


@kiosk.get("/kiosk/next")
def forget() -> AnyResponse:
    """Leave nothing of whoever sat here, and wait for the next person; a device that was handed over is asked back."""
    at_kiosk = app_state().cookies.kiosk(request) is not None
    page = redirect(url_for("kiosk.code"), 303) if at_kiosk else render_template("given_back.html")
    response = make_response(page)
    app_state().cookies.wipe(request, response)
    return response


@kiosk.get("/kiosk/enrol/<token>")
def enrol_page(token: str) -> str:
    """What happens next, for the colleague who sets up the tablet; looking changes nothing."""
    return render_template("kiosk_enrol.html", token=token)


@kiosk.post("/kiosk/enrol/<token>")
def enrol(token: str) -> AnyResponse:
    if not TOKEN.fullmatch(token):
        raise LinkUnknown
    response = make_response(redirect(url_for("kiosk.code"), 303))
    app_state().cookies.wipe(request, response)
    app_state().cookies.keep_kiosk(request, response, token)
    return response


def forget_soon(response: Response) -> None:
    """On a device of the clinic, forget this person after a moment, scripts or not."""
    if app_state().cookies.is_clinics(request):
        response.headers["Refresh"] = f"{THANKS_SECONDS}; url={request.script_root}/kiosk/next"


def _shown(problem: str, status: int = 200) -> Response:
    return make_response(render_template("kiosk.html", problem=problem, digits=DIGITS), status)
