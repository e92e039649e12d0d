"""Events as nobody should send them: each is taken, or turned away by rule; none breaks the loop or poisons a table."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql

from shared.contracts.catalogue import Contract, all_contracts
from shared.envelope import Event, to_record
from shared.eventlog.interface import NewRecord, Record
from shared.faults import INVALID
from shared.ids import uuid7
from shared.inbox import SequenceGap
from shared.inbox_processor import Hearing, Outcome, hear
from shared.log_start import LogStart
from shared.metrics_pipeline import PipelineMetrics
from shared.trace import new_trace
from tests.cast import ANA, DANA
from tests.clinic import Clinic

CONSUMERS = ("intake", "scheduling", "feedback")
WRONG: tuple[Any, ...] = (
    None,
    "",
    0,
    -1,
    2**70,
    1.5,
    True,
    [],
    {},
    "x" * 5000,
    "\x00",
    "a\ud800b",
    "no such thing",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T10:00:00+00:00",
    "2026-11-23T09:00:00",
    "２０２６-11-23T09:00:00Z",
)
READABLE = {
    "intake": ("practitioner", "client", "allocation"),
    "scheduling": ("client", "allocation", "resource"),
    "feedback": ("client", "consent", "allocation", "hour", "course", "offer", "reading", "episode"),
}


def event_of(contract: Contract, data: dict[str, Any], *, sequence: int = 1, key: UUID | None = None) -> Event:
    """The event of an example, about an aggregate of its own."""
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    subject = f"{contract.event.partition('.')[0]}/{uuid7()}"
    return Event(contract.service, contract.kind, subject, key or uuid7(), sequence, at, data)


def record_of(event: Event, value: bytes | None = None) -> Record:
    told = to_record(replace(event, data={}), new_trace())
    body = json.dumps(event.data).encode() if value is None else value
    return Record(event.topic, 0, 0, 0, told.key, body, told.headers)


def mutated(example: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """An example with one thing wrong, or merely new, at a time."""
    yield "as it is", example
    yield "an unknown field", example | {"something_new": {"deep": [1, "two"]}}
    for name in example:
        yield f"{name} missing", {other: value for other, value in example.items() if other != name}
        for wrong in WRONG:
            yield f"{name} = {wrong!r:.40}", example | {name: wrong}
    yield "nothing", {}


def heard_by(consumer: str) -> list[Contract]:
    return [contract for contract in all_contracts() if consumer in contract.consumers]


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_an_event_with_something_wrong_is_taken_or_turned_away_as_invalid(clinic: Clinic, consumer: str) -> None:
    floor = clinic.house.floors[consumer]
    hearing = Hearing(
        "a test", floor.service.handlers, floor.database, clinic.clock, PipelineMetrics(), LogStart("a test", floor.log)
    )
    surprises = []
    for contract in heard_by(consumer):
        for what, data in mutated(contract.schema["examples"][0]):
            record = record_of(event_of(contract, data))
            with floor.database.transaction() as tx:
                try:
                    with tx.connection.transaction(force_rollback=True):
                        hearing.beginnings.lost(tx, (record.topic, record.partition), 1)  # so 7 may be its first
                        [outcome] = hearing.apply(tx, [hear(record)])
                        assert outcome is Outcome.OK
                        for table in READABLE[consumer]:
                            tx.connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
                except INVALID:
                    assert what not in ("as it is", "an unknown field"), contract.type
                except Exception as error:  # noqa: BLE001 - gathered, to be shown together
                    surprises.append((contract.type, what, type(error).__name__, str(error)[:80]))

    assert not surprises, "\n".join(map(str, surprises))


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b'{"a": NaN}',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"client_id": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda value: repr(value[:12]),
)
def test_bytes_that_are_no_event_are_turned_away(clinic: Clinic, value: bytes) -> None:
    floor = clinic.house.floors["feedback"]
    hearing = Hearing(
        "a test", floor.service.handlers, floor.database, clinic.clock, PipelineMetrics(), LogStart("a test", floor.log)
    )
    [contract] = [c for c in all_contracts() if c.type == "rapport.intake.client.registered.v1"]

    with pytest.raises(INVALID), floor.database.transaction() as tx:
        hearing.apply(tx, [hear(record_of(event_of(contract, {}), value))])


def append(clinic: Clinic, record: Record, *, topic: str | None = None) -> None:
    """Put a record on the log as the service that owns the topic would."""
    topic = topic or record.topic
    log = clinic.house.floors[topic.rpartition(".")[2]].log
    log.append(topic, [NewRecord(record.key, record.value, record.headers)])


def parked(clinic: Clinic, service: str) -> list[tuple[str, str]]:
    with clinic.house.floors[service].database.transaction() as tx:
        rows = tx.rows("SELECT state, error_class FROM parked_events ORDER BY id")
    return [(row["state"], row["error_class"]) for row in rows]


def registered(spoken_code: Any, key: UUID) -> Event:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    data = {"client_id": str(key), "spoken_code": spoken_code, "registered_at": at}
    return Event("intake", "client.registered.v1", f"client/{key}", key, 1, at, data)


def test_a_poisoned_event_stops_its_own_client_alone(clinic: Clinic) -> None:
    key = uuid7()
    record = to_record(registered(17, key), new_trace())
    append(clinic, Record("rapport.intake", 0, 0, 0, record.key, record.value, record.headers))

    client_id = clinic.client_of(ANA)

    assert clinic.book(client_id)["status"] == "booked"
    assert clinic.ask("feedback", ANA, "GET", f"/v1/clients/{client_id}/course").status_code == 200
    for service in ("scheduling", "feedback"):
        assert parked(clinic, service) == [("waiting", "ValidationError")]
    assert parked(clinic, "intake") == []


def test_an_event_on_a_topic_that_is_not_its_services_is_forged_and_has_no_effect(clinic: Clinic) -> None:
    client_id = clinic.client_of(ANA)
    at = clinic.clock()
    [contract] = [c for c in all_contracts() if c.type == "rapport.intake.therapy.ended.v1"]
    with clinic.house.floors["intake"].database.transaction() as tx:
        allocation_id = tx.value("SELECT allocation_id FROM allocation WHERE client_id = %s", (client_id,))
    data = contract.schema["examples"][0] | {
        "client_id": str(client_id),
        "allocation_id": str(allocation_id),
        "practitioner_id": str(ANA.id),
        "ended_at": at.isoformat(),
    }
    honest = record_of(event_of(contract, data))
    stranger = tuple((name, "/scheduling" if name == "ce_source" else value) for name, value in honest.headers)

    append(clinic, honest, topic="rapport.scheduling")
    append(clinic, replace(honest, headers=stranger), topic="rapport.scheduling")
    append(clinic, replace(honest, key=str(uuid7()).encode(), headers=stranger), topic="rapport.intake")
    clinic.settle()

    assert clinic.ask("feedback", ANA, "GET", f"/v1/clients/{client_id}/course").status_code == 200
    assert [error for _, error in parked(clinic, "feedback") if error] == ["Undecodable"] * 2


def test_an_event_heard_twice_one_from_next_year_and_one_of_an_unknown_type_do_no_harm(clinic: Clinic) -> None:
    key = uuid7()
    event = registered("K-9001", key)
    later = replace(event, id=uuid7(), subject=f"client/{uuid7()}", time=event.time + timedelta(days=400))
    strange = replace(event, id=uuid7(), kind="client.sang.v1", subject=f"client/{uuid7()}")
    for one in (event, event, replace(event, id=uuid7()), later, strange):
        record = to_record(one, new_trace())
        append(clinic, Record("rapport.intake", 0, 0, 0, record.key, record.value, record.headers))

    clinic.settle()

    for service in ("scheduling", "feedback"):
        assert parked(clinic, service) == []
        with clinic.house.floors[service].database.transaction() as tx:
            assert tx.rows("SELECT spoken_code FROM client WHERE client_id = %s", (key,)) == [{"spoken_code": "K-9001"}]


def test_a_gap_holds_one_client_until_it_is_closed(clinic: Clinic) -> None:
    key, at = uuid7(), clinic.clock()
    first = registered("K-9002", key)
    consent = {
        "client_id": str(key),
        "consent_id": str(uuid7()),
        "purpose": "feedback_forms",
        "state": "given",
        "text_version": "1",
        "recorded_at": at,
    }
    second = Event("intake", "consent.recorded.v1", f"client/{key}", key, 2, at, consent)
    client_id = clinic.client_of(ANA)

    def tell(event: Event) -> None:
        record = to_record(event, new_trace())
        append(clinic, Record("rapport.intake", 0, 0, 0, record.key, record.value, record.headers))
        clinic.settle()

    tell(second)
    waiting = parked(clinic, "feedback")
    hour = clinic.book(client_id)
    tell(first)

    assert waiting == [("waiting", SequenceGap.__name__)]
    assert hour["status"] == "booked"
    assert {state for state, _ in parked(clinic, "feedback")} == {"done"}
    with clinic.house.floors["feedback"].database.transaction() as tx:
        assert tx.value("SELECT state FROM consent WHERE client_id = %s", (key,)) == "given"
    assert clinic.ask("scheduling", DANA, "GET", f"/v1/appointments/{hour['id']}").status_code == 200
