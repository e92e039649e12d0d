"""The form app in front of the real feedback service, on a line that can be cut."""

from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from checkin.app import CheckinDependencies, create_checkin
from services.feedback.risk.domain.crisis import FICTIONAL
from tests.cast import CHRIS, DANA
from tests.clinic import Clinic

CLINIC_NAME = "Riverside Practice"


@dataclass
class Line(httpx.BaseTransport):
    """The way to feedback; `cut` it and nobody answers. Counts what went over it."""

    inner: httpx.BaseTransport
    cut: bool = False
    calls: list[str] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        if self.cut:
            raise httpx.ConnectError("connection refused", request=request)
        return self.inner.handle_request(request)


@dataclass
class Phone:
    """A browser without scripts, as it sends forms; cookies and all."""

    app: Flask
    address: str = "203.0.113.7"

    def __post_init__(self) -> None:
        self.http = Client(self.app)

    def get(self, path: str, *, follow: bool = True) -> TestResponse:
        where = {"REMOTE_ADDR": self.address}
        return self.http.get(path, follow_redirects=follow, environ_base=where)

    def post(self, path: str, *, follow: bool = True, **fields: str) -> TestResponse:
        return self.http.post(path, data=fields, follow_redirects=follow, environ_base={"REMOTE_ADDR": self.address})

    def begin(self, token: str) -> TestResponse:
        return self.post(f"/f/{token}")

    def answer(self, number: int, *, go: str = "next", then: str = "", **fields: str) -> TestResponse:
        return self.post(f"/form/{number}", **{"go": go, "then": then, **fields})  # type: ignore[arg-type]


@dataclass
class Desk:
    """A clinic whose client has just left a session; links are made as staff make them."""

    clinic: Clinic
    client_id: UUID
    appointment: dict[str, object]

    def link(self) -> str:
        """A fresh one-time link; earlier ones end."""
        offer = self.clinic.offer(self.client_id)
        made = self.clinic.api("feedback", DANA, "POST", f"/v1/offers/{offer['id']}/link", {})
        return str(made["token"])


@pytest.fixture
def desk(clinic: Clinic) -> Desk:
    day = clinic.clock().date()
    dates = {"checked_on": day.isoformat(), "review_on": day.replace(year=day.year + 1).isoformat()}
    clinic.api("feedback", CHRIS, "PUT", "/v1/crisis-information", {**FICTIONAL, **dates})
    client_id = clinic.client_of()
    appointment = clinic.book(client_id)
    clinic.hold(appointment)
    return Desk(clinic, client_id, appointment)


@pytest.fixture
def line(clinic: Clinic) -> Line:
    return Line(httpx.WSGITransport(app=clinic.house.floors["feedback"].app))


def form_app(clinic: Clinic, line: Line, *, url_prefix: str = "") -> Flask:
    return create_checkin(
        CheckinDependencies(
            signer=clinic.house.checkin_signer,
            clinic_name=CLINIC_NAME,
            transport=line,
            clock=clinic.clock,
            secure_cookies=False,
            url_prefix=url_prefix,
        )
    )


@pytest.fixture
def app(clinic: Clinic, line: Line) -> Flask:
    return form_app(clinic, line)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return Phone(app)
