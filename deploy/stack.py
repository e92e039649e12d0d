"""
The scale-out form on one machine without Docker: `make stack`.

Starts PostgreSQL, Apache Kafka, and for each service its `web` and `worker` process, plus portal
and check-in: the same processes with the same settings as docker-compose.yml. A process that
ends is started again; Ctrl-C or SIGTERM stops all of them in order.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import click

from deploy.kafka.broker import Broker, BrokerFailed
from deploy.secrets import SERVICES, make_secrets
from embedded.folder import DataFolder, FolderInUse, FolderRefused
from embedded.postgres import EmbeddedPostgres, PostgresFailed, socket_dir

READY_SECONDS = 60.0
STOP_SECONDS = 30.0
API_PORTS = {"intake": 8101, "scheduling": 8102, "feedback": 8103}
PORTAL_PORT, CHECKIN_PORT = 8000, 8001
HEALTH_PORTS = {
    name: 9101 + n
    for n, name in enumerate([*(f"{s}-{kind}" for s in SERVICES for kind in ("web", "worker")), "portal", "checkin"])
}


class StackFailed(Exception):
    """The stack cannot start; the message says which part and where its log lies."""


@dataclass
class Part:
    """One process of the stack."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started: float = field(default=0.0)

    def start(self) -> None:
        """Start it; what it says goes to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command lines
                self.command, env={**os.environ, **self.environment}, stdout=log, stderr=log, start_new_session=True
            )
        self.started = time.monotonic()

    def ended(self) -> bool:
        """Tell whether it ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Ask it to finish what it holds; kill it when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@click.group()
def main() -> None:
    """Rapport as many processes over Kafka, without Docker."""


