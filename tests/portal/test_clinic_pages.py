"""The portal in front of the three real services: what each of the cast may see and do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from portal.clients.intake import IntakeClient, Name
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, NOOR, OLU, Staff
from tests.clinic import Clinic
from tests.portal.browser import Browser, Page
from tests.trail import trail

MARAS_NAME = "Marahcanary Lindholmcanary"
CRISIS = {
    "emergency_number": "000",
    "emergency_place": "the hospital",
    "crisis_name": "Helpline",
    "crisis_number": "01632 960 001",
    "crisis_hours": "day and night",
    "crisis_text": "text HELLO",
    "clinic_hours": "9 to 5",
    "clinic_phone": "01632 960 002",
    "reading_promise": "Read by the next working day.",
}


def came_in(clinic: Clinic, staff: Staff) -> Browser:
    """A browser in which this person has signed in."""
    browser = Browser(clinic.house.portal)
    browser.sign_in(staff)
    return browser


def went_well(clinic: Clinic, client: UUID, at: str, total: int = 8, **more: Any) -> Mapping[str, Any]:
    """A session took place and the client said how it was."""
    held: Mapping[str, Any] = clinic.hold(clinic.book(client, at=at))
    clinic.fill_in(client, **(dict.fromkeys(("b1", "g1", "t1", "e1", "o1"), total) | {"s1": "now"} | more))
    return held


def link_page(desk: Browser) -> Page:
    """From Today by way of the three ways to the link."""
    ways = re.search(r'href="(/check-ins/[0-9a-f-]+/hand-over)"', desk.get("/today").text)
    assert ways
    return desk.send(desk.get(ways[1]).form("/link"))


@pytest.fixture
def helpful(clinic: Clinic) -> Clinic:
    """A clinic that has entered whom to turn to in a crisis, so that forms open."""
    body = CRISIS | {"checked_on": "2026-11-23", "review_on": "2027-03-01"}
    clinic.api("feedback", LEAD, "PUT", "/v1/crisis-information", body)
    return clinic


def test_a_clients_page_opens_to_those_who_care_for_them_and_to_nobody_else(helpful: Clinic) -> None:
    mara = helpful.client_of(ANA)
    went_well(helpful, mara, "2026-11-23T15:00")
    helpful.clock.move(hours=73)  # the therapist's own form has run out
    helpful.settle()
    path = f"/people/{mara}"

    pages = {one.username: came_in(helpful, one).get(path) for one in (ANA, BEN, CHRIS, DANA, LEAD, OLU)}

    assert {name: page.status for name, page in pages.items()} == {
        "ana": 200,
        "ben": 404,  # not 403: her being here is itself private
        "chris": 200,
        "dana": 200,
        "lena": 200,
        "olu": 403,
    }
    assert all("canary" not in pages[name].text.lower().replace("-canary", "") for name in ("ben", "olu"))
    assert {name for name, page in pages.items() if "How it is going" in page.text} == {"ana", "lena"}
    assert all(pages[name].headings == [MARAS_NAME] for name in ("ana", "chris", "dana", "lena"))


def test_the_front_desk_ticks_an_hour_and_undoes_it_with_one_click(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    appointment = clinic.book(mara, at="2026-11-23T15:00")
    clinic.clock.now = datetime(2026, 11, 23, 14, 58, tzinfo=UTC)
    desk = came_in(clinic, DANA)

    arrived = desk.send(desk.get("/today").form(f"{appointment['id']}/status"), {"to": "arrived"})
    undone = desk.send(arrived.form(f"{appointment['id']}/undo"))

    assert "15:00, K-1001: arrived." in arrived.text
    assert "15:00, K-1001: booked." in undone.text


def test_a_tick_on_a_row_that_changed_meanwhile_is_refused_in_plain_words(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    appointment = clinic.book(mara, at="2026-11-23T15:00")
    clinic.clock.now = datetime(2026, 11, 23, 14, 58, tzinfo=UTC)
    desk, colleague = came_in(clinic, DANA), came_in(clinic, CHRIS)
    seen_before = desk.get("/today").form(f"{appointment['id']}/status")
    colleague.send(colleague.get("/today").form(f"{appointment['id']}/status"), {"to": "arrived"})

    page = desk.send(seen_before, {"to": "no_show"})

    assert page.status == 412
    assert "Somebody changed this a moment ago" in page.text
    assert page.title.startswith("Error: ")


def test_an_hour_that_took_place_offers_the_check_in_to_hand_over(helpful: Clinic) -> None:
    mara = helpful.client_of(ANA)
    helpful.hold(helpful.book(mara, at="2026-11-23T15:00"))
    desk = came_in(helpful, DANA)

    page = link_page(desk)

    address = re.search(r"<code>(http://127.0.0.1/check-in/f/[^<]+)</code>", page.text)
    assert address
    assert page.response.headers["Cache-Control"] == "no-store"
    assert "canary" not in page.text.lower().replace("petrova-canary", "")
    again = Browser(helpful.house.portal)
    assert again.fetch("/today").status == 303


def test_handing_over_the_device_signs_the_staff_out_first(helpful: Clinic) -> None:
    mara = helpful.client_of(ANA)
    helpful.hold(helpful.book(mara, at="2026-11-23T15:00"))
    desk = came_in(helpful, DANA)
    link = link_page(desk)

    page = desk.send(link.form("/hand-over"))

    assert page.headings == ["Ready to hand over"]
    assert f'href="http://127.0.0.1/check-in{link.form("/hand-over").fields["path"]}?device=clinic"' in page.text
    assert page.response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert DANA.display_name not in page.text
    assert desk.fetch("/today").status == 303


@pytest.mark.parametrize("path", ["//evil.example/f/aaaaaaaaaaaaaaaaaaaa", "/f/../../staff", "/f/short", ""])
def test_a_device_is_handed_over_to_a_form_and_to_nothing_else(clinic: Clinic, path: str) -> None:
    desk = came_in(clinic, DANA)
    token = desk.get("/today").form("/sign-out").fields["form_token"]

    answer = desk.http.post(
        "/check-ins/hand-over", data={"form_token": token, "path": path}, headers={"Origin": "http://localhost"}
    )

    assert answer.status_code == 400
    assert desk.fetch("/today").status == 200


def test_a_cancelled_hour_keeps_its_reason(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    appointment = clinic.book(mara, at="2026-11-25T15:00")
    desk = came_in(clinic, DANA)
    form = desk.get("/today?day=2026-11-25").form(f"{appointment['id']}/status")

    page = desk.send(form, {"to": "cancel", "why": "client_cancelled pat-lt"})
    odd = desk.send(form, {"to": "cancel", "why": "client_cancelled because"})

    kept = clinic.api("scheduling", DANA, "GET", f"/v1/appointments/{appointment['id']}")
    assert (kept["status"], kept["reason_code"]) == ("client_cancelled", "pat-lt")
    assert "cancelled by client." in page.text
    assert odd.status == 422


def test_a_suggested_hour_is_booked_with_one_click(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    desk = came_in(clinic, DANA)
    form = desk.get(f"/people/{mara}").form("/book")
    name, first = form.buttons[0]

    page = desk.send(form, {name: first})

    assert "The hour is booked." in page.text
    assert "None booked" not in page.text


def test_a_taken_hour_comes_back_as_a_problem_and_nothing_is_lost(clinic: Clinic) -> None:
    mara, noor = clinic.client_of(ANA), clinic.client_of(ANA, NOOR)
    clinic.book(noor, at="2026-11-30T15:00")
    desk = came_in(clinic, DANA)
    form = desk.get(f"/people/{mara}/book").form("/book")

    page = desk.send(form, {"day": "2026-11-30", "time": "15:00", "modality": "phone", "minutes": "45"})

    assert page.status == 409
    assert page.title.startswith("Error: Book an hour")
    assert 'value="45"' in page.text
    assert 'value="2026-11-30"' in page.text


def test_sending_a_booking_twice_books_once(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    desk = came_in(clinic, DANA)
    form = desk.get(f"/people/{mara}/book").form("/book")
    typed = {"day": "2026-11-30", "time": "15:00", "type_code": "individual", "modality": "phone"}

    first, second = desk.send(form, typed), desk.send(form, typed)

    hours = clinic.api("scheduling", DANA, "GET", f"/v1/appointments?client_id={mara}")["items"]
    assert first.status == second.status == 200
    assert len(hours) == 1


def test_an_hour_is_moved_to_another_time(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    appointment = clinic.book(mara, at="2026-11-30T15:00")
    desk = came_in(clinic, DANA)
    form = desk.get(f"/appointments/{appointment['id']}/move").form("/move")

    page = desk.send(form, {"day": "2026-12-01", "time": "11:00"})

    assert "The hour is moved." in page.text
    assert "Tue 1 Dec, 11:00" in page.text


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"day": ""}, "day", "Enter the day"),
        ({"time": "noon"}, "time", "Enter the time, for example 14:00"),
        ({"minutes": "1000"}, "minutes", "Enter 5 to 240 minutes"),
        ({"minutes": "١٢"}, "minutes", "Enter 5 to 240 minutes"),
        ({"practitioner_id": "nobody"}, "practitioner_id", "Choose a therapist"),
    ],
)
def test_a_form_with_a_mistake_says_which_field_and_why(
    clinic: Clinic, typed: dict[str, str], field: str, message: str
) -> None:
    mara = clinic.client_of(ANA)
    desk = came_in(clinic, DANA)
    form = desk.get(f"/people/{mara}/book").form("/book")
    good = {"day": "2026-11-30", "time": "15:00", "type_code": "individual", "modality": "phone", "minutes": "50"}

    page = desk.send(form, good | typed)

    assert page.status == 422
    assert_problem(page, field, message)


def assert_problem(page: Page, field: str, message: str) -> None:
    """Summary with a link to the field, message at the field, title."""
    assert page.title.startswith("Error: ")
    assert f'<a href="#{field}">{message}</a>' in page.text
    assert f'id="{field}-error"' in page.text
    assert field in page.ids


def test_somebody_who_asks_for_help_is_taken_on_and_meets_a_therapist(clinic: Clinic) -> None:
    desk, lead = came_in(clinic, DANA), came_in(clinic, LEAD)
    typed = {
        "given_name": "Marahcanary",
        "family_name": "Lindholmcanary",
        "birth_date-day": "12",
        "birth_date-month": "4",
        "birth_date-year": "1989",
        "source": "B1",
        "phone": "020 7946 0123",
        "note": "Sleeps badly.",
    }

    written = desk.send(desk.get("/referrals/new").form("/referrals/new"), typed)
    as_lead = lead.get(written.response.request.path)
    refused = desk.send(written.form("/acceptance"))
    taken_on = desk.send(refused.form("/acceptance"), {"consent_care_record": "yes", "consent_feedback_forms": "yes"})
    clinic.settle()
    person = lead.get(re.sub(r"\?.*", "", taken_on.response.request.path))
    together = lead.send(person.form("/allocation"), {"practitioner_id": str(ANA.id)})

    assert "Sleeps badly." not in written.text
    assert "Kept for the clinical lead and the therapist" in written.text
    assert "Sleeps badly." in as_lead.text
    assert_problem(refused, "consents", "Care cannot begin without their consent to keeping a record of it")
    assert "Taken on." in taken_on.text
    assert f"with {ANA.display_name}" in together.text


def test_a_mistake_in_the_birth_date_keeps_everything_else(clinic: Clinic) -> None:
    desk = came_in(clinic, DANA)
    typed = {"given_name": "Marahcanary", "family_name": "X", "birth_date-day": "31", "birth_date-month": "2"}

    page = desk.send(desk.get("/referrals/new").form("/referrals/new"), typed | {"source": "A1"})

    assert page.status == 422
    assert_problem(page, "birth_date-day", "Enter the date of birth, for example 27 3 1987")
    assert 'value="Marahcanary"' in page.text


def test_a_person_is_found_by_name_without_the_name_in_the_address(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    desk, stranger = came_in(clinic, DANA), came_in(clinic, BEN)

    found = desk.send(desk.get("/people").form("/search"), {"text": "Lindholmcanary"})
    not_found = stranger.send(stranger.get("/people").form("/search"), {"text": "Lindholmcanary"})

    assert f'href="/people/{mara}"' in found.text
    assert found.response.request.path == "/people/found"
    assert found.response.request.query_string == b""
    assert "Nobody found" in not_found.text
    assert f'href="/people/{mara}"' in desk.get("/people/found").text


def test_the_therapists_own_impression_comes_before_any_look_at_the_answers(helpful: Clinic) -> None:
    mara = helpful.client_of(ANA)
    went_well(helpful, mara, "2026-11-23T15:00")
    ana = came_in(helpful, ANA)

    person, caseload, today = ana.get(f"/people/{mara}"), ana.get("/caseload"), ana.get("/today")

    assert "First your own impression" in person.text
    assert "80 of 100" not in person.text + caseload.text + today.text
    assert "Your own impression of the last session comes first." in caseload.text


def test_an_impression_is_given_in_one_form_and_then_the_course_opens(helpful: Clinic) -> None:
    mara = helpful.client_of(ANA)
    went_well(helpful, mara, "2026-11-23T15:00")
    ana = came_in(helpful, ANA)
    path = re.search(r'href="(/check-ins/[^"]+/mirror)"', ana.get("/today").text)
    assert path
    form = ana.get(path[1]).form("/mirror")

    empty = ana.send(form)
    kept = ana.send(
        empty.form("/mirror"), dict.fromkeys(("t_b1", "t_g1", "t_t1", "t_e1", "t_o1"), "7") | {"t_r1": "no"}
    )

    assert empty.status == 422
    assert_problem(empty, "t_b1", "Answer at least one question")
    assert "Your impression is kept." in kept.text
    assert "80 of 100" in kept.text


def test_nobody_else_can_give_a_therapists_impression(helpful: Clinic) -> None:
    mara = helpful.client_of(ANA)
    went_well(helpful, mara, "2026-11-23T15:00")
    offer = helpful.offer(mara, "therapist", by=ANA)

    assert came_in(helpful, BEN).get(f"/check-ins/{offer['id']}/mirror").status == 404
    assert came_in(helpful, LEAD).get(f"/check-ins/{offer['id']}/mirror").status == 403


def with_a_rupture(clinic: Clinic) -> UUID:
    """Mara's fourth session went badly, and Ana did not notice."""
    mara = clinic.client_of(ANA)
    for day, total in (("23", 8), ("24", 8), ("25", 8), ("26", 3)):
        said = {"r1": "yes", "r2": "not_mentioned", "w1": "More time to talk."} if total == 3 else {"r1": "no"}
        went_well(clinic, mara, f"2026-11-{day}T15:00", total, **said)
        mirror = dict.fromkeys(("t_b1", "t_g1", "t_t1", "t_e1", "t_o1"), 8) | {"t_r1": "no"}
        offer = clinic.offer(mara, "therapist", by=ANA)
        clinic.api("feedback", ANA, "POST", f"/v1/offers/{offer['id']}/answers", {"answers": mirror})
        clinic.settle()
    return mara


