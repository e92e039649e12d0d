"""Clients without their names: code, state, since when, with whom."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from services.intake.people.domain.clients import Client, ClientState
from services.intake.people.store.visibility import OPEN_TO, access
from shared.database import Row, Tx
from shared.scope import Scope

_CLIENT: LiteralString = """
    SELECT c.client_id, c.version, c.spoken_code, c.state, c.since, c.registered_at, a.practitioner_id
      FROM client c LEFT JOIN allocation a ON a.client_id = c.client_id AND a.ended_at IS NULL
"""
_LISTED: LiteralString = (
    _CLIENT
    + "WHERE (%(state)s::text IS NULL OR c.state = %(state)s)"
    + " AND (%(practitioner)s::uuid IS NULL OR a.practitioner_id = %(practitioner)s) AND "
    + OPEN_TO
)
_SORTS: dict[str, LiteralString] = {"since": "c.since", "registered_at": "c.registered_at"}


def continued(listed: LiteralString, moment: LiteralString, key: LiteralString, *, descending: bool) -> LiteralString:
    """A list in the order of a moment, then a key; goes on after `after` and `after_id` up to `limit` rows."""
    beyond, order = ("<", " DESC") if descending else (">", "")
    after: LiteralString = " (%(after)s, %(after_id)s::uuid))"
    where = "AND (%(after)s::timestamptz IS NULL OR (" + moment + ", " + key + ") " + beyond + after
    return listed + where + " ORDER BY " + moment + order + ", " + key + order + " LIMIT %(limit)s"


def next_spoken_code(tx: Tx) -> str:
    """The next free spoken code, like "K-1042"; short enough to be said on the phone."""
    return f"K-{tx.value('SELECT nextval(%s)', ('spoken_number',))}"


def add_client(tx: Tx, client: Client) -> None:
    tx.execute(
        "INSERT INTO client (client_id, version, spoken_code, state, since, registered_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (client.client_id, client.version, client.spoken_code, client.state, client.since, client.registered_at),
    )


def lock_client(tx: Tx, scope: Scope, client_id: UUID) -> Client | None:
    """One client, held for this transaction: whoever else wants to change them waits."""
    # Two statements on purpose: the second has a fresh snapshot, so it also sees what the one before us changed.
    tx.execute("SELECT 1 FROM client WHERE client_id = %s FOR UPDATE", (client_id,))
    return find_client(tx, scope, client_id)


def find_client(tx: Tx, scope: Scope, client_id: UUID) -> Client | None:
    """One client, if the scope opens them."""
    row = tx.row(_CLIENT + "WHERE c.client_id = %(client)s AND " + OPEN_TO, {"client": client_id, **access(scope)})
    return None if row is None else _client(row)


def clients(
    tx: Tx,
    scope: Scope,
    *,
    state: ClientState | None,
    practitioner_id: UUID | None,
    sort: str,
    descending: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Client]:
    """A page of clients; `after` is the sort value and id of the last one seen."""
    moment, last = after or (None, None)
    found = tx.rows(
        continued(_LISTED, _SORTS[sort], "c.client_id", descending=descending),
        {
            "state": state,
            "practitioner": practitioner_id,
            "after": moment,
            "after_id": last,
            "limit": limit,
            **access(scope),
        },
    )
    return [_client(row) for row in found]


def next_version(tx: Tx, client_id: UUID) -> int:
    """Count one more event of a client, and lock their row by doing so."""
    return int(tx.value("UPDATE client SET version = version + 1 WHERE client_id = %s RETURNING version", (client_id,)))


def set_state(tx: Tx, client_id: UUID, state: ClientState, *, since: datetime) -> None:
    """Note where a client stands, and since when."""
    tx.execute("UPDATE client SET state = %s, since = %s WHERE client_id = %s", (state, since, client_id))


def _client(row: Row) -> Client:
    return Client(**{**row, "state": ClientState(row["state"])})
