"""
Databases and roles of least privilege: one database a service, and nobody connects to another's.

`migrate_<s>` owns the tables; `app_<s>` may change its own rows, but only add to audit and
outbox; `relay_<s>` moves the outbox to the archive. The event log in PostgreSQL is a
database of its own, which the relays may use.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

LOG_DATABASE = "rapport_log"


def database_name(service: str) -> str:
    """The database of a service."""
    return f"rapport_{service}"


def with_database(url: str, database: str, *, user: str | None = None, password: str | None = None) -> str:
    """The same server, another database and, if given, another role, as a libpq connection string."""
    parts: dict[str, Any] = {**conninfo_to_dict(url), "dbname": database}
    if user is not None:
        parts |= {"user": user, "password": password or ""}
    return make_conninfo("", **parts)


def create_database(admin_url: str, database: str, passwords: Mapping[str, str]) -> None:
    """
    Create a database and its roles if they are not there; sets the roles' passwords.

    Args:
        admin_url: A role that may create databases and roles.
        database: Its name.
        passwords: Role name -> password. The first role owns the database.
    """
    owner = next(iter(passwords))
    with psycopg.connect(admin_url, autocommit=True, application_name="rapport migrate") as connection:
        connection.execute("SELECT pg_advisory_lock(7240002)")
        for role, password in passwords.items():
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                    verb, sql.Identifier(role), sql.Literal(password)
                )
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(database), sql.Identifier(owner)
                )
            )
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        for role in passwords:
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), sql.Identifier(role))
            )


def grant_service(owner_url: str, service: str) -> None:
    """Give the roles of a service what they need and no more; run after every migration, by the owner."""
    app, relay = sql.Identifier(f"app_{service}"), sql.Identifier(f"relay_{service}")
    statements = [
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {app}, {relay}",
        "GRANT USAGE ON SCHEMA public TO {app}, {relay}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app}, {relay}",
        "REVOKE UPDATE, DELETE ON outbox, audit FROM {app}",
        "REVOKE INSERT, UPDATE, DELETE ON outbox_archive, schema_migrations FROM {app}",
        "REVOKE DELETE ON audit_head FROM {app}",
        # FOR UPDATE needs UPDATE on at least one column; the relay changes none.
        "GRANT SELECT, DELETE, UPDATE (seq) ON outbox TO {relay}",
        "GRANT SELECT, INSERT ON outbox_archive TO {relay}",
        "GRANT EXECUTE ON FUNCTION outbox_archive_upkeep() TO {app}",
    ]
    with psycopg.connect(owner_url, application_name="rapport migrate") as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(app=app, relay=relay))
