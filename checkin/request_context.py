"""One request of one person: the form it is about, and what the app is made of."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from flask import current_app, request

from checkin.cookies import Cookies
from checkin.feedback_client import OPEN, SUBMITTED, FeedbackClient, LinkOver, LinkUnknown
from checkin.form import ALONE, Answer, CurrentForm, Form, Position
from checkin.limiter import GuessLimiter
from shared.clock import Clock

MOST_FORMS = 100  # wordings remembered at once: several measures in several versions


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
    same for everybody and say nothing about anyone. So do `forms`, the wordings shown lately by
    their digests: an answer is read by the form that its page showed, without asking for it again.
    """

    feedback: FeedbackClient
    cookies: Cookies
    limiter: GuessLimiter
    clock: Clock
    help: tuple[str, ...] = field(default=())
    after_risk: tuple[str, ...] = field(default=())
    forms: Mapping[str, Form] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenForm:
    """The open form of this browser."""

    current: CurrentForm
    form: Form

    @property
    def packet(self) -> Position:
        """Which of several forms it is."""
        return self.current.position or ALONE

    @property
    def mark(self) -> str:
        """Which form a page belongs to, where several come one after the other."""
        return f"{self.form.id}.{self.packet.number}"

    @property
    def definition(self) -> str:
        """The form as it was worded here and now, for the answer to this page: see `form_of_page`."""
        return _digest(self.form)


def app_state() -> CheckinState:
    found: CheckinState = current_app.extensions["checkin"]
    return found


def current_form() -> CurrentForm:
    """
    What this browser has open, as feedback has it now; also where it was sent or ran out.

    Raises:
        NothingOpen: no handle, or one that opens nothing.
        FeedbackUnavailable: feedback does not answer.
    """
    return _ask(app_state().feedback.current)


def open_form() -> OpenForm:
    """
    The form this browser has open, as feedback has it now.

    Raises:
        NothingOpen: as `current_form`, or the form was received or is over.
        FeedbackUnavailable: feedback does not answer.
    """
    current = current_form()
    if current.state != OPEN or current.form is None:
        raise NothingOpen(current.state)
    return OpenForm(current, current.form)


def form_of_page() -> Form | None:
    """
    The form that the page showed from which an answer comes; None: another one is open by now.

    Feedback is asked only where this process has not shown that form lately.

    Raises:
        NothingOpen, FeedbackUnavailable: as `open_form`.
    """
    known = app_state().forms.get(request.form.get("definition", ""))
    if known is not None:
        return known
    opened = open_form()
    return None if is_about_another(opened) else opened.form


def is_about_another(opened: OpenForm) -> bool:
    """
    Tell whether the page that was sent shows another form than the one that is open.

    Forms come one after the other under the same addresses: a page of the first, sent twice
    or found by Back, must not answer the second.
    """
    return request.form.get("form", opened.mark) != opened.mark


def save(form: Form, answers: Mapping[str, Answer | None]) -> CurrentForm:
    """
    Save the answers to some questions of a form.

    Raises:
        NothingOpen: the form was received or ran out in the meantime.
        AnswersRefused, FeedbackUnavailable.
    """
    current = _ask(lambda handle: app_state().feedback.save(handle, form.id, answers))
    if current.state != OPEN:
        raise NothingOpen(current.state)
    return current


def submit(form: Form, answers: Mapping[str, Answer | None]) -> CurrentForm:
    """Send a form; after the last of several, or the only one, nothing is open any more. Raises as `save`."""
    current = _ask(lambda handle: app_state().feedback.submit(handle, form.id, answers))
    if current.state not in {SUBMITTED, OPEN}:
        raise NothingOpen(current.state)
    return current


def remember(current: CurrentForm) -> None:
    """Keep what is the same for everybody: the clinic's crisis paragraphs, and how a form is worded."""
    state = app_state()
    if current.clinic:
        state.help = current.clinic.crisis or state.help
        state.after_risk = current.clinic.after_risk or state.after_risk
    if current.form:
        # A new mapping each time: other threads may be reading the old one.
        others = state.forms if len(state.forms) < MOST_FORMS else {}
        state.forms = {**others, _digest(current.form): current.form}


def _ask(call: Callable[[str], CurrentForm]) -> CurrentForm:
    handle = app_state().cookies.handle(request)
    if handle is None:
        raise NothingOpen
    try:
        current = call(handle)
    except LinkOver as over:
        raise NothingOpen(over.state) from over
    except LinkUnknown as unknown:
        app_state().limiter.wrong_guess(request.remote_addr, app_state().clock())
        raise NothingOpen from unknown
    remember(current)
    return current


def _digest(form: Form) -> str:
    return hashlib.sha256(msgspec.json.encode(form)).hexdigest()[:32]
