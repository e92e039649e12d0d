"""What the log in PostgreSQL promises beyond the contract, and what it does when its server does not answer."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from embedded.postgres import EmbeddedPostgres, new_password
from shared.database.roles import LOG_DATABASE, with_database
from shared.eventlog.interface import EventLog, LogError, LogUnavailable, NewRecord, Record
from shared.eventlog.postgres import LogUser, PostgresLog, migrate_log
from tests.broker.postgres import EVERYTHING, contract_url, url_of
from tests.broker.reading import following, new_name, numbered, poll_until, read, read_all, values
from tests.conftest import FAST_NOT_DURABLE
from tests.databases import test_password


@pytest.fixture
def url(postgres: EmbeddedPostgres) -> str:
    return contract_url(postgres)


@pytest.fixture
def owner(postgres: EmbeddedPostgres, url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The log's tables as an administrator sees them."""
    with psycopg.connect(with_database(postgres.url(), LOG_DATABASE), autocommit=True) as connection:
        yield connection


@pytest.fixture
def log(url: str) -> Iterator[PostgresLog]:
    opened = PostgresLog(url, name="faults")
    yield opened
    opened.close()


@pytest.fixture
def narrow(log: EventLog) -> str:
    name = new_name("rapport.narrow")
    log.create_topic(name, partitions=1)
    return name


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server that these tests may stop, freeze and start again."""
    with tempfile.TemporaryDirectory(prefix="rapport-log-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        try:
            contract_url(server)
            yield server
        finally:
            server.stop()


@pytest.fixture
def fragile(own_server: EmbeddedPostgres) -> Iterator[PostgresLog]:
    """A log on a server that will go away."""
    opened = PostgresLog(contract_url(own_server), name="fragile", seconds=2.0)
    yield opened
    opened.close()


def test_six_appenders_leave_no_gap_and_keep_their_order(log: PostgresLog) -> None:
    topic = new_name("rapport.six")
    log.create_topic(topic)

    def write(writer: int) -> None:
        for start in range(0, 300, 25):
            batch = [r for key in range(4) for r in numbered(f"{writer}-{key}", range(start, start + 25))]
            log.append(topic, batch)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))

    records = read_all(log, topic)
    per_partition: dict[int, list[int]] = {}
    for record in records:
        per_partition.setdefault(record.partition, []).append(record.offset)
    assert len(records) == 6 * 4 * 300
    assert all(offsets == list(range(len(offsets))) for offsets in per_partition.values())


def test_a_reader_that_trusts_the_next_offset_misses_nothing_while_slow_appenders_commit(
    log: PostgresLog, narrow: str
) -> None:
    done = threading.Event()

    def write() -> None:
        for n in range(100):
            log.append(narrow, numbered("k", range(n * 10, n * 10 + 10)))
        done.set()

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write) for _ in range(3)]
        reader = log.reader([narrow])
        records = read(reader, 3000)
        reader.close()
        for writer in writers:
            writer.result()

    assert [record.offset for record in records] == list(range(3000))


def test_an_append_is_all_or_nothing(
    log: PostgresLog, narrow: str, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    with owner.transaction(), ThreadPoolExecutor(1) as pool:
        owner.execute("SELECT 1 FROM heads JOIN topics USING (topic_id) WHERE name = %s FOR UPDATE OF heads", (narrow,))
        appending = pool.submit(log.append, narrow, numbered("k", range(10)))
        waiting = poll_database(
            owner, "SELECT pid FROM pg_stat_activity WHERE application_name = 'faults' AND wait_event_type = 'Lock'"
        )
        owner.execute("SELECT pg_terminate_backend(%s)", (waiting,))
        with pytest.raises(LogUnavailable):
            appending.result()

    assert log.end_offsets(narrow) == {0: 0}
    assert [meta.offset for meta in log.append(narrow, numbered("k", range(3)))] == [0, 1, 2]


def test_time_never_runs_backwards_along_a_partition(
    log: PostgresLog, narrow: str, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    owner.execute(
        "UPDATE heads SET last_ts = now() + interval '1 hour' FROM topics t "
        "WHERE t.topic_id = heads.topic_id AND t.name = %s",
        (narrow,),
    )

    log.append(narrow, numbered("k", range(2)))

    [first, second] = read_all(log, narrow)
    assert first.timestamp_ms / 1000 > time.time() + 3000
    assert second.timestamp_ms >= first.timestamp_ms


def test_this_database_always_waits_for_the_disk(url: str, postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW synchronous_commit").fetchone()

    assert FAST_NOT_DURABLE["synchronous_commit"] == "off"  # what this server does elsewhere
    assert row == ("on",)


def test_who_uses_the_log_cannot_change_its_tables(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in ("DROP TABLE log", "TRUNCATE log", "CREATE TABLE mine ()", "SELECT * FROM schema_migrations"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_a_relay_writes_its_own_topic_and_its_own_places_and_reads_the_rest(
    postgres: EmbeddedPostgres, log: PostgresLog, narrow: str
) -> None:
    own = new_name("rapport.own")
    log.append(narrow, numbered("k", range(3)))
    log.reset("colleague", narrow, {0: 2})
    url = url_of(postgres, LogUser("relay_narrow", topics=own, groups="narrow"))
    relay = PostgresLog(url, name="narrow")
    relay.create_topic(own)

    relay.append(own, numbered("k", range(2)))
    relay.reset("narrow", narrow, {0: 1})
    with pytest.raises(LogError):
        relay.append(narrow, numbered("k", range(1)))
    with pytest.raises(LogError):
        relay.reset("colleague", narrow, {0: 0})
    with pytest.raises(LogError):
        relay.create_topic(new_name("rapport.strange"))
    with pytest.raises(LogError):
        relay.trim(narrow, {0: 3})
    relay.sweep_retention(now=datetime.now(UTC) + timedelta(days=3650))
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in ("DELETE FROM log", "UPDATE heads SET next_off = 0", "UPDATE offsets SET off = 0"):
            connection.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE log SET value = NULL")
    relay.close()

    assert values(read_all(log, narrow)) == [b"0", b"1", b"2"]
    assert (log.offsets("colleague", narrow), log.offsets("narrow", narrow)) == ({0: 2}, {0: 0})


def test_making_the_log_twice_changes_nothing(postgres: EmbeddedPostgres, log: PostgresLog, narrow: str) -> None:
    log.append(narrow, numbered("k", range(2)))

    migrate_log(postgres.url(), [EVERYTHING], test_password)

    assert values(read_all(log, narrow)) == [b"0", b"1"]


def test_what_is_older_than_its_retention_goes_and_the_rest_stays(log: PostgresLog) -> None:
    short, long = new_name("rapport.short"), new_name("rapport.long")
    log.create_topic(short, partitions=1, retention=timedelta(days=1))
    log.create_topic(long, partitions=1, retention=timedelta(days=30))
    for topic in (short, long):
        for start in range(0, 2500, 500):
            log.append(topic, numbered("k", range(start, start + 500)))

    early = log.sweep_retention(now=datetime.now(UTC))
    late = log.sweep_retention(now=datetime.now(UTC) + timedelta(days=2))

    assert early == 0
    assert late == 2500
    assert (log.start_offsets(short), log.end_offsets(short)) == ({0: 2500}, {0: 2500})
    assert log.start_offsets(long) == {0: 0}
    assert [meta.offset for meta in log.append(short, numbered("k", range(1)))] == [2500]


def test_rows_that_are_missing_are_passed_over(
    log: PostgresLog, narrow: str, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    log.append(narrow, numbered("k", range(6)))
    owner.execute(
        "DELETE FROM log USING topics t WHERE t.topic_id = log.topic_id AND t.name = %s AND off IN (1, 2, 5)", (narrow,)
    )
    reader = log.reader([narrow])

    records = read(reader, 3)

    assert [record.offset for record in records] == [0, 3, 4]
    assert reader.position((narrow, 0)) == 6
    reader.close()


def test_who_was_late_but_replaced_by_nobody_may_still_commit(url: str, log: PostgresLog, narrow: str) -> None:
    log.append(narrow, numbered("k", range(3)))
    group = new_name("readers")
    hasty = PostgresLog(url, name="hasty", lease=timedelta(seconds=0.2))
    member = hasty.subscribe(group, [narrow])
    records = read(member, 3)
    reader = log.reader([narrow])
    reader.poll(0.5)
    read(reader, 0)

    member.commit(following(records))

    assert log.offsets(group, narrow) == {0: 3}
    member.close()
    reader.close()
    hasty.close()


def test_a_group_that_began_at_the_latest_keeps_that_place_though_its_first_member_died(
    url: str, log: PostgresLog, narrow: str
) -> None:
    group = new_name("readers")
    log.append(narrow, numbered("k", range(3)))
    first = log.subscribe(group, [narrow], start="latest")
    first.poll(0)
    first.close()
    log.append(narrow, numbered("k", range(3, 5)))

    heir = log.subscribe(group, [narrow], start="latest")

    assert values(read(heir, 2)) == [b"3", b"4"]
    heir.close()


def test_without_wake_ups_a_reader_still_looks_each_second(
    log: PostgresLog, narrow: str, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    reader = log.reader([narrow])
    reader.poll(0)
    poll_database(owner, "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND application_name = 'faults'")
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE query LIKE 'LISTEN%' AND application_name = 'faults'"
    )
    timer = threading.Timer(0.3, lambda: log.append(narrow, numbered("k", range(1))))
    timer.start()

    began = time.monotonic()
    found = reader.poll(10)
    took = time.monotonic() - began
    timer.join()

    assert values(found) == [b"0"]
    assert took < 3
    reader.close()


def test_at_rest_a_member_asks_about_once_a_second(
    url: str, owner: psycopg.Connection[tuple[object, ...]], narrow: str
) -> None:
    log = PostgresLog(url, name="resting")
    member = log.subscribe(new_name("readers"), [narrow])
    member.poll(0.1)
    poll_until([member], lambda: len(member.assignment()) == 1)
    member.poll(0.3)

    asked = 0
    look = member._look

    def counted(end: float, most: int) -> list[Record]:
        nonlocal asked
        asked += 1
        return look(end, most)

    member._look = counted  # type: ignore[method-assign]
    for _ in range(3):
        member.poll(1.0)
    member.close()
    log.close()

    assert asked <= 4


def test_while_the_server_is_away_append_fails_in_time_and_poll_waits_quietly(
    own_server: EmbeddedPostgres, fragile: PostgresLog
) -> None:
    topic, group = new_name("rapport.fragile"), new_name("readers")
    fragile.create_topic(topic)
    member = fragile.subscribe(group, [topic])
    newcomer = fragile.subscribe(new_name("readers"), [topic])
    fragile.append(topic, numbered("k", range(2)))
    records = read(member, 2)

    own_server.stop()
    try:
        began = time.monotonic()
        with pytest.raises(LogUnavailable):
            fragile.append(topic, numbered("k", range(2, 4)))
        with pytest.raises(LogUnavailable):
            member.commit(following(records))
        told_after = time.monotonic() - began
        began = time.monotonic()
        found = member.poll(0.5) + newcomer.poll(0.5)
        waited = time.monotonic() - began
    finally:
        own_server.start()
    fragile.append(topic, numbered("k", range(2, 4)))
    after = read(member, 2)
    member.commit(following(after))

    assert told_after < 5
    assert found == []
    assert 0.9 < waited < 2.5
    assert values(after) == [b"2", b"3"]
    assert sum(fragile.offsets(group, topic).values()) == 4
    assert len(read(newcomer, 4)) == 4
    member.close()
    newcomer.close()


def test_a_frozen_server_holds_nobody_for_long(own_server: EmbeddedPostgres, fragile: PostgresLog) -> None:
    topic = new_name("rapport.frozen")
    fragile.create_topic(topic)
    member = fragile.subscribe(new_name("readers"), [topic])
    fragile.append(topic, numbered("k", range(1)))
    read(member, 1)
    frozen = _processes(own_server)

    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(LogUnavailable):
            fragile.append(topic, numbered("k", range(1, 2)))
        append_took = time.monotonic() - began
        began = time.monotonic()
        found = member.poll(0.5)
        poll_took = time.monotonic() - began
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    poll_until([member], lambda: bool(fragile.append(topic, [NewRecord(b"k", b"after")])))

    assert append_took < 5
    assert found == []
    assert poll_took < 4
    member.close()


def test_a_lease_from_before_the_clock_stepped_back_is_not_waited_for(
    url: str, log: PostgresLog, narrow: str, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    group = new_name("readers")
    log.append(narrow, numbered("k", range(2)))
    dead = log.subscribe(group, [narrow])
    read(dead, 2)
    owner.execute("UPDATE members SET lease_until = clock_timestamp() + interval '1 hour' WHERE grp = %s", (group,))

    heir = log.subscribe(group, [narrow])
    began = time.monotonic()
    records = read(heir, 2)

    assert values(records) == [b"0", b"1"]
    assert time.monotonic() - began < 2
    heir.close()


def test_a_member_that_lives_keeps_its_place_when_the_clock_steps_back(
    log: PostgresLog, narrow: str, owner: psycopg.Connection[tuple[object, ...]]
) -> None:
    group = new_name("readers")
    member = log.subscribe(group, [narrow])
    poll_until([member], lambda: len(member.assignment()) == 1)
    owner.execute("UPDATE members SET lease_until = clock_timestamp() + interval '1 hour' WHERE grp = %s", (group,))

    member._beat_at = 0.0
    log.append(narrow, numbered("k", range(2)))
    records = read(member, 2)
    member.commit(following(records))

    left = owner.execute(
        "SELECT lease_until - clock_timestamp() < interval '11 s' FROM members WHERE grp = %s", (group,)
    )
    assert left.fetchone() == (True,)
    member.close()


def poll_database(connection: psycopg.Connection[tuple[object, ...]], question: str) -> object:
    """Ask until there is an answer."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        row = connection.execute(question.encode()).fetchone()
        if row is not None:
            return row[0]
    raise AssertionError(f"no answer to: {question}")


def _processes(server: EmbeddedPostgres) -> list[int]:
    import psutil

    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    return [server.pid, *(child.pid for child in postmaster.children())]
