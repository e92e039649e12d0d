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
from portal.kit.sign_in import passkeys_work_here
from portal.navigation import areas
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.cookies import Cookies
from portal.security.csrf import comes_from_here, form_token, token_is_right
from portal.security.emergency import opened_now
from portal.security.headers import protect
from portal.security.origin import origin_of
from portal.security.permissions import ANY_STAFF, EVERYONE, check_routes, rule_of, stages, wants_fresh_proof
from portal.security.sign_ins import Stage, forget_form, hold_form, resume
from shared.contracts import access
from shared.contracts.access import CARE, EMERGENCY, ROLES
from shared.security.tokens import KeptTokens
from shared.trace import new_trace

__all__ = ["PortalDependencies", "create_portal"]

_OF_ONES_PROOF = ("proof", "second_step")  # screens whose forms carry codes: none of them is kept for later
_MOST_BYTES = 64 * 1024  # of a form; the longest note fits many times
# Where a sign-in goes on that is not in yet. Who is in and comes to such a page has no business there any more.
NEXT_STEP = {
    Stage.SECOND_STEP: "proof.second_step",
    Stage.ENROL: "second_step.show",
    Stage.LOCKED: "proof.locked",
    Stage.NEW_PASSWORD: "own_account.password",
    Stage.IN: "home.start",
}


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
        form_token=lambda: form_token(request_context().form_secret),
        new_key=lambda: secrets.token_urlsafe(18),
        areas=lambda: areas(request_context()),
        clinic_name=dependencies.clinic_name,
        passkeys_work_here=passkeys_work_here,
        lock_after_seconds=int(dependencies.idle.total_seconds()),
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
        found = emergency = None
        if sign_in_id and request.blueprint != "assets":
            with dependencies.database.transaction(trace=trace) as tx:
                found = resume(
                    tx,
                    sign_in_id,
                    now,
                    second_step_required=dependencies.second_step_required,
                    idle=dependencies.idle,
                )
                client_id = (request.view_args or {}).get("client_id")
                if found and client_id and access.OPENING_IN_AN_EMERGENCY.is_for(found.staff.roles):
                    emergency = opened_now(tx, found.staff.id, client_id, now)
        secret = sign_in_id if found and sign_in_id else cookies.visit_id(request) or secrets.token_urlsafe(32)
        g.request_context = RequestContext(
            dependencies,
            lines,
            readers,
            now=now,
            trace=trace,
            secret=secret,
            sign_in=found,
            origin=origin_of(request),
            emergency=emergency,
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
        if current.sign_in is None and not getattr(g, "signed_in", False):
            cookies.keep_visit(response, current.secret)
        return response


def _check(app: Flask) -> AnyResponse | None:
    """Before every view: signed in, by our own form, in a fitting role, and proved afresh where that is asked for."""
    current = request_context()
    rule = rule_of(app, request.endpoint)
    if rule is None:
        return None  # no such page; the 404 follows
    changes = request.method not in {"GET", "HEAD", "OPTIONS"}
    wanted = None if changes else request.full_path.rstrip("?")
    if rule is not EVERYONE and current.sign_in is None:
        return redirect(url_for("sign_in.form", next=wanted), 303)
    if changes and not _is_our_form():
        abort(403)
    if rule is EVERYONE or current.sign_in is None:
        return None
    if current.sign_in.stage not in stages(app, request.endpoint):
        stage = current.sign_in.stage
        return _first(NEXT_STEP[stage], wanted, holds=stage is Stage.LOCKED)
    if rule is not ANY_STAFF and not current.may(rule):
        abort(403)
    asks = wants_fresh_proof(app, request.endpoint) and current.sign_in.stage is Stage.IN
    if asks and not current.sign_in.is_fresh(current.now):
        return _first("proof.confirm", wanted, holds=True)
    if "was_held" in request.form:
        with current.transaction() as tx:
            forget_form(tx, current.sign_in)
    return None


def _first(step: str, wanted: str | None, *, holds: bool) -> AnyResponse:
    """
    Another page comes first, and leads back here.

    A form that somebody sent is kept meanwhile, so that nothing typed is lost; a script is told, and asks again.
    """
    current = request_context()
    if wanted is None and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        abort(401)
    if wanted is None and holds and request.blueprint not in _OF_ONES_PROOF:
        ours = {"form_token", "was_held"}
        fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ours]
        with current.transaction() as tx:
            hold_form(tx, current.arriving, request.full_path.rstrip("?"), fields, current.now)
        wanted = url_for("proof.go_on")
    return redirect(url_for(step, next=wanted), 303)


def _is_our_form() -> bool:
    token = request.form.get("form_token", "")
    return comes_from_here(dict(request.headers), request.host_url) and token_is_right(
        request_context().form_secret, token
    )
