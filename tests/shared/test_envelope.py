import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import Event, Undecodable, from_record, to_record, to_structured
from shared.eventlog.interface import Headers, Record
from shared.trace import Trace

TRACE = Trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "", "the-cause")
EVENT = Event(
    service="scheduling",
    kind="appointment.booked.v1",
    subject="appointment/0197f6a0-0000-7000-8000-000000000002",
    key=UUID("0197f6a0-0000-7000-8000-000000000001"),
    sequence=1,
    time=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    data={"starts_at": datetime(2026, 12, 1, 15, 0, tzinfo=UTC), "client_id": UUID(int=7)},
    id=UUID("0197f6a0-0000-7000-8000-000000000003"),
)


def heard(headers: Headers, value: bytes | None, key: bytes | None = b"k") -> Record:
    return Record("rapport.scheduling", 0, 0, 0, key, value, headers)


def test_the_envelope_on_the_log_is_exactly_this() -> None:
    record = to_record(EVENT, TRACE)

    assert record.key == b"0197f6a0-0000-7000-8000-000000000001"
    assert record.value == (
        b'{"starts_at":"2026-12-01T15:00:00+00:00","client_id":"00000000-0000-0000-0000-000000000007"}'
    )
    assert dict(record.headers) == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": "0197f6a0-0000-7000-8000-000000000003",
        "ce_source": "/scheduling",
        "ce_type": "rapport.scheduling.appointment.booked.v1",
        "ce_subject": "appointment/0197f6a0-0000-7000-8000-000000000002",
        "ce_time": "2026-11-23T09:30:00+00:00",
        "ce_dataschema": "https://rapport.example/contracts/scheduling/appointment.booked.v1.json",
        "ce_partitionkey": "0197f6a0-0000-7000-8000-000000000001",
        "ce_sequence": "1",
        "traceparent": TRACE.traceparent,
        "ce_causationid": "the-cause",
    }


def test_an_event_is_heard_as_it_was_told() -> None:
    record = to_record(EVENT, TRACE)

    message = from_record(heard(record.headers, record.value, record.key))

    assert (message.id, message.type, message.subject) == (str(EVENT.id), EVENT.type, EVENT.subject)
    assert message.sequence == 1
    assert message.time == EVENT.time
    assert message.data["client_id"] == str(UUID(int=7))
    assert message.trace.trace_id == TRACE.trace_id


def test_structured_mode_is_understood_whatever_the_case_of_its_media_type() -> None:
    record = to_record(EVENT, TRACE)
    whole = json.dumps(to_structured(record.headers, record.value)).encode()

    message = from_record(heard((("content-type", "Application/CloudEvents+JSON; charset=UTF-8"),), whole))

    assert message.type == EVENT.type
    assert message.sequence == 1
    assert message.data["client_id"] == str(UUID(int=7))


@pytest.mark.parametrize(
    ("attribute", "value", "told"),
    [
        ("ce_id", "", "missing ce_id"),
        ("ce_specversion", "0.3", "ce_specversion is not 1.0"),
        ("ce_type", "com.example.x", "ce_type is not one of ours"),
        ("ce_time", "2026-11-23T09:30:00", "ce_time has no zone"),
        ("ce_time", "yesterday", "ce_time is not a date and time"),
        ("ce_sequence", "-1", "ce_sequence is not a positive whole number"),
        ("ce_sequence", "１", "ce_sequence is not a positive whole number"),
        ("ce_subject", "a" * 257, "ce_subject is longer than 256"),
    ],
)
def test_a_malformed_attribute_is_named(attribute: str, value: str, told: str) -> None:
    record = to_record(EVENT, TRACE)
    headers = tuple((name, value if name == attribute else was) for name, was in record.headers)

    with pytest.raises(Undecodable, match=told):
        from_record(heard(headers, record.value))


@pytest.mark.parametrize(
    "value", [None, b"", b"{", b"[]", b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000, b'"text"', b"\xef\xbb\xbf{}"]
)
def test_data_that_is_no_json_object_is_undecodable(value: bytes | None) -> None:
    with pytest.raises(Undecodable):
        from_record(heard(to_record(EVENT, TRACE).headers, value))


@given(
    st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=12),
    st.none() | st.binary(max_size=200),
    st.none() | st.binary(max_size=20),
)
def test_no_record_makes_the_reader_fail_in_another_way(
    headers: list[tuple[str, str]], value: bytes | None, key: bytes | None
) -> None:
    try:
        from_record(heard(tuple(headers), value, key))
    except Undecodable:
        return


def test_data_above_64_kib_is_refused_at_the_producer() -> None:
    big = Event("intake", "x.y.v1", "x/1", UUID(int=1), 1, EVENT.time, {"codes": ["a" * 100] * 700})

    with pytest.raises(ValueError, match="the limit is 65536"):
        to_record(big, TRACE)


def test_a_number_that_is_none_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_record(Event("intake", "x.y.v1", "x/1", UUID(int=1), 1, EVENT.time, {"n": float("nan")}), TRACE)
