"""Puts the portal together: `create_portal(dependencies)` gives the Flask application."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import ceil

from flask import Flask, Response, abort, g, redirect, request, url_for
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response as AnyResponse

from portal.areas import SCREENS
from portal.clients.lines import AT_ONCE
from portal.dependencies import PortalDependencies
from portal.health import screen as health
from portal.kit.assets import assets_blueprint, load_assets
from portal.kit.error_pages import register_errors
from portal.navigation import areas
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.cookies import Cookies
from portal.security.csrf import comes_from_here, form_token, token_is_right
from portal.security.emergency import opened_now
from portal.security.headers import protect
from portal.security.permissions import ANY_STAFF, EVERYONE, check_routes, rule_of
from portal.security.sign_ins import IDLE, resume
from shared.contracts import access
from shared.contracts.access import CARE, EMERGENCY, ROLES
from shared.security.tokens import KeptTokens
from shared.trace import new_trace

__all__ = ["PortalDependencies", "create_portal"]

_MOST_BYTES = 64 * 1024  # of a form; the longest note fits many times
_WARN_BEFORE_SECONDS = 120


def create_portal(dependencies: PortalDependencies) -> Flask:
    """
    The portal as a WSGI application; its database must be open and up to date.

    Raises:
        RouteWithoutPermission: a route does not say whom it is for.
    """
    dependencies = replace(dependencies, signer=KeptTokens(dependencies.signer))
    app = Flask("portal", static_folder=None, template_folder=".")  # a template's name is its path in here
    app.config.update(MAX_CONTENT_LENGTH=_MOST_BYTES, MAX_FORM_MEMORY_SIZE=_MOST_BYTES, MAX_FORM_PARTS=200)
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.extensions["portal_dependencies"] = dependencies
    _words(app, dependencies)
    _guards(app, dependencies)
    register_errors(app)
    for screen in (health, *SCREENS):
        app.register_blueprint(screen)
    check_routes(app)
    return app


def _words(app: Flask, dependencies: PortalDependencies) -> None:
    assets = load_assets()
    app.register_blueprint(assets_blueprint(assets))
    app.jinja_env.globals.update(
        asset=lambda name: assets[name].address,
        form_token=lambda: form_token(request_context().secret),
        new_key=lambda: secrets.token_urlsafe(18),
        areas=lambda: areas(request_context()),
        clinic_name=dependencies.clinic_name,
        warn_after_seconds=int(IDLE.total_seconds()) - _WARN_BEFORE_SECONDS,
    )

    @app.context_processor
    def who() -> dict[str, object]:
        current = getattr(g, "request_context", None)
        viewer = current.known_staff if current else None
        words = ", ".join(ROLES.get(role, role) for role in viewer.roles) if viewer else ""
        taken_on = dependencies.taken_on if viewer and "manager" in viewer.roles else ()
        emergency = current.emergency if current else None
        minutes = ceil((emergency.ends_at - current.now).total_seconds() / 60) if current and emergency else 0
        return {
            "viewer": viewer,
            "viewer_roles": words,
            "taken_on": taken_on,
            "emergency": emergency,
            "emergency_minutes": minutes,
        }


def _guards(app: Flask, dependencies: PortalDependencies) -> None:
    lines = {
        service: address.line(service, dependencies.patience) for service, address in dependencies.services.items()
    }
    readers = ThreadPoolExecutor(len(lines) * AT_ONCE, thread_name_prefix="reader")
    cookies = Cookies(secure=dependencies.secure_cookies)
    app.extensions["portal_cookies"] = cookies

    @app.before_request
    def come_in() -> AnyResponse | None:
        now, trace = dependencies.clock(), new_trace()
        sign_in_id = cookies.sign_in_id(request)
        staff = emergency = None
        if sign_in_id and request.blueprint != "assets":
            with dependencies.database.transaction(trace=trace) as tx:
                staff = resume(tx, sign_in_id, now)
                client_id = (request.view_args or {}).get("client_id")
                if staff and client_id and access.OPENING_IN_AN_EMERGENCY.is_for(staff.roles):
                    emergency = opened_now(tx, staff.id, client_id, now)
        secret = sign_in_id if staff and sign_in_id else cookies.visit_id(request) or secrets.token_urlsafe(32)
        g.request_context = RequestContext(
            dependencies, lines, readers, now=now, trace=trace, secret=secret, staff=staff, emergency=emergency
        )
        return _check(app)

    @app.after_request
    def go_out(response: Response) -> Response:
        current: RequestContext | None = getattr(g, "request_context", None)
        protect(response, secure=dependencies.secure_cookies)
        if current is None or request.blueprint == "assets":
            return response
        response.headers["X-Request-Id"] = current.trace.trace_id
        if current.about:
            with dependencies.database.transaction(trace=current.trace) as tx:
                note(
                    tx,
                    current.known_staff,
                    f"page.{request.endpoint}",
                    about=current.about,
                    fields=current.fields,
                    purpose=EMERGENCY if current.emergency else CARE,
                    now=current.now,
                )
        if current.known_staff is None and not getattr(g, "signed_in", False):
            cookies.keep_visit(response, current.secret)
        return response


def _check(app: Flask) -> AnyResponse | None:
    """Before every view: signed in, in a fitting role, and by our own form."""
    current = request_context()
    rule = rule_of(app, request.endpoint)
    if rule is None:
        return None  # no such page; the 404 follows
    if rule is not EVERYONE and current.known_staff is None:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.form", next=wanted), 303)
    if request.method not in {"GET", "HEAD", "OPTIONS"} and not _is_our_form():
        abort(403)
    if rule not in (EVERYONE, ANY_STAFF) and not current.may(rule):
        abort(403)
    return None


def _is_our_form() -> bool:
    token = request.form.get("form_token", "")
    return comes_from_here(dict(request.headers), request.host_url) and token_is_right(request_context().secret, token)
