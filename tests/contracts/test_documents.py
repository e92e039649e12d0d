"""What is made from the contract files."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts import all_contracts
from shared.contracts.__main__ import write
from shared.contracts.documents import asyncapi, catalogue, markdown
from tests.contracts.test_files import contract


def resolve(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for below in node.values() for each in references(below)]
    return [each for below in node for each in references(below)] if isinstance(node, list) else []


@pytest.mark.parametrize("service", ["shelf", "cellar"])
def test_an_asyncapi_document_holds_together(service: str) -> None:
    document = asyncapi(service, [contract()])

    assert document["asyncapi"] == "3.0.0"
    assert references(document)
    for reference in references(document):
        assert resolve(document, reference)


@pytest.mark.parametrize("service", sorted({each.service for each in all_contracts()} | {"shelf"}))
def test_an_asyncapi_document_keeps_to_the_specification(service: str) -> None:
    specification = json.loads((Path(__file__).parent / "vendor" / "asyncapi-3.0.0.json").read_text("utf-8"))
    validator = jsonschema.Draft7Validator(specification)

    document = asyncapi(service, [*all_contracts(), contract()])

    assert not [error.message for error in validator.iter_errors(document)]
    assert list(validator.iter_errors(document | {"channels": {"a": {"adress": "b"}}}))


def test_who_tells_sends_and_who_listens_receives() -> None:
    told, heard = asyncapi("shelf", [contract()]), asyncapi("cellar", [contract()])

    assert [each["action"] for each in told["operations"].values()] == ["send"]
    assert [each["action"] for each in heard["operations"].values()] == ["receive"]
    assert told["channels"]["shelf"]["address"] == "rapport.shelf"
    assert told["channels"]["shelf"]["bindings"]["kafka"]["partitions"] == 6
    assert heard["operations"]["hear_shelf"]["bindings"]["kafka"]["groupId"]["const"] == "rapport.cellar"
    payload = told["components"]["messages"]["rapport.shelf.jar.filled.v1"]["payload"]["schema"]
    jsonschema.validate(contract().schema["examples"][0], payload)


def test_the_catalogue_names_owner_and_listeners() -> None:
    (entry,) = catalogue([contract()])

    assert (entry["type"], entry["owner"], entry["consumers"]) == ("rapport.shelf.jar.filled.v1", "shelf", ["cellar"])
    assert (entry["key"], entry["subject"], entry["since"]) == ("jar_id", "jar/{jar_id}", "0.1.0")
    assert entry["schema"] == contract().schema


def test_the_page_shows_every_field_with_its_meaning() -> None:
    page = markdown([contract()])

    assert "| `jar_id` | uuid | The jar. |" in page
    assert "| `content` | code: `jam`, `pickles` | What is in it. |" in page
    assert "| `grams` | integer | optional; Weight in grams. |" in page
    assert "| `tags` | array of string | optional; Codes. |" in page
    assert "Told by **shelf** on `rapport.shelf`, listened to by cellar" in page


def test_all_documents_can_be_written(tmp_path: Path) -> None:
    written = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in write(tmp_path)}

    services = {each.service for each in all_contracts()}
    assert set(written) == {"events.md", "events.json", *(f"asyncapi/{service}.json" for service in services)}
    for each in all_contracts():
        assert f"## {each.type}" in written["events.md"]
    for name, text in written.items():
        if name.endswith(".json"):
            assert json.loads(text)
