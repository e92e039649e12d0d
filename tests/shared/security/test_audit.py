"""The audit trail: complete, in order, and any change to it is found."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.database import Database, Tx
from shared.ids import uuid7
from shared.scope import Scope, system_scope
from shared.security.audit import ChainBroken, record, verify
from tests.trail import chained, seal
from tests.trail import trail as lines_of

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANA, MARA = uuid7(), uuid7()
SCOPE = Scope(ANA, frozenset({"therapist", "supervisor"}), "care", "portal")
LENGTH = 9


def write(database: Database, number: int = LENGTH) -> None:
    """A trail of some length, one transaction an entry."""
    for no in range(number):
        with database.transaction() as tx:
            record(
                tx, SCOPE, "client.read", about=[MARA, UUID(int=no)], fields=["name"], now=NOW + timedelta(minutes=no)
            )


def test_an_untouched_trail_is_whole(database: Database) -> None:
    write(database)

    assert chained(database) == LENGTH


def test_an_empty_trail_is_whole(database: Database) -> None:
    assert chained(database) == 0


def test_an_entry_says_who_what_about_whom_and_what_for(database: Database) -> None:
    with database.transaction() as tx:
        trace_id = tx.trace.trace_id
        record(
            tx, SCOPE, "client.read", about=[MARA], fields=["phone"], now=NOW.astimezone(timezone(timedelta(hours=5)))
        )
        record(tx, system_scope("retention"), "client.erased", about=[MARA], now=NOW)

    first, second = lines_of(database)
    assert (first["actor"], first["roles"], first["purpose"]) == (str(ANA), ["supervisor", "therapist"], "care")
    assert (first["action"], first["about"], first["fields"]) == ("client.read", [MARA], ["phone"])
    assert (first["source"], first["trace_id"], first["at"]) == ("portal", trace_id, NOW)
    assert (second["actor"], second["no"], second["previous"]) == ("system", 2, first["hash"])


def test_entries_of_a_failed_transaction_are_not_there(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        record(tx, SCOPE, "client.read", about=[MARA], now=NOW)
        _ = 1 / 0

    assert chained(database) == 0


def test_a_read_that_cannot_be_recorded_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute("ALTER TABLE audit_waiting RENAME TO audit_away")
    try:
        with pytest.raises(psycopg.errors.UndefinedTable), database.transaction() as tx:
            record(tx, SCOPE, "client.read", about=[MARA], now=NOW)
    finally:
        with database.transaction() as tx:
            tx.execute("ALTER TABLE audit_away RENAME TO audit_waiting")


def test_many_at_once_make_one_chain(database: Database) -> None:
    def read(no: int) -> None:
        with database.transaction() as tx:
            for _ in range(1 + no % 3):
                record(tx, SCOPE, "client.read", about=[UUID(int=no)], now=NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(read, range(30)))

    assert chained(database) == 60


def _edit(tx: Tx, no: int, other: int) -> None:
    columns = {
        0: "UPDATE audit SET actor = 'somebody else' WHERE no = %s",
        1: "UPDATE audit SET about = '{}' WHERE no = %s",
        2: "UPDATE audit SET at = at + interval '1 microsecond' WHERE no = %s",
        3: "UPDATE audit SET fields = fields || 'note'::text WHERE no = %s",
        4: "UPDATE audit SET action = 'client.listed' WHERE no = %s",
        5: "UPDATE audit SET purpose = 'emergency' WHERE no = %s",
        6: "UPDATE audit SET trace_id = '' WHERE no = %s",
        7: "UPDATE audit SET hash = previous WHERE no = %s",
        8: "UPDATE audit SET roles = '{manager}' WHERE no = %s",
        9: "UPDATE audit SET source = 'operator' WHERE no = %s",
    }
    tx.connection.execute(columns[other % len(columns)], (no,))


def _delete(tx: Tx, no: int, _other: int) -> None:
    tx.execute("DELETE FROM audit WHERE no = %s", (no,))


def _delete_and_renumber(tx: Tx, no: int, _other: int) -> None:
    tx.execute("DELETE FROM audit WHERE no = %s", (no,))
    tx.execute("UPDATE audit SET no = no - 1 WHERE no > %s", (no,))
    tx.execute("UPDATE audit_head SET no = no - 1")


def _swap(tx: Tx, no: int, other: int) -> None:
    other = other if other != no else no % LENGTH + 1
    tx.execute(
        "UPDATE audit SET no = CASE no WHEN %s THEN %s ELSE %s END WHERE no IN (%s, %s)", (no, other, no, no, other)
    )


def _cut(tx: Tx, no: int, _other: int) -> None:
    tx.execute("DELETE FROM audit WHERE no >= %s", (no,))


def _insert(tx: Tx, no: int, _other: int) -> None:
    tx.execute("UPDATE audit SET no = -no - 1 WHERE no >= %s", (no,))
    tx.execute("UPDATE audit SET no = -no WHERE no < 0")
    tx.execute(
        "INSERT INTO audit SELECT %s, at, actor, roles, purpose, source, action, about, fields, trace_id, "
        "previous, hash FROM audit WHERE no <> %s LIMIT 1",
        (no, no),
    )


TAMPERINGS = [_edit, _delete, _delete_and_renumber, _swap, _cut, _insert]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(how=st.sampled_from(TAMPERINGS), no=st.integers(1, LENGTH), other=st.integers(1, LENGTH))
def test_any_change_is_found(trail: Database, how: Callable[[Tx, int, int], None], no: int, other: int) -> None:
    with trail.transaction() as tx:
        how(tx, no, other)
        with pytest.raises(ChainBroken):
            verify(tx)
        raise_rollback(tx)


def raise_rollback(tx: Tx) -> None:
    """Undo everything of this transaction at its end, so that the trail serves the next example."""
    raise psycopg.Rollback


@pytest.fixture
def trail(database: Database) -> Database:
    write(database)
    seal(database)
    return database


def test_a_trail_that_grows_while_it_is_checked_is_not_taken_for_a_broken_one(database: Database) -> None:
    write(database, 20)
    with ThreadPoolExecutor(2) as at_work:
        growing = at_work.submit(write, database, 150)
        lengths: list[int] = []
        while not growing.done() and len(lengths) < 1000:
            sealing = at_work.submit(seal, database)
            with database.transaction() as tx:
                lengths.append(verify(tx).chained)
            sealing.result()
        growing.result()

    assert lengths == sorted(lengths)
    assert chained(database) == 170
