"""The settings of a service's processes; docs/configuration.md is generated from the tables here."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.database.roles import LOG_DATABASE, with_database
from shared.settings import Setting, read_settings
from shared.start_checks import ACCEPT

Process = Literal["web", "worker", "migrate"]
TokenKeys = Mapping[str, OKPKey | Sequence[OKPKey]]
EX_OK, EX_SOFTWARE, EX_UNAVAILABLE, EX_CONFIG = 0, 70, 69, 78  # sysexits.h
BESIDE = "postgres"  # the log lies in the same PostgreSQL server as the service's database


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65536:
        raise ValueError("a port is a number from 0 to 65535")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise ValueError("expected a number from 1 to 64")
    return number


def read_master_key(text: str) -> bytes:
    """32 bytes from base64, plain or URL-safe; raises ValueError without repeating them."""
    try:
        key = base64.b64decode(text, altchars=b"-_" if set(text) & set("-_") else None, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != 32:
        raise ValueError(f"32 bytes in base64 are needed, this has {len(key)}")
    return key


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("not a time zone such as Europe/London") from error
    return text


def _seed(text: str) -> str:
    if len(text) < 32:
        raise ValueError("at least 32 characters are needed")
    return text


def _log_url(text: str) -> str:
    if (
        text == BESIDE
        or text.startswith(("kafka://", "kafkas://", "postgresql://", "postgres://"))
        or "dbname=" in text
    ):
        return text
    raise ValueError(f"say {BESIDE}, or give a kafka://, kafkas:// or postgresql:// URL")


def read_token_keys(text: str) -> dict[str, OKPKey | Sequence[OKPKey]]:
    """
    Public keys of the issuers of tokens.

    Args:
        text: JSON, issuer -> Ed25519 public key as JWK (RFC 8037) or as base64 of its
            32 bytes; a list of them while a key is being replaced.

    Raises:
        ValueError: not readable; no key is repeated in the message.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ValueError("not JSON") from error
    if not isinstance(given, dict) or not given:
        raise ValueError("expected a JSON object, issuer -> key")
    return {
        issuer: [_token_key(issuer, one) for one in value] if isinstance(value, list) else _token_key(issuer, value)
        for issuer, value in given.items()
    }


def _token_key(issuer: str, value: Any) -> OKPKey:
    try:
        if isinstance(value, str):
            raw = base64.urlsafe_b64encode(read_master_key(value)).decode().rstrip("=")
            value = {"kty": "OKP", "crv": "Ed25519", "x": raw}
        return OKPKey.import_key(value)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the key of issuer {issuer} is no Ed25519 key") from error


