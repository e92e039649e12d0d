"""From an empty PostgreSQL server to a service's own database: create, migrate, grant."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.database.migrations import PLUMBING, migrate
from shared.database.roles import (
    BACKUP_ROLE,
    LOG_DATABASE,
    create_database,
    database_name,
    grant_service,
    with_database,
)


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """How the processes of one service reach its database: each with the rights it needs."""

    owner: str  # migrations
    app: str  # web, and the consumers and jobs of the worker
    relay: str  # the relay
    sealer: str  # the sealer of the audit trail, and whoever reads it
    log: str  # the event log in PostgreSQL, as the relay's role


def provision(admin_url: str, service: str, package: str, password: Callable[[str], str]) -> ServiceUrls:
    """
    Create what is missing of a service's database and bring it up to date; safe to repeat.

    Args:
        admin_url: A role that may create databases and roles.
        service: The service's name.
        package: The package with its migrations.
        password: Gives the password of a role by its name.
    """
    urls = service_urls(admin_url, service, password)
    create_service_database(admin_url, service, password)
    migrate(urls.owner, [PLUMBING, package])
    grant_service(urls.owner, service)
    return urls


def create_service_database(admin_url: str, service: str, password: Callable[[str], str]) -> None:
    """Create a service's database and its roles if they are not there; nothing is in it yet."""
    roles = [f"{role}_{service}" for role in ("migrate", "app", "relay", "sealer")]
    create_database(admin_url, database_name(service), {role: password(role) for role in (*roles, BACKUP_ROLE)})


def backup_url(admin_url: str, password: Callable[[str], str]) -> str:
    """The server as the role that takes backups."""
    return with_database(admin_url, "postgres", user=BACKUP_ROLE, password=password(BACKUP_ROLE))


def service_urls(admin_url: str, service: str, password: Callable[[str], str]) -> ServiceUrls:
    """The URLs that `provision` leads to, without touching the server."""
    database = database_name(service)

    def url(role: str, on: str) -> str:
        name = f"{role}_{service}"
        return with_database(admin_url, on, user=name, password=password(name))

    return ServiceUrls(
        owner=url("migrate", database),
        app=url("app", database),
        relay=url("relay", database),
        sealer=url("sealer", database),
        log=url("relay", LOG_DATABASE),
    )
