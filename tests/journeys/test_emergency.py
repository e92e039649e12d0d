"""A client opened in an emergency, in a browser: also without JavaScript, on a telephone; who sees it afterwards."""

import pytest

from tests.cast import ANA, BEN, LEAD, PASSWORD
from tests.clinic import Clinic
from tests.journeys.conftest import Browse
from tests.journeys.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser


def looked_at(visitor: Visitor) -> None:
    """Accessible, within its width."""
    visitor.the_page_is_accessible()
    visitor.the_page_does_not_scroll_sideways()


@pytest.mark.parametrize(("size", "scripts"), [(DESK, True), (PHONE, False)])
def test_an_emergency_from_its_opening_to_the_look_at_it_again(
    open_clinic: Clinic, browse: Browse, size: object, scripts: bool
) -> None:
    client_id = open_clinic.client_of(ANA)
    open_clinic.settle()
    code = open_clinic.api("intake", LEAD, "GET", f"/v1/clients/{client_id}")["spoken_code"]

    ben = browse(size, scripts=scripts)
    ben.signs_in(BEN)
    ben.opens("/people")
    ben.follows("Open a client in an emergency")
    looked_at(ben)
    ben.presses("Open for 60 minutes")
    ben.sees_error("reason", "Say what has happened")
    ben.types("The client’s code", code)
    ben.ticks("The client calls in a crisis, and their therapist cannot be reached")
    ben.types("In your words", "Rang the crisis line; Ana is on a plane.")
    ben.types("Your password", PASSWORD)
    ben.presses("Open for 60 minutes")
    ben.sees("Opened in an emergency.")
    looked_at(ben)

    ana = browse(size, scripts=scripts)
    ana.signs_in(ANA)
    ana.opens("/today")
    ana.sees("in an emergency")
    looked_at(ana)
    ana.follows("Who saw them")
    ana.sees("In an emergency")
    looked_at(ana)

    lead = browse(size, scripts=scripts)
    lead.signs_in(LEAD)
    lead.opens("/clinic")
    lead.follows("Who looked at what")
    looked_at(lead)
    lead.presses("Talked about with them")
    lead.sees("None waits.")
    lead.follows(BEN.display_name, within=lead.part("One colleague’s trail"))
    looked_at(lead)