def role_password(seed: str, role: str) -> str:
    """The database password of a role, derived from one seed (HMAC-SHA-256, RFC 2104)."""
    digest = hmac.new(seed.encode(), f"rapport|database|{role}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


APP_URL = Setting(
    "RAPPORT_APP_URL", "the service's database as role app_<service>, a PostgreSQL URL", None, str, secret=True
)
RELAY_URL = Setting(
    "RAPPORT_RELAY_URL",
    "the service's database as role relay_<service>; a direct connection, no transaction-mode pooler between",
    None,
    str,
    secret=True,
)
SEALER_URL = Setting(
    "RAPPORT_SEALER_URL",
    "the database as role sealer_<service>, which chains the audit trail; a direct connection, no transaction-mode "
    "pooler between",
    None,
    str,
    secret=True,
)
CHECKPOINTS = Setting(
    "RAPPORT_CHECKPOINTS",
    "folder for the audit trail's signed checkpoints, outside the database; the same for all machines that may seal, "
    "best on another host's disk",
    None,
    Path,
)
CHECKPOINT_KEY = Setting(
    "RAPPORT_CHECKPOINT_KEY",
    "32 bytes in base64: the private key that signs the audit trail's checkpoints",
    None,
    read_master_key,
    secret=True,
)
ADMIN_URL = Setting(
    "RAPPORT_ADMIN_URL",
    "a PostgreSQL role that may create databases and roles; given to migrate alone",
    None,
    str,
    secret=True,
)
PASSWORD_SEED = Setting(
    "RAPPORT_DB_PASSWORD_SEED",
    "secret of 32 characters or more, from which migrate derives the passwords of the roles (see: rapport urls)",
    None,
    _seed,
    secret=True,
)
LOG = Setting(
    "RAPPORT_LOG",
    "the event log: postgres (in the server of the service's database), kafka://host:port,host:port, "
    "kafkas://user:password@host:port?ca=/path, or a PostgreSQL URL",
    BESIDE,
    _log_url,
    secret=True,
)
MASTER_KEY = Setting(
    "RAPPORT_MASTER_KEY",
    "32 bytes in base64 that seal names and free text; kept apart from the database and its backups",
    None,
    read_master_key,
    secret=True,
)
TOKEN_KEYS = Setting(
    "RAPPORT_TOKEN_KEYS",
    "public keys of those who may sign tokens: JSON, issuer -> Ed25519 key (JWK or base64), or a list while replacing",
    None,
    read_token_keys,
    secret=True,  # public, but whoever sets a private key by mistake must not find it in a log
)
HOST = Setting(
    "RAPPORT_HOST", "address that it listens on; an image sets 0.0.0.0, for a container's own network", "127.0.0.1"
)
PORT = Setting("RAPPORT_PORT", "port that it listens on", "8000", _port)
HEALTH_HOST = Setting(
    "RAPPORT_HEALTH_HOST", "address of /livez, /readyz and /metrics; never reachable from outside", "127.0.0.1"
)
HEALTH_PORT = Setting("RAPPORT_HEALTH_PORT", "port of /livez, /readyz and /metrics", "9100", _port)
WORKERS = Setting("RAPPORT_WORKERS", "web processes", "2", _count)
THREADS = Setting("RAPPORT_THREADS", "requests that one web process works on at once", "8", _count)
METRICS_DIR = Setting(
    "RAPPORT_METRICS_DIR",
    "folder, best on tmpfs, where web processes share their counts; wiped at the start",
    "/tmp/rapport-metrics",  # noqa: S108 - counts only; wiped and made anew with mode 0700
    Path,
)
ZONE = Setting(
    "RAPPORT_ZONE",
    "IANA time zone of the clinic, the same for every process: days, weeks and quarters are counted in it",
    "Europe/London",
    _zone,
)
COMMIT = Setting("RAPPORT_COMMIT", "commit that the program was built from, shown by /readyz", "unknown")

SETTINGS: dict[Process, tuple[Setting, ...]] = {
    "web": (
        APP_URL,
        MASTER_KEY,
        TOKEN_KEYS,
        HOST,
        PORT,
        HEALTH_HOST,
        HEALTH_PORT,
        WORKERS,
        THREADS,
        METRICS_DIR,
        ZONE,
        ACCEPT,
        COMMIT,
    ),
    "worker": (
        APP_URL,
        RELAY_URL,
        SEALER_URL,
        CHECKPOINTS,
        CHECKPOINT_KEY,
        LOG,
        MASTER_KEY,
        ZONE,
        HEALTH_HOST,
        HEALTH_PORT,
        ACCEPT,
        COMMIT,
    ),
    "migrate": (ADMIN_URL, PASSWORD_SEED, LOG),
}


@dataclass(frozen=True, slots=True, repr=False)
class ServiceConfig:
    """The settings of one process of a service; what the process does not need is empty."""

    app_url: str = ""
    relay_url: str = ""
    sealer_url: str = ""
    checkpoints: Path = Path()
    checkpoint_key: bytes = b""
    admin_url: str = ""
    password_seed: str = ""
    log: str = BESIDE
    master_key: bytes = b""
    token_keys: TokenKeys = field(default_factory=dict)
    host: str = ""
    port: int = 0
    health_host: str = ""
    health_port: int = 0
    workers: int = 1
    threads: int = 8
    metrics_dir: Path | None = None
    zone: str = "UTC"
    accept: frozenset[str] = frozenset()
    commit: str = "unknown"

    @classmethod
    def from_env(cls, env: Mapping[str, str], process: Process) -> "ServiceConfig":
        """
        Read what this process needs.

        Raises:
            ConfigurationError: naming all missing and all unreadable settings at once.
        """
        values = read_settings(env, SETTINGS[process])
        return cls(**{_FIELD.get(name, name.removeprefix("RAPPORT_").lower()): v for name, v in values.items()})

    @property
    def log_url(self) -> str:
        """The log's URL; beside the service's database it is reached as the relay."""
        return with_database(self.relay_url, LOG_DATABASE) if self.log == BESIDE else self.log


_FIELD = {"RAPPORT_DB_PASSWORD_SEED": "password_seed"}
