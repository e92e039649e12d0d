"""The OpenAPI document of a service, made from its routes and schemas; nobody writes or keeps it by hand."""

import re
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema, fields
from werkzeug.routing import Rule

from shared.service import Service
from shared.web.operation import Operation
from shared.web.paging import LIMIT_DEFAULT, LIMIT_MAX
from shared.web.responses import JSON, ApiResponse

VERSION: Final = "3.1.0"
_CONVERTERS: Final[dict[str, dict[str, Any]]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
    "string": {"type": "string", "minLength": 1},
}
_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


class ProblemFieldSchema(Schema):
    """One field that is not right."""

    field = fields.String(required=True, metadata={"description": "Dotted path, places in lists count from 0."})
    message = fields.String(required=True)


class ProblemSchema(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "A URI that names the kind of problem."})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemFieldSchema))
    trace_id = fields.String(required=True, metadata={"description": "Quote this when you report it."})


def add_openapi(app: Flask, service: Service) -> None:
    """Serve the document at /v1/openapi.json."""
    answer = ApiResponse(200, document(app, service))
    app.add_url_rule("/v1/openapi.json", "openapi", answer.response)


def document(app: Flask, service: Service) -> dict[str, Any]:
    """The OpenAPI document of the operations registered so far."""
    spec = APISpec(
        title=service.title,
        version="1",
        openapi_version=VERSION,
        info={"description": "Closed JSON: unknown fields and parameters are refused. Refusals are RFC 9457 problems."},
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.schema("Problem", schema=ProblemSchema)
    for status, description in _REFUSALS.items():
        spec.components.response(f"Problem{status}", _problem(description))
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if isinstance(view, Operation):
            methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            path = _PARAMETER.sub(r"{\2}", rule.rule)
            spec.path(path, operations={method.lower(): _operation(view, rule, service) for method in methods})
    whole = spec.to_dict()
    for name in _closed(app):
        whole["components"]["schemas"][name]["additionalProperties"] = False
    return whole


def _closed(app: Flask) -> set[str]:
    """Names of the schemas that take input, which refuse what they do not know."""
    waiting = [view.takes for view in app.view_functions.values() if isinstance(view, Operation) and view.takes]
    found: set[str] = set()
    while waiting:
        schema = waiting.pop()
        found.add(_name(schema))
        inner = [each.inner if isinstance(each, fields.List) else each for each in schema.fields.values()]
        waiting += [each.schema for each in inner if isinstance(each, fields.Nested)]
    return found


def _operation(view: Operation, rule: Rule, service: Service) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": view.__name__,
        "summary": view.title,
        "tags": [service.name],
        "security": [{"token": sorted(view.permits)}],
        "parameters": _path_parameters(rule) + _query_parameters(view) + _header_parameters(view),
        "responses": _responses(view),
    }
    if view.__doc__:
        described["description"] = " ".join(view.__doc__.split())
    if view.takes is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": view.takes}}}
    return described


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _CONVERTERS[converter or "string"]}
        for converter, name in _PARAMETER.findall(rule.rule)
    ]


def _query_parameters(view: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if view.query is not None:
        found.append({"in": "query", "schema": view.query})
    if view.paged:
        limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT}
        found.append({"name": "limit", "in": "query", "schema": limit})
        cursor = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 1024}
        found.append({"name": "cursor", "in": "query", "schema": cursor})
    if view.sorts:
        names = [sort.removeprefix("-") for sort in view.sorts]
        allowed = [*names, *(f"-{name}" for name in names)]
        sort = {"type": "string", "enum": allowed, "default": view.sorts[0]}
        found.append({"name": "sort", "in": "query", "schema": sort})
    return found


def _header_parameters(view: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if view.creates:
        key = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}
        text = "A fresh id for every new command; the same one when repeating it."
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": key, "description": text})
    if view.needs_version:
        version = {"type": "string", "pattern": '^"[0-9]{1,9}"$'}
        text = 'The version that was read, in quotes: "3".'
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": version, "description": text})
    found += [{"name": name, "in": "header", "schema": {"type": "string"}} for name in view.headers]
    return found


_REFUSALS: Final = {
    400: "The request cannot be read: query string, headers or JSON.",
    401: "No valid token.",
    403: "None of the caller's roles may do this.",
    404: "It does not exist, or not for this caller.",
    409: "It does not fit what is already true, or the same command is still running.",
    412: "It was changed since it was read.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "Fields are not right.",
    428: "If-Match is missing.",
    503: "Unavailable for a moment; Retry-After says how long.",
}


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


def _responses(view: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done.", "headers": {"X-Request-Id": {"schema": {"type": "string"}}}}
    if view.gives is not None or view.answers != JSON:
        success["content"] = {view.answers: {"schema": _answer_schema(view)}}
    if view.creates:
        success["headers"]["Idempotency-Replayed"] = {"schema": {"type": "string", "enum": ["true"]}}
    refusals = {400, 401, 403, 404, 409, 413, 415, 422, 503}
    if view.needs_version:
        refusals |= {412, 428}
    responses: dict[str, Any] = {"2XX": success}
    responses |= {str(status): f"Problem{status}" for status in sorted(refusals)}
    return responses


def _answer_schema(view: Operation) -> Any:
    if view.gives is None:
        return {"type": "object"} if view.answers.endswith("+json") else {"type": "string"}
    if not view.lists:
        return view.gives
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": view.gives},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page, null on the last."},
        },
        "required": ["items", "next"],
    }


def _name(schema: Schema | type[Schema]) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return cls.__name__.removesuffix("Schema") or cls.__name__
