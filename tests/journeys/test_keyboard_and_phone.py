"""Staff without a mouse, on a telephone, and at 400 % zoom; every page of every role."""

from uuid import UUID

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.cast import ANA, CHRIS, DANA, LEAD, OLU, Staff
from tests.clinic import Clinic
from tests.journeys.answers import course_until_rupture
from tests.journeys.conftest import Browse
from tests.journeys.visitor import PHONE

pytestmark = pytest.mark.browser
LARGEST = ViewportSize(width=320, height=640)  # 1280 at 400 % (WCAG 1.4.10)
NAME = "Marahcanary Lindholmcanary"


def test_the_front_desk_finds_a_client_and_books_by_keyboard_alone(open_clinic: Clinic, browse: Browse) -> None:
    open_clinic.client_of()
    desk = browse()
    desk.opens("/sign-in")
    desk.types_at("User name", DANA.username)
    desk.types_at("Password", "correct horse battery staple")
    desk.page.keyboard.press("Enter")
    expect(desk.heading).to_have_text("Today")
    desk.enters("People")
    expect(desk.heading).to_have_text("People")
    desk.types_at("Find somebody", "marahcanary")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_text("1 found")).to_be_visible()
    desk.enters(NAME)
    expect(desk.heading).to_have_text(NAME)
    desk.enters("Book an hour")
    expect(desk.heading).to_have_text("Book an hour")
    desk.reaches(desk.page.get_by_label("Day", exact=True))
    desk.page.keyboard.type("12012026")  # month first: the browser's own field, in its own language
    desk.reaches(desk.page.get_by_label("Time", exact=True))
    desk.page.keyboard.type("0300PM")
    desk.page.keyboard.press("Enter")

    desk.sees("The hour is booked.")
    expect(desk.part("Next hour")).to_contain_text("Tue 1 Dec, 15:00")


def test_the_first_tab_leads_past_the_navigation(clinic: Clinic, browse: Browse) -> None:
    ana = browse()
    ana.signs_in(ANA)
    ana.opens("/caseload")

    ana.enters("Skip to the page")

    expect(ana.page.locator("#main")).to_be_focused()


def test_a_drawer_of_buttons_opens_and_closes_by_keyboard(open_clinic: Clinic, browse: Browse) -> None:
    open_clinic.book(open_clinic.client_of(), at="2026-11-23T14:00")
    desk = browse()
    desk.signs_in(DANA)
    more = desk.page.locator("summary", has_text="More")

    desk.reaches(more)
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("link", name="Move")).to_be_visible()
    desk.the_page_is_accessible()
    desk.page.keyboard.press("Escape")

    expect(desk.page.get_by_role("link", name="Move")).to_be_hidden()
    expect(more).to_be_focused()


@pytest.fixture
def busy(open_clinic: Clinic) -> tuple[Clinic, UUID]:
    """A client with a rupture and a session that has just ended, one to come, and a referral that waits."""
    client_id = open_clinic.client_of()
    course_until_rupture(open_clinic, client_id)
    open_clinic.hold(open_clinic.book(client_id, at="2026-11-27T09:00"))
    open_clinic.book(client_id, at="2026-11-27T16:00")
    open_clinic.refer({"given_name": "Noor", "family_name": "O'Neil-Łukasz 李", "birth_date": "1994-09-30"})
    return open_clinic, client_id


# Split in two, so that two processes can share the work.
DESKS, CARE = (DANA, CHRIS, OLU), (ANA, LEAD)
PAGES = {
    DANA: ("/today", "/people", "/people?state=", "/referrals", "/referrals/new", "{person}", "{person}/book"),
    ANA: ("/today", "/people", "/caseload", "{person}", "{person}?show=course", "{mirror}", "{move}"),
    LEAD: ("/today", "/caseload", "{person}", "/clinic", "/clinic/crisis-help", "{referral}"),
    CHRIS: ("/today", "{person}", "/staff", "/staff/new", "{staff}", "/clinic", "/events"),
    OLU: ("/events", "/today"),
}


@pytest.mark.parametrize("team", [DESKS, CARE], ids=["desks", "care"])
def test_no_page_scrolls_sideways_on_a_telephone_or_at_400_percent(
    busy: tuple[Clinic, UUID], browse: Browse, team: tuple[Staff, ...]
) -> None:
    real = places(*busy)
    for who in team:
        visitor = browse(PHONE)
        visitor.signs_in(who)
        for page in PAGES[who]:
            visitor.page.set_viewport_size(PHONE)
            assert visitor.opens(page.format_map(real)) == (403 if (who, page) == (OLU, "/today") else 200)
            for folded in visitor.page.locator("details").all():
                folded.evaluate("one => { one.open = true }")
            visitor.the_page_does_not_scroll_sideways()
            visitor.the_page_is_accessible()
            visitor.page.set_viewport_size(LARGEST)
            visitor.the_page_does_not_scroll_sideways()


def places(clinic: Clinic, client_id: UUID) -> dict[str, str]:
    """Something real for every address."""
    mirror = clinic.offer(client_id, "therapist", by=ANA)["id"]
    day = "from=2026-11-27T12:00:00Z&to=2026-11-28T00:00:00Z"
    hour = clinic.api("scheduling", DANA, "GET", f"/v1/appointments?client_id={client_id}&{day}")["items"][0]["id"]
    referral = clinic.api("intake", DANA, "GET", "/v1/referrals?state=received")["items"][0]["id"]
    return {
        "person": f"/people/{client_id}",
        "mirror": f"/check-ins/{mirror}/mirror",
        "move": f"/appointments/{hour}/move",
        "referral": f"/referrals/{referral}",
        "staff": f"/staff/{ANA.id}",
    }
