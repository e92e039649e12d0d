"""Connections to the log's database, each use of which ends by its deadline, whatever the server does."""

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

from shared.eventlog.interface import Closed, LogUnavailable

Connection = psycopg.Connection[TupleRow]
RV = TypeVar("RV")

_MOST_IDLE = 4
_CONNECT_SECONDS = 5
# Plans are kept per connection and some are made while the tables are still small: every query here
# goes through a primary key, so reading whole tables is never the better plan.
_OPTIONS = (
    "-c synchronous_commit=on -c statement_timeout=10000 -c lock_timeout=5000 "
    "-c idle_in_transaction_session_timeout=15000 -c timezone=UTC -c enable_seqscan=off -c jit=off"
)
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15000}


class TimedConnection(psycopg.Connection[TupleRow]):
    """A connection that stops waiting for a silent server at `deadline` (by the monotonic clock)."""

    deadline: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        if self.deadline is not None:
            left = max(0.001, self.deadline - time.monotonic())
            timeout = left if timeout is None else min(left, timeout)
        return super().wait(gen, interval, timeout)


class Connections:
    """
    A few connections for the threads of one process; without threads of its own.

    Args:
        url: The log's database.
        name: Shown as application_name.
    """

    def __init__(self, url: str, *, name: str) -> None:
        self._url = url
        self._name = name
        self._idle: list[TimedConnection] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Tell whether `close` was called."""
        return self._closed

    def check_open(self) -> None:
        """Raise Closed after `close`."""
        if self._closed:
            raise Closed("this log was closed")

    def connect(self, deadline: float) -> TimedConnection:
        """
        Make a new connection, in autocommit mode.

        Raises:
            psycopg.OperationalError: the server cannot be reached.
        """
        seconds = max(1, min(_CONNECT_SECONDS, round(deadline - time.monotonic())))
        settings: dict[str, Any] = {**_KEEPALIVE, "connect_timeout": seconds, "options": _OPTIONS}
        return TimedConnection.connect(self._url, autocommit=True, application_name=self._name, **settings)

    @contextmanager
    def use(self, deadline: float) -> Iterator[Connection]:
        """
        Lend a connection until the block ends or `deadline` (by the monotonic clock) has come.

        Raises:
            LogUnavailable: the server did not answer in time or refused; nothing may be assumed.
            Closed: `close` was called before.
        """
        connection: TimedConnection | None = None
        try:
            connection = self._take() or self.connect(deadline)
            connection.deadline = deadline
            yield connection
        except psycopg.Error as error:
            self._drop(connection)
            raise LogUnavailable(f"the log in PostgreSQL did not answer ({type(error).__name__})") from error
        except BaseException:
            self._give_back(connection)
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Close all connections that are idle now, the others when they come back; safe to call twice."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> TimedConnection | None:
        while True:
            with self._lock:
                self.check_open()
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if _is_quiet(connection):
                return connection
            self._drop(connection)

    def _give_back(self, connection: TimedConnection | None) -> None:
        if connection is None:
            return
        if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            with self._lock:
                if not self._closed and len(self._idle) < _MOST_IDLE:
                    self._idle.append(connection)
                    return
        self._drop(connection)

    @staticmethod
    def _drop(connection: TimedConnection | None) -> None:
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                connection.close()


def _is_quiet(connection: TimedConnection) -> bool:
    """An idle connection on which something can be read was ended by the server."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)
