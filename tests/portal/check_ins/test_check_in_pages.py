"""Handing check-ins over, entering, correcting, reminding, planning: what staff see of collecting."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, NOOR
from tests.clinic import Clinic
from tests.collecting import BEFORE, booked_today, offers_before, plan_to_ask
from tests.portal.browser import Browser, Page
from tests.portal.test_clinic_pages import came_in

PHQ = {f"q{number}": "1" for number in range(1, 9)}
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def asking(clinic: Clinic) -> Clinic:
    """A clinic that asks two forms before each session and has one more on paper alone."""
    clinic.open_forms()
    plan_to_ask(clinic, *BEFORE, paper=("ors",))
    return clinic


@pytest.fixture
def mara(asking: Clinic) -> UUID:
    """A client whose next session is near."""
    client_id = asking.client_of(ANA)
    booked_today(asking, client_id)
    return client_id


def offer_of(clinic: Clinic, client_id: UUID, measure_id: str = "phq-9") -> Mapping[str, Any]:
    return next(offer for offer in offers_before(clinic, client_id) if offer["measure_id"] == measure_id)


def entered(browser: Browser, offer: Mapping[str, Any], typed: Mapping[str, str], *, by: str = "items") -> Page:
    page = browser.get(f"/check-ins/{offer['id']}/entry?by={by}")
    how = {"entry_sharing": "nothing_said", "entry_channel": "in_session"}
    return browser.send(page.form("/entry"), how | dict(typed))


def test_a_form_can_be_handed_over_in_three_ways_side_by_side(asking: Clinic, mara: UUID) -> None:
    desk, offer = came_in(asking, DANA), offer_of(asking, mara)

    today = desk.get("/today")
    ways = desk.get(f"/check-ins/{offer['id']}/hand-over")

    assert f"/check-ins/{offer['id']}/hand-over" in today.text
    assert [words for words in ("By link", "On the tablet", "Together or on paper") if words in ways.text] == [
        "By link",
        "On the tablet",
        "Together or on paper",
    ]
    assert "2 forms" in ways.text
    assert "/entry" not in ways.text, "answers are entered by those who care for the client"


def test_a_code_is_shown_large_with_its_end_and_opens_the_forms_on_a_tablet(asking: Clinic, mara: UUID) -> None:
    desk, offer = came_in(asking, DANA), offer_of(asking, mara)

    page = desk.send(desk.get(f"/check-ins/{offer['id']}/hand-over").form("/code"))

    shown = page.text.split('class="kiosk-code"')[1].split("</p>")[0]
    code = "".join(letter for letter in shown.split('class="vh"')[1] if letter.isdigit())
    assert len(code) == 6
    assert "Works until <strong>09:30</strong>" in page.text
    token = asking.api("feedback", CHRIS, "POST", "/v1/kiosks", {"label": "Waiting room"})["token"]
    opened = asking.form("POST", "/v1/forms/kiosk-exchange", {"kiosk": token, "code": code})
    assert opened["state"] == "open"


def test_what_is_on_paper_alone_has_no_link_and_no_code(asking: Clinic, mara: UUID) -> None:
    page = came_in(asking, ANA).get(f"/check-ins/{offer_of(asking, mara, 'ors')['id']}/hand-over")

    assert [form.action for form in page.forms if "/link" in form.action or "/code" in form.action] == []
    assert "/entry" in page.text
    assert "/paper" not in page.text, "there are no words to print"


def test_an_entry_keeps_what_the_client_said_and_names_each_mistake_at_its_question(asking: Clinic, mara: UUID) -> None:
    ana, offer = came_in(asking, ANA), offer_of(asking, mara)

    refused = entered(ana, offer, {"q1": "7", "entry_channel": ""})
    kept = entered(ana, offer, PHQ | {"q9": "0"})

    assert refused.status == 422
    assert refused.title.startswith("Error: ")
    assert 'href="#q1"' in refused.text
    assert 'id="entry_channel-error"' in refused.text
    assert kept.headings == ["Marahcanary Lindholmcanary"]
    assert "Their answers are kept." in kept.text
    found = asking.api("feedback", ANA, "GET", f"/v1/check-ins/{offer['id']}")
    assert (found["total"], found["channel"], found["sharing"]) == (8, "in_session", "now")


def test_nothing_entered_is_no_entry(asking: Clinic, mara: UUID) -> None:
    page = entered(came_in(asking, ANA), offer_of(asking, mara), {})

    assert page.status == 422
    assert "Enter at least one answer" in page.text


def test_a_measure_without_words_is_entered_by_its_numbers(asking: Clinic, mara: UUID) -> None:
    ana, offer = came_in(asking, ANA), offer_of(asking, mara, "ors")
    page = ana.get(f"/check-ins/{offer['id']}/entry")
    assert "Question 4" in page.text
    assert "from 0 to 10, with one decimal place at most" in page.text

    refused = entered(ana, offer, {"q1": "10.05", "q2": "1", "q3": "2", "q4": "3"})
    entered(ana, offer, {"q1": "7,5", "q2": "6", "q3": "5.5", "q4": "6", "entry_sharing": "now"})

    assert refused.status == 422
    assert 'id="q1-error"' in refused.text
    assert asking.api("feedback", ANA, "GET", f"/v1/check-ins/{offer['id']}")["total"] == 25


def test_totals_alone_are_taken_where_the_measure_takes_them(asking: Clinic, mara: UUID) -> None:
    ana, offer = came_in(asking, ANA), offer_of(asking, mara, "ors")

    for typed in ("41", "-1", "abc", "", "1e1"):
        refused = entered(ana, offer, {"entry_total": typed}, by="totals")
        assert refused.status == 422, typed
        assert 'id="entry_total-error"' in refused.text
    entered(ana, offer, {"entry_total": "21,5", "entry_channel": "paper"}, by="totals")

    found = asking.api("feedback", ANA, "GET", f"/v1/check-ins/{offer['id']}")
    assert (found["total"], found["total_only"], found["channel"]) == (21.5, True, "paper")


def test_what_the_client_ticked_about_sharing_is_asked_for_where_the_form_asks_it(asking: Clinic, mara: UUID) -> None:
    asking.hold(asking.book(mara, at="2026-11-23T17:00"))
    ana = came_in(asking, ANA)
    offer = next(o for o in _open(asking, mara) if o["measure_id"] == "session-checkin")
    answers = dict.fromkeys(("b1", "g1", "t1", "e1", "o1"), "8")

    page = ana.get(f"/check-ins/{offer['id']}/entry")
    silent = ana.send(page.form("/entry"), answers | {"entry_channel": "paper"})
    kept = ana.send(page.form("/entry"), answers | {"entry_channel": "paper", "entry_sharing": "not"})

    assert silent.status == 422
    assert "Choose what they said about who sees it" in silent.text
    assert "Their answers are kept." in kept.text
    shown = ana.get(f"/check-ins/{offer['id']}")
    assert "They chose not to share this time." in shown.text
    assert "8 of 10" not in shown.text
    assert "Correct this entry" not in shown.text


def test_a_form_nobody_offered_can_be_entered_about_a_session(asking: Clinic) -> None:
    noor = asking.client_of(ANA, NOOR)
    asking.hold(asking.book(noor, at="2026-11-23T15:00"))
    ana = came_in(asking, ANA)

    chosen = ana.get(f"/people/{noor}/check-ins/new")
    assert "took place" in chosen.text
    appointment = chosen.text.split('name="appointment"')[1].split('value="')[1].split('"')[0]
    page = ana.get(f"/people/{noor}/check-ins/new?appointment={appointment}&measure=gad-7")
    answers = {f"q{number}": "2" for number in range(1, 8)}
    kept = ana.send(
        page.form("/check-ins/new"), answers | {"entry_sharing": "nothing_said", "entry_channel": "in_session"}
    )

    assert "Their answers are kept." in kept.text
    assert "O&#39;Neil-Łukasz 李" in kept.text
    history = ana.get(f"/people/{noor}/check-ins")
    assert "Received" in history.text


def test_a_new_therapist_is_led_to_no_answer_about_the_work_with_another(asking: Clinic) -> None:
    noor = asking.client_of(ANA, NOOR)
    booked = booked_today(asking, noor)
    entered(came_in(asking, ANA), offer_of(asking, noor), PHQ | {"q9": "0"})
    asking.hold(booked)
    asking.settle()
    out = asking.api("feedback", ANA, "GET", f"/v1/offers?client_id={noor}&side=client&state=open")["items"]
    about_us = next(offer for offer in out if offer["measure_id"] == "session-checkin")
    answers = {"answers": {"b1": 4, "s1": "now"}, "channel": "paper"}
    asking.api("feedback", ANA, "POST", f"/v1/offers/{about_us['id']}/answers", answers)
    asking.api("intake", DANA, "POST", f"/v1/clients/{noor}/allocations", {"practitioner_id": str(BEN.id)})
    asking.settle()

    pages = {one.username: came_in(asking, one).get(f"/people/{noor}/check-ins").text for one in (BEN, LEAD)}

    assert {name: text.count("Look, or correct") for name, text in pages.items()} == {"ben": 1, "lena": 2}
    assert f"/check-ins/{about_us['id']}" not in pages["ben"]
    assert came_in(asking, BEN).get(f"/check-ins/{about_us['id']}").status == 404


def test_a_correction_needs_a_reason_and_keeps_what_stood_there(asking: Clinic, mara: UUID) -> None:
    ana, offer = came_in(asking, ANA), offer_of(asking, mara)
    entered(ana, offer, PHQ | {"q9": "0"})
    page = ana.get(f"/check-ins/{offer['id']}/correction")
    assert "The earlier entry is kept" in page.text

    without = ana.send(page.form("/correction"), {"q1": "3"})
    same = ana.send(page.form("/correction"), {"correction_reason": "typing_error"})
    corrected = ana.send(page.form("/correction"), {"q1": "3", "correction_reason": "misread_paper"})
    late = ana.send(page.form("/correction"), {"q1": "2", "correction_reason": "misread_paper", "key": "another"})

    assert (without.status, same.status, corrected.status, late.status) == (422, 409, 200, 412)
    assert 'id="correction_reason-error"' in without.text
    assert "The correction is kept." in corrected.text
    assert "1 Several days, then 3 nearly every day" in corrected.text
    assert "Corrected by Ana Ferreira-Canary" in corrected.text
    assert "the paper was misread" in corrected.text


def test_an_entry_made_by_mistake_is_withdrawn_with_a_reason_and_brought_back(asking: Clinic, mara: UUID) -> None:
    ana, offer = came_in(asking, ANA), offer_of(asking, mara)
    asking.clock.move(minutes=5)
    entered(ana, offer, PHQ | {"q9": "1"})
    path = f"/check-ins/{offer['id']}"
    assert f"{path}/withdrawal" in ana.get(path).text
    page = ana.send(ana.get(f"{path}/withdrawal").form("/withdrawal"))

    assert page.status == 422
    assert 'id="withdrawal_reason-error"' in page.text
    withdrawn = ana.send(page.form("/withdrawal"), {"withdrawal_reason": "wrong_client"})
    history = ana.get(f"/people/{mara}/check-ins")
    risk = ana.get("/today")
    twice = ana.send(page.form("/withdrawal"), {"withdrawal_reason": "wrong_client", "key": "another"})
    back = ana.send(withdrawn.form("/undo"))
    late = ana.send(withdrawn.form("/undo"), {"key": "another"})

    assert "The entry is withdrawn. It counts nowhere now." in withdrawn.text
    assert "Withdrawn by Ana Ferreira-Canary" in withdrawn.text
    assert "it belongs to another client" in withdrawn.text
    assert (history.text.count("An entry was withdrawn"), f'href="{path}"' in history.text) == (1, True)
    assert "The entry it stood in was withdrawn as a mistake." in risk.text
    assert (twice.status, "This entry was withdrawn." in twice.text) == (200, True)
    assert "The entry is back as it was, and counts again." in back.text
    assert "Brought back" in back.text
    assert (late.status, "An entry stands here" in late.text) == (409, True)


def test_what_a_client_sent_has_no_way_to_withdraw_it(asking: Clinic, mara: UUID) -> None:
    asking.hold(asking.book(mara, at="2026-11-23T17:00"))
    offer = next(one for one in _open(asking, mara) if one["measure_id"] == "session-checkin")
    asking.fill_in(mara, b1=8, s1="now")
    ana = came_in(asking, ANA)

    shown = ana.get(f"/check-ins/{offer['id']}")

    assert ("Correct this entry" in shown.text, "Withdraw it" in shown.text) == (True, False)
    assert ana.get(f"/check-ins/{offer['id']}/withdrawal").status == 404


def test_a_paper_form_has_the_code_and_the_licence_but_no_name(asking: Clinic, mara: UUID) -> None:
    page = came_in(asking, DANA).get(f"/check-ins/{offer_of(asking, mara)['id']}/paper")

    assert "Little interest or pleasure in doing things" in page.text
    assert "K-1001" in page.text
    assert "never a diagnosis" in page.text
    assert "Need help now?" in page.text
    assert "Marahcanary" not in page.text
    assert "Lindholm" not in page.text


def test_a_colleague_enters_and_corrects_nothing(asking: Clinic, mara: UUID) -> None:
    ben, offer = came_in(asking, BEN), offer_of(asking, mara)

    paths = ("entry", "hand-over", "paper", "", "correction", "withdrawal")
    found = {path: ben.get(f"/check-ins/{offer['id']}/{path}".rstrip("/")).status for path in paths}

    assert set(found.values()) == {404}
    assert ben.get(f"/people/{mara}/check-ins").status == 404


def test_a_due_reminder_is_told_once_and_noted(asking: Clinic, mara: UUID) -> None:
    asking.hold(asking.book(mara, at="2026-11-23T17:00"))
    asking.clock.now = asking.clock.now.replace(day=25, hour=10)
    asking.settle()
    desk = came_in(asking, DANA)

    today = desk.get("/today")
    assert "Worth a reminder" in today.text
    noted = desk.send(today.form("/reminded"))

    assert "Nobody reminds them of this form again." in noted.text
    assert [form.action for form in noted.forms if "/reminded" in form.action] == []
    assert "Nobody right now." in noted.text


def test_a_tablet_is_added_listed_and_ended(asking: Clinic) -> None:
    chris = came_in(asking, CHRIS)

    empty = chris.get("/clinic/tablets")
    refused = chris.send(empty.form("/clinic/tablets"), {"label": ""})
    added = chris.send(empty.form("/clinic/tablets"), {"label": HOSTILE})
    listed = chris.get("/clinic/tablets")
    ended = chris.send(listed.form("/ending"))

    assert "None yet." in empty.text
    assert refused.status == 422
    assert "/check-in/kiosk/enrol/" in added.text
    assert "/kiosk/enrol/" not in listed.text, "the address is shown once"
    assert "<script>alert" not in added.text + listed.text
    assert "opens nothing from now on" in ended.text
    assert "Ended" in ended.text
    for other in (ANA, DANA, LEAD):
        assert came_in(asking, other).get("/clinic/tablets").status == 403


def test_what_is_asked_stands_in_plain_words_and_can_be_changed(asking: Clinic) -> None:
    chris = came_in(asking, CHRIS)
    page = chris.get("/clinic/what-we-ask")
    assert "Before every session" in page.text
    assert "from paper" in page.text

    form = page.form("/what-we-ask")
    rare = {"rhythm-1": "every_n_sessions", "every-1": "3", "begin-1": "4"}
    wrong = chris.send(form, rare | {"every-1": "0"})
    changed = chris.send(form, rare | {"drop-2": "yes", "risk_due_hours": "12"})
    late = chris.send(form, rare)

    assert (wrong.status, changed.status, late.status) == (422, 200, 412)
    assert 'href="#every-1"' in wrong.text
    assert "Before every 3rd session, from session 4 on" in changed.text
    assert "within 12 hours" in changed.text
    plan = asking.api("feedback", CHRIS, "GET", "/v1/plan")
    assert [entry["measure_id"] for entry in plan["entries"]] == [
        "phq-9",
        "gad-7",
        "session-checkin",
        "session-checkin-mirror",
    ]
    for other in (ANA, DANA):
        assert came_in(asking, other).get("/clinic/what-we-ask").status == 403


def test_a_measure_can_be_added_to_what_is_asked(asking: Clinic) -> None:
    chris = came_in(asking, CHRIS)
    form = chris.get("/clinic/what-we-ask").form("/what-we-ask")

    refused = chris.send(form, {"measure_id-new": "srs", "way-new": "form"})
    added = chris.send(form, {"measure_id-new": "srs", "way-new": "paper"})

    assert refused.status == 422
    assert 'href="#measure_id-new"' in refused.text
    assert added.status == 200
    entries = asking.api("feedback", CHRIS, "GET", "/v1/plan")["entries"]
    assert (entries[-1]["measure_id"], entries[-1]["way"]) == ("srs", "paper")


def _open(clinic: Clinic, client_id: UUID) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = clinic.api(
        "feedback", DANA, "GET", f"/v1/offers?client_id={client_id}&side=client&state=open"
    )["items"]
    return found
