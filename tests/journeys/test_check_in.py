"""The client's form in the house: on a line, with buttons, by keyboard alone; the therapist reads what was said."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.cast import ANA, DANA
from tests.clinic import Clinic
from tests.journeys.conftest import Browse
from tests.journeys.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser
LINE = re.compile("^How")


@pytest.fixture
def mara(open_clinic: Clinic) -> UUID:
    """A client whose first session has just ended."""
    client_id = open_clinic.client_of()
    open_clinic.hold(open_clinic.book(client_id, at="2026-11-23T14:00"))
    return client_id


def link_for(clinic: Clinic, client_id: UUID) -> str:
    offer = clinic.offer(client_id)
    made = clinic.api("feedback", DANA, "POST", f"/v1/offers/{offer['id']}/link", {})
    return f"/check-in{made['path']}"


def totals(clinic: Clinic, client_id: UUID) -> list[float | None]:
    """What the therapist sees of the client's answers, session by session."""
    clinic.settle()
    course = clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")
    return [point["client_total"] for point in course["points"]]


def test_a_client_answers_on_the_line_and_goes_over_to_buttons(open_clinic: Clinic, mara: UUID, browse: Browse) -> None:
    client = browse(PHONE)
    client.opens(link_for(open_clinic, mara))
    client.presses("Begin")
    line = client.page.get_by_role("slider")
    expect(line).to_have_attribute("aria-valuetext", "no answer yet")
    client.the_page_is_accessible()
    client.presses("Next")
    client.sees("Choose a number from 0 to 10, or skip this question.")
    client.the_page_is_accessible()

    touch(client, 0.8)
    client.the_page_is_accessible()
    client.presses("Next")
    client.presses("Use buttons instead")
    client.the_page_is_accessible()
    for _ in range(4):
        client.the_page_does_not_scroll_sideways()
        client.page.get_by_role("radio", name=re.compile("^8")).check()
        client.presses("Next")
    client.ticks("A little")
    client.presses("Next")
    client.ticks("We talked, and it is better")
    client.the_page_is_accessible()
    client.presses("Next")
    client.presses("Next")
    client.the_page_does_not_scroll_sideways()
    client.presses("After I have left")

    expect(client.heading).to_have_text("Thank you.")
    client.the_page_is_accessible()
    kept = {cookie.get("name") for cookie in client.context.cookies()}
    assert kept <= {"checkin-way", "checkin-text"}  # how to answer and how large; nothing of the form
    assert totals(open_clinic, mara) == [None]
    open_clinic.clock.move(hours=1)
    assert totals(open_clinic, mara) == [80]


def touch(client: Visitor, part: float) -> None:
    """One tap on the line, this far along it."""
    box = client.page.get_by_role("slider").bounding_box()
    assert box
    client.page.touchscreen.tap(box["x"] + 14 + (box["width"] - 28) * part, box["y"] + box["height"] / 2)


def test_a_client_fills_in_the_form_by_keyboard_alone(open_clinic: Clinic, mara: UUID, browse: Browse) -> None:
    client = browse()
    client.opens(link_for(open_clinic, mara))
    client.enters("Begin")
    for _ in range(5):
        client.page.wait_for_load_state()
        line = client.reaches(client.page.get_by_role("slider"))
        client.page.keyboard.press("Space")
        client.page.keyboard.press("ArrowRight")
        expect(line).to_have_attribute("aria-valuetext", re.compile("^6 of 10"))
        client.enters("Next")
    client.reaches(client.page.get_by_role("radio").first)
    client.page.keyboard.press("Space")
    client.enters("Next")
    client.reaches(client.page.get_by_role("textbox"))
    client.page.keyboard.type("Speak a little slower.")
    client.enters("Next")
    expect(client.heading).to_have_text("Your answers")
    client.enters("Now, so that we can look at them together")

    expect(client.heading).to_have_text("Thank you.")
    assert totals(open_clinic, mara) == [60]


def test_answers_that_are_not_shared_are_not_shown(open_clinic: Clinic, mara: UUID, browse: Browse) -> None:
    client, ana = browse(PHONE, scripts=False), browse()
    client.opens(link_for(open_clinic, mara))
    client.presses("Begin")
    for _ in range(5):
        client.page.get_by_role("radio", name=re.compile("^7")).check()
        client.presses("Next")
    client.ticks("Yes")
    client.presses("Next")
    client.ticks("It was not mentioned")
    client.presses("Next")
    client.page.get_by_role("textbox").fill("Only for me to write down.")
    client.presses("Next")
    client.presses("Not this time")
    expect(client.heading).to_have_text("Thank you.")
    open_clinic.settle()

    ana.signs_in(ANA)
    ana.opens(f"/people/{mara}?show=course")

    for hidden in ("Only for me to write down.", "Rupture", "strain, a misunderstanding", "70"):
        assert hidden not in ana.part("How it is going").inner_text(), hidden
    ana.the_page_is_accessible()


def test_a_link_that_was_used_explains_itself(open_clinic: Clinic, mara: UUID, browse: Browse) -> None:
    link, first, second = link_for(open_clinic, mara), browse(PHONE), browse(PHONE)
    first.opens(link)
    first.presses("Begin")

    second.opens(link)
    second.presses("Begin")

    expect(second.heading).to_have_text("This link was opened before")
    second.the_page_is_accessible()
    second.opens("/check-in/f/not-a-link-of-ours-at-all")
    second.presses("Begin")
    expect(second.heading).to_have_text("We cannot find this page")
    second.the_page_is_accessible()


def test_a_device_is_handed_over_signed_out_and_the_way_back_shows_nothing(
    open_clinic: Clinic, mara: UUID, browse: Browse
) -> None:
    tablet = browse()
    tablet.signs_in(DANA)
    tablet.follows("Hand over", within=tablet.page.get_by_role("row").filter(has_text="Marahcanary"))
    tablet.presses("Make a link")
    tablet.presses("Hand over this device")
    expect(tablet.heading).to_have_text("Ready to hand over")
    tablet.the_page_is_accessible()
    tablet.follows("Begin the form")
    tablet.presses("Begin")
    tablet.sees("Question 1 of 7")
    assert "canary" not in tablet.words()
    assert tablet.page.get_by_role("link", name="Stop and give the device back").is_visible()
    tablet.the_page_is_accessible()

    for path in ("/today", f"/people/{mara}", "/people"):
        tablet.opens(path)

        expect(tablet.heading).to_have_text("Sign in")
        assert "canary" not in tablet.words()
    tablet.opens("/check-in/form/1")
    expect(tablet.heading).to_have_text("Nothing is open here")
