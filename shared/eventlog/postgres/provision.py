"""From a PostgreSQL server to a log on it: a database of its own, its tables, who may use them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from shared.database.migrations import migrate
from shared.database.roles import BACKUP_ROLE, LOG_DATABASE, create_database, with_database

MIGRATIONS = "shared.eventlog.postgres.migrations"
OWNER = "migrate_log"

_GRANTS = (
    "GRANT CONNECT ON DATABASE {database} TO {user}",
    "GRANT USAGE ON SCHEMA public TO {user}",
    "REVOKE ALL ON topics, heads, log, members, offsets FROM {user}",
    "GRANT SELECT, INSERT ON topics TO {user}",
    "GRANT SELECT, INSERT, DELETE ON log TO {user}",
    "GRANT SELECT, INSERT, UPDATE ON heads TO {user}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON members, offsets TO {user}",
)
# One condition each, looked up once a statement and not once a row.
_OWN = {
    "topics": "name LIKE {topics}",
    "heads": "topic_id IN (SELECT t.topic_id FROM topics t WHERE t.name LIKE {topics})",
    "log": "topic_id IN (SELECT t.topic_id FROM topics t WHERE t.name LIKE {topics})",
    "members": "grp LIKE {groups}",
    "offsets": "grp LIKE {groups}",
}


@dataclass(frozen=True, slots=True)
class LogUser:
    """An existing role that may read the whole log and write a part of it; the parts are patterns of SQL's LIKE."""

    role: str
    topics: str
    """Which topics it may make, append to and trim."""
    groups: str
    """Whose consumer groups' members and places it may change."""


def migrate_log(admin_url: str, users: Sequence[LogUser], password: Callable[[str], str]) -> str:
    """
    Create the log's database if it is not there and bring it up to date; safe to repeat.

    Args:
        admin_url: A role that may create databases and roles.
        users: Who may use the log, for example the relays' roles; what else they might do is taken from them.
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
            _grant(connection, user)
    return owner_url


def create_log_database(admin_url: str, password: Callable[[str], str]) -> str:
    """Create the log's database if it is not there, with nothing in it; returns the owner's connection string."""
    create_database(admin_url, LOG_DATABASE, {OWNER: password(OWNER), BACKUP_ROLE: password(BACKUP_ROLE)})
    return with_database(admin_url, LOG_DATABASE, user=OWNER, password=password(OWNER))


def _grant(connection: psycopg.Connection[tuple[object, ...]], user: LogUser) -> None:
    role = sql.Identifier(user.role)
    for statement in _GRANTS:
        connection.execute(sql.SQL(statement).format(user=role, database=sql.Identifier(LOG_DATABASE)))
    for table, own in _OWN.items():
        policy = sql.SQL("{policy} ON {table}").format(policy=role, table=sql.Identifier(table))
        condition = sql.SQL(own).format(topics=sql.Literal(user.topics), groups=sql.Literal(user.groups))
        connection.execute(sql.SQL("DROP POLICY IF EXISTS {}").format(policy))
        connection.execute(sql.SQL("CREATE POLICY {} TO {} USING ({})").format(policy, role, condition))
