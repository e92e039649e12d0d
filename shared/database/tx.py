"""One open transaction, handed down to commands and stores, which never commit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

from psycopg import Connection

from shared.trace import Trace

if TYPE_CHECKING:
    from shared.security.audit import Entry
    from shared.security.sealing import Vault

Row = dict[str, Any]
Params = Mapping[str, Any] | Sequence[Any]


class Tx:
    """
    One open transaction with what belongs to it.

    Who opened it commits it: a change, its audit row, its inbox row and its events
    stand or fall together. SQL is literal text and values are parameters; a text
    put together at run time does not pass the type checker.
    """

    def __init__(
        self, connection: Connection[Row], *, trace: Trace, vault: "Vault | None" = None, zone: tzinfo = UTC
    ) -> None:
        self.connection = connection
        self.trace = trace
        self.zone = zone  # moments are UTC; their days, weeks and months are counted here
        self._vault = vault
        self.keys: dict[UUID, bytes] = {}  # data keys opened in this transaction, forgotten with it
        self.audit_entries: list[Entry] = []
        self.before_commit: list[Callable[[Tx], None]] = []

    @property
    def vault(self) -> "Vault":
        """Keys of this service; raises RuntimeError where the process was given none."""
        if self._vault is None:
            raise RuntimeError("this process holds no keys")
        return self._vault

    def execute(self, sql: LiteralString, params: Params = ()) -> int:
        """Run one statement; returns the number of rows it touched."""
        return self.connection.execute(sql, params).rowcount

    def many(self, sql: LiteralString, rows: Iterable[Params]) -> None:
        """Run one statement for each row, in one round trip."""
        with self.connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    def rows(self, sql: LiteralString, params: Params = ()) -> list[Row]:
        """All rows of a query, as dictionaries."""
        return self.connection.execute(sql, params).fetchall()

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
        return self.connection.execute(sql, params).fetchone()

    def value(self, sql: LiteralString, params: Params = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, params)
        return None if row is None else next(iter(row.values()))
