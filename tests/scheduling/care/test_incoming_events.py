"""What intake tells, in whatever order and shape it comes."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from marshmallow import ValidationError

from services.scheduling.appointments.domain.status import Status
from services.scheduling.appointments.store import appointments
from services.scheduling.care.domain import ClientNotAllocated
from services.scheduling.consumers import HANDLERS
from services.scheduling.series.store import dates as dates_of
from tests.scheduling.practice import NOW, TUESDAY_15, Practice, days

CONTRACTS = Path(__file__).parents[3] / "shared/contracts/intake"


def kind_of(event_type: str) -> str:
    return event_type.removeprefix("rapport.intake.").removesuffix(".v1")


def examples() -> list[tuple[str, dict[str, Any]]]:
    return [
        (kind_of(event_type), example)
        for event_type in HANDLERS
        for example in json.loads((CONTRACTS / f"{kind_of(event_type)}.v1.json").read_text())["examples"]
    ]


@pytest.mark.parametrize(("kind", "example"), examples())
def test_every_example_is_understood_with_an_unknown_field_and_twice(
    practice: Practice, kind: str, example: dict[str, Any]
) -> None:
    if kind == "deputy.ended":
        practice.hear("deputy.named", dict(examples())["deputy.named"])

    for _ in range(2):
        practice.hear(kind, {**example, "something_new": "unheard_of"})

    table, key = ("deputy", "deputising_id") if kind.startswith("deputy.") else ("client", "client_id")
    assert practice.run(lambda tx: tx.value(f"SELECT count(*) FROM {table} WHERE {key} = %s", (example[key],)))


@pytest.mark.parametrize(("kind", "example"), examples())
def test_an_event_without_a_field_that_is_needed_is_refused_and_leaves_nothing(
    practice: Practice, kind: str, example: dict[str, Any]
) -> None:
    stranger = str(uuid4())

    with pytest.raises(ValidationError):
        practice.hear(kind, {"client_id": stranger})

    assert practice.run(lambda tx: tx.value("SELECT count(*) FROM client WHERE client_id = %s", (stranger,))) == 0


def test_scheduling_is_a_listed_consumer_of_what_it_hears() -> None:
    for event_type in HANDLERS:
        contract = json.loads((CONTRACTS / f"{kind_of(event_type)}.v1.json").read_text())
        assert "scheduling" in contract["x-consumers"]


def test_a_client_heard_of_by_allocation_first_gets_their_code_later(practice: Practice) -> None:
    client = uuid4()
    practice.allocate(client, practice.ana)
    nameless = practice.book(client_id=client)

    practice.hear("client.registered", {"client_id": str(client), "spoken_code": "K-3000"})

    known = practice.run(lambda tx: appointments.find(tx, practice.desk(), nameless.id))
    assert nameless.spoken_code is None
    assert known is not None
    assert known.spoken_code == "K-3000"


def test_an_end_heard_before_its_beginning_is_still_an_end(practice: Practice) -> None:
    client, allocation_id = uuid4(), uuid4()
    practice.end(client, practice.ana, allocation_id, at=NOW)
    practice.hear(
        "client.allocated",
        {
            "client_id": str(client),
            "allocation_id": str(allocation_id),
            "practitioner_id": str(practice.ana),
            "allocated_at": (NOW - days(1)).isoformat(),
        },
    )

    with pytest.raises(ClientNotAllocated):
        practice.book(client_id=client)


def test_a_change_of_therapist_is_told_by_the_new_allocation_alone(practice: Practice) -> None:
    practice.allocate(practice.mara, practice.ben, at=NOW + days(1))

    with pytest.raises(ClientNotAllocated):
        practice.book()
    assert practice.book(practitioner_id=practice.ben).practitioner_id == practice.ben


def test_an_older_allocation_heard_late_does_not_replace_a_newer_one(practice: Practice) -> None:
    practice.allocate(practice.mara, practice.ben, at=NOW - days(10))

    assert practice.book().practitioner_id == practice.ana


def test_the_end_of_therapy_frees_the_weekly_hours_and_leaves_the_farewell(practice: Practice) -> None:
    client = uuid4()
    allocation = practice.welcome(client, "K-2000", practice.ana)
    weekly = practice.book_series(4, client_id=client)
    farewell = practice.book(client_id=client, local_start=TUESDAY_15 + days(2))
    first = weekly.appointments[0]
    practice.mark(first, Status.COMPLETED, now=first.ends_at)
    practice.move(weekly.appointments[2], TUESDAY_15 + days(15))

    practice.end(client, practice.ana, allocation, at=first.ends_at)

    dates = practice.run(lambda tx: dates_of(tx, practice.desk(), weekly.id))
    assert [a.status.value for a in dates] == ["completed"] + ["clinic_cancelled"] * 3
    assert {a.reason_code for a in dates[1:]} == {"prov-dch"}
    still = practice.run(lambda tx: appointments.find(tx, practice.desk(), farewell.id))
    assert still == farewell
    with pytest.raises(ClientNotAllocated):
        practice.book(client_id=client, local_start=TUESDAY_15 + days(3))
    practice.allocate(client, practice.ana, at=first.ends_at + days(1))
    assert practice.book(client_id=client, local_start=TUESDAY_15 + days(7)).status is Status.BOOKED
