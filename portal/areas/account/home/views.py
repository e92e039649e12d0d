"""Leads to the first area that opens."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.navigation import AREAS
from portal.request_context import request_context
from portal.security.permissions import ANY_STAFF, home, requires

screen = Blueprint("home", __name__)


@screen.get("/")
@requires(ANY_STAFF)
def start() -> str | Response:
    """The area that matters most to this person."""
    area = home(request_context().staff.roles)
    if area in AREAS:
        return redirect(url_for(AREAS[area][1]), 303)
    return render_template(
        "kit/layouts/error.html",
        heading="Welcome",
        lines=("Your roles open no page yet. Ask your practice manager.",),
        trace_id="",
    )
