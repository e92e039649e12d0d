"""How readings are made, in the portal: looked at first, then switched with a reason, by the clinical lead alone."""

from uuid import UUID

import pytest

from portal.kit.wording.rules import PARAMETERS
from portal.kit.wording.sentences import sentence
from services.feedback.alliance.domain.rules import RULES
from tests.cast import ANA, CHRIS, DANA, LEAD, OLU, Staff
from tests.clinic import Clinic
from tests.journeys.answers import course_until_rupture
from tests.portal.browser import Browser


def came_in(clinic: Clinic, staff: Staff) -> Browser:
    browser = Browser(clinic.house.portal)
    browser.sign_in(staff)
    return browser


@pytest.fixture
def mara(clinic: Clinic) -> UUID:
    """Ana's client in a clinic on its first rules; one drop that reader-1 calls a drift, too."""
    with clinic.house.floors["feedback"].database.transaction() as tx:
        tx.execute("INSERT INTO rules_switch VALUES (1, 'reader-1', 8.0, now(), NULL, 'as begun')")
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.settle()
    course_until_rupture(clinic, client_id)
    return client_id


def test_every_parameter_of_every_version_is_explained_or_left_out_on_purpose() -> None:
    left_out = {"version", "sigma0", "maximum", "cut", "items", "needed", "step_reach", "ceiling_share"}

    for rules in RULES.values():
        assert set(rules.__slots__) - left_out == set(PARAMETERS)


def test_the_clinical_lead_sees_what_would_differ_and_then_switches_with_a_reason(clinic: Clinic, mara: UUID) -> None:
    lead = came_in(clinic, LEAD)

    assert "/clinic/readings" in lead.get("/clinic").text
    page = lead.get("/clinic/readings")
    assert "reader-1" in page.text
    assert "All courses are read by these rules." in page.text
    differences = lead.get("/clinic/readings/differences?version=reader-2")
    assert f"/people/{mara}" in differences.text
    assert "without S5" in differences.text

    refused = lead.send(differences.form("/clinic/readings"), {"reason": " "})
    assert (refused.status, "Say why, for whoever asks later" in refused.text) == (422, True)
    done = lead.send(differences.form("/clinic/readings"), {"reason": "One drop is no drift."})

    assert "Readings are made by these rules from now on." in done.text
    assert "One drop is no drift." in done.text
    assert "0 of 1 course are read by these rules; more follow." in done.text
    clinic.clock.move(seconds=20)
    clinic.settle()
    assert "All courses are read by these rules." in lead.get("/clinic/readings").text
    assert (
        "Nobody\N{RIGHT SINGLE QUOTATION MARK}s readings would differ."
        in lead.get("/clinic/readings/differences?version=reader-2").text
    )


def test_who_switched_meanwhile_is_not_overruled(clinic: Clinic, mara: UUID) -> None:
    one, other = came_in(clinic, LEAD), came_in(clinic, LEAD)
    seen = one.get("/clinic/readings/differences?version=reader-2")
    form = other.get("/clinic/readings/differences?version=reader-2").form("/clinic/readings")
    other.send(form, {"reason": "first"})
    other.send(other.get("/clinic/readings/differences?version=reader-1").form("/clinic/readings"), {"reason": "back"})

    late = one.send(seen.form("/clinic/readings"), {"reason": "Ours instead."})

    assert late.status == 412
    assert "The rules in force changed since they were read" in late.text
    assert "Ours instead." not in late.text


def test_nobody_else_sees_or_switches_rules(clinic: Clinic, mara: UUID) -> None:
    for staff in (ANA, CHRIS, DANA, OLU):
        browser = came_in(clinic, staff)
        assert browser.get("/clinic/readings").status == 403
        assert browser.get("/clinic/readings/differences?version=reader-2").status == 403
    assert "/clinic/readings" not in came_in(clinic, CHRIS).get("/clinic").text


@pytest.mark.parametrize("version", ["reader-9", "../secrets", "reader-2/..", "%00", "x" * 300])
def test_rules_that_do_not_exist_are_said_not_to(clinic: Clinic, mara: UUID, version: str) -> None:
    page = came_in(clinic, LEAD).get(f"/clinic/readings/differences?version={version}")

    assert page.status == 404


def test_how_good_the_data_are_stands_below_the_course(clinic: Clinic, mara: UUID) -> None:
    page = came_in(clinic, LEAD).get(f"/people/{mara}?show=course")

    assert "The usual spread is still a starting value, not yet learnt from this clinic." in page.text
    assert sentence("late_entry", {"entered": "2026-03-24", "session": "2026-03-03"}) == (
        "Entered on 24 March 2026 for the session of 3 March 2026."
    )
