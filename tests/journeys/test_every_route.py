"""Every route of the portal and of the form: headers, nothing inline, and no change without our own page."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import Client

from portal.security.headers import CONTENT_SECURITY_POLICY
from shared.ids import uuid7
from tests.cast import ANA, CHRIS, DANA, LEAD, SAM
from tests.clinic import Clinic, hidden_fields
from tests.journeys.answers import course_until_rupture

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KEPT_BY_BROWSERS = {"/assets/<stamp>/<name>", "/static/<path:filename>"}  # they hold nothing personal
CHECKIN = "/check-in"


class Inline(HTMLParser):
    """Notes whatever the content security policy would stop, or a policy less strict would let run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")) or (value or "").lower().startswith("javascript:"):
                self.found.append(f"<{tag} {name}={value}>")
        self._in = tag if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in and data.strip():
            self.found.append(f"<{self._in}>{data[:60]}")


@pytest.fixture
def places(open_clinic: Clinic) -> dict[str, object]:
    """Something real for every part of an address."""
    client_id = open_clinic.client_of()
    open_clinic.consent(client_id, "supervision", given=True)
    open_clinic.settle()
    course_until_rupture(open_clinic, client_id)
    supervised = {"practitioner_id": str(ANA.id), "supervisor_ids": [str(SAM.id)]}
    open_clinic.api("feedback", LEAD, "PUT", "/v1/supervisions", supervised)
    open_clinic.hold(open_clinic.book(client_id, at="2026-11-27T09:00"))
    hour = open_clinic.book(client_id, at="2026-11-27T16:00")
    referral = open_clinic.refer({"given_name": "Noor", "family_name": "O'Neil", "birth_date": "1994-09-30"})
    offer = open_clinic.offer(client_id, "therapist", by=ANA)
    returned = open_clinic.api("feedback", ANA, "GET", f"/v1/offers?client_id={client_id}&side=client&state=received")
    received = returned["items"][-1]
    paper = {"appointment_id": received["appointment_id"], "measure_id": "phq-9", "measure_version": 1}
    paper |= {"channel": "paper", "answers": {"q1": 1}}
    entered = open_clinic.api("feedback", ANA, "POST", f"/v1/clients/{client_id}/check-ins", paper)
    course = open_clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")
    link = open_clinic.api("feedback", DANA, "POST", f"/v1/offers/{open_clinic.offer(client_id)['id']}/link", {})
    return {
        "client_id": client_id,
        "appointment_id": hour["id"],
        "referral_id": referral["id"],
        "offer_id": offer["id"],
        OPEN_FORM: open_clinic.offer(client_id)["id"],
        RECEIVED_FORM: received["id"],
        ENTERED_FORM: entered["id"],
        "episode_id": course["episodes"][0]["id"],
        "note_id": uuid7(),
        "risk_id": uuid7(),
        "kiosk_id": uuid7(),
        "access_id": uuid7(),
        "deputising_id": uuid7(),
        "staff_id": ANA.id,
        "sign_in_id": uuid7(),
        "passkey_id": uuid7(),
        "grant_id": uuid7(),
        "measure_id": "arm-5",
        "token": link["token"],
        "number": 1,
        "stamp": "0",
        "name": "portal.css",
        "filename": "checkin.css",
    }


# Pages about a client's form; the others are about the therapist's.
OPEN_FORM, RECEIVED_FORM, ENTERED_FORM = "open_form_id", "received_form_id", "entered_form_id"
FORMS = {
    "/check-ins/<uuid:offer_id>/hand-over": OPEN_FORM,
    "/check-ins/<uuid:offer_id>/entry": OPEN_FORM,
    "/check-ins/<uuid:offer_id>/paper": OPEN_FORM,
    "/check-ins/<uuid:offer_id>": RECEIVED_FORM,
    "/check-ins/<uuid:offer_id>/correction": RECEIVED_FORM,
    "/check-ins/<uuid:offer_id>/withdrawal": ENTERED_FORM,
}


