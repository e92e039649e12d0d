"""Asks the feedback service how the relationship is going; decides nothing itself."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal.clients.feedback.course import Course
from portal.clients.feedback.forms import Form
from portal.clients.feedback.outcome import Outcome
from portal.clients.feedback.reading_rules import DifferencesPage, Rules
from portal.clients.responses import read, read_all
from portal.clients.service_client import ServiceClient, segment


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a client stands where they stand in the list."""

    code: str
    template: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One client in a practitioner's list, as the feedback service ordered it."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    state: str | None
    template: str
    needs_conversation: bool
    sessions: int
    course_id: UUID | None = None
    params: dict[str, Any] = field(default_factory=dict)
    next_step: str | None = None
    reasons: tuple[Reason, ...] = ()
    last_recorded_at: datetime | None = None
    episode_id: UUID | None = None
    conversation_held: bool | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A check-in that waits to be filled in, by the client or by the therapist."""

    id: UUID
    side: str
    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    appointment_id: UUID
    session_date: date
    measure_id: str
    offered_at: datetime
    expires_at: datetime
    state: str
    measure_version: int = 1
    moment: str = "after"
    way: str = "form"
    missing_reason: str | None = None
    entry_withdrawn: bool = False
    reminder: str | None = None  # "due": somebody may remind the client now


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link to a check-in; `path` is below the check-in app's address."""

    path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CrisisInformation:
    """Whom clients are told to turn to on every form; `block` is the text as they read it."""

    emergency_number: str
    emergency_place: str
    crisis_name: str
    crisis_number: str
    crisis_hours: str
    crisis_text: str
    clinic_hours: str
    clinic_phone: str
    reading_promise: str
    checked_on: date
    review_on: date
    block: tuple[str, ...] = ()


class FeedbackClient:
    """The feedback service, asked on one person's behalf."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def caseload(self, practitioner_id: UUID | None) -> tuple[Case, ...]:
        """Who needs a conversation first; all clients when no practitioner is named."""
        return self._service.get_all(Case, "/v1/caseload", {"practitioner_id": practitioner_id})

    def course(self, client_id: UUID) -> Course:
        """The whole course of a client with its reading."""
        return read(Course, self._service.get(f"/v1/clients/{client_id}/course"))

    def outcome(self, client_id: UUID) -> Outcome:
        """How a client's outcome measures have moved since the treatment began."""
        return read(Outcome, self._service.get(f"/v1/clients/{client_id}/outcome"))

    def offers(
        self, *, side: str | None = None, practitioner_id: UUID | None = None, client_id: UUID | None = None
    ) -> tuple[Offer, ...]:
        """Open offers of one side, `client` or `therapist`; None: of both."""
        wanted = {"side": side, "state": "open", "practitioner_id": practitioner_id, "client_id": client_id}
        return self._service.get_all(Offer, "/v1/offers", wanted)

    def make_link(self, offer_id: UUID, *, key: str) -> Link:
        """A new one-time link; older links of this offer that nobody has opened end."""
        return read(Link, self._service.post(f"/v1/offers/{offer_id}/link", {}, key=key))

    def measure(self, measure_id: str) -> Form:
        """The form's definition, to be shown as it is."""
        return read(Form, self._service.get(f"/v1/measures/{segment(measure_id)}"))

    def measures(self) -> tuple[Form, ...]:
        return read_all(Form, self._service.get("/v1/measures"))

    def answer(self, offer_id: UUID, answers: dict[str, Any], *, opened_client_answers: bool, key: str) -> None:
        body = {"answers": answers, "opened_client_answers": opened_client_answers}
        self._service.post(f"/v1/offers/{offer_id}/answers", body, key=key)

    def close_episode(self, episode_id: UUID, reason: str, *, version: int) -> None:
        """Close an episode that stayed unrepaired, with a reason; a new usual range is learnt from here on."""
        self._service.post(f"/v1/episodes/{episode_id}/closing", {"reason": reason}, version=version)

    def say_why_missing(self, offer_id: UUID, reason: str, *, key: str) -> None:
        """No answer will come: declined, technical or unable. Nothing is filled in for it."""
        self._service.post(f"/v1/offers/{offer_id}/missing", {"reason": reason}, key=key)

    def crisis_information(self) -> CrisisInformation:
        """What every form shows; 404 until somebody has entered it."""
        return read(CrisisInformation, self._service.get("/v1/crisis-information"))

    def enter_crisis_information(self, entry: dict[str, str]) -> None:
        """Every form shows it from now on."""
        self._service.put("/v1/crisis-information", entry)

    def note_conversation(self, episode_id: UUID, held_on: date, *, version: int) -> None:
        self._service.post(f"/v1/episodes/{episode_id}/conversation", {"held_on": held_on}, version=version)

    def rules(self) -> Rules:
        """By which rules readings are made, and what could be instead."""
        return read(Rules, self._service.get("/v1/rules"))

    def rules_differences(self, version: str, *, after: str | None = None) -> DifferencesPage:
        """Clients whose course would read differently by other rules, some at a time."""
        path = f"/v1/rules/{segment(version)}/differences"
        return read(DifferencesPage, self._service.get(path, {"limit": 20, "cursor": after}))

    def switch_rules(self, chosen: str, reason: str, *, version: int) -> None:
        """Make readings by these rules from now on; `version` is the number of the change that was seen."""
        self._service.put("/v1/rules/in-force", {"version": chosen, "reason": reason}, version=version)
