"""From a PostgreSQL server to a log on it: a database of its own, its tables, who may use them."""

from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from shared.database.migrations import migrate
from shared.database.roles import BACKUP_ROLE, LOG_DATABASE, create_database, with_database

MIGRATIONS = "shared.eventlog.postgres.migrations"
OWNER = "migrate_log"


def migrate_log(admin_url: str, users: Sequence[str], password: Callable[[str], str]) -> str:
    """
    Create the log's database if it is not there and bring it up to date; safe to repeat.

    Args:
        admin_url: A role that may create databases and roles.
        users: Existing roles that may use the log, for example the relays'.
        password: Gives the password of a role by its name.

    Returns:
        The owner's connection string.
    """
    owner_url = create_log_database(admin_url, password)
    migrate(owner_url, [MIGRATIONS])
    with psycopg.connect(owner_url, application_name="rapport migrate") as connection:
        # A crash must never take back a record that a consumer has seen and give its offset to another.
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = 'on'").format(sql.Identifier(LOG_DATABASE))
        )
        for user in users:
            _grant(connection, sql.Identifier(user))
    return owner_url


def create_log_database(admin_url: str, password: Callable[[str], str]) -> str:
    """Create the log's database if it is not there, with nothing in it; returns the owner's connection string."""
    create_database(admin_url, LOG_DATABASE, {OWNER: password(OWNER), BACKUP_ROLE: password(BACKUP_ROLE)})
    return with_database(admin_url, LOG_DATABASE, user=OWNER, password=password(OWNER))


def _grant(connection: psycopg.Connection[tuple[object, ...]], user: sql.Identifier) -> None:
    statements = [
        "GRANT CONNECT ON DATABASE {database} TO {user}",
        "GRANT USAGE ON SCHEMA public TO {user}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON topics, heads, log, members, offsets TO {user}",
    ]
    for statement in statements:
        connection.execute(sql.SQL(statement).format(user=user, database=sql.Identifier(LOG_DATABASE)))
