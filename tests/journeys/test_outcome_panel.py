"""Outcome on a person's page: what is said, the picture, the numbers behind, and nothing that was not shared."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.cast import ANA
from tests.clinic import Clinic
from tests.feedback.outcome.treatments import fill_in
from tests.feedback.practice import Practice
from tests.journeys.conftest import Browse
from tests.journeys.visitor import PHONE

pytestmark = pytest.mark.browser

ALL_AT_TWO = {f"q{n}": 2 for n in range(1, 10)}


def measured(clinic: Clinic, totals: Sequence[float | None]) -> UUID:
    """A client whose sessions began with the PHQ-9, the first answered item by item, the others with a total."""
    client_id = clinic.client_of(feedback=False)
    practice = Practice(clinic.house.floors["feedback"].database, clinic.clock)
    for number, total in enumerate(totals):
        hour = clinic.book(client_id, at=f"2026-{11 if number < 1 else 12}-{(24, 1, 8, 15, 22)[number]:02}T15:00")
        clinic.hold(hour)
        answers = ALL_AT_TWO if number == 0 else total
        fill_in(practice, client_id, UUID(hour["id"]), "phq-9", answers, shared=total != 27)
    return client_id


def test_a_therapist_reads_how_a_client_has_moved(open_clinic: Clinic, browse: Browse) -> None:
    client_id = measured(open_clinic, [18, 15, None, 8])
    ana = browse(scripts=False)
    ana.signs_in(ANA)

    ana.opens(f"/people/{client_id}")

    panel = ana.part("Outcome")
    expect(panel).to_contain_text(
        "Reliable improvement on PHQ-9 (18 to 8), now in the range of people not in treatment."
    )
    expect(panel).to_contain_text("No comparison curve: 0 finished cases with a similar start, 50 are needed.")
    expect(panel.get_by_role("img")).to_have_count(1)
    panel.get_by_text("Answer by answer").click()
    expect(panel.get_by_role("row", name="2. Feeling down, depressed, or hopeless")).to_contain_text("2")
    panel.get_by_text("The same numbers as a table").click()
    expect(panel.get_by_role("row", name="3 8 Dec 2026")).to_contain_text("no answer")
    panel.get_by_text("How this is read").click()
    expect(panel).to_contain_text("Reliable change: 6 points, 95% confidence")


@pytest.mark.parametrize("totals", [[], [18], [18, 15, None, 8], [8, 19]])
def test_the_panel_is_accessible_and_fits_a_telephone(
    open_clinic: Clinic, browse: Browse, totals: list[float | None]
) -> None:
    client_id = measured(open_clinic, totals)
    ana = browse(PHONE)
    ana.signs_in(ANA)

    ana.opens(f"/people/{client_id}")
    for summary in ana.part("Outcome").locator("summary").all():
        summary.click()

    ana.the_page_is_accessible()
    ana.the_page_does_not_scroll_sideways()


def test_nothing_measured_is_said_so(open_clinic: Clinic, browse: Browse) -> None:
    client_id = open_clinic.client_of()
    ana = browse()
    ana.signs_in(ANA)

    ana.opens(f"/people/{client_id}")

    expect(ana.part("Outcome")).to_contain_text("No outcome measure in this treatment yet.")


def test_what_was_not_shared_is_a_gap_with_its_reason(open_clinic: Clinic, browse: Browse) -> None:
    client_id = measured(open_clinic, [18, 27])
    ana = browse()
    ana.signs_in(ANA)

    ana.opens(f"/people/{client_id}")

    panel = ana.part("Outcome")
    panel.get_by_text("The same numbers as a table").click()
    expect(panel).to_contain_text("One total on PHQ-9 so far (18). A change takes two.")
    expect(panel.get_by_role("row", name="2 1 Dec 2026")).to_contain_text("not shared")
