"""How readings are made, in a browser: looked at, compared, switched; also without JavaScript, on a telephone."""

import pytest

from tests.cast import ANA, LEAD
from tests.clinic import Clinic
from tests.journeys.answers import course_until_rupture
from tests.journeys.conftest import Browse
from tests.journeys.visitor import DESK, PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "scripts"), [(DESK, True), (PHONE, False)])
def test_from_the_rules_in_force_to_others(open_clinic: Clinic, browse: Browse, size: object, scripts: bool) -> None:
    with open_clinic.house.floors["feedback"].database.transaction() as tx:
        tx.execute("INSERT INTO rules_switch VALUES (1, 'reader-1', 8.0, '2026-03-02', NULL, 'As this clinic began.')")
    client_id = open_clinic.client_of(ANA)
    open_clinic.settle()
    course_until_rupture(open_clinic, client_id)

    lead = browse(size, scripts=scripts)
    lead.signs_in(LEAD)
    lead.opens("/clinic")
    lead.follows("How readings are made")
    lead.sees("All courses are read by these rules.")
    lead.the_page_is_accessible()
    lead.the_page_does_not_scroll_sideways()
    lead.follows("See what would differ with reader-2")
    lead.sees("Session 4")
    lead.the_page_is_accessible()
    lead.the_page_does_not_scroll_sideways()
    lead.presses("Switch to these rules")
    lead.sees_error("reason", "Say why, for whoever asks later")
    lead.the_page_is_accessible()
    lead.types("Why", "One drop is no drift.")
    lead.presses("Switch to these rules")
    lead.sees("Readings are made by these rules from now on.")
    lead.sees("One drop is no drift.")
    lead.the_page_is_accessible()
