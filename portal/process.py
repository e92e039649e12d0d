"""The portal's settings and processes where it runs on its own: `web`, `migrate`, `set-up-code`."""

import os
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from portal.app import create_portal
from portal.cli import code_sentence
from portal.clients.lines import ServiceAddress
from portal.dependencies import PortalDependencies
from shared.clock import utc_now
from shared.database import Database
from shared.database.migrations import PLUMBING
from shared.database.provision import provision
from shared.front_end import (
    CLINIC,
    IDLE_MINUTES,
    LISTENING,
    SECOND_FACTOR,
    SECURE,
    TOKEN_SEED,
    front_end_config,
    require_start,
)
from shared.metrics_pipeline import PipelineMetrics
from shared.process import (
    ADMIN_URL,
    APP_URL,
    CHECKPOINT_KEY,
    CHECKPOINTS,
    MASTER_KEY,
    PASSWORD_SEED,
    SEALER_URL,
    THREADS,
    ZONE,
    role_password,
)
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.sealer import Sealer
from shared.security.sealing import Vault
from shared.security.tokens import Signer, key_from_seed
from shared.settings import Setting, read_settings
from shared.start_facts import database_facts
from shared.web.server import serve

SERVICES = tuple(
    Setting(f"RAPPORT_{name.upper()}_URL", f"where the {name} service answers, such as http://{name}:8000")
    for name in ("intake", "scheduling", "feedback")
)
CHECKIN_URL = Setting("RAPPORT_CHECKIN_URL", "where clients open their links, as their phone sees it")

BACKUPS = Setting(
    "RAPPORT_BACKUPS", "folder of the backups, if the portal can see it: how they stand is shown to the manager", ""
)

SETTINGS: dict[str, tuple[Setting, ...]] = {
    "web": (
        APP_URL,
        SEALER_URL,
        CHECKPOINTS,
        CHECKPOINT_KEY,
        MASTER_KEY,
        TOKEN_SEED,
        *SERVICES,
        CHECKIN_URL,
        CLINIC,
        ZONE,
        SECURE,
        BACKUPS,
        SECOND_FACTOR,
        IDLE_MINUTES,
        *LISTENING,
    ),
    "migrate": (ADMIN_URL, PASSWORD_SEED),
    "set-up-code": (APP_URL, MASTER_KEY),
}


def run_web(values: Mapping[str, Any]) -> None:
    """Serve the portal until SIGTERM; raises StartRefused."""
    taken_on = require_start(
        "portal",
        values,
        services=[values[setting.name] for setting in SERVICES],
        secrets=(MASTER_KEY, CHECKPOINT_KEY, TOKEN_SEED),
        checkin_url=values[CHECKIN_URL.name],
        databases=[database_facts(values[APP_URL.name], "portal", migrations=[PLUMBING, "portal.migrations"])],
    )

    def build() -> Flask:
        _seal_in_background(values)
        return create_portal(
            PortalDependencies(
                database=_database(values, values[THREADS.name] + 2),
                signer=Signer(key_from_seed(values[TOKEN_SEED.name]), "portal"),
                services={
                    setting.name.split("_")[1].lower(): ServiceAddress(values[setting.name].rstrip("/"))
                    for setting in SERVICES
                },
                checkin_base_url=values[CHECKIN_URL.name].rstrip("/"),
                clinic_name=values[CLINIC.name],
                zone=values[ZONE.name],
                secure_cookies=values[SECURE.name],
                taken_on=taken_on,
                backups=Path(values[BACKUPS.name]) if values[BACKUPS.name] else None,
                second_step_required=values[SECOND_FACTOR.name],
                idle=timedelta(minutes=values[IDLE_MINUTES.name]),
            )
        )

    serve(build, front_end_config("portal", values))


def run_migrate(values: Mapping[str, Any]) -> str:
    """Bring the portal's database up to date; gives the sentence to print."""
    seed = values[PASSWORD_SEED.name]
    provision(values[ADMIN_URL.name], "portal", "portal.migrations", lambda role: role_password(seed, role))
    return "portal: database and roles are up to date"


def run_setup_code(values: Mapping[str, Any]) -> str:
    """A one-time code for the first manager's account; gives the sentence to print."""
    database = _database(values, 2)
    try:
        with database.transaction() as tx:
            return code_sentence(tx)
    finally:
        database.close()


def read(process: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The settings of one process; raises ConfigurationError."""
    return read_settings(os.environ if env is None else env, SETTINGS[process])


def _seal_in_background(values: Mapping[str, Any]) -> None:
    """
    The portal has no worker: a thread of each web process offers to chain the access log, one of them leads.

    The thread ends with its process, in whatever it does: a batch is one transaction.
    """
    checkpoints = Checkpoints(values[CHECKPOINTS.name], "portal", values[CHECKPOINT_KEY.name])
    sealer = Sealer("portal", values[SEALER_URL.name], checkpoints, PipelineMetrics(), utc_now)
    threading.Thread(target=sealer.run, args=(threading.Event(),), name="portal sealer", daemon=True).start()


def _database(values: Mapping[str, Any], size: int) -> Database:
    vault = Vault(values[MASTER_KEY.name], service="portal")
    return Database(values[APP_URL.name], name="portal web", size=size, vault=vault).open()
