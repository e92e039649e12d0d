"""What is committed takes effect once, in order; a failing event stops its key alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import psycopg
import pytest

from shared.database import Tx
from shared.envelope import Event, Message, to_record
from shared.eventlog.interface import LogUnavailable, NewRecord, RecordMeta
from shared.ids import uuid7
from shared.outbox import publish
from shared.parking.schedule import TooManyParked
from shared.trace import new_trace
from tests.faults.counting import COUNT_RAISED
from tests.faults.mirror import count_raised
from tests.shared.pipeline.house import GROUP, MARA, NOOR, TOPIC, House


class Rejected(Exception):
    """The handler's rules say no."""


class Ears:
    """A handler that rejects the counts it is told to, and else mirrors them."""

    def __init__(self, *rejected: tuple[UUID, int]) -> None:
        self.rejected = set(rejected)

    def __call__(self, tx: Tx, message: Message, *, now: datetime) -> None:
        count_raised(tx, message, now=now)  # its effect must vanish with the rejection
        if (UUID(message.data["client_id"]), message.data["count"]) in self.rejected:
            raise Rejected("Mara Example has no such thing")

    @property
    def hears(self) -> dict[str, "Ears"]:
        return {COUNT_RAISED: self}


def test_what_is_committed_is_heard_in_the_order_of_each_client(house: House) -> None:
    house.count(MARA, NOOR, MARA, MARA)

    house.settle(house.teller(), house.listener())

    assert house.heard(MARA) == [1, 2, 3]
    assert house.heard(NOOR) == [1]
    assert house.outbox() == (0, 4)


def test_what_was_rolled_back_is_never_told(house: House) -> None:
    def fails(tx: Tx) -> None:
        publish(tx, _event(MARA, 1))
        raise Rejected

    with pytest.raises(Rejected):
        house.counting.run(fails)

    house.settle(house.teller(), house.listener())
    assert house.heard() == []


def test_an_event_at_two_offsets_takes_effect_once(house: House) -> None:
    event = _event(MARA, 1)
    house.say(event)
    house.say(event)

    house.settle(house.listener())
    house.say(event)
    house.settle(house.listener())

    assert house.heard() == [1]


def test_a_batch_sent_again_after_a_partial_failure_takes_effect_once_and_in_order(house: House) -> None:
    first, second, third = (_event(MARA, n) for n in (1, 2, 3))
    house.say(first)
    listener = house.listener()
    house.settle(listener)

    for event in (third, second, third):  # the log took the later record, then the whole batch
        house.say(event)
    house.settle(listener)

    assert house.heard() == [1, 2, 3]
    assert house.rows("SELECT * FROM parked_keys") == []


def test_a_gap_holds_its_key_until_it_closes_and_no_other(house: House) -> None:
    listener = house.listener()
    house.say(_event(MARA, 1))
    house.say(_event(MARA, 3))
    house.say(_event(MARA, 4))
    house.say(_event(NOOR, 1))
    house.settle(listener)
    assert (house.heard(MARA), house.heard(NOOR)) == ([1], [1])
    assert house.parked() == [("waiting", "SequenceGap"), ("queued", None)]

    house.say(_event(MARA, 2))
    house.settle(listener)

    assert house.heard(MARA) == [1, 2, 3, 4]
    assert {state for state, _ in house.parked()} == {"done"}


def test_two_gaps_in_one_clients_story_close_one_after_the_other(house: House) -> None:
    listener = house.listener()
    for count in (1, 3, 5, 4, 2):
        house.say(_event(MARA, count))
        house.settle(listener)

    assert house.heard() == [1, 2, 3, 4, 5]


def test_what_closes_a_gap_may_fail_and_be_tried_again(house: House) -> None:
    ears = Ears((MARA, 2))
    listener = house.listener(ears.hears)
    for count in (1, 3, 2, 4):
        house.say(_event(MARA, count))
        house.settle(listener)
    assert house.parked() == [("waiting", "SequenceGap"), ("retrying", "Rejected"), ("queued", None)]

    ears.rejected.clear()
    house.clock.pass_seconds(2)
    house.settle(listener)

    assert house.heard() == [1, 2, 3, 4]


def test_a_group_that_begins_on_a_trimmed_log_takes_up_a_story_where_it_is(house: House) -> None:
    for count in (40, 41, 42):
        house.say(_event(MARA, count))
    house.log.trim(TOPIC, {p: min(end, 1) for p, end in house.log.end_offsets(TOPIC).items()})

    house.settle(house.listener())

    assert house.heard() == [41, 42]


def test_on_a_whole_log_a_new_story_begins_with_its_first_event(house: House) -> None:
    listener = house.listener()
    house.say(_event(MARA, 2))
    house.settle(listener)
    assert house.heard() == []

    house.say(_event(MARA, 1))
    house.settle(listener)

    assert house.heard() == [1, 2]


