"""Supervision in a browser: arranged, read by code, agreed on, printed; also without JavaScript, on a telephone."""

import pytest
from playwright.sync_api import expect

from tests.cast import ANA, CHRIS, SAM
from tests.clinic import Clinic
from tests.journeys.answers import course_until_rupture
from tests.journeys.conftest import Browse
from tests.journeys.visitor import DESK, PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "scripts"), [(DESK, True), (PHONE, False)])
def test_from_who_supervises_whom_to_a_point_agreed_on(
    open_clinic: Clinic, browse: Browse, size: object, scripts: bool
) -> None:
    client_id = open_clinic.client_of(ANA)
    open_clinic.consent(client_id, "supervision", given=True)
    open_clinic.settle()
    course_until_rupture(open_clinic, client_id)

    chris = browse(size, scripts=scripts)
    chris.signs_in(CHRIS)
    chris.opens("/clinic/figures")
    chris.the_page_is_accessible()
    chris.the_page_does_not_scroll_sideways()
    chris.opens("/clinic")
    chris.follows("Who supervises whom")
    chris.the_page_is_accessible()
    chris.follows(f"Change who supervises {ANA.display_name}")
    chris.ticks(SAM.display_name)
    chris.the_page_is_accessible()
    chris.presses("Arrange")
    chris.sees("Arranged. It counts from now on.")

    sam = browse(size, scripts=scripts)
    sam.signs_in(SAM)
    expect(sam.heading).to_have_text("Supervision")
    sam.sees("New ruptures")
    sam.sees("Prompts, ours")
    sam.the_page_is_accessible()
    sam.the_page_does_not_scroll_sideways()
    assert "canary" not in sam.words().lower().replace("-canary", "")
    sam.page.locator("a", has_text="Note what you agreed on").first.click()
    sam.the_page_is_accessible()
    sam.presses("Note it")
    sam.sees_error("code", "Choose what you agreed on")
    sam.the_page_is_accessible()
    sam.ticks("Talk about it next time")
    sam.types("In your own words", "Begin with the silence.")
    sam.presses("Note it")
    sam.sees("Begin with the silence.")
    sam.the_page_is_accessible()
    sam.follows("Week before")
    sam.sees("Nothing new this week")
    sam.the_page_is_accessible()


def test_a_pack_on_paper_holds_what_is_to_be_talked_about_and_no_buttons(open_clinic: Clinic, browse: Browse) -> None:
    client_id = open_clinic.client_of(ANA)
    open_clinic.consent(client_id, "supervision", given=True)
    open_clinic.settle()
    course_until_rupture(open_clinic, client_id)
    ana = browse()
    ana.signs_in(ANA)
    ana.opens("/supervision")

    ana.page.emulate_media(media="print")

    ana.sees("New ruptures")
    ana.sees("Confidential.")
    for gone in ("Sign out", "Week before"):
        expect(ana.page.get_by_text(gone).first).to_be_hidden()
