"""The clinic's own device in a client's hands: what they began on it ends with it."""

import re

import pytest
from flask import Flask

from tests.checkin.conftest import Desk, Phone

TRACES = ("Canarywish", " checked>")


def begin_here(browser: Phone, token: str) -> str:
    """As from the portal's hand-over page: look at the page behind the link, and press its button."""
    welcome = browser.get(f"/f/{token}?device=clinic").text
    hidden = dict(re.findall(r'<input type="hidden" name="(device)" value="([^"]*)"', welcome))
    assert hidden == {"device": "clinic"}
    return browser.post(f"/f/{token}", **hidden).text


@pytest.fixture
def device(desk: Desk, app: Flask) -> Phone:
    """The desk's browser, handed over; the client has stopped halfway."""
    browser = Phone(app)
    begin_here(browser, desk.link())
    browser.answer(1, b1="3")
    browser.answer(8, w1="Canarywish", w1_readers="therapist")
    return browser


def nothing_shows(browser: Phone) -> None:
    for path in ("/form", *(f"/form/{number}" for number in (1, 8)), "/form/review"):
        page = browser.get(path)
        assert not any(trace in page.text.replace('value="therapist" checked>', "") for trace in TRACES), path


def test_a_link_that_is_not_handed_over_here_says_nothing_of_a_device(desk: Desk, phone: Phone) -> None:
    assert 'name="device"' not in phone.get(f"/f/{desk.link()}").text
    assert 'name="device"' not in phone.get(f"/f/{desk.link()}?device=mine").text


def test_larger_text_does_not_forget_whose_device_it_is(desk: Desk, phone: Phone) -> None:
    here = f"/f/{desk.link()}?device=clinic"
    back = re.findall(r'name="back" value="([^"]+)"', phone.get(here).text)[0]

    assert 'name="device"' in phone.post("/text-size", text_size="large", back=back).text


def test_a_button_ends_the_form_and_asks_for_the_device_back(device: Phone) -> None:
    page = device.get("/form/8").text
    assert "Canarywish" in page, "it is their form until they stop"
    assert "Stop and give the device back" in page

    ended = device.get(re.findall(r'href="([^"]+)"[^>]*>Stop and give the device back', page)[0])

    assert "Please give the device back" in ended.text
    assert device.get("/form").status_code == 410
    nothing_shows(device)


@pytest.mark.parametrize("marked", [True, False])
def test_a_new_link_on_the_same_device_begins_with_nothing(desk: Desk, device: Phone, marked: bool) -> None:
    token = desk.link()

    opened = begin_here(device, token) if marked else device.begin(token).text

    assert "Question 1 of 7" in opened
    nothing_shows(device)


def test_a_form_begun_in_a_browser_of_the_clinic_is_not_passed_on_to_a_handed_over_one(desk: Desk, app: Flask) -> None:
    browser = Phone(app)
    browser.begin(desk.link())
    browser.answer(8, w1="Canarywish")

    begin_here(browser, desk.link())

    nothing_shows(browser)


def test_the_same_link_pressed_once_more_does_not_lead_back_to_what_was_begun(desk: Desk, app: Flask) -> None:
    browser, token = Phone(app), desk.link()
    begin_here(browser, token)
    assert "Question 1 of 7" in browser.begin(token).text, "pressed twice before anything was answered"
    browser.answer(8, w1="Canarywish")

    assert browser.begin(token).status_code == 410
    nothing_shows(browser)


def test_a_form_left_alone_on_the_device_ends_after_minutes(desk: Desk, app: Flask) -> None:
    browser, token = Phone(app), desk.link()
    begun = browser.post(f"/f/{token}", follow=False, device="clinic")
    shown = browser.get("/form/1", follow=False)

    for answer in (begun, shown):
        kept = [line for line in answer.headers.getlist("Set-Cookie") if "Max-Age=0" not in line]
        assert [int(life) <= 600 for line in kept for life in re.findall(r"Max-Age=(\d+)", line)] == [True]
    assert 'id="still-there"' in shown.text, "and with scripts it asks after a quiet minute"
    assert "/kiosk/next" in shown.text, "without scripts the page leaves by itself"


def test_after_sending_the_device_is_asked_back(device: Phone) -> None:
    thanks = device.post("/form/review", s1="not")

    assert "Thank you." in thanks.text
    assert "nothing of them is left on this device" in thanks.text
    assert "Please give the device back" in device.get("/kiosk/next").text
    nothing_shows(device)


def test_signing_in_again_on_the_device_ends_what_the_client_began(desk: Desk) -> None:
    browser = Phone(desk.clinic.house.wsgi)  # type: ignore[arg-type]
    token = desk.link()
    browser.post(f"/check-in/f/{token}", device="clinic")
    browser.post("/check-in/form/8", go="next", w1="Canarywish")
    assert "Canarywish" in browser.get("/check-in/form/8").text

    assert "Sign in" in browser.get("/today").text

    assert "Canarywish" not in browser.get("/check-in/form/8").text
    assert browser.get("/check-in/form").status_code == 410


def test_a_clients_own_browser_is_not_ended_by_the_portal(desk: Desk) -> None:
    browser = Phone(desk.clinic.house.wsgi)  # type: ignore[arg-type]
    browser.post(f"/check-in/f/{desk.link()}")
    browser.post("/check-in/form/8", go="next", w1="Canarywish")

    browser.get("/sign-in")

    assert "Canarywish" in browser.get("/check-in/form/8").text
