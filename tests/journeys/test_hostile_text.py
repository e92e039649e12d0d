"""Names and words that would be code elsewhere are only names and words here."""

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
# The override and the isolate turn the order of letters round, the empty space hides, the bell is no letter.
INVISIBLE = ("\u202e", "\u2066", "\u200b", "\x07")


def watched(visitor: Visitor) -> list[str]:
    """Every dialogue that a script opens."""
    opened: list[str] = []

    def notes(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    visitor.page.on("dialog", notes)
    return opened


def test_a_name_is_shown_as_it_was_given(open_clinic: Clinic, browse: Browse) -> None:
    known = {f"{p['given_name']} {p['family_name']}": open_clinic.client_of(ANA, p) for p in NAMES}
    for hour, client_id in enumerate(known.values(), start=10):
        open_clinic.book(client_id, at=f"2026-11-23T{hour}:00")
    desk = browse()
    dialogs = watched(desk)
    desk.signs_in(DANA)

    for path in ("/today", "/people?state=allocated", "/referrals?state=accepted"):
        desk.opens(path)
        for name in known:
            desk.sees(name)
        desk.the_page_is_accessible()
    for name, client_id in known.items():
        desk.opens(f"/people/{client_id}/book")
        desk.sees(name)
        desk.opens(f"/people/{client_id}")
        expect(desk.heading).to_have_text(name)
        desk.nothing_is_wrong()

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


def test_a_name_with_signs_nobody_sees_is_turned_away_at_its_field(open_clinic: Clinic, browse: Browse) -> None:
    desk = browse()
    desk.signs_in(DANA)
    desk.opens("/referrals/new")
    desk.types("Family name", "Lindholm")
    for part, number in (("Day", "12"), ("Month", "4"), ("Year", "1989")):
        desk.types(part, number)
    desk.chooses("Who referred them", "Self")

    for invisible in INVISIBLE:
        desk.types("Given name", f"Ma{invisible}ra")
        with desk.page.expect_response("**/referrals/new") as answer:
            desk.presses("Write it down")

        assert answer.value.status == 422
        expect(desk.page.locator("#given_name-error")).to_be_visible()
        expect(desk.page.get_by_role("alert").locator('a[href="#given_name"]')).to_have_count(1)
    desk.the_page_is_accessible()
