"""Before a session, on the tablet in the waiting room: two forms, an answer that worries, and somebody who reads it."""

import re

import pytest
from playwright.sync_api import expect

from tests.cast import ANA, CHRIS, DANA, NOOR
from tests.clinic import ADDRESS, Clinic
from tests.collecting import BEFORE, booked_today, plan_to_ask
from tests.journeys.conftest import Browse
from tests.journeys.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser
NAME = "O'Neil-Łukasz 李"
NO_ITEMS = 9


@pytest.fixture
def asking(open_clinic: Clinic) -> Clinic:
    """Two forms are asked before a session that is near."""
    plan_to_ask(open_clinic, *BEFORE)
    booked_today(open_clinic, open_clinic.client_of(ANA, NOOR))
    return open_clinic


def a_tablet_is_added(chris: Visitor, tablet: Visitor) -> None:
    chris.signs_in(CHRIS)
    chris.opens("/clinic")
    chris.follows("Waiting-room tablets")
    chris.the_page_is_accessible()
    chris.types("Where it stands", "Waiting room")
    chris.presses("Add tablet")
    chris.the_page_is_accessible()
    tablet.opens(chris.page.locator(".link-box").inner_text())
    tablet.the_page_is_accessible()
    tablet.presses("Use this tablet for check-ins")
    expect(tablet.heading).to_have_text("Welcome")
    tablet.the_page_is_accessible()


def the_desk_makes_a_code(desk: Visitor) -> str:
    desk.signs_in(DANA)
    desk.follows("Hand over", within=desk.page.get_by_role("row").filter(has_text=NAME))
    desk.the_page_is_accessible()
    desk.presses("Make a code")
    expect(desk.heading).to_have_text("Code for the tablet")
    desk.the_page_is_accessible()
    return "".join(re.findall(r"\d", desk.page.locator(".kiosk-code > [aria-hidden]").inner_text()))


def chooses_by_keyboard(tablet: Visitor, answer: str) -> None:
    """Tab to the answers, arrow keys to the one, Enter goes on."""
    tablet.reaches(tablet.page.get_by_role("radio").first)
    tablet.page.keyboard.press("Space")
    while not tablet.page.get_by_role("radio", name=answer).is_checked():
        tablet.page.keyboard.press("ArrowDown")
    tablet.page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_two_forms_on_the_tablet_by_keyboard_alone_until_the_therapist_has_read(
    asking: Clinic, browse: Browse, scripts: bool
) -> None:
    tablet = browse(PHONE, scripts=scripts)
    a_tablet_is_added(browse(), tablet)
    code = the_desk_makes_a_code(browse())

    tablet.types_at("Please enter the code from the desk.", code)
    tablet.page.keyboard.press("Enter")
    tablet.sees("First of two short forms")
    tablet.sees("One question asks about thoughts of hurting yourself.")
    tablet.the_page_is_accessible()
    tablet.enters("Begin")
    for number in range(1, NO_ITEMS + 1):
        tablet.sees(f"First of two short forms: question {number} of")
        tablet.sees("Over the last 2 weeks")
        if number in (1, NO_ITEMS):
            tablet.the_page_is_accessible()
            tablet.the_page_does_not_scroll_sideways()
        chooses_by_keyboard(tablet, "Several days" if number == NO_ITEMS else "Not at all")
    tablet.sees("how difficult have these problems made it")
    chooses_by_keyboard(tablet, "Somewhat difficult")
    expect(tablet.heading).to_have_text("Your answers")
    tablet.the_page_is_accessible()
    tablet.enters("Send, and on to the next form")
    expect(tablet.heading).to_have_text("Thank you for telling us.")
    tablet.sees("01632 960 001")
    tablet.the_page_is_accessible()
    tablet.the_page_does_not_scroll_sideways()
    tablet.enters("Go on to the next form")
    tablet.sees("Second of two short forms")
    tablet.enters("Begin")
    for number in range(1, 8):
        tablet.sees(f"Second of two short forms: question {number} of")
        chooses_by_keyboard(tablet, "Several days")
    chooses_by_keyboard(tablet, "Not difficult at all")
    expect(tablet.heading).to_have_text("Your answers")
    tablet.enters("Send")
    expect(tablet.heading).to_have_text("Thank you.")
    tablet.the_page_is_accessible()
    tablet.enters("Finish")
    expect(tablet.heading).to_have_text("Welcome")

    nothing_of_them_is_left(tablet)
    the_therapist_reads_it(asking, browse())