def addresses(app: Flask, method: str, places: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Every rule with something real in its place."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            known = places | ({"offer_id": places[FORMS[rule.rule]]} if rule.rule in FORMS else {})
            yield rule.rule, _filled_in(rule.rule, known)


def _filled_in(rule: str, known: dict[str, object]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(known[part[1]]), rule)


def search(browser: Client) -> None:
    token = hidden_fields(browser.get("/people").text)["form_token"]
    text = {"form_token": token, "text": "marahcanary"}
    assert browser.post("/people/search", data=text, headers={"Origin": "http://localhost"}).status_code == 303


def begun(clinic: Clinic, token: object) -> Client:
    """A browser in which the form is open."""
    browser = Client(clinic.house.wsgi)
    assert browser.post(f"{CHECKIN}/f/{token}").status_code == 303
    return browser


def test_every_page_keeps_itself_in_and_holds_nothing_inline(open_clinic: Clinic, places: dict[str, object]) -> None:
    house = open_clinic.house
    portal = [(rule, path) for rule, path in addresses(house.portal, "GET", places)]
    form = [(rule, CHECKIN + path) for rule, path in addresses(house.checkin, "GET", places)]
    browsers = [(portal, open_clinic.signed_in(one)) for one in (ANA, CHRIS, DANA, LEAD, SAM)]
    search(browsers[0][1])
    browsers += [(portal, Client(house.wsgi)), (form, begun(open_clinic, places["token"])), (form, Client(house.wsgi))]
    seen: set[str] = set()
    for pages, browser in browsers:
        for rule, path in pages:
            answer = browser.get(path)
            seen |= {path} if answer.status_code == 200 else set()

            assert answer.status_code < 500, path
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
            if rule not in KEPT_BY_BROWSERS:
                assert answer.headers["Cache-Control"] == "no-store", path
            if answer.mimetype == "text/html":
                inline = Inline()
                inline.feed(answer.text)
                assert inline.found == [], path

    never = {path for pages, _ in browsers for rule, path in pages if rule not in KEPT_BY_BROWSERS} - seen
    lead_on = {"/", "/check-in/form", "/check-in/form/thanks", "/check-in/form/help"}
    nothing_to_read, no_tablet = {f"/risk-answers/{places['risk_id']}"}, {"/check-in/kiosk"}
    not_now = {"/set-up", "/sign-in/second-step", "/unlock", "/go-on", "/account/second-step/app"}
    assert never == lead_on | nothing_to_read | no_tablet | not_now


def test_nothing_is_changed_by_a_form_that_is_not_our_own(open_clinic: Clinic, places: dict[str, object]) -> None:
    before = everything(open_clinic, places)
    for one in (ANA, CHRIS, DANA, LEAD, SAM):
        browser = open_clinic.signed_in(one)
        for _rule, path in addresses(open_clinic.house.portal, "POST", places):
            for data in ({}, {"form_token": "0" * 64}):
                answer = browser.post(path, data=data, headers={"Origin": "http://localhost"})
                assert answer.status_code == 403, path

    assert everything(open_clinic, places) == before


def test_the_form_takes_nothing_from_another_site(open_clinic: Clinic, places: dict[str, object]) -> None:
    browser = begun(open_clinic, places["token"])
    for _rule, path in addresses(open_clinic.house.checkin, "POST", places):
        for site in ("cross-site", "same-site"):
            answer = browser.post(CHECKIN + path, data={"go": "next", "b1": "1"}, headers={"Sec-Fetch-Site": site})
            assert answer.status_code == 403, path

    assert "checked" not in browser.get(f"{CHECKIN}/form/1").text


def test_cookies_cannot_be_read_by_scripts_or_sent_along_from_elsewhere(
    open_clinic: Clinic, places: dict[str, object]
) -> None:
    staff, client = open_clinic.signed_in(ANA), begun(open_clinic, places["token"])
    client.post(f"{CHECKIN}/text-size", data={"text_size": "large", "back": "/"})

    kept = [cookie for browser in (staff, client) for cookie in (browser._cookies or {}).values()]

    assert {cookie.key for cookie in kept} >= {"sid", "device", "checkin", "checkin-text"}
    for cookie in kept:
        assert cookie.http_only, cookie.key
        assert cookie.same_site == "Lax", cookie.key
        assert cookie.origin_only, cookie.key
    assert {cookie.path for cookie in kept if cookie.key.startswith("checkin")} == {f"{CHECKIN}/"}


def everything(clinic: Clinic, places: dict[str, object]) -> list[object]:
    """What the services know of this client, as the clinic sees it."""
    client: UUID = UUID(str(places["client_id"]))
    return [
        clinic.api("intake", DANA, "GET", f"/v1/clients/{client}"),
        clinic.api("intake", DANA, "GET", f"/v1/referrals/{places['referral_id']}"),
        clinic.api("scheduling", DANA, "GET", f"/v1/appointments/{places['appointment_id']}"),
        clinic.api("scheduling", DANA, "GET", "/v1/rooms"),
        clinic.api("feedback", ANA, "GET", f"/v1/clients/{client}/course"),
        clinic.api("feedback", DANA, "GET", f"/v1/offers?client_id={client}"),
    ]