def test_who_needs_a_conversation_stands_first_with_the_reason(helpful: Clinic) -> None:
    with_a_rupture(helpful)

    caseload = came_in(helpful, ANA).get("/caseload")

    assert 'Worth a conversation first <span class="count">1</span>' in caseload.text
    assert MARAS_NAME in caseload.text
    assert "Rupture" in caseload.text
    assert "Not yet marked as talked about." in caseload.text


def test_what_compares_both_views_is_for_the_therapist_alone(helpful: Clinic) -> None:
    mara = with_a_rupture(helpful)

    own, lead = came_in(helpful, ANA).get(f"/people/{mara}"), came_in(helpful, LEAD).get(f"/people/{mara}")
    overview = came_in(helpful, LEAD).get("/caseload")

    assert "The two views differ" in own.text
    assert "The two views differ" not in lead.text + overview.text
    assert "How it is going" in lead.text


def test_the_two_talked_about_it(helpful: Clinic) -> None:
    mara = with_a_rupture(helpful)
    ana = came_in(helpful, ANA)

    early = ana.send(ana.get(f"/people/{mara}").form("/conversation"), {"held_on": "2027-01-01"})
    noted = ana.send(early.form("/conversation"))

    assert early.status == 422
    assert "The day cannot lie in the future" in early.text
    assert "Talked about on 26 November 2026." in noted.text


