"""One open transaction, handed down to commands and stores, which never commit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, LiteralString, Protocol, TypeVar
from uuid import UUID

from psycopg import Connection, Cursor, Error, errors, pq

from shared.security.place import Place, Sealed
from shared.trace import Trace

Row = dict[str, Any]
Params = Mapping[str, Any] | Sequence[Any]
Statement = tuple[LiteralString, Params]
T = TypeVar("T")
_EVERYTHING: LiteralString = "SET LOCAL rapport.reach = 'all'"


class Keys(Protocol):
    """What a transaction hands on of its service's keys; `shared.security.sealing.Vault` is it."""

    def seal(self, tx: "Tx", owner: UUID, place: Place, text: str) -> bytes:
        """Encrypt `text` under the owner's key, which is made if there is none yet."""

    def open(self, tx: "Tx", owner: UUID, place: Place, ciphertext: bytes) -> str:
        """Decrypt one field."""

    def open_many(self, tx: "Tx", items: Sequence[Sealed]) -> list[str]:
        """Decrypt many fields with one look-up of keys."""

    def blind(self, purpose: str, text: str) -> bytes:
        """A blind index: equal texts give equal bytes."""

    def destroy(self, tx: "Tx", owner: UUID) -> bool:
        """Destroy the owner's data key; tells whether there was one."""


@dataclass(slots=True)
class _Whole:
    """What all of one transaction share, also those parts that follow another trace."""

    limit_ms: int | None = None
    sees_everything: bool = False
    deferred: list[Statement] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)
    keys: dict[UUID, bytes] = field(default_factory=dict)


