"""All databases of an installation on one server: created, migrated, granted; safe to repeat at every start."""

from collections.abc import Callable, Mapping

from shared.database.provision import ServiceUrls, provision, service_urls
from shared.eventlog.connect import open_log
from shared.eventlog.postgres.provision import LogUser, migrate_log
from shared.worker import group_of

MIGRATIONS = {
    "intake": "services.intake.migrations",
    "scheduling": "services.scheduling.migrations",
    "feedback": "services.feedback.migrations",
    "portal": "portal.migrations",
}


def prepare_databases(admin_url: str, password: Callable[[str], str]) -> Mapping[str, ServiceUrls]:
    """
    Bring a server from empty, or from an older release, to what this program needs.

    Raises:
        MigrationRefused: the data was written by a newer program, or a migration was altered.
    """
    urls = {name: provision(admin_url, name, package, password) for name, package in MIGRATIONS.items()}
    writers = [name for name in MIGRATIONS if name != "portal"]
    users = [LogUser(f"relay_{name}", topics=f"rapport.{name}", groups=group_of(name)) for name in writers]
    log = open_log(migrate_log(admin_url, users, password), name="prepare")
    try:
        for name in writers:
            log.create_topic(f"rapport.{name}")
    finally:
        log.close()
    return urls


def service_urls_of(admin_url: str, password: Callable[[str], str]) -> Mapping[str, ServiceUrls]:
    """The URLs that `prepare_databases` leads to, without touching the server."""
    return {name: service_urls(admin_url, name, password) for name in MIGRATIONS}
