"""Every contract file keeps to the rules, and each planted breach of a rule is found."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import (
    Contract,
    UnknownContract,
    all_contracts,
    breaking_changes,
    contract_of,
    data_faults,
    file_faults,
    read_contract,
)

JAR = "0197f7a0-0000-7000-8000-000000000001"
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://rapport.example/contracts/shelf/jar.filled.v1.json",
    "title": "Jar filled",
    "description": "Something was put by for the winter.",
    "type": "object",
    "x-key": "jar_id",
    "x-subject": "jar/{jar_id}",
    "x-consumers": ["cellar"],
    "x-since": "0.1.0",
    "required": ["jar_id", "filled_at", "content"],
    "properties": {
        "jar_id": {"type": "string", "format": "uuid", "description": "The jar."},
        "filled_at": {"type": "string", "format": "date-time", "description": "When, UTC."},
        "content": {"type": "string", "x-extensible-enum": ["jam", "pickles"], "description": "What is in it."},
        "grams": {"type": "integer", "description": "Weight in grams."},
        "shelf_code": {"type": "string", "pattern": "^[A-Z]-[0-9]{4}$", "maxLength": 6, "description": "Its place."},
        "tags": {
            "type": "array",
            "maxItems": 5,
            "description": "Codes.",
            "items": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 20},
        },
    },
    "examples": [{"jar_id": JAR, "filled_at": "2026-11-02T09:00:00+00:00", "content": "jam", "grams": 300}],
}


def contract(change: Callable[[dict[str, Any]], object] | None = None) -> Contract:
    schema = json.loads(json.dumps(SCHEMA))
    if change:
        change(schema)
    return Contract("shelf", "jar.filled", 1, schema)


@pytest.mark.parametrize("each", all_contracts(), ids=lambda each: each.type)
def test_a_contract_file_keeps_to_the_rules(each: Contract) -> None:
    assert file_faults(each) == []


@pytest.mark.parametrize("each", all_contracts(), ids=lambda each: each.type)
def test_each_property_is_shown_in_an_example(each: Contract) -> None:
    shown = {name for example in each.schema["examples"] for name in example}

    assert shown == set(each.properties)


def test_consumers_are_services_that_exist() -> None:
    services = {path.name for path in (Path(__file__).parents[2] / "services").iterdir() if path.is_dir()}

    assert {name for each in all_contracts() for name in (each.service, *each.consumers)} <= services


def test_a_good_file_has_no_faults() -> None:
    assert file_faults(contract()) == []


BREACHES: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda s: s.pop("x-key"), "x-key is missing"),
    (lambda s: s.pop("x-consumers"), "x-consumers is missing"),
    (lambda s: s.pop("x-since"), "x-since is missing"),
    (lambda s: s.pop("title"), "title is missing"),
    (lambda s: s.pop("description"), "description is missing"),
    (lambda s: s.pop("examples"), "there is no example"),
    (lambda s: s.update(examples=[]), "there is no example"),
    (lambda s: s.update({"$id": "https://elsewhere"}), "$id is not"),
    (lambda s: s.update({"$schema": "http://json-schema.org/draft-07/schema"}), "$schema is not"),
    (lambda s: s.update(type="array"), "type is not object"),
    (lambda s: s.update({"x-consumers": ["shelf"]}), "names the producer"),
    (lambda s: s.update({"x-subject": "jar/one"}), "x-subject names no property"),
    (lambda s: s.update({"x-key": "grams"}), "grams is used as key or subject, but is not required"),
    (lambda s: s["required"].append("colour"), "required names colour"),
    (lambda s: s.update(additionalProperties=False), "additionalProperties has no place"),
    (lambda s: s.update(unevaluatedProperties=False), "unevaluatedProperties has no place"),
    (lambda s: s["properties"]["content"].update(enum=["jam"]), "content: enum has no place"),
    (lambda s: s["properties"]["jar_id"].pop("description"), "jar_id: has no description"),
    (lambda s: s["properties"]["jar_id"].pop("format"), "jar_id: could hold free text"),
    (lambda s: s["properties"]["jar_id"].update(format="email"), "jar_id: could hold free text"),
    (lambda s: s["properties"]["grams"].pop("type"), "grams: has no type"),
    (lambda s: s["properties"]["grams"].update(type=["string", "null"]), "grams: could hold free text"),
    (lambda s: s["properties"]["shelf_code"].update(maxLength=65), "shelf_code: could hold free text"),
    (lambda s: s["properties"]["shelf_code"].pop("maxLength"), "shelf_code: could hold free text"),
    (lambda s: s["properties"]["shelf_code"].update(pattern="[A-Z]"), "shelf_code: could hold free text"),
    (lambda s: s["properties"]["tags"].pop("maxItems"), "tags: has no maxItems"),
    (lambda s: s["properties"]["tags"]["items"].pop("pattern"), "tags[]: could hold free text"),
    (lambda s: s["properties"].update(note={"type": "object", "description": "x"}), "note: is an object without"),
    (lambda s: s["examples"][0].update(jar_id="plums"), "example 0: $.jar_id: format"),
    (lambda s: s["examples"][0].pop("content"), "example 0: $: required"),
]


@pytest.mark.parametrize(("breach", "fault"), BREACHES, ids=[fault for _, fault in BREACHES])
def test_a_breach_of_a_rule_is_found(breach: Callable[[dict[str, Any]], object], fault: str) -> None:
    assert any(fault in each for each in file_faults(contract(breach)))


def test_data_is_held_against_its_contract() -> None:
    good = SCHEMA["examples"][0]

    assert data_faults(contract(), good) == []
    assert data_faults(contract(), good | {"colour": "red"}) == []
    assert data_faults(contract(), good | {"colour": "red"}, closed=True) == ["$: unevaluatedProperties"]
    assert data_faults(contract(), good | {"content": "compote"}) == []
    assert data_faults(contract(), good | {"filled_at": "yesterday"}) == ["$.filled_at: format"]
    assert data_faults(contract(), good | {"grams": "300"}) == ["$.grams: type"]


CHANGES: list[tuple[Callable[[dict[str, Any]], object], list[str]]] = [
    (lambda s: s.update(title="Jar was filled", description="Better said."), []),
    (lambda s: s["properties"].update(lid={"type": "boolean", "description": "Has a lid."}), []),
    (lambda s: s["properties"]["content"]["x-extensible-enum"].append("syrup"), []),
    (lambda s: s["properties"]["grams"].update(description="Grams."), []),
    (lambda s: s["properties"].pop("grams"), ["grams was removed"]),
    (lambda s: s["properties"]["grams"].update(type="number"), ["grams changed"]),
    (lambda s: s["properties"]["shelf_code"].update(maxLength=9), ["shelf_code changed"]),
    (lambda s: s["properties"]["content"].pop("x-extensible-enum"), ["content changed"]),
    (lambda s: s["required"].append("grams"), ["required changed"]),
    (lambda s: s.update({"x-key": "filled_at"}), ["x-key changed"]),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_a_released_file_may_only_gain(change: Callable[[dict[str, Any]], object], expected: list[str]) -> None:
    assert breaking_changes(contract(), contract(change)) == expected


def test_a_file_is_found_by_the_events_type(tmp_path: Path) -> None:
    (tmp_path / "shelf").mkdir()
    path = tmp_path / "shelf" / "jar.filled.v1.json"
    path.write_text(json.dumps(SCHEMA))

    (found,) = all_contracts(tmp_path)

    assert found == contract()
    assert (found.type, found.topic, found.kind) == ("rapport.shelf.jar.filled.v1", "rapport.shelf", "jar.filled.v1")
    assert read_contract(path) == found


@pytest.mark.parametrize("each", all_contracts(), ids=lambda each: each.type)
def test_each_contract_is_found_by_its_type(each: Contract) -> None:
    assert contract_of(each.type) == each
    assert contract_of(each.type) != replace(each, service="other")


def test_an_unknown_type_has_no_contract() -> None:
    with pytest.raises(UnknownContract, match=r"rapport\.shelf"):
        contract_of("rapport.shelf.jar.burst.v1")


@pytest.mark.parametrize("name", ["jar.json", "jar.filled.json", "Jar.filled.v1.json", "jar.filled.v0.json"])
def test_a_misnamed_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")

    with pytest.raises(ValueError, match="not named"):
        read_contract(tmp_path / name)


@pytest.mark.parametrize("text", ["[]", '{"title": "a", "title": "b"}', "{"])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jar.filled.v1.json"
    path.write_text(text)

    with pytest.raises(ValueError, match=r"object|twice|Expecting"):
        read_contract(path)
