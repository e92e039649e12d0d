"""Databases for tests: made once a run, emptied between tests."""

from typing import Any

import psycopg
from psycopg import sql

from embedded.keys import Keys
from shared.database.provision import ServiceUrls, provision

KEPT = ("schema_migrations", "audit_head")


# The keys of the test clinic: one server serves both, and a role has one password.
TEST_KEYS = Keys(bytes(range(32)))


def test_password(role: str) -> str:
    """The same in every test process, and the same as in the clinic of these tests."""
    return TEST_KEYS.password(role)


test_password.__test__ = False  # type: ignore[attr-defined]


def provision_service(admin_url: str, service: str) -> ServiceUrls:
    """A service's database with its roles, as `migrate` makes it."""
    return provision(admin_url, service, f"services.{service}.migrations", test_password)


def empty(owner_url: str) -> None:
    """
    Empty every table of a database, but keep its schema; numbers and the audit chain begin anew.

    Only what a test has touched is emptied: a TRUNCATE gives each table and index a new file, which for all of them
    takes longer than most tests.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        everything = _tables(connection)
        tables = [name for name in everything if name not in KEPT]
        has_rows = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(name, sql.Identifier(name)) for name in tables
        )
        touched = {str(row[0]) for row in connection.execute(has_rows).fetchall()} | _numbered(connection)
        if wanted := sorted(touched & set(tables)):
            named = sql.SQL(", ").join(map(sql.Identifier, wanted))
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(named))
        if "audit_head" in everything:
            connection.execute("UPDATE audit_head SET no = 0, hash = '\\x00', sealed_at = NULL")


def _tables(connection: psycopg.Connection[tuple[Any, ...]]) -> list[str]:
    found = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    )
    return [str(row[0]) for row in found.fetchall()]


def _numbered(connection: psycopg.Connection[tuple[Any, ...]]) -> set[str]:
    """Tables which have given out numbers, also those that are empty again."""
    found = connection.execute(
        "SELECT c.relname FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i') "
        "JOIN pg_class c ON c.oid = d.refobjid WHERE pg_sequence_last_value(s.seqrelid) IS NOT NULL"
    )
    return {str(row[0]) for row in found.fetchall()}
