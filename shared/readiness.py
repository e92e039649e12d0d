"""What must be so before a process works, asked at its start and by `/readyz`."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import psycopg

from shared.database import Database, DatabaseUnavailable
from shared.database.migrations import PLUMBING, MigrationRefused, load_migrations, pending
from shared.eventlog.interface import EventLog, LogUnavailable
from shared.health import Check
from shared.service import Service
from shared.worker import ServiceWorker


class CannotStart(Exception):
    """Something that the process needs is not there; the message says what, and what to do."""


def require_database(url: str, service: Service) -> None:
    """
    Make sure that the database answers and has the schema this program needs.

    Raises:
        CannotStart
    """
    try:
        with psycopg.connect(url, connect_timeout=5, application_name=f"{service.name} start") as connection:
            todo = pending(connection, [PLUMBING, service.migrations])
    except psycopg.OperationalError as error:
        raise CannotStart("the database does not answer (RAPPORT_APP_URL)") from error
    except psycopg.Error as error:
        raise CannotStart(
            f"the database refuses: {type(error).__name__} (is RAPPORT_APP_URL this service's?)"
        ) from error
    except MigrationRefused as error:
        raise CannotStart(str(error)) from error
    if todo:
        names = ", ".join(migration.name for migration in todo[:3])
        raise CannotStart(f"{len(todo)} migrations are not applied ({names}): run migrate first")


def require_topics(log: EventLog, service: Service) -> bool:
    """
    Make sure that the topics exist; False if the log does not answer, which is waited for later.

    Raises:
        CannotStart: the log answers, but topics are missing.
    """
    try:
        known = log.topics()
    except LogUnavailable:
        return False
    if missing := sorted({service.topic, *service.listens_to} - set(known)):
        raise CannotStart(f"the log has no topic {', '.join(missing)}: run migrate first")
    return True


def worker_checks(database: Database, worker: ServiceWorker) -> list[Callable[[], Check]]:
    """The checks behind a worker's `/readyz`."""

    def ask_database() -> Check:
        if database.damaged:
            return Check("database", "failing", "PostgreSQL found a damaged page: docs/runbook/damaged-page.md")
        try:
            with database.transaction() as tx:
                tx.execute("SET LOCAL statement_timeout = '1s'")
                todo = pending_packages(tx.connection, worker.service)
        except (DatabaseUnavailable, psycopg.Error) as error:
            return Check("database", "failing", type(error).__name__)
        return Check("database", "failing", "migrations are not applied") if todo else Check("database", "ok")

    def ask_keys() -> Check:
        return Check("keys", "ok") if database.vault else Check("keys", "failing", "this process holds no keys")

    def ask_log() -> Check:
        return Check("log", "degraded", worker.trouble) if worker.trouble else Check("log", "ok")

    def ask_consumer() -> Check:
        why = worker.stands_still
        return Check("consumer", "failing", why) if why else Check("consumer", "ok")

    def ask_jobs() -> Check:
        late = worker.late_jobs
        return Check("jobs", "degraded", "late: " + ", ".join(late)) if late else Check("jobs", "ok")

    return [ask_database, ask_keys, ask_log, ask_consumer, ask_jobs]


def pending_packages(connection: psycopg.Connection[dict[str, object]], service: Service) -> int:
    """How many migrations the database lacks, by their numbers."""
    rows = connection.execute("SELECT package, max(number) AS newest FROM schema_migrations GROUP BY package")
    have = {str(row["package"]): int(str(row["newest"])) for row in rows}
    return sum(
        max(0, len(load_migrations(package)) - have.get(package, 0)) for package in (PLUMBING, service.migrations)
    )


def facts() -> dict[str, str]:
    """What `/readyz` tells beside the checks."""
    try:
        return {"tzdata": version("tzdata")}
    except PackageNotFoundError:
        return {"tzdata": "the system's"}
