"""The story of one client, clicked through by everybody in it: from the first phone call to a repaired rupture."""

import re

import pytest
from playwright.sync_api import expect

from tests.cast import ANA, CHRIS, DANA
from tests.clinic import Clinic
from tests.journeys.answers import BAD, BETTER, GOOD, live_through
from tests.journeys.conftest import Browse
from tests.journeys.front_door import FrontDoor
from tests.journeys.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser
NAME = "Marahcanary Lindholmcanary"
WISH = "A little more time at the end."


def test_from_the_first_phone_call_to_a_repaired_rupture(
    open_clinic: Clinic, browse: Browse, front_door: FrontDoor
) -> None:
    clinic, desk = open_clinic, browse()

    somebody_asks_for_help(desk)
    client_code = the_client_is_taken_on(desk)
    clinic.settle()
    client_and_therapist_are_brought_together(browse(), client_code)
    clinic.settle()
    the_first_hour_is_booked(desk)
    clinic.clock.move(days=1, hours=6)
    link = the_hour_took_place(clinic, desk)
    the_client_says_how_it_was(browse(PHONE, scripts=False), link)
    clinic.settle()
    ana = browse()
    the_therapist_says_how_it_was(ana)
    clinic.settle()

    client_id = clinic.api("intake", DANA, "GET", "/v1/clients")["items"][0]["client_id"]
    for day, answers in (("25", GOOD), ("26", GOOD), ("27", BAD)):
        live_through(clinic, client_id, f"2026-11-{day}T15:00", answers)
    the_caseload_says_who_needs_a_conversation_and_why(ana)
    the_course_shows_the_rupture(ana)
    the_two_of_them_have_talked(ana)

    for day, answers in (("28", BETTER), ("29", GOOD)):
        live_through(clinic, client_id, f"2026-11-{day}T15:00", answers)
    the_course_says_repaired(ana)

    assert [line for line in front_door.asked if "canary" in line.lower()] == []  # no name in any address


def somebody_asks_for_help(desk: Visitor) -> None:
    desk.opens("/")
    desk.the_page_is_accessible()
    desk.signs_in(DANA)
    expect(desk.heading).to_have_text("Today")
    desk.sees("No hours on this day")
    desk.the_page_is_accessible()
    desk.follows("New referral")
    desk.types("Given name", "Marahcanary")
    desk.presses("Write it down")
    desk.sees_error("family_name", "Enter the family name")
    desk.the_page_is_accessible()
    expect(desk.page.get_by_label("Given name")).to_have_value("Marahcanary")
    desk.types("Family name", "Lindholmcanary")
    for part, number in (("Day", "12"), ("Month", "4"), ("Year", "1989")):
        desk.types(part, number)
    desk.chooses("Who referred them", "Self")
    desk.presses("Write it down")
    desk.sees("Written down. It now waits for a decision.")
    expect(desk.heading).to_have_text(NAME)
    desk.the_page_is_accessible()


def the_client_is_taken_on(desk: Visitor) -> str:
    desk.presses("Take on")
    desk.sees_error("consents", "Care cannot begin without their consent")
    desk.the_page_is_accessible()
    desk.ticks("Keeping a care record")
    desk.ticks("Check-ins after sessions")
    desk.presses("Take on")
    desk.sees("Taken on. A therapist can be found now.")
    expect(desk.part("Consents")).to_contain_text("Given")
    desk.the_page_is_accessible()
    return desk.page.locator(".head .code").inner_text()


def client_and_therapist_are_brought_together(manager: Visitor, client_code: str) -> None:
    manager.signs_in(CHRIS)
    manager.follows("People")
    manager.the_page_is_accessible()
    manager.types("Find somebody", client_code)
    manager.presses("Find")
    manager.sees("1 found")
    manager.the_page_is_accessible()
    manager.follows(NAME)
    manager.chooses("Bring together with", ANA.display_name)
    manager.presses("Bring together")
    manager.sees("Therapist and client are brought together.")
    manager.the_page_is_accessible()


def the_first_hour_is_booked(desk: Visitor) -> None:
    desk.follows("People")
    desk.types("Find somebody", "lindholmcanary")
    desk.presses("Find")
    desk.follows(NAME)
    desk.follows("Book an hour")
    expect(desk.heading).to_have_text("Book an hour")
    desk.the_page_is_accessible()
    desk.types("Time", "14:00")
    desk.presses("Book")
    desk.sees_error("day", "Enter the day")
    desk.types("Day", "2026-11-24")
    desk.presses("Book")
    desk.sees("The hour is booked.")
    expect(desk.part("Next hour")).to_contain_text("tomorrow, Tue 24 Nov, 14:00")
    desk.the_page_is_accessible()


