"""Liveness and readiness; nothing about anybody."""

from flask import Blueprint

from portal.request_context import request_context
from portal.security.permissions import EVERYONE, requires
from shared.database import DatabaseUnavailable

screen = Blueprint("health", __name__)


@screen.get("/livez")
@requires(EVERYONE)
def live() -> tuple[str, int, dict[str, str]]:
    return "alive\n", 200, {"Content-Type": "text/plain"}


@screen.get("/readyz")
@requires(EVERYONE)
def ready() -> tuple[str, int, dict[str, str]]:
    """The portal's own database answers; the services may be away, pages then say so."""
    try:
        with request_context().dependencies.database.transaction() as tx:
            tx.value("SELECT 1")
    except DatabaseUnavailable:
        return "the database does not answer\n", 503, {"Content-Type": "text/plain"}
    return "ready\n", 200, {"Content-Type": "text/plain"}
