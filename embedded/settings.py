"""What can be set about the clinic in one process; every setting has a default that works."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from shared.front_end import IDLE_MINUTES, SECOND_FACTOR
from shared.process import ZONE
from shared.settings import ConfigurationError, Setting, read_settings
from shared.start_checks import ACCEPT
from shared.web.proxies import PROXIES, Network


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    return number


def _port_or_next(text: str) -> int:
    return _port(text) if text else 0


def _megabytes(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 100_000:
        raise ValueError("expected megabytes, from 0 to 100000")
    return number


def _switch(text: str) -> bool:
    if text.lower() not in {"0", "1", "no", "yes", "false", "true"}:
        raise ValueError("say 0 or 1")
    return text.lower() in {"1", "yes", "true"}


CHECKIN_PATH = "/check-in"  # the check-in's cookies lie below it, apart from the portal's on the same host


def _backups(text: str, data: Path) -> Path | None:
    if text.lower() == "none":
        return None
    return Path(text).expanduser().absolute() if text else data.with_name(f"{data.name}.backups")


SETTINGS = (
    Setting("RAPPORT_DATA", "folder of the clinic's data; made if absent", "var/clinic", Path),
    Setting("RAPPORT_KEYS", "folder of the master key, outside the data folder; default: <data>.keys", "", str),
    Setting("RAPPORT_PORT", "port of the staff's pages", "8000", _port),
    Setting("RAPPORT_CHECKIN_PORT", "port of the clients' check-in; default: the next one", "", _port_or_next),
    Setting(
        "RAPPORT_INNER_PORT",
        "port of the APIs, health and metrics, on 127.0.0.1 alone; default: the one after the check-in's",
        "",
        _port_or_next,
    ),
    Setting(
        "RAPPORT_HOST",
        "address that pages and check-in listen on; anything but loopback needs RAPPORT_TLS_CERT or RAPPORT_PROXIES",
        "127.0.0.1",
    ),
    Setting(
        "RAPPORT_TLS_CERT", "file with the certificate and its chain (PEM): pages and check-in speak https", "", str
    ),
    Setting("RAPPORT_TLS_KEY", "file with the certificate's private key (PEM)", "", str),
    PROXIES,
    Setting(
        "RAPPORT_CHECKIN_URL",
        "where clients open their links, as their phone sees it, without a path; default: where the check-in listens",
        "",
        str,
    ),
    Setting(
        "RAPPORT_RESERVE_MB",
        "size of the file `reserve` in the data folder, to be deleted when the disk is full; 0: none",
        "256",
        _megabytes,
    ),
    ACCEPT,
    Setting(
        "RAPPORT_DATABASE_URL", "an outside PostgreSQL (15 or newer), as a role that may create databases", "", str
    ),
    Setting(
        "RAPPORT_BACKUPS",
        "folder for backups, best on another disk: one an hour goes there; default: one a day into <data>.backups; "
        "none: no backups",
        "",
    ),
    Setting("RAPPORT_CLINIC", "name of the clinic, as pages show it", "Riverside Practice"),
    ZONE,
    SECOND_FACTOR,
    IDLE_MINUTES,
    Setting(
        "DEMO", "1: the first start makes a fictional demo clinic; 0: an empty clinic with a set-up code", "1", _switch
    ),
)


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of a certificate, with its chain, and of its private key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class EmbeddedConfig:
    """The settings of one process that is a whole clinic."""

    data: Path
    keys: Path
    backups: Path | None
    backup_every: timedelta
    host: str
    port: int
    checkin_port: int
    inner_port: int
    tls: Tls | None
    proxies: tuple[Network, ...]
    checkin_url: str
    reserve_bytes: int
    accepted: frozenset[str]
    database_url: str
    clinic: str
    zone: str
    demo: bool
    second_step_required: bool
    idle: timedelta

    @property
    def checkpoints(self) -> Path:
        """Where the audit trails' checkpoints are signed: beside the key, outside the data."""
        return self.keys / "audit"

    @property
    def is_secure(self) -> bool:
        """Browsers reach it by https: its own, or a declared proxy's."""
        return self.tls is not None or bool(self.proxies)

    @property
    def address(self) -> str:
        """Where staff open it on this machine."""
        return self._at(self.port)

    @property
    def checkin_address(self) -> str:
        """Where clients open their links, without a path and a slash at the end."""
        return self.checkin_url.rstrip("/") or self._at(self.checkin_port)

    def _at(self, port: int) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{port}"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "EmbeddedConfig":
        """Read the environment; raises ConfigurationError naming everything that is wrong."""
        values = read_settings(env, SETTINGS)
        data = values["RAPPORT_DATA"].expanduser().absolute()
        keys = Path(values["RAPPORT_KEYS"]).expanduser().absolute() if values["RAPPORT_KEYS"] else None
        port = values["RAPPORT_PORT"]
        checkin_port = values["RAPPORT_CHECKIN_PORT"] or port + 1
        backups = values["RAPPORT_BACKUPS"]
        return cls(
            data=data,
            keys=keys or data.with_name(f"{data.name}.keys"),
            backups=_backups(backups, data),
            backup_every=timedelta(hours=1 if backups else 24),
            host=values["RAPPORT_HOST"],
            port=port,
            checkin_port=checkin_port,
            inner_port=values["RAPPORT_INNER_PORT"] or checkin_port + 1,
            tls=_tls(values["RAPPORT_TLS_CERT"], values["RAPPORT_TLS_KEY"]),
            proxies=values["RAPPORT_PROXIES"],
            checkin_url=values["RAPPORT_CHECKIN_URL"],
            reserve_bytes=values["RAPPORT_RESERVE_MB"] * 1_000_000,
            accepted=values["RAPPORT_ACCEPT"],
            database_url=values["RAPPORT_DATABASE_URL"],
            clinic=values["RAPPORT_CLINIC"],
            zone=values["RAPPORT_ZONE"],
            demo=values["DEMO"],
            second_step_required=values[SECOND_FACTOR.name],
            idle=timedelta(minutes=values[IDLE_MINUTES.name]),
        )


def _tls(certificate: str, key: str) -> Tls | None:
    if bool(certificate) != bool(key):
        raise ConfigurationError("RAPPORT_TLS_CERT and RAPPORT_TLS_KEY belong together: give both or neither")
    return Tls(Path(certificate).expanduser(), Path(key).expanduser()) if certificate else None
