"""Asks the intake service who the people are: the only source of names."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal.clients.responses import Items, read, read_all, read_page
from portal.clients.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Name:
    """An id, its spoken code and the name to show."""

    client_id: UUID
    spoken_code: str
    display_name: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client without a name: where they are on their way."""

    client_id: UUID
    version: int
    spoken_code: str
    state: str
    practitioner_id: UUID | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """How the person is called and reached."""

    given_name: str
    family_name: str
    preferred_name: str | None = None
    birth_date: date | None = None
    phone: str | None = None
    email: str | None = None
    contact_note: str | None = None

    @property
    def display_name(self) -> str:
        return f"{self.preferred_name or self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Consent:
    """The last word on one purpose: given or withdrawn."""

    purpose: str
    state: str
    text_version: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """One client with identity, for those who may know it."""

    client_id: UUID
    version: int
    spoken_code: str
    state: str
    practitioner_id: UUID | None = None
    since: datetime | None = None
    identity: Identity | None = None
    consents: tuple[Consent, ...] = ()


@dataclass(frozen=True, slots=True)
class Referral:
    """How somebody came to the clinic and what was decided."""

    id: UUID
    version: int
    state: str
    client_id: UUID
    spoken_code: str
    source: str
    received_at: datetime
    note: str | None = None
    has_note: bool = False


@dataclass(frozen=True, slots=True)
class Deputy:
    """Who stands in for whom; `ends_at` is the midnight after the last day, or when it was ended."""

    id: UUID
    practitioner_id: UUID
    deputy_id: UUID
    begins_at: datetime
    ends_at: datetime

    @property
    def last_moment(self) -> datetime:
        """A moment of its last day."""
        return self.ends_at - timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """What the person said to one purpose, and the version of the text they were shown."""

    purpose: str
    given: bool
    text_version: str


class IntakeClient:
    """The intake service, asked on one person's behalf."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def clients(
        self,
        *,
        state: str | None = None,
        practitioner_id: UUID | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Items[ClientRow]:
        """One page of clients, without names."""
        asked = {"state": state, "practitioner_id": practitioner_id, "cursor": cursor, "limit": limit}
        return read_page(ClientRow, self._service.get("/v1/clients", asked))

    def client(self, client_id: UUID) -> Client:
        """One client with identity and consents."""
        return read(Client, self._service.get(f"/v1/clients/{client_id}"))

    def names(self, client_ids: list[UUID]) -> dict[UUID, Name]:
        """The names of up to 200 clients in one request."""
        if not client_ids:
            return {}
        answer = self._service.look_up("/v1/people/look-up", {"ids": client_ids})
        return {name.client_id: name for name in read_all(Name, answer)}

    def in_an_emergency(self, spoken_code: str) -> ClientRow:
        """Whom a code belongs to, without a name; for the purpose of an emergency alone."""
        return read(ClientRow, self._service.look_up("/v1/people/in-an-emergency", {"spoken_code": spoken_code}))

    def search(self, text: str) -> tuple[Name, ...]:
        """People by whole words of their name, by code or by phone number."""
        return read_all(Name, self._service.look_up("/v1/people/search", {"text": text}))

    def referrals(self, *, state: str | None = None) -> tuple[Referral, ...]:
        """Referrals, the newest first."""
        found = self._service.get_all(Referral, "/v1/referrals", {"state": state})
        return tuple(sorted(found, key=lambda r: r.received_at, reverse=True))

    def referral(self, referral_id: UUID) -> Referral:
        return read(Referral, self._service.get(f"/v1/referrals/{referral_id}"))

    def receive(self, body: dict[str, Any], *, key: str) -> Referral:
        """Write down a new referral; registers the client too."""
        return read(Referral, self._service.post("/v1/referrals", body, key=key))

    def accept(self, referral_id: UUID, consents: list[ConsentGiven], *, version: int) -> None:
        """Accept; the consent to keep a record must be given."""
        self._service.post(f"/v1/referrals/{referral_id}/acceptance", {"consents": consents}, version=version)

    def decline(self, referral_id: UUID, reason_code: str, *, version: int) -> None:
        self._service.post(f"/v1/referrals/{referral_id}/decline", {"reason_code": reason_code}, version=version)

    def allocate(self, client_id: UUID, practitioner_id: UUID, *, key: str) -> None:
        self._service.post(f"/v1/clients/{client_id}/allocations", {"practitioner_id": practitioner_id}, key=key)

    def end_care(self, client_id: UUID, reason_code: str, *, version: int) -> None:
        """End therapy, or the waiting for it, with a coded reason."""
        self._service.post(f"/v1/clients/{client_id}/ending", {"reason_code": reason_code}, version=version)

    def deputies(self) -> tuple[Deputy, ...]:
        """Who stands in for whom, now and later."""
        return read_all(Deputy, self._service.get("/v1/deputies"))

    def name_deputy(self, practitioner_id: UUID, deputy_id: UUID, first: date, last: date, *, key: str) -> None:
        """Let a colleague stand in, on these days, both included."""
        body = {"practitioner_id": str(practitioner_id), "deputy_id": str(deputy_id)}
        days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
        self._service.post("/v1/deputies", body | days, key=key)

    def end_deputy(self, deputising_id: UUID, *, key: str) -> None:
        """End it before its last day."""
        self._service.post(f"/v1/deputies/{deputising_id}/ending", {}, key=key)

    def record_consent(self, client_id: UUID, consent: ConsentGiven, *, key: str) -> None:
        """Keep what the person said to one purpose."""
        self._service.post(f"/v1/clients/{client_id}/consents", asdict(consent), key=key)
