"""From a raw request to loaded input: body and query by the operation's schemas, both closed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields
from werkzeug.exceptions import NotFound as NoSuchRoute

from shared.deadline import TIME_LEFT, heard
from shared.web.bodies import bad_query, is_plain, json_object, query_values
from shared.web.context import current_api
from shared.web.paging import Page, read_page
from shared.web.problems import Refused, field_errors

_ETAG = re.compile(r'"([0-9]{1,9})"')
_PAGING = ("limit", "cursor", "sort")


class Wanted(Protocol):
    """What reading needs to know of an operation."""

    @property
    def takes(self) -> Schema | None:
        """The schema of the body."""

    @property
    def query(self) -> Schema | None:
        """The schema of the query string."""

    @property
    def paged(self) -> bool:
        """Whether it answers in pages."""

    @property
    def sorts(self) -> tuple[str, ...]:
        """What it may be sorted by."""


def time_left(header: str | None) -> float | None:
    """
    Seconds that the asker still waits, None where they do not say.

    Raises:
        Refused: 400, the header is no number of milliseconds.
    """
    if header is None:
        return None
    try:
        return heard(header)
    except ValueError as error:
        raise Refused(400, "Malformed header", f"{TIME_LEFT} is {error}.") from None


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What a request asks for; `canonical` is all of it as JSON, before any schema."""

    body: Any
    query: dict[str, Any]
    page: Page
    canonical: Any


def as_schema(schema: type[Schema] | Schema | None) -> Schema | None:
    """An instance of a schema given either way."""
    return schema() if isinstance(schema, type) else schema


def open_schemas(schema: Schema | None) -> list[str]:
    """Names of the schemas in here that let unknown fields pass."""
    if schema is None:
        return []
    found = [] if schema.unknown == RAISE else [type(schema).__name__]
    for each in schema.fields.values():
        inner = each.inner if isinstance(each, fields.List) else each
        if isinstance(inner, fields.Nested):
            found += open_schemas(inner.schema)
            if inner.unknown not in (None, RAISE):
                found.append(type(inner.schema).__name__)
    return found


def read_request(wanted: Wanted, question: str, path: Mapping[str, Any]) -> ReadRequest:
    """
    Load body, query string and page of the current request.

    Raises:
        Refused: 400 for the query string, 4xx for the body as told by `json_object`.
        ValidationError: fields of the body are missing, unknown or wrong.
    """
    if any(isinstance(value, str) and not is_plain(value) for value in path.values()):
        raise NoSuchRoute
    raw_query, query, page = _read_query(wanted, question)
    raw_body = _raw_body(wanted)
    body = None if wanted.takes is None else wanted.takes.load(raw_body)
    canonical = [{name: str(value) for name, value in path.items()}, raw_query, raw_body]
    return ReadRequest(body, query, page, canonical)


def expected_version(header: str | None, *, needed: bool) -> int | None:
    """
    The version named by If-Match (RFC 9110, 13.1.1), None if absent.

    Raises:
        Refused: 428 if it is needed and absent (RFC 6585), 400 if it is no version in quotes.
    """
    if header is None:
        if not needed:
            return None
        message = 'is missing: send the version you read, as in If-Match: "3"'
        raise Refused(428, "If-Match is missing", f"If-Match {message}", errors=[("If-Match", message)])
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        message = 'must be one version in quotes, as in If-Match: "3"'
        raise Refused(400, "If-Match is malformed", f"If-Match {message}", errors=[("If-Match", message)])
    return int(match[1])


def _raw_body(wanted: Wanted) -> dict[str, Any]:
    if wanted.takes is None:
        if not request.get_data(cache=True).strip():
            return {}
        found = json_object(request)
        if found:
            raise ValidationError({name: ["Unknown field."] for name in found})
        return found
    return json_object(request)


def _read_query(wanted: Wanted, question: str) -> tuple[Any, dict[str, Any], Page]:
    many = _lists(wanted.query)
    given = query_values(request.args, many=many)
    raw = dict(given)
    page = Page()
    if wanted.paged:
        page = read_page(question, given, wanted.sorts, current_api().cursors)
        given = {name: value for name, value in given.items() if name not in _PAGING}
    if wanted.query is None:
        if given:
            raise bad_query([(name, "is not a parameter of this operation") for name in given])
        return raw, {}, page
    try:
        loaded = wanted.query.load(given)
    except ValidationError as error:
        raise bad_query(field_errors(error.messages)) from None
    return raw, loaded, page


def _lists(schema: Schema | None) -> frozenset[str]:
    if schema is None:
        return frozenset()
    return frozenset(
        each.data_key or name for name, each in schema.load_fields.items() if isinstance(each, fields.List)
    )
