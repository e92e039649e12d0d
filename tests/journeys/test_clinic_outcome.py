"""How treatments end, on the clinic's page: for the clinical lead, in words, at a desk and on a telephone."""

from datetime import timedelta

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.cast import CHRIS, LEAD
from tests.clinic import Clinic
from tests.feedback.outcome.endings import ENDINGS, THERAPISTS, finish
from tests.feedback.practice import Practice
from tests.journeys.conftest import Browse
from tests.journeys.visitor import DESK, PHONE

pytestmark = pytest.mark.browser


def ended(clinic: Clinic) -> None:
    """Treatments that ended weeks ago."""
    practice, today = Practice(clinic.house.floors["feedback"].database, clinic.clock), clinic.clock.now
    for n, ending in enumerate(ENDINGS):
        clinic.clock.now = today - timedelta(weeks=6)
        finish(practice, ending, THERAPISTS[n % 3])
    clinic.clock.now = today


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_lead_reads_how_treatments_end_and_what_each_number_counts(
    clinic: Clinic, browse: Browse, size: ViewportSize
) -> None:
    ended(clinic)
    lead = browse(size, scripts=size is PHONE)
    lead.signs_in(LEAD)

    lead.opens("/clinic/figures")

    phq = lead.page.get_by_role("region", name="PHQ-9", exact=True)
    expect(phq).to_contain_text("n = 24 with a first and a last total")
    expect(phq).to_contain_text("Recovered 33% n = 24")
    both = lead.part("PHQ-9 and GAD-7 together, as NHS Talking Therapies counts")
    expect(both).to_contain_text("below both thresholds at the last. Of those at caseness to begin with.")
    if size is PHONE:
        lead.the_page_is_accessible()
    lead.the_page_does_not_scroll_sideways()


def test_who_runs_the_clinic_reads_nothing_of_it(clinic: Clinic, browse: Browse) -> None:
    ended(clinic)
    chris = browse()
    chris.signs_in(CHRIS)

    chris.opens("/clinic/figures")

    expect(chris.page.get_by_role("heading", name="How forms come back")).to_be_visible()
    expect(chris.page.get_by_role("heading", name="How treatments end")).to_have_count(0)
    expect(chris.page.locator("body")).not_to_contain_text("PHQ-9")
