"""
What a contract file must keep to, and what may change in a released one.

Files are open (a consumer must live with fields it does not know), and no property can
hold a name or free text: every string has a format, a fixed value, a list of codes or
a short pattern. After Nakadi's `compatible` mode.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.contracts.catalogue import Contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_PATTERNED = 64  # characters
_CLOSING = ("additionalProperties", "unevaluatedProperties", "patternProperties", "additionalItems", "not", "enum")
_FORMATS = ("uuid", "date", "date-time", "duration", "uri-reference")
_NEEDED = ("$id", "title", "description", "properties", "required", "x-key", "x-subject", "x-consumers", "x-since")
_TEXTS = ("title", "description", "examples", "x-consumers", "x-retires", "$comment")
_FIELD = re.compile(r"\{(\w+)\}")


def file_faults(contract: Contract) -> list[str]:
    """What is wrong with a contract file, one sentence each; empty when all is well."""
    schema = contract.schema
    missing = [f"{name} is missing" for name in _NEEDED if name not in schema]
    if missing:
        return missing
    found = list(_head(contract))
    for name, below in contract.properties.items():
        found += _property(name, below)
    examples = schema.get("examples")
    if not isinstance(examples, list) or not examples:
        found.append("there is no example")
    elif not found:
        found += [f"example {no}: {fault}" for no, each in enumerate(examples) for fault in data_faults(contract, each)]
    return found


def data_faults(contract: Contract, data: object, *, closed: bool = False) -> list[str]:
    """
    What does not fit about an event's data.

    Args:
        contract: What it is held against.
        data: The data, as JSON.
        closed: Also find fields the contract does not know, as its producer's tests do.
    """
    # The services validate with their own schemas; only those who check contracts need this.
    import jsonschema  # noqa: PLC0415

    schema = {**contract.schema, "unevaluatedProperties": False} if closed else contract.schema
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{error.json_path}: {error.validator}" for error in checker.iter_errors(data)]


def breaking_changes(released: Contract, now: Contract) -> list[str]:
    """What a released file may not do: anything but better texts and more optional properties."""
    fixed = ("required", "x-key", "x-subject", "type")
    found = [f"{name} changed" for name in fixed if released.schema.get(name) != now.schema.get(name)]
    for name, was in released.properties.items():
        if name not in now.properties:
            found.append(f"{name} was removed")
        elif _bare(was) != _bare(now.properties[name]):
            found.append(f"{name} changed")
    return found


def _head(contract: Contract) -> Iterator[str]:
    schema = contract.schema
    if schema["$id"] != contract.id:
        yield f"$id is not {contract.id}"
    if schema.get("$schema", DIALECT) != DIALECT:
        yield f"$schema is not {DIALECT}"
    if schema.get("type") != "object":
        yield "type is not object"
    if contract.service in contract.consumers:
        yield "x-consumers names the producer"
    yield from _names(contract)
    yield from _closing(schema, "")


def _names(contract: Contract) -> Iterator[str]:
    schema, subject = contract.schema, _FIELD.findall(contract.schema["x-subject"])
    if not subject:
        yield "x-subject names no property"
    for name in schema["required"]:
        if name not in contract.properties:
            yield f"required names {name}, which is no property"
    for name in (schema["x-key"], *subject):
        if name not in schema["required"]:
            yield f"{name} is used as key or subject, but is not required"


def _property(path: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _closing(schema, f"{path}: ")
    if not str(schema.get("description", "")).strip():
        yield f"{path}: has no description"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not kinds and "const" not in schema:
        yield f"{path}: has no type"
    if "string" in kinds and not _bounded(schema):
        yield f"{path}: could hold free text"
    if "array" in kinds:
        if "maxItems" not in schema:
            yield f"{path}: has no maxItems"
        yield from _property(f"{path}[]", {"description": "-", **schema.get("items", {})})
    if "object" in kinds and not schema.get("properties"):
        yield f"{path}: is an object without properties"
    for name, below in schema.get("properties", {}).items():
        yield from _property(f"{path}.{name}", below)


def _closing(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from (f"{where}{word} has no place in a contract" for word in _CLOSING if word in schema)


def _bounded(schema: Mapping[str, Any]) -> bool:
    if "const" in schema or schema.get("format") in _FORMATS or schema.get("x-extensible-enum"):
        return True
    pattern = str(schema.get("pattern", ""))
    anchored = pattern.startswith("^") and pattern.endswith("$")
    return anchored and 0 < int(schema.get("maxLength", 0)) <= MAX_PATTERNED


def _bare(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A property without its texts; new codes in an extensible list break nobody."""
    bare = {name: value for name, value in schema.items() if name not in (*_TEXTS, "x-extensible-enum")}
    if "properties" in bare:
        bare["properties"] = {name: _bare(below) for name, below in bare["properties"].items()}
    return bare | ({"codes": True} if "x-extensible-enum" in schema else {})
