"""Only the browser that began a form goes on with it: nobody else is shown what was typed and not sent."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.checkin.conftest import Desk, Phone
from tests.collecting import new_code, new_tablet

NUMBERS = ("b1", "g1", "t1", "e1", "o1")
TRACES = ("Canarywish", "3 of 10", " checked>", "Only my therapist</p>")


@pytest.fixture
def began(desk: Desk, app: Flask) -> Phone:
    """The client's phone: the first question is answered, a wish is written for the therapist alone."""
    phone = Phone(app)
    phone.begin(desk.link())
    phone.answer(1, b1="3")
    phone.answer(8, w1="Canarywish", w1_readers="therapist")
    return phone


def tablet_of(desk: Desk, app: Flask) -> Phone:
    browser = Phone(app)
    browser.post(f"/kiosk/enrol/{new_tablet(desk.clinic)['token']}")
    return browser


def code(desk: Desk) -> str:
    return new_code(desk.clinic, desk.clinic.offer(desk.client_id)["id"])


def at_the_desk(desk: Desk, app: Flask, way: str) -> tuple[Phone, Any]:
    """The desk opens the same form by what it just made: a link in its own browser, or a code on a tablet."""
    if way == "link":
        browser = Phone(app)
        return browser, browser.begin(desk.link())
    browser = tablet_of(desk, app)
    return browser, browser.post("/kiosk", code=code(desk))


def nothing_shows(browser: Phone) -> None:
    pages = [browser.get(path) for path in (*(f"/form/{n}" for n in range(1, 9)), "/form/review")]
    assert [page.status_code for page in pages] == [200] * len(pages)
    for page in pages:
        text = re.sub(r'<input[^>]*name="w1_readers"[^>]*>', "", page.text)  # the narrower choice is always preselected
        for trace in TRACES:
            assert trace not in text, page.request.path
    assert re.search(r"<textarea[^>]*>\s*</textarea>", browser.get("/form/8").text)


@pytest.mark.parametrize("way", ["link", "code"])
def test_the_desk_sees_nothing_of_what_a_client_began(desk: Desk, app: Flask, began: Phone, way: str) -> None:
    browser, opened = at_the_desk(desk, app, way)

    assert "Question 1 of 7" in opened.text
    nothing_shows(browser)


@pytest.mark.parametrize("way", ["link", "code"])
def test_the_client_goes_on_where_they_were_whatever_the_desk_has_opened(
    desk: Desk, app: Flask, began: Phone, way: str
) -> None:
    browser, _ = at_the_desk(desk, app, way)
    browser.answer(1, b1="9")

    assert re.search(r'value="3" checked', began.get("/form/1").text)
    assert "Canarywish" in began.get("/form/review").text
    assert "Thank you." in began.post("/form/review", s1="not").text


def test_the_same_link_in_another_browser_shows_nothing(desk: Desk, app: Flask) -> None:
    token = desk.link()
    began, other = Phone(app), Phone(app)
    began.begin(token)
    began.answer(8, w1="Canarywish")

    refused = other.begin(token)

    assert refused.status_code == 410
    assert "stays in the browser in which it was begun" in refused.text
    assert "Canarywish" not in refused.text
    assert other.get("/form").status_code == 410
    assert "Canarywish" in began.begin(token).text or "Canarywish" in began.get("/form/8").text


def test_a_new_link_in_the_clients_own_browser_goes_on_where_they_were(desk: Desk, began: Phone) -> None:
    page = began.begin(desk.link())

    assert page.status_code == 200
    assert re.search(r'value="3" checked', began.get("/form/1").text)
    assert "Canarywish" in began.get("/form/8").text


@pytest.mark.parametrize("first", ["client", "desk"])
def test_whoever_sends_first_has_answered_and_the_other_is_told(
    desk: Desk, app: Flask, began: Phone, first: str
) -> None:
    other, _ = at_the_desk(desk, app, "link")
    sends, comes_late = (began, other) if first == "client" else (other, began)

    assert "Thank you." in sends.post("/form/review", s1="not").text
    late = comes_late.post("/form/review", s1="now")

    assert late.status_code == 410
    assert "already received" in late.text
    assert "Canarywish" not in late.text


def test_a_browser_that_forgot_begins_with_nothing(desk: Desk, app: Flask, began: Phone) -> None:
    began.http.delete_cookie("checkin")

    began.begin(desk.link())

    nothing_shows(began)


@pytest.mark.parametrize("leaves", ["/kiosk/next", "/kiosk"])
def test_a_tablet_that_was_given_back_shows_nothing_to_the_next_person(desk: Desk, app: Flask, leaves: str) -> None:
    tablet = tablet_of(desk, app)
    tablet.post("/kiosk", code=code(desk))
    tablet.answer(1, b1="3")
    tablet.answer(8, w1="Canarywish")

    tablet.get(leaves)

    assert [cookie for cookie in [tablet.http.get_cookie("checkin")] if cookie] == []
    tablet.post("/kiosk", code=code(desk))
    nothing_shows(tablet)


def test_a_code_typed_over_an_open_form_begins_with_nothing(desk: Desk, app: Flask) -> None:
    tablet = tablet_of(desk, app)
    tablet.post("/kiosk", code=code(desk))
    tablet.answer(8, w1="Canarywish")

    tablet.post("/kiosk", code=code(desk))

    nothing_shows(tablet)


def test_a_link_on_a_tablet_begins_with_nothing_too(desk: Desk, app: Flask) -> None:
    tablet = tablet_of(desk, app)
    tablet.post("/kiosk", code=code(desk))
    tablet.answer(8, w1="Canarywish")

    tablet.begin(desk.link())

    nothing_shows(tablet)


def test_what_was_begun_on_a_tablet_is_not_promised_to_wait(desk: Desk, app: Flask) -> None:
    tablet = tablet_of(desk, app)

    page = tablet.post("/kiosk", code=code(desk))

    assert "What you have answered is kept" not in page.text
    assert "What you have not sent is not shown again" in page.text
