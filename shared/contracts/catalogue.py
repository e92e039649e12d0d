"""The contract files as a catalogue."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
BASE = "https://rapport.example/contracts"
_FILE = re.compile(r"(?P<event>[a-z_]+(?:\.[a-z_]+)+)\.v(?P<version>[1-9][0-9]?)\.json")


class UnknownContract(LookupError):
    """No contract file belongs to this event type; the message names the type."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One event type: the service that tells it, what it tells, who listens."""

    service: str
    event: str  # "appointment.booked"
    version: int
    schema: dict[str, Any]

    @property
    def type(self) -> str:
        """The type as on the log, "rapport.scheduling.appointment.booked.v1"."""
        return f"rapport.{self.service}.{self.kind}"

    @property
    def kind(self) -> str:
        """The type without its service, "appointment.booked.v1"."""
        return f"{self.event}.v{self.version}"

    @property
    def topic(self) -> str:
        return f"rapport.{self.service}"

    @property
    def id(self) -> str:
        """The URI of the file, as `ce_dataschema` names it."""
        return f"{BASE}/{self.service}/{self.kind}.json"

    @property
    def consumers(self) -> tuple[str, ...]:
        """The services that act on it."""
        return tuple(self.schema.get("x-consumers", ()))

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        return dict(self.schema.get("properties", {}))


def read_contract(path: Path) -> Contract:
    """
    Read one file; its folder is the service, its name the event and the version.

    Raises:
        ValueError: the name is not `<aggregate>.<what_happened>.v<n>.json`, or the
            content is not a JSON object, or names a member twice.
    """
    name = _FILE.fullmatch(path.name)
    if name is None:
        raise ValueError(f"{path.name} is not named <aggregate>.<what_happened>.v<n>.json")
    schema = json.loads(path.read_text("utf-8"), object_pairs_hook=_once)
    if not isinstance(schema, dict):
        raise ValueError(f"{path.name} is not a JSON object")  # noqa: TRY004 - about a file, not about a caller
    return Contract(path.parent.name, name["event"], int(name["version"]), schema)


@cache
def all_contracts(folder: Path = FOLDER) -> tuple[Contract, ...]:
    """All contracts, by service, event and version."""
    found = [read_contract(path) for path in folder.glob("*/*.json")]
    return tuple(sorted(found, key=lambda contract: (contract.service, contract.event, contract.version)))


def contract_of(event_type: str) -> Contract:
    """The contract of an event type; raises UnknownContract."""
    for contract in all_contracts():
        if contract.type == event_type:
            return contract
    raise UnknownContract(event_type)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members
