"""The connection pool of one process on one database."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from datetime import UTC, tzinfo
from typing import TypeVar

from psycopg import Connection, Error, OperationalError, Rollback, errors
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from shared.database.tx import Keys, Row, Tx
from shared.trace import Trace, new_trace

T = TypeVar("T")
DAMAGE = (errors.DataCorrupted, errors.IndexCorrupted)  # SQLSTATE XX001, XX002
RETRIES = 3  # serialisation failures and deadlocks are PostgreSQL asking to try again


class DatabaseUnavailable(Exception):
    """No connection could be had in time; the work was not begun."""


class Database:
    """
    A pool of connections with the timeouts that keep one slow query from stopping the house.

    Open it after a fork, never before: sockets must not be shared by two processes.

    Args:
        url: A PostgreSQL URL.
        name: Shown as application_name in pg_stat_activity.
        size: Most connections at a time; threads of the process + 2 is a good measure.
        statement_ms, lock_ms, idle_ms: Limits in milliseconds for one statement, for
            waiting on a lock, and for a transaction that sits idle.
        zone: Where its transactions count days (`Tx.zone`); what is kept stays UTC.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str,
        size: int = 10,
        statement_ms: int = 4000,
        lock_ms: int = 2000,
        idle_ms: int = 15000,
        vault: Keys | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self.url = url
        self.name = name
        self.vault = vault
        self.zone = zone
        self.sees_everything = False
        self.statement_ms = statement_ms
        self.on_retry: Callable[[str], None] = lambda _reason: None  # told why a transaction is tried again
        self.on_damage: Callable[[], None] = lambda: None  # told when PostgreSQL finds a damaged page
        self.damaged = False  # since this process began: whoever runs it has to look, and start it again
        limits = f"-c statement_timeout={statement_ms} -c lock_timeout={lock_ms}"
        limits += f" -c idle_in_transaction_session_timeout={idle_ms} -c timezone=UTC"
        self.pool: ConnectionPool[Connection[Row]] = ConnectionPool(
            url,
            connection_class=Connection[Row],
            kwargs={
                "row_factory": dict_row,
                "application_name": name,
                "options": limits,
                "connect_timeout": 5,
                "autocommit": True,  # `Tx` says BEGIN and COMMIT itself, each together with other statements
            },
            min_size=0,
            max_size=size,
            max_idle=60,
            timeout=2,
            open=False,
            name=name,
        )

    def for_the_program(self) -> "Database":
        """
        The same pool for work that no person asked for, which sees all rows: consumers, jobs, the command line.

        Whoever answers a person keeps to the database as it is, whose transactions see no row that a
        policy guards before they have said for whom they are.
        """
        wide = copy(self)
        wide.sees_everything = True
        return wide

    def open(self) -> "Database":
        """Make the pool usable; connections are made when first needed."""
        self.pool.open()
        return self

    def close(self) -> None:
        """Give all connections back; safe to call twice."""
        self.pool.close(timeout=5)

    @contextmanager
    def transaction(self, *, trace: Trace | None = None, within: float | None = None) -> Iterator[Tx]:
        """
        Open one transaction; commits at the end of the block, rolls back on any exception.

        Args:
            trace: The story it belongs to.
            within: Seconds that somebody still waits for it: for a connection, and for each statement.

        Raises:
            DatabaseUnavailable: no connection within two seconds, or `within`.
        """
        try:
            connection = self.pool.getconn(None if within is None else min(within, self.pool.timeout))
        except (PoolTimeout, OperationalError) as error:
            raise DatabaseUnavailable(f"{self.name}: no connection") from error
        try:
            limit = None if within is None else max(1, min(int(within * 1000), self.statement_ms))
            tx = Tx(
                connection,
                trace=trace or new_trace(),
                vault=self.vault,
                zone=self.zone,
                limit_ms=limit,
                sees_everything=self.sees_everything,
            )
            yield tx
            tx.end()
        except BaseException as error:
            with suppress(Error):  # the first error is the one to tell; a broken connection has no transaction left
                connection.rollback()
            if isinstance(error, DAMAGE):
                self.damaged = True
                self.on_damage()
            if not isinstance(error, Rollback):
                raise
        finally:
            self.pool.putconn(connection)

    def run(self, work: Callable[[Tx], T], *, trace: Trace | None = None, within: float | None = None) -> T:
        """
        Run `work` in a transaction of its own, again when PostgreSQL asks for it.

        Serialisation failures (40001) and deadlocks (40P01) are tried up to three
        times with jitter; `work` must therefore do nothing but SQL.
        """
        for attempt in range(1, RETRIES + 1):
            try:
                with self.transaction(trace=trace, within=within) as tx:
                    return work(tx)
            except (errors.SerializationFailure, errors.DeadlockDetected) as error:
                if attempt == RETRIES:
                    raise
                self.on_retry("deadlock" if isinstance(error, errors.DeadlockDetected) else "serialization")
                time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")
