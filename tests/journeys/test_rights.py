"""Who may see what: a colleague's client is not there, the desk and the manager see no readings."""

import re
from html import unescape
from uuid import UUID

import pytest
from playwright.sync_api import expect
from werkzeug.test import Client

from tests.cast import ANA, BEN, CHRIS, DANA, LEAD
from tests.clinic import Clinic, hidden_fields
from tests.journeys.answers import course_until_rupture
from tests.journeys.conftest import Browse

# What a reading is told with: states, totals, the picture, the wish.
TOLD = ("Rupture", "rupture", "strain", "Repair", "lower than", "80", "32", "<figure", "wished for")
HERE = {"Origin": "http://localhost"}


@pytest.fixture
def mara(open_clinic: Clinic) -> UUID:
    """Ana's client, whose last session went badly."""
    client_id = open_clinic.client_of(ANA)
    course_until_rupture(open_clinic, client_id)
    return client_id


def shown(browser: Client, path: str) -> str:
    """What a page tells: its text and pictures, without the parts in which a key or an id may look like a number."""
    page = browser.get(path)
    assert page.status_code == 200, path
    main = page.text.partition("<main")[2]
    return unescape(re.sub(r'(href|action|value|id|for|d|viewBox|name|aria-[a-z]+)="[^"]*"', "", main))


def test_therapist_and_clinical_lead_read_the_course_and_colleagues_do_not_see_that_there_is_a_client(
    open_clinic: Clinic, mara: UUID
) -> None:
    hour = open_clinic.book(mara, at="2026-11-30T15:00")
    ana, lead, ben = (open_clinic.signed_in(who) for who in (ANA, LEAD, BEN))
    for reader in (ana, lead):
        assert "Rupture" in shown(reader, f"/people/{mara}")
        assert "canary" in shown(reader, "/caseload")

    places = [f"/people/{mara}", f"/people/{mara}/book", f"/appointments/{hour['id']}/move"]
    for path in places:
        assert ben.get(path).status_code == 404, path
    for path in ("/today", "/today?day=2026-11-30", "/people", "/people?state=", "/caseload"):
        assert "canary" not in shown(ben, path), path
        assert "K-10" not in shown(ben, path).replace("such as K-1042", ""), path


def test_a_colleagues_client_can_be_changed_by_nobody_else(open_clinic: Clinic, mara: UUID) -> None:
    hour = open_clinic.book(mara, at="2026-11-30T15:00")
    course = open_clinic.api("feedback", ANA, "GET", f"/v1/clients/{mara}/course")
    episode = course["episodes"][0]["id"]
    ben = open_clinic.signed_in(BEN)
    token = hidden_fields(ben.get("/people").text)["form_token"]
    tries = {
        f"/people/{mara}/book": {"local_start": "2026-12-01T10:00", "type_code": "individual", "modality": "video"},
        f"/people/{mara}/consents": {"purpose": "research", "given": "yes"},
        f"/people/{mara}/ending": {"reason_code": "46", "version": "3"},
        f"/people/{mara}/episodes/{episode}/conversation": {"held_on": "2026-11-26", "version": "1"},
        f"/people/{mara}/episodes/{episode}/closing": {"closing_reason": "other", "version": "1"},
        f"/appointments/{hour['id']}/move": {"local_start": "2026-12-01T10:00", "version": "1"},
        f"/appointments/{hour['id']}/status": {"to": "arrived", "version": "1"},
    }
    before = open_clinic.api("intake", DANA, "GET", f"/v1/clients/{mara}")

    for path, fields in tries.items():
        answer = ben.post(path, data={"form_token": token, "key": "one-key", "minutes": "50", **fields}, headers=HERE)
        assert answer.status_code == 404, path

    assert open_clinic.api("intake", DANA, "GET", f"/v1/clients/{mara}") == before
    assert open_clinic.api("feedback", ANA, "GET", f"/v1/clients/{mara}/course") == course
    assert open_clinic.api("scheduling", DANA, "GET", f"/v1/appointments/{hour['id']}") == hour


def test_front_desk_and_manager_see_no_reading(open_clinic: Clinic, mara: UUID) -> None:
    open_clinic.book(mara, at="2026-11-26T18:00")
    for who in (DANA, CHRIS):
        browser = open_clinic.signed_in(who)

        for path in (f"/people/{mara}", f"/people/{mara}?show=course", "/today", "/people", f"/people/{mara}/book"):
            told = shown(browser, path)
            assert "canary" in told, path
            assert [word for word in TOLD if re.search(rf"(?<![\w:]){re.escape(word)}(?![\w:])", told)] == [], path
        assert browser.get("/caseload").status_code == 403


def test_a_search_finds_a_therapist_only_their_own_clients(open_clinic: Clinic, mara: UUID) -> None:
    found = {}
    for who in (ANA, BEN, DANA):
        browser = open_clinic.signed_in(who)
        token = hidden_fields(browser.get("/people").text)["form_token"]
        typed = {"form_token": token, "text": "marahcanary"}
        page = browser.post("/people/search", data=typed, headers=HERE, follow_redirects=True)
        found[who.username] = "Lindholmcanary" in page.text

    assert found == {"ana": True, "ben": False, "dana": True}


def test_signed_out_nothing_opens(open_clinic: Clinic, mara: UUID) -> None:
    stranger = Client(open_clinic.house.wsgi)
    for path in (
        "/",
        "/today",
        "/people",
        f"/people/{mara}",
        "/caseload",
        "/supervision",
        "/clinic/supervision",
        "/clinic/readings",
        "/referrals",
        "/clinic",
        "/staff",
        "/events",
    ):
        answer = stranger.get(path)

        assert answer.status_code == 303, path
        assert answer.headers["Location"].startswith("/sign-in"), path


@pytest.mark.browser
def test_after_signing_out_the_way_back_shows_nothing(open_clinic: Clinic, mara: UUID, browse: Browse) -> None:
    ana = browse()
    ana.signs_in(ANA)
    ana.opens(f"/people/{mara}")
    expect(ana.heading).to_have_text("Marahcanary Lindholmcanary")

    ana.presses("Sign out")
    ana.sees("You are signed out.")
    ana.the_page_is_accessible()
    ana.page.go_back()

    expect(ana.heading).to_have_text("Sign in")
    assert "canary" not in ana.words()
