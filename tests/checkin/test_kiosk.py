"""The tablet in the waiting room and forms that come together, against the real feedback service."""

import re

import pytest
from flask import Flask

from tests.cast import ANA, CHRIS, MARA, NOOR
from tests.checkin.conftest import Desk, Line, Phone
from tests.clinic import Clinic
from tests.collecting import BEFORE, booked_today, new_code, new_tablet, offers_before, plan_to_ask, wrong

PHQ = {f"q{number}": "0" for number in range(1, 10)}


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A client who is asked two forms before their next session; the last one is answered for."""
    plan_to_ask(desk.clinic, *BEFORE)
    booked_today(desk.clinic, desk.client_id, at="2026-12-01T09:00")
    return desk


@pytest.fixture
def tablet(asked: Desk, app: Flask) -> Phone:
    """A browser that was made a tablet of the clinic."""
    browser = Phone(app)
    browser.post(f"/kiosk/enrol/{new_tablet(asked.clinic)['token']}")
    return browser


def code_for(desk: Desk) -> str:
    return new_code(desk.clinic, offers_before(desk.clinic, desk.client_id)[0]["id"])


def answer_phq(phone: Phone, **said: str) -> None:
    for number, (item, value) in enumerate({**PHQ, **said}.items(), start=1):
        phone.answer(number, form="phq-9.1", **{item: value})


def test_looking_at_the_address_of_a_tablet_changes_nothing(asked: Desk, phone: Phone, line: Line) -> None:
    token = new_tablet(asked.clinic)["token"]

    assert "Use this tablet" in phone.get(f"/kiosk/enrol/{token}").text
    assert phone.get("/kiosk").status_code == 403
    assert line.calls == []


def test_a_tablet_is_remembered_for_long_and_hidden_from_scripts(asked: Desk, phone: Phone) -> None:
    enrolled = phone.post(f"/kiosk/enrol/{new_tablet(asked.clinic)['token']}", follow=False)

    cookie = next(line for line in enrolled.headers.getlist("Set-Cookie") if line.startswith("checkin-kiosk="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert int(re.findall(r"Max-Age=(\d+)", cookie)[0]) > 300 * 24 * 3600
    assert enrolled.headers["Location"] == "/kiosk"


def test_a_browser_that_is_no_tablet_is_told_what_to_do(asked: Desk, phone: Phone) -> None:
    for page in (phone.get("/kiosk"), phone.post("/kiosk", code=code_for(asked))):
        assert page.status_code == 403
        assert "ask at the desk for a link" in page.text
    phone.http.set_cookie("checkin-kiosk", "invented-by-somebody-else")
    assert "not set up for codes" in phone.post("/kiosk", code=code_for(asked)).text
    assert phone.get("/kiosk").status_code == 403, "the invented key is forgotten"


def test_a_code_opens_the_forms_of_a_session_one_after_the_other(asked: Desk, tablet: Phone) -> None:
    code = code_for(asked)

    start = tablet.post("/kiosk", code=f"{code[:3]} {code[3:]}").text

    assert "First of two short forms" in start
    assert "One question asks about thoughts of hurting yourself" in start
    first = tablet.get("/form/1").text
    assert "Over the last 2 weeks" in first
    assert "Little interest or pleasure in doing things" in first
    assert "First of two short forms: question 1 of 9" in first
    answer_phq(tablet)
    assert "Second of two short forms" in tablet.post("/form/review", form="phq-9.1").text
    assert "Feeling nervous, anxious or on edge" in tablet.get("/form/1").text


def test_the_functional_question_is_asked_only_after_a_difficulty(asked: Desk, tablet: Phone) -> None:
    tablet.post("/kiosk", code=code_for(asked))
    answer_phq(tablet)
    assert "how difficult have these problems" not in tablet.get("/form/review").text

    asked_now = tablet.answer(1, form="phq-9.1", q1="1")

    assert "question 2 of 10" in asked_now.text
    assert "how difficult have these problems" in tablet.get("/form/10").text


def test_a_page_of_the_first_form_never_answers_the_second(asked: Desk, tablet: Phone) -> None:
    tablet.post("/kiosk", code=code_for(asked))
    answer_phq(tablet)
    tablet.post("/form/review", form="phq-9.1")

    tablet.answer(1, form="phq-9.1", q1="3")
    again = tablet.post("/form/review", form="phq-9.1")

    assert "Second of two short forms" in again.text
    states = asked.clinic.api("feedback", ANA, "GET", f"/v1/offers?client_id={asked.client_id}&side=client")["items"]
    assert [o["state"] for o in states if o["measure_id"] == "gad-7"] == ["open"]


def test_help_comes_at_once_after_an_answer_that_worries_and_then_the_next_form(asked: Desk, tablet: Phone) -> None:
    tablet.post("/kiosk", code=code_for(asked))
    answer_phq(tablet, q9="1")

    told = tablet.post("/form/review", form="phq-9.1")

    assert "Thank you for telling us." in told.text
    assert "you do not have to carry them alone" in told.text
    assert "A member of staff reads this by the end of the next working day." in told.text
    assert "01632 960 001" in told.text, "the clinic's own numbers"
    assert "Thank you for telling us." in tablet.get("/form").text, "until it was read"
    assert "Second of two short forms" in tablet.post("/form/help").text
    tablet.answer(1, form="gad-7.2", go="skip")
    thanks = tablet.post("/form/review", form="gad-7.2")
    assert "Thank you." in thanks.text
    assert "Thank you for telling us." not in thanks.text


def test_the_help_page_needs_no_service(asked: Desk, tablet: Phone, line: Line) -> None:
    tablet.post("/kiosk", code=code_for(asked))
    answer_phq(tablet, q9="2")
    tablet.post("/form/review", follow=False, form="phq-9.1")

    line.cut = True
    told = tablet.get("/form/help")

    assert told.status_code == 200
    assert "01632 960 001" in told.text


def test_after_sending_the_tablet_waits_for_the_next_person_and_shows_nothing_of_the_last(
    asked: Desk, tablet: Phone
) -> None:
    tablet.post("/text-size", text_size="largest", back="/")
    tablet.post("/kiosk", code=code_for(asked))
    for form in ("phq-9.1", "gad-7.2"):
        tablet.answer(1, form=form, go="skip")
        thanks = tablet.post("/form/review", form=form)

    assert "nothing of them is left on this tablet" in thanks.text
    assert thanks.headers["Refresh"].endswith("url=/kiosk/next")
    code_page = tablet.get("/kiosk/next")
    assert "Please enter the code" in code_page.text
    assert "text-largest" not in code_page.text
    for path in ("/form", "/form/1", "/form/review", "/form/thanks", "/form/help", "/form/start", "/"):
        back = tablet.get(path)
        assert "Please enter the code" in back.text, path
        assert "no-store" in back.headers["Cache-Control"]


def test_a_form_left_alone_is_forgotten_and_begins_anew(asked: Desk, tablet: Phone) -> None:
    begun = tablet.post("/kiosk", code=code_for(asked), follow=False)
    handle = next(
        line for line in begun.headers.getlist("Set-Cookie") if line.startswith("checkin=") and "Max-Age=0" not in line
    )
    assert int(re.findall(r"Max-Age=(\d+)", handle)[0]) <= 600, "scripts or not, the handle goes by itself"
    tablet.answer(1, form="phq-9.1", q1="2")

    tablet.get("/kiosk/next")

    assert "Please enter the code" in tablet.get("/form/1").text
    tablet.post("/kiosk", code=code_for(asked))
    assert "checked" not in tablet.get("/form/1").text


def test_a_wrong_code_says_what_to_do_and_guessing_is_paused(asked: Desk, tablet: Phone) -> None:
    code = code_for(asked)
    for sent in ("", "12345", "1234567", "12a456", "\uff11\uff12\uff13\uff14\uff15\uff16", "<b>123"):
        page = tablet.post("/kiosk", code=sent)
        assert page.status_code == 422
        assert "six numbers that you were given at the desk" in page.text
        assert "<b>123" not in page.text
    for _ in range(4):
        assert "ask at the desk for a new code" in tablet.post("/kiosk", code=wrong(code)).text

    paused = tablet.post("/kiosk", code=wrong(code))
    assert paused.status_code == 429
    assert "pauses for a few minutes" in paused.text
    assert tablet.post("/kiosk", code=code).status_code == 429, "also the right one, or guessing would show it"

    asked.clinic.clock.move(minutes=11)
    assert "First of two short forms" in tablet.post("/kiosk", code=code).text


def test_a_code_opens_once_and_only_the_newest(asked: Desk, tablet: Phone) -> None:
    old, new = code_for(asked), code_for(asked)

    assert "ask at the desk for a new code" in tablet.post("/kiosk", code=old).text
    assert "First of two" in tablet.post("/kiosk", code=new).text
    tablet.get("/kiosk/next")
    assert "ask at the desk for a new code" in tablet.post("/kiosk", code=new).text


def test_a_code_is_worth_nothing_after_half_an_hour(asked: Desk, tablet: Phone) -> None:
    code = code_for(asked)
    asked.clinic.clock.move(minutes=31)

    assert "ask at the desk for a new code" in tablet.post("/kiosk", code=code).text


def test_a_tablet_that_was_ended_opens_nothing(asked: Desk, app: Flask) -> None:
    made = new_tablet(asked.clinic, "Corridor")
    lost = Phone(app)
    lost.post(f"/kiosk/enrol/{made['token']}")
    asked.clinic.api("feedback", CHRIS, "POST", f"/v1/kiosks/{made['id']}/ending", {})

    page = lost.post("/kiosk", code=code_for(asked))

    assert page.status_code == 403
    assert "not set up for codes" in page.text


def test_the_next_person_gets_their_own_form(asked: Desk, tablet: Phone) -> None:
    noor = asked.clinic.client_of(ANA, NOOR)
    booked_today(asked.clinic, noor, at="2026-12-01T11:00")
    tablet.post("/kiosk", code=code_for(asked))
    tablet.answer(1, form="phq-9.1", q1="3")

    theirs = new_code(asked.clinic, offers_before(asked.clinic, noor)[0]["id"])
    tablet.post("/kiosk", code=theirs)

    assert "checked" not in tablet.get("/form/1").text


def test_no_page_of_the_tablet_knows_a_name(asked: Desk, tablet: Phone) -> None:
    pages = [tablet.get("/kiosk"), tablet.post("/kiosk", code=code_for(asked)), tablet.get("/form/1")]

    for page in pages:
        assert MARA["given_name"] not in page.text
        assert MARA["family_name"] not in page.text
        assert "Canary" not in page.text


def test_a_link_to_several_forms_says_how_many(asked: Desk, phone: Phone) -> None:
    first = offers_before(asked.clinic, asked.client_id)[0]
    token = asked.clinic.api("feedback", ANA, "POST", f"/v1/offers/{first['id']}/link", {})["token"]

    assert "First of two short forms" in phone.begin(token).text


def test_the_tablets_key_opens_no_page_of_the_staff(asked: Desk) -> None:
    token = new_tablet(asked.clinic)["token"]
    clinic: Clinic = asked.clinic
    browser = Phone(clinic.house.wsgi)  # type: ignore[arg-type]
    browser.post(f"/check-in/kiosk/enrol/{token}")
    for name in ("checkin-kiosk", "rapport", "session", "sign-in"):
        browser.http.set_cookie(name, token)

    for path in ("/today", "/people", "/clinic", "/clinic/tablets", f"/people/{asked.client_id}", "/staff"):
        answer = browser.get(path, follow=False)
        assert answer.status_code == 303, path
        assert "/sign-in" in answer.headers["Location"]
