"""The entry point of every service: `python -m services.<name> web | worker | migrate`."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import FrameType
from zoneinfo import ZoneInfo

import psycopg
from flask import Flask

from shared.clock import utc_now
from shared.database import Database
from shared.database.migrations import MigrationRefused
from shared.database.provision import provision
from shared.eventlog.connect import open_log
from shared.eventlog.interface import LogError
from shared.health import Health, HealthServer
from shared.logs import configure_logs
from shared.process import (
    BESIDE,
    EX_CONFIG,
    EX_OK,
    EX_SOFTWARE,
    EX_UNAVAILABLE,
    SETTINGS,
    Process,
    ServiceConfig,
    role_password,
)
from shared.readiness import CannotStart, facts, require_database, require_topics, worker_checks
from shared.security.audit.checkpoints import Checkpoints
from shared.security.sealing import Vault
from shared.service import Service
from shared.settings import ConfigurationError
from shared.start_checks import Configuration, Listens, StartRefused, require
from shared.start_facts import database_facts, debug_switches
from shared.worker import ServiceWorker, WorkerDied, group_of

POOL = 8  # connections of a worker: four threads, the health checks, some air

_ABOUT: dict[Process, str] = {
    "web": "serve the JSON API; needs PostgreSQL, never the event log",
    "worker": "relay events to the log, hear the others' events, run the jobs, chain the trail; any number may run",
    "migrate": "create or upgrade database, roles and topics, then exit; once per release, before the others",
}


def main(service: Service, argv: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """
    Run one process of a service.

    Args:
        service: What to run.
        argv: Arguments without the program's name.
        env: The environment; the process's own unless given.

    Returns:
        The exit code: 0; 78 if the configuration is wrong, 69 if something needed is
        away, each with one line on standard error; 70 if a thread of the worker died.
    """
    process: Process = _parser(service).parse_args(argv).process
    try:
        config = ServiceConfig.from_env(os.environ if env is None else env, process)
    except ConfigurationError as error:
        return _refuse(service, process, error, EX_CONFIG)
    try:
        return _RUN[process](service, config)
    except (CannotStart, LogError, psycopg.Error) as error:
        return _refuse(service, process, error, EX_UNAVAILABLE)
    except (MigrationRefused, StartRefused) as error:
        return _refuse(service, process, error, EX_CONFIG)


def run_web(service: Service, config: ServiceConfig) -> int:
    """Serve the API until SIGTERM."""
    from shared.security.tokens import Verifier  # noqa: PLC0415 - a worker does without gunicorn and the web parts
    from shared.web.app import ApiDependencies, create_api  # noqa: PLC0415
    from shared.web.server import WebConfig, serve  # noqa: PLC0415

    require_database(config.app_url, service)
    _require_start(service, "web", config, Listens("the API", config.host, inner=True))
    web = WebConfig(
        name=service.name,
        bind=f"{config.host}:{config.port}",
        inner_bind=f"{config.health_host}:{config.health_port}",
        workers=config.workers,
        threads=config.threads,
        metrics_dir=config.metrics_dir / service.name if config.metrics_dir else None,
    )

    def build() -> Flask:
        parts = ApiDependencies(
            database=_database(service, config, "web", config.threads + 2),
            verifier=Verifier(config.token_keys, service.name, service.trusts),
            inner_port=web.inner_port,
            threads=config.threads,
            version=_version(),
            commit=config.commit,
        )
        return create_api(service, parts)

    serve(build, web)
    return EX_OK


def run_worker(service: Service, config: ServiceConfig) -> int:
    """Relay, hear and run jobs until SIGTERM; a second signal ends the process at once."""
    configure_logs(service=service.name, process="worker")
    require_database(config.app_url, service)
    _require_start(service, "worker", config)
    log = open_log(config.log_url, name=f"{service.name}-worker")
    require_topics(log, service)
    stop = threading.Event()
    _stop_on_signals(stop)
    database = _database(service, config, "worker", POOL)
    worker = ServiceWorker(
        service,
        database=database,
        relay_url=config.relay_url,
        sealer_url=config.sealer_url,
        checkpoints=Checkpoints(config.checkpoints, service.name, config.checkpoint_key),
        log=log,
        clock=utc_now,
    )
    health = Health(
        service.name,
        beats=worker.beats,
        checks=worker_checks(database, worker),
        metrics=worker.metrics.metrics,
        clock=utc_now,
        facts={"commit": config.commit, **facts()},
    )
    server = HealthServer(health, host=config.health_host, port=config.health_port)
    server.start()
    try:
        worker.run(stop)
    except WorkerDied as error:
        return _refuse(service, "worker", error, EX_SOFTWARE)
    finally:
        server.close()
        log.close()
        database.close()
    return EX_OK


def run_migrate(service: Service, config: ServiceConfig) -> int:
    """Bring database, roles and topics up to date; says what it did."""

    def password(role: str) -> str:
        return role_password(config.password_seed, role)

    provision(config.admin_url, service.name, service.migrations, password)
    url = config.log
    if config.log == BESIDE:
        from shared.eventlog.postgres.provision import LogUser, migrate_log  # noqa: PLC0415 - not needed with Kafka

        user = LogUser(f"relay_{service.name}", topics=service.topic, groups=group_of(service.name))
        url = migrate_log(config.admin_url, [user], password)
    log = open_log(url, name=f"{service.name}-migrate")
    try:
        for topic in sorted({service.topic, *service.listens_to}):
            log.create_topic(topic)
    finally:
        log.close()
    print(f"{service.name}: database, roles and topics are up to date")  # noqa: T201 - said to the operator
    return EX_OK


_RUN: dict[Process, Callable[[Service, ServiceConfig], int]] = {
    "web": run_web,
    "worker": run_worker,
    "migrate": run_migrate,
}


def _require_start(service: Service, process: Process, config: ServiceConfig, *listens: Listens) -> None:
    secrets = {"RAPPORT_MASTER_KEY": config.master_key, "RAPPORT_CHECKPOINT_KEY": config.checkpoint_key}
    described = Configuration(
        listens=(*listens, Listens("health and metrics", config.health_host, inner=True)),
        log=config.log if process == "worker" else "",
        databases=(database_facts(config.app_url, service.name),),
        secrets=secrets if process == "worker" else {"RAPPORT_MASTER_KEY": config.master_key},
        debug=debug_switches(os.environ),
        accepted=config.accept,
    )
    for line in require(described):
        print(f"{service.name} {process}: accepted by RAPPORT_ACCEPT: {line}", file=sys.stderr)  # noqa: T201


def _database(service: Service, config: ServiceConfig, process: str, size: int) -> Database:
    vault = Vault(config.master_key, service=service.name)
    name = f"{service.name} {process}"
    return Database(config.app_url, name=name, size=size, vault=vault, zone=ZoneInfo(config.zone)).open()


def _stop_on_signals(stop: threading.Event) -> None:
    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(EX_SOFTWARE)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service.name}",
        description=f"{service.title}. One process of the service; configured by the environment.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Start order: PostgreSQL, then migrate, then worker and web.\n"
        "Exit codes: 0 ended as asked, 69 something needed is away, 70 a thread died, 78 wrong configuration.",
    )
    commands = parser.add_subparsers(dest="process", required=True, metavar="web | worker | migrate")
    for process, about in _ABOUT.items():
        commands.add_parser(
            process,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            epilog=_settings_help(process),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    return parser


def _settings_help(process: Process) -> str:
    lines = ["Environment (a secret may also be given as a file: NAME_FILE):"]
    for setting in SETTINGS[process]:
        default = "required" if setting.default is None else f"default {setting.default}"
        lines.append(f"  {setting.name}\n      {setting.help} ({default})")
    return "\n".join(lines)


def _refuse(service: Service, process: str, error: Exception, code: int) -> int:
    lines = str(error).strip().splitlines()
    for said in lines if isinstance(error, StartRefused) else lines[:1]:
        print(f"{service.name} {process}: {said}", file=sys.stderr)  # noqa: T201 - for whoever started it
    return code


def _version() -> str:
    try:
        return version("rapport")
    except PackageNotFoundError:
        return "unknown"
