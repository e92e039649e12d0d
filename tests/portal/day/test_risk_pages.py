"""Answers about hurting oneself: the first thing that is read, by those whom it concerns, until somebody has."""

from uuid import UUID

import pytest

from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, NOOR
from tests.clinic import Clinic
from tests.collecting import booked_today, offers_before, plan_to_ask
from tests.portal.test_clinic_pages import came_in
from tests.portal.test_outages import came_in_without

FIRST = "Please read first"


@pytest.fixture
def asking(clinic: Clinic) -> Clinic:
    clinic.open_forms()
    plan_to_ask(clinic, "phq-9")
    return clinic


def told(clinic: Clinic, client_id: UUID, at: str, **answers: int) -> None:
    """The client has filled in the form before their session."""
    booked_today(clinic, client_id, at=at)
    offer = offers_before(clinic, client_id)[0]
    link = clinic.api("feedback", DANA, "POST", f"/v1/offers/{offer['id']}/link", {})
    handle = clinic.form("POST", "/v1/forms/exchange", {"token": link["token"]})["handle"]
    body = {"answers": {"q1": 1, **answers}, "measure_id": "phq-9", "submit": True}
    clinic.form("PUT", "/v1/forms/current", body, handle=handle)
    clinic.settle()


def test_it_stands_first_on_today_for_the_therapist_and_the_lead_and_for_nobody_else(asking: Clinic) -> None:
    told(asking, asking.client_of(ANA), "2026-11-23T15:00", q9=2)

    pages = {one.username: came_in(asking, one).get("/today").text for one in (ANA, BEN, CHRIS, DANA, LEAD)}

    assert {name for name, text in pages.items() if FIRST in text} == {"ana", "lena"}
    for name in ("ana", "lena"):
        main = pages[name].split("<main")[1]
        assert main.index(FIRST) < main.index("15:00")
        assert "with \u2018More than half the days\u2019 at Mon 23 Nov, 09:00" in main
        assert "Please read and respond by Tue 24 Nov, 09:00." in main
    assert all("hurting" not in pages[name] for name in ("ben", "chris", "dana"))


def test_it_stands_first_on_the_persons_page_but_not_for_the_desk(asking: Clinic) -> None:
    mara = asking.client_of(ANA)
    told(asking, mara, "2026-11-23T15:00", q9=1)

    pages = {one.username: came_in(asking, one).get(f"/people/{mara}").text for one in (ANA, CHRIS, DANA, LEAD)}

    assert {name for name, text in pages.items() if FIRST in text} == {"ana", "lena"}


def test_it_goes_only_with_an_outcome(asking: Clinic) -> None:
    told(asking, asking.client_of(ANA), "2026-11-23T15:00", q9=3)
    ana = came_in(asking, ANA)
    form = ana.get("/today").form("/acknowledgement")

    without = ana.send(form, {"outcome": ""})
    invented = ana.send(form, {"outcome": "<script>alert(1)</script>"})
    read = ana.send(form, {"outcome": "safety_plan_agreed"})
    again = ana.send(form, {"outcome": "safety_plan_agreed"})

    assert (without.status, invented.status) == (422, 422)
    assert without.title.startswith("Error: ")
    assert 'href="#outcome"' in without.text
    assert FIRST not in read.text
    assert "somebody has read it, and what came of it" in read.text
    assert again.status in {404, 409}


def test_past_its_time_it_says_so_in_a_word_and_an_icon(asking: Clinic) -> None:
    told(asking, asking.client_of(ANA), "2026-11-23T15:00", q9=1)
    asking.clock.move(hours=25)
    asking.settle()

    page = came_in(asking, LEAD).get("/today").text

    assert "Overdue" in page.split(FIRST)[1]
    assert "Not yet read. Passed on to the clinical lead." in page


def test_a_question_left_open_is_shown_as_that(asking: Clinic) -> None:
    told(asking, asking.client_of(ANA, NOOR), "2026-11-23T15:00")

    page = came_in(asking, ANA).get("/today").text

    assert "That is not a \u2018no\u2019." in page
    assert "Left open" in page
    assert "O&#39;Neil-Łukasz 李" in page


def test_nobody_elses_can_be_acknowledged(asking: Clinic) -> None:
    told(asking, asking.client_of(ANA), "2026-11-23T15:00", q9=1)
    action = came_in(asking, ANA).get("/today").form("/acknowledgement").action

    for one, status in ((BEN, 404), (DANA, 403), (CHRIS, 403)):
        browser = came_in(asking, one)
        token = next(iter(browser.get("/today").forms)).fields["form_token"]
        form = browser.get("/today").forms[0]
        form.action, form.fields = action, {"form_token": token, "outcome": "spoken_with_client", "version": "1"}
        assert browser.send(form).status == status


def test_while_feedback_is_away_the_day_says_that_what_worries_cannot_be_shown(asking: Clinic) -> None:
    told(asking, asking.client_of(ANA), "2026-11-23T15:00", q9=1)
    ana = came_in_without(asking, ANA, "feedback")

    main = ana.get("/today").text.split("<main")[1]

    assert FIRST not in main
    assert main.index("Answers about hurting oneself cannot be shown: please ask the client") < main.index("15:00")


def test_of_questions_about_other_things_too_it_says_no_more_than_their_numbers(clinic: Clinic) -> None:
    clinic.open_forms()
    plan_to_ask(clinic, paper=("oq-45",))
    mara = clinic.client_of(ANA)
    booked_today(clinic, mara)
    offer = offers_before(clinic, mara)[0]
    clinic.api("feedback", ANA, "POST", f"/v1/offers/{offer['id']}/answers", {"total": 71, "channel": "paper"})

    page = came_in(clinic, ANA).get("/today").text

    assert "Without an answer: questions 8, 11, 26, 32, 44." in page
    assert "hurting themselves" not in page.split(FIRST)[1]