def test_an_old_event_under_a_new_id_is_dropped(house: House) -> None:
    house.say(_event(MARA, 1))
    house.say(_event(MARA, 2))
    house.say(_event(MARA, 1))

    house.settle(house.listener())

    assert house.heard() == [1, 2]


def test_ignored_types_are_no_gaps(house: House) -> None:
    house.say(_event(MARA, 1))
    house.say(replace(_event(MARA, 2), kind="count.recounted.v1"))
    house.say(replace(_event(MARA, 3), kind="count.raised.v99"))
    house.say(_event(MARA, 4))

    house.settle(house.listener())

    assert house.heard() == [1, 4]
    assert house.parked() == []


def test_an_unknown_field_from_the_future_disturbs_nobody(house: House) -> None:
    house.say(_event(MARA, 1, mood="from the future"))

    house.settle(house.listener())

    assert house.heard() == [1]


def test_a_poison_event_stops_its_own_key_and_is_retried_with_growing_pauses(house: House) -> None:
    ears = Ears((MARA, 2))
    listener = house.listener(ears.hears)
    for client, count in ((MARA, 1), (MARA, 2), (NOOR, 1), (MARA, 3), (NOOR, 2)):
        house.say(_event(client, count))

    house.settle(listener)

    assert (house.heard(MARA), house.heard(NOOR)) == ([1], [1, 2])
    assert house.parked() == [("retrying", "Rejected"), ("queued", None)]
    attempts = []
    for pause in (1, 5, 30, 120, 600):
        house.clock.pass_seconds(pause * 0.7)
        assert listener.step() == 0, "not before its time"
        house.clock.pass_seconds(pause * 0.6)
        house.settle(listener)
        attempts.append(house.rows("SELECT attempts FROM parked_events ORDER BY id LIMIT 1")[0]["attempts"])
    assert attempts == [2, 3, 4, 5, 6]
    assert house.parked()[0] == ("waiting", "Rejected")


def test_a_parked_key_goes_on_in_order_once_its_event_succeeds(house: House) -> None:
    ears = Ears((MARA, 2))
    listener = house.listener(ears.hears)
    for count in (1, 2, 3):
        house.say(_event(MARA, count))
    house.settle(listener)

    ears.rejected.clear()
    house.say(_event(MARA, 4))
    house.clock.pass_seconds(2)
    house.settle(listener)
    house.say(_event(MARA, 5))
    house.settle(listener)

    assert house.heard() == [1, 2, 3, 4, 5]
    assert house.rows("SELECT * FROM parked_keys") == []


def test_what_is_kept_of_an_error_names_the_place_and_no_value(house: House) -> None:
    house.say(_event(MARA, 1))
    house.settle(house.listener(Ears((MARA, 1)).hears))

    kept = house.rows("SELECT error_class, error FROM parked_events")[0]
    assert kept["error_class"] == "Rejected"
    assert "test_consumer.py" in kept["error"]
    assert "Mara" not in kept["error"]


@pytest.mark.parametrize(
    ("broken", "error_class"),
    [
        ({"value": b"{not json"}, "Undecodable"),
        ({"value": b"[1, 2]"}, "Undecodable"),
        ({"value": None}, "Undecodable"),
        ({"value": b""}, "Undecodable"),
        ({"headers": ()}, "Undecodable"),
        ({"value": b'{"client_id": "nobody", "count": 1}'}, "ValidationError"),
        ({"value": b'{"count": 1}'}, "ValidationError"),
        ({"value": b'{"client_id": "\\u0000\\ud800", "count": "1"}'}, "Undecodable"),
    ],
)
def test_what_cannot_be_read_waits_for_a_person_at_once(
    house: House, broken: Mapping[str, object], error_class: str
) -> None:
    whole = to_record(_event(MARA, 1), new_trace())
    house.append(replace(whole, **broken))  # type: ignore[arg-type]
    house.say(_event(MARA, 2))
    house.say(_event(NOOR, 1))

    house.settle(house.listener())

    assert house.heard() == [1]  # Noor's
    assert house.parked() == [("waiting", error_class), ("queued", None)]


def test_a_structured_event_with_half_a_character_in_its_id_waits_for_a_person(house: House) -> None:
    value = (
        b'{"specversion": "1.0", "id": "\\ud800", "source": "/counting", "type": "rapport.counting.count.raised.v1", '
        b'"subject": "counter/1", "time": "2026-03-02T09:00:00+00:00", "data": {}}'
    )
    house.append(NewRecord(str(MARA).encode(), value, (("content-type", "application/cloudevents+json"),)))

    house.settle(house.listener())

    assert house.parked() == [("waiting", "Undecodable")]


