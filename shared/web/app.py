"""Putting an API together: the service's routes, and around them what is the same for every service."""

import structlog
from flask import Flask, Response
from psycopg import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from shared.database import DatabaseUnavailable
from shared.metrics import HTTP_REJECTED
from shared.service import Service
from shared.web import health
from shared.web.bodies import MAX_BODY
from shared.web.context import Api, ApiDependencies, current_trace, install
from shared.web.headers import secure_api
from shared.web.idempotency import StillRunning
from shared.web.observed import watch
from shared.web.openapi import add_openapi
from shared.web.operation import NoRoom, Operation
from shared.web.problems import problem_of
from shared.web.requests import open_schemas

__all__ = ["ApiDependencies", "RouteRefused", "create_api"]

_log = structlog.get_logger("web")


class RouteRefused(Exception):
    """A route is not fit to be served; the app does not start. The message names it."""


def create_api(service: Service, parts: ApiDependencies) -> Flask:
    """
    The Flask app of one service.

    Raises:
        RouteRefused: a route declares no permission, an input schema lets unknown
            fields pass, or a creating operation is not a POST.
    """
    app = Flask(f"rapport.{service.name}", static_folder=None, template_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, PROVIDE_AUTOMATIC_OPTIONS=False, SESSION_COOKIE_NAME="none")
    app.url_map.merge_slashes = False
    api = install(service, parts)
    app.extensions["rapport"] = api
    watch(app, service=service.name, metrics=parts.metrics)
    secure_api(app)
    app.register_error_handler(Exception, lambda error: _refuse(error, api))
    app.register_blueprint(service.api)
    add_openapi(app, service)
    health.add_health(app, api)
    _check_routes(app)
    return app


def _refuse(error: Exception, api: Api) -> Response:
    reason = _rejection(error)
    if reason:
        api.parts.metrics.count(HTTP_REJECTED, service=api.service.name, reason=reason)
    return problem_of(error, api.errors, trace_id=current_trace().trace_id)


def _rejection(error: Exception) -> str:
    if isinstance(error, DatabaseUnavailable | OperationalError):
        return "pool"
    if isinstance(error, NoRoom):
        return "disk"
    if isinstance(error, StillRunning):
        return "idempotency"
    return "body" if isinstance(error, RequestEntityTooLarge) else ""


def _check_routes(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint in health.ENDPOINTS | {"openapi"}:
            continue
        if not isinstance(view, Operation):
            raise RouteRefused(f"{rule.rule} declares no permission: put @operation(...) below its route")
        if view.creates and (rule.methods or set()) - {"POST", "OPTIONS"}:
            raise RouteRefused(f"{rule.rule} creates, but is not a POST")
        loose = open_schemas(view.takes) + open_schemas(view.query)
        if loose:
            raise RouteRefused(f"{rule.rule} lets unknown fields pass in {', '.join(sorted(set(loose)))}")
