"""The only way out: four routes of the feedback service, for one form at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import httpx

from checkin.form import Answer, CurrentForm, FormUnreadable, read_current
from shared.clock import Clock
from shared.trace import new_trace

TIMEOUT_SECONDS = 4.0  # a phone on a train waits anyway; past this the person is told
HANDLE_HEADER = "X-Form-Handle"
OPEN, SUBMITTED, EXPIRED, USED = "open", "submitted", "expired", "used"
# What became of a link, by the end of the problem's type (RFC 9457).
LINK_STATES = {"already-received": SUBMITTED, "form-over": EXPIRED, "link-used": USED}


class FeedbackUnavailable(Exception):
    """The feedback service does not answer, or cannot; nothing was changed as far as we know."""


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


class TokenSigner(Protocol):
    """Mints the short-lived token that feedback checks (shared.security.tokens.Signer, issuer `checkin`)."""

    def token(self, *, audience: str, actor: UUID | None, roles: Iterable[str], purpose: str, now: datetime) -> str: ...


@dataclass(frozen=True, slots=True)
class Handle:
    """What a link was exchanged for: the key of one form, until it expires."""

    value: str
    expires_at: datetime


class FeedbackClient:
    """Feedback as this app may see it. A call is made once; whoever sees that it failed presses the button again."""

    def __init__(self, base_url: str, signer: TokenSigner, clock: Clock, transport: httpx.BaseTransport | None) -> None:
        self._client = httpx.Client(base_url=base_url, transport=transport, timeout=TIMEOUT_SECONDS)
        self._signer = signer
        self._clock = clock

    def exchange(self, token: str, *, held: str | None = None) -> Handle:
        """
        Use up a link. By the handle it has held so far a browser that had begun is known again.

        Raises:
            FeedbackUnavailable, LinkUnknown, LinkOver.
        """
        return _handle(self._send("POST", "/v1/forms/exchange", handle=held, json={"token": token}))

    def exchange_code(self, kiosk: str, code: str) -> Handle:
        """Use up a code on a tablet of the clinic. Raises as `exchange`, and KioskUnknown, Paused."""
        return _handle(self._send("POST", "/v1/forms/kiosk-exchange", json={"kiosk": kiosk, "code": code}))

    def current(self, handle: str) -> CurrentForm:
        """The form as it stands. Raises FeedbackUnavailable, LinkUnknown, LinkOver."""
        return read_current(self._send("GET", "/v1/forms/current", handle=handle))

    def keep(
        self, handle: str, answers: Mapping[str, Answer], *, submit: bool = False, measure_id: str | None = None
    ) -> CurrentForm:
        """
        Keep all answers so far, or send them for good; `measure_id` says to which of several forms they belong.

        Raises:
            FeedbackUnavailable, LinkUnknown, LinkOver: as for the others.
            AnswersRefused: at least one answer is not one the form takes.
        """
        body: dict[str, Any] = {"answers": dict(answers), "submit": submit}
        if measure_id is not None:
            body["measure_id"] = measure_id
        return read_current(self._send("PUT", "/v1/forms/current", handle=handle, json=body))

    def _send(self, method: str, path: str, *, handle: str | None = None, json: Any = None) -> Any:
        token = self._signer.token(
            audience="feedback", actor=None, roles=["checkin"], purpose="check-in", now=self._clock()
        )
        headers = {"Authorization": f"Bearer {token}", "traceparent": new_trace().traceparent}
        if handle is not None:
            headers[HANDLE_HEADER] = handle
        try:
            response = self._client.request(method, path, headers=headers, json=json)
        except httpx.HTTPError as error:
            raise FeedbackUnavailable from error
        if response.is_success:
            return _json(response)
        raise _refusal(response)


def _handle(data: Any) -> Handle:
    try:
        return Handle(str(data["handle"]), datetime.fromisoformat(data["expires_at"]))
    except (KeyError, TypeError, ValueError) as error:
        raise FormUnreadable(f"the exchange: {error}") from error


def _refusal(response: httpx.Response) -> Exception:
    if _kind(response) == "kiosk-unknown":
        return KioskUnknown()
    if response.status_code == 404 or _kind(response) == "code-wrong":
        return LinkUnknown()
    if response.status_code == 429:
        return Paused()
    if response.status_code in {409, 410}:
        return LinkOver(LINK_STATES.get(_kind(response), USED))
    if response.status_code == 422:
        return AnswersRefused(_problems(response))
    return FeedbackUnavailable(f"answered {response.status_code}")


def _kind(response: httpx.Response) -> str:
    return str(_problem(response).get("type", "")).rpartition("/")[2]


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _problems(response: httpx.Response) -> dict[str, str]:
    return {
        str(error.get("field", "")).removeprefix("answers."): str(error.get("message", ""))
        for error in _problem(response).get("errors") or []
        if isinstance(error, dict)
    }


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise FormUnreadable("the answer is not JSON") from error
