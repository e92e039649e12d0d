"""
What every process checks before it opens: what would let somebody in, or lose something, is refused.

Each check is a function over a description of the configuration, without I/O; `shared.start_facts` finds
out what is described. Three of them can be answered with a spoken yes in `RAPPORT_ACCEPT`; what was
accepted is said at every start.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from shared.settings import Setting

MOST_SECONDS_OFF = 5.0  # between this machine's clock and the database's
_DEFAULTS = frozenset(
    {"", "admin", "changeme", "change-me", "default", "password", "postgres", "rapport", "root", "secret", "test"}
)


class StartRefused(Exception):
    """The configuration would let somebody in or lose something; the message has one line for each reason."""


@dataclass(frozen=True, slots=True)
class Listens:
    """One listener; `inner`: health, metrics or APIs, which nobody outside may reach."""

    name: str
    host: str
    tls: bool = False
    inner: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder: where, its permission bits, whether it belongs to whoever runs this."""

    path: Path
    mode: int = 0o700
    mine: bool = True


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """
    What a database says of itself, asked as the role that works in it.

    `host` is empty for a socket; `trusts` is None where the role may not know.
    """

    name: str
    host: str = ""
    sslmode: str = "prefer"
    password: str = "-"  # noqa: S105 - stands for one that is set and no default
    superuser: bool = False
    trusts: bool | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    seconds_off: float = 0.0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Configuration:
    """One process as it is about to start; what it has nothing to do with stays as it is here."""

    listens: tuple[Listens, ...] = ()
    proxies: bool = False
    secure_cookies: bool = True
    checkin_url: str = ""
    services: tuple[str, ...] = ()
    log: str = ""
    data: Place | None = None
    key: Place | None = None
    key_folder: Place | None = None
    backup_target: Path | None = None
    databases: tuple[DatabaseFacts, ...] = ()
    secrets: Mapping[str, str | bytes] = field(default_factory=dict)
    debug: tuple[str, ...] = ()
    accepted: frozenset[str] = frozenset()


Look = Callable[[Configuration], Iterator[str]]


@dataclass(frozen=True, slots=True)
class StartCheck:
    """One thing that must not be; `accepts`: the word in RAPPORT_ACCEPT with which an operator takes it on."""

    name: str
    look: Look
    accepts: str = ""


def refusals(config: Configuration) -> list[str]:
    """One line for each thing that is wrong and not accepted: what, and what to do."""
    return [
        f"{line}, or accept it with RAPPORT_ACCEPT={check.accepts}" if check.accepts else line
        for check in CHECKS
        if check.accepts not in config.accepted or not check.accepts
        for line in check.look(config)
    ]


def taken_on(config: Configuration) -> list[str]:
    """One line for each thing that is wrong and was accepted."""
    return [line for check in CHECKS if check.accepts in config.accepted for line in check.look(config)]


def in_short(config: Configuration) -> list[str]:
    """What was accepted that endangers the records themselves, a clause each, for managers to read."""
    words = {check.accepts for check in CHECKS if check.accepts in config.accepted and any(check.look(config))}
    return [clause for word, clause in _IN_SHORT.items() if word in words]


def require(config: Configuration) -> list[str]:
    """What was accepted, to be said aloud; raises StartRefused."""
    if found := refusals(config):
        raise StartRefused("\n".join(found))
    return taken_on(config)


