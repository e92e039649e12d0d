"""`python -m embedded run`: a whole clinic in one process."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import click
import psycopg

from embedded.databases import MIGRATIONS, service_urls_of
from embedded.disk import keep_reserve
from embedded.folder import DataFolder, FolderInUse, FolderRefused
from embedded.keys import Keys, KeysRefused, key_file, load_or_make_keys, make_recovery_key
from embedded.postgres import EmbeddedPostgres, PostgresFailed
from embedded.settings import CHECKIN_PATH, SETTINGS, EmbeddedConfig
from embedded.supervisor import EXIT_GAVE_UP, GaveUp, StopRequested, Supervisor, ends_on_signal
from shared.backup.plan import RECOVERY_KEY, BackupRefused, make_folder
from shared.database.migrations import PLUMBING, MigrationRefused
from shared.settings import ConfigurationError
from shared.start_checks import Configuration, Listens, Place, StartRefused, in_short, require
from shared.start_facts import database_facts, debug_switches, place, trusts

EXIT_UNAVAILABLE, EXIT_CONFIGURATION = 69, 78  # sysexits(3)
PORTAL_THREADS, CHECKIN_THREADS, INNER_THREADS = 8, 4, 4


class CannotStart(Exception):
    """The clinic cannot start; the message says why in one line."""

    def __init__(self, why: str, code: int = EXIT_UNAVAILABLE) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Opening:
    """What the parent hands to the clinic's process: three bound sockets, how they speak, and what was accepted."""

    listeners: list[socket.socket]
    tls: ssl.SSLContext | None
    taken_on: list[str]


@click.group(context_settings={"max_content_width": 100})
def main() -> None:
    """Rapport in one process: pages, services, workers and their own PostgreSQL."""


@main.command(
    epilog="\b\nSettings, from the environment:\n"
    + "\n".join(f"  {s.name:<22} {s.help}" for s in SETTINGS)
    + "\n\nExit codes: 0 ended as asked, 69 something needed is away, 70 a part ended again and again, "
    "78 wrong configuration."
)
def run() -> None:
    """
    Start the clinic and serve it until Ctrl-C.

    The first start makes the data folder, the key and a fictional demo clinic
    (DEMO=0: an empty clinic with a one-time set-up code).
    """
    began = time.monotonic()
    try:
        with ends_on_signal():
            config = EmbeddedConfig.from_env(os.environ)
            _run(config, began)
    except StopRequested:
        click.echo("Rapport has stopped.")
    except (ConfigurationError, KeysRefused, StartRefused) as error:
        _refuse(error, EXIT_CONFIGURATION)
    except (FolderInUse, FolderRefused, PostgresFailed, MigrationRefused) as error:
        _refuse(error, EXIT_UNAVAILABLE)
    except GaveUp as error:
        _refuse(error, EXIT_GAVE_UP)
    except CannotStart as error:
        _refuse(error, error.code)


def _refuse(error: Exception, code: int) -> None:
    for line in str(error).splitlines():
        click.echo(f"rapport: {line}", err=True)
    sys.exit(code)


def _run(config: EmbeddedConfig, began: float) -> None:
    folder = DataFolder(config.data)
    folder.take()
    described = _described(config, os.environ)
    taken_on = require(described)
    tls = _tls(config)
    listeners = _listen(config)
    keys = load_or_make_keys(config.keys, data=config.data)
    _look_after_backups(config, first=make_recovery_key(config.keys))
    with _server(config, folder, keys) as (postgres, admin_url):
        _prepare(folder, admin_url)
        databases = _databases_described(config, keys, admin_url)
        taken_on += require(databases)
        for line in taken_on:
            click.echo(f"rapport: accepted by RAPPORT_ACCEPT: {line}", err=True)
        with contextlib.suppress(OSError):  # no reserve is no reason not to open
            keep_reserve(folder.path, config.reserve_bytes)

        opening = Opening(listeners, tls, in_short(described) + in_short(databases))

        def clinic() -> None:
            _serve(config, keys, admin_url, opening)

        _say_where(config, began)
        Supervisor(postgres, clinic).run()


def _described(config: EmbeddedConfig, env: Mapping[str, str]) -> Configuration:
    """What can be known before anything is opened."""
    is_tls = config.tls is not None
    return Configuration(
        listens=(
            Listens("the staff's pages", config.host, tls=is_tls),
            Listens("the check-in", config.host, tls=is_tls),
            Listens("APIs, health and metrics", "127.0.0.1", inner=True),
        ),
        proxies=bool(config.proxies),
        secure_cookies=config.is_secure,
        checkin_url=config.checkin_address,
        data=place(config.data),
        key=place(key_file(config.keys)) or Place(key_file(config.keys), 0o400),  # the first start makes it so
        key_folder=place(config.keys),
        backup_target=config.backups,
        debug=debug_switches(env),
        accepted=config.accepted,
    )


def _databases_described(config: EmbeddedConfig, keys: Keys, admin_url: str) -> Configuration:
    """What the databases say, each asked as the service that works in it."""
    urls = service_urls_of(admin_url, keys.password)
    anybody = trusts(admin_url)
    found = [
        replace(database_facts(urls[name].app, name, migrations=[PLUMBING, package]), trusts=anybody)
        for name, package in MIGRATIONS.items()
    ]
    return Configuration(databases=tuple(found), secrets={"the master key": keys.master}, accepted=config.accepted)


