"""
Numbered, forward-only SQL migrations: checksummed, one transaction a file, under one advisory lock.

A file whose first line is `-- outside a transaction` runs statement by statement without one, as
CREATE INDEX CONCURRENTLY asks for. It is recorded when it has come to its end: an interrupted one
is run again from its beginning, so each of its statements must bear that (IF NOT EXISTS, or drop first).
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LOCK = 7_240_001  # any number that nothing else in the database uses
OUTSIDE = "-- outside a transaction"
PLUMBING = "shared.database.plumbing"


class MigrationRefused(Exception):
    """The files and the database disagree in a way that no migration can mend; the message says which file."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One SQL file: the package it belongs to, its number from 1 without gaps, its text."""

    package: str
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text; a file that was applied must never change again."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def is_outside(self) -> bool:
        """Whether it says that it cannot run in a transaction."""
        return self.sql.partition("\n")[0].strip() == OUTSIDE

    @property
    def statements(self) -> list[str]:
        """The statements of a file that runs outside a transaction: each ends with a semicolon at the end of a line."""
        lines = [line for line in self.sql.splitlines() if not line.lstrip().startswith("--")]
        return [one for part in re.split(r";[ \t]*\n", "\n".join(lines) + "\n") if (one := part.strip())]


def load_migrations(package: str) -> list[Migration]:
    """
    Read the migrations of a package, in order.

    Raises:
        MigrationRefused: numbers are missing or double.
    """
    found = [
        Migration(package, int(match[1]), entry.name, entry.read_text())
        for entry in files(package).iterdir()
        if (match := _NAME.fullmatch(entry.name))
    ]
    found.sort(key=lambda m: m.number)
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise MigrationRefused(f"{package}: migrations must be numbered 0001, 0002, ... without gaps")
    return found


def pending(connection: psycopg.Connection[tuple[Any, ...]], packages: list[str]) -> list[Migration]:
    """
    The migrations not yet applied, after checking those that were.

    Raises:
        MigrationRefused: an applied file was edited, or the database is ahead of this program.
    """
    exists = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL").fetchone()
    applied: dict[tuple[str, int], str] = {}
    if exists and exists[0]:
        rows = connection.execute("SELECT package, number, checksum FROM schema_migrations").fetchall()
        applied = {(p, n): c for p, n, c in rows}
    todo = []
    for package in packages:
        known = load_migrations(package)
        newest = max((n for p, n in applied if p == package), default=0)
        if newest > len(known):
            raise MigrationRefused(f"{package}: the database is at {newest:04}, this program knows {len(known):04}")
        for migration in known:
            was = applied.get((package, migration.number))
            if was is None:
                todo.append(migration)
            elif was != migration.checksum:
                raise MigrationRefused(f"{package}/{migration.name} was edited after it had been applied")
    return todo


def migrate(url: str, packages: list[str]) -> list[str]:
    """
    Bring one database up to date; safe to run from several machines at once.

    Args:
        url: PostgreSQL URL of the role that owns the tables.
        packages: Python packages that hold the SQL files, in order of application.

    Returns:
        The names of the files applied now.

    Raises:
        MigrationRefused: see `pending`. Nothing is applied in that case.
    """
    done = []
    with psycopg.connect(url, autocommit=True, application_name="rapport migrate") as connection:
        connection.execute("SET lock_timeout = '2s'")
        connection.execute("SET statement_timeout = '15min'")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (package text, number int, name text NOT NULL, "
            "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
            "PRIMARY KEY (package, number))"
        )
        for migration in pending(connection, packages):
            if migration.is_outside:
                for statement in migration.statements:
                    connection.execute(statement.encode())
                _record(connection, migration)
            else:
                with connection.transaction():
                    connection.execute(migration.sql.encode())
                    _record(connection, migration)
            done.append(f"{migration.package}/{migration.name}")
    return done


def _record(connection: psycopg.Connection[tuple[Any, ...]], migration: Migration) -> None:
    connection.execute(
        "INSERT INTO schema_migrations (package, number, name, checksum) VALUES (%s, %s, %s, %s)",
        (migration.package, migration.number, migration.name, migration.checksum),
    )
