"""Asks the feedback service to collect check-ins: codes, entries from paper, corrections, reminders, risk answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.clients.feedback.client import Offer
from portal.clients.responses import read, read_all
from portal.clients.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Code:
    """Six digits for a tablet in the waiting room."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A tablet in the waiting room."""

    id: UUID
    label: str
    enrolled_at: datetime
    ended_at: datetime | None = None
    paused_until: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewKiosk:
    """A tablet just added; its token is told this once."""

    id: UUID
    label: str
    token: str


@dataclass(frozen=True, slots=True)
class Raised:
    """One answer that somebody has to read."""

    item: str
    answer: int | float | str


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """What a check-in says about hurting oneself, and whether somebody has read it."""

    id: UUID
    version: int
    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    measure_id: str
    template: str
    state: str
    raised_at: datetime
    raised: tuple[Raised, ...] = ()
    due_at: datetime | None = None
    saw_help: bool = False
    entry_withdrawn: bool = False  # staff took the entry it stands in away as a mistake
    about_oneself: bool = False  # its questions ask about thoughts of hurting oneself, and nothing else
    unanswered: tuple[str, ...] = ()
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """What stood there until it was corrected, or withdrawn; `restored_at` is when that was undone."""

    version: int
    superseded_at: datetime
    reason: str
    answers: dict[str, Any] | None = None
    total: float | None = None
    subscales: dict[str, Any] | None = None
    superseded_by: UUID | None = None
    withdrawn: bool = False
    restored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What came back of one offer, as far as it may be shown, with everything that stood there before."""

    id: UUID
    client_id: UUID
    practitioner_id: UUID
    appointment_id: UUID
    side: str
    measure_id: str
    measure_version: int
    state: str
    shown: bool
    sharing: str | None = None
    missing_reason: str | None = None
    version: int | None = None
    channel: str | None = None
    recorded_at: datetime | None = None
    entered_by: UUID | None = None
    answers: dict[str, Any] | None = None
    total: float | None = None
    subscales: dict[str, Any] | None = None
    total_only: bool = False
    undo_until: datetime | None = None
    earlier: tuple[EarlierVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One measure of the plan; `every` and `begin` count sessions from 1."""

    measure_id: str
    rhythm: str
    every: int = 1
    begin: int = 1
    way: str = "form"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the clinic asks, and when."""

    entries: tuple[PlanEntry, ...]
    version: int
    reminders: bool = True
    risk_due_hours: int = 24


class CheckInsClient:
    """The feedback service, seen by those who hand out, enter and follow up check-ins."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def make_code(self, offer_id: UUID, *, key: str) -> Code:
        """A new code for a tablet; earlier codes of these forms end."""
        return read(Code, self._service.post(f"/v1/offers/{offer_id}/code", {}, key=key))

    def kiosks(self) -> tuple[Kiosk, ...]:
        """All tablets, also those that ended, the newest first."""
        return read_all(Kiosk, self._service.get("/v1/kiosks"))

    def add_kiosk(self, label: str, *, key: str) -> NewKiosk:
        return read(NewKiosk, self._service.post("/v1/kiosks", {"label": label}, key=key))

    def end_kiosk(self, kiosk_id: UUID, *, key: str) -> None:
        """A tablet opens nothing from now on."""
        self._service.post(f"/v1/kiosks/{kiosk_id}/ending", {}, key=key)

    def enter(self, offer_id: UUID, entry: dict[str, Any], *, key: str) -> None:
        """What a client said in the session or on paper, for a form that was offered."""
        self._service.post(f"/v1/offers/{offer_id}/answers", entry, key=key)

    def enter_for_session(self, client_id: UUID, entry: dict[str, Any], *, key: str) -> None:
        """The same for a session whose form was not offered."""
        self._service.post(f"/v1/clients/{client_id}/check-ins", entry, key=key)

    def all_offers(self, client_id: UUID) -> tuple[Offer, ...]:
        """Every form of a client's that was ever out, oldest first."""
        return self._service.get_all(Offer, "/v1/offers", {"side": "client", "client_id": client_id})

    def check_in(self, offer_id: UUID) -> CheckIn:
        return read(CheckIn, self._service.get(f"/v1/check-ins/{offer_id}"))

    def correct(self, offer_id: UUID, entry: dict[str, Any], *, version: int, key: str) -> None:
        """Put right what was entered; what stood there stays readable."""
        self._service.post(f"/v1/check-ins/{offer_id}/corrections", entry, key=key, version=version)

    def withdraw(self, offer_id: UUID, reason: str, *, version: int, key: str) -> None:
        """Take away what staff entered by mistake; it stays readable."""
        self._service.post(f"/v1/check-ins/{offer_id}/withdrawals", {"reason": reason}, key=key, version=version)

    def bring_back(self, offer_id: UUID, *, version: int, key: str) -> None:
        """Undo it; `version` is the one that was withdrawn."""
        self._service.post(f"/v1/check-ins/{offer_id}/undo", {}, key=key, version=version)

    def reminded(self, offer_id: UUID, *, key: str) -> None:
        self._service.post(f"/v1/offers/{offer_id}/reminder", {}, key=key)

    def open_risk_answers(self, client_id: UUID | None = None) -> tuple[RiskAnswer, ...]:
        """What nobody has read yet, oldest first; those past their time among them."""
        return self._service.get_all(RiskAnswer, "/v1/risk-answers", {"state": "open", "client_id": client_id})

    def acknowledge(self, risk_id: UUID, outcome: str, *, version: int) -> None:
        """Somebody has read it, and says what came of it."""
        self._service.post(f"/v1/risk-answers/{risk_id}/acknowledgement", {"outcome": outcome}, version=version)

    def plan(self) -> Plan:
        return read(Plan, self._service.get("/v1/plan"))

    def change_plan(self, plan: dict[str, Any], *, version: int) -> None:
        """It counts for every session about which forms are offered from now on."""
        self._service.put("/v1/plan", plan, version=version)
