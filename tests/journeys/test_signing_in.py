"""In a real browser: a key instead of a password, and a page left alone that hides what it shows and loses nothing."""

import pytest
from playwright.sync_api import expect

from tests.cast import ANA, DANA, PASSWORD
from tests.clinic import Clinic
from tests.journeys.conftest import Browse
from tests.journeys.front_door import FrontDoor
from tests.journeys.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser
TYPED = "Rang; would like to come on Tuesdays."


def with_a_key(visitor: Visitor) -> None:
    """Give the browser a key of its own: WebDriver's virtual authenticator, by CDP."""
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key})


def test_a_passkey_is_added_and_signs_in_by_itself(clinic: Clinic, browse: Browse, front_door: FrontDoor) -> None:
    ana = browse()
    door = f"http://localhost:{front_door.port}"  # browsers make keys for names, not for numbers
    with_a_key(ana)
    ana.opens(f"{door}/sign-in")
    ana.types("User name", ANA.username)
    ana.types("Password", PASSWORD)
    ana.presses("Sign in")

    ana.follows(ANA.display_name)
    ana.the_page_is_accessible()
    ana.follows("Set up a second step")
    ana.the_page_is_accessible()
    ana.types("What to call it", "My laptop")
    ana.presses("Add a passkey")
    expect(ana.heading).to_have_text("Keep these codes")
    ana.the_page_is_accessible()
    ana.follows("I have kept them")
    ana.sees("1 passkey; 10 recovery codes left.")
    ana.presses("Sign out")

    ana.presses("Sign in with a passkey")
    expect(ana.heading).to_have_text("My day")
    ana.presses("Sign out")

    expect(ana.page.get_by_text("This did not work.")).to_be_hidden()
    ana.types("User name", ANA.username)
    ana.types("Password", PASSWORD)
    ana.presses("Sign in")
    expect(ana.heading).to_have_text("Your second step")
    ana.the_page_is_accessible()


def test_a_page_left_alone_hides_itself_and_shows_what_was_typed_after_the_password(
    clinic: Clinic, browse: Browse
) -> None:
    dana = browse(PHONE)
    dana.page.clock.install()
    dana.signs_in(DANA)
    dana.opens("/referrals/new")
    note = dana.page.locator("main textarea, main input[type=text]").first
    note.fill(TYPED)

    dana.page.clock.fast_forward("13:01")
    expect(dana.page.get_by_text("This page locks in two minutes")).to_be_visible()
    clinic.clock.move(minutes=16)
    dana.page.clock.fast_forward("02:00")
    lock = dana.page.get_by_role("dialog", name="Locked")
    expect(lock).to_be_visible()
    expect(note).not_to_be_visible()
    expect(lock.get_by_role("alert")).to_be_hidden()
    dana.page.keyboard.press("Escape")
    lock.get_by_label("Password").fill("not the right one")
    lock.get_by_role("button", name="Go on").click()
    expect(lock.get_by_role("alert")).to_have_text("This is not your password")
    lock.get_by_label("Password").fill(PASSWORD)
    lock.get_by_role("button", name="Go on").click()

    expect(lock).not_to_be_visible()
    expect(note).to_have_value(TYPED)
    assert dana.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
