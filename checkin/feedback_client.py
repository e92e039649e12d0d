"""The only way out: four routes of the feedback service, for one form at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import httpx
import msgspec

from checkin.form import Answer, CurrentForm
from shared.clock import Clock
from shared.security.tokens import TokenSigner
from shared.trace import new_trace

T = TypeVar("T")

TIMEOUT_SECONDS = 4.0  # a phone on a train waits anyway; past this the person is told
HANDLE_HEADER = "X-Form-Handle"
OPEN, SUBMITTED, EXPIRED, USED = "open", "submitted", "expired", "used"
# What became of a link, by the end of the problem's type (RFC 9457).
LINK_STATES = {"already-received": SUBMITTED, "form-over": EXPIRED, "link-used": USED}


class FeedbackUnavailable(Exception):
    """The feedback service does not answer, or cannot; nothing was changed as far as we know."""


class ResponseUnreadable(FeedbackUnavailable):
    """Feedback answered in a shape this app does not understand; the message names the place and quotes nothing."""


class LinkUnknown(Exception):
    """There is no such link, or no such open form."""


class LinkOver(Exception):
    """
    The link was right once. `state` says what became of it: `submitted`, `expired`, or `used`
    (opened before, or replaced by a newer one).
    """

    def __init__(self, state: str) -> None:
        super().__init__(f"the link is over: {state}")
        self.state = state


class KioskUnknown(Exception):
    """The tablet is none of the clinic's, or no longer."""


class Paused(Exception):
    """Too many wrong codes: for a few minutes this tablet takes none, right or wrong."""


class AnswersRefused(Exception):
    """The service does not take these answers; `problems` maps item ids to its sentences."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("answers refused: " + ", ".join(sorted(problems)))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a link was exchanged for: the handle of one form, until it expires."""

    handle: str
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that was refused, with a sentence."""

    field: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What we read of a refusal (RFC 9457)."""

    type: str = ""
    errors: tuple[FieldProblem, ...] = ()

    @property
    def kind(self) -> str:
        """The end of its type."""
        return self.type.rpartition("/")[2]


class FeedbackClient:
    """Feedback as this app may see it. A call is made once; whoever sees that it failed presses the button again."""

    def __init__(self, base_url: str, signer: TokenSigner, clock: Clock, transport: httpx.BaseTransport | None) -> None:
        self._client = httpx.Client(base_url=base_url, transport=transport, timeout=TIMEOUT_SECONDS)
        self._signer = signer
        self._clock = clock

    def exchange(self, token: str, *, held: str | None = None) -> Exchange:
        """
        Use up a link. By the handle it has held so far a browser that had begun is known again.

        Raises:
            FeedbackUnavailable, LinkUnknown, LinkOver.
        """
        return self._send(Exchange, "POST", "/v1/forms/exchange", handle=held, json={"token": token})

    def exchange_code(self, kiosk: str, code: str) -> Exchange:
        """Use up a code on a tablet of the clinic. Raises as `exchange`, and KioskUnknown, Paused."""
        return self._send(Exchange, "POST", "/v1/forms/kiosk-exchange", json={"kiosk": kiosk, "code": code})

    def current(self, handle: str) -> CurrentForm:
        """The form as it stands. Raises FeedbackUnavailable, LinkUnknown, LinkOver."""
        return self._send(CurrentForm, "GET", "/v1/forms/current", handle=handle)

    def save(self, handle: str, measure_id: str, answers: Mapping[str, Answer | None]) -> CurrentForm:
        """
        Save the answers to some questions; None takes one back, and all others stay as they are.

        Raises:
            FeedbackUnavailable, LinkUnknown, LinkOver: as for the others.
            AnswersRefused: at least one answer is not one the form takes.
        """
        return self._fill_in(handle, measure_id, answers, submit=False)

    def submit(self, handle: str, measure_id: str, answers: Mapping[str, Answer | None]) -> CurrentForm:
        """Send the form for good, with what was saved and these answers. Raises as `save`."""
        return self._fill_in(handle, measure_id, answers, submit=True)

    def _fill_in(
        self, handle: str, measure_id: str, answers: Mapping[str, Answer | None], *, submit: bool
    ) -> CurrentForm:
        body = {"measure_id": measure_id, "answers": dict(answers), "submit": submit, "merge": True}
        return self._send(CurrentForm, "PUT", "/v1/forms/current", handle=handle, json=body)

    def _send(self, gives: type[T], method: str, path: str, *, handle: str | None = None, json: Any = None) -> T:
        token = self._signer.token(
            audience="feedback",
            actor=None,
            roles=["checkin"],
            purpose="check-in",
            now=self._clock(),
            only=f"{method} {path}",
        )
        headers = {"Authorization": f"Bearer {token}", "traceparent": new_trace().traceparent}
        if handle is not None:
            headers[HANDLE_HEADER] = handle
        try:
            response = self._client.request(method, path, headers=headers, json=json)
        except httpx.HTTPError as error:
            raise FeedbackUnavailable from error
        if response.is_success:
            return _read(response, gives)
        raise _refusal(response)


def _read(response: httpx.Response, gives: type[T]) -> T:
    try:
        return msgspec.json.decode(response.content, type=gives)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ResponseUnreadable(f"{gives.__name__}: {error}") from error


def _refusal(response: httpx.Response) -> Exception:
    try:
        problem = _read(response, Problem)
    except ResponseUnreadable:
        problem = Problem()
    if problem.kind == "kiosk-unknown":
        return KioskUnknown()
    if response.status_code == 404 or problem.kind == "code-wrong":
        return LinkUnknown()
    if response.status_code == 429:
        return Paused()
    if response.status_code in {409, 410}:
        return LinkOver(LINK_STATES.get(problem.kind, USED))
    if response.status_code == 422:
        return AnswersRefused({error.field.removeprefix("answers."): error.message for error in problem.errors})
    return FeedbackUnavailable(f"answered {response.status_code}")
