"""Exports in a browser: counted, downloaded, and a course taken along; also without JavaScript, on a telephone."""

from pathlib import Path

import pytest

from tests.cast import ANA, LEAD
from tests.clinic import Clinic
from tests.journeys.answers import course_until_rupture
from tests.journeys.conftest import Browse
from tests.journeys.visitor import DESK, PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "scripts"), [(DESK, True), (PHONE, False)])
def test_figures_are_counted_before_they_are_taken_along(
    open_clinic: Clinic, browse: Browse, size: object, scripts: bool, tmp_path: Path
) -> None:
    client_id = open_clinic.client_of(ANA)
    open_clinic.consent(client_id, "research", given=True)
    open_clinic.settle()
    course_until_rupture(open_clinic, client_id)
    open_clinic.clock.move(hours=73)
    open_clinic.settle()

    lena = browse(size, scripts=scripts)
    lena.signs_in(LEAD)
    lena.opens("/clinic")
    lena.follows("Export figures")
    lena.the_page_is_accessible()
    lena.the_page_does_not_scroll_sideways()
    lena.presses("Count first")
    lena.sees("There is a problem")
    lena.the_page_is_accessible()
    lena.page.get_by_label("Research").check()
    lena.presses("Count first")
    lena.sees("What would be in it")
    lena.the_page_is_accessible()
    lena.the_page_does_not_scroll_sideways()
    with lena.page.expect_download() as files:
        lena.page.get_by_role("button", name="Download the files").click()
    assert files.value.suggested_filename == "export.zip"

    ana = browse(size, scripts=scripts)
    ana.signs_in(ANA)
    ana.opens(f"/people/{client_id}")
    ana.page.get_by_text("Take figures along").click()
    ana.page.get_by_label("What for").select_option("client_request")
    ana.the_page_is_accessible()
    with ana.page.expect_download() as copies:
        ana.page.get_by_role("button", name="Copy for this client").click()
    assert copies.value.suggested_filename == "copy.json"
