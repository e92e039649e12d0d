"""A service that does not answer costs its part of the page, never the page."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect
from werkzeug.wrappers import Response

from tests.cast import ANA, DANA
from tests.clinic import Clinic
from tests.journeys.answers import course_until_rupture
from tests.journeys.conftest import Browse
from tests.journeys.visitor import PHONE

pytestmark = pytest.mark.browser
NAME = "Marahcanary Lindholmcanary"


@pytest.fixture
def mara(open_clinic: Clinic) -> UUID:
    client_id = open_clinic.client_of()
    course_until_rupture(open_clinic, client_id)
    open_clinic.book(client_id, at="2026-11-26T18:00")
    open_clinic.settle()
    return client_id


@pytest.fixture
def goes_away(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A service that answers every request with 503 until the test is over."""

    def busy(environ: Any, start_response: Any) -> Iterable[bytes]:
        return Response("Too much is going on", status=503)(environ, start_response)

    return lambda service: monkeypatch.setattr(clinic.house.floors[service].app, "wsgi_app", busy)


def test_without_feedback_the_person_is_still_there(
    open_clinic: Clinic, mara: UUID, browse: Browse, goes_away: Callable[[str], None]
) -> None:
    goes_away("feedback")
    ana = browse()
    ana.signs_in(ANA)
    ana.the_page_is_accessible()

    ana.opens(f"/people/{mara}")

    expect(ana.heading).to_have_text(NAME)
    expect(ana.part("How it is going")).to_contain_text("The feedback service does not answer right now.")
    expect(ana.part("Next hour")).to_contain_text("18:00")
    expect(ana.part("Contact")).to_contain_text("12 April 1989")
    assert "does not answer" not in ana.part("Next hour").inner_text()
    ana.the_page_is_accessible()


def test_without_intake_the_spoken_code_stands_in_for_the_name(
    open_clinic: Clinic, mara: UUID, browse: Browse, goes_away: Callable[[str], None]
) -> None:
    goes_away("intake")
    ana = browse()
    ana.signs_in(ANA)
    for path in ("/today", "/caseload", f"/people/{mara}"):
        assert ana.opens(path) == 200

        ana.sees("The intake service does not answer right now")
        ana.sees("K-10")
        assert "Marahcanary" not in ana.words()
        ana.the_page_is_accessible()
    expect(ana.part("How it is going")).to_contain_text("Rupture")


def test_without_scheduling_the_course_can_still_be_read(
    open_clinic: Clinic, mara: UUID, browse: Browse, goes_away: Callable[[str], None]
) -> None:
    goes_away("scheduling")
    ana = browse()
    ana.signs_in(ANA)
    ana.sees("The calendar service does not answer right now.")
    ana.the_page_is_accessible()

    ana.opens(f"/people/{mara}")

    expect(ana.part("Next hour")).to_contain_text("The calendar service does not answer right now.")
    expect(ana.part("How it is going")).to_contain_text("Rupture")
    ana.the_page_is_accessible()


def test_nothing_is_said_to_be_done_while_the_service_is_away(
    open_clinic: Clinic, mara: UUID, browse: Browse, goes_away: Callable[[str], None]
) -> None:
    desk = browse()
    desk.signs_in(DANA)
    desk.opens(f"/people/{mara}/book")
    desk.types("Day", "2026-12-03")
    desk.types("Time", "11:00")
    goes_away("scheduling")

    desk.presses("Book")

    desk.sees("does not answer right now")
    desk.the_page_is_accessible()


def test_the_clients_last_answer_travels_along_until_feedback_is_back(
    open_clinic: Clinic, mara: UUID, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_clinic.hold(open_clinic.book(mara, at="2026-11-27T10:00"))
    made = open_clinic.api("feedback", DANA, "POST", f"/v1/offers/{open_clinic.offer(mara)['id']}/link", {})
    client = browse(PHONE, scripts=False)
    client.opens(f"/check-in{made['path']}")
    client.presses("Begin")
    client.page.get_by_role("radio", name="7", exact=True).check()
    with monkeypatch.context() as away:
        refuses = Response("Too much is going on", status=503)
        away.setattr(open_clinic.house.floors["feedback"].app, "wsgi_app", refuses)
        client.presses("Next")
        expect(client.heading).to_have_text("We cannot reach the form right now")
        client.sees("call 000 (a made-up number)")
        client.the_page_is_accessible()

    client.presses("Try again")

    client.sees("Question 2 of 7")
    client.opens("/check-in/form/1")
    expect(client.page.get_by_role("radio", name="7", exact=True)).to_be_checked()
