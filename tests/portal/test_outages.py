"""A service that is away costs its panel, not the page; nothing is written twice, nothing guessed."""

import json
from uuid import UUID

import httpx
import pytest

from portal.clients.feedback.client import Link, Offer
from portal.clients.feedback.course import Course
from portal.clients.intake import Consent
from portal.clients.lines import Budget, ServiceAddress
from portal.clients.responses import ResponseUnreadable, read, read_all
from portal.clients.scheduling import Appointment, Practitioner, Suggestion
from portal.clients.service_client import (
    Caller,
    ServiceClient,
    ServiceRefused,
    ServiceUnavailable,
    Unavailable,
    or_unavailable,
)
from portal.kit.wording.refusals import unavailable_sentence
from shared.security.tokens import Signer, key_from_seed
from tests.cast import ANA, DANA, Staff
from tests.clinic import PATIENT, Clinic
from tests.portal.browser import Browser
from tests.portal.conftest import NOON, portal_over


def came_in_without(clinic: Clinic, staff: Staff, away: str) -> Browser:
    """A portal before the same clinic, with one service away."""
    there = {name: httpx.WSGITransport(app=floor.app) for name, floor in clinic.house.floors.items() if name != away}
    house = clinic.house
    browser = Browser(portal_over(house.portal_database, clinic.clock, there, house.portal_signer))
    browser.sign_in(staff)
    return browser


