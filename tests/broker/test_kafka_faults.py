"""What happens on Kafka when its brokers are killed, away, or refuse part of a batch."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.eventlog.connect import open_log
from shared.eventlog.interface import LogError, LogUnavailable, NewRecord, RecordTooLarge
from shared.eventlog.kafka import KafkaLog, kafka_log
from shared.eventlog.kafka.settings import Patience
from tests.broker.fixture import refuse_or_skip
from tests.broker.reading import first_sights, following, new_name, numbered, poll_until, read, read_all, values

if TYPE_CHECKING:
    from deploy.kafka.broker import Broker

pytestmark = pytest.mark.kafka

HASTY = Patience(append=6.0, session=3.0)


@pytest.fixture
def log(kafka_url: str) -> Iterator[KafkaLog]:
    opened = kafka_log(kafka_url, name="faults")
    yield opened
    opened.close()


@contextmanager
def own_broker(in_ci: bool, nodes: int = 1) -> Iterator["Broker"]:
    """A broker that a test may kill."""
    from deploy.kafka.broker import Broker
    from deploy.kafka.jars import BrokerFailed

    with tempfile.TemporaryDirectory(prefix="rapport-kafka-") as folder:
        broker = Broker(Path(folder), nodes=nodes)
        try:
            broker.start()
        except BrokerFailed as problem:
            refuse_or_skip(str(problem), in_ci=in_ci)
        try:
            yield broker
        finally:
            broker.stop()


@pytest.fixture(scope="module")
def broker(in_ci: bool) -> Iterator["Broker"]:
    with own_broker(in_ci) as started:
        yield started


def test_a_batch_is_not_all_or_nothing_on_kafka(log: KafkaLog, kafka_url: str) -> None:
    from kafka import KafkaAdminClient
    from kafka.admin import ConfigResource, ConfigResourceType

    topic = new_name("rapport.partial")
    log.create_topic(topic)
    admin = KafkaAdminClient(bootstrap_servers=kafka_url.removeprefix("kafka://"))
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": "2000"})])
    admin.close()
    until = time.monotonic() + 10
    while time.monotonic() < until:  # the setting reaches the partitions a moment after the answer
        try:
            log.append(topic, [NewRecord(b"foobar", bytes(3000))])
        except RecordTooLarge:
            break
    before = sum(log.end_offsets(topic).values())

    with pytest.raises(RecordTooLarge):
        log.append(topic, [NewRecord(b"21", b"small"), NewRecord(b"foobar", bytes(3000))])

    assert sum(log.end_offsets(topic).values()) == before + 1


def test_a_strangers_header_does_not_stop_the_reader(log: KafkaLog, kafka_url: str) -> None:
    from kafka import KafkaProducer

    topic = new_name("rapport.stranger")
    log.create_topic(topic)
    producer = KafkaProducer(bootstrap_servers=kafka_url.removeprefix("kafka://"))
    producer.send(topic, b"v", key=b"k", headers=[("a", b"\xff"), ("b", b"")]).get(10)
    producer.close()

    [record] = read_all(log, topic)

    assert record.headers == (("a", "�"), ("b", ""))


def test_a_partition_taken_between_question_and_seek_is_told_as_such_and_pauses_nobody(
    log: KafkaLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = new_name("rapport.taken")
    log.create_topic(topic, partitions=1)
    log.append(topic, numbered("k", range(1)))
    member = log.subscribe(new_name("readers"), [topic])
    read(member, 1)
    asked_before = member.assignment()
    member._client.unsubscribe()  # as a rebalance does, on the client's own thread
    monkeypatch.setattr(member, "assignment", lambda: asked_before)

    with pytest.raises(LogError, match="taken"):
        member.seek((topic, 0), 0)
    member.pause([(topic, 0)])
    member.resume([(topic, 0)])
    with pytest.raises(LogError):
        member.position((topic, 0))
    member.close()


def test_while_the_broker_is_away_append_fails_in_time_and_poll_waits_quietly(broker: "Broker") -> None:
    log = kafka_log(broker.url, name="away", patience=HASTY)
    topic, group = new_name("rapport.away"), new_name("readers")
    log.create_topic(topic)
    member, newcomer = log.subscribe(group, [topic]), log.subscribe(new_name("readers"), [topic])
    log.append(topic, numbered("k", range(2)))
    records = read(member, 2)
    member.commit(following(records))

    broker.kill()
    began = time.monotonic()
    with pytest.raises(LogUnavailable):
        log.append(topic, numbered("k", range(2, 4)))
    told_after = time.monotonic() - began
    began = time.monotonic()
    found = member.poll(0.5) + newcomer.poll(0.5)
    waited = time.monotonic() - began
    with pytest.raises(LogUnavailable):
        log.end_offsets(topic)
    broker.start()
    log.append(topic, numbered("k", range(2, 4)))

    assert told_after < 9
    assert found == []
    assert 0.9 < waited < 2.5
    assert values(read(member, 2)) == [b"2", b"3"]
    assert len(read(newcomer, 4)) == 4
    member.close()
    newcomer.close()
    log.close()


def test_a_log_opened_before_its_broker_was_there_works_once_it_is(broker: "Broker") -> None:
    topic = new_name("rapport.early")
    with_broker = open_log(broker.url)
    with_broker.create_topic(topic)
    with_broker.close()
    broker.stop()
    log = kafka_log(broker.url, name="early", patience=HASTY)
    threads = threading.active_count()

    for _ in range(3):
        with pytest.raises(LogUnavailable):
            log.append(topic, numbered("k", range(1)))
    left_behind = threading.active_count() - threads
    broker.start()
    log.append(topic, numbered("k", range(1)))

    assert left_behind == 0
    assert values(read_all(log, topic)) == [b"0"]
    log.close()


def test_a_frozen_broker_holds_nobody_for_long(broker: "Broker") -> None:
    log = kafka_log(broker.url, name="frozen", patience=HASTY)
    topic = new_name("rapport.frozen")
    log.create_topic(topic)
    member, newcomer = log.subscribe(new_name("readers"), [topic]), log.subscribe(new_name("readers"), [topic])
    log.append(topic, numbered("k", range(1)))
    seen = read(member, 1)
    pid = broker.nodes[0].pid
    assert pid is not None

    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(LogUnavailable):
            log.append(topic, numbered("k", range(1, 2)))
        append_took = time.monotonic() - began
        began = time.monotonic()
        found = member.poll(0.5)
        poll_took = time.monotonic() - began
        began = time.monotonic()
        found += newcomer.poll(0.5)
        first_poll_took = time.monotonic() - began
    finally:
        os.kill(pid, signal.SIGCONT)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(LogUnavailable):
            log.append(topic, numbered("k", range(1, 2)))
            break
    seen += read(member, 1)

    assert append_took < 9
    assert found == []
    assert poll_took < 5  # far from the half minute that the client itself would wait; a busy machine takes its time
    assert first_poll_took < 5
    assert first_sights(seen) == {b"k": [b"0", b"1"]}
    member.close()
    newcomer.close()
    log.close()


def test_a_broker_killed_twice_under_load_costs_repetitions_but_no_event_and_no_order(broker: "Broker") -> None:
    log = kafka_log(broker.url, name="load", patience=HASTY)
    topic, group = new_name("rapport.load"), new_name("readers")
    log.create_topic(topic)
    batches = [
        [record for key in range(6) for record in numbered(f"client-{key}", range(n * 5, n * 5 + 5))]
        for n in range(100)
    ]
    written = threading.Event()

    def write() -> None:
        for batch in batches:
            until = time.monotonic() + 60
            while time.monotonic() < until:  # as the relay does: the whole batch again until it is there
                with suppress(LogUnavailable):
                    log.append(topic, batch)
                    break
        written.set()

    writer = threading.Thread(target=write)
    seen = []
    distinct: set[tuple[bytes | None, bytes | None]] = set()
    kills = [600, 1800]
    member = log.subscribe(group, [topic])
    writer.start()
    until = time.monotonic() + 120
    while len(distinct) < 3000 and time.monotonic() < until:
        records = member.poll(0.5, 200)
        seen += records
        distinct |= {(record.key, record.value) for record in records}
        with suppress(LogError):
            member.commit(following(records))
        if kills and len(distinct) > kills[0]:
            kills.pop(0)
            broker.kill()
            broker.start()
    writer.join(60)
    member.close()
    log.close()

    assert written.is_set()
    assert kills == []
    assert first_sights(seen) == {f"client-{key}".encode(): [str(n).encode() for n in range(500)] for key in range(6)}


@pytest.mark.faults
def test_a_cluster_of_three_goes_on_without_any_one_of_them(in_ci: bool) -> None:
    with own_broker(in_ci, nodes=3) as cluster:
        log = kafka_log(cluster.url, name="cluster", patience=Patience(append=20.0, session=3.0))
        topic = new_name("rapport.cluster")
        log.create_topic(topic)
        member = log.subscribe(new_name("readers"), [topic])
        log.append(topic, numbered("k", range(10)))
        seen = read(member, 10)

        cluster.kill_node(1)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(LogUnavailable):
                log.append(topic, numbered("k", range(10, 20)))
                break
        seen += poll_until([member], lambda: len(log.end_offsets(topic)) == 6)
        seen += read(member, 10, seconds=60)
        member.close()
        log.close()

    assert first_sights(seen) == {b"k": [str(n).encode() for n in range(20)]}
