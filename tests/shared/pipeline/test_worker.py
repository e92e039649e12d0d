"""The worker: relay leadership, supervised threads, jobs, health, metrics."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import psycopg
import pytest

from shared.clock import utc_now
from shared.database import Tx
from shared.envelope import Message
from shared.eventlog.interface import LogUnavailable, NewRecord, RecordMeta
from shared.faults import Backoff
from shared.health import Health, HealthServer
from shared.heartbeat import Heartbeats
from shared.jobs import Jobs
from shared.metrics_pipeline import PIPELINE_METRICS, PipelineMetrics
from shared.parking.schedule import Limits, TooManyParked
from shared.readiness import worker_checks
from shared.relay import Relay
from shared.scope import system_scope
from shared.security.audit import record
from shared.service import Job
from shared.worker import ServiceWorker, WorkerDied
from tests.faults.counting import COUNT_RAISED, COUNTING, count_and_tell
from tests.faults.mirror import mirror
from tests.shared.pipeline.house import MARA, NOOR, House


class FlakyLog:
    """The real log, away whenever a test says so."""

    def __init__(self, house: House) -> None:
        self._log = house.log
        self.away = False

    def append(self, topic: str, records: Sequence[NewRecord]) -> list[RecordMeta]:
        if self.away:
            raise LogUnavailable("no answer")
        return self._log.append(topic, records)

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)


def test_one_relay_works_and_another_stands_by_until_it_is_gone(house: House) -> None:
    first = Relay("counting", house.counting_urls.relay, house.log, PipelineMetrics())
    second = Relay("counting", house.counting_urls.relay, house.log, PipelineMetrics())
    house.count(MARA)
    assert first.drain_once() == 1

    house.count(MARA)
    assert second.drain_once() == 0
    first.close()

    assert _until(lambda: second.drain_once() == 1)
    second.close()


def test_a_relay_whose_session_was_ended_can_neither_delete_nor_archive(house: House) -> None:
    relay = Relay("counting", house.counting_urls.relay, house.log, PipelineMetrics())
    house.count(MARA)
    assert relay.drain_once() == 1
    house.count(MARA)
    _end_sessions(house, "counting relay")

    with pytest.raises(psycopg.OperationalError):
        relay.drain_once()

    assert house.outbox() == (1, 1)
    assert _until(lambda: relay.drain_once() == 1)  # it connects and leads again
    relay.close()


def test_a_log_that_is_away_holds_nothing_up_but_the_relay(house: House) -> None:
    log = FlakyLog(house)
    teller = house.teller(log)  # type: ignore[arg-type]
    log.away = True
    house.count(MARA, NOOR)
    with pytest.raises(LogUnavailable):
        teller.step()
    house.count(MARA)  # writes go on

    log.away = False
    house.settle(teller, house.listener())

    assert (house.heard(MARA), house.heard(NOOR)) == ([1, 2], [1])
    assert house.outbox() == (0, 3)


def test_the_audit_trail_is_sealed_also_while_the_log_is_away(house: House) -> None:
    log = FlakyLog(house)
    log.away = True
    with house.counting.transaction() as tx:
        count_and_tell(tx, MARA, now=house.clock())
        record(tx, system_scope("test"), "counter.raised", about=[MARA], now=house.clock())
    stop = threading.Event()
    running = threading.Thread(target=house.teller(log).run, args=(stop,))  # type: ignore[arg-type]
    running.start()

    try:
        with psycopg.connect(house.counting_urls.sealer, autocommit=True) as sealer:
            assert _until(lambda: sealer.execute("SELECT no FROM audit_head").fetchone() == (1,))
    finally:
        stop.set()
        running.join(30)
    assert house.outbox() == (1, 0)


def test_a_large_batch_is_moved_in_pieces_that_fit(house: House) -> None:
    with house.counting.transaction() as tx:
        for _ in range(1200):
            count_and_tell(tx, MARA, now=house.clock())
    relay = Relay("counting", house.counting_urls.relay, house.log, PipelineMetrics())

    sizes = [relay.drain_once() for _ in range(4)]
    relay.close()

    assert sizes == [500, 500, 200, 0]


def test_running_threads_carry_an_event_from_commit_to_effect_in_well_under_a_second(house: House) -> None:
    teller = ServiceWorker(
        COUNTING,
        database=house.counting,
        relay_url=house.counting_urls.relay,
        sealer_url=house.counting_urls.sealer,
        log=house.log,
        clock=utc_now,
    )
    listener = ServiceWorker(
        mirror(),
        database=house.mirror,
        relay_url=house.mirror_urls.relay,
        sealer_url=house.mirror_urls.sealer,
        log=house.log,
        clock=utc_now,
    )
    stop = threading.Event()
    threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in (teller, listener)]
    for thread in threads:
        thread.start()
    try:
        house.count(MARA)
        assert _until(lambda: house.heard() == [1])
        took = []
        for count in range(2, 6):
            began = time.monotonic()
            house.count(MARA)
            assert _until(lambda n=count: house.heard()[-1] == n)  # type: ignore[misc]
            took.append(time.monotonic() - began)
        assert min(took) < 0.5, "woken by notification, not found by the look of each second"
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def test_a_dead_thread_ends_the_worker(house: House) -> None:
    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        raise SystemExit("the thread is gone")

    house.count(MARA)
    house.settle(house.teller())
    listener = house.listener({COUNT_RAISED: hears})

    with pytest.raises(WorkerDied, match="consumer: SystemExit"):
        listener.run(threading.Event())


def test_twenty_failures_in_a_row_on_one_partition_are_too_many() -> None:
    limits = Limits()
    for _ in range(19):
        limits.failed(("t", 0), 1)
        limits.failed(("t", 1), 1)
        limits.succeeded(("t", 1))

    with pytest.raises(TooManyParked, match="in a row"):
        limits.failed(("t", 0), 1)


def test_a_fifth_of_the_last_two_hundred_events_is_too_many() -> None:
    limits = Limits()
    limits.succeeded("t", 161)
    for n in range(39):
        limits.failed(n, 1)  # 39 of 200
    limits.succeeded("t")

    with pytest.raises(TooManyParked, match="40 of the last 200"):
        limits.failed("t", 1)


def test_pauses_grow_to_their_limit_and_begin_small_again() -> None:
    backoff = Backoff()
    pauses = [backoff.next() for _ in range(12)]
    backoff.reset()

    assert 0.1 < pauses[0] <= 0.2
    assert 20 < pauses[-1] <= 30
    assert backoff.next() <= 0.2


def test_a_job_runs_when_its_time_has_come_and_by_one_worker_alone(house: House) -> None:
    ran = []
    job = Job("count", timedelta(minutes=10), lambda tx, now: ran.append(now))
    one, other = (Jobs("mirror", [job], house.mirror, house.clock, PipelineMetrics()) for _ in range(2))

    assert (one.run_due(), other.run_due(), one.run_due()) == (1, 0, 0)
    house.clock.pass_seconds(601)
    assert (other.run_due(), one.run_due()) == (1, 0)
    assert len(ran) == 2


def test_a_failing_job_is_rolled_back_tried_again_and_stops_no_other(house: House) -> None:
    def fails(tx: Tx, now: datetime) -> None:
        tx.execute("INSERT INTO effect (client, count, event_id) VALUES (%s, 1, 'job')", (MARA,))
        raise ValueError

    ran = []
    jobs = Jobs(
        "mirror",
        [Job("fails", timedelta(hours=1), fails), Job("runs", timedelta(hours=1), lambda tx, now: ran.append(now))],
        house.mirror,
        house.clock,
        PipelineMetrics(),
    )

    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    house.clock.pass_seconds(61)
    assert jobs.run_due() == 0  # tried, failed again

    assert house.heard() == []
    assert len(ran) == 1


def test_the_archive_gets_its_partitions_ahead_and_old_inbox_ids_are_forgotten(house: House) -> None:
    house.count(MARA)
    teller, listener = house.teller(), house.listener()
    house.settle(teller, listener)
    assert house.rows("SELECT count(*) AS n FROM inbox") == [{"n": 1}]

    house.clock.pass_seconds(timedelta(days=408).total_seconds())
    house.settle(teller, listener)

    assert house.rows("SELECT count(*) AS n FROM inbox") == [{"n": 0}]
    parts = "SELECT count(*) AS n FROM pg_inherits WHERE inhparent = 'outbox_archive'::regclass"
    assert house.rows(parts) == [{"n": 4}]


def test_a_loop_without_a_beat_makes_the_process_not_alive(house: House) -> None:
    now = [0.0]
    beats = Heartbeats(lambda: now[0])
    beat = beats.of("mirror consumer")
    health = Health("mirror", beats=beats, checks=[], metrics=PipelineMetrics().metrics, clock=house.clock)

    now[0] = 29
    assert health.alive()[0] == 200
    now[0] = 31
    assert health.alive() == (503, {"service": "mirror", "state": "failing", "late": ["mirror consumer"]})
    beat(90)
    now[0] = 120
    assert health.alive()[0] == 200


def test_the_health_endpoints_tell_life_readiness_and_figures(house: House) -> None:
    house.count(MARA, MARA)
    house.settle(house.teller())
    listener = house.listener()
    house.settle(listener)
    health = Health(
        "mirror",
        beats=listener.beats,
        checks=worker_checks(house.mirror, listener),
        metrics=listener.metrics.metrics,
        clock=house.clock,
    )
    server = HealthServer(health, host="127.0.0.1", port=0)
    server.start()
    try:
        assert _get(server, "/livez")[0] == 200
        status, body = _get(server, "/readyz")
        checks = {check["name"]: check["state"] for check in json.loads(body)["checks"]}
        # no vault in this test
        assert (status, checks) == (
            503,
            {"database": "ok", "keys": "failing", "log": "ok", "consumer": "ok", "jobs": "ok"},
        )
        assert _get(server, "/elsewhere")[0] == 404
        figures = _get(server, "/metrics")[1]
    finally:
        server.close()
    assert (
        'events_consumed_total{event_type="rapport.counting.count.raised.v1",group="rapport.mirror",outcome="ok"} 2.0'
        in figures
    )
    assert 'event_consumer_lag_events{group="rapport.mirror",partition="0",topic="rapport.counting"} 0.0' in figures
    assert 'parked_keys{group="rapport.mirror"} 0.0' in figures
    told = {line.split()[2] for line in figures.splitlines() if line.startswith("# TYPE")}
    assert told >= {metric.name for metric in PIPELINE_METRICS}


def test_parked_events_and_gaps_show_in_the_figures(house: House) -> None:
    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        if message.key == str(MARA):
            raise ValueError

    house.count(MARA, MARA, NOOR, NOOR)
    with psycopg.connect(house.counting_urls.owner) as connection:
        connection.execute("DELETE FROM outbox WHERE aggregateid = %s AND aggregate_version = 1", (str(NOOR),))
    listener = house.listener({COUNT_RAISED: hears})
    house.settle(house.teller(), listener)

    figures = listener.metrics.metrics.exposition().decode()
    assert 'parked_events{group="rapport.mirror",state="retrying"} 1.0' in figures
    assert 'parked_events{group="rapport.mirror",state="waiting"} 0.0' in figures
    assert 'event_sequence_gaps{group="rapport.mirror"} 1.0' in figures
    assert 'parked_total{group="rapport.mirror",reason="error"} 1.0' in figures


def _get(server: HealthServer, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _until(happens: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        if happens():
            return True
        pause.wait(0.01)
    return False


def _end_sessions(house: House, name: str) -> None:
    with psycopg.connect(house.counting_urls.relay, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (name,)
        )