def the_hour_took_place(clinic: Clinic, desk: Visitor) -> str:
    """The link for the client's check-in."""
    desk.signs_in(DANA)
    hour = desk.page.get_by_role("row").filter(has_text=NAME)
    desk.presses("Arrived", within=hour)
    expect(hour).to_contain_text("Arrived")
    desk.presses("Took place", within=hour)
    expect(hour).to_contain_text("Took place")
    desk.the_page_is_accessible()
    clinic.settle()
    desk.opens("/")
    desk.follows("Hand over", within=hour)
    expect(desk.heading).to_have_text("Hand over a check-in")
    desk.the_page_is_accessible()
    desk.presses("Make a link")
    expect(desk.heading).to_have_text("The check-in is ready")
    desk.the_page_is_accessible()
    return desk.page.locator(".link-box").inner_text()


def the_client_says_how_it_was(client: Visitor, link: str) -> None:
    client.opens(link)
    client.the_page_is_accessible()
    client.presses("Begin")
    client.the_page_is_accessible()
    for _ in range(5):
        client.page.get_by_role("radio", name="8", exact=True).check()
        client.presses("Next")
    client.the_page_is_accessible()
    client.ticks("No")
    client.presses("Next")
    client.page.get_by_role("textbox").fill(WISH)
    client.ticks("Only my therapist")
    client.the_page_is_accessible()
    client.presses("Next")
    client.sees("Not sent yet")
    client.sees(WISH)
    client.the_page_is_accessible()
    client.presses("Now, so that we can look at them together")
    expect(client.heading).to_have_text("Thank you.")
    client.the_page_is_accessible()


def the_therapist_says_how_it_was(ana: Visitor) -> None:
    ana.signs_in(ANA)
    expect(ana.heading).to_have_text("My day")
    ana.the_page_is_accessible()
    ana.follows("Fill in", within=ana.part("Your impressions"))
    for question in ana.page.locator("fieldset.scale").all():
        question.get_by_label("8", exact=True).check()
    ana.ticks("No")
    ana.the_page_is_accessible()
    ana.presses("Keep my impression")
    ana.sees("Your impression is kept.")
    ana.sees(WISH)
    ana.the_page_is_accessible()


def the_caseload_says_who_needs_a_conversation_and_why(ana: Visitor) -> None:
    ana.signs_in(ANA)
    ana.follows("Caseload")
    first = ana.part("Worth a conversation first").get_by_role("listitem").first
    expect(first).to_contain_text(NAME)
    expect(first).to_contain_text("Rupture")
    expect(first).to_contain_text("This client said there was strain")
    expect(first).to_contain_text("Not yet marked as talked about.")
    ana.the_page_is_accessible()
    ana.follows(NAME)


def the_course_shows_the_rupture(ana: Visitor) -> None:
    course = ana.part("How it is going")
    expect(course).to_contain_text("Rupture")
    expect(course).to_contain_text("This client said there was strain")
    expect(course).to_contain_text("48 points lower than last time (80, now 32)")
    picture = course.get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile("Course of the check-ins"))
    expect(picture.locator(".episode").first).to_be_visible()
    ana.page.get_by_text("The same numbers as a table").click()
    last = course.get_by_role("row").last
    expect(last.get_by_role("rowheader")).to_have_text("4")
    expect(last).to_contain_text("32")
    ana.the_page_is_accessible()


def the_two_of_them_have_talked(ana: Visitor) -> None:
    ana.presses("Note it", within=ana.part("Strain and repair"))
    ana.sees("Noted: the two of you have talked about it.")
    expect(ana.part("Strain and repair")).to_contain_text("Talked about on 27 November 2026.")
    ana.the_page_is_accessible()


def the_course_says_repaired(ana: Visitor) -> None:
    ana.signs_in(ANA)
    ana.follows("Caseload")
    expect(ana.part("Going on as it is")).to_contain_text(NAME)
    ana.the_page_is_accessible()
    ana.follows(NAME)
    expect(ana.part("How it is going")).to_contain_text("Repaired")
    expect(ana.part("Strain and repair")).to_contain_text("closed in session 6")
    ana.the_page_is_accessible()
