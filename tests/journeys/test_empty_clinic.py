"""The first morning: no accounts, no clients, no hours; every page says what to do next."""

import pytest
from playwright.sync_api import expect

from embedded.house import House
from portal.security.accounts import new_setup_code
from services.feedback.risk.domain.crisis import PLACEHOLDERS
from tests.cast import ANA, CHRIS, DANA, LEAD
from tests.clinic import Clinic, SetClock
from tests.databases import empty
from tests.journeys.conftest import Browse
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
NEW_PASSWORD = "a whole new password of mine"

# What an empty page says, and the link or button that leads on.
EMPTY = {
    DANA: {
        "/today": ("No hours on this day", "Find a client"),
        "/people": ("Nobody here", "Write down a referral"),
        "/people?state=ended": ("Nobody here", "Write down a referral"),
        "/referrals": ("Everybody who asked has an answer", "Write down a referral"),
        "/referrals?state=declined": ("None yet", "Write down a referral"),
    },
    ANA: {
        "/today": ("No hours on this day", "See my clients"),
        "/people": ("Nobody here", "See everybody"),
        "/caseload": ("No courses yet", "See clients"),
    },
    LEAD: {
        "/caseload": ("No courses yet", "See clients"),
        "/clinic": ("No form opens for clients", "Enter crisis help"),
    },
    CHRIS: {"/clinic": ("No form opens for clients until this is entered", "Enter crisis help")},
}


def test_an_empty_page_says_so_and_offers_the_next_step(clinic: Clinic, browse: Browse) -> None:
    visitor = browse()
    for who, pages in EMPTY.items():
        visitor.signs_in(who)
        for path, (says, offers) in pages.items():
            assert visitor.opens(path) == 200
            visitor.sees(says)
            expect(visitor.page.get_by_role("link", name=offers).first).to_be_visible()
            visitor.the_page_is_accessible()


def test_a_search_that_finds_nobody_offers_a_way_on(clinic: Clinic, browse: Browse) -> None:
    desk = browse()
    desk.signs_in(DANA)
    desk.opens("/people")
    desk.types("Find somebody", "x")
    desk.presses("Find")
    desk.sees_error("text", "Type at least two letters")
    desk.the_page_is_accessible()

    desk.types("Find somebody", "Nobody-of-this-name")
    desk.presses("Find")

    desk.sees("Nobody found")
    expect(desk.page.get_by_role("link", name="See everybody")).to_be_visible()
    desk.the_page_is_accessible()


def test_the_first_manager_opens_the_clinic_with_the_set_up_code(
    clinic: Clinic, installation: tuple[House, SetClock, list[str]], browse: Browse
) -> None:
    for owner in installation[2]:
        empty(owner)
    with clinic.house.portal_database.transaction() as tx:
        code = new_setup_code(tx, clinic.clock())
    manager = browse()

    manager.opens("/")
    manager.sees("Nobody has an account yet.")
    manager.follows("Set up this clinic")
    manager.types("Set-up code", "AAAA-AAAA-AAAA-AAAA")
    manager.types("Your name", "Chris Halloran")
    manager.types("User name", "chris")
    manager.types("Password", NEW_PASSWORD)
    manager.presses("Make the account")
    manager.sees_error("code", "This code is not right")
    manager.the_page_is_accessible()
    manager.types("Set-up code", code)
    manager.types("Password", NEW_PASSWORD)
    manager.presses("Make the account")
    expect(manager.page.get_by_text("Practice manager", exact=True)).to_be_visible()
    manager.the_page_is_accessible()

    whom_to_turn_to_is_entered(manager)
    first_password = a_therapist_gets_an_account(manager)
    clinic.settle()

    ana = browse()
    ana.opens("/sign-in")
    ana.types("User name", "ana")
    ana.types("Password", first_password)
    ana.presses("Sign in")
    ana.types("New password", "password12345")
    ana.presses("Keep this password")
    ana.sees_error("new_password", "This is easy to guess")
    ana.the_page_is_accessible()
    ana.types("New password", NEW_PASSWORD)
    ana.presses("Keep this password")
    expect(ana.heading).to_have_text("My day")
    ana.follows("Ana Ferreira")
    ana.sees("The account was made by Chris Halloran")
    ana.the_page_is_accessible()


def whom_to_turn_to_is_entered(manager: Visitor) -> None:
    manager.follows("Clinic")
    manager.the_page_is_accessible()
    manager.follows("Enter crisis help")
    manager.presses("Show this on every form")
    manager.sees_error(PLACEHOLDERS[0], "Enter: emergency number")
    manager.the_page_is_accessible()
    for name in PLACEHOLDERS:
        manager.page.locator(f"#{name}").fill(f"made up {name}")
    manager.types("Checked on", "2026-11-23")
    manager.page.get_by_label("Check again by").fill("2027-05-23")
    manager.presses("Show this on every form")
    manager.sees("Every form shows the new text from now on.")
    manager.types("New room", "Room 1")
    manager.presses("Add room")
    manager.sees("The room can be booked now.")
    manager.the_page_is_accessible()


def a_therapist_gets_an_account(manager: Visitor) -> str:
    manager.follows("Staff")
    manager.the_page_is_accessible()
    manager.follows("New account")
    manager.types("Name", "Ana Ferreira")
    manager.types("User name", "ana")
    manager.presses("Make the account")
    manager.sees_error("roles", "Choose at least one role")
    manager.the_page_is_accessible()
    manager.ticks("Therapist")
    manager.presses("Make the account")
    expect(manager.heading).to_have_text("First password for Ana Ferreira")
    manager.the_page_is_accessible()
    first_password = manager.page.locator(".secret").inner_text()
    manager.follows("All accounts")
    expect(manager.page.get_by_role("row").filter(has_text="Ana Ferreira")).to_contain_text("Therapist")
    return first_password
