"""
FHIR R4 as far as our bundles go: elements, cardinalities, types, codes and one-of-many from the definitions, and
the invariants that a table cannot hold.

`fhir_r4.json` was drawn from the definitions of HL7 FHIR (CC0): for each type its elements with type, `many` (a list),
`required`, `one_of` (at most one of the group, such as value[x]) and required codes.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

TYPES: dict[str, dict[str, dict[str, Any]]] = json.loads(Path(__file__).with_name("fhir_r4.json").read_text())
RESOURCES = ("Bundle", "Patient", "Practitioner", "Questionnaire", "QuestionnaireResponse", "Observation")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TEXT = ("String", "Markdown", "Code", "Uri", "Canonical", "Url")
_ANSWERS = {
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "choice": "valueCoding",
    "text": "valueString",
}


def faults(resource: Any, kind: str | None = None, at: str = "") -> Iterator[str]:
    """Everything in a resource that the definitions do not allow, as path and reason."""
    kind = kind or resource.get("resourceType")
    at = at or str(kind)
    if not isinstance(resource, dict) or not resource:
        yield f"{at}: an element is an object that says something"
        return
    elements = TYPES[str(kind)]
    groups: dict[str, list[str]] = {}
    for name, value in resource.items():
        if name == "resourceType" and kind in RESOURCES:
            continue
        if name not in elements:
            yield f"{at}.{name}: unknown to {kind}"
            continue
        if "one_of" in elements[name]:
            groups.setdefault(elements[name]["one_of"], []).append(name)
        yield from _element(value, elements[name], f"{at}.{name}")
    yield from (f"{at}.{n}: is required" for n, rule in elements.items() if rule.get("required") and n not in resource)
    yield from (f"{at}: one of {names}, not all" for names in groups.values() if len(names) > 1)
    needed = {rule["one_of"] for rule in elements.values() if rule.get("one_of_required")}
    yield from (f"{at}: {group}[x] is required" for group in needed - groups.keys())


def _element(value: Any, rule: dict[str, Any], at: str) -> Iterator[str]:
    if not rule.get("many"):
        yield from _value(value, rule, at)
    elif not isinstance(value, list) or not value:
        yield f"{at}: is a list, and never an empty one"
    else:
        for place, one in enumerate(value):
            yield from _value(one, rule, f"{at}[{place}]")


def _value(value: Any, rule: dict[str, Any], at: str) -> Iterator[str]:
    kind = rule["type"]
    if kind == "Resource":
        if value.get("resourceType") not in RESOURCES:
            yield f"{at}: of a type we do not make"
        else:
            yield from faults(value, at=f"{at}:{value['resourceType']}")
    elif kind in TYPES:
        yield from faults(value, kind, at)
    elif not _is_plain(value, kind):
        yield f"{at}: {value!r} is no {kind}"
    elif value not in rule.get("codes", [value]):
        yield f"{at}: {value!r} is none of {rule['codes']}"


def _is_plain(value: Any, kind: str) -> bool:
    if kind in _TEXT:
        return isinstance(value, str) and value.strip() != ""
    if kind == "Id":
        return isinstance(value, str) and _ID.fullmatch(value) is not None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("Integer", "PositiveInt", "UnsignedInt"):
        return isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31
    if kind == "Decimal":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind in ("Instant", "DateTime"):
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    raise AssertionError(f"{kind}: not in any bundle of ours so far")


def broken_rules(bundle: dict[str, Any]) -> Iterator[str]:
    """What a table cannot say: full URLs, references, linkIds, and answers of the type that was asked for."""
    entries = bundle["entry"]
    urls = [entry["fullUrl"] for entry in entries]
    if len(urls) != len(set(urls)):
        yield "bdl-7: a full URL stands twice"
    questionnaires = {}
    for entry in entries:
        resource = entry["resource"]
        if entry["fullUrl"].startswith("urn:uuid:"):
            if str(UUID(entry["fullUrl"].removeprefix("urn:uuid:"))) != resource["id"]:
                yield f"{entry['fullUrl']} is not about {resource['id']}"
        elif not entry["fullUrl"].endswith(f"/{resource['resourceType']}/{resource['id']}"):
            yield f"{entry['fullUrl']} is not about {resource['id']}"
        if resource["resourceType"] == "Questionnaire":
            questionnaires[f"{resource['url']}|{resource['version']}"] = resource
            yield from _questionnaire(resource)
    yield from (f"{where}: leads nowhere" for where in _references(entries) if where not in urls)
    for entry in entries:
        if entry["resource"]["resourceType"] == "QuestionnaireResponse":
            yield from _response(entry["resource"], questionnaires)


def _questionnaire(found: dict[str, Any]) -> Iterator[str]:
    items = found.get("item", [])
    ids = [item["linkId"] for item in items]
    if len(ids) != len(set(ids)):
        yield "que-2: a linkId stands twice"
    if not re.fullmatch(r"[A-Z]([A-Za-z0-9_]){0,254}", found["name"]):
        yield f"que-0: {found['name']}"
    for item in items:
        whens = item.get("enableWhen", [])
        yield from (f"enableWhen of {item['linkId']} asks nothing" for w in whens if w["question"] not in ids)
        if len(whens) > 1 and "enableBehavior" not in item:
            yield f"que-12: {item['linkId']}"
        if "answerOption" in item and item["type"] not in ("choice", "open-choice"):
            yield f"que-5: {item['linkId']}"
        yield from (f"que-7: {item['linkId']}" for w in whens if (w["operator"] == "exists") != ("answerBoolean" in w))


def _response(found: dict[str, Any], questionnaires: dict[str, dict[str, Any]]) -> Iterator[str]:
    if found["questionnaire"] not in questionnaires:
        yield f"{found['questionnaire']} is not in the bundle"
        return
    asked = {item["linkId"]: item for item in questionnaires[found["questionnaire"]].get("item", [])}
    order = [item["linkId"] for item in found.get("item", [])]
    if order != [link for link in asked if link in order]:
        yield f"{found['id']}: items are unknown, doubled, or out of order"
    for item in found.get("item", []):
        question = asked.get(item["linkId"])
        if question is None:
            continue
        for answer in item["answer"]:
            if list(answer) != [_ANSWERS[question["type"]]]:
                yield f"{item['linkId']}: {answer} does not answer a {question['type']}"
            if "valueCoding" in answer and _code(answer) not in [_code(o) for o in question["answerOption"]]:
                yield f"{item['linkId']}: {answer} is no option"


def _code(holder: dict[str, Any]) -> tuple[str, str]:
    return holder["valueCoding"]["system"], holder["valueCoding"]["code"]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "reference" in node:
            yield node["reference"]
        for below in node.values():
            yield from _references(below)
    elif isinstance(node, list):
        for below in node:
            yield from _references(below)
