"""No page waits for a frozen service longer than its time, and a service that failed is left alone for a while."""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from embedded.house import House
from portal.clients.lines import USUAL, Budget, Circuit, Patience, ServiceAddress
from portal.clients.service_client import Caller, ServiceClient, ServiceUnavailable
from portal.security.origin import NOWHERE
from portal.security.sign_ins import begin
from shared.deadline import TIME_LEFT
from shared.security.tokens import Signer, key_from_seed
from tests.cast import ANA
from tests.clinic import Clinic
from tests.portal.browser import Browser
from tests.portal.conftest import NOON, portal_over

CLINIC = USUAL
LONG_PAUSE = Patience(call=4, page=8, pause=300)  # as a busy machine needs it, and no pause ends by itself
FAR_TOO_LONG = 20.0  # seconds; no page that waits to its end is done by then
AWAY = "The feedback service does not answer right now."


@dataclass
class Watch:
    """A clock of seconds that is set by hand."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Ice:
    """A service that takes every request and answers none until it thaws."""

    frozen: list[str] = field(default_factory=list)
    thaws: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.frozen.append(environ["PATH_INFO"])
        assert self.thaws.wait(60)
        start_response("503 Service Unavailable", [])
        return [b""]


@pytest.fixture
def ice() -> Iterator[Ice]:
    made = Ice()
    yield made
    made.thaws.set()


@pytest.fixture
def mara(clinic: Clinic) -> UUID:
    return clinic.client_of(ANA)


def ana_before(clinic: Clinic, ice: Ice | None = None) -> Browser:
    """Ana, signed in to a portal in one process with the clinic; its feedback service may be frozen."""
    house = clinic.house
    there = {name: ServiceAddress(application=floor.app) for name, floor in house.floors.items()}
    if ice:
        there["feedback"] = ServiceAddress(application=ice)
    portal = portal_over(
        house.portal_database, clinic.clock, signer=house.portal_signer, reached=there, patience=LONG_PAUSE
    )
    browser = Browser(portal)
    browser.http.set_cookie("sid", signed_in(clinic))
    return browser


def signed_in(clinic: Clinic) -> str:
    """Ana's sign-in, without a page that would ask the services before the test does."""
    with clinic.house.portal_database.transaction() as tx:
        return begin(tx, ANA.id, clinic.clock(), NOWHERE)


def test_a_frozen_service_costs_its_panels_and_the_rest_of_the_page_is_there(
    clinic: Clinic, mara: UUID, ice: Ice
) -> None:
    clinic.book(mara, at="2026-11-26T18:00")
    ana, began = ana_before(clinic, ice), time.monotonic()

    person = ana.get(f"/people/{mara}")

    assert time.monotonic() - began < FAR_TOO_LONG
    assert person.status == 200
    assert all(said in person.text for said in (AWAY, "Lindholmcanary", "18:00"))
    assert ice.frozen


def test_the_next_page_does_not_ask_a_frozen_service_again(clinic: Clinic, mara: UUID, ice: Ice) -> None:
    clinic.book(mara, at="2026-11-23T18:00")
    ana = ana_before(clinic, ice)
    first = ana.get("/today")
    asked = len(ice.frozen)

    pages = [first, ana.get("/today"), ana.get("/today")]

    assert len(ice.frozen) == asked > 0
    assert all(AWAY in page.text and "Lindholmcanary" in page.text for page in pages)


def test_a_lock_in_a_services_database_does_not_hold_a_page(
    installation: tuple[House, object, list[str]], clinic: Clinic, mara: UUID
) -> None:
    clinic.book(mara, at="2026-11-23T18:00")
    ana = ana_before(clinic)
    owner = next(url for url in installation[2] if "feedback" in url)
    began = time.monotonic()
    with psycopg.connect(owner) as other:
        other.execute("LOCK TABLE offer IN ACCESS EXCLUSIVE MODE")

        today = ana.get("/today")

    assert time.monotonic() - began < FAR_TOO_LONG
    assert (today.status, AWAY in today.text, "Lindholmcanary" in today.text) == (200, True, True)


def service_of(answers: httpx.MockTransport, budget: Budget) -> ServiceClient:
    caller = Caller(ANA.id, ANA.roles, "care", "00-" + "1" * 32 + "-" + "2" * 16 + "-01", NOON)
    line = ServiceAddress("http://inside", answers).line("feedback", CLINIC)
    return ServiceClient(line, Signer(key_from_seed(bytes(32)), "portal"), caller, budget)


def test_each_call_is_told_what_is_left_of_the_pages_time_and_none_is_sent_after_it() -> None:
    told: list[int] = []
    watch = Watch()

    def answers(request: httpx.Request) -> httpx.Response:
        told.append(int(request.headers[TIME_LEFT]))
        return httpx.Response(200, json={})

    service = service_of(httpx.MockTransport(answers), Budget(CLINIC.page, clock=watch))
    for seconds in (0, 1, 1.5, 1):
        watch.now += seconds
        service.get("/v1/caseload")
    watch.now += CLINIC.page

    with pytest.raises(ServiceUnavailable):
        service.get("/v1/caseload")
    service.post("/v1/offers", {})  # what a person sends has its time however late the page is

    limits = [2000, 2000, 1500, 500, 2000]
    assert all(0 < ms <= limit for ms, limit in zip(told, limits, strict=True)), told


def test_what_failed_is_not_asked_again_not_even_to_write() -> None:
    sent: list[str] = []

    def fails(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        raise httpx.ConnectError("no", request=request)

    service = service_of(httpx.MockTransport(fails), Budget(CLINIC.page))
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            service.get("/v1/caseload")
        with pytest.raises(ServiceUnavailable):
            service.post("/v1/offers", {})

    assert sent == ["GET"]


def test_a_fault_in_one_answer_closes_nothing() -> None:
    sent: list[str] = []

    def fails(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.path)
        return httpx.Response(500)

    service = service_of(httpx.MockTransport(fails), Budget(CLINIC.page))
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            service.get("/v1/caseload")

    assert len(sent) == 2


def test_after_the_pause_one_request_tries_and_the_others_wait_for_what_it_finds() -> None:
    watch = Watch()
    circuit = Circuit(CLINIC.pause, clock=watch)
    circuit.failed(asked_at=watch.now)
    assert not circuit.admits()

    watch.now += CLINIC.pause
    assert [circuit.admits() for _ in range(3)] == [True, False, False]
    circuit.failed(asked_at=watch.now)
    assert not circuit.admits()

    watch.now += CLINIC.pause
    assert circuit.admits()
    circuit.answered()
    assert [circuit.admits() for _ in range(3)] == [True, True, True]


def test_a_question_that_was_too_much_does_not_close_a_service_that_answers_others() -> None:
    watch = Watch()
    circuit = Circuit(CLINIC.pause, clock=watch)
    asked_at = watch.now
    watch.now += CLINIC.call / 2
    circuit.answered()
    watch.now += CLINIC.call / 2

    circuit.failed(asked_at)

    assert circuit.admits()
