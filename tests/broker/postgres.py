"""A log in PostgreSQL for tests, used with the rights of a relay and no more."""

import psycopg
from psycopg import sql

from embedded.postgres import EmbeddedPostgres
from shared.database.roles import LOG_DATABASE, with_database
from shared.eventlog.postgres import migrate_log
from tests.databases import test_password

ROLE = "relay_contract"


def contract_url(postgres: EmbeddedPostgres) -> str:
    """The log's database on this server, made if need be, as a role that may only use it."""
    password = test_password(ROLE)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(ROLE), sql.Literal(password)))
            migrate_log(postgres.url(), [ROLE], test_password)
    return with_database(postgres.url(), LOG_DATABASE, user=ROLE, password=password)
