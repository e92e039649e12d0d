"""Event contracts in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.catalogue import Contract


@dataclass(frozen=True, slots=True)
class Property:
    """One field of an event."""

    name: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class EventEntry:
    """One event type."""

    type: str
    anchor: str
    title: str
    description: str
    topic: str
    key: str
    subject: str
    since: str
    consumers: str
    properties: tuple[Property, ...]
    example: str


def present_contracts(contracts: Sequence[Contract]) -> list[tuple[str, list[EventEntry]]]:
    """All contracts, by the service that tells them."""
    services = list(dict.fromkeys(contract.service for contract in contracts))
    return [(service, [_entry(c) for c in contracts if c.service == service]) for service in services]


def _entry(contract: Contract) -> EventEntry:
    schema = contract.schema
    required = set(schema.get("required", ()))
    examples = schema.get("examples") or [{}]
    return EventEntry(
        type=contract.type,
        anchor=contract.type.replace(".", "-"),
        title=str(schema.get("title", contract.event)),
        description=str(schema.get("description", "")),
        topic=contract.topic,
        key=str(schema.get("x-key", "")),
        subject=str(schema.get("x-subject", "")),
        since=str(schema.get("x-since", "")),
        consumers=", ".join(contract.consumers) or "nobody in this house yet",
        properties=tuple(
            Property(name, _kind(spec), name in required, str(spec.get("description", "")))
            for name, spec in contract.properties.items()
        ),
        example=json.dumps(examples[0], indent=2, ensure_ascii=False),
    )


def _kind(spec: dict[str, Any]) -> str:
    kind = spec.get("type", "")
    named = " or ".join(kind) if isinstance(kind, list) else str(kind)
    codes = spec.get("x-extensible-enum") or spec.get("enum")
    if codes:
        return " | ".join(str(code) for code in codes)
    if "const" in spec:
        return str(spec["const"])
    if named == "array":
        return f"list of {_kind(spec.get('items', {}))}"
    return str(spec.get("format") or named)
