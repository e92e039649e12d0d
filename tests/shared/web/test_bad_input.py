"""Whatever is sent, the answer is a clear refusal that names the field; nothing is half-written."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.shared.web.conftest import Shelf

GOOD = '{"label": "plums", "grams": 1}'
BODIES = {
    "no JSON": (b"{", 400, "body"),
    "empty": (b"", 400, "body"),
    "NaN": (b'{"label": "x", "grams": NaN}', 400, "body"),
    "minus infinity": (b'{"label": "x", "grams": -Infinity}', 400, "body"),
    "a float beyond range": (b'{"label": "x", "grams": 1e999}', 400, "body"),
    "an endless number": (b'{"label": "x", "grams": ' + b"9" * 5000 + b"}", 400, "body"),
    "a number beyond bigint": (b'{"label": "x", "grams": 9223372036854775808}', 422, "grams"),
    "a number beyond int": (b'{"label": "x", "grams": 3000000000}', 422, None),
    "a name twice": (b'{"label": "x", "label": "y", "grams": 1}', 400, "label"),
    "depth 1000 of lists": (b'{"label": ' + b"[" * 1000 + b"]" * 1000 + b"}", 400, "body"),
    "depth 1000 of objects": (b'{"a":' * 1000 + b"1" + b"}" * 1000, 400, "body"),
    "depth 20000": (b"[" * 20000 + b"]" * 20000, 400, "body"),
    "depth 40": (b'{"label": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "body"),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), 400, "body"),
    "UTF-16": (GOOD.encode("utf-16"), 400, "body"),
    "UTF-16 without mark": (GOOD.encode("utf-16-le"), 400, "body"),
    "bad UTF-8": (b'{"label": "\xff\xfe", "grams": 1}', 400, "body"),
    "overlong UTF-8": (b'{"label": "\xc0\x80", "grams": 1}', 400, "body"),
    "a list": (b'[{"label": "x"}]', 422, "body"),
    "a string": (b'"plums"', 422, "body"),
    "null": (b"null", 422, "body"),
    "NUL": (b'{"label": "a\\u0000b", "grams": 1}', 422, "label"),
    "NUL deep inside": (b'{"label": "a", "grams": 1, "tags": [{"word": "\\u0000"}]}', 422, "tags.0.word"),
    "half a surrogate pair": (b'{"label": "\\ud83d", "grams": 1}', 422, "label"),
    "NUL in a name": (b'{"label": "a", "grams": 1, "x\\u0000": 1}', 422, "x\\x00"),
    "an unknown field": (b'{"label": "a", "grams": 1, "colour": "red"}', 422, "colour"),
    "an unknown field deep inside": (b'{"label": "a", "grams": 1, "tags": [{"word": "x", "y": 1}]}', 422, "tags.0.y"),
    "a missing field": (b'{"label": "a"}', 422, "grams"),
    "a wrong type": (b'{"label": 3, "grams": 1}', 422, "label"),
    "a whole number in quotes": (b'{"label": "a", "grams": 1.5}', 422, "grams"),
    "a text too long": (json.dumps({"label": "a" * 201, "grams": 1}).encode(), 422, "label"),
}


def assert_clear(answer: TestResponse, status: int, field: str | None) -> dict[str, Any]:
    """A problem of the expected status that names the field and shows nothing of the inside."""
    told = answer.get_json()
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text
    assert answer.content_type == "application/problem+json"
    assert told["status"] == status
    assert {"type", "title", "detail", "trace_id"} <= told.keys()
    assert answer.headers["X-Request-Id"] == told["trace_id"]
    for inner in ("Traceback", ".py", "psycopg", "marshmallow", "Error("):
        assert inner not in text
    if field is not None:
        assert field in [error["field"] for error in told["errors"]]
    return dict(told)


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_refused_naming_the_field(shelf: Shelf, name: str) -> None:
    body, status, field = BODIES[name]

    answer = shelf.ask("POST", "/v1/jars", data=body, content_type="application/json")

    assert_clear(answer, status, field)
    assert shelf.labels() == []


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml",
                     "application/json; charset=utf-16"]
)  # fmt: skip
def test_another_content_type_is_refused(shelf: Shelf, content_type: str) -> None:
    answer = shelf.ask("POST", "/v1/jars", data=GOOD, content_type=content_type)

    assert_clear(answer, 415, "Content-Type")


def test_a_compressed_body_is_refused(shelf: Shelf) -> None:
    answer = shelf.fill(headers={"Content-Encoding": "gzip"})

    assert_clear(answer, 415, "Content-Encoding")


def test_a_body_beyond_64_kib_is_refused(shelf: Shelf) -> None:
    answer = shelf.ask("POST", "/v1/jars", json={"label": "a" * 70_000, "grams": 1})

    assert_clear(answer, 413, None)
    assert b'reason="body"' in shelf.metrics.exposition()


def test_a_body_without_a_length_is_measured_while_it_is_read(shelf: Shelf) -> None:
    answer = shelf.ask(
        "POST",
        "/v1/jars",
        data=json.dumps({"label": "a" * 70_000, "grams": 1}).encode(),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )

    assert_clear(answer, 413, None)


@pytest.mark.parametrize(
    "text",
    [
        "O'Neil",
        "Nuñez",
        "李",
        "Müller-Lüdenscheidt",
        "عبد",
        "x",
        "\u202eevil",
        "a\u200db",
        "e\u0301",
        "👩‍👩‍👧",
        "Null",
        "True",
        "1e5",
        "'; DROP TABLE jar; --",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "%s%n",
        "\\",
        "ก" * 200,
        "\u2028",
        "\t\r\n",
    ],
)
def test_a_text_comes_back_as_it_was_given(shelf: Shelf, text: str) -> None:
    made = shelf.fill(text)

    assert made.status_code == 201
    assert shelf.labels() == [text]
    assert (made.json or {})["label"] == text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("colour=red", "colour"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("limit=٣", "limit"),
        ("limit=-1", "limit"),
        ("limit=1&limit=2", "limit"),
        ("label=a&label=b", "label"),
        ("label=%00", "label"),
        ("grams=x", "grams.0"),
        ("sort=colour", "sort"),
        ("sort=label%3B%20DROP%20TABLE%20jar", "sort"),
        ("sort=--label", "sort"),
        ("sort=", "sort"),
        ("cursor=", "cursor"),
        ("cursor=x", "cursor"),
        ("cursor=%F0%9F%8D%93", "cursor"),
        ("cursor=" + "A" * 3000, "cursor"),
    ],
)
def test_a_bad_query_string_is_refused_naming_the_parameter(shelf: Shelf, query: str, field: str) -> None:
    answer = shelf.ask("GET", f"/v1/jars?{query}")

    told = assert_clear(answer, 400, field)
    assert field.partition(".")[0] in told["detail"]


def test_a_refused_sort_names_the_allowed_ones(shelf: Shelf) -> None:
    told = shelf.ask("GET", "/v1/jars?sort=colour").get_json()

    assert "label, grams" in told["detail"]


@pytest.mark.parametrize("path", ["/v1/jars/7", "/v1/nothing", "/", "/v1/jars/../jars/x", "//v1/jars", "/v1/jars/"])
def test_an_unknown_address_is_a_problem_too(shelf: Shelf, path: str) -> None:
    assert_clear(shelf.ask("GET", path), 404, None)


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_a_wrong_method_is_told_the_right_ones(shelf: Shelf, method: str) -> None:
    answer = shelf.ask(method, "/v1/jars")

    assert_clear(answer, 405, None)
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_an_operation_without_a_body_takes_none(shelf: Shelf) -> None:
    place = shelf.fill().headers["Location"]

    refused = shelf.ask("POST", f"{place}/opening", json={"how": "gently"})
    opened = shelf.ask("POST", f"{place}/opening", json={})

    assert_clear(refused, 422, "how")
    assert opened.status_code == 204
    assert opened.get_data() == b""


def test_a_rule_of_the_service_answers_with_its_sentence(shelf: Shelf) -> None:
    told = assert_clear(shelf.fill("broken"), 409, "label")

    assert told["title"] == "Jar broken"
    assert told["detail"] == "This label is only for broken jars."
    assert told["type"].endswith("/jar-broken")


def test_an_unexpected_failure_tells_nothing_and_leaves_nothing(shelf: Shelf) -> None:
    answer = shelf.fill("bursts")

    told = assert_clear(answer, 500, None)
    assert told["trace_id"] in told["detail"]
    assert "burst" not in answer.get_data(as_text=True)
    assert shelf.labels() == []