def nothing_of_them_is_left(tablet: Visitor) -> None:
    for _ in range(4):
        tablet.page.go_back()
        expect(tablet.page.get_by_label("Please enter the code from the desk.")).to_have_value("")
        for words in ("telling us", "Several days", "Over the last 2 weeks"):
            assert words not in tablet.words()
    cookies = {cookie.get("name") for cookie in tablet.context.cookies(f"{ADDRESS}/check-in/")}
    assert cookies == {"checkin-kiosk"}


def the_therapist_reads_it(clinic: Clinic, ana: Visitor) -> None:
    clinic.settle()
    ana.signs_in(ANA)
    first = ana.part("Please read first")
    expect(first).to_contain_text(NAME)
    expect(first).to_contain_text("\u2018Several days\u2019")
    ana.the_page_is_accessible()
    ana.reaches(first.get_by_label("What came of it"))
    ana.page.keyboard.type("I have spoken")
    ana.enters("I have read this for K-1001")
    ana.sees("Kept: somebody has read it, and what came of it.")
    expect(ana.part("Please read first")).to_have_count(0)
    ana.the_page_is_accessible()


def test_a_tablet_that_nobody_touches_asks_and_then_forgets(asking: Clinic, browse: Browse) -> None:
    tablet = browse(PHONE)
    tablet.page.clock.install()
    a_tablet_is_added(browse(), tablet)
    tablet.types("Please enter the code from the desk.", the_desk_makes_a_code(browse()))
    tablet.presses("Begin")
    tablet.follows("Begin")
    asks = tablet.page.get_by_role("alertdialog", name="Still there?")
    expect(tablet.page.get_by_role("radio").first).to_be_visible()

    expect(asks).to_be_hidden()
    tablet.page.clock.run_for(61_000)
    expect(asks).to_be_visible()
    tablet.the_page_is_accessible()
    tablet.presses("Yes, go on")
    expect(asks).to_be_hidden()
    tablet.page.clock.run_for(92_000)

    expect(tablet.heading).to_have_text("Welcome")
    tablet.page.go_back()
    assert "Over the last 2 weeks" not in tablet.words()


def test_the_number_keys_enter_a_form_from_paper(asking: Clinic, browse: Browse) -> None:
    ana = browse()
    ana.signs_in(ANA)
    ana.follows("Hand over", within=ana.page.get_by_role("row").filter(has_text=NAME))
    ana.follows("Enter answers to PHQ-9")
    expect(ana.heading).to_have_text("Enter PHQ-9")
    ana.the_page_is_accessible()
    ana.reaches(ana.page.locator("#q1"))
    for digit in "012301230":
        ana.page.keyboard.press(digit)
    chosen = [ana.page.locator(f"[name=q{n}]:checked").get_attribute("value") for n in range(1, 10)]
    assert "".join(str(value) for value in chosen) == "012301230"
    ana.ticks("From paper")
    ana.presses("Keep these answers")
    ana.sees("Their answers are kept.")
    ana.follows("All check-ins, correct an entry")
    ana.the_page_is_accessible()
    ana.follows("Look, or correct PHQ-9")
    ana.the_page_is_accessible()
    ana.follows("Correct this entry")
    ana.the_page_is_accessible()
    ana.page.locator("[name=q1][value='3']").check()
    ana.ticks("The paper was misread")
    ana.presses("Keep the correction")
    ana.sees("The correction is kept.")
    ana.sees("What stood here before")
    ana.the_page_is_accessible()
    ana.follows("Withdraw it")
    ana.the_page_is_accessible()
    ana.ticks("It was entered twice")
    ana.presses("Withdraw this entry")
    ana.sees("The entry is withdrawn.")
    ana.the_page_is_accessible()
    ana.presses("Bring it back")
    ana.sees("The entry is back as it was, and counts again.")