def test_the_course_is_a_picture_with_a_table_and_an_honest_label(helpful: Clinic) -> None:
    mara = with_a_rupture(helpful)

    page = came_in(helpful, ANA).get(f"/people/{mara}")

    assert "<svg" in page.text
    assert 'role="img"' in page.text
    assert "The same numbers as a table" in page.text
    assert "not a validated instrument" in page.text
    assert "More time to talk." in page.text


def test_front_desk_and_manager_see_no_answers_anywhere(helpful: Clinic) -> None:
    mara = with_a_rupture(helpful)
    for one in (DANA, CHRIS):
        browser = came_in(helpful, one)
        shown = browser.get(f"/people/{mara}").text + browser.get("/today").text + browser.get("/people").text

        assert not re.search(r"Rupture|More time to talk|they wished|usual range|<svg class=\"course", shown)
        assert browser.get("/caseload").status == 403


def test_a_withdrawn_consent_counts_and_can_be_given_again(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    desk = came_in(clinic, DANA)
    page = desk.get(f"/people/{mara}")
    forms = [form for form in page.forms if form.fields.get("purpose") == "feedback_forms"]

    after = desk.send(forms[0])

    again = [form for form in after.forms if form.fields.get("purpose") == "feedback_forms"]
    assert forms[0].fields["given"] == "no"
    assert again[0].fields["given"] == "yes"
    assert "Withdrawn on" in after.text


def test_a_therapist_who_ends_a_therapy_no_longer_sees_the_client(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    clinic.hold(clinic.book(mara, at="2026-11-23T15:00"))
    ana = came_in(clinic, ANA)

    page = ana.send(ana.get(f"/people/{mara}").form("/ending"), {"reason_code": "46"})

    assert "Therapy is ended." in page.text
    assert ana.get(f"/people/{mara}").status == 404


def test_each_page_asks_for_names_once(helpful: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_rupture(helpful)
    helpful.client_of(ANA, NOOR)
    asked: list[int] = []
    real = IntakeClient.names

    def counted(service: IntakeClient, client_ids: list[UUID]) -> dict[UUID, Name]:
        asked.append(len(client_ids))
        return real(service, client_ids)

    monkeypatch.setattr(IntakeClient, "names", counted)
    for one in (ANA, DANA, LEAD):
        browser = came_in(helpful, one)
        for path in ("/today", "/people", "/caseload", "/referrals"):
            asked.clear()
            browser.get(path)
            assert len(asked) <= 1, (one.username, path)


def test_what_was_shown_about_whom_stands_in_the_access_log(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    came_in(clinic, DANA).get(f"/people/{mara}")

    [row] = trail(clinic.house.portal_database, "page.person.show")

    assert row["actor"] == str(DANA.id)
    assert row["about"] == [mara]
    assert {"name", "contact"} <= set(row["fields"])


def test_a_manager_adds_a_therapist_who_can_be_booked_at_once(clinic: Clinic) -> None:
    chris = came_in(clinic, CHRIS)
    typed = {
        "display_name": "Eve Novak",
        "username": "eve",
        "role_therapist": "yes",
    }

    page = chris.send(chris.get("/staff/new").form("/staff/new"), typed)
    double = chris.send(chris.get("/staff/new").form("/staff/new"), typed | {"username": "EVE"})

    assert page.headings == ["First password for Eve Novak"]
    assert_problem(double, "username", "Another account has this user name")
    assert len(clinic.api("scheduling", DANA, "GET", "/v1/practitioners")["items"]) == 3


def test_no_manager_changes_their_own_roles_and_one_manager_remains(clinic: Clinic) -> None:
    chris = came_in(clinic, CHRIS)
    token = chris.get("/staff").form("/sign-out").fields["form_token"]
    fields = {"form_token": token, "version": "1", "role_clinical_lead": "yes"}

    answer = chris.http.post(f"/staff/{CHRIS.id}/roles", data=fields, headers={"Origin": "http://localhost"})

    assert answer.status_code == 422
    assert "Another manager has to change your own roles" in answer.get_data(as_text=True)


def test_closing_an_account_ends_its_sign_ins_at_once(clinic: Clinic) -> None:
    dana, chris = came_in(clinic, DANA), came_in(clinic, CHRIS)

    chris.send(chris.get(f"/staff/{DANA.id}").form("/active"))

    assert dana.fetch("/today").status == 303
    assert Browser(clinic.house.portal).sign_in(DANA).status == 422


def test_crisis_help_is_asked_for_until_somebody_has_entered_it(clinic: Clinic) -> None:
    lead = came_in(clinic, LEAD)
    before = lead.get("/clinic")
    form = lead.get("/clinic/crisis-help").form("/crisis-help")

    half = lead.send(form, CRISIS | {"crisis_number": ""})
    after = lead.send(half.form("/crisis-help"), CRISIS)

    assert "No form opens for clients until this is entered." in before.text
    assert_problem(half, "crisis_number", "Enter: its number")
    assert "01632 960 001" in after.text
    assert "Every form shows the new text from now on." in after.text


def test_a_room_is_added_once(clinic: Clinic) -> None:
    chris = came_in(clinic, CHRIS)

    first = chris.send(chris.get("/clinic").form("/rooms"), {"label": "Garden room"})
    second = chris.send(first.form("/rooms"), {"label": "Garden room"})

    assert "Garden room" in first.text
    assert second.status == 409


LINKS = re.compile(r'href="(/[^"#]*)"')
CANARIES = re.compile(r"canary|lindholm|noor", re.IGNORECASE)


@pytest.mark.parametrize("one", [ANA, CHRIS, DANA, LEAD, OLU], ids=lambda one: one.username)
def test_every_page_within_reach_is_whole_and_no_address_holds_a_name(helpful: Clinic, one: Staff) -> None:
    with_a_rupture(helpful)
    helpful.client_of(BEN, NOOR)
    helpful.refer(NOOR)
    helpful.book(helpful.client_of(ANA, NOOR), at="2026-11-27T15:00")
    browser = came_in(helpful, one)
    to_see, seen = ["/"], set[str]()

    while to_see and len(seen) < 80:
        path = to_see.pop()
        seen.add(path)
        page = browser.get(path)
        assert page.status == 200, path
        if path.startswith("/assets"):
            continue
        assert len(page.headings) == 1, path
        assert page.headings[0].strip(), path
        assert len(page.ids) == len(set(page.ids)), (path, sorted(i for i in page.ids if page.ids.count(i) > 1))
        assert not re.search(r"\{\{|\}\}|Undefined|None,|>None<", page.text), path
        found = {link.replace("&amp;", "&") for link in LINKS.findall(page.text)}
        addresses = found | {form.action for form in page.forms}
        assert not [address for address in addresses if CANARIES.search(address)], path
        to_see += [link for link in found if link not in seen and link not in to_see and "day=" not in link]

    assert len(seen) >= 3