@main.command()
@click.option(
    "--data", type=click.Path(path_type=Path), default="var/stack", show_default=True, help="Folder of everything."
)
def run(data: Path) -> None:
    """Start all processes and keep them running until Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with stack(data.absolute(), stop):
            while not stop.wait(1):
                pass
    except (StackFailed, BrokerFailed, PostgresFailed, FolderInUse, FolderRefused) as error:
        click.echo(f"stack: {error}", err=True)
        sys.exit(69)
    click.echo("Everything has stopped.")


@contextmanager
def stack(data: Path, stop: threading.Event) -> Iterator[None]:
    """Everything up and ready inside the block, everything down after it."""
    folder = DataFolder(data)
    folder.take()
    (data / "logs").mkdir(exist_ok=True)
    with ExitStack() as down:
        secrets = _prepare(data, down)
        parts = _parts(data, secrets)
        watch = threading.Thread(target=_keep_running, args=(parts, stop), name="supervisor")
        # Undone in reverse: first nobody restarts anything, then the doors close, then the services.
        for part in parts:
            part.start()
            down.callback(part.stop)
        down.callback(watch.join)
        down.callback(stop.set)
        watch.start()
        _wait_until_ready(parts, stop)
        _say_where(data, secrets)
        yield


def _prepare(data: Path, down: ExitStack) -> Path:
    """PostgreSQL, Kafka, secrets and migrations; gives the folder of the secrets."""
    secrets = data / "secrets"
    click.echo("PostgreSQL ...")
    socket = quote(str(_socket_dir(data)), safe="")
    make_secrets(secrets, f"/{{database}}?host={socket}", admin="rapport_admin")
    postgres = EmbeddedPostgres(data / "postgres", (secrets / "postgres_password").read_text())
    postgres.start()
    down.callback(postgres.stop)
    click.echo("Apache Kafka (the first time its jars are fetched with Maven) ...")
    broker = Broker(data / "kafka", port=9092)
    broker.start()
    down.callback(broker.stop)
    for name in (*SERVICES, "portal"):
        module = name if name == "portal" else f"services.{name}"
        environment = {
            "RAPPORT_ADMIN_URL_FILE": str(secrets / "admin_url"),
            "RAPPORT_DB_PASSWORD_SEED_FILE": str(secrets / "db_password_seed"),
            "RAPPORT_LOG": f"kafka://{broker.bootstrap}",
        }
        done = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", module, "migrate"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StackFailed(f"{name} migrate: {done.stderr.strip()}")
        click.echo(done.stdout.strip())
    (data / "kafka.address").write_text(broker.bootstrap)
    return secrets


def _socket_dir(data: Path) -> Path:
    return socket_dir(data / "postgres")


def _parts(data: Path, secrets: Path) -> list[Part]:
    kafka = (data / "kafka.address").read_text()
    parts = []
    for service in SERVICES:
        for kind in ("worker", "web"):
            environment = {
                "RAPPORT_APP_URL_FILE": str(secrets / f"{service}_app_url"),
                "RAPPORT_RELAY_URL_FILE": str(secrets / f"{service}_relay_url"),
                **_sealing(data, secrets, service),
                "RAPPORT_MASTER_KEY_FILE": str(secrets / f"{service}_master_key"),
                "RAPPORT_TOKEN_KEYS_FILE": str(secrets / "token_keys.json"),
                "RAPPORT_LOG": f"kafka://{kafka}",
                "RAPPORT_HOST": "127.0.0.1",
                "RAPPORT_PORT": str(API_PORTS[service]),
                "RAPPORT_WORKERS": "1",
            }
            parts.append(_part(data, f"{service}-{kind}", [f"services.{service}", kind], environment))
    doors = {
        "RAPPORT_HOST": "127.0.0.1",
        "RAPPORT_WORKERS": "1",
        "RAPPORT_SECURE_COOKIES": "0",
        **{f"RAPPORT_{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in API_PORTS.items()},
    }
    portal = doors | {
        "RAPPORT_APP_URL_FILE": str(secrets / "portal_app_url"),
        "RAPPORT_MASTER_KEY_FILE": str(secrets / "portal_master_key"),
        "RAPPORT_TOKEN_SEED_FILE": str(secrets / "portal_token_seed"),
        **_sealing(data, secrets, "portal"),
        "RAPPORT_CHECKIN_URL": f"http://127.0.0.1:{CHECKIN_PORT}",
        "RAPPORT_PORT": str(PORTAL_PORT),
    }
    checkin = doors | {
        "RAPPORT_TOKEN_SEED_FILE": str(secrets / "checkin_token_seed"),
        "RAPPORT_PORT": str(CHECKIN_PORT),
    }
    parts.append(_part(data, "portal", ["portal", "web"], portal))
    parts.append(_part(data, "checkin", ["checkin"], checkin))
    return parts


def _sealing(data: Path, secrets: Path, name: str) -> dict[str, str]:
    """What whoever chains an audit trail is given."""
    return {
        "RAPPORT_SEALER_URL_FILE": str(secrets / f"{name}_sealer_url"),
        "RAPPORT_CHECKPOINT_KEY_FILE": str(secrets / f"{name}_checkpoint_key"),
        "RAPPORT_CHECKPOINTS": str(data / "checkpoints"),
    }


def _part(data: Path, name: str, module: list[str], environment: Mapping[str, str]) -> Part:
    own = {
        "RAPPORT_HEALTH_PORT": str(HEALTH_PORTS[name]),
        "RAPPORT_METRICS_DIR": str(data / "metrics"),
        "PYTHONTZPATH": "",
    }
    return Part(name, [sys.executable, "-m", *module], {**environment, **own}, data / "logs" / f"{name}.log")


def _keep_running(parts: list[Part], stop: threading.Event) -> None:
    """What ended is started again, at most once in five seconds each."""
    while not stop.wait(1):
        for part in parts:
            if part.ended() and time.monotonic() - part.started > 5 and not stop.is_set():
                part.restarts += 1
                click.echo(f"{part.name} ended and is started again ({part.restarts}); see {part.log}", err=True)
                part.start()


def _wait_until_ready(parts: list[Part], stop: threading.Event) -> None:
    deadline = time.monotonic() + READY_SECONDS
    waiting = list(parts)
    while waiting and not stop.is_set():
        for part in list(waiting):
            if part.ended():
                raise StackFailed(f"{part.name} ended at once; see {part.log}")
            if _answers(HEALTH_PORTS[part.name]):
                waiting.remove(part)
        if time.monotonic() > deadline:
            raise StackFailed(f"{', '.join(p.name for p in waiting)} did not become ready; see {parts[0].log.parent}")
        stop.wait(0.2)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _say_where(data: Path, secrets: Path) -> None:
    environment = {
        "RAPPORT_APP_URL_FILE": str(secrets / "portal_app_url"),
        "RAPPORT_MASTER_KEY_FILE": str(secrets / "portal_master_key"),
    }
    code = subprocess.run(
        [sys.executable, "-m", "portal", "set-up-code"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    click.echo(f"\nportal    http://127.0.0.1:{PORTAL_PORT}    {code.stdout.strip()}")
    click.echo(f"check-in  http://127.0.0.1:{CHECKIN_PORT}")
    for name, port in API_PORTS.items():
        click.echo(f"{name:<9} http://127.0.0.1:{port}/v1/openapi.json")
    click.echo(f"events    RAPPORT_DATA={data} ./rapport events tail")
    click.echo(f"logs      {data / 'logs'}    (Ctrl-C stops everything)")


if __name__ == "__main__":
    main()
