"""What scheduling tells fits its contract files, and holds nothing but ids, codes, times and states."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from services.scheduling.appointments import events
from services.scheduling.appointments.domain.status import REASONS, Attendance, Status
from tests.scheduling.practice import NOW, TUESDAY_15, Practice, days

FOLDER = Path(__file__).parents[2] / "shared/contracts/scheduling"
CONTRACTS = {path.name.removesuffix(".json"): json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def closed(contract: dict[str, Any]) -> Draft202012Validator:
    """The contract as the producer must keep it: nothing beside what it describes."""
    return Draft202012Validator(
        {**contract, "unevaluatedProperties": False}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def test_every_event_that_is_told_fits_its_contract(practice: Practice) -> None:
    at = iter(TUESDAY_15 + days(n) for n in range(20))
    practice.mark(practice.book(local_start=next(at)), Status.CLIENT_CANCELLED, now=NOW)
    practice.mark(practice.book(local_start=next(at)), Status.CLINIC_CANCELLED, now=NOW, reason_code="oth-room")
    missed = practice.book(local_start=next(at))
    practice.undo(practice.mark(missed, Status.NO_SHOW, now=missed.ends_at), now=missed.ends_at)
    came = practice.move(practice.book(local_start=next(at)), next(at))
    came = practice.mark(came, Status.ARRIVED, now=came.starts_at)
    practice.mark(came, Status.COMPLETED, now=came.ends_at, late_start=True)
    practice.book_series(2, local_start=next(at), zone="Asia/Kathmandu")

    told = practice.published()

    for event in told:
        kind = event["type"].removeprefix("rapport.scheduling.")
        contract = CONTRACTS[kind]
        assert list(closed(contract).iter_errors(event["data"])) == []
        assert event["subject"] == contract["x-subject"].format(**event["data"])
        assert event["key"] == event["data"][contract["x-key"]]
        assert practice.mara.hex not in kind
    assert {e["type"].removeprefix("rapport.scheduling.") for e in told} == set(CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_is_a_valid_open_schema_whose_examples_fit(name: str) -> None:
    contract = CONTRACTS[name]

    validator_for(contract).check_schema(contract)

    assert contract["$id"] == f"https://rapport.example/contracts/scheduling/{name}.json"
    assert contract["required"] == list(contract["properties"])
    assert not {"additionalProperties", "patternProperties", "not"} & set(json.dumps(contract).split('"'))
    for example in contract["examples"]:
        assert list(closed(contract).iter_errors(example)) == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_property_could_hold_a_name_or_free_text(name: str) -> None:
    for field, described in CONTRACTS[name]["properties"].items():
        assert described["description"], field
        if described["type"] == "string":
            bounded = "pattern" in described and described["maxLength"] <= 64
            assert bounded or {"const", "format", "x-extensible-enum"} & set(described), field


def test_the_code_lists_of_the_contracts_are_those_of_the_domain() -> None:
    cancelled, reopened = CONTRACTS["appointment.cancelled.v1"], CONTRACTS["appointment.reopened.v1"]

    assert cancelled["properties"]["reason_code"]["x-extensible-enum"] == list(REASONS)
    assert reopened["properties"]["status"]["x-extensible-enum"] == [s.value for s in Status]
    for name in ("appointment.held.v1", "appointment.missed.v1"):
        codes = CONTRACTS[name]["properties"]["attendance_code"]["x-extensible-enum"]
        assert codes == [a.value for a in Attendance]


def test_a_practitioner_is_told_of_once(practice: Practice) -> None:
    from services.scheduling.resources.commands import keep_diary

    practice.run(lambda tx: keep_diary(tx, practice.ana, "Europe/Paris", now=NOW))
    practice.run(lambda tx: keep_diary(tx, practice.ana, "Europe/Paris", now=NOW))

    added = [e for e in practice.published() if e["subject"] == f"practitioner/{practice.ana}"]
    assert [(e["sequence"], e["data"]["practitioner_id"]) for e in added] == [(1, str(practice.ana))]


def test_no_event_stands_for_a_status_that_nothing_led_to(practice: Practice) -> None:
    with pytest.raises(ValueError, match="no event"):
        events.appointment_marked(practice.book(), now=NOW)
