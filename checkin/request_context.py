"""One request of one person: the form it is about, and what the app is made of."""

from dataclasses import dataclass, field

from flask import current_app, request

from checkin.cookies import Cookies
from checkin.feedback_client import OPEN, FeedbackClient, LinkOver, LinkUnknown
from checkin.form import ALONE, CurrentForm, Form, Position
from checkin.limiter import GuessLimiter
from shared.clock import Clock


class NothingOpen(Exception):
    """No form is open in this browser. `state`: `submitted`, `expired`, or empty where we cannot know."""

    def __init__(self, state: str = "") -> None:
        super().__init__(f"no open form ({state or 'unknown'})")
        self.state = state


@dataclass(slots=True)
class CheckinState:
    """
    What every page needs; one for the whole app.

    `help` and `after_risk` remember the clinic's crisis paragraphs from the form seen last, so
    that pages without a form (a link that is over, an outage) can show them too. They are the
    same for everybody and say nothing about anyone.
    """

    feedback: FeedbackClient
    cookies: Cookies
    limiter: GuessLimiter
    clock: Clock
    help: tuple[str, ...] = field(default=())
    after_risk: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class OpenForm:
    """The open form of this browser."""

    handle: str
    current: CurrentForm
    form: Form

    @property
    def named(self) -> str | None:
        """The form's own id, where feedback has to be told which of several is meant."""
        return self.form.id if self.current.position else None

    @property
    def packet(self) -> Position:
        """Which of several forms it is."""
        return self.current.position or ALONE

    @property
    def mark(self) -> str:
        """Which form a page belongs to, where several come one after the other."""
        return f"{self.form.id}.{self.packet.number}"


def app_state() -> CheckinState:
    """What every page needs."""
    found: CheckinState = current_app.extensions["checkin"]
    return found


def open_form() -> OpenForm:
    """
    The form this browser has open, as feedback has it now.

    Raises:
        NothingOpen: no handle, or the form was received or is over.
        FeedbackUnavailable: feedback does not answer.
    """
    handle = app_state().cookies.handle(request)
    if handle is None:
        raise NothingOpen
    try:
        current = app_state().feedback.current(handle)
    except LinkOver as over:
        raise NothingOpen(over.state) from over
    except LinkUnknown as unknown:
        app_state().limiter.wrong_guess(request.remote_addr, app_state().clock())
        raise NothingOpen from unknown
    remember_help(current)
    if current.state != OPEN or current.form is None:
        raise NothingOpen(current.state)
    return OpenForm(handle, current, current.form)


def remember_help(current: CurrentForm) -> None:
    """Keep the clinic's crisis paragraphs for pages that have no form at hand."""
    if current.clinic:
        app_state().help = current.clinic.crisis or app_state().help
        app_state().after_risk = current.clinic.after_risk or app_state().after_risk
