"""How `rapport` finds the clinic of a data folder: by the same settings and keys as the program that runs it."""

from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import make_conninfo

from embedded.backups import plan_of
from embedded.databases import service_urls_of
from embedded.keys import KeysRefused, load_keys
from embedded.postgres import socket_dir
from embedded.settings import EmbeddedConfig
from shared.cli.clinics import Away, Clinic, Trail, answers, can_enter
from shared.database.roles import LOG_DATABASE, with_database
from shared.eventlog.postgres.provision import OWNER as LOG_OWNER
from shared.security.audit.checkpoints import Checkpoints
from shared.settings import ConfigurationError


def find(env: Mapping[str, str]) -> Clinic | None:
    """
    The clinic of RAPPORT_DATA, or of the folder that `make run` uses by itself; None when there is none.

    Raises:
        Away: it does not run, its key is somebody else's or damaged, or a setting is wrong.
    """
    try:
        config = EmbeddedConfig.from_env(env)
        if not can_enter(config.keys):  # made by the first start, before anything else
            return None
        keys = load_keys(config.keys)
    except (ConfigurationError, KeysRefused) as error:
        raise Away(str(error)) from error
    server = config.database_url or _own_server(config.data)
    if not answers(server):
        raise _does_not_run(config.data)
    urls = service_urls_of(server, keys.password)
    trails = {
        name: Trail(one.sealer, Checkpoints(config.checkpoints, name, keys.secret(f"audit|{name}")))
        for name, one in urls.items()
    }
    databases = {name: one.app for name, one in urls.items()}
    log = with_database(server, LOG_DATABASE, user=LOG_OWNER, password=keys.password(LOG_OWNER))
    return Clinic(config.data, log, databases, trails, plan_of(config, keys, server))


def _own_server(data: Path) -> str:
    """Where the embedded server listens, by PostgreSQL's own note of it (its manual, "Database File Layout")."""
    server = data / "postgres"
    try:
        if data.is_dir() and not server.exists():
            raise Away(f"the clinic in {data} uses an outside PostgreSQL: set RAPPORT_DATABASE_URL as for `make run`")
        _, _, _, port, *_ = (server / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, ValueError) as error:  # stopped, or only just starting
        raise _does_not_run(data) from error
    except PermissionError as error:
        raise Away(f"{server} is not yours to read: run the command as the user who runs the clinic") from error
    return make_conninfo("", host=str(socket_dir(server)), port=port, dbname="postgres")


def _does_not_run(data: Path) -> Away:
    return Away(f"the clinic in {data} does not run: start it with `make run`")
