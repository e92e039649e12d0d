"""What `shared.start_checks` looks at, found out: files, environment, databases."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from shared.database.migrations import pending
from shared.start_checks import DatabaseFacts, Place

_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
_DEBUG = ("FLASK_DEBUG", "FLASK_TESTING", "WERKZEUG_DEBUG_PIN", "PYTHONASYNCIODEBUG")


def place(path: Path) -> Place | None:
    """A file or folder as it lies there; None if it does not."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return Place(path, status.st_mode & 0o777, status.st_uid == os.geteuid())


def debug_switches(env: Mapping[str, str]) -> tuple[str, ...]:
    """Names of switches in the environment that turn a debugging or testing mode on."""
    return tuple(name for name in _DEBUG if env.get(name, "0").lower() not in {"", "0", "no", "off", "false"})


def database_facts(url: str, name: str, *, migrations: Sequence[str] = ()) -> DatabaseFacts:
    """
    Ask a database as the role of `url`.

    Args:
        url: A PostgreSQL URL.
        name: Whose database it is, for the message.
        migrations: Packages whose migrations must have been applied.

    Raises:
        psycopg.OperationalError: it does not answer.
        MigrationRefused: it was made by a newer program.
    """
    given = conninfo_to_dict(url)
    host = str(given.get("host") or "")
    with psycopg.connect(url, connect_timeout=5, application_name=f"{name} start", autocommit=True) as connection:
        before = datetime.now(UTC)
        row = connection.execute(
            "SELECT clock_timestamp(), (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), "
            "array(SELECT current_setting(setting) FROM unnest(%s::text[]) AS setting)",
            (list(_SETTINGS),),
        ).fetchone()
        assert row is not None  # a SELECT without FROM has one row
        middle = before + (datetime.now(UTC) - before) / 2
        todo = len(pending(connection, list(migrations))) if migrations else 0
    return DatabaseFacts(
        name,
        host=host,
        sslmode=str(given.get("sslmode") or "prefer"),
        password=str(given.get("password") or ""),
        superuser=bool(row[1]),
        settings=dict(zip(_SETTINGS, row[2], strict=True)),
        seconds_off=(middle - row[0]).total_seconds(),
        pending=todo,
    )


def trusts(admin_url: str) -> bool | None:
    """Tell whether pg_hba.conf lets anybody in without a password; None where the role may not read it."""
    try:
        with psycopg.connect(admin_url, connect_timeout=5, autocommit=True) as connection:
            row = connection.execute("SELECT bool_or(auth_method = 'trust') FROM pg_hba_file_rules").fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return None
    return bool(row and row[0])