def _look_after_backups(config: EmbeddedConfig, *, first: bool) -> None:
    """Refuse a folder for backups that would be lost with the data; say once what the recovery key is for."""
    if config.backups is None:
        return
    try:
        make_folder(config.backups, apart_from=(config.data, config.keys))
    except BackupRefused as error:
        raise CannotStart(f"RAPPORT_BACKUPS: {error}", EXIT_CONFIGURATION) from error
    if first:
        click.echo(
            f"Backups go to {config.backups}, encrypted; a folder on a second disk is better (RAPPORT_BACKUPS).\n"
            f"Only {config.keys / RECOVERY_KEY} opens them. Keep it and the master key away from here\n"
            "(`./rapport backup-keys`), then delete that file: whoever takes this machine reads no old backup."
        )


def _tls(config: EmbeddedConfig) -> ssl.SSLContext | None:
    if config.tls is None:
        return None
    from embedded.server import tls_context  # noqa: PLC0415 - keeps the parent small

    try:
        return tls_context(config.tls)
    except OSError as error:
        raise CannotStart(
            f"certificate and key cannot be used ({error.strerror or error}): "
            "RAPPORT_TLS_CERT and RAPPORT_TLS_KEY name PEM files that fit each other",
            EXIT_CONFIGURATION,
        ) from error


def _listen(config: EmbeddedConfig) -> list[socket.socket]:
    wanted = (
        (config.host, config.port, "RAPPORT_PORT"),
        (config.host, config.checkin_port, "RAPPORT_CHECKIN_PORT"),
        ("127.0.0.1", config.inner_port, "RAPPORT_INNER_PORT"),
    )
    return [_bound(host, port, setting) for host, port, setting in wanted]


def _bound(host: str, port: int, setting: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        raise CannotStart(
            f"port {port} on {host} cannot be used ({error.strerror}): "
            f"stop what uses it, or choose another with {setting}"
        ) from error
    return listener


@contextlib.contextmanager
def _server(config: EmbeddedConfig, folder: DataFolder, keys: Keys) -> Iterator[tuple[EmbeddedPostgres | None, str]]:
    """The PostgreSQL server to use, None for an outside one, and its URL."""
    if config.database_url:
        try:
            psycopg.connect(config.database_url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[-1]
            raise CannotStart(f"the PostgreSQL of RAPPORT_DATABASE_URL does not answer: {reason}") from error
        yield None, config.database_url
        return
    click.echo(f"Starting PostgreSQL in {folder.postgres} ...")
    postgres = EmbeddedPostgres(folder.postgres, keys.password("admin"), settings=QUIET)
    try:
        postgres.start()
        yield postgres, postgres.url()
    finally:
        postgres.stop()


# A clinic at rest should cost nothing: no extra processes, few wake-ups.
QUIET = {
    "io_method": "sync",
    "jit": "off",
    "autovacuum_naptime": "2min",
    "max_parallel_workers": "0",
    "wal_level": "replica",
}


def _prepare(folder: DataFolder, admin_url: str) -> None:
    """Databases and, once, the demo clinic: in a process of their own, whose memory is given back."""
    command = [sys.executable, "-m", "embedded.prepare"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, pass_fds=(folder.lock,)) as child:  # noqa: S603 - ourselves
        try:
            child.communicate(admin_url)  # by pipe: a password has no place in arguments or environment
        except BaseException:
            child.terminate()
            raise
        code = child.returncode
    if code != 0:
        raise CannotStart("the databases could not be prepared (see above)", code)


def _say_where(config: EmbeddedConfig, began: float) -> None:
    rows = (
        ("staff", config.address),
        ("check-in", f"{config.checkin_address}{CHECKIN_PATH}/"),
        ("APIs, health", f"http://127.0.0.1:{config.inner_port}/api/... /readyz /metrics   (this machine alone)"),
        ("data", config.data),
        ("key", f"{config.keys}   (keep a copy of it elsewhere, apart from the data)"),
    )
    click.echo(f"\n{config.clinic} is open after {time.monotonic() - began:.1f} s. Ctrl-C stops it.\n")
    for what, where in rows:
        click.echo(f"  {what:<14}{where}")
    click.echo("")


def _serve(config: EmbeddedConfig, keys: Keys, admin_url: str, opening: Opening) -> None:
    """In the process that holds the clinic: everything is opened here, after the fork."""
    from embedded.backups import BackupLoop  # noqa: PLC0415 - the parent stays small
    from embedded.disk import Disk  # noqa: PLC0415
    from embedded.house import House  # noqa: PLC0415
    from embedded.server import Door, serve  # noqa: PLC0415
    from shared.clock import utc_now  # noqa: PLC0415
    from shared.logs import configure_logs  # noqa: PLC0415
    from shared.web.proxies import DeclaredProxies  # noqa: PLC0415

    os.environ["PYTHONTZPATH"] = ""
    configure_logs(service="rapport", process="embedded", file=config.data / "rapport.log")
    house = House(
        service_urls_of(admin_url, keys.password),
        keys,
        clock=utc_now,
        clinic=config.clinic,
        zone=config.zone,
        address=config.checkin_address,
        checkpoints=config.checkpoints,
        backups=config.backups,
        is_secure=config.is_secure,
        disk=Disk(config.data),
        taken_on=opening.taken_on,
        second_step_required=config.second_step_required,
        idle=config.idle,
    )
    backups = BackupLoop(config.backups, config.backup_every, utc_now) if config.backups else None

    def begin() -> None:
        house.begin()
        if backups:
            backups.begin()

    def end() -> None:
        if backups:
            backups.end()
        house.end()

    portal, checkin, inner = opening.listeners
    tls = opening.tls
    serve(
        [
            Door("portal", portal, DeclaredProxies(house.portal, config.proxies), PORTAL_THREADS, tls),
            Door("checkin", checkin, DeclaredProxies(house.checkin_door, config.proxies), CHECKIN_THREADS, tls),
            Door("inner", inner, DeclaredProxies(house.inner, ()), INNER_THREADS),
        ],
        begin=begin,
        end=end,
    )


if __name__ == "__main__":
    main()
