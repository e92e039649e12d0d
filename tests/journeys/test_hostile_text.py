"""Names and words that would be code elsewhere are only names and words here."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Dialog, expect

from tests.cast import ANA, DANA, NOOR
from tests.clinic import Clinic
from tests.journeys.answers import GOOD, MIRROR
from tests.journeys.conftest import Browse
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser
SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)> {{ 7 * 7 }} ${7*7} <svg/onload=alert(1)>'
NAMES = [
    {"given_name": SCRIPT, "family_name": "Ghost", "birth_date": "1990-01-01"},
    {
        "given_name": "Robert'); DROP TABLE client;--",
        "family_name": '" onmouseover="alert(1)',
        "birth_date": "1990-01-01",
    },
    NOOR,
    {"given_name": "نور", "family_name": "بن-عليّ", "birth_date": "1990-01-01"},
]


def watched(visitor: Visitor) -> list[str]:
    """Every dialogue that a script opens."""
    opened: list[str] = []

    def notes(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    visitor.page.on("dialog", notes)
    return opened


@pytest.mark.parametrize("person", NAMES, ids=["script", "quotes", "letters", "right to left"])
def test_a_name_is_shown_as_it_was_given(open_clinic: Clinic, browse: Browse, person: Mapping[str, str]) -> None:
    client_id = open_clinic.client_of(ANA, person)
    open_clinic.book(client_id, at="2026-11-23T15:00")
    name = f"{person['given_name']} {person['family_name']}"
    desk = browse()
    dialogs = watched(desk)
    desk.signs_in(DANA)
    for path in ("/today", "/people?state=allocated", f"/people/{client_id}/book", "/referrals?state=accepted"):
        desk.opens(path)
        desk.sees(name)
    desk.opens(f"/people/{client_id}")

    expect(desk.heading).to_have_text(name)
    desk.the_page_is_accessible()
    assert dialogs == []
    assert desk.page.locator("img[src=x], main script").count() == 0


def test_free_text_is_shown_as_it_was_written(open_clinic: Clinic, browse: Browse) -> None:
    client_id = open_clinic.client_of()
    open_clinic.hold(open_clinic.book(client_id, at="2026-11-23T15:00"))
    mirror = open_clinic.offer(client_id, "therapist", by=ANA)
    open_clinic.api("feedback", ANA, "POST", f"/v1/offers/{mirror['id']}/answers", {"answers": MIRROR})
    open_clinic.fill_in(client_id, **GOOD, w1=IMAGE, w1_readers="therapist")
    ana = browse()
    dialogs = watched(ana)
    ana.signs_in(ANA)

    ana.opens(f"/people/{client_id}")

    ana.sees(IMAGE)
    ana.the_page_is_accessible()
    assert dialogs == []


@pytest.mark.parametrize(
    "invisible", ["\u202e", "\u2066", "\u200b", "\x07"], ids=["override", "isolate", "empty", "bell"]
)
def test_a_name_with_signs_nobody_sees_is_turned_away_at_its_field(
    open_clinic: Clinic, browse: Browse, invisible: str
) -> None:
    desk = browse()
    desk.signs_in(DANA)
    desk.opens("/referrals/new")
    desk.types("Given name", f"Ma{invisible}ra")
    desk.types("Family name", "Lindholm")
    for part, number in (("Day", "12"), ("Month", "4"), ("Year", "1989")):
        desk.types(part, number)
    desk.chooses("Who referred them", "Self")

    desk.presses("Write it down")

    summary = desk.page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary.locator('a[href="#given_name"]')).to_have_count(1)
    desk.the_page_is_accessible()
