"""
Databases and roles of least privilege: one database a service, and nobody connects to another's.

`migrate_<s>` owns the tables; `app_<s>` may change its own rows, but only add to the outbox
and to the audit trail, which it cannot read; `relay_<s>` moves the outbox to the archive;
`sealer_<s>` moves the trail's entries into its chain and reads it. The event log in
PostgreSQL is a database of its own, which the relays may use. `rapport_backup` reads all of
them and changes nothing.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

LOG_DATABASE = "rapport_log"
BACKUP_ROLE = "rapport_backup"


def database_name(service: str) -> str:
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
        passwords: Role name -> password. The first role owns the database; BACKUP_ROLE may read it.
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
            if role == BACKUP_ROLE:
                # A server that somebody else runs may keep this to itself; until it is granted, backups say so.
                # A dump that left out the rows a policy hides would look whole: it sees all, or fails.
                for right in ("GRANT pg_read_all_data TO {}", "ALTER ROLE {} BYPASSRLS"):
                    with suppress(psycopg.errors.InsufficientPrivilege):
                        connection.execute(sql.SQL(right).format(sql.Identifier(role)))
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


# What each role may do with the tables of the plumbing; `app` may read and change all others, which are its own.
_APP = {
    "outbox": "SELECT, INSERT",
    "outbox_archive": "SELECT",
    "audit_waiting": "INSERT",  # adds its entries and cannot even look at them
    "audit": "",
    "audit_head": "",
    "schema_migrations": "SELECT",
}
_RELAY = {
    "outbox": "SELECT, DELETE, UPDATE (seq)",  # FOR UPDATE needs UPDATE on at least one column; the relay changes none
    "outbox_archive": "SELECT, INSERT",
}
_SEALER = {
    "audit_waiting": "SELECT, DELETE",
    "audit": "SELECT, INSERT",
    "audit_head": "SELECT, UPDATE",
}
_OWN = "SELECT, INSERT, UPDATE, DELETE"


def grant_service(owner_url: str, service: str) -> None:
    """
    Give the roles of a service what they need and no more; run after every migration, by the owner.

    Partitions get nothing: whoever may write to one goes past what their parent forbids. Those
    made later have none either, as nobody has privileges by default.
    """
    names = {role: sql.Identifier(f"{role}_{service}") for role in ("app", "relay", "sealer")}
    with psycopg.connect(owner_url, application_name="rapport migrate") as connection:
        tables = [str(row[0]) for row in connection.execute(_WHOLE_TABLES).fetchall()]
        wanted = [("app", table, _APP.get(table, _OWN)) for table in tables]
        wanted += [("relay", table, allowed) for table, allowed in _RELAY.items()]
        wanted += [("sealer", table, allowed) for table, allowed in _SEALER.items()]
        for statement in (*_NOTHING, *_ALWAYS):
            connection.execute(sql.SQL(statement).format(**names))
        for role, table, allowed in wanted:
            if allowed:
                connection.execute(
                    sql.SQL("GRANT {} ON public.{} TO {}").format(sql.SQL(allowed), sql.Identifier(table), names[role])
                )


_WHOLE_TABLES: LiteralString = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
    "AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition ORDER BY relname"
)
_NOTHING: tuple[LiteralString, ...] = (
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {app}, {relay}, {sealer}",
    "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {app}, {relay}, {sealer}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM PUBLIC, {app}, {relay}, {sealer}",
)
_ALWAYS: tuple[LiteralString, ...] = (
    "GRANT USAGE ON SCHEMA public TO {app}, {relay}, {sealer}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app}",
    "GRANT EXECUTE ON FUNCTION outbox_archive_upkeep(), audit_state() TO {app}",
    "GRANT EXECUTE ON FUNCTION audit_about(uuid, timestamptz, int) TO {app}",
    "GRANT EXECUTE ON FUNCTION audit_by(text, timestamptz, int), audit_since(timestamptz) TO {app}",
    "GRANT EXECUTE ON FUNCTION audit_upkeep(date) TO {sealer}",
)