def test_a_malformed_event_without_a_key_stops_nobody(house: House) -> None:
    house.append(NewRecord(None, b"?", ()))
    house.say(_event(MARA, 1))

    house.settle(house.listener())

    assert house.heard() == [1]
    assert house.rows("SELECT * FROM parked_keys") == []
    assert house.parked() == [("waiting", "Undecodable")]


def test_a_lost_database_is_nobodys_fault_and_skips_nothing(house: House) -> None:
    away = True

    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        if away and message.data["count"] == 2:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        count_raised(tx, message, now=now)

    listener = house.listener({COUNT_RAISED: hears})
    for count in (1, 2, 3):
        house.say(_event(MARA, count))
    with pytest.raises(psycopg.OperationalError):
        listener.step()
    assert (house.heard(), house.parked()) == ([], [])

    away = False
    house.settle(listener)

    assert house.heard() == [1, 2, 3]


def test_effects_without_a_committed_offset_are_not_repeated_by_the_next_member(house: House) -> None:
    for count in (1, 2, 3):
        house.say(_event(MARA, count))
    house.settle(house.listener())
    house.close()
    house.log.reset(GROUP, TOPIC, house.log.start_offsets(TOPIC))

    house.settle(house.listener())

    assert house.heard() == [1, 2, 3]


def test_the_worker_stops_when_twenty_keys_are_parked(house: House) -> None:
    clients = [uuid7() for _ in range(25)]
    listener = house.listener(Ears(*((client, 1) for client in clients)).hears)
    for n, client in enumerate(clients):
        house.say(_event(client, 1))
        house.say(_event(MARA, n + 1))  # successes between, so that no other limit is reached first

    with pytest.raises(TooManyParked, match="20 keys"):
        house.settle(listener)

    assert len(house.parked()) == 20


def test_the_handlers_trace_continues_the_messages_and_names_its_cause(house: House) -> None:
    traces = []

    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        traces.append((message, tx.trace))

    (told,) = house.count(MARA)
    house.settle(house.teller(), house.listener({COUNT_RAISED: hears}))

    [(message, trace)] = traces
    assert trace.trace_id == message.trace.trace_id
    assert trace.traceparent != message.trace.traceparent  # a span of its own
    assert trace.cause == str(told.id)


def test_a_trimmed_place_is_left_for_the_oldest_event_there_is(house: House) -> None:
    listener = house.listener()
    house.say(_event(MARA, 1))
    house.settle(listener)
    listener.close()
    house.say(_event(MARA, 2))
    house.say(_event(MARA, 3))
    ends = house.log.end_offsets(TOPIC)
    house.log.trim(TOPIC, {p: max(0, end - 1) for p, end in ends.items()})

    house.settle(house.listener())

    assert house.heard() == [1]  # 3 waits for 2, which is gone for good: an operator decides
    assert house.parked() == [("waiting", "SequenceGap")]


def test_many_events_are_handled_in_batches_with_one_commit_each(house: House) -> None:
    records = [to_record(_event(MARA, n), new_trace()) for n in range(1, 251)]
    house.append(*records)
    before = _commits(house)

    house.settle(house.listener())

    assert house.heard() == list(range(1, 251))
    assert _commits(house) - before < 30


class Losing:
    """A log that fails after it took only some of a batch, once."""

    def __init__(self, house: House, *, takes: int) -> None:
        self._log = house.log
        self._takes = takes
        self.failed = False

    def append(self, topic: str, records: Sequence[NewRecord]) -> list[RecordMeta]:
        if not self.failed:
            self.failed = True
            self._log.append(topic, list(reversed(records))[: self._takes])
            raise LogUnavailable("one record timed out")
        return self._log.append(topic, records)

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


def test_after_a_partial_failure_nothing_is_deleted_and_everything_is_sent_again(house: House) -> None:
    log = Losing(house, takes=3)
    teller, listener = house.teller(log), house.listener()  # type: ignore[arg-type]
    house.count(MARA)
    house.count(NOOR, MARA, MARA, MARA)

    with pytest.raises(Exception, match="timed out"):
        teller.step()
    assert house.outbox() == (5, 0)
    house.settle(listener)
    house.settle(teller, listener)

    assert house.outbox() == (0, 5)
    assert (house.heard(MARA), house.heard(NOOR)) == ([1, 2, 3, 4], [1])


def _event(client: UUID, count: int, **more: object) -> Event:
    return Event(
        service="counting",
        kind="count.raised.v1",
        subject=f"counter/{client}",
        key=client,
        sequence=count,
        time=datetime.fromisoformat("2026-03-02T09:00:00+00:00"),
        data={"client_id": client, "count": count, **more},
    )


def _commits(house: House) -> int:
    row = house.rows(
        "SELECT pg_stat_clear_snapshot(), xact_commit FROM pg_stat_database WHERE datname = 'rapport_mirror'"
    )
    return int(row[0]["xact_commit"])