def test_without_intake_spoken_codes_stand_in_for_names(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    clinic.book(mara, at="2026-11-23T15:00")
    desk = came_in_without(clinic, DANA, "intake")

    today, person = desk.get("/today"), desk.get(f"/people/{mara}")

    assert (today.status, person.status) == (200, 200)
    assert "spoken codes stand in for names" in today.text
    assert person.headings == ["K-1001"]
    assert "Lindholm" not in today.text + person.text


def test_without_the_calendar_the_rest_of_a_person_stands(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    ana = came_in_without(clinic, ANA, "scheduling")

    person, today = ana.get(f"/people/{mara}"), ana.get("/today")

    assert "The calendar service does not answer right now." in person.text
    assert "Lindholmcanary" in person.text
    assert "The calendar service does not answer right now." in today.text


def test_without_feedback_the_desk_works_on(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    appointment = clinic.book(mara, at="2026-11-23T08:00")
    desk = came_in_without(clinic, DANA, "feedback")

    page = desk.send(desk.get("/today").form(f"{appointment['id']}/status"), {"to": "arrived"})

    assert "arrived." in page.text
    assert "The feedback service does not answer right now." in page.text


def test_a_change_that_a_service_did_not_answer_says_so(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    desk = came_in_without(clinic, DANA, "scheduling")
    token = desk.get("/today").form("/sign-out").fields["form_token"]
    fields = {"form_token": token, "day": "2026-11-30", "time": "15:00", "minutes": "50", "key": "k"}
    fields |= {"practitioner_id": str(ANA.id), "type_code": "individual", "modality": "phone"}

    answer = desk.http.post(f"/people/{mara}/book", data=fields, headers={"Origin": "http://localhost"})

    assert answer.status_code == 503
    assert "The calendar service does not answer right now." in answer.get_data(as_text=True)


def line_to(answers: httpx.MockTransport) -> ServiceClient:
    caller = Caller(ANA.id, ANA.roles, "care", "00-" + "1" * 32 + "-" + "2" * 16 + "-01", NOON)
    line = ServiceAddress("http://inside", answers).line("feedback", PATIENT)
    return ServiceClient(line, Signer(key_from_seed(bytes(32)), "portal"), caller, Budget(PATIENT.page))


@pytest.mark.parametrize("failure", [httpx.ConnectTimeout("late"), httpx.ReadTimeout("late"), httpx.ConnectError("no")])
def test_silence_counts_as_away(failure: httpx.HTTPError) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(ServiceUnavailable):
        line_to(httpx.MockTransport(silent)).get("/v1/caseload")


def test_a_failing_service_counts_as_away_and_a_write_is_sent_once() -> None:
    sent: list[httpx.Request] = []

    def fails(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(502)

    with pytest.raises(ServiceUnavailable):
        line_to(httpx.MockTransport(fails)).post("/v1/appointments", {}, key="k1", version=3)

    assert len(sent) == 1
    assert sent[0].headers["Idempotency-Key"] == "k1"
    assert sent[0].headers["If-Match"] == '"3"'
    assert sent[0].headers["traceparent"].startswith("00-1111")


def test_a_refusal_names_the_fields() -> None:
    problem = {"detail": "not good", "errors": [{"field": "minutes", "message": "too long"}]}

    with pytest.raises(ServiceRefused) as refused:
        line_to(httpx.MockTransport(lambda _: httpx.Response(422, json=problem))).get("/v1/caseload")

    assert refused.value.status == 422
    assert refused.value.detail == "not good"
    assert refused.value.fields == (("minutes", "too long"),)


@pytest.mark.parametrize("body", ["", "[]", "<html>", '{"errors": [1]}'])
def test_a_refusal_that_is_no_problem_document_is_still_a_refusal(body: str) -> None:
    with pytest.raises(ServiceRefused):
        line_to(httpx.MockTransport(lambda _: httpx.Response(409, text=body))).get("/v1/caseload")


def test_an_answer_may_say_more_than_is_known_here() -> None:
    said = {"items": [{"local_start": "2026-12-01T15:00", "is_usual": True, "mood": "calm"}], "took_ms": 3}

    found = read_all(Suggestion, json.dumps(said).encode())

    assert found == (Suggestion("2026-12-01T15:00"),)


@pytest.mark.parametrize(
    ("kind", "said", "complaint"),
    [
        (Suggestion, {"local_start": ["Mara"]}, "Suggestion: Expected `str`, got `array` - at `$.local_start`"),
        (Suggestion, {"mood": "Mara"}, "Suggestion: Object missing required field `local_start`"),
        (Practitioner, {"id": "Mara", "zone": "UTC"}, "Practitioner: Invalid UUID - at `$.id`"),
        (Link, {"path": "/", "expires_at": "Mara"}, "Link: Invalid RFC3339 encoded datetime - at `$.expires_at`"),
        (Link, {"path": "/", "expires_at": "20261123"}, "Link: Invalid RFC3339 encoded datetime - at `$.expires_at`"),
        (Consent, {"purpose": "Mara", "state": "Mara", "text_version": 1}, "Consent: Expected `str`, got `int`"),
    ],
)
def test_what_cannot_be_read_is_named_without_its_value(kind: type[object], said: object, complaint: str) -> None:
    with pytest.raises(ResponseUnreadable) as unreadable:
        read(kind, json.dumps(said).encode())

    assert str(unreadable.value).startswith(complaint)
    assert "Mara" not in str(unreadable.value)


@pytest.mark.parametrize("said", [b"{}", b"null", b"[]", b'"x"', b"<html>", b"", b"\xff"])
def test_an_answer_of_another_shape_cannot_be_used(said: bytes) -> None:
    with pytest.raises(ResponseUnreadable):
        read(Offer, said)
    with pytest.raises(ResponseUnreadable):
        read_all(Appointment, said)


def test_a_list_is_read_to_its_end_and_half_of_it_never_passes_for_all() -> None:
    def pages(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("cursor", 0))
        items = [{"local_start": f"{number}-{n}"} for n in range(200)]
        return httpx.Response(200, json={"items": items, "next": str(number + 1) if number < 7 else None})

    line = line_to(httpx.MockTransport(pages))

    assert len(line.get_all(Suggestion, "/v1/suggestions", {})) == 1600
    with pytest.raises(ResponseUnreadable, match="more than one page"):
        read_all(Suggestion, line.get("/v1/suggestions"))


def test_an_unreadable_answer_costs_its_panel_too() -> None:
    def ask() -> Suggestion:
        return read(Suggestion, b"{}")

    found = or_unavailable(ask)

    assert isinstance(found, Unavailable)
    assert unavailable_sentence(found.service) == "This part cannot be shown right now; it has been noted."


def test_a_whole_course_is_read_with_its_nested_parts() -> None:
    client = "0197f6a0-0000-7000-8000-0000000000ff"
    point = {"session_number": 1, "appointment_id": client, "date": "2026-11-23", "state": "steady"}
    answer: dict[str, object] = {
        "client_id": client,
        "spoken_code": "K-1001",
        "practitioner_id": client,
        "course_id": None,
        "measure": {"id": "m", "version": 1, "name_code": "n", "min": 0, "max": 100, "validated": False, "cut": None},
        "rules_version": "1",
        "points": [point | {"client_total": 80, "usual": {"low": 70, "high": 90.5}, "said_so": {"client": "no"}}],
        "reading": {"state": None, "template": "not_started", "params": {}, "too_early": True},
    }

    course = read(Course, json.dumps(answer).encode())

    assert course.client_id == UUID(client)
    assert course.points[0].client_total == 80.0
    assert course.points[0].usual is not None
    assert course.points[0].usual.high == 90.5
    assert course.measure.version == 1
