"""What intake says fits its contracts, and what it hears it understands however the speaker grows."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator
from marshmallow import RAISE, ValidationError

from services.intake.allocation import commands as care
from services.intake.allocation.events import ClientAllocatedData, TherapyEndedData, WaitingEndedData
from services.intake.allocation.schemas import PractitionerAdded, SessionHeld
from services.intake.consents import commands as consents
from services.intake.consents.domain import ConsentState, Purpose
from services.intake.consents.events import ConsentRecordedData
from services.intake.consumers import HANDLERS, practitioner_added, session_held
from services.intake.deputies import commands as deputies
from services.intake.deputies.events import DeputyEndedData, DeputyNamedData
from services.intake.people import queries as people
from services.intake.people.domain.clients import ClientState
from services.intake.people.events import ClientRegisteredData
from services.intake.referrals import commands as referrals
from services.intake.referrals.domain.codes import ENDING_REASONS, NOT_TAKEN_ON, REFERRAL_SOURCES
from services.intake.referrals.events import ReferralAcceptedData, ReferralDeclinedData, ReferralReceivedData
from shared.database import Tx
from shared.envelope import Message
from shared.events import EventData
from shared.scope import Scope
from shared.trace import new_trace
from tests.intake.conftest import ANA, BEN, NOW
from tests.intake.desk import FORMS, NOOR, allocated, referred, told, waiting

CONTRACTS = Path(__file__).resolve().parents[2] / "shared" / "contracts"
NAMES = sorted(path.name.removesuffix(".json") for path in (CONTRACTS / "intake").glob("*.json"))
PUBLISHED: dict[str, type[EventData]] = {
    "referral.received.v1": ReferralReceivedData,
    "referral.accepted.v1": ReferralAcceptedData,
    "referral.declined.v1": ReferralDeclinedData,
    "client.registered.v1": ClientRegisteredData,
    "consent.recorded.v1": ConsentRecordedData,
    "client.allocated.v1": ClientAllocatedData,
    "waiting.ended.v1": WaitingEndedData,
    "therapy.ended.v1": TherapyEndedData,
    "deputy.named.v1": DeputyNamedData,
    "deputy.ended.v1": DeputyEndedData,
}
HEARD = {
    "rapport.scheduling.appointment.held.v1": SessionHeld,
    "rapport.scheduling.practitioner.added.v1": PractitionerAdded,
}


def contract(service: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTRACTS / service / f"{name}.json").read_text())
    return found


def validator(name: str) -> Draft202012Validator:
    """The contract, closed: nothing may be told that it does not name."""
    closed = contract("intake", name) | {"unevaluatedProperties": False}
    return Draft202012Validator(closed, format_checker=Draft202012Validator.FORMAT_CHECKER)


def heard_contract(kind: str) -> dict[str, Any]:
    _, service, name = kind.split(".", 2)
    return contract(service, name)


def heard(kind: str, data: dict[str, Any]) -> Message:
    return Message("1", "/scheduling", kind, "x/1", NOW, 1, None, data, new_trace())


def test_every_event_has_a_contract_and_every_contract_an_event() -> None:
    assert set(NAMES) == set(PUBLISHED)


@pytest.mark.usefixtures("practitioners")
def test_everything_that_is_told_fits_its_contract(tx: Tx, dana: Scope, ana: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)
    consents.record_consent(tx, client_id, replace(FORMS, given=False), scope=dana, now=NOW)
    care.end_care(tx, client_id, "46", scope=dana, now=NOW)
    care.end_care(tx, waiting(tx, dana, NOW, NOOR), "14", scope=dana, now=NOW)
    referrals.decline_referral(tx, referred(tx, dana, NOW, NOOR).referral_id, "11", scope=dana, now=NOW)
    days = NOW.date(), NOW.date()
    deputising = deputies.name_deputy(tx, ANA, BEN, *days, scope=ana, now=NOW)
    deputies.end_deputy(tx, deputising.deputising_id, scope=ana, now=NOW)

    seen = set()
    for row in told(tx):
        kind = row["type"].removeprefix("rapport.intake.")
        assert list(validator(kind).iter_errors(row["data"])) == []
        described = contract("intake", kind)
        assert f"{row['aggregatetype']}/{row['aggregateid']}" == described["x-subject"].format(**row["data"])
        assert bytes(row["key"]).decode() == row["data"][described["x-key"]]
        seen.add(kind)
    assert seen == set(PUBLISHED)


@pytest.mark.usefixtures("practitioners")
def test_the_events_of_each_aggregate_are_numbered_without_a_gap(tx: Tx, dana: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)
    care.end_care(tx, client_id, "46", scope=dana, now=NOW)

    numbers: dict[str, list[int]] = {}
    for row in told(tx):
        numbers.setdefault(row["aggregateid"], []).append(row["aggregate_version"])
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert len(numbers[str(client_id)]) == 5


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_says_what_it_must_and_has_no_place_for_a_name(name: str) -> None:
    described = contract("intake", name)

    Draft202012Validator.check_schema(described)
    assert described["$id"] == f"https://rapport.example/contracts/intake/{name}.json"
    assert described["x-key"] == ("practitioner_id" if name.startswith("deputy.") else "client_id")
    assert {"title", "description", "x-subject", "x-consumers", "x-since"} <= set(described)
    assert not {"additionalProperties", "not", "patternProperties"} & set(described)
    for field in described["properties"].values():
        assert field["description"]
        bounded = field.get("maxLength", 65) <= 64 and "pattern" in field
        assert {"const", "format", "x-extensible-enum"} & set(field) or bounded
    assert described["examples"]
    for example in described["examples"]:
        assert list(validator(name).iter_errors(example)) == []
        PUBLISHED[name](unknown=RAISE).load(example)


def test_the_code_lists_of_the_contracts_are_those_of_the_domain() -> None:
    def listed(name: str, field: str) -> set[str]:
        return set(contract("intake", name)["properties"][field]["x-extensible-enum"])

    assert listed("referral.received.v1", "source") == set(REFERRAL_SOURCES)
    assert listed("referral.declined.v1", "reason_code") == NOT_TAKEN_ON
    assert listed("waiting.ended.v1", "reason_code") == NOT_TAKEN_ON
    assert listed("therapy.ended.v1", "reason_code") == set(ENDING_REASONS)
    assert listed("consent.recorded.v1", "purpose") == set(Purpose)
    assert listed("consent.recorded.v1", "state") == set(ConsentState)


def test_the_producer_tells_nothing_beyond_its_schema() -> None:
    for name, schema in PUBLISHED.items():
        example = contract("intake", name)["examples"][0]
        with pytest.raises(ValidationError):
            schema().load(example | {"given_name": "Mara"})


@pytest.mark.parametrize("kind", sorted(HANDLERS))
def test_intake_understands_every_example_of_what_it_hears(kind: str) -> None:
    described = heard_contract(kind)

    assert set(HEARD) == set(HANDLERS)
    assert "intake" in described["x-consumers"]
    assert described["examples"]
    for example in described["examples"]:
        loaded = HEARD[kind]().load(example | {"something_new": {"deep": [1]}})
        assert "something_new" not in loaded
        required = set(described["required"])
        needed = {name for name, field in HEARD[kind]().fields.items() if field.required}
        assert needed <= required
        HEARD[kind]().load({name: value for name, value in example.items() if name in required})


def test_intake_acts_on_the_examples_of_what_it_hears(tx: Tx, dana: Scope) -> None:
    added = heard_contract("rapport.scheduling.practitioner.added.v1")["examples"][0]
    held = heard_contract("rapport.scheduling.appointment.held.v1")["examples"][0]
    practitioner_added(tx, heard("rapport.scheduling.practitioner.added.v1", added), now=NOW)
    practitioner = UUID(added["practitioner_id"])
    client_id = allocated(tx, dana, NOW, practitioner)

    about = {"client_id": str(client_id), "practitioner_id": added["practitioner_id"], "held_at": NOW.isoformat()}
    session_held(tx, heard("rapport.scheduling.appointment.held.v1", held | about), now=NOW)

    assert people.list_clients(tx, scope=dana, now=NOW).found[0].state is ClientState.IN_THERAPY


def test_hearing_the_same_twice_changes_nothing(tx: Tx, dana: Scope) -> None:
    data = {"practitioner_id": str(ANA), "added_at": NOW.isoformat()}
    for _ in range(2):
        practitioner_added(tx, heard("rapport.scheduling.practitioner.added.v1", data), now=NOW)

    assert tx.value("SELECT count(*) FROM practitioner") == 1


@pytest.mark.parametrize("kind", sorted(HANDLERS))
@pytest.mark.parametrize(
    "moment",
    [
        None,
        7,
        "",
        "soon",
        "2026-01-01",
        "2026-01-01T10:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00-14:00",
    ],
)
def test_an_event_without_a_real_instant_is_refused(tx: Tx, kind: str, moment: object) -> None:
    data = {"client_id": str(ANA), "practitioner_id": str(ANA), "held_at": moment, "added_at": moment}

    with pytest.raises(ValidationError):
        HANDLERS[kind](tx, heard(kind, data), now=NOW)


@pytest.mark.parametrize("kind", sorted(HANDLERS))
@pytest.mark.parametrize("whom", [None, 7, "", "x" * 10_000, ["a"]])
def test_an_event_about_nobody_is_refused(tx: Tx, kind: str, whom: object) -> None:
    data = {"client_id": whom, "practitioner_id": whom, "held_at": NOW.isoformat(), "added_at": NOW.isoformat()}

    with pytest.raises(ValidationError):
        HANDLERS[kind](tx, heard(kind, data), now=NOW)
    with pytest.raises(ValidationError):
        HANDLERS[kind](tx, heard(kind, {}), now=NOW)
