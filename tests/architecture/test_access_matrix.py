"""
Route x role x relationship: what the rules of access say beside what a real request gets.

Every route of every service is in it on the day it is made, as the table comes from the URL maps; what to
expect comes from the rules alone (shared/contracts/access.py), what is got from a request.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from shared.access import Rule
from shared.contracts import access
from shared.contracts.access import Relation
from shared.ids import uuid7
from tests.architecture.access import ASKERS, Asker, anas_client, rehearsing
from tests.architecture.doors import Door, doors, signer
from tests.architecture.test_strangers import BODIES, QUERIES
from tests.cast import ANA, MARA
from tests.clinic import Clinic
from tests.conftest import opened

# Ids in a path that lead to one client; and rules whose routes name their client in the query or the body.
OF_A_CLIENT = (
    "client_id",
    "appointment_id",
    "series_id",
    "offer_id",
    "episode_id",
    "referral_id",
    "risk_id",
    "note_id",
    "subject_id",
)
NAMED_BESIDE_THE_PATH = {access.PACKS, access.SUPERVISING}
# Where a rule of the clinic says no to somebody whom access lets in.
ALSO_REFUSED = {
    "feedback POST /v1/offers/<uuid:offer_id>/answers": "the form is for the therapist's own impression",
    "intake POST /v1/deputies/<uuid:deputising_id>/ending": "each of the two ends it, and the clinical lead",
}
# Says the ids it was asked about again, with nothing beside them.
ECHOES = "scheduling POST /v1/appointments/next"


@dataclass(frozen=True)
class House:
    """The clinic, its APIs for rehearsals, and the ids of everything about one client of Ana's."""

    clinic: Clinic
    apps: dict[str, Flask]
    ids: dict[str, Any]

    @property
    def told(self) -> tuple[str, ...]:
        """What would give the client away."""
        return (str(self.ids["client_id"]), self.ids["spoken_code"], MARA["family_name"])

    def ask(self, door: Door, asker: Asker) -> TestResponse:
        """One request, as whole as its door needs it."""
        token = signer(asker.issuer).token(
            audience=door.service,
            actor=asker.actor,
            roles=[asker.role],
            purpose=asker.purpose,
            now=self.clinic.clock(),
            opened=self.ids["client_id"] if asker.relation is Relation.EMERGENCY else None,
        )
        last, ids = door.rule.rpartition("/")[2], self.ids
        if "/check-ins/" in door.rule or last == "release":
            ids = ids | {"offer_id": ids["checkin_id"]}
        query = {"packs": {"practitioner_id": str(ANA.id)}}.get(last) or QUERIES.get(last, {})
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid7()), "If-Match": '"1"'}
        return Client(self.apps[door.service]).open(
            door.path(**ids), method=door.method, json=self.body(door), headers=headers, query_string=query
        )

    def body(self, door: Door) -> Any:
        """What a request to this door says."""
        client_id, last = str(self.ids["client_id"]), door.rule.rpartition("/")[2]
        point = {"practitioner_id": str(ANA.id), "client_id": client_id, "week": "2026-W48", "code": "review_goals"}
        said = BODIES | {
            "check-ins": BODIES["check-ins"] | {"appointment_id": self.ids["appointment_id"]},
            "owner": {"owner_id": str(ANA.id)},
            "look-up": {"ids": [client_id]},
            "search": {"text": MARA["family_name"]},
            "next": {"client_ids": [client_id]},
            "points": point,
        }
        if "/deputies/" in door.rule:
            return {}
        return None if door.method == "GET" else said.get(last, {})


@pytest.fixture(scope="module")
def house(installation: Any) -> Iterator[House]:
    with opened(installation) as clinic:
        ids = anas_client(clinic)
        with rehearsing(clinic) as apps:
            yield House(clinic, apps, ids)


def is_about_a_client(door: Door) -> bool:
    return door.under in NAMED_BESIDE_THE_PATH or any(f":{name}>" in door.rule for name in OF_A_CLIENT)


def expected(rule: Rule, asker: Asker, *, about_a_client: bool) -> str:
    """What the rules say."""
    if not rule.is_for([asker.role]):
        return "not yours to ask"
    return "answered" if not about_a_client or opens(rule, asker) else "no such thing"


def opens(rule: Rule, asker: Asker) -> bool:
    return asker.relation is not None and rule.opens([asker.role], asker.relation)


def got(answer: TestResponse) -> str:
    if answer.status_code in (401, 403):
        return "not yours to ask"
    if answer.status_code == 404:
        return "no such thing"
    return "answered" if answer.status_code < 500 else "failed"


def test_every_route_answers_every_role_and_relationship_as_the_rules_say(house: House) -> None:
    wrong, asked = [], 0
    for door in doors(house.clinic):
        for asker in ASKERS:
            answer = house.ask(door, asker)
            asked += 1
            wanted = expected(door.under, asker, about_a_client=is_about_a_client(door))
            if got(answer) != wanted and not (wanted == "answered" and door.name in ALSO_REFUSED):
                wrong.append((door.name, asker.name, wanted, answer.status_code))
            text = answer.get_data(as_text=True)
            told = house.told[1:] if door.name == ECHOES else house.told
            if not opens(door.under, asker) and any(word in text for word in told):
                wrong.append((door.name, asker.name, "to hear nothing of the client", answer.status_code))

    assert not wrong, "\n" + "\n".join(map(str, wrong))
    assert asked >= 1000


def test_every_relation_is_somebodys_in_the_matrix() -> None:
    """A relation that nobody in the cast has would be tested by nothing."""
    granted = {relation for _, rule in access.rules() for relations in rule.grants.values() for relation in relations}

    # The link to a form has its own tests: it belongs to no member of staff.
    assert granted - {Relation.HOUSE, Relation.HANDLE} == {one.relation for one in ASKERS if one.relation}


def test_no_rule_gives_the_desk_the_manager_or_a_machine_anything_clinical() -> None:
    clinical = (access.COURSE, access.CARE_WORK, access.CASELOAD, access.RISK_READING, access.REFERRAL_NOTE)

    for rule in (*clinical, access.PACKS, access.EXPORTS, access.EXPORT_OF_ONE):
        assert rule.roles.isdisjoint({"front_desk", "manager", "operator", "integrator"}), rule.what


def test_an_emergency_reads_and_changes_nothing_but_a_risk_answer(house: House) -> None:
    [asker] = [one for one in ASKERS if one.relation is Relation.EMERGENCY]
    changing = {door.rule for door in doors(house.clinic) if door.method != "GET" and opens(door.under, asker)} - {
        "/v1/people/look-up",
        "/v1/people/search",
    }

    assert changing == {"/v1/risk-answers/<uuid:risk_id>/acknowledgement"}