class Tx:
    """
    One open transaction with what belongs to it.

    Who opened it commits it: a change, its audit row, its inbox row and its events
    stand or fall together. SQL is literal text and values are parameters; a text
    put together at run time does not pass the type checker.

    BEGIN goes out with the first statement, and what nobody has to wait for (`defer`)
    with COMMIT: each is one round trip less.
    """

    def __init__(
        self,
        connection: Connection[Row],
        *,
        trace: Trace,
        vault: Keys | None = None,
        zone: tzinfo = UTC,
        limit_ms: int | None = None,
        sees_everything: bool = False,
        whole: _Whole | None = None,
    ) -> None:
        self.trace = trace
        self.zone = zone  # moments are UTC; their days, weeks and months are counted here
        self._connection = connection
        self._vault = vault
        self._whole = whole or _Whole(limit_ms, sees_everything)

    @property
    def vault(self) -> Keys:
        """Keys of this service; raises RuntimeError where the process was given none."""
        if self._vault is None:
            raise RuntimeError("this process holds no keys")
        return self._vault

    @property
    def keys(self) -> dict[UUID, bytes]:
        """Data keys opened in this transaction, forgotten with it."""
        return self._whole.keys

    @property
    def connection(self) -> Connection[Row]:
        """The driver's own, inside the transaction: for what has no method here."""
        if self._is_idle():
            self._begin()
        return self._connection

    def see_everything(self) -> None:
        """
        Open all rows to this transaction, where policies of rows would limit it.

        Policies are the second line behind a store's conditions: without this, and without
        what they ask for (`rapport.clients`), a table that has one shows no row.
        """
        self._whole.sees_everything = True
        if not self._is_idle():
            self._connection.execute(_EVERYTHING)

    def following(self, trace: Trace) -> "Tx":
        """The same transaction, for work that belongs to another trace."""
        return Tx(self._connection, trace=trace, vault=self._vault, zone=self.zone, whole=self._whole)

    def execute(self, sql: LiteralString, params: Params = ()) -> int:
        """Run one statement; returns the number of rows it touched."""
        return self._run(sql, params).rowcount

    def many(self, sql: LiteralString, rows: Iterable[Params]) -> None:
        """Run one statement for each row, in one round trip."""
        with self.connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    def rows(self, sql: LiteralString, params: Params = ()) -> list[Row]:
        """All rows of a query, as dictionaries."""
        return self._run(sql, params).fetchall()

    def rows_as(self, make: Callable[..., T], sql: LiteralString, params: Params = ()) -> list[T]:
        """All rows of a query, each made by `make` of its columns by name: a dataclass, or a function."""
        return [make(**row) for row in self.rows(sql, params)]

    def row_as(self, make: Callable[..., T], sql: LiteralString, params: Params = ()) -> T | None:
        """The first row of a query, made as by `rows_as`, or None."""
        row = self.row(sql, params)
        return None if row is None else make(**row)

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        """
        What is written inside is sent on without waiting, and answered in one round trip when the block ends.

        For statements that need not know of one another: the rows they touched are not counted
        inside, and a statement that fails says so at the end.
        """
        with self.connection.pipeline():
            yield

    def together(self, *statements: Statement) -> list[list[Row]]:
        """Run statements one after the other in one round trip; the rows of each, none of one that gives none."""
        with self._connection.pipeline():
            if self._is_idle():
                self._begin()
            cursors = [self._connection.execute(sql, params) for sql, params in statements]
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

    def stream(self, sql: LiteralString, params: Params = (), *, at_once: int = 500) -> Iterator[Row]:
        """
        The rows of a query one by one, of which the program holds `at_once` at a time.

        The database keeps the rest (a cursor of this transaction). Read it to its end or
        close it: other statements may be run in between.
        """
        with self.connection.cursor("stream") as cursor:
            cursor.itersize = at_once
            cursor.execute(sql, params)
            yield from cursor

    def row(self, sql: LiteralString, params: Params = ()) -> Row | None:
        """The first row of a query, or None."""
        return self._run(sql, params).fetchone()

    def value(self, sql: LiteralString, params: Params = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, params)
        return None if row is None else next(iter(row.values()))

    def defer(self, sql: LiteralString, params: Params = ()) -> None:
        """
        Run one statement at the end of the transaction, in the order of these calls, with COMMIT.

        For rows that nothing in this transaction reads and no rule refuses: if it fails, the
        transaction fails as a whole.
        """
        self._whole.deferred.append((sql, params))

    def notify(self, channel: str) -> None:
        """Wake who listens on a channel once this has been committed; may be lost, so nobody relies on it."""
        self._whole.channels.add(channel)

    def flush(self) -> None:
        """Run now what was deferred so far: where its failure belongs to a part of the transaction."""
        statements, self._whole.deferred[:] = tuple(self._whole.deferred), []
        if statements:
            self.together(*statements)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that may fail by itself: what it did, deferred and made of keys is undone, the rest goes on."""
        deferred, channels, keys = list(self._whole.deferred), set(self._whole.channels), dict(self._whole.keys)
        try:
            with self.connection.transaction():
                yield
        except BaseException:
            self._whole.deferred, self._whole.channels, self._whole.keys = deferred, channels, keys
            raise

    def end(self) -> None:
        """
        Commit, with what was deferred; for who opened the transaction, nobody else.

        Listeners are woken after COMMIT, in the same round trip: a NOTIFY inside makes all
        commits of a server wait for one another (PostgreSQL holds one lock for it until the
        commit is on disk).

        Raises:
            psycopg.Error: nothing was committed.
        """
        connection, committed = self._connection, None
        if self._is_idle() and not self._whole.deferred:
            return
        try:
            with connection.pipeline():
                if self._is_idle():
                    self._begin()
                for sql, params in self._whole.deferred:
                    connection.execute(sql, params)
                committed = connection.execute("COMMIT")
                for channel in sorted(self._whole.channels):
                    connection.execute("SELECT pg_notify(%s, '')", (channel,))
        except Error:
            if committed is None or committed.statusmessage != "COMMIT":
                raise  # what failed afterwards was a wake-up that nobody relies on
        if committed is not None and committed.statusmessage != "COMMIT":
            raise errors.InFailedSqlTransaction("a statement had failed, so nothing was committed")

    def _begin(self) -> None:
        self._connection.execute("BEGIN")
        if self._whole.limit_ms is not None:
            limit = str(self._whole.limit_ms)
            self._connection.execute("SELECT set_config('statement_timeout', %s, true)", (limit,))
        if self._whole.sees_everything:
            self._connection.execute(_EVERYTHING)

    def _run(self, sql: LiteralString, params: Params) -> Cursor[Row]:
        if not self._is_idle():
            return self._connection.execute(sql, params)
        with self._connection.pipeline():
            self._begin()
            return self._connection.execute(sql, params)

    def _is_idle(self) -> bool:
        """Whether nothing was sent yet; a connection that begins by itself is not ours to begin."""
        connection = self._connection
        return connection.autocommit and connection.pgconn.transaction_status == pq.TransactionStatus.IDLE
