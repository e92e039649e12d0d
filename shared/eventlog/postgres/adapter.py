"""The event log on PostgreSQL; see `shared.eventlog.interface.EventLog`."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from shared.eventlog.checks import check_records
from shared.eventlog.interface import (
    PARTITIONS,
    RETENTION,
    LogUnavailable,
    NewRecord,
    RecordMeta,
    Start,
    UnknownTopic,
)
from shared.eventlog.names import legal_name
from shared.eventlog.postgres import admin, reading
from shared.eventlog.postgres.append import Topic, append
from shared.eventlog.postgres.connections import Connection, Connections
from shared.eventlog.postgres.groups import LEASE, Membership
from shared.eventlog.postgres.listening import Listener
from shared.eventlog.postgres.subscription import PostgresSubscription

_SECONDS = 10.0
_SWEEP_SECONDS = 600.0


class PostgresLog:
    """
    An event log in a PostgreSQL database of its own, made by `migrate_log`.

    Nothing is connected at construction: a log that is away shows at the first use,
    and works again as soon as the server does.

    Args:
        url: The log's database, as a URL or a libpq connection string.
        name: Shown as application_name.
        seconds: The deadline of every call but `poll`.
        lease: How long a silent member keeps its partitions.
    """

    def __init__(
        self, url: str, *, name: str = "rapport log", seconds: float = _SECONDS, lease: timedelta = LEASE
    ) -> None:
        self._connections = Connections(url, name=name)
        self._listener = Listener(self._connections)
        self._seconds = seconds
        self._lease = lease
        self._known: dict[str, Topic] = {}
        self._round = itertools.count()

    def append(self, topic: str, records: Sequence[NewRecord]) -> list[RecordMeta]:
        with self._connection() as connection:
            target = self._topic(connection, topic)
            check_records(topic, records, target.max_bytes)
            if not records:
                return []
            try:
                return append(connection, target, records, part_without_key=next(self._round) % target.parts)
            except LogUnavailable:
                self._known = {}
                raise

    def subscribe(self, group: str, topics: Sequence[str], *, start: Start = "earliest") -> PostgresSubscription:
        self._connections.check_open()
        membership = Membership(legal_name(group), uuid4(), start=start, lease=self._lease)
        return self._subscription(topics, membership)

    def reader(self, topics: Sequence[str]) -> PostgresSubscription:
        return self._subscription(topics, None)

    def create_topic(self, name: str, *, partitions: int = PARTITIONS, retention: timedelta = RETENTION) -> None:
        with self._connection() as connection:
            admin.create_topic(connection, legal_name(name), partitions, retention)

    def topics(self) -> dict[str, int]:
        with self._connection() as connection:
            return {name: topic.parts for name, topic in admin.topics(connection).items()}

    def start_offsets(self, topic: str) -> dict[int, int]:
        return {part: start for part, (start, _) in self._ends(topic).items()}

    def end_offsets(self, topic: str) -> dict[int, int]:
        return {part: end for part, (_, end) in self._ends(topic).items()}

    def groups(self) -> list[str]:
        with self._connection() as connection:
            return admin.groups(connection)

    def offsets(self, group: str, topic: str) -> dict[int, int]:
        with self._connection() as connection:
            return admin.offsets(connection, group, self._topic(connection, topic))

    def reset(self, group: str, topic: str, to: Mapping[int, int]) -> None:
        with self._connection() as connection:
            admin.reset(connection, legal_name(group), self._topic(connection, topic), to)

    def trim(self, topic: str, before: Mapping[int, int]) -> None:
        with self._connection(_SWEEP_SECONDS) as connection:
            admin.trim(connection, self._topic(connection, topic), before)

    def sweep_retention(self, *, now: datetime) -> int:
        """Delete what is older than its topic's retention; returns the number of records."""
        with self._connection(_SWEEP_SECONDS) as connection:
            return admin.sweep_retention(connection, now=now)

    def close(self) -> None:
        self._connections.close()
        self._listener.close()

    def _subscription(self, topics: Sequence[str], membership: Membership | None) -> PostgresSubscription:
        names = list(dict.fromkeys(topics))
        return PostgresSubscription(self._connections, self._listener, self._finder(names), membership, names=names)

    def _finder(self, names: Sequence[str]) -> Callable[[], list[Topic]]:
        def find() -> list[Topic]:
            with self._connection() as connection:
                return [self._topic(connection, name) for name in names]

        return find

    def _ends(self, topic: str) -> dict[int, tuple[int, int]]:
        with self._connection() as connection:
            known = self._topic(connection, topic)
            return {part: ends for (_, part), ends in reading.ends(connection, [known]).items()}

    def _topic(self, connection: Connection, name: str) -> Topic:
        if name not in self._known:
            self._known = admin.topics(connection)
        if name not in self._known:
            raise UnknownTopic(f"there is no topic {name}")
        return self._known[name]

    @contextmanager
    def _connection(self, seconds: float | None = None) -> Iterator[Connection]:
        with self._connections.use(time.monotonic() + (seconds or self._seconds)) as connection:
            yield connection
