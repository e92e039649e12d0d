"""The real clinic in one process for tests: services, portal, check-in, PostgreSQL; a clock that is set by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from werkzeug.test import Client, TestResponse

from embedded.house import House
from embedded.keys import Keys
from portal.clients.lines import Patience
from services.feedback.risk.domain.crisis import FICTIONAL
from shared.ids import uuid7
from tests.cast import ANA, CHRIS, DANA, EVERYBODY, MARA, PASSWORD, Staff, give_accounts

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TEST_KEYS = Keys(bytes(range(32)))
ADDRESS = "http://127.0.0.1"
PATIENT = Patience(call=60, page=120, pause=0)  # a busy machine decides no test, and no test leaves a pause to the next


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        """Move on by days, hours, minutes; returns the new moment."""
        self.now += timedelta(**by)
        return self.now


class Refused(AssertionError):
    """The API answered with another status than the test expects."""


@dataclass
class Clinic:
    """Shortcuts through the APIs, as a member of staff or a client would use them."""

    house: House
    clock: SetClock
    staff: dict[str, Staff] = field(default_factory=dict)

    def open(self, *, zone: str = "Europe/London") -> "Clinic":
        """Everybody of the cast has an account; the therapists may be booked."""
        with self.house.portal_database.transaction() as tx:
            give_accounts(tx, self.clock())
        for one in EVERYBODY:
            if "therapist" in one.roles:
                self.api("scheduling", CHRIS, "PUT", f"/v1/practitioners/{one.id}", {"zone": zone})
        self.settle()
        return self

    def settle(self) -> int:
        """Relays, consumers and jobs work until there is nothing left to do: replaces every sleep."""
        return self.house.settle()

    def ask(
        self,
        service: str,
        staff: Staff,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """One request to a service's API as a member of staff; whatever it answers."""
        token = self.house.portal_signer.token(
            audience=service, actor=staff.id, roles=staff.roles, purpose="test", now=self.clock()
        )
        sent = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            sent["Idempotency-Key"] = key or str(uuid7())
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        return Client(self.house.floors[service].app).open(
            path, method=method, json=body, headers=sent | dict(headers or {})
        )

    def api(self, service: str, staff: Staff, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """As `ask`, but the answer must be a success; gives its JSON."""
        answer = self.ask(service, staff, method, path, body, **more)
        if answer.status_code >= 300:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.get_json() if answer.data else None

    def signed_in(self, staff: Staff) -> Client:
        """A browser in which this member of staff has signed in to the portal."""
        browser = Client(self.house.wsgi)
        sign_in(browser, staff)
        return browser

    def refer(self, person: Mapping[str, str] = MARA, *, source: str = "B1") -> dict[str, Any]:
        """A referral arrives at the front desk."""
        referral: dict[str, Any] = self.api(
            "intake", DANA, "POST", "/v1/referrals", {"client": person, "source": source}
        )
        return referral

    def client_of(self, staff: Staff = ANA, person: Mapping[str, str] = MARA, *, feedback: bool = True) -> UUID:
        """A client who was referred, accepted with consent, and allocated to this practitioner."""
        referral = self.refer(person)
        consents = [
            {"purpose": "care_record", "given": True, "text_version": "1"},
            {"purpose": "feedback_forms", "given": feedback, "text_version": "1"},
        ]
        self.api(
            "intake",
            DANA,
            "POST",
            f"/v1/referrals/{referral['id']}/acceptance",
            {"consents": consents},
            version=referral["version"],
        )
        self.api(
            "intake",
            DANA,
            "POST",
            f"/v1/clients/{referral['client_id']}/allocations",
            {"practitioner_id": str(staff.id)},
        )
        self.settle()
        return UUID(referral["client_id"])

    def book(self, client_id: UUID, staff: Staff = ANA, *, at: str = "2026-11-30T15:00", minutes: int = 50) -> Any:
        """The front desk books an hour, in local time."""
        body = {
            "client_id": str(client_id),
            "practitioner_id": str(staff.id),
            "type_code": "individual",
            "modality": "in_person",
            "local_start": at,
            "minutes": minutes,
        }
        return self.api("scheduling", DANA, "POST", "/v1/appointments", body)

    def hold(self, appointment: Mapping[str, Any]) -> Any:
        """The hour takes place; the clock moves to its end."""
        self.clock.now = datetime.fromisoformat(appointment["ends_at"])
        held = self.api(
            "scheduling",
            DANA,
            "POST",
            f"/v1/appointments/{appointment['id']}/status",
            {"to": "completed"},
            version=appointment["version"],
        )
        self.settle()
        return held

    def offer(self, client_id: UUID, side: str = "client", *, by: Staff = DANA) -> Any:
        """The open offer of one side, made by the last held session."""
        found = self.api("feedback", by, "GET", f"/v1/offers?client_id={client_id}&side={side}&state=open")["items"]
        return found[-1]

    def open_forms(self) -> None:
        """The manager enters whom to turn to in a crisis; before that no form opens."""
        today = self.clock().date()
        entered = {**FICTIONAL, "checked_on": str(today), "review_on": str(today + timedelta(days=300))}
        self.api("feedback", CHRIS, "PUT", "/v1/crisis-information", entered)

    def consent(self, client_id: UUID, purpose: str, *, given: bool) -> Any:
        """The client answers a question of consent; the others have not heard of it before `settle`."""
        body = {"purpose": purpose, "given": given, "text_version": "1"}
        return self.api("intake", DANA, "POST", f"/v1/clients/{client_id}/consents", body)

    def fill_in(self, client_id: UUID, **answers: Any) -> Any:
        """The client fills in the form of the last session by a one-time link, and sends it."""
        link = self.api("feedback", DANA, "POST", f"/v1/offers/{self.offer(client_id)['id']}/link", {})
        handle = self.form("POST", "/v1/forms/exchange", {"token": link["token"]})["handle"]
        sent = self.form("PUT", "/v1/forms/current", {"answers": answers, "submit": True}, handle=handle)
        self.settle()
        return sent

    def form(self, method: str, path: str, body: Mapping[str, Any], *, handle: str = "") -> Any:
        """One request of the check-in app to feedback."""
        signer = self.house.checkin_signer
        token = signer.token(audience="feedback", actor=None, roles=["checkin"], purpose="check-in", now=self.clock())
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid7())}
        if handle:
            headers["X-Form-Handle"] = handle
        answer = Client(self.house.floors["feedback"].app).open(path, method=method, json=body, headers=headers)
        if answer.status_code >= 300:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.get_json()


def sign_in(browser: Client, staff: Staff, password: str = PASSWORD) -> TestResponse:
    """Fill in the sign-in page as a person would, hidden fields included."""
    page = browser.get("/sign-in").get_data(as_text=True)
    fields = hidden_fields(page) | {"username": staff.username, "password": password}
    return browser.post("/sign-in", data=fields, headers={"Origin": "http://localhost"})


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden inputs of a page, such as its CSRF token."""
    import re

    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    return found
