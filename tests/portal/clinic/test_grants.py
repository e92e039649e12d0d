"""Nobody makes themselves somebody who reads what clients said: such rights take two people, or everybody is told."""

import re

import psycopg
import pytest
from flask import Flask

from portal.security.accounts import get_staff, set_active
from portal.security.grants import ask, decide
from shared.database import Database
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, OLU, Staff
from tests.portal.browser import Browser, Page, SetClock
from tests.portal.conftest import NOON
from tests.trail import trail

EVE = {"display_name": "Eve Novak", "username": "eve"}


def came_in(app: Flask, staff: Staff) -> Browser:
    browser = Browser(app)
    browser.sign_in(staff)
    return browser


def makes(browser: Browser, **roles: str) -> tuple[Page, str]:
    page = browser.send(browser.get("/staff/new").form("/staff/new"), EVE | roles)
    [given] = re.findall(r'secret">([^<]+)<', page.text)
    return page, given


def roles_of(database: Database, username: str) -> set[str]:
    with database.transaction() as tx:
        ids = tx.rows("SELECT id FROM staff")
        return next(set(one.roles) for row in ids if (one := get_staff(tx, row["id"])).username == username)


def the_manager_is_alone(database: Database) -> None:
    with database.transaction() as tx:
        set_active(tx, LEAD.id, is_active=False, version=1, now=NOON)


def answers(browser: Browser, answer: str) -> Page:
    return browser.send(browser.get("/clinic/grants").form("/clinic/grants/"), {"answer": answer})


def test_a_role_that_reads_records_waits_for_a_second_person(lonely: Flask, staffed: Database) -> None:
    chris, lead = came_in(lonely, CHRIS), came_in(lonely, LEAD)

    page, given = makes(chris, role_clinical_lead="yes", role_front_desk="yes")
    before = roles_of(staffed, "eve")
    told = lead.get("/today").text
    confirmed = answers(lead, "confirm")

    assert "wait until another manager or a clinical lead" in page.text
    assert given
    assert before == {"front_desk"}
    assert "A change of rights waits for a second person: you can be it." in told
    assert "Confirmed" in confirmed.text
    assert roles_of(staffed, "eve") == {"front_desk", "clinical_lead"}


def test_a_manager_cannot_be_the_second_person_to_themselves_nor_anybody_to_their_own_rights(
    lonely: Flask, staffed: Database
) -> None:
    chris = came_in(lonely, CHRIS)
    chris.send(chris.get(f"/staff/{LEAD.id}").form("/roles"), {"role_clinical_lead": "yes", "role_manager": "yes"})
    makes(chris, role_manager="yes")
    page = chris.get("/clinic/grants")
    with staffed.transaction() as tx:
        grants = {row["staff_id"]: row["id"] for row in tx.rows("SELECT * FROM role_grant")}

    for browser, grant in ((chris, min(grants.values())), (came_in(lonely, LEAD), grants.get(LEAD.id))):
        form = browser.get("/account").form("/sign-out")
        form.action = f"/clinic/grants/{grant}"
        assert browser.send(form, {"answer": "confirm"}).status == 404
    assert not [form for form in page.forms if "/clinic/grants/" in form.action]
    assert roles_of(staffed, "eve") == set()


def test_what_is_refused_changes_nothing(lonely: Flask, staffed: Database) -> None:
    chris, lead = came_in(lonely, CHRIS), came_in(lonely, LEAD)
    chris.send(chris.get(f"/staff/{DANA.id}").form("/roles"), {"role_front_desk": "yes", "role_clinical_lead": "yes"})

    page = answers(lead, "refuse")

    assert "Nothing has changed" in page.text
    assert roles_of(staffed, "dana") == {"front_desk"}
    assert [row["fields"] for row in trail(staffed, "staff.roles_refused")] == [["clinical_lead"]]


def test_rights_are_taken_away_at_once_and_harmless_ones_given_at_once(lonely: Flask, staffed: Database) -> None:
    chris = came_in(lonely, CHRIS)

    chris.send(chris.get(f"/staff/{LEAD.id}").form("/roles"), {"role_clinical_lead": "", "role_operator": "yes"})

    assert roles_of(staffed, "lena") == {"operator"}


def test_a_manager_alone_gives_rights_at_once_and_everybody_who_sees_clients_is_told(
    lonely: Flask, staffed: Database, clock: SetClock
) -> None:
    the_manager_is_alone(staffed)
    chris = came_in(lonely, CHRIS)

    chris.send(chris.get(f"/staff/{DANA.id}").form("/roles"), {"role_front_desk": "yes", "role_clinical_lead": "yes"})

    sentence = "Chris Halloran-Canary made Dana Petrova-Canary clinical lead, alone, on"
    assert roles_of(staffed, "dana") == {"front_desk", "clinical_lead"}
    assert sentence in came_in(lonely, ANA).get("/today").text
    assert sentence not in came_in(lonely, OLU).get("/account").text
    clock.move(days=15)
    ben = came_in(lonely, BEN)
    assert sentence not in ben.get("/today").text
    assert sentence in ben.get("/account").text
    assert [row["fields"] for row in trail(staffed, "staff.roles_alone")] == [["clinical_lead"]]


def test_what_was_decided_cannot_be_taken_back_in_the_database_either(staffed: Database) -> None:
    with staffed.transaction() as tx:
        grant = ask(tx, "roles", DANA.id, ["therapist"], asked_by=CHRIS.id, now=NOON)
        decide(tx, grant.id, by=LEAD.id, confirms=True, now=NOON)

    for statement in ("DELETE FROM role_grant", "UPDATE role_grant SET roles = '{}'"):
        with pytest.raises(psycopg.errors.RaiseException), staffed.transaction() as tx:
            tx.execute(statement)


def test_the_second_step_of_a_therapist_is_reset_by_two_and_of_the_desk_by_one(
    lonely: Flask, staffed: Database
) -> None:
    with staffed.transaction() as tx:
        for one in (ANA, DANA):
            tx.execute("INSERT INTO totp (staff_id, secret) VALUES (%s, %s)", (one.id, b"sealed"))
    chris, lead = came_in(lonely, CHRIS), came_in(lonely, LEAD)

    def left() -> set[object]:
        with staffed.transaction() as tx:
            return {row["staff_id"] for row in tx.rows("SELECT staff_id FROM totp")}

    for one in (ANA, DANA):
        chris.send(chris.get(f"/staff/{one.id}").form("/second-step"))
    by_one = left()
    answers(lead, "confirm")

    assert by_one == {ANA.id}
    assert left() == set()
    assert "The second step was reset by Lena Brandt-Canary" in came_in(lonely, ANA).get("/account").text


def test_an_account_that_is_opened_again_gets_such_rights_by_two(lonely: Flask, staffed: Database) -> None:
    with staffed.transaction() as tx:
        set_active(tx, BEN.id, is_active=False, version=1, now=NOON)
    chris = came_in(lonely, CHRIS)

    chris.send(chris.get(f"/staff/{BEN.id}").form("/active"))

    assert roles_of(staffed, "ben") == set()
    assert "Chris Halloran-Canary wants to make Ben Okafor-Canary therapist" in chris.get("/clinic/grants").text
