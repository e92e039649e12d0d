"""Databases for tests: made once a run, emptied between tests."""

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
    """Empty every table of a database, but keep its schema; the audit chain begins anew."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        names = [
            str(row[0])
            for row in connection.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            ).fetchall()
        ]
        tables = sql.SQL(", ").join(sql.Identifier(name) for name in sorted(names) if name not in KEPT)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
        if "audit_head" in names:
            connection.execute("UPDATE audit_head SET no = 0, hash = '\\x00', sealed_at = NULL")
