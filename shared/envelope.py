"""
The envelope of every event: CloudEvents 1.0, binary mode on the log, structured mode on HTTP.

Source: CloudEvents 1.0.2 and its Kafka protocol binding.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.eventlog.interface import Headers, NewRecord, Record
from shared.ids import uuid7
from shared.trace import Trace

DATA_MEDIA_TYPE = "application/json"
STRUCTURED_MEDIA_TYPE = "application/cloudevents+json; charset=UTF-8"
SCHEMA_BASE = "https://rapport.example/contracts"
MAX_EVENT_BYTES = 64 * 1024
_TYPE = re.compile(r"rapport\.([a-z]+)\.([a-z_]+(?:\.[a-z_]+)*)\.v(\d+)")
# NUL, and half of a surrogate pair as JSON may escape it: no text column takes either.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_REQUIRED = ("specversion", "id", "source", "type", "subject", "time")


class Undecodable(ValueError):
    """A record is not an event of ours; the message names the attribute at fault, never its value."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    Something that happened, on its way out.

    `kind` is "order.placed.v1"; `subject` the aggregate, "order/<id>";
    `key` decides the partition and with it the order (the person, else the aggregate);
    `sequence` counts the events of this aggregate: 1, 2, 3 without a gap;
    `data` holds ids, codes, times and states alone.
    """

    service: str
    kind: str
    subject: str
    key: UUID
    sequence: int
    time: datetime
    data: Mapping[str, Any]
    id: UUID = field(default_factory=uuid7)

    @property
    def type(self) -> str:
        """The full type, "rapport.orders.order.placed.v1"."""
        return f"rapport.{self.service}.{self.kind}"

    @property
    def topic(self) -> str:
        """The topic of the service that owns the fact."""
        return f"rapport.{self.service}"


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it was heard; `data` is checked by the consumer's own schema, not here."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    sequence: int | None
    key: str | None
    data: dict[str, Any]
    trace: Trace


def event_headers(event: Event, trace: Trace) -> Headers:
    """The record headers of an event in binary mode, with the trace context beside them."""
    path = event.kind.rsplit(".", 1)
    headers = [
        ("content-type", DATA_MEDIA_TYPE),
        ("ce_specversion", "1.0"),
        ("ce_id", str(event.id)),
        ("ce_source", f"/{event.service}"),
        ("ce_type", event.type),
        ("ce_subject", event.subject),
        ("ce_time", event.time.isoformat()),
        ("ce_dataschema", f"{SCHEMA_BASE}/{event.service}/{path[0]}.{path[1]}.json"),
        ("ce_partitionkey", str(event.key)),
        ("ce_sequence", str(event.sequence)),
        ("traceparent", trace.traceparent),
    ]
    if trace.tracestate:
        headers.append(("tracestate", trace.tracestate))
    if trace.cause:
        headers.append(("ce_causationid", trace.cause))
    return tuple(headers)


def event_payload(event: Event) -> bytes:
    """The data of an event as compact JSON; raises ValueError above 64 KiB or for NaN."""
    payload = json.dumps(
        event.data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
    ).encode()
    if len(payload) > MAX_EVENT_BYTES:
        raise ValueError(f"{event.type}: {len(payload)} bytes of data, the limit is {MAX_EVENT_BYTES}")
    return payload


def to_record(event: Event, trace: Trace) -> NewRecord:
    return NewRecord(str(event.key).encode(), event_payload(event), event_headers(event, trace))


def from_record(record: Record) -> Message:
    """
    Read an event from a record in binary or structured mode.

    The prefix of `content-type` decides, without regard to case, as the binding says.

    Raises:
        Undecodable: a required attribute is missing or malformed, the data is no JSON object, or the
            event lies on a topic that is not its service's.
    """
    headers = {name.lower(): value for name, value in record.headers}
    content_type = headers.get("content-type", "").lower()
    if content_type.startswith("application/cloudevents"):
        attributes, data = _structured(record.value)
    else:
        attributes = {name[3:]: value for name, value in headers.items() if name.startswith("ce_")}
        data = _json_object(record.value)
    return _message(attributes, data, headers, record)


def to_structured(headers: Headers, payload: bytes | None) -> dict[str, Any]:
    """The event in structured mode (a JSON object with the data inside), as the HTTP feed shows it."""
    shown: dict[str, Any] = {name[3:]: value for name, value in headers if name.startswith("ce_")}
    shown |= {name: value for name, value in headers if name in ("traceparent", "tracestate")}
    shown["datacontenttype"] = DATA_MEDIA_TYPE
    if payload is not None:
        shown["data"] = json.loads(payload)
    return shown


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an event")


def _no_constant(name: str) -> None:
    raise Undecodable(f"data holds {name}, which is not JSON")


def _json_object(raw: bytes | None) -> dict[str, Any]:
    if raw is None:
        raise Undecodable("no data: a tombstone where an event was expected")
    try:
        # Decoded here, since json would also take UTF-16 and a byte order mark, which the format forbids.
        data = json.loads(raw.decode(), parse_constant=_no_constant)
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Undecodable(f"data is not JSON ({type(error).__name__})") from error
    if not isinstance(data, dict):
        raise Undecodable("data is not a JSON object")
    if b"\\u" in raw and not _is_storable(data):  # only an escape can bring what no text column takes
        raise Undecodable("data holds NUL or half a character")
    return data


def _is_storable(data: dict[str, Any]) -> bool:
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and _NO_TEXT.search(value):
            return False
    return True


def _structured(raw: bytes | None) -> tuple[dict[str, str], dict[str, Any]]:
    whole = _json_object(raw)
    data = whole.pop("data", None)
    if not isinstance(data, dict):
        raise Undecodable("data is not a JSON object")
    return {name: value for name, value in whole.items() if isinstance(value, str)}, data


def _message(
    attributes: Mapping[str, str], data: dict[str, Any], headers: Mapping[str, str], record: Record
) -> Message:
    missing = [name for name in _REQUIRED if not attributes.get(name)]
    if missing:
        raise Undecodable("missing " + ", ".join(f"ce_{name}" for name in missing))
    if attributes["specversion"] != "1.0":
        raise Undecodable("ce_specversion is not 1.0")
    kind = _TYPE.fullmatch(attributes["type"])
    if not kind:
        raise Undecodable("ce_type is not one of ours")
    # A service writes its own topic and speaks for itself alone: anything else there is forged.
    if attributes["source"] != f"/{kind[1]}" or record.topic.split(".")[:2] != ["rapport", kind[1]]:
        raise Undecodable("ce_source, ce_type and topic are not of one service")
    return Message(
        id=_bounded("id", attributes["id"]),
        source=_bounded("source", attributes["source"]),
        type=_bounded("type", attributes["type"]),
        subject=_bounded("subject", attributes["subject"]),
        time=_moment(attributes["time"]),
        sequence=_sequence(attributes.get("sequence")),
        key=record.key.decode("ascii", "replace") if record.key else None,
        data=data,
        trace=Trace(headers.get("traceparent", ""), headers.get("tracestate", ""), attributes["id"]),
    )


def _bounded(name: str, value: str) -> str:
    if len(value) > 256 or _NO_TEXT.search(value):
        raise Undecodable(f"ce_{name} is longer than 256 characters or holds NUL or half a character")
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Undecodable("ce_time is not a date and time") from error
    if moment.tzinfo is None:
        raise Undecodable("ce_time has no zone")
    return moment


def _sequence(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0):
        raise Undecodable("ce_sequence is not a positive whole number")
    return int(text)
