"""What the two front doors have in common where each runs as a process of its own."""

import base64
import binascii
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from shared.process import HEALTH_HOST, HEALTH_PORT, HOST, METRICS_DIR, PORT, THREADS, WORKERS
from shared.security.tokens import SEED_BYTES
from shared.settings import Setting
from shared.start_checks import ACCEPT, Configuration, DatabaseFacts, Listens, in_short, require
from shared.start_facts import debug_switches
from shared.web.proxies import PROXIES
from shared.web.server import WebConfig


def read_seed(text: str) -> bytes:
    """32 bytes from base64; raises ValueError without repeating them."""
    try:
        seed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if len(seed) != SEED_BYTES:
        raise ValueError(f"{SEED_BYTES} bytes in base64 are needed, this has {len(seed)}")
    return seed


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("say 0 or 1")
    return text == "1"


TOKEN_SEED = Setting(
    "RAPPORT_TOKEN_SEED",
    "32 bytes in base64: the private key with which this door signs its requests to the services",
    None,
    read_seed,
    secret=True,
)
CLINIC = Setting("RAPPORT_CLINIC", "name of the clinic, as pages show it", "Riverside Practice")
SECURE = Setting("RAPPORT_SECURE_COOKIES", "1 behind TLS; 0 only for plain HTTP on loopback", "1", _switch)


def _required(text: str) -> bool:
    if text not in {"required", "offered"}:
        raise ValueError("say required or offered")
    return text == "required"


def _idle_minutes(text: str) -> int:
    number = int(text)
    if not 3 <= number <= 60:
        raise ValueError("expected a number of minutes from 3 to 60")
    return number


SECOND_FACTOR = Setting(
    "RAPPORT_SECOND_FACTOR",
    "required: every staff account sets up a second step before anything else; offered: whoever wants one does",
    "required",
    _required,
)
IDLE_MINUTES = Setting(
    "RAPPORT_IDLE_MINUTES",
    "minutes without a sign of life, after which a page of the portal locks",
    "15",
    _idle_minutes,
)
LISTENING = (PROXIES, ACCEPT, HOST, PORT, HEALTH_HOST, HEALTH_PORT, WORKERS, THREADS, METRICS_DIR)


def front_end_config(name: str, values: Mapping[str, Any]) -> WebConfig:
    """How a front door listens."""
    return WebConfig(
        name=name,
        bind=f"{values[HOST.name]}:{values[PORT.name]}",
        inner_bind=f"{values[HEALTH_HOST.name]}:{values[HEALTH_PORT.name]}",
        workers=values[WORKERS.name],
        threads=values[THREADS.name],
        metrics_dir=values[METRICS_DIR.name] / name,
        proxies=values[PROXIES.name],
    )


def require_start(
    name: str,
    values: Mapping[str, Any],
    *,
    services: Iterable[str],
    secrets: Iterable[Setting],
    checkin_url: str = "",
    databases: Iterable[DatabaseFacts] = (),
) -> list[str]:
    """
    The checks before a front door opens; what was accepted is said on standard error, and given back in short.

    Raises:
        StartRefused
    """
    described = Configuration(
        listens=(
            Listens(f"the {name}", values[HOST.name]),
            Listens("health and metrics", values[HEALTH_HOST.name], inner=True),
        ),
        proxies=bool(values[PROXIES.name]),
        secure_cookies=values[SECURE.name],
        checkin_url=checkin_url,
        services=tuple(services),
        databases=tuple(databases),
        secrets={setting.name: values[setting.name] for setting in secrets},
        debug=debug_switches(os.environ),
        accepted=values[ACCEPT.name],
    )
    for line in require(described):
        print(f"{name}: accepted by RAPPORT_ACCEPT: {line}", file=sys.stderr)  # noqa: T201 - for whoever started it
    return in_short(described)


def settings_help(settings: tuple[Setting, ...]) -> str:
    """The environment of a process, as its `--help` shows it."""
    lines = [f"  {s.name:<26} {s.help} ({_default(s)})" for s in settings]
    return "\b\nEnvironment (a secret may also be given as a file: NAME_FILE):\n" + "\n".join(lines)


def _default(setting: Setting) -> str:
    return "required" if setting.default is None else f"default {setting.default}"
