"""What can be set about the clinic in one process; every setting has a default that works."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.process import ZONE
from shared.settings import Setting, read_settings


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    return number


def _switch(text: str) -> bool:
    if text.lower() not in {"0", "1", "no", "yes", "false", "true"}:
        raise ValueError("say 0 or 1")
    return text.lower() in {"1", "yes", "true"}


SETTINGS = (
    Setting("RAPPORT_DATA", "folder of the clinic's data; made if absent", "var/clinic", Path),
    Setting("RAPPORT_KEYS", "folder of the master key, outside the data folder; default: <data>.keys", "", str),
    Setting("RAPPORT_PORT", "port of the web pages", "8000", _port),
    Setting(
        "RAPPORT_HOST", "address to listen on; anything but loopback needs a proxy with TLS before it", "127.0.0.1"
    ),
    Setting(
        "RAPPORT_DATABASE_URL", "an outside PostgreSQL (15 or newer), as a role that may create databases", "", str
    ),
    Setting("RAPPORT_CLINIC", "name of the clinic, as pages show it", "Riverside Practice"),
    ZONE,
    Setting(
        "DEMO", "1: the first start makes a fictional demo clinic; 0: an empty clinic with a set-up code", "1", _switch
    ),
)


@dataclass(frozen=True, slots=True)
class EmbeddedConfig:
    """The settings of one process that is a whole clinic."""

    data: Path
    keys: Path
    host: str
    port: int
    database_url: str
    clinic: str
    zone: str
    demo: bool

    @property
    def checkpoints(self) -> Path:
        """Where the audit trails' checkpoints are signed: beside the key, outside the data."""
        return self.keys / "audit"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "EmbeddedConfig":
        """Read the environment; raises ConfigurationError naming everything that is wrong."""
        values = read_settings(env, SETTINGS)
        data = values["RAPPORT_DATA"].expanduser().absolute()
        keys = Path(values["RAPPORT_KEYS"]).expanduser().absolute() if values["RAPPORT_KEYS"] else None
        return cls(
            data=data,
            keys=keys or data.with_name(f"{data.name}.keys"),
            host=values["RAPPORT_HOST"],
            port=values["RAPPORT_PORT"],
            database_url=values["RAPPORT_DATABASE_URL"],
            clinic=values["RAPPORT_CLINIC"],
            zone=values["RAPPORT_ZONE"],
            demo=values["DEMO"],
        )
