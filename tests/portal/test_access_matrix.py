"""Every page of the portal as every role, about a client of theirs or a stranger: what the rules say, what comes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from portal.security.permissions import ANY_STAFF, EVERYONE, rule_of
from shared.access import Rule
from shared.contracts import access
from shared.contracts.access import Relation
from tests.architecture.access import anas_client
from tests.architecture.doors import NOBODYS_ID
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, MARA, OLU, SAM, Staff
from tests.clinic import Clinic
from tests.conftest import opened
from tests.portal.browser import Browser

# How the cast stand to the client, once Ben is no deputy any more.
CAST = {
    ANA: Relation.TREATING,
    BEN: None,
    SAM: Relation.SUPERVISING,
    DANA: Relation.CLINIC,
    CHRIS: Relation.CLINIC,
    LEAD: Relation.CLINIC,
    OLU: None,
}
OF_A_CLIENT = ("client_id", "appointment_id", "offer_id", "episode_id", "referral_id", "risk_id", "note_id")


@pytest.fixture(scope="module")
def house(installation: Any) -> Iterator[tuple[Clinic, dict[str, Any]]]:
    with opened(installation) as clinic:
        ids = anas_client(clinic)
        clinic.api("intake", LEAD, "POST", f"/v1/deputies/{ids['deputising_id']}/ending", {})
        clinic.settle()
        paper = {"appointment_id": ids["appointment_id"], "measure_id": "gad-7", "measure_version": 1}
        paper |= {"channel": "paper", "answers": {"q1": 1}}
        entered = clinic.api("feedback", ANA, "POST", f"/v1/clients/{ids['client_id']}/check-ins", paper)
        yield clinic, ids | {"staff_id": ANA.id, "entered_id": entered["id"]}


def pages(clinic: Clinic, method: str) -> Iterator[tuple[str, Rule, bool]]:
    """Path with its variables, its rule, whether it is about one client."""
    app = clinic.house.portal
    for route in app.url_map.iter_rules():
        rule = rule_of(app, route.endpoint)
        if method in (route.methods or ()) and rule and rule not in (EVERYONE, ANY_STAFF):
            yield route.rule, rule, any(f":{name}>" in route.rule for name in OF_A_CLIENT)


def path(route: str, ids: dict[str, Any]) -> str:
    if route.endswith(("/correction", "<uuid:offer_id>")):
        ids = ids | {"offer_id": ids["checkin_id"]}
    elif route.endswith("/withdrawal"):
        ids = ids | {"offer_id": ids["entered_id"]}
    elif not route.endswith("/mirror"):
        ids = ids | {"offer_id": ids["open_offer_id"]}
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda found: str(ids.get(found[1], NOBODYS_ID)), route)


def opens(rule: Rule, one: Staff) -> bool:
    relation = CAST[one]
    return relation is not None and rule.opens(one.roles, relation)


@pytest.mark.parametrize("one", CAST, ids=lambda one: one.username)
def test_every_page_comes_for_whom_the_rules_say_and_tells_nobody_else(
    house: tuple[Clinic, dict[str, Any]], one: Staff
) -> None:
    clinic, ids = house
    browser = Browser(clinic.house.portal)
    wrong: list[tuple[str, object]] = []
    browser.sign_in(one)
    told = (str(ids["client_id"]), ids["spoken_code"], MARA["family_name"])
    for route, rule, about in pages(clinic, "GET"):
        page = browser.fetch(path(route, ids))
        if not rule.is_for(one.roles):
            right = page.status == 403
        elif not about or opens(rule, one):
            right = page.status in (200, 302, 303)
        else:
            right = page.status == 404
        if not right:
            wrong.append((route, page.status))
        if not opens(rule, one) and any(word in page.text for word in told):
            wrong.append((route, "tells of the client"))

    assert not wrong, "\n" + "\n".join(map(str, wrong))


@pytest.mark.parametrize("one", CAST, ids=lambda one: one.username)
def test_no_form_does_anything_for_whom_the_rules_do_not_name(house: tuple[Clinic, dict[str, Any]], one: Staff) -> None:
    clinic, ids = house
    browser = Browser(clinic.house.portal)
    wrong: list[tuple[str, object]] = []
    token = browser.sign_in(one).form("/sign-out").fields["form_token"]
    for route, rule, about in pages(clinic, "POST"):
        if rule.is_for(one.roles) and (not about or opens(rule, one)):
            continue  # what it does for these is its own tests' matter
        sent = {"form_token": token, "version": "1", "key": "k"}
        answer = browser.http.post(path(route, ids), data=sent, headers={"Origin": "http://localhost"})
        if (
            answer.status_code != (403 if not rule.is_for(one.roles) else answer.status_code)
            or answer.status_code < 400
        ):
            wrong.append((route, answer.status_code))
        if MARA["family_name"] in answer.get_data(as_text=True):
            wrong.append((route, "tells of the client"))

    assert not wrong, "\n" + "\n".join(map(str, wrong))


def test_the_desk_never_reads_what_a_referrer_wrote() -> None:
    assert access.REFERRAL.is_for(["front_desk"])
    assert not access.REFERRAL_NOTE.is_for(["front_desk", "manager", "operator"])
