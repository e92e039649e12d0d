"""What one event, one job, one partition or one wrong clock does, it does to itself: all others go on."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import LiteralString

import psycopg
import pytest

from shared.database import Tx
from shared.envelope import Message, to_record
from shared.eventlog.interface import LogError, NewRecord, Subscription, TopicPartition
from shared.heartbeat import Heartbeats
from shared.ids import uuid7
from shared.jobs import Jobs
from shared.metrics_pipeline import PipelineMetrics
from shared.parking import operator
from shared.parking.schedule import MAX_KEYS
from shared.readiness import worker_checks
from shared.service import Job
from shared.trace import new_trace
from shared.worker import ServiceWorker
from tests.faults.counting import COUNT_RAISED
from tests.faults.mirror import count_raised
from tests.shared.pipeline.house import MARA, NOOR, TOPIC, House
from tests.shared.pipeline.test_consumer import Ears, Rejected, _event


def test_a_job_that_waits_for_a_lock_holds_up_no_other(house: House) -> None:
    ran: list[datetime] = []
    metrics = PipelineMetrics()

    def waits(tx: Tx, now: datetime) -> None:
        tx.execute("INSERT INTO effect (client, count, event_id) VALUES (%s, 1, 'job')", (MARA,))

    jobs = Jobs(
        "mirror",
        [
            Job("waits", timedelta(seconds=0.1), waits),
            Job("runs", timedelta(seconds=0.1), lambda tx, now: ran.append(now)),
        ],
        house.mirror,
        lambda: house.clock() + timedelta(seconds=time.monotonic()),
        metrics,
    )
    stop = threading.Event()
    with _held(house, "LOCK TABLE effect IN ACCESS EXCLUSIVE MODE"):
        threads = [threading.Thread(target=loop, args=(stop, _no_beat)) for loop in jobs.loops().values()]
        for thread in threads:
            thread.start()
        assert _until(lambda: len(ran) >= 5, 2.0), "five runs within two seconds, in which the other waits for its lock"
        assert _until(lambda: 'job_failures_total{job="waits",reason="LockNotAvailable"' in _figures(metrics))
    assert _until(lambda: house.heard(MARA) != []), "it runs as soon as it can"
    stop.set()
    for thread in threads:
        thread.join(10)


def test_a_job_that_fails_by_the_database_stops_no_other_and_pauses_longer_each_time(house: House) -> None:
    ran: list[int] = []
    tried: list[datetime] = []

    def times_out(tx: Tx, now: datetime) -> None:
        tried.append(now)
        raise psycopg.errors.QueryCanceled

    jobs = Jobs(
        "mirror",
        [
            Job("times out", timedelta(minutes=1), times_out),
            Job("runs", timedelta(minutes=1), lambda tx, now: _add(ran)),
        ],
        house.mirror,
        house.clock,
        PipelineMetrics(),
    )
    for _ in range(600):
        jobs.run_due()
        house.clock.pass_seconds(1)

    assert len(ran) == 10
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(tried)]
    assert pauses[0] == 1
    assert 5 < max(pauses) <= 11
    assert jobs.late() == ["times out"]


def test_a_late_job_shows_in_readiness_and_figures(house: House) -> None:
    def fails(tx: Tx, now: datetime) -> None:
        raise Rejected

    service = replace(house.listener().service, jobs=(Job("fails", timedelta(minutes=1), fails),))
    worker = ServiceWorker(
        service,
        database=house.mirror,
        relay_url=house.mirror_urls.relay,
        sealer_url=house.mirror_urls.sealer,
        log=house.log,
        clock=house.clock,
        beats=Heartbeats(),
    )
    house.workers.append(worker)
    for _ in range(4):
        house.settle(worker)
        house.clock.pass_seconds(31)

    checks = {check.name: check for check in (ask() for ask in worker_checks(house.mirror, worker))}
    assert (checks["jobs"].state, checks["jobs"].detail) == ("degraded", "late: fails")
    assert 'job_overdue_seconds{job="fails",service="mirror"} 124.0' in _figures(worker.metrics)


@pytest.mark.parametrize(
    "record",
    [
        NewRecord(os.urandom(3000), b"?", ()),
        NewRecord(os.urandom(3000), b"x" * 900_000, ()),
        NewRecord(b"k", b"?" * 900_000, ()),
        NewRecord(b"\x00\xff", b"?", (("h\x00" * 1000, "\x00" * 50_000),)),
        NewRecord(b"k", None, tuple((f"h{n}", "v") for n in range(5000))),
        NewRecord(b"k", b"[" * 500_000, (("content-type", "application/cloudevents+json"),)),
        NewRecord(b"", b"?", ()),
    ],
    ids=["long key", "long key, large", "large", "nul", "many headers", "deep", "empty key"],
)
def test_whatever_a_stranger_writes_is_parked_and_stops_nobody(house: House, record: NewRecord) -> None:
    house.append(record, record)
    house.say(_event(MARA, 1))
    listener = house.listener()

    house.settle(listener)

    assert house.heard() == [1]
    assert house.parked()[0] == ("waiting", "Undecodable")
    kept = house.rows("SELECT max(octet_length(headers) + coalesce(octet_length(value), 0)) AS n FROM parked_events")
    assert kept[0]["n"] <= 128 * 1024
    with house.mirror.transaction() as tx:
        for event in operator.list_parked(tx):
            operator.retry(tx, event.id, by="dana", now=house.clock())
    house.settle(listener)
    assert house.parked()[0] == ("waiting", "Undecodable"), "read again, from the log where it is too large to be kept"


def test_an_event_too_large_to_be_kept_is_read_from_the_log_again_and_only_if_it_is_the_same(house: House) -> None:
    ears = Ears((MARA, 1), (NOOR, 1))
    listener = house.listener(ears.hears)
    for client in (MARA, NOOR):
        record = to_record(_event(client, 1), new_trace())
        house.append(replace(record, value=(record.value or b"") + b" " * 200_000))
    house.settle(listener)
    assert {state for state, _ in house.parked()} == {"retrying"}
    with house.mirror.transaction() as tx:
        tx.execute("UPDATE parked_events SET digest = 'other' WHERE key = %s", (str(NOOR).encode(),))

    ears.rejected.clear()
    house.clock.pass_seconds(2)
    house.settle(listener)

    assert (house.heard(MARA), house.heard(NOOR)) == ([1], [])
    assert sorted(house.parked()) == [("done", "Rejected"), ("waiting", "OriginalGone")]


@pytest.mark.parametrize("error", [psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable])
def test_an_event_that_always_times_out_is_parked_and_its_attempts_are_counted(
    house: House, error: type[Exception]
) -> None:
    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        if message.key == str(MARA):
            raise error
        count_raised(tx, message, now=now)

    listener = house.listener({COUNT_RAISED: hears})
    house.say(_event(MARA, 1))
    house.say(_event(NOOR, 1))
    house.settle(listener)

    assert house.heard() == [1]
    assert house.parked() == [("retrying", error.__name__)]
    for pause in (1, 5, 30, 120, 600):
        house.clock.pass_seconds(pause * 1.3)
        house.settle(listener)
    assert house.parked() == [("waiting", error.__name__)]


def test_an_event_over_which_the_connection_is_lost_each_time_is_parked_after_some_attempts(house: House) -> None:
    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        if message.key == str(MARA):
            tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        count_raised(tx, message, now=now)

    listener = house.listener({COUNT_RAISED: hears})
    house.say(_event(MARA, 1))
    house.say(_event(NOOR, 1))
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            listener.step()
    house.settle(listener)

    assert house.heard() == [1]
    for pause in (1, 5, 30, 120, 600):
        house.clock.pass_seconds(pause * 1.3)
        with pytest.raises(psycopg.OperationalError):
            listener.step()
    house.settle(listener)
    assert house.parked() == [("waiting", "AdminShutdown")]


def test_on_a_log_made_anew_an_old_parked_row_hides_no_event(house: House) -> None:
    ears = Ears((MARA, 1))
    listener = house.listener(ears.hears)
    house.say(_event(MARA, 1))
    house.settle(listener)
    with house.mirror.transaction() as tx:
        [event] = operator.list_parked(tx)
        operator.skip(tx, event.id, by="dana", reason="By hand.", now=house.clock())
    listener.close()

    _make_log_anew(house)
    listener = house.listener(ears.hears)
    ears.rejected = {(MARA, 2)}
    house.say(_event(MARA, 2))
    house.settle(listener)

    assert house.parked() == [("skipped", "Rejected"), ("retrying", "Rejected")]
    ears.rejected.clear()
    house.clock.pass_seconds(2)
    house.settle(listener)
    assert house.heard() == [2]


def test_what_was_parked_is_known_again_on_the_log_that_was_made_anew(house: House) -> None:
    ears = Ears((MARA, 1))
    listener = house.listener(ears.hears)
    first, noor = _event(MARA, 1), _event(NOOR, 1)
    house.say(first)
    house.settle(listener)
    listener.close()

    _make_log_anew(house)
    for event in (noor, first):  # refilled, in another order
        house.say(event)
    listener = house.listener(ears.hears)
    house.settle(listener)
    ears.rejected.clear()
    house.clock.pass_seconds(2)
    house.settle(listener)

    assert (house.heard(MARA), house.heard(NOOR)) == ([1], [1])
    assert {state for state, _ in house.parked()} == {"done"}


def test_on_a_log_trimmed_later_a_new_story_still_begins_with_its_first_event(house: House) -> None:
    listener = house.listener()
    house.say(_event(MARA, 1))
    house.settle(listener)
    house.log.trim(TOPIC, house.log.end_offsets(TOPIC))

    house.say(_event(NOOR, 2), key=MARA)  # on the partition that was trimmed
    house.settle(listener)
    assert (house.heard(NOOR), house.parked()) == ([], [("waiting", "SequenceGap")])
    house.say(_event(NOOR, 1), key=MARA)
    house.settle(listener)

    assert house.heard(NOOR) == [1, 2]


def test_what_comes_before_the_place_where_a_story_was_taken_up_waits_for_a_person(house: House) -> None:
    house.say(_event(MARA, 39))
    house.log.trim(TOPIC, house.log.end_offsets(TOPIC))
    listener = house.listener()
    house.say(_event(MARA, 41))
    house.settle(listener)
    assert house.heard() == [41]

    house.say(_event(MARA, 40))
    house.settle(listener)

    assert (house.heard(), house.parked()) == ([41], [("waiting", "BeforeBeginning")])


def test_a_retry_set_by_a_clock_that_was_wrong_does_not_wait_for_that_time(house: House) -> None:
    ears = Ears((MARA, 1))
    listener = house.listener(ears.hears)
    house.clock.pass_seconds(3600)
    house.say(_event(MARA, 1))
    house.settle(listener)
    house.clock.pass_seconds(-3600)

    ears.rejected.clear()
    house.settle(listener)

    assert house.heard() == [1]


def test_archived_events_dated_ahead_are_moved_and_the_upkeep_goes_on(house: House) -> None:
    house.count(MARA)
    house.settle(house.teller())
    with psycopg.connect(house.counting_urls.owner, autocommit=True) as owner:
        for (part,) in owner.execute(
            "SELECT c.oid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = inhrelid "
            "WHERE inhparent = 'outbox_archive'::regclass AND c.relname <> 'outbox_archive_rest'"
        ).fetchall():
            owner.execute(f"DROP TABLE {part}")
        owner.execute(
            "CREATE TABLE outbox_archive_20250101 PARTITION OF outbox_archive "
            "FOR VALUES FROM ('2025-01-01') TO ('2025-01-02')"
        )
        owner.execute("UPDATE outbox_archive SET published_at = now() + interval '3 days'")  # the clock was ahead

        assert owner.execute("SELECT outbox_archive_upkeep()").fetchone() == (1,)
        assert owner.execute("SELECT outbox_archive_upkeep()").fetchone() == (0,)
        assert owner.execute("SELECT count(*) FROM outbox_archive_rest").fetchone() == (0,)
        assert owner.execute("SELECT count(*) FROM outbox_archive").fetchone() == (1,)
        assert owner.execute("SELECT to_regclass('outbox_archive_20250101')").fetchone() == (None,)
    house.count(MARA)
    house.settle(house.teller())
    assert house.outbox() == (0, 2)


def test_a_trail_dated_ahead_stops_neither_its_upkeep_nor_the_sealer(house: House) -> None:
    with psycopg.connect(house.mirror_urls.sealer, autocommit=True) as sealer:
        sealer.execute(
            "INSERT INTO audit "
            "(no, at, actor, roles, purpose, source, action, about, fields, trace_id, previous, hash) "
            "VALUES (1, '2041-03-05', 'x', '{}', 'x', 'x', 'x', '{}', '{}', 'x', '', '')"
        )
        sealer.execute("SELECT audit_upkeep('2041-02-01')")
        sealer.execute("SELECT audit_upkeep('2041-03-01')")
        made = sealer.execute("SELECT to_regclass('audit_204102') IS NOT NULL, to_regclass('audit_204106') IS NOT NULL")
        assert made.fetchone() == (True, True)


class Taking:
    """The real log; its subscription loses one partition between the question who holds it and the seek."""

    def __init__(self, house: House) -> None:
        self._log = house.log
        self.takes: set[TopicPartition] = set()

    def subscribe(self, group: str, topics: list[str]) -> "Taking.Taken":
        return Taking.Taken(self, self._log.subscribe(group, topics))

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    class Taken:
        def __init__(self, outer: "Taking", subscription: Subscription) -> None:
            self._outer = outer
            self._subscription = subscription

        def seek(self, partition: TopicPartition, offset: int) -> None:
            if partition in self._outer.takes:
                raise LogError("the partition was taken from this reader meanwhile")
            self._subscription.seek(partition, offset)

        def __getattr__(self, name: str) -> object:
            return getattr(self._subscription, name)


def test_a_partition_that_is_taken_away_keeps_no_other_from_being_read_again(house: House) -> None:
    away = True

    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        if away:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        count_raised(tx, message, now=now)

    clients = [uuid7() for _ in range(30)]
    for client in clients:
        house.say(_event(client, 1))
    taking = Taking(house)
    listener = house.listener({COUNT_RAISED: hears}, log=taking)  # type: ignore[arg-type]
    first = _first_polled(house)
    taking.takes = {first}

    with pytest.raises(psycopg.OperationalError):
        listener.step()
    away = False
    house.settle(listener)

    ends = house.log.end_offsets(TOPIC)
    assert len(house.heard()) == 30 - ends[first[1]], "all of the others"


def test_too_many_parked_stop_the_consumer_alone_until_something_is_resolved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.consumer.LOOK_SECONDS", 0.1)
    clients = [uuid7() for _ in range(45)]
    ears = Ears(*((client, 1) for client in clients))
    for n, client in enumerate(clients):
        house.say(_event(client, 1))
        house.say(_event(MARA, n + 1))
    listener = house.listener(ears.hears)
    checks = worker_checks(house.mirror, listener)[3]
    stop = threading.Event()
    running = threading.Thread(target=listener.run, args=(stop,))
    running.start()
    try:
        assert _until(lambda: checks().state == "failing")
        assert running.is_alive()
        assert len(house.parked()) == MAX_KEYS
        assert 'event_consumer_stopped{group="rapport.mirror"} 1.0' in _figures(listener.metrics)
        ears.rejected.clear()  # the release that can do it
        house.clock.pass_seconds(2)
        assert _until(lambda: len(house.heard()) == 90, 20)
        assert _until(lambda: checks().state == "ok")
    finally:
        stop.set()
        running.join(30)
    assert not running.is_alive()


def test_who_holds_nothing_up_is_not_reported(house: House) -> None:
    listener = house.listener()
    house.settle(listener)

    assert [check().state for check in worker_checks(house.mirror, listener)] == ["ok", "failing", "ok", "ok", "ok"]


@contextmanager
def _held(house: House, lock: LiteralString) -> Iterator[None]:
    with psycopg.connect(house.mirror_urls.owner) as owner:
        owner.execute(lock)
        yield


def _make_log_anew(house: House) -> None:
    with psycopg.connect(house.mirror_urls.log, autocommit=True) as connection:
        for table in ("members", "offsets", "log"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE heads SET next_off = 0, start_off = 0, last_ts = '-infinity'")


def _first_polled(house: House) -> TopicPartition:
    ends = house.log.end_offsets(TOPIC)
    return TOPIC, next(partition for partition, end in sorted(ends.items()) if end)


def _figures(metrics: PipelineMetrics) -> str:
    return metrics.metrics.exposition().decode()


def _until(happens: Callable[[], bool], seconds: float = 10) -> bool:
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < deadline:
        if happens():
            return True
        pause.wait(0.02)
    return False


def _no_beat(_lasts: float) -> None:
    """Nobody watches."""


def _add(to: list[int]) -> None:
    to.append(1)
