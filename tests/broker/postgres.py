"""A log in PostgreSQL for tests, used with the rights of a relay and no more."""

import psycopg
from psycopg import sql

from embedded.postgres import EmbeddedPostgres
from shared.database.roles import LOG_DATABASE, with_database
from shared.eventlog.postgres import LogUser, migrate_log
from tests.databases import test_password

EVERYTHING = LogUser("relay_contract", topics="%", groups="%")  # the contract's tests make topics and groups as they go


def contract_url(postgres: EmbeddedPostgres) -> str:
    """The log's database on this server, made if need be, as a role that may only use it."""
    return url_of(postgres, EVERYTHING)


def url_of(postgres: EmbeddedPostgres, user: LogUser) -> str:
    """The log's database as this user, who is made if need be."""
    password = test_password(user.role)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (user.role,)).fetchone():
            statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(user.role), sql.Literal(password)))
            migrate_log(postgres.url(), [user], test_password)
    return with_database(postgres.url(), LOG_DATABASE, user=user.role, password=password)