def is_loopback(host: str) -> bool:
    """Tell whether an address, or a host's name, is this machine alone; "" is a socket in the file system."""
    if host in {"", "localhost"} or host.startswith("/"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _public_listener(config: Configuration) -> Iterator[str]:
    for one in config.listens:
        if not one.inner and not one.tls and not config.proxies and not is_loopback(one.host):
            yield (
                f"{one.name} would listen on {one.host} without TLS: give a certificate and its key, "
                "or declare the proxy that has them (RAPPORT_PROXIES)"
            )


def _inner_listener(config: Configuration) -> Iterator[str]:
    for one in config.listens:
        if one.inner and not is_loopback(one.host):
            yield f"{one.name} would be reachable on {one.host}: it belongs on 127.0.0.1"


def _cookies(config: Configuration) -> Iterator[str]:
    outside = any(not one.inner and not is_loopback(one.host) for one in config.listens)
    if not config.secure_cookies and (outside or config.proxies):
        yield "cookies would travel without TLS: set RAPPORT_SECURE_COOKIES=1"


def _checkin_url(config: Configuration) -> Iterator[str]:
    host = urlsplit(config.checkin_url).hostname or ""
    if config.checkin_url and host in {"", "0.0.0.0", "::"}:  # noqa: S104 - refused
        yield (
            f"clients would be given links to {config.checkin_url}, which leads nowhere: "
            "set RAPPORT_CHECKIN_URL to the address their phones know"
        )


def _plain_links(config: Configuration) -> Iterator[str]:
    parts = urlsplit(config.checkin_url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        yield f"clients would answer without TLS at {config.checkin_url}: give RAPPORT_CHECKIN_URL as https"


def _plain_services(config: Configuration) -> Iterator[str]:
    for url in config.services:
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            yield f"{url} would be asked without TLS: use https"


def _plain_log(config: Configuration) -> Iterator[str]:
    parts = urlsplit(config.log)
    hosts = [one.rpartition("@")[2].rpartition(":")[0] for one in parts.netloc.split(",")]
    if parts.scheme == "kafka" and not all(map(is_loopback, hosts)):
        yield "Kafka would be spoken to without TLS and password: use kafkas:// in RAPPORT_LOG"


def _plain_database(config: Configuration) -> Iterator[str]:
    for one in config.databases:
        if not is_loopback(one.host) and one.sslmode != "verify-full":
            yield (
                f"the certificate of {one.name}'s database at {one.host} would not be checked: "
                "add sslmode=verify-full to its URL"
            )


def _data_folder(config: Configuration) -> Iterator[str]:
    if config.data is None:
        return
    if not config.data.mine:
        yield f"the data folder {config.data.path} belongs to another user: start as that user, or give it away (chown)"
    if config.data.mode & 0o077:
        yield f"others may look into the data folder {config.data.path}: chmod 700 {config.data.path}"


def _key_open(config: Configuration) -> Iterator[str]:
    for one in (config.key, config.key_folder):
        if one is not None and one.mode & 0o077:
            yield f"others may read {one.path}: chmod go= {one.path}"
        if one is not None and not one.mine:
            yield f"{one.path} belongs to another user, who could change it: give it to this one (chown)"


def _key_in_data(config: Configuration) -> Iterator[str]:
    if config.data is None or config.key is None:
        return
    if config.data.path in config.key.path.parents:
        yield (
            f"the master key {config.key.path} lies inside the data folder: who takes the data can read them. "
            "Move it and set RAPPORT_KEYS"
        )


def _backup_in_data(config: Configuration) -> Iterator[str]:
    if config.data is None or config.backup_target is None:
        return
    if config.data.path in (config.backup_target, *config.backup_target.parents):
        yield f"the backup {config.backup_target} lies in the data folder and would be lost with it: name another disk"


def _debug(config: Configuration) -> Iterator[str]:
    for name in config.debug:
        yield f"{name} is set: pages would show the program's inside. Unset it"


def _superuser(config: Configuration) -> Iterator[str]:
    for one in config.databases:
        if one.superuser:
            yield f"{one.name} would work as a superuser of its database: give it the URL of its own role"


def _trust(config: Configuration) -> Iterator[str]:
    for one in config.databases:
        if one.trusts:
            yield f"{one.name}'s database lets people in without a password (`trust` in pg_hba.conf): use scram-sha-256"


def _durable(config: Configuration) -> Iterator[str]:
    for one in config.databases:
        off = [name for name in ("fsync", "full_page_writes", "synchronous_commit") if one.settings.get(name) == "off"]
        if off:
            yield f"{one.name}'s database may lose what it confirmed: switch on {', '.join(off)}"


def _checksums(config: Configuration) -> Iterator[str]:
    for one in config.databases:
        if one.settings.get("data_checksums") == "off":
            yield f"{one.name}'s database would not notice a damaged page: stop it and run pg_checksums --enable"


def _clock(config: Configuration) -> Iterator[str]:
    for one in config.databases:
        if abs(one.seconds_off) > MOST_SECONDS_OFF:
            way = "ahead of" if one.seconds_off > 0 else "behind"
            yield (
                f"this machine's clock is {abs(one.seconds_off):.0f} s {way} that of {one.name}'s database: "
                "set both by NTP"
            )


def _migrations(config: Configuration) -> Iterator[str]:
    for one in config.databases:
        if one.pending:
            yield f"{one.pending} migrations of {one.name} are not applied: run migrate first"


def _secrets(config: Configuration) -> Iterator[str]:
    for name, value in config.secrets.items():
        if _is_no_secret(value):
            yield f"{name} is empty, a default or one repeated letter: make it anew at random"
    for one in config.databases:
        if not is_loopback(one.host) and _is_no_secret(one.password):
            yield f"the password of {one.name}'s database is empty or a default: set one"


def _is_no_secret(value: str | bytes) -> bool:
    return (isinstance(value, str) and value.lower() in _DEFAULTS) or (len(set(value)) <= 1 and value != "-")


NETWORK, NOT_DURABLE, KEY_IN_DATA = "plain-network", "not-durable", "key-in-data"
_IN_SHORT = {
    KEY_IN_DATA: "the key lies beside the data it opens",
    NOT_DURABLE: "the database may lose what it confirmed",
}
CHECKS: tuple[StartCheck, ...] = (
    StartCheck("a public listener without TLS", _public_listener, NETWORK),
    StartCheck("health, metrics or APIs that outsiders reach", _inner_listener, NETWORK),
    StartCheck("cookies without TLS", _cookies, NETWORK),
    StartCheck("links that lead nowhere", _checkin_url),
    StartCheck("links without TLS", _plain_links, NETWORK),
    StartCheck("services asked without TLS", _plain_services, NETWORK),
    StartCheck("Kafka without TLS", _plain_log, NETWORK),
    StartCheck("a database whose certificate is not checked", _plain_database, NETWORK),
    StartCheck("a data folder that others may enter", _data_folder),
    StartCheck("a master key that others may read", _key_open),
    StartCheck("a master key inside the data folder", _key_in_data, KEY_IN_DATA),
    StartCheck("a backup inside the data folder", _backup_in_data),
    StartCheck("debug or testing mode", _debug),
    StartCheck("a superuser as the program's role", _superuser),
    StartCheck("a database that asks for no password", _trust),
    StartCheck("a database that may lose what it confirmed", _durable, NOT_DURABLE),
    StartCheck("a database without page checksums", _checksums, NOT_DURABLE),
    StartCheck("a clock that is off", _clock),
    StartCheck("migrations that are not applied", _migrations),
    StartCheck("empty or default secrets", _secrets),
)
ACCEPTABLE = frozenset(check.accepts for check in CHECKS) - {""}


def read_accepted(text: str) -> frozenset[str]:
    """The words of RAPPORT_ACCEPT; raises ValueError for one that there is not."""
    words = frozenset(word.strip() for word in text.split(",") if word.strip())
    if unknown := words - ACCEPTABLE:
        raise ValueError(f"{', '.join(sorted(unknown))}: only {', '.join(sorted(ACCEPTABLE))} can be accepted")
    return words


ACCEPT = Setting(
    "RAPPORT_ACCEPT",
    "what this installation takes on although a start would refuse it, separated by commas: plain-network (no TLS, "
    "on a network that is nobody else's), not-durable (no fsync or no checksums: tests), key-in-data",
    "",
    read_accepted,
)


def one_per_line(lines: Iterable[str], before: str) -> str:
    """For standard error: each line with who says it."""
    return "\n".join(f"{before}: {line}" for line in lines)
