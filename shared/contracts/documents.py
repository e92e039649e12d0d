"""What is made from the contract files: the catalogue for people and programs, and AsyncAPI 3 per service."""

import json
from collections.abc import Sequence
from typing import Any

from shared.contracts.catalogue import Contract
from shared.eventlog.interface import PARTITIONS, RETENTION

_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
_KAFKA = "0.5.0"
_HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence"],
    "properties": {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "UUIDv7; the same when delivered twice."},
        "ce_source": {"type": "string", "description": "The producing service."},
        "ce_type": {"type": "string", "description": "The event's type."},
        "ce_subject": {"type": "string", "description": "The aggregate it is about."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it happened, UTC."},
        "ce_dataschema": {"type": "string", "format": "uri", "description": "Its contract file."},
        "ce_partitionkey": {"type": "string", "format": "uuid", "description": "Decides the partition."},
        "ce_sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "1, 2, 3 ... per subject, no gap."},
        "ce_causationid": {"type": "string", "description": "The event that led to it."},
        "traceparent": {"type": "string", "description": "W3C Trace Context."},
        "tracestate": {"type": "string", "description": "W3C Trace Context."},
    },
}


_PREFACE = (
    "Every event is a CloudEvent 1.0 with its data as JSON. Ids, codes, times and states travel; "
    "names and free text never do. Times are RFC 3339 in UTC. Unknown fields and unknown codes may "
    "appear at any time: keep them or leave them, but do not fail on them."
)


def catalogue(contracts: Sequence[Contract]) -> list[dict[str, Any]]:
    """The catalogue as JSON: one entry per event type, with its schema."""
    return [
        {
            "type": contract.type,
            "title": contract.schema["title"],
            "description": contract.schema["description"],
            "owner": contract.service,
            "topic": contract.topic,
            "key": contract.schema["x-key"],
            "subject": contract.schema["x-subject"],
            "consumers": list(contract.consumers),
            "since": contract.schema["x-since"],
            "retires": contract.schema.get("x-retires"),
            "schema": contract.schema,
        }
        for contract in contracts
    ]


def markdown(contracts: Sequence[Contract]) -> str:
    """The catalogue as a page; made from the files, so it cannot be out of date."""
    lines = [
        "# Events",
        "",
        "Made from the contract files in `shared/contracts/` by `make docs`; changes belong there.",
        "",
        _PREFACE,
        "",
        "| type | told by | listened to by | since |",
        "|---|---|---|---|",
    ]
    for contract in contracts:
        heard = ", ".join(contract.consumers) or "-"
        anchor = contract.type.replace(".", "")
        lines.append(
            f"| [`{contract.type}`](#{anchor}) | {contract.service} | {heard} | {contract.schema['x-since']} |"
        )
    for contract in contracts:
        lines += ["", *_section(contract)]
    return "\n".join(lines) + "\n"


def asyncapi(service: str, contracts: Sequence[Contract]) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of a service: what it sends, and what it receives from whom."""
    sent = [contract for contract in contracts if contract.service == service]
    heard = [contract for contract in contracts if service in contract.consumers]
    channels: dict[str, Any] = {}
    for contract in (*sent, *heard):
        channel = channels.setdefault(contract.service, _channel(contract.topic))
        channel["messages"][contract.kind] = {"$ref": f"#/components/messages/{contract.type}"}
    operations: dict[str, Any] = {}
    if sent:
        operations["tell"] = _operation("send", service, sent)
    for other in sorted({contract.service for contract in heard}):
        told = [contract for contract in heard if contract.service == other]
        operations[f"hear_{other}"] = _operation("receive", other, told) | {
            "bindings": {
                "kafka": {"groupId": {"type": "string", "const": f"rapport.{service}"}, "bindingVersion": _KAFKA}
            }
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Events of {service}",
            "version": "1",
            "description": f"What {service} tells the others, and what it listens to.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": {contract.type: _message(contract) for contract in (*sent, *heard)}},
    }


def _channel(topic: str) -> dict[str, Any]:
    retention = int(RETENTION.total_seconds() * 1000)
    kafka = {
        "topic": topic,
        "partitions": PARTITIONS,
        "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": retention},
        "bindingVersion": _KAFKA,
    }
    return {"address": topic, "messages": {}, "bindings": {"kafka": kafka}}


def _operation(action: str, service: str, contracts: Sequence[Contract]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/{service}/messages/{contract.kind}"} for contract in contracts]
    return {"action": action, "channel": {"$ref": f"#/channels/{service}"}, "messages": messages}


def _message(contract: Contract) -> dict[str, Any]:
    key = contract.properties.get(contract.schema["x-key"], {})
    kafka_key = {"type": "string", "format": "uuid", "description": key.get("description", "")}
    return {
        "name": contract.type,
        "title": contract.schema["title"],
        "summary": contract.schema["description"],
        "contentType": "application/json",
        "headers": _HEADERS,
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": contract.schema},
        "bindings": {"kafka": {"key": kafka_key, "bindingVersion": _KAFKA}},
        "examples": [{"payload": example} for example in contract.schema["examples"]],
    }


def _section(contract: Contract) -> list[str]:
    schema = contract.schema
    heard = ", ".join(contract.consumers) or "nobody yet"
    told = f"Told by **{contract.service}** on `{contract.topic}`, listened to by {heard}; "
    told += f"key `{schema['x-key']}`, subject `{schema['x-subject']}`, since {schema['x-since']}."
    lines = [f"## {contract.type}", "", f"{schema['title']}. {schema['description']}", "", told]
    if schema.get("x-retires"):
        lines += ["", f"**Retires on {schema['x-retires']}.**"]
    lines += ["", "| field | | what it is |", "|---|---|---|"]
    for name, below in contract.properties.items():
        presence = "" if name in schema["required"] else "optional; "
        lines.append(f"| `{name}` | {_shape(below)} | {presence}{below['description']} |")
    example = json.dumps(schema["examples"][0], ensure_ascii=False, indent=2)
    return [*lines, "", "```json", example, "```"]


def _shape(schema: dict[str, Any]) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    codes = schema.get("x-extensible-enum")
    if codes:
        return "code: " + ", ".join(f"`{code}`" for code in codes)
    kind = " or ".join(str(schema.get("format", each)) if each == "string" else str(each) for each in kinds)
    return f"{kind} of {_shape(schema['items'])}" if "array" in kinds and "items" in schema else kind
