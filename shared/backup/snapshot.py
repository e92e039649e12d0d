"""
One moment over all databases of a server.

A snapshot of PostgreSQL belongs to one database, but what it sees is told by transaction
ids, and those count for the whole server. So one is taken in every database at nearly the same time, and all
are taken again until they tell the same ids: then no transaction began or ended between them,
and together they are one moment.
"""

import random
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from shared.backup.manifest import TableState
from shared.database.roles import with_database

_OURS = re.compile(r"rapport_[a-z]+")  # what was set aside carries a date besides
_TRIES = 2000
_OPTIONS = (  # a row's text is the same whatever server and session it is asked in
    "-c default_transaction_isolation=repeatable\\ read -c default_transaction_read_only=on "
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c bytea_output=hex"
)
_TAKE = b"BEGIN; SELECT pg_current_snapshot()::text, pg_export_snapshot(), pg_current_wal_insert_lsn()::text"
_TABLES = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
    "ORDER BY 1, 2"
)
# SHA-256 of each row's text, its first 128 bits added up as two numbers: the order of the rows does not count.
_STATE = """
SELECT count(*), coalesce(sum(('x' || left(digest, 16))::bit(64)::bigint), 0),
       coalesce(sum(('x' || substr(digest, 17, 16))::bit(64)::bigint), 0)
FROM (SELECT encode(sha256(convert_to({row}::text, 'UTF8')), 'hex') AS digest FROM {table} AS {row}) AS digests
"""

Connection = psycopg.Connection[tuple[object, ...]]


class NoMoment(Exception):
    """The databases never stood still for the instant that is needed; try again."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of all databases, for as long as their transactions are open."""

    ids: str
    wal_position: str
    server: str
    snapshots: Mapping[str, str]  # database -> name of its exported snapshot
    connections: Mapping[str, Connection]


@contextmanager
def one_moment(server_url: str) -> Iterator[Moment]:
    """
    Hold one moment of all of Rapport's databases on a server.

    Args:
        server_url: A role that may read them, on any database.

    Raises:
        NoMoment: transactions came and went too fast, for seconds.
        psycopg.OperationalError: the server does not answer.
    """
    with ExitStack() as open_ones:
        connections = {
            name: open_ones.enter_context(psycopg.connect(with_database(server_url, name), options=_OPTIONS))
            for name in databases_of(server_url)
        }
        if not connections:
            raise NoMoment("there is no database of Rapport on this server")
        for attempt in range(_TRIES):
            taken = _take(connections)
            if len({ids for ids, _, _ in taken.values()}) == 1:
                break
            for connection in connections.values():
                connection.pgconn.exec_(b"ROLLBACK")
            time.sleep(random.random() * min(0.02, 0.0001 * attempt))  # noqa: S311 - to fall between others' steps
        else:
            raise NoMoment("the databases never stood still for an instant: try again when less is written")
        [(ids, _, wal_position), *_] = taken.values()
        version = next(iter(connections.values())).info.parameter_status("server_version") or ""
        yield Moment(ids, wal_position, version, {name: one[1] for name, one in taken.items()}, connections)


def databases_of(server_url: str) -> list[str]:
    """The names of Rapport's databases on a server."""
    with psycopg.connect(server_url) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1").fetchall()
    return [name for (name,) in rows if _OURS.fullmatch(name)]


def states(connection: Connection) -> dict[str, TableState]:
    """What every table of a database holds, in this transaction; partitions each for itself."""
    return {
        f"{schema}.{table}": _state(connection, str(schema), str(table))
        for schema, table in connection.execute(_TABLES).fetchall()
    }


def states_of(url: str) -> dict[str, TableState]:
    """As `states`, in a transaction of its own."""
    with psycopg.connect(url, options=_OPTIONS) as connection:
        return states(connection)


def _state(connection: Connection, schema: str, table: str) -> TableState:
    asked = sql.SQL(_STATE).format(row=sql.Identifier("the whole row"), table=sql.Identifier(schema, table))
    [(count, high, low)] = connection.execute(asked).fetchall()
    assert isinstance(count, int)
    return TableState(count, f"{_folded(high)}{_folded(low)}")


def _folded(total: object) -> str:
    return f"{int(str(total)) % 2**64:016x}"


def _take(connections: Mapping[str, Connection]) -> dict[str, tuple[str, str, str]]:
    """Ask all at once, then collect: the less time between them, the likelier they are one moment."""
    for connection in connections.values():
        connection.pgconn.send_query(_TAKE)
    taken = {}
    for name, connection in connections.items():
        values: tuple[str, str, str] | None = None
        while (result := connection.pgconn.get_result()) is not None:
            if result.status == ExecStatus.FATAL_ERROR:
                raise psycopg.OperationalError(f"{name}: {result.error_message.decode(errors='replace').strip()}")
            if result.status == ExecStatus.TUPLES_OK:
                ids, snapshot, place = (result.get_value(0, column) or b"" for column in range(3))
                values = (ids.decode(), snapshot.decode(), place.decode())
        if values is None:
            raise psycopg.OperationalError(f"{name}: no snapshot was given")
        taken[name] = values
    return taken
