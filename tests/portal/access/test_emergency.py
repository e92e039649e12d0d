"""Opening a client in an emergency: possible at once, told to those it concerns, over in an hour, looked at again."""

from uuid import UUID

import pytest

from tests.cast import ANA, BEN, DANA, LEAD, NOOR, PASSWORD, Staff
from tests.clinic import Clinic
from tests.portal.browser import Browser, Page

REASON = "Rang the crisis line, Ana is on a plane."


def came_in(clinic: Clinic, one: Staff) -> Browser:
    browser = Browser(clinic.house.portal)
    browser.sign_in(one)
    return browser


def code_of(clinic: Clinic, client_id: UUID) -> str:
    code: str = clinic.api("intake", LEAD, "GET", f"/v1/clients/{client_id}")["spoken_code"]
    return code


def opens(browser: Browser, code: str, **other: str) -> Page:
    typed = {"spoken_code": code, "category": "crisis_call", "reason": REASON, "password": PASSWORD} | other
    return browser.send(browser.get("/emergency").form("/emergency"), typed)


def test_a_client_is_opened_for_an_hour_and_everybody_concerned_is_told(clinic: Clinic) -> None:
    mara, noor = clinic.client_of(ANA), clinic.client_of(ANA, NOOR)
    ben = came_in(clinic, BEN)
    closed = ben.get(f"/people/{mara}").status

    page = opens(ben, code_of(clinic, mara).lower())

    assert closed == 404
    assert page.status == 200, page.text
    assert "Lindholmcanary" in page.text
    assert "It closes by itself in 60 minutes" in page.text
    assert ben.get(f"/people/{noor}").status == 404
    assert ben.get(f"/people/{mara}/seen").status == 403
    assert "End therapy" not in page.text
    assert "Withdraw" not in page.text
    told = f"{BEN.display_name} opened {code_of(clinic, mara)} in an emergency"
    assert told in came_in(clinic, ANA).get("/today").text
    assert told in came_in(clinic, LEAD).get("/today").text
    assert told not in came_in(clinic, DANA).get("/today").text

    clinic.clock.move(minutes=59)
    assert came_in(clinic, BEN).get(f"/people/{mara}").status == 200
    clinic.clock.move(minutes=2)
    assert came_in(clinic, BEN).get(f"/people/{mara}").status == 404


def test_every_line_it_leaves_in_a_trail_says_that_it_was_an_emergency(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    opens(came_in(clinic, BEN), code_of(clinic, mara))

    for service in ("intake", "feedback"):
        lines = clinic.api(service, LEAD, "GET", f"/v1/trail/about/{mara}")["items"]
        about = [line["purpose"] for line in lines if line["actor"] == str(BEN.id)]
        assert about, service
        assert set(about) == {"emergency"}
    seen = came_in(clinic, ANA).get(f"/people/{mara}/seen").text
    assert BEN.display_name in seen
    assert "In an emergency" in seen


def test_it_is_closed_before_its_hour_by_the_one_who_opened_it(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    ben = came_in(clinic, BEN)
    page = opens(ben, code_of(clinic, mara))

    ben.send(page.form("/emergency/closing"))

    assert ben.get(f"/people/{mara}").status == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "not my password"}, "Enter your own password"),
        ({"reason": "urgent"}, "at least 15 characters"),
        ({"category": "curious"}, "Choose what has happened"),
        ({"spoken_code": "K-9999"}, "There is no client with this code"),
        ({"spoken_code": "\x00"}, "There is no client with this code"),
    ],
)
def test_without_a_reason_or_a_password_nothing_opens(clinic: Clinic, wrong: dict[str, str], said: str) -> None:
    mara = clinic.client_of(ANA)
    ben = came_in(clinic, BEN)

    page = opens(ben, code_of(clinic, mara), **wrong)

    assert page.status == 422
    assert said in page.text
    assert ben.get(f"/people/{mara}").status == 404


def test_the_clinical_lead_looks_at_each_again_and_reads_the_reason_that_nobody_else_does(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    opens(came_in(clinic, BEN), code_of(clinic, mara))
    lead, ana = came_in(clinic, LEAD), came_in(clinic, ANA)

    page = lead.get("/clinic/access")
    seen = ana.send(ana.get("/today").form("/seen"))
    done = lead.send(page.form("/emergencies/"), {"outcome": "in_order"})
    again = lead.send(page.form("/emergencies/"), {"outcome": "in_order"})

    assert REASON in page.text
    assert REASON not in ana.get("/today").text
    assert "in an emergency" not in seen.text
    assert "None waits." in done.text
    assert again.status == 422
    assert "in an emergency" not in lead.get("/today").text
    with clinic.house.portal_database.transaction() as tx:
        assert REASON.encode() not in bytes(tx.value("SELECT reason FROM emergency_access"))


def test_a_code_is_looked_up_for_the_purpose_of_an_emergency_alone(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)

    asked = clinic.ask("intake", BEN, "POST", "/v1/people/in-an-emergency", {"spoken_code": code_of(clinic, mara)})

    assert asked.status_code == 404
